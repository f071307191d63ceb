"""Map: similar glyphs lie together, and a lasso opens glyphs in Browse."""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from app.map import data as cache
from app.map.map import COLOURS, PALETTE, glyph_map
from app.map.projection import offer_projection
from app.shared import glyphs, parameters, sources
from app.shared import view as views
from app.shared.evaluations_panel import offer_evaluation
from app.shared.messages import fragment, missing, problem
from app.shared.refusals import refuse
from app.shared.results_chooser import results_chooser
from app.shared.selection_bar import selection_bar


@fragment
def draw_map(source: sources.Source) -> None:
    """Draw the map; its events rerun only this fragment."""
    projection = cache.projection(source)
    if projection is None:
        return
    selection = views.fit(source.store.columns.words, source.has)
    within = cache.within(source, projection, replace(selection, ids=""))
    selection_bar(selection, cache.counted(within), key="selection", on_change=views.narrow)
    state = {
        "colour": parameters.word("colour", "outcome", COLOURS),
        "find": parameters.word("find"),
        "at": parameters.word("at"),
        "ids": selection.ids,
    }

    def remember(state: dict[str, str], chosen: list[int] | None) -> None:
        """Write colour, highlight, section and the chosen glyphs to the URL."""
        colour = state["colour"] if state["colour"] != "outcome" else ""
        parameters.update(colour=colour, find=state["find"], at=state["at"])
        if chosen is not None:
            st.session_state["map_chosen"] = glyphs.keep(source, chosen) if chosen else ""
            views.narrow(ids=st.session_state["map_chosen"])

    def address(page: str, **only: Any) -> str:
        return parameters.link(page, views.encode(views.View(source.file.path.name, replace(selection, **only))))

    known = not st.session_state.pop("map_opened", False) and state["ids"] == st.session_state.get("map_chosen")
    chosen: list[int] | None = None  # the tab has them
    with problem() as missing_set:
        if not known:
            chosen = cache.kept(source, state["ids"])
    if missing_set.text:
        state["ids"], chosen = "", []
        views.narrow(ids="")
        refuse(missing_set.text.removesuffix("."))
    links = {
        "glyph": address("inspect"),
        "chosen": address("browse", ids=state["ids"]),
        "wrong": address("browse", ids=state["ids"], outcome="wrong"),
    }
    st.session_state["map_chosen"] = state["ids"]
    glyph_map(
        partial(cache.points, source, projection),
        cache.version(source),
        partial(cache.pictures_of, source),
        PALETTE,
        state,
        chosen,
        links,
        "" if within is None else cache.packed_bits(within),
        key="map",
        on_state=remember,
    )


def main() -> None:
    """Read the URL and draw the map, or offer to compute it."""
    source = sources.source(views.arrive())
    if source is None:
        offer_evaluation(*sources.evaluation_paths(), sources.running())
        return
    results_chooser(
        sources.files(), source.file, lambda name: parameters.update(results=name, at=None), key="map_results"
    )
    if cache.projection(source) is None:
        selection = views.fit(source.store.columns.words, source.has)
        selection_bar(selection, "", key="selection", on_change=views.narrow)
        offer_projection(source.file.path, len(source.store), cache.running())
        return
    st.session_state["map_opened"] = True  # the whole page runs: the tab may have come from elsewhere
    draw_map(source)
    missing(source.notes)


main()
