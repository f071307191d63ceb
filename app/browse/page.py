"""Browse: the glyphs of a selection, worst first. An engineer opens this page every morning."""

from dataclasses import replace
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.browse import glyph_table
from app.browse.charts import confidence_bars
from app.browse.filters import FACETS, filter_panel, results_chosen
from app.browse.headline import headline
from app.browse.preview import page_data, preview_address, selection_name
from app.browse.saved_views import saved_views, tags_file
from app.browse.toolbar import export, toolbar
from app.shared import address, annotations, sources
from app.shared import glyphs as cache
from app.shared import view as state
from app.shared.choices import acknowledged
from app.shared.evaluations_panel import offer_evaluation
from app.shared.grid import Drawing, card, glyph_grid, prefetch_pages
from app.shared.messages import fragment, nothing_selected
from app.shared.naming import facet_options
from app.shared.selection_bar import selection_bar
from app.shared.tags import tag_bar


@fragment
def annotation_tools(source: sources.Source) -> None:
    """Draw tags and notes. A change reruns only this fragment; the counts are updated later."""
    settled = tag_bar(
        annotations.tags(), about=source.annotated.fingerprint, single=False, key="marks",
        annotations=partial(annotations.of_glyphs, source), label_of=partial(annotations.label_of, source),
        on_change=lambda changes: annotations.change(source, changes),
    )  # fmt: skip
    if settled:
        address.rerun()


@fragment
def glyphs(source: sources.Source) -> None:
    """Draw one page of glyphs. A page turn reruns only this fragment."""
    if st.session_state.pop("again", False):
        address.rerun()
    view: state.View = st.session_state["view"]
    start = view.start
    if start is None and view.glyph is not None:
        start = cache.page_of(source, view.filters, view.sort, view.glyph, most=view.most)
    page = cache.page(source, view.filters, view.sort, start, most=view.most)
    if not page.rows:
        nothing_selected(view.filters)
        return
    drawing, describe = (
        (glyph_table.table(view.sort, page), glyph_table.row) if view.layout == "table" else (Drawing(), card)
    )
    load_page = partial(cache.page_with_sprite, source, view.filters, view.sort, view.most)
    pages = prefetch_pages(selection_name(source, view), page, load_page, key=view.layout, describe=describe)
    glyph_grid(
        page_data(source, view, page, pages, drawing), drawing, acknowledged=acknowledged(FACETS), key=view.layout,
        on_turn=state.turn, on_hide=lambda glyph: state.hide_family(source.store.rows([glyph])),
        on_only=lambda ids: state.only(cache.keep(source, ids)),
        on_open=lambda glyph: state.open_group(source.store.rows([glyph])), on_sort=state.resort,
    )  # fmt: skip


@fragment
def selection(source: sources.Source, bar: DeltaGenerator, top: DeltaGenerator, panel: DeltaGenerator) -> None:
    """Draw the glyphs of the selection, its conditions in ``bar``, counts in ``top`` and filters in ``panel``.

    A filter reruns only this fragment. The frame, the saved views and the tags file stay as they are.
    """
    view: state.View = st.session_state["view"]
    filters, sized = view.filters, source.store.selector.extents() is not None
    with st.container(key="marks_line"):
        annotation_tools(source)
    glyphs(source)  # before filters and counts: the user waits for the glyphs
    with bar:
        if not selection_bar(state.shown(filters), "", key="selection", on_change=state.select):
            st.empty()  # a fragment may write into a container only if the whole run before it did
    with top:
        without_outcome = cache.summary(source, replace(filters, outcome=""))
        shown = cache.shown(source, filters, view.sort, view.most) if view.most else 0
        headline(
            cache.summary(source, filters), without_outcome, filters.outcome, source.notes, (view.most, shown)
        )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            toolbar(view, sized=sized, judged="outside" in source.store.columns.data)
            export(source.file.checkpoint, shown if view.most else cache.summary(source, filters).n,
                   partial(cache.export, source, filters, view.sort, most=view.most))  # fmt: skip
    with panel:
        facets = cache.facets(source, filters)
        bars = confidence_bars(facets["confidence"], filters.p_min, filters.p_max)
        filter_panel(
            view, facets, cache.options(source, facet_options), bars, has=source.has,
            sized=source.store.selector.extents() is not None, preview=preview_address(source, view),
        )  # fmt: skip


def main() -> None:
    """Read the URL, query once, and draw the page."""
    view = state.read()
    source = sources.source(view.results)
    if source is None:
        offer_evaluation(*sources.evaluation_paths(), sources.running())
        return
    view = state.fitted(view, source.store.columns.words, source.has, own_splits=source.own_splits)
    bar = st.container(key="selection_line")
    top = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
    with st.sidebar:
        views, files, panel = (st.container() for _ in range(3))
    selection(source, bar, top, panel)
    with views, st.container(horizontal=True):
        saved_views(annotations.views(), annotations.save_view, annotations.drop_view)
        tags_file(source.file.checkpoint, partial(annotations.export, source), partial(annotations.import_csv, source))
    with files:
        results_chosen(sources.files(), source.file)


main()
