"""The filter panel: every facet with its counts, written to the URL as it changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app.components.cells import chips, search_cells
from app.components.chooser import results_chooser
from app.components.wording import CLASSES, OUTCOMES, em, readable, shown, tagged
from app.state import parameters
from app.state import view as state
from glyphcore.annotations.store import STANDARD
from glyphcore.data.labels import codepoints
from glyphcore.results.buckets import BUCKETS
from glyphcore.results.selection import FacetValue
from glyphcore.results.store import ResultsFile

PREFIX = "filter_"


def filter_panel(view: state.View, facets: dict[str, list[FacetValue]], confidence: str) -> None:
    """Draw the filters of ``view`` with the counts of ``facets``; a change goes to the URL before the next run.

    ``confidence`` is the picture over the confidence slider.
    """
    filters = view.filters
    if filters.ids:
        st.button("Only a chosen set", icon=":material/close:", on_click=state.select, kwargs={"ids": ""},
                  width="stretch", help="Glyphs caught elsewhere, on the map for one. Drop the set to see all others.",
                  key=f"{PREFIX}ids")  # fmt: skip
    chips(filters)
    parameters.reflect(f"{PREFIX}search", filters.search)
    st.text_input(
        "Search", key=f"{PREFIX}search", on_change=_changed, args=("search",), icon=":material/search:",
        placeholder="ب   U+0628   beh   latin e", help="A character, a code point, or part of a label.",
    )  # fmt: skip
    outcomes = {value.value: value.n for value in facets["outcome"]}
    parameters.reflect(f"{PREFIX}outcome", filters.outcome)
    st.selectbox(
        "Outcome", list(OUTCOMES), key=f"{PREFIX}outcome", on_change=_changed, args=("outcome",),
        format_func=lambda name: f"{OUTCOMES[name]}  ·  {outcomes.get(name, 0):,}" if name else OUTCOMES[name],
    )  # fmt: skip
    _choice("split", "Split", filters.split, facets["split"], str)
    _choice("char_class", "Class", filters.char_class, facets["char_class"], lambda name: CLASSES.get(name, name))
    _choice("family", "Family", filters.family, facets["family"], str)
    _choice("base", "Character", filters.base, facets["base"], _character)
    _choice("label", "Label", filters.label, facets["label"], readable)
    _choice("pred", "Read as", filters.pred, facets["pred"], readable)
    _size(filters.size, facets["size"])
    tags = {value.value for value in facets["tag"]}
    none = [FacetValue(tag, 0, 0) for tag in STANDARD if tag not in tags]
    _choice("tag", "Tags and notes", filters.tag, [*facets["tag"], *none], tagged)
    search_cells(filters)
    st.html(f'<div class="facet">Confidence</div>{confidence}')
    parameters.reflect(f"{PREFIX}confidence", (filters.p_min, filters.p_max))
    st.slider(
        "Confidence",
        0.0,
        1.0,
        step=1 / BUCKETS,
        key=f"{PREFIX}confidence",
        on_change=_confidence,
        format="%.1f",
        label_visibility="collapsed",
    )
    st.button("Reset filters", on_click=state.reset, width="stretch", disabled=filters == state.DEFAULT_FILTERS)


def _size(chosen: str, values: Sequence[FacetValue]) -> None:
    """One bucket of sizes, or whatever range a link names; nothing where sizes are unknown."""
    if not values and not chosen:
        return
    counts = {value.value: value for value in values}
    parameters.reflect(f"{PREFIX}size", chosen)
    st.selectbox(
        "Size", ["", *counts, *({chosen} - {"", *counts})], key=f"{PREFIX}size", on_change=_changed, args=("size",),
        format_func=lambda size: counted(em(size), counts.get(size)) if size else "any",
        help="Longer side of the box. Marks below 0.15 em are drawn at half scale.",
    )  # fmt: skip


def results_chosen(files: Sequence[ResultsFile], current: ResultsFile) -> None:
    """Choose among several results, and what is wrong with those that cannot be chosen."""
    results_chooser(
        files, current, lambda name: state.select(results=name), key=f"{PREFIX}results", label="visible"
    )  # fmt: skip
    for file in files:
        if file.problem:
            st.caption(f":orange[{file.problem}]")


def _choice(
    name: str, title: str, chosen: tuple[str, ...], values: Sequence[FacetValue], words: Callable[[str], str]
) -> None:
    counts = {value.value: value for value in values}
    # What is chosen stays on the list, even where other filters leave nothing of it.
    options = sorted({*counts, *chosen}, key=lambda value: (-counts[value].wrong if value in counts else 1, value))

    def line(value: str) -> str:
        return counted(words(value) or "unknown", counts.get(value))

    parameters.reflect(f"{PREFIX}{name}", list(chosen))
    st.multiselect(
        title, options, key=f"{PREFIX}{name}", on_change=_changed, args=(name,), format_func=line, placeholder="any",
        select_all=False,
    )  # fmt: skip


def counted(words: str, found: FacetValue | None) -> str:
    """A choice with what it would show, and how much of that is wrong, if it is neither all nor nothing."""
    if found is None:
        return f"{words}  ·  0"
    wrong = f"  ✗ {found.wrong:,}" if 0 < found.wrong < found.n else ""
    return f"{words}  ·  {found.n:,}{wrong}"


def _character(base: str) -> str:
    return f"{shown(base, '')}  {codepoints(base)}"


def _changed(name: str) -> None:
    value = st.session_state[f"{PREFIX}{name}"]
    state.select(**{name: tuple(value) if isinstance(value, list) else value or ""})


def _confidence() -> None:
    low, high = st.session_state[f"{PREFIX}confidence"]
    state.select(p_min=round(low, 2), p_max=round(max(high, low + 1 / BUCKETS), 2))
