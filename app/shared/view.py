"""URL ↔ state. The URL is the only truth: every view is a link, reload and the back button just work.

Widgets are given their values from the URL at the start of each run and write it when they change. What equals the
default is left out; the default is what an engineer opens every morning, the errors on val, worst first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from app.shared import address, parameters
from app.shared.refusals import refuse
from glyphcore.errors import GlyphError
from glyphcore.results import cell_pattern
from glyphcore.results.buckets import parse_size
from glyphcore.results.filters import OUTCOMES, SORTS, Filters, parse_likeness
from glyphcore.results.sets import KEY

Query = dict[str, str | list[str]]
WORDS = ("split", "char_class", "family", "label", "base", "pred", "tag")
DEFAULT_FILTERS = Filters(split=("val",), outcome="wrong")
ALL = "all"
"""Written where "no filter" differs from the default."""
MAX_CHARACTERS = 2000
"""Characters of a pattern in a URL."""
MAX_SEARCH_CHARACTERS = 100
TITLES = {
    "split": "split", "char_class": "class", "family": "family", "label": "label", "base": "character",
    "pred": "label read",
}  # fmt: skip


@dataclass(frozen=True)
class View:
    """Everything that decides what is on the screen."""

    results: str = ""
    """File name of the results; empty is the newest of the current database."""
    filters: Filters = field(default=DEFAULT_FILTERS)
    sort: str = "loss"
    start: int | None = None
    """Glyph that the page starts at."""
    glyph: int | None = None
    """The glyph looked at."""
    layout: str = "grid"


def decode(query: Mapping[str, list[str]], refused: Callable[[str], object] = lambda line: None) -> View:
    """Query parameters → view. What is malformed is left out, as if the link did not have it; ``refused`` gets a line
    about each of these.
    """

    def one(name: str, fits: Callable[[str], object]) -> str:
        text = query.get(name, [""])[-1].strip()
        if not text or fits(text):
            return text
        refused(f"The link's {name}={text[: parameters.MAX_QUOTED_CHARACTERS]} means nothing and was left out")
        return ""

    def number(name: str) -> int | None:
        text = one(name, lambda text: re.fullmatch(r"-?\d{1,18}", text, re.ASCII))
        return int(text) if text else None

    words: dict[str, Any] = {name: tuple(query[name]) for name in WORDS if query.get(name)}
    words["split"] = () if words.get("split") == (ALL,) else words.get("split", DEFAULT_FILTERS.split)
    outcome = one("outcome", (*OUTCOMES, ALL).__contains__) or DEFAULT_FILTERS.outcome
    low, high = _range(one("p", _range)) or (0.0, 1.0)
    filters = Filters(
        **words, outcome="" if outcome == ALL else outcome, p_min=low, p_max=high,
        search=one("q", lambda text: len(text) <= MAX_SEARCH_CHARACTERS), ids=one("ids", KEY.fullmatch),
        pattern=one("cells", _parses(cell_pattern.parse)), like=one("like", _parses(parse_likeness)),
        size=one("size", _parses(parse_size)),
    )  # fmt: skip
    return View(
        results=one("results", lambda text: True),
        filters=filters,
        sort=one("sort", SORTS.__contains__) or own_sort(filters),
        start=number("at"),
        glyph=number("glyph"),
        layout=one("layout", ("grid", "table").__contains__) or "grid",
    )


def fitted(view: View, words: Mapping[str, Sequence[str]], has: Callable[[int], bool], *, own_splits: bool) -> View:
    """``view`` as these results can show it; it becomes the current one.

    ``words``: by facet, all values in the results; ``has`` tells whether they have a glyph. What they do not have is
    left out, which is said once. A tag is anybody's word, and one that no glyph has selects none. Without
    ``own_splits``, a database's splits are only derived, and a link that names none means all glyphs instead of val.
    """
    defaults = DEFAULT_FILTERS if own_splits and "val" in words["split"] else replace(DEFAULT_FILTERS, split=())
    st.session_state["defaults"] = defaults
    changes: dict[str, Any] = {} if "split" in st.query_params else {"split": defaults.split}
    reported = st.session_state.get("fitted") == view
    st.session_state["fitted"] = view
    for name, title in TITLES.items():
        chosen = changes.get(name, getattr(view.filters, name))
        if unknown := [value for value in chosen if value not in words[name]]:
            changes[name] = tuple(value for value in chosen if value in words[name])
            if not reported:
                refuse(
                    f"These results have no {title} “{', '.join(unknown)[: parameters.MAX_QUOTED_CHARACTERS]}”: "
                    "it was left out"
                )
    own: dict[str, Any] = {}
    if view.filters.like and not has(glyph := parse_likeness(view.filters.like)[1]):
        changes["like"] = ""
        own = {"sort": "loss"} if view.sort == "similar" else {}
        if not reported:
            refuse(f"These results have no glyph {glyph} that others could be like: it was left out")
    st.session_state["view"] = replace(view, filters=replace(view.filters, **changes), **own)
    return st.session_state["view"]


def encode(view: View) -> Query:
    """Inverse of :func:`decode`."""
    query: Query = {name: list(getattr(view.filters, name)) for name in WORDS if getattr(view.filters, name)}
    if view.filters.split == DEFAULT_FILTERS.split:
        del query["split"]
    elif not view.filters.split:
        query["split"] = ALL
    if view.filters.outcome != DEFAULT_FILTERS.outcome:
        query["outcome"] = view.filters.outcome or ALL
    if (view.filters.p_min, view.filters.p_max) != (0.0, 1.0):
        query["p"] = f"{view.filters.p_min:g}-{view.filters.p_max:g}"
    optional = {
        "q": view.filters.search,
        "ids": view.filters.ids,
        "cells": view.filters.pattern,
        "like": view.filters.like,
        "size": view.filters.size,
        "results": view.results,
        "sort": view.sort if view.sort != own_sort(view.filters) else "",
        "at": "" if view.start is None else str(view.start),
        "glyph": "" if view.glyph is None else str(view.glyph),
        "layout": view.layout if view.layout != "grid" else "",
    }
    return query | {name: value for name, value in optional.items() if value}


def own_sort(filters: Filters) -> str:
    """The sort that is meant when none is named: likest first among glyphs like one, else worst first."""
    return "similar" if filters.like else "loss"


def alike(view: View, by: str) -> View:
    """The glyphs that are likest to the one that ``view`` looks at, ``by`` grid or embedding."""
    return View(view.results, Filters(like=f"{by}-{view.glyph}"), "similar")


def search(results: str = "", *, cells: str = "", like: str = "", outcome: str = "", split: str = "") -> Query:
    """The link to Browse for all glyphs with a pattern of cells or like one; raises StoreError for a malformed one."""
    filters = Filters(pattern=cells, like=like, outcome=outcome, split=(split,) if split else ())
    return encode(View(results, filters, own_sort(filters)))


def read() -> View:
    """The current view: the URL's, or the one that this session goes on with."""
    if parameters.continued() and "view" in st.session_state:
        write(st.session_state["view"])
        return st.session_state["view"]
    query = address.query()
    reported = st.session_state.get("decoded") == query  # a link's faults are said once, not on every run
    st.session_state["decoded"] = query
    st.session_state["view"] = decode(query) if reported else decode(query, refuse)
    return st.session_state["view"]


