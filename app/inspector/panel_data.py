"""Inspect's panels: each asks for what it shows when it is open, and for nothing before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.inspector import data as cache
from app.inspector import panels
from app.inspector.state import Look
from app.shared.messages import problem
from app.shared.sources import Source

Seen = Any
"""An inspection; views do not name what they only hand on."""


def waits(source: Source, look: Look) -> str:
    """Name of the model file that has to be loaded before the open panel can be drawn; empty when none has to be."""
    asks = look.panel in ("sensitivity", "fix") or (look.panel == "edit" and bool(look.edits))
    with problem():
        if asks and not cache.ready(source):
            return cache.model(source).path.name
    return ""


def panel(source: Source, seen: Seen, look: Look) -> dict[str, Any]:
    """Data of the open panel; what cannot be had is said in it."""
    with problem() as said:
        return PANELS[look.panel](source, seen, look)
    return {"kind": look.panel, "problem": said.text}


def outline(source: Source, seen: Seen, look: Look) -> dict[str, Any] | None:
    """Data of the outline if it is wanted and there."""
    drawn = cache.outline(source, seen.row.glyph_id) if look.outline else None
    return None if drawn is None else panels.vector_data(drawn, seen.row.glyph_id, seen.row.label)


def _edit(source: Source, seen: Seen, look: Look) -> dict[str, Any]:
    answer = cache.after(source, seen, look.edits) if look.edits else None
    remark = cache.model(source).remark
    return panels.edit_panel(seen, source.store.codebook, source.store.labels, look.edits, answer, remark)


def _sensitivity(source: Source, seen: Seen, look: Look) -> dict[str, Any]:
    return panels.sensitivity_panel(
        seen, cache.masked(source, seen), source.store.labels, cache.model(source).remark
    )  # fmt: skip


def _fix(source: Source, seen: Seen, look: Look) -> dict[str, Any]:
    store = source.store
    return panels.fix_panel(
        seen, cache.smallest(source, seen), store.codebook, store.labels, cache.model(source).remark
    )  # fmt: skip


def _models(source: Source, seen: Seen, look: Look) -> dict[str, Any]:
    return panels.models_panel(cache.comparable(source), cache.opinions(source, look.beside, seen.row.glyph_id))


def _near(source: Source, seen: Seen, look: Look) -> dict[str, Any]:
    return panels.near_panel(*cache.near(source, seen.row, look.near), look.near)


def _families(source: Source, seen: Seen, look: Look) -> dict[str, Any]:
    return panels.families_panel(*cache.families(source, seen.row.glyph_id))


PANELS: dict[str, Callable[[Source, Seen, Look], dict[str, Any]]] = {
    "": lambda source, seen, look: {"kind": ""},
    "edit": _edit,
    "sensitivity": _sensitivity,
    "fix": _fix,
    "models": _models,
    "near": _near,
    "families": _families,
}
