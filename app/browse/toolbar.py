"""Sort, layout and export: what is done with a selection, beside its headline."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.shared import view as state
from app.shared.choices import Choice, choices, single
from app.shared.naming import SORTS

LAYOUTS = {"grid": "▦ Grid", "table": "☰ Table"}


def toolbar(view: state.View) -> None:
    """Sort and layout of ``view``; a change goes to the URL before the next run."""
    sorts = {
        name: words
        for name, words in SORTS.items()
        if name != "similar" or "similar" in (view.sort, state.own_sort(view.filters))
    }
    choices(
        [Choice("sort", "Sort", sorts, (view.sort,)),
         Choice("layout", "Layout", LAYOUTS, (view.layout,), style="segments")],
        key="toolbar", on_choose=lambda changes: state.select(**single(changes)), label="Order and layout",
        layout="line",
    )  # fmt: skip


def export(name: str, write: Callable[[str], bytes]) -> None:
    """Download the whole selection; ``write`` makes the file of a kind, only when it is asked for."""
    with st.popover("Export", icon=":material/download:"):
        for kind, title in (("csv", "CSV for spreadsheets"), ("jsonl", "JSON lines for programs")):
            st.download_button(
                title, partial(write, kind), file_name=f"{name}.{kind}", on_click="ignore", width="stretch"
            )
