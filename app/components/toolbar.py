"""Sort, layout and export: what is done with a selection, beside its headline."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

import streamlit as st

from app.components.wording import SORTS
from app.state import parameters
from app.state import view as state

LAYOUTS = {"grid": ":material/grid_view:", "table": ":material/table_rows:"}


def toolbar(view: state.View) -> None:
    """Sort and layout of ``view``; a change goes to the URL before the next run."""
    st.session_state["toolbar_sort"] = view.sort
    st.session_state["toolbar_layout"] = view.layout
    sorts = [name for name in SORTS if name != "similar" or "similar" in (view.sort, state.own_sort(view.filters))]
    st.selectbox(
        "Sort", sorts, key="toolbar_sort", format_func=SORTS.__getitem__, label_visibility="collapsed",
        width=165, on_change=_chosen, args=("sort", sorts),
    )  # fmt: skip
    st.segmented_control(
        "Layout", list(LAYOUTS), key="toolbar_layout", format_func=LAYOUTS.__getitem__, label_visibility="collapsed",
        required=True, on_change=_chosen, args=("layout", LAYOUTS),
    )  # fmt: skip


def export(name: str, write: Callable[[str], bytes]) -> None:
    """Download the whole selection; ``write`` makes the file of a kind, only when it is asked for."""
    with st.popover("Export", icon=":material/download:"):
        for kind, title in (("csv", "CSV for spreadsheets"), ("jsonl", "JSON lines for programs")):
            st.download_button(
                title, partial(write, kind), file_name=f"{name}.{kind}", on_click="ignore", width="stretch"
            )


def _chosen(name: str, options: Collection[str]) -> None:
    if value := parameters.picked(f"toolbar_{name}", options):
        state.select(**{name: value})
