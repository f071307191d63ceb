"""Inspect: one glyph under its primitives, its candidates, and the buttons to the next glyph."""

from dataclasses import replace
from functools import partial

import streamlit as st

from app.inspector import data, state
from app.inspector import panel_data as panels
from app.inspector.inspector import inspector, prefetch_glyphs
from app.inspector.verdict import verdict_line
from app.shared import address, annotations, label_issues, parameters, pictures, sources
from app.shared import glyphs as cache
from app.shared import view as views
from app.shared.evaluations_panel import offer_evaluation
from app.shared.messages import fragment, missing, no_such_glyph, nothing_selected
from app.shared.navigation import go
from app.shared.selection_bar import selection_bar
from app.shared.tags import read_annotations, tag_bar


def turn(where: int | str) -> None:
    """Show another glyph, or leave for Browse (:func:`app.inspector.state.beyond`)."""
    if state.leads_out(where):
        st.session_state["leave"] = where
    else:
        state.write(replace(st.session_state["view"], glyph=int(where)), state.without_edits(state.read()))


def change(what: dict) -> None:
    """Change the view of the same glyph; ``first`` puts another checkpoint first."""
    view, current = st.session_state["view"], state.read()
    if first := what.get("first"):
        st.session_state["again"] = True
        view = replace(view, results=str(first))
    state.write(view, state.updated(current, what))


def ask() -> None:
    """Ask the model about misread cells, which only the model can judge: the next run loads it."""
    st.session_state["ask"] = True


@fragment
def annotation_tools(source: sources.Source) -> None:
    """Draw tags and notes of the glyph. A change reruns only this fragment; a selection by tags is updated later."""
    settled = tag_bar(
        annotations.tags(), about=source.annotated.fingerprint, single=True, key="marks",
        annotations=partial(annotations.of_glyphs, source), label_of=partial(annotations.label_of, source),
        on_change=lambda changes: annotations.change(source, changes),
    )  # fmt: skip
    if settled and cache.selection_state(source, (view := st.session_state["view"]).filters, view.sort):
        address.rerun()


@fragment
def glyph(source: sources.Source) -> None:
    """Draw the glyph of the current view. A step to another glyph reruns only this fragment."""
    view: views.View = st.session_state["view"]
    if st.session_state.pop("again", False):
        address.rerun()
    chosen, current = view.glyph, state.read()
    if chosen is None:
        page = cache.page(source, view.filters, view.sort, view.start, 1, most=view.most)
        if not page.rows:
            nothing_selected(view.filters)
            return
        chosen = page.rows[0].glyph_id
        state.write(replace(view, glyph=chosen), current)
    if not source.has(chosen):
        no_such_glyph(chosen, parameters.link("browse", views.encode(replace(view, start=None, glyph=None))))
        return
    inspection, _, _ = cache.inspection(source, chosen)
    neighbours = cache.neighbours(source, view.filters, view.sort, chosen, most=view.most)
    near = () if current.panel or current.outline else (neighbours.next, neighbours.previous)
    ids = [chosen, *(neighbour for neighbour in near if neighbour is not None)]
    selection = cache.selection(source, view.filters, view.sort, most=view.most)
    standing = partial(cache.standing, source, view.filters, view.sort, view.most)
    prefetched = prefetch_glyphs(selection, ids, standing, key="inspector")
    waiting = panels.model_to_load(source, current)
    above = st.container(key="verdict")
    panel = {"kind": current.panel, "waits": waiting} if waiting else panels.panel(source, inspection, current)
    inspector(
        prefetched,
        read_annotations(partial(annotations.of_glyphs, source), ids),
        label_issues.reasons(source, ids),
        current,
        panel,
        panels.outline(source, inspection, current),
        shape=pictures.SPRITE,
        key="inspector",
        on_go=turn,
        on_change=change,
    )
    with above:
        found, model = data.verdict(source, inspection)
        verdict_line(chosen, found.blame, found.text, model, key="blame", on_ask=ask)
    if leave := st.session_state.pop("leave", ""):
        go("browse", state.beyond(view, leave))
    if waiting or st.session_state.pop("ask", False):  # the page already says that the model is loading
        data.load_model(source)
        address.rerun()


def main() -> None:
    """Read the URL, query once, and draw the page."""
    view = views.read()
    source = sources.source(view.results)
    if source is None:
        offer_evaluation(*sources.evaluation_paths(), sources.running())
        return
    view = views.fitted(view, source.store.columns.words, source.has, own_splits=source.own_splits)
    selection_bar(views.shown(view.filters), "", key="selection", on_change=views.select)
    annotation_tools(source)
    glyph(source)
    missing(source.notes)


main()
