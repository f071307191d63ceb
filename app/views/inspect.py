"""Inspect: one glyph under its primitives, its candidates, and the way to the next one."""

from dataclasses import replace

import streamlit as st

from app.cache import annotations, doubts, pictures, sources
from app.cache import glyphs as cache
from app.components.evaluation import offer
from app.components.inspector import inspector
from app.components.marks import marks_line
from app.components.notices import explained, missing, nothing_selected
from app.state import view as state


def go(where: int | str) -> None:
    """Look at another glyph, or go back to the selection."""
    if where == "back":
        st.session_state["back"] = True
    else:
        state.write(replace(st.session_state["view"], glyph=int(where)))


@st.fragment
def marks(source: sources.Source, glyph: int, reasons: dict[int, str]) -> None:
    """Tags and notes of the glyph; a change runs only this."""
    marks_line(
        annotations.marks(source, [glyph]), annotations.tags(), [glyph], reasons, glyph=glyph, key="marks",
        on_change=lambda changes: annotations.change(source, changes),
    )  # fmt: skip


@st.fragment
def glyph(source: sources.Source) -> None:
    """The glyph of the current view; going on to another one runs only this."""
    view: state.View = st.session_state["view"]
    if st.session_state.pop("back", False):
        st.switch_page("views/browse.py", query_params=state.encode(replace(view, start=None)))
    chosen = view.glyph
    if chosen is None:
        page = cache.page(source, view.filters, view.sort, view.start, 1)
        if not page.rows:
            nothing_selected(view)
            return
        chosen = page.rows[0].glyph_id
        state.write(replace(view, glyph=chosen))
    with explained():
        seen, stored, sprite = cache.inspection(source, chosen)
        place = cache.neighbours(source, view.filters, view.sort, chosen)
        marks(source, chosen, doubts.reasons(source, [chosen]))
        inspector(seen, stored, sprite, place, shape=pictures.SPRITE, key="inspector", on_go=go)


def main() -> None:
    """Read the URL, ask once, draw."""
    view = state.read("inspect")
    source = sources.source(view.results)
    if source is None:
        offer(*sources.evaluation_places(), sources.running())
        return
    glyph(source)
    missing(source.notes)


main()
