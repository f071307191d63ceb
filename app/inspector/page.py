"""Inspect: one glyph under its primitives, its candidates, and the way to the next one."""

from dataclasses import replace
from functools import partial

import streamlit as st

from app.inspector import data as asked
from app.inspector import panel_data as panels
from app.inspector import state as looks
from app.inspector.inspector import glyph_parcels, inspector
from app.shared import address, annotations, label_issues, parameters, pictures, sources
from app.shared import glyphs as cache
from app.shared import view as state
from app.shared.evaluations_panel import offer
from app.shared.messages import fragment, missing, no_such_glyph, nothing_selected
from app.shared.navigation import go
from app.shared.tags import marks_line


def turn(where: int | str) -> None:
    """Look at another glyph, or leave: ``back`` to the selection, to the likest ones by ``grid`` or ``embedding``."""
    if where in ("back", "grid", "embedding"):
        st.session_state["leave"] = where
    else:
        looks.write(replace(st.session_state["view"], glyph=int(where)), looks.another(looks.read()))


def change(what: dict) -> None:
    """Look otherwise at the same glyph; ``first`` puts another checkpoint first."""
    view, look = st.session_state["view"], looks.read()
    if first := what.get("first"):
        st.session_state["again"] = True
        view = replace(view, results=str(first))
    looks.write(view, looks.changed(look, what))


@fragment
def marks(source: sources.Source) -> None:
    """Tags and notes of the glyph; a change runs only this."""
    marks_line(
        annotations.tags(), about=source.annotated.fingerprint, single=True, key="marks",
        marks=partial(annotations.marks, source), on_change=lambda changes: annotations.change(source, changes),
    )  # fmt: skip


@fragment
def glyph(source: sources.Source) -> None:
    """The glyph of the current view; going on to another one runs only this."""
    view: state.View = st.session_state["view"]
    if st.session_state.pop("again", False):
        address.rerun()
    chosen, look = view.glyph, looks.read()
    if chosen is None:
        page = cache.page(source, view.filters, view.sort, view.start, 1)
        if not page.rows:
            nothing_selected(view)
            return
        chosen = page.rows[0].glyph_id
        looks.write(replace(view, glyph=chosen), look)
    if not source.has(chosen):
        no_such_glyph(chosen, parameters.link("browse", state.encode(replace(view, start=None, glyph=None))))
        return
    seen, _, _ = cache.inspection(source, chosen)
    place = cache.neighbours(source, view.filters, view.sort, chosen)
    near = () if look.panel or look.outline else (place.next, place.previous)
    ids = [chosen, *(each for each in near if each is not None)]
    selection = cache.selection(source, view.filters, view.sort)
    standing = partial(cache.standing, source, view.filters, view.sort)
    around = glyph_parcels(selection, ids, standing, key="inspector")
    waiting = panels.waits(source, look)
    panel = {"kind": look.panel, "waits": waiting} if waiting else panels.panel(source, seen, look)
    inspector(
        around, annotations.marks(source, ids), label_issues.reasons(source, ids), look, panel,
        panels.outline(source, seen, look), shape=pictures.SPRITE, key="inspector", on_go=turn, on_look=change,
    )  # fmt: skip
    if leave := st.session_state.pop("leave", ""):
        go("browse", state.encode(replace(view, start=None) if leave == "back" else state.alike(view, leave)))
    if waiting:  # said on the page by now
        asked.load(source)
        address.rerun()


def main() -> None:
    """Read the URL, ask once, draw."""
    view = state.read()
    source = sources.source(view.results)
    if source is None:
        offer(*sources.evaluation_places(), sources.running())
        return
    state.fitted(view, source.store.columns.words, source.has, own_splits=source.own_splits)
    marks(source)
    glyph(source)
    missing(source.notes)


main()
