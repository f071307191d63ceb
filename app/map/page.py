"""Map: glyphs that the model finds alike lie together; a lasso takes them to Browse."""

from dataclasses import replace
from typing import Any

import streamlit as st

from app.map import data as cache
from app.map.charts import PALETTE
from app.map.map import COLOURS, glyph_map
from app.map.projection import offer as offer_map
from app.shared import parameters, sources
from app.shared import view as views
from app.shared.evaluations_panel import offer
from app.shared.messages import fragment, missing, problem
from app.shared.refusals import refuse
from app.shared.results_chooser import results_chooser

EVERYTHING = replace(views.DEFAULT_FILTERS, split=(), outcome="")


def pictures() -> None:
    """The points are drawn: now send the pictures."""
    st.session_state["map_pictures"] = True


@fragment
def drawn(source: sources.Source) -> None:
    """The map; what is done on it runs only this."""
    found = cache.projection(source)
    if found is None:
        return
    state = {
        "colour": parameters.word("colour", "outcome", COLOURS),
        "find": parameters.word("find"),
        "at": parameters.word("at"),
        "ids": parameters.word("ids"),
    }

    def remember(state: dict[str, str], chosen: list[int] | None) -> None:
        """Colour, highlight, section and what is chosen go into the URL."""
        colour = state["colour"] if state["colour"] != "outcome" else ""
        parameters.put(colour=colour, find=state["find"], at=state["at"])
        if chosen is not None:
            parameters.put(ids=cache.keep(source, chosen) if chosen else "")

    def address(page: str, **only: Any) -> str:
        return parameters.link(page, views.encode(views.View(source.file.path.name, replace(EVERYTHING, **only))))

    chosen: list[int] = []
    with problem() as gone:
        chosen = cache.kept(source, state["ids"])
    if gone.text:
        state["ids"] = ""
        refuse(gone.text.removesuffix("."))
    links = {
        "glyph": address("inspect"),
        "chosen": address("browse", ids=state["ids"]),
        "wrong": address("browse", ids=state["ids"], outcome="wrong"),
    }
    glyph_map(
        cache.points(source, found),
        cache.thumbnails(source, found) if st.session_state.get("map_pictures") else None,
        PALETTE,
        state,
        chosen,
        links,
        key="map",
        on_state=remember,
        on_pictures=pictures,
    )


def main() -> None:
    """Read the URL, draw, or offer to compute."""
    source = sources.source(parameters.results())
    if source is None:
        offer(*sources.evaluation_places(), sources.running())
        return
    results_chooser(sources.files(), source.file, lambda name: parameters.put(results=name, at=None), key="map_results")
    if cache.projection(source) is None:
        offer_map(source.file.path, len(source.store), cache.running())
        return
    drawn(source)
    missing(source.notes)


main()
