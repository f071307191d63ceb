"""URL ↔ state. The URL is the only truth: every view is a link, reload and the back button just work.

Widgets are given their values from the URL at the start of each run and write it when they change. What equals the
default is left out; the default is what an engineer opens every morning, the errors on val, worst first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

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
LONGEST = 2000
"""Characters of a pattern in a URL."""


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


def decode(query: dict[str, list[str]]) -> View:
    """Query parameters → view; what is unknown or malformed falls back to the default."""

    def one(name: str, default: str = "") -> str:
        return query.get(name, [default])[-1]

    def number(name: str) -> int | None:
        text = one(name)
        return int(text) if re.fullmatch(r"-?\d{1,18}", text, re.ASCII) else None

    words: dict[str, Any] = {name: tuple(query[name]) for name in WORDS if query.get(name)}
    words["split"] = () if words.get("split") == (ALL,) else words.get("split", DEFAULT_FILTERS.split)
    outcome = one("outcome", DEFAULT_FILTERS.outcome)
    low, high = _range(one("p"))
    filters = Filters(
        **words, outcome=outcome if outcome in OUTCOMES else "", p_min=low, p_max=high, search=one("q")[:100],
        ids=one("ids") if KEY.fullmatch(one("ids")) else "",
        pattern=_sound(cell_pattern.parse, one("cells")), like=_sound(parse_likeness, one("like")),
        size=_sound(parse_size, one("size")),
    )  # fmt: skip
    sort = one("sort", own_sort(filters))
    return View(
        results=one("results"),
        filters=filters,
        sort=sort if sort in SORTS else own_sort(filters),
        start=number("at"),
        glyph=number("glyph"),
        layout="table" if one("layout") == "table" else "grid",
    )


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


def read(page: str) -> View:
    """The current view. Coming from another page by a bare link goes on with the last view of this session."""
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    arrived = st.session_state.get("page", page) != page
    st.session_state["page"] = page
    if arrived and not query and "view" in st.session_state:
        write(st.session_state["view"])
        return st.session_state["view"]
    st.session_state["view"] = decode(query)
    return st.session_state["view"]


def write(view: View) -> None:
    """Make ``view`` the current one, in the URL and for this session."""
    st.session_state["view"] = view
    query = encode(view)
    if query != {name: _plain(name) for name in st.query_params}:
        st.query_params.from_dict(query)


def select(**changes: Any) -> None:
    """Change filters (by field name), ``sort`` or ``results``, and start at the first page again."""
    view: View = st.session_state["view"]
    own = {name: changes.pop(name) for name in ("sort", "results", "layout") if name in changes}
    filters = replace(view.filters, **changes)
    write(replace(view, filters=filters, start=None, glyph=None, **(_resorted(view, filters) | own)))


def reset() -> None:
    """Back to the default filters; sort and results stay."""
    view: View = st.session_state["view"]
    write(replace(view, filters=DEFAULT_FILTERS, start=None, glyph=None, **_resorted(view, DEFAULT_FILTERS)))


def _resorted(view: View, filters: Filters) -> dict[str, Any]:
    """The sort that goes with a likeness comes and goes with it."""
    if filters.like == view.filters.like:
        return {}
    return {"sort": "similar"} if filters.like else {"sort": "loss"} if view.sort == "similar" else {}


def _sound(parse: Callable[[str], object], text: str) -> str:
    """What ``parse`` takes, nothing where it is malformed."""
    text = text[:LONGEST].strip()
    try:
        parse(text)
    except GlyphError:
        return ""
    return text


def _plain(name: str) -> str | list[str]:
    return st.query_params.get_all(name) if name in WORDS else st.query_params[name]


def _range(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split("-"))
    except ValueError:
        return 0.0, 1.0
    return (low, high) if 0 <= low < high <= 1 else (0.0, 1.0)
