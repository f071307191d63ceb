"""Controls of the Compare page (checkpoints, glyphs and criterion), and messages about missing results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from app.compare import state
from app.compare.data import LoadedComparison, narrowed
from app.shared import choices as options
from app.shared import view as views
from app.shared.choices import Choice
from app.shared.messages import nothing_selected
from app.shared.naming import short_path
from app.shared.refusals import refuse
from app.shared.results_chooser import titles
from app.shared.selection_bar import selection_bar
from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.metrics import meanings
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters
from glyphcore.results.store import ResultsFile

PREFIX = "compare_"
SPLITS = {"": "Fonts new to all", "val": "Val", "test": "Test", "train": "Train"}
PARTS = {"flips": "Flips", "groups": "Classes, families, labels", "confidence": "Confidence"}


def choices(requested: state.Comparison, usable: Sequence[ResultsFile], files: Sequence[str]) -> None:
    """Draw the choices of checkpoints (``files``: current), split and criterion; a change goes to the URL first."""
    names = titles(usable, database=False)
    criteria = {key: criterion.title for key, criterion in CRITERIA.items()}
    options.choices(
        [Choice("files", "Checkpoints", names, tuple(files), multiple=True, hint="another one",
                help="Choose two or more checkpoints that are evaluated on this database."),
         Choice("split", "Glyphs", SPLITS, (requested.split,)),
         Choice("criterion", "Right by", criteria, (requested.criterion,), help=meanings(CRITERIA))],
        key="compare_choices", on_choose=_chosen, label="Comparison",
    )  # fmt: skip


def part_chooser(requested: state.Comparison) -> None:
    """Draw the choice of a view of the pair."""
    part = Choice("part", "Show", PARTS, (requested.part,), style="segments")
    options.choices([part], key="compare_part", on_choose=_chosen, label="View of the pair", layout="line")


def export(name: str, write: Callable[[], bytes]) -> None:
    """Let the user download the current flips, all pages."""
    st.download_button("Export", write, file_name=f"{name}.csv", on_click="ignore", icon=":material/download:",
                       help="All flips of this kind as CSV")  # fmt: skip


def elsewhere(files: Sequence[ResultsFile]) -> None:
    """Name the results on other databases, which are left out."""
    if files:
        named = ", ".join(f"{file.checkpoint} ({Path(file.dataset).name})" for file in files)
        st.caption(f"Not compared, because they were evaluated on other databases: {named}.")


def too_few(usable: Sequence[ResultsFile], files: Sequence[ResultsFile], database: Path) -> None:
    """Explain that a comparison needs two results on one database."""
    st.subheader("A comparison needs two evaluated checkpoints")
    have = f"`{usable[0].checkpoint}` is evaluated" if usable else "No checkpoint is evaluated"
    st.write(f"{have} on `{short_path(database)}`. Evaluate another one on the same database.")
    elsewhere(files)


def selected(comparison: LoadedComparison) -> LoadedComparison | None:
    """Draw the line of the selection and return the comparison of its glyphs. For an empty selection, return None and
    offer to drop conditions."""
    chosen = _fitted_selection(comparison.compared.stores[comparison.a])
    rows = narrowed(comparison, chosen)
    selection_bar(chosen, f"{rows.compared.n if rows else 0:,} of {comparison.compared.n:,} glyphs compared",
                  key="selection", on_change=state.narrow)  # fmt: skip
    if rows is None:
        nothing_selected(chosen, state.narrow)
    return rows


def selected_of_one(store: ResultsStore) -> None:
    """Draw the selection of the only evaluated checkpoint. It stays until there is a second checkpoint to compare."""
    selection_bar(_fitted_selection(store), "", key="selection", on_change=state.narrow)


def chosen_point(key: str, kind_of: Callable[[int], str]) -> None:
    """Go from a clicked point of the chart to the flips with its glyph."""
    points: list[dict[str, Any]] = st.session_state[key]["selection"]["points"]
    glyph = points[0].get("customdata") if points else None
    glyph = glyph[0] if isinstance(glyph, list) else glyph
    if glyph is not None and (kind := kind_of(int(glyph))):
        state.select(kind=kind, glyph=int(glyph), part="flips")


def _fitted_selection(store: ResultsStore) -> Filters:
    return views.fit(store.columns.words, lambda glyph: store.columns.row(glyph) is not None)


def _chosen(changes: dict[str, tuple[str, ...]]) -> None:
    files = changes.pop("files", None)
    if files is not None and len(files) < 2:
        refuse("A comparison needs two checkpoints: choose another one first")
        files = None
    rest = options.single(changes)
    if rest or files:
        state.select(**rest, **({"files": files} if files else {}))
