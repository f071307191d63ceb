"""Inspect: one glyph under its primitives, its candidates, and the way to the next one."""

from dataclasses import replace

import streamlit as st

from app import cache, state
from app.components.evaluation import offer
from app.components.inspector import inspector
from app.components.notices import explained, missing, nothing_selected


def go(where: int | str) -> None:
    """Look at another glyph, or go back to the selection."""
    if where == "back":
        st.session_state["back"] = True
    else:
        state.write(replace(st.session_state["view"], glyph=int(where)))


@st.fragment
def glyph(source: cache.Source) -> None:
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
        inspector(seen, stored, sprite, place, shape=cache.SPRITE, key="inspector", on_go=go)


def main() -> None:
    """Read the URL, ask once, draw."""
    view = state.read("inspect")
    source = cache.source(view.results)
    if source is None:
        offer(*cache.evaluation_places(), cache.running())
        return
    glyph(source)
    missing(source.notes)


main()
