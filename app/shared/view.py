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
from glyphcore.errors import StoreError
from glyphcore.results import where
from glyphcore.results.browse import ResultRow
from glyphcore.results.filters import EVERYTHING, Filters, own_sort, parse_likeness, parse_most, parse_sort

Query = where.Query
DEFAULT_FILTERS = where.BROWSE
CARRIED = tuple(name for name in where.WORDS if name not in ("split", "outcome"))
"""Words of an address that every page has; split and outcome are a page's own."""
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
    most: str = ""
    """``family:3``: at most so many of a group, the first ones in the order."""


def decode(query: Mapping[str, list[str]], refused: Callable[[str], object] = lambda line: None) -> View:
    """Query parameters → view. What is malformed is left out, as if the link did not have it; ``refused`` gets a line
    about each of these.
    """

    def one(name: str, fits: Callable[[str], object]) -> str:
        text = query.get(name, [""])[-1].strip()
        if not text or fits(text):
            return text
        quoted(name, text)
        return ""

    def number(name: str) -> int | None:
        text = one(name, lambda text: re.fullmatch(r"-?\d{1,18}", text, re.ASCII))
        return int(text) if text else None

    def quoted(name: str, text: str) -> None:
        refused(f"The link's {name}={text[: parameters.MAX_QUOTED_CHARACTERS]} means nothing and was left out")

    filters = where.decode(query, DEFAULT_FILTERS, quoted)
    sort = one("sort", _means(parse_sort))
    return View(
        results=one("results", lambda text: True),
        filters=filters,
        sort=parse_sort(sort) if sort else own_sort(filters),
        start=number("at"),
        glyph=number("glyph"),
        layout=one("layout", ("grid", "table").__contains__) or "grid",
        most=one("most", _means(parse_most)),
    )


def _means(parse: Callable[[str], object]) -> Callable[[str], bool]:
    """Whether ``parse`` takes a text."""

    def fits(text: str) -> bool:
        try:
            parse(text)
        except StoreError:
            return False
        return True

    return fits


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
    changes |= _unknown(replace(view.filters, **changes), words, has, report=not reported)
    own: dict[str, Any] = {"sort": "loss"} if changes.get("like") == "" and view.sort == "similar" else {}
    st.session_state["view"] = replace(view, filters=replace(view.filters, **changes), **own)
    return st.session_state["view"]


def _unknown(
    filters: Filters, words: Mapping[str, Sequence[str]], has: Callable[[int], bool], *, report: bool
) -> dict[str, Any]:
    """Filters as they are without what these results do not have; ``report`` says what that is."""
    changes: dict[str, Any] = {}

    def left_out(what: str) -> None:
        if report:
            refuse(f"These results have no {what}: it was left out")

    for name, title in TITLES.items():
        named = (*getattr(filters, name), *filters.without(name))
        if unknown := [value for value in named if value not in words[name]]:
            changes[name] = tuple(value for value in getattr(filters, name) if value in words[name])
            excluded = changes.get("excluded", filters.excluded)
            changes["excluded"] = tuple(pair for pair in excluded if pair[0] != name or pair[1] in words[name])
            left_out(f"{title} “{', '.join(unknown)[: parameters.MAX_QUOTED_CHARACTERS]}”")
    if filters.like and not has(glyph := parse_likeness(filters.like)[1]):
        changes["like"] = ""
        left_out(f"glyph {glyph} that others could be like")
    return changes


def encode(view: View) -> Query:
    """Inverse of :func:`decode`."""
    optional = {
        "results": view.results,
        "sort": view.sort if view.sort != own_sort(view.filters) else "",
        "most": view.most,
        "at": "" if view.start is None else str(view.start),
        "glyph": "" if view.glyph is None else str(view.glyph),
        "layout": view.layout if view.layout != "grid" else "",
    }
    return where.encode(view.filters, DEFAULT_FILTERS) | {name: value for name, value in optional.items() if value}


def alike(view: View, by: str) -> View:
    """The glyphs that are likest to the one that ``view`` looks at, ``by`` grid or embedding."""
    return View(view.results, Filters(like=f"{by}-{view.glyph}"), "similar")


def search(
    results: str = "", *, cells: str = "", like: str = "", outcome: str = "", split: str = "",
    within: Filters = EVERYTHING,
) -> Query:  # fmt: skip
    """The link to Browse for all glyphs ``within`` a selection with a pattern of cells or like one; raises StoreError
    for a malformed one."""
    pattern = " ".join(filter(None, (within.pattern, cells)))
    filters = replace(
        within, pattern=pattern, like=like or within.like, outcome=outcome, split=(split,) if split else ()
    )
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
    """Change the current view as :func:`selected`."""
    write(selected(st.session_state["view"], **changes))


