"""Compare: checkpoints on the same glyphs, what one gets right and another does not, and whether that is luck."""

import streamlit as st

from app.compare import data as cache
from app.compare import state
from app.compare.changes import change_lists
from app.compare.controls import (
    choices,
    chosen_point,
    elsewhere,
    export,
    none_of_these,
    part_chooser,
    too_few,
)  # fmt: skip
from app.compare.flips import flip_gallery
from app.compare.table import comparison
from app.shared import pictures, sources, view
from app.shared.evaluations_panel import another, offer
from app.shared.messages import explained, fragment
from app.shared.navigation import go


@fragment
def flips(its: cache.Comparing) -> None:
    """One page of flips; a turn runs only this."""
    now: state.Comparison = st.session_state["comparison"]
    page = cache.page(its, now.start, now.glyph)
    if not page.a:
        none_of_these(now)
        return
    sprite, grids, patches, same = cache.boards(its, [row.glyph_id for row in page.a])
    names = its.compared.names
    opened = flip_gallery(
        page, sprite, grids, patches, same_codebook=same, names=(names[its.a], names[its.b]), kind=now.kind,
        shape=pictures.SPRITE, cursor=now.glyph, key="flips",
        on_turn=lambda start: state.select(start=start),
        on_stay=lambda glyph: state.select(start=page.a[0].glyph_id if page.position else None, glyph=glyph),
    )  # fmt: skip
    if opened is not None:
        query = view.encode(view.View(results=its.files[its.b], filters=view.Filters(), glyph=opened))
        go("inspect", query)


def groups(its: cache.Comparing) -> None:
    """What moved."""
    narrow = {name: getattr(its.choice, name) for name in ("char_class", "family", "label")}
    change_lists(
        cache.changes(its), its.compared.stores[0].labels, narrow, key="changes",
        on_choose=lambda change: state.select(**{**dict.fromkeys(narrow, ""), "part": "flips", **change}),
    )  # fmt: skip


def confidence(its: cache.Comparing) -> None:
    """Both confidences; a click on a point goes to its glyph."""
    from app.compare.charts import confidence_scatter  # loads the chart library: the other parts do without
    from app.shared.theme import CONFIG

    names = its.compared.names
    chart = confidence_scatter(cache.confidences(its), names[its.a], names[its.b])
    st.plotly_chart(chart, key="scatter", config=CONFIG, selection_mode="points",
                    on_select=lambda: chosen_point("scatter", lambda glyph: cache.kind_of(its, glyph)))  # fmt: skip


def main() -> None:
    """Read the URL, ask once, draw."""
    now, found = state.read(), cache.offer()
    places = (*sources.evaluation_places(), sources.running())
    if not found.usable and not found.elsewhere:
        offer(*places)
        return
    if len(found.usable) < 2:
        too_few(found.usable, found.elsewhere, found.database)
        offer(*places, title="", needed=2)
        return
    with st.sidebar:
        choices(now, found.usable, cache.chosen(now, found))
        another(*places)
        elsewhere(found.elsewhere)
    with explained():
        its = cache.comparing(now, found)
        comparison(
            cache.overview(its), cache.agreement(its), its.files, its.compared.left_out, n=its.compared.n,
            pair=(its.a, its.b), kind=now.kind, criterion=now.criterion, key="compare",
            on_choose=lambda change: state.select(**({"part": "flips"} if "kind" in change else {}), **change),
        )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center"):
            part_chooser(now)
            if now.part == "confidence":
                st.caption("The legend says how many of each kind are drawn: a seeded sample. Click a point.")
            if now.part == "flips":
                export(f"{now.kind}-{its.compared.names[its.b]}", lambda: cache.export(its))
        {"flips": flips, "groups": groups, "confidence": confidence}[now.part](its)


main()
