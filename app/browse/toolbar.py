"""Sort, layout and export of a selection, beside its headline."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.shared import view as state
from app.shared.choices import Choice, choices, single
from app.shared.naming import SORTS, readable_most
from glyphcore.analysis.selection_sheet import ROWS
from glyphcore.results.filters import own_sort

LAYOUTS = {"grid": "▦ Grid", "table": "☰ Table"}
KINDS = {
    "csv": "CSV for spreadsheets",
    "jsonl": "JSON lines for programs",
    "html": f"HTML sheet to send, with up to {ROWS:,} pictures",
}
MOST = ("family:1", "family:3", "family:10", "confusion:1", "confusion:3", "confusion:10")
"""Group limits that the menu offers; a link can contain any limit."""


def toolbar(view: state.View, *, sized: bool, judged: bool) -> None:
    """Draw order and layout of ``view``. A change goes to the URL before the next run. ``sized``: sizes are known;
    ``judged``: the results tell which glyphs are none of the labels."""
    missing = set() if sized else {"size", "size:down"}
    if not judged:
        missing.add("outside")
    if "similar" not in (view.sort, own_sort(view.filters)):
        missing.add("similar")
    sorts = {name: words for name, words in SORTS.items() if name not in missing - {view.sort}}
    groups = {most: readable_most(most) for most in dict.fromkeys((*MOST, view.most)) if most}
    choices(
        [Choice("sort", "Sort", sorts, (view.sort,)),
         Choice("most", "Groups", {"": "no groups"} | groups, (view.most,),
                help="Show only the first glyphs of each family or confusion; the last shown glyph opens the rest"),
         Choice("layout", "Layout", LAYOUTS, (view.layout,), style="segments")],
        key="toolbar", on_choose=lambda changes: state.select(**single(changes)), label="Order and layout",
        layout="line",
    )  # fmt: skip


def export(name: str, glyphs: int, write: Callable[[str], bytes]) -> None:
    """Let the user download the whole selection of some ``glyphs``; ``write`` makes the file of a kind, only on
    request."""
    with st.popover("Export", icon=":material/download:"):
        st.caption(f"{glyphs:,} glyph{'s' * (glyphs != 1)}, in this order. To export only some of them, choose cards "
                   "and press *only* first.")  # fmt: skip
        for kind, title in KINDS.items():
            st.download_button(
                title, partial(write, kind), file_name=f"{name}.{kind}", on_click="ignore", width="stretch"
            )