def selected(view: View, **changes: Any) -> View:
    """``view`` with other filters (by field name), order, ``results`` or ``layout``, at the first page again."""
    own = {name: changes.pop(name) for name in ("sort", "most", "results", "layout") if name in changes}
    filters = replace(view.filters, **changes)
    return replace(view, filters=filters, start=None, glyph=None, **(_resorted(view, filters) | own))


def carried() -> Filters:
    """The selection that goes along from page to page: all of this session's filters but split and outcome."""
    return where.everywhere(_current().filters)


def shown(filters: Filters) -> Filters:
    """What the line under the navigation says of Browse's filters: all that other pages narrow to, and what Browse
    alone excludes. The panel beside it shows split and outcome."""
    return replace(where.everywhere(filters), excluded=filters.excluded)


def arrive() -> str:
    """Come to a page other than Browse: its results file, and the selection that :func:`carried` is from now on.

    Both are those of the URL; behind a link of the navigation, those that this session goes on with.
    """
    goes_on = parameters.continued()
    if goes_on:
        parameters.update(results=st.session_state.get("results", ""))
    st.session_state["results"] = parameters.word("results")
    adopt(goes_on)
    return st.session_state["results"]


def adopt(goes_on: bool) -> None:
    """Make the selection of the URL that of this session; write this session's into it where it ``goes_on``."""
    if goes_on:
        parameters.update(**carried_words(carried()))
    query = address.query()
    reported = st.session_state.get("decoded") == query
    st.session_state["decoded"] = query
    carry(decode({name: query[name] for name in CARRIED if name in query}, _unsaid if reported else refuse).filters)


def fit(words: Mapping[str, Sequence[str]], has: Callable[[int], bool]) -> Filters:
    """:func:`carried` as these results can narrow to it: what they do not have is left out, which is said once."""
    reported = st.session_state.get("fitted") == (carried(), st.session_state.get("results"))
    st.session_state["fitted"] = carried(), st.session_state.get("results")
    carry(replace(carried(), **_unknown(carried(), words, has, report=not reported)))
    return carried()


def narrow(**changes: Any) -> None:
    """Change the selection on a page other than Browse; the page's own parameters stay."""
    carry(replace(carried(), **changes))
    parameters.update(**carried_words(carried()))


def carried_words(filters: Filters) -> dict[str, Any]:
    """Every one of :data:`CARRIED` as an address has it, None for those that it does not."""
    return dict.fromkeys(CARRIED) | where.encode(filters)


def carry(filters: Filters) -> None:
    """Browse goes on with this selection too, and keeps its own split and outcome."""
    view = _current()
    own = tuple(pair for pair in view.filters.excluded if pair[0] in ("split", "outcome"))
    filters = replace(filters, split=view.filters.split, outcome=view.filters.outcome,
                      excluded=(*where.everywhere(filters).excluded, *own))  # fmt: skip
    if filters != view.filters:
        st.session_state["view"] = replace(view, filters=filters, start=None, glyph=None, **_resorted(view, filters))


def _current() -> View:
    return st.session_state.get("view") or View(filters=defaults())


def _unsaid(_line: str) -> None:
    return None


def hide_family(rows: Sequence[ResultRow]) -> None:
    """Exclude the families of some glyphs; the whole page follows."""
    filters: Filters = _current().filters
    hidden = dict.fromkeys([*filters.excluded, *(("family", row.family) for row in rows)])
    families = tuple(name for name in filters.family if ("family", name) not in hidden)
    select(excluded=tuple(hidden), family=families)
    st.session_state["again"] = True


def open_group(rows: Sequence[ResultRow]) -> None:
    """Show all glyphs of the group that a glyph stands for: its family, or its confusion; the whole page follows."""
    view: View = st.session_state["view"]
    for row in rows if view.most else ():
        group, _ = parse_most(view.most)
        own: dict[str, Any] = (
            {"family": (row.family,)} if group == "family" else {"label": (row.label,), "pred": (row.pred,)}
        )
        select(most="", **own)
        st.session_state["again"] = True


def resort(sort: str) -> None:
    """Sort otherwise, from within the glyphs; the whole page follows."""
    select(sort=sort)
    st.session_state["again"] = True


def turn(start: int) -> None:
    """Show the page that starts at a glyph."""
    write(replace(st.session_state["view"], start=start, glyph=None))


def defaults() -> Filters:
    """The filters of a bare address, for the results that this session looked at last."""
    return st.session_state.get("defaults", DEFAULT_FILTERS)


def reset() -> None:
    """Back to the default filters; order and results stay."""
    view: View = st.session_state["view"]
    write(replace(view, filters=defaults(), start=None, glyph=None, **_resorted(view, defaults())))


def _resorted(view: View, filters: Filters) -> dict[str, Any]:
    """The sort that goes with a likeness comes and goes with it."""
    if filters.like == view.filters.like:
        return {}
    return {"sort": "similar"} if filters.like else {"sort": "loss"} if view.sort == "similar" else {}
