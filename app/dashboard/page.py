"""Dashboard: how good a checkpoint is, what could be reached, and where it errs; every figure leads to its glyphs."""

import streamlit as st

from app.dashboard import charts, tables
from app.dashboard import controls as page
from app.dashboard import data as cache
from app.dashboard.confusions import class_table, confusion_cards, glyphs_shown, matrix_table
from app.dashboard.diacritics import pair_table, precomposed_table, size_table
from app.shared import parameters, sources
from app.shared.evaluations_panel import offer
from app.shared.html import Html, panes
from app.shared.html_sheet import sheet
from app.shared.messages import fragment, missing
from app.shared.navigation import go
from app.shared.theme import CONFIG


def draw(source: sources.Source, about: page.About, html: Html, key: str, sprite: tuple[str, int] = ("", 1)) -> None:
    """A sheet; a click on a figure that no filters name goes to its glyphs."""
    if figure := sheet(html, key=f"{key}_sheet", name=key, sprite=sprite, put=page.put):
        go("browse", about.picked(cache.pick(source, about.split, about.criterion, figure)))


def overview(source: sources.Source, about: page.About) -> None:
    """Groups and what makes the ceiling, beside the most frequent confusions."""
    by, rows = cache.parts(source, about.split, about.criterion, f"by {about.by}", "confusions")
    ties = tables.tie_chips(about, cache.limits(source, about.split), cache.geometry(source))
    sprite, places = cache.thumbnails(source, glyphs_shown(rows := rows[:18]))
    left = [tables.group_table(about, by), ties, tables.cause_table(cache.why(source, about.split))]
    draw(source, about, panes("two", left, [confusion_cards(about, rows, places)]), "overview", sprite)


def confusions(source: sources.Source, about: page.About) -> None:
    """The matrix of labels beside that of classes and more confusions."""
    counts, between, rows = cache.parts(source, about.split, about.criterion, "matrix", "class matrix", "confusions")
    sprite, places = cache.thumbnails(source, glyphs_shown(rows))
    right = [class_table(about, between), confusion_cards(about, rows, places, tall=True)]
    draw(source, about, panes("matrix", [matrix_table(about, counts)], right), "confusions", sprite)


def marks(source: sources.Source, about: page.About) -> None:
    """The diacritic subset."""
    by, letters, pairs = cache.parts(source, about.split, about.criterion, "by mark", "precomposed", "pairs")
    sizes = size_table(cache.mark_sizes(source, about.split, about.criterion))
    left = tables.group_table(page.grouped(about, "mark"), by, choose=False)
    right = [pair_table(about, pairs), precomposed_table(about, letters)]
    draw(source, about, panes("even", [left, sizes], right), "marks")


def confidence(source: sources.Source, about: page.About) -> None:
    """Whether confidence means what it says, and what abstaining gains."""
    calibration, curves = cache.parts(source, about.split, about.criterion, "reliability", "coverage")
    at = cache.at(source, about.split, about.threshold)
    left, right = st.columns(2, gap="medium")
    with left:
        st.html(tables.calibration_words(calibration))
        st.plotly_chart(charts.reliability(calibration), key="reliability", config=CONFIG)
        draw(source, about, tables.bins_table(about, calibration), "tenths")
    with right:
        st.html(tables.threshold_words(at))
        st.plotly_chart(charts.coverage(curves, at), key="coverage", config=CONFIG)
        page.threshold_slider(about)
        draw(source, about, tables.threshold_table(about, at), "threshold")


def training(source: sources.Source, about: page.About) -> None:
    """The run that made the checkpoint."""
    made = cache.made(source)
    left, right = st.columns([3, 2], gap="medium")
    left.plotly_chart(charts.learning(made["history"]), key="learning", config=CONFIG)
    with right:
        draw(source, about, tables.facts(made), "made")


@fragment
def body(source: sources.Source) -> None:
    """Everything under the navigation; a change of the URL from within runs only this."""
    splits = cache.splits(source)
    about = page.read(source.file.path.name, source.store.labels, splits)
    page.controls(about, sources.files(), source.file, splits)
    limits, geometry = cache.limits(source, about.split), cache.geometry(source)
    scores, whole = cache.headline(source, about.split, about.criterion)
    draw(source, about, tables.score_cards(about, scores, whole, limits, geometry), "scores")
    parts = {each.__name__: each for each in (overview, confusions, marks, confidence, training)}
    parts[about.part](source, about)
    st.caption(tables.footnote(about, cache.cut(source, about.split), limits, geometry))


if (found := sources.source(parameters.results())) is None:
    offer(*sources.evaluation_places(), sources.running())
else:
    body(found)
    missing(found.notes)