def write(view: View) -> None:
    """Make ``view`` the current one, in the URL and for this session."""
    st.session_state["view"] = view
    address.write(encode(view))


def select(**changes: Any) -> None:
    """Change filters (by field name), ``sort`` or ``results``, and start at the first page again."""
    view: View = st.session_state["view"]
    own = {name: changes.pop(name) for name in ("sort", "results", "layout") if name in changes}
    filters = replace(view.filters, **changes)
    write(replace(view, filters=filters, start=None, glyph=None, **(_resorted(view, filters) | own)))


def turn(start: int) -> None:
    """Show the page that starts at a glyph."""
    write(replace(st.session_state["view"], start=start, glyph=None))


def defaults() -> Filters:
    """The filters of a bare address, for the results that this session looked at last."""
    return st.session_state.get("defaults", DEFAULT_FILTERS)


def reset() -> None:
    """Back to the default filters; sort and results stay."""
    view: View = st.session_state["view"]
    write(replace(view, filters=defaults(), start=None, glyph=None, **_resorted(view, defaults())))


def _resorted(view: View, filters: Filters) -> dict[str, Any]:
    """The sort that goes with a likeness comes and goes with it."""
    if filters.like == view.filters.like:
        return {}
    return {"sort": "similar"} if filters.like else {"sort": "loss"} if view.sort == "similar" else {}


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    """Whether ``parse`` takes a text."""

    def fits(text: str) -> bool:
        try:
            parse(text)
        except GlyphError:
            return False
        return len(text) <= MAX_CHARACTERS

    return fits


def _range(text: str) -> tuple[float, float] | None:
    try:
        low, high = (float(part) for part in text.split("-"))
    except ValueError:
        return None
    return (low, high) if 0 <= low < high <= 1 else None
