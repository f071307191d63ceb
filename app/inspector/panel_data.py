"""Data of Inspect's panels: each panel loads its data when it is open, and not before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.inspector import data, panels
from app.inspector.state import InspectorState
from app.shared.messages import problem
from app.shared.sources import Source

InspectionLike = Any
"""An inspection. A page does not import the type of a value that it only passes on."""


def model_to_load(source: Source, current: InspectorState) -> str:
    """Return the name of the model file that must be loaded before the open panel is drawn; empty for none."""
    needs_model = current.panel in ("sensitivity", "fix") or (current.panel == "edit" and bool(current.edits))
    with problem():
        if needs_model and not data.model_loaded(source):
            return data.model(source).path.name
    return ""


def panel(source: Source, inspection: InspectionLike, current: InspectorState) -> dict[str, Any]:
    """Return the data of the open panel, or a problem that the panel shows."""
    with problem() as caught:
        return PANELS[current.panel](source, inspection, current)
    return {"kind": current.panel, "problem": caught.text}


def outline(source: Source, inspection: InspectionLike, current: InspectorState) -> dict[str, Any] | None:
    """Return the data of the outline, if it was requested and exists."""
    drawn = data.outline(source, inspection.row.glyph_id) if current.outline else None
    return None if drawn is None else panels.vector_data(drawn, inspection.row.glyph_id, inspection.row.label)


def _edit(source: Source, inspection: InspectionLike, current: InspectorState) -> dict[str, Any]:
    answer = data.edit_effect(source, inspection, current.edits) if current.edits else None
    remark = data.model(source).remark
    return panels.edit_panel(inspection, source.store.codebook, source.store.labels, current.edits, answer, remark)


def _sensitivity(source: Source, inspection: InspectionLike, current: InspectorState) -> dict[str, Any]:
    return panels.sensitivity_panel(
        inspection, data.occlusion(source, inspection), source.store.labels, data.model(source).remark
    )  # fmt: skip


def _fix(source: Source, inspection: InspectionLike, current: InspectorState) -> dict[str, Any]:
    store = source.store
    return panels.fix_panel(
        inspection, data.counterfactual(source, inspection), store.codebook, store.labels, data.model(source).remark
    )  # fmt: skip


def _models(source: Source, inspection: InspectionLike, current: InspectorState) -> dict[str, Any]:
    return panels.models_panel(
        data.comparable_results(source), data.checkpoint_predictions(source, current.others, inspection.row.glyph_id)
    )


def _near(source: Source, inspection: InspectionLike, current: InspectorState) -> dict[str, Any]:
    return panels.near_panel(*data.nearest(source, inspection.row, current.near), current.near)


def _families(source: Source, inspection: InspectionLike, current: InspectorState) -> dict[str, Any]:
    return panels.families_panel(*data.same_label_families(source, inspection.row.glyph_id))


PANELS: dict[str, Callable[[Source, InspectionLike, InspectorState], dict[str, Any]]] = {
    "": lambda source, inspection, current: {"kind": ""},
    "edit": _edit,
    "sensitivity": _sensitivity,
    "fix": _fix,
    "models": _models,
    "near": _near,
    "families": _families,
}
