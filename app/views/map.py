"""Map: glyphs that the model finds alike lie together; a lasso takes them to Browse."""

from dataclasses import replace

import streamlit as st

from app.cache import map as cache
from app.cache import sources
from app.charts.map import PALETTE
from app.components.chooser import results_chooser
from app.components.evaluation import offer
from app.components.map import COLOURS, glyph_map
from app.components.notices import missing
from app.components.projecting import offer as offer_map
from app.state import parameters
from app.state import view as views

EVERYTHING = views.View(filters=replace(views.DEFAULT_FILTERS, split=(), outcome=""))


def pictures() -> None:
    """The points are drawn: now send the pictures."""
    st.session_state["map_pictures"] = True


def remember(state: dict[str, str]) -> None:
    """Colour, highlight and section go into the URL."""
    parameters.put(colour=state["colour"] if state["colour"] != "outcome" else "", find=state["find"], at=state["at"])


@st.fragment
def drawn(source: sources.Source) -> None:
    """The map; what is done on it runs only this."""
    found = cache.projection(source)
    if found is None:
        return
    state = {
        "colour": parameters.word("colour", "outcome", COLOURS),
        "find": parameters.word("find"),
        "at": parameters.word("at"),
    }
    chosen = glyph_map(
        cache.points(source, found),
        cache.thumbnails(source, found) if st.session_state.get("map_pictures") else None,
        PALETTE,
        state,
        key="map",
        on_state=remember,
        on_pictures=pictures,
    )
    view = replace(EVERYTHING, results=source.file.path.name)
    if chosen.glyph is not None:
        st.switch_page("views/inspect.py", query_params=views.encode(replace(view, glyph=chosen.glyph)))
    if chosen.ids:
        filters = replace(view.filters, ids=cache.keep(source, chosen.ids), outcome=chosen.outcome)
        st.switch_page("views/browse.py", query_params=views.encode(replace(view, filters=filters)))


def main() -> None:
    """Read the URL, draw, or offer to compute."""
    source = sources.source(parameters.results("map"))
    if source is None:
        offer(*sources.evaluation_places(), sources.running())
        return
    results_chooser(
        sources.files(), source.file, lambda name: parameters.put(results=name, at=None), key="map_results", width=330
    )
    if cache.projection(source) is None:
        offer_map(source.file.path, len(source.store), cache.running())
        return
    drawn(source)
    missing(source.notes)


main()
