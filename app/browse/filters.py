"""The filter panel: every facet with its counts. Each change is written to the URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app.browse.cell_search import chips, search_cells
from app.shared import parameters
from app.shared import view as state
from app.shared.choices import Choice, choices, excluded_name
from app.shared.naming import OUTCOMES, readable_size, readable_tag
from app.shared.results_chooser import results_chooser
from glyphcore.annotations.store import STANDARD
from glyphcore.results.buckets import BUCKETS, SIZES
from glyphcore.results.filters import EXCLUDABLE, Filters, asks_for_sizes
from glyphcore.results.selection import FacetValue
from glyphcore.results.store import ResultsFile

PREFIX = "filter_"
FACETS = "facets"
"""Key of the panel's choices."""
TITLES = {
    "split": "Split", "char_class": "Class", "family": "Family", "base": "Character", "label": "Label",
    "pred": "Predicted as",
}  # fmt: skip
"""Facets with several choosable values, in display order; their values come from the results."""


def filter_panel(
    view: state.View, facets: dict[str, list[FacetValue]], options: Mapping[str, Mapping[str, str]], confidence: str,
    *, sized: bool, has: Callable[[int], bool], preview: str,
) -> None:  # fmt: skip
    """Draw all filters of ``view``. A change goes to the URL before the next run.

    ``options`` comes from :func:`app.shared.glyphs.options`. ``confidence`` is the HTML of the distribution above the
    confidence slider. ``sized``: the sizes of the glyphs are known. ``has`` tells whether the results have a glyph with
    that id. ``preview``: see :func:`app.shared.choices.choices`.
    """
    filters = view.filters
    if filters.ids:
        st.button("Only a chosen set", icon=":material/close:", on_click=state.select, kwargs={"ids": ""},
                  width="stretch", help="A set of glyphs, chosen on the map for example. Click to remove the set.",
                  key=f"{PREFIX}ids")  # fmt: skip
    chips(filters)
    choices(filter_choices(filters, facets, options, sized=sized), key=FACETS, on_choose=_chosen, preview=preview,
            label="Filters of the selection")  # fmt: skip
    search_cells(filters, has)
    st.html(f'<div class="facet">Confidence</div>{confidence}')
    st.slider(
        "Confidence",
        0.0,
        1.0,
        step=1 / BUCKETS,
        key=parameters.reflect(f"{PREFIX}confidence", (filters.p_min, filters.p_max)),
        on_change=_confidence,
        format="%.1f",
        label_visibility="collapsed",
    )
    st.button("Reset filters", on_click=state.reset, width="stretch", disabled=filters == state.defaults())


def filter_choices(
    filters: Filters, facets: Mapping[str, Sequence[FacetValue]], options: Mapping[str, Mapping[str, str]], *,
    sized: bool,
) -> list[Choice]:  # fmt: skip
    """Return the choices: search, outcome, the facets of :data:`TITLES`, size if sizes are known, and tags."""
    search = Choice(
        "search", "Search", chosen=(filters.search,) if filters.search else (), style="text",
        hint="ب   U+0628   beh   latin e", help="A character, a code point, or part of a label.",
    )  # fmt: skip
    outcome = Choice(
        "outcome", "Outcome", OUTCOMES, (filters.outcome,), filters.without("outcome"), counts=facets["outcome"]
    )
    words = [
        Choice(name, title, options[name], getattr(filters, name), filters.without(name), multiple=True,
               counts=facets[name], hint="any")
        for name, title in TITLES.items()
    ]  # fmt: skip
    sizes = dict.fromkeys((*SIZES, filters.size, *filters.without("size")))
    size = Choice(
        "size",
        "Size",
        {"": "any"} | {size: readable_size(size) for size in sizes if size},
        (filters.size,),
        filters.without("size"),
        counts=facets["size"],
        help="Longer side of the box. Marks below 0.15 em are drawn at half scale.",
    )
    tags = dict.fromkeys((*(value.value for value in facets["tag"]), *STANDARD, *filters.tag, *filters.without("tag")))
    tag = Choice(
        "tag",
        "Tags and notes",
        {tag: readable_tag(tag) for tag in tags},
        filters.tag,
        filters.without("tag"),
        multiple=True,
        counts=facets["tag"],
        hint="any",
    )
    return [search, outcome, *words, *([size] if sized or asks_for_sizes(filters) else []), tag]


def results_chosen(files: Sequence[ResultsFile], current: ResultsFile) -> None:
    """Let the user choose among several results. The evaluations panel reports the unusable ones."""
    results_chooser(
        files, current, lambda name: state.select(results=name), key=f"{PREFIX}results", layout="panel"
    )  # fmt: skip


def changed(filters: Filters, changes: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Return the changed fields of ``filters`` for the panel's changes (:func:`app.shared.choices.valid_changes`)."""
    several = {*TITLES, "tag"}
    changes, excluded = dict(changes), filters.excluded
    for name in EXCLUDABLE:
        values = changes.pop(excluded_name(name), None)
        if values is not None:
            kept = tuple(pair for pair in excluded if pair[0] != name)
            excluded = (*kept, *((name, value) for value in values))
    plain: dict[str, Any] = {name: values if name in several else "".join(values) for name, values in changes.items()}
    return plain | {"excluded": excluded}


def _chosen(changes: dict[str, tuple[str, ...]]) -> None:
    state.select(**changed(st.session_state["view"].filters, changes))


def _confidence() -> None:
    low, high = parameters.reflected(f"{PREFIX}confidence")
    low = round(min(low, 1 - 1 / BUCKETS), 2)  # both handles may stand at the end; a range has at least one tenth
    high = round(max(high, low + 1 / BUCKETS), 2)
    parameters.rewrite(f"{PREFIX}confidence", (low, high))
    state.select(p_min=low, p_max=high)
