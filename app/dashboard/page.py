"""Dashboard: accuracy of a checkpoint, upper bounds, and errors; every figure links to its glyphs."""

import streamlit as st

from app.dashboard import charts, controls, tables
from app.dashboard import data as cache
from app.dashboard.confusions import class_table, confusion_cards, glyphs_shown, matrix_table
from app.dashboard.diacritics import pair_table, precomposed_table, size_table
from app.shared import sources
from app.shared import view as views
from app.shared.evaluations_panel import offer_evaluation
from app.shared.html import Html, panes
from app.shared.html_panel import html_panel
from app.shared.messages import fragment, missing, nothing_selected
from app.shared.navigation import go
from app.shared.selection_bar import selection_bar
from app.shared.theme import CONFIG


def cut(state: controls.DashboardState) -> cache.Cut:
    """Return the cut: the glyphs that the page shows."""
    return cache.Cut(state.split, state.chosen)


def draw(
    source: sources.Source, state: controls.DashboardState, html: Html, key: str, sprite: tuple[str, int] = ("", 1)
) -> None:
    """Draw a sheet. A click on a figure that filters cannot express opens a stored set of its glyphs in Browse."""
    if figure := html_panel(html, key=f"{key}_sheet", name=key, sprite=sprite, put=controls.update):
        go("browse", state.link_to_set(cache.save_glyph_set(source, cut(state), state.criterion, figure)))


def overview(source: sources.Source, state: controls.DashboardState) -> None:
    """Draw groups and the causes of the ceiling, beside the most frequent confusions."""
    by, rows = cache.parts(source, cut(state), state.criterion, f"by {state.by}", "confusions")
    ties = tables.tie_chips(state, cache.limits(source, cut(state)), cache.geometry(source))
    sprite, places = cache.thumbnails(source, glyphs_shown(rows := rows[:18]))
    left = [tables.group_table(state, by), ties, tables.cause_table(cache.error_causes(source, cut(state)))]
    draw(source, state, panes("two", left, [confusion_cards(state, rows, places)]), "overview", sprite)


def confusions(source: sources.Source, state: controls.DashboardState) -> None:
    """Draw the matrix of labels, beside the matrix of classes and more confusions."""
    counts, between, rows = cache.parts(source, cut(state), state.criterion, "matrix", "class matrix", "confusions")
    sprite, places = cache.thumbnails(source, glyphs_shown(rows))
    right = [class_table(state, between), confusion_cards(state, rows, places, tall=True)]
    draw(source, state, panes("matrix", [matrix_table(state, counts)], right), "confusions", sprite)


def diacritics(source: sources.Source, state: controls.DashboardState) -> None:
    """Draw the diacritic subset."""
    by, letters, pairs = cache.parts(source, cut(state), state.criterion, "by mark", "precomposed", "pairs")
    sizes = size_table(cache.diacritic_sizes(source, cut(state), state.criterion))
    left = tables.group_table(controls.grouped(state, "mark"), by, choose=False)
    right = [pair_table(state, pairs), precomposed_table(state, letters)]
    draw(source, state, panes("even", [left, sizes], right), "marks")


def confidence(source: sources.Source, state: controls.DashboardState) -> None:
    """Draw calibration and the gain from abstaining."""
    names = "reliability", "coverage", "rejection"
    calibration, curves, rejection = cache.parts(source, cut(state), state.criterion, *names)
    effect = cache.threshold_effect(source, cut(state), state.threshold)
    left, right = st.columns(2, gap="medium")
    with left:
        st.html(tables.calibration_words(calibration))
        st.plotly_chart(charts.reliability(calibration), key="reliability", config=CONFIG)
        draw(source, state, tables.bins_table(state, calibration), "tenths")
    with right:
        st.html(tables.threshold_words(effect))
        st.plotly_chart(charts.coverage(curves, effect), key="coverage", config=CONFIG)
        controls.threshold_slider(state)
        draw(source, state, tables.threshold_table(state, effect), "threshold")
    st.html(tables.rejection_words(rejection))
    if rejection is not None:
        st.plotly_chart(charts.rejection(rejection), key="rejection", config=CONFIG)


def training(source: sources.Source, state: controls.DashboardState) -> None:
    """Draw the training run of the checkpoint."""
    run = cache.training_run(source)
    left, right = st.columns([3, 2], gap="medium")
    left.plotly_chart(charts.learning(run["history"]), key="learning", config=CONFIG)
    with right:
        draw(source, state, tables.facts(run), "made")


PARTS = {
    "overview": overview, "confusions": confusions, "marks": diacritics, "confidence": confidence, "training": training
}  # fmt: skip


@fragment
def body(source: sources.Source) -> None:
    """Draw everything under the navigation. A change of the URL from within reruns only this fragment."""
    splits = cache.splits(source)
    chosen = views.fit(source.store.columns.words, source.has)
    state = controls.read(source.file.path.name, source.store.labels, splits, chosen)
    n = cache.count(source, cut(state))
    selection_bar(chosen, f"{n:,} glyphs of {controls.SPLITS.get(state.split, state.split)}", key="selection",
                  on_change=views.narrow)  # fmt: skip
    controls.controls(state, sources.files(), source.file, splits)
    if not n:
        nothing_selected(chosen, views.narrow)
        return
    limits, geometry = cache.limits(source, cut(state)), cache.geometry(source)
    scores, whole = cache.headline(source, cut(state), state.criterion)
    draw(source, state, tables.score_cards(state, scores, whole, limits, geometry), "scores")
    PARTS[state.part](source, state)
    st.caption(tables.footnote(state, cache.evaluation_sample(source, cut(state)), limits, geometry))


if (found := sources.source(views.arrive())) is None:
    offer_evaluation(*sources.evaluation_paths(), sources.running())
else:
    body(found)
    missing(found.notes)
