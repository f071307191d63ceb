"""Compare: checkpoints on the same glyphs, their differences, and whether a difference is more than chance."""

import streamlit as st

from app.compare import data as cache
from app.compare import state
from app.compare.changes import change_lists
from app.compare.controls import (
    choices,
    chosen_point,
    elsewhere,
    export,
    part_chooser,
    selected,
    selected_of_one,
    too_few,
)
from app.compare.flips import flip_gallery
from app.compare.table import comparison_table
from app.shared import pictures, sources, view
from app.shared.evaluations_panel import evaluate_another, offer_evaluation
from app.shared.messages import explained, fragment
from app.shared.navigation import go


@fragment
def flips(comparison: cache.LoadedComparison) -> None:
    """Draw one page of flips. A page turn reruns only this fragment."""
    requested: state.Comparison = st.session_state["comparison"]
    page = cache.page(comparison, requested.start, requested.glyph)
    if not page.a:
        st.write("There are no glyphs of this kind.")
        return
    sprite, grids, patches, same = cache.grid_pairs(comparison, [row.glyph_id for row in page.a])
    names = comparison.compared.names
    opened = flip_gallery(
        page,
        sprite,
        grids,
        patches,
        same_codebook=same,
        names=(names[comparison.a], names[comparison.b]),
        kind=requested.kind,
        shape=pictures.SPRITE,
        cursor=requested.glyph,
        key="flips",
        on_turn=lambda start: state.select(start=start),
        on_stay=lambda glyph: state.select(start=page.a[0].glyph_id if page.position else None, glyph=glyph),
    )
    if opened is not None:
        query = view.encode(view.View(results=comparison.files[comparison.b], filters=view.carried(), glyph=opened))
        go("inspect", query)


def groups(comparison: cache.LoadedComparison) -> None:
    """Draw the changes by class, family and label."""
    narrow = {name: "".join(getattr(view.carried(), name)[:1]) for name in ("char_class", "family", "label")}
    change_lists(
        cache.changes(comparison), comparison.compared.stores[0].labels, narrow, key="changes",
        on_choose=state.choose_group,
    )  # fmt: skip


def confidence(comparison: cache.LoadedComparison) -> None:
    """Draw the confidences of both models. A click on a point shows the flips with its glyph."""
    from app.compare.charts import confidence_scatter  # loads the chart library, which the other parts do not need
    from app.shared.theme import CONFIG

    names = comparison.compared.names
    chart = confidence_scatter(cache.confidences(comparison), names[comparison.a], names[comparison.b])
    st.plotly_chart(
        chart, key="scatter", config=CONFIG, selection_mode="points",
        on_select=lambda: chosen_point("scatter", lambda glyph: cache.kind_of(comparison, glyph)),
    )  # fmt: skip


def main() -> None:
    """Read the URL, query once, and draw the page."""
    requested, available = state.read(), cache.available_results()
    places = (*sources.evaluation_paths(), sources.running())
    if not available.usable and not available.elsewhere:
        offer_evaluation(*places)
        return
    if len(available.usable) < 2:
        if available.usable and (source := sources.source(available.usable[0].path.name)):
            selected_of_one(source.store)
        too_few(available.usable, available.elsewhere, available.database)
        offer_evaluation(*places, title="", needed=2)
        return
    with st.sidebar:
        choices(requested, available.usable, cache.chosen(requested, available))
        evaluate_another(*places)
        elsewhere(available.elsewhere)
    with explained():
        if (comparison := selected(cache.load_comparison(requested, available))) is None:
            return
        comparison_table(
            cache.overview(comparison),
            cache.agreement(comparison),
            comparison.files,
            comparison.compared.left_out,
            n=comparison.compared.n,
            pair=(comparison.a, comparison.b),
            kind=requested.kind,
            criterion=requested.criterion,
            key="compare",
            on_choose=lambda change: state.select(**({"part": "flips"} if "kind" in change else {}), **change),
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            part_chooser(requested)
            if requested.part == "confidence":
                st.caption("The points are a random sample; the legend shows its size. Click a point to see its flip.")
            if requested.part == "flips":
                export(f"{requested.kind}-{comparison.compared.names[comparison.b]}", lambda: cache.export(comparison))
        {"flips": flips, "groups": groups, "confidence": confidence}[requested.part](comparison)


main()
