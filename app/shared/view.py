"""URL ↔ state. The URL is the only source of state: every view is a link, and reload and the back button work.

Widgets get their values from the URL at the start of each run, and write the URL when they change. Default values are
left out. The default is the view that an engineer opens every morning: the errors on val, worst first.
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
"""Address parameters shared by all pages; split and outcome belong to each page."""
TITLES = {
    "split": "split", "char_class": "class", "family": "family", "label": "label", "base": "character",
    "pred": "predicted label",
}  # fmt: skip


@dataclass(frozen=True)
class View:
    """The state that decides what is on the screen."""

    results: str = ""
    """File name of the results; empty means the newest results of the current database."""
    filters: Filters = field(default=DEFAULT_FILTERS)
    sort: str = "loss"
    start: int | None = None
    """First glyph of the page."""
    glyph: int | None = None
    """Glyph under inspection."""
    layout: str = "grid"
    most: str = ""
    """``family:3``: at most 3 glyphs of each family, the first ones in the order."""


def decode(query: Mapping[str, list[str]], refused: Callable[[str], object] = lambda line: None) -> View:
    """Turn query parameters into a view. A malformed parameter is left out, as if the link did not have it;
    ``refused`` gets one line about each of them.
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
        refused(f"The link's {name}={text[: parameters.MAX_QUOTED_CHARACTERS]} is not valid and was ignored")

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
    """Return a function that tells whether ``parse`` accepts a text."""

    def fits(text: str) -> bool:
        try:
            parse(text)
        except StoreError:
            return False
        return True

    return fits


def fitted(view: View, words: Mapping[str, Sequence[str]], has: Callable[[int], bool], *, own_splits: bool) -> View:
    """Return ``view`` as these results can show it, and make it the current view.

    ``words`` has all values in the results, by facet; ``has`` tells whether the results have a glyph. Conditions on
    other values or glyphs are left out, which is reported once. Tags are not checked, because users make them up: a tag
    that no glyph has selects no glyphs. Without ``own_splits``, the splits of a database are only derived, and a link
    without a split means all glyphs and not val.
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
    """Return the changes of filters that drop values these results do not have; ``report`` reports these values."""
    changes: dict[str, Any] = {}

    def left_out(what: str) -> None:
        if report:
            refuse(f"These results have no {what}; the condition was removed")

    for name, title in TITLES.items():
        named = (*getattr(filters, name), *filters.without(name))
        if unknown := [value for value in named if value not in words[name]]:
            changes[name] = tuple(value for value in getattr(filters, name) if value in words[name])
            excluded = changes.get("excluded", filters.excluded)
            changes["excluded"] = tuple(pair for pair in excluded if pair[0] != name or pair[1] in words[name])
            left_out(f"{title} “{', '.join(unknown)[: parameters.MAX_QUOTED_CHARACTERS]}”")
    if filters.like and not has(glyph := parse_likeness(filters.like)[1]):
        changes["like"] = ""
        left_out(f"glyph {glyph} for the search by similarity")
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
    """Return the view of the glyphs most similar to the glyph of ``view``, ``by`` grid or embedding."""
    return View(view.results, Filters(like=f"{by}-{view.glyph}"), "similar")


def search(
    results: str = "", *, cells: str = "", like: str = "", outcome: str = "", split: str = "",
    within: Filters = EVERYTHING,
) -> Query:  # fmt: skip
    """Return the link to Browse for all glyphs ``within`` a selection that match a pattern of cells or are similar to a
    glyph. Raises StoreError for a malformed pattern or glyph."""
    pattern = " ".join(filter(None, (within.pattern, cells)))
    filters = replace(
        within, pattern=pattern, like=like or within.like, outcome=outcome, split=(split,) if split else ()
    )
    return encode(View(results, filters, own_sort(filters)))


def read() -> View:
    """Return the current view: the view of the URL, or the view that this session continues."""
    if parameters.continued() and "view" in st.session_state:
        write(st.session_state["view"])
        return st.session_state["view"]
    query = address.query()
    reported = st.session_state.get("decoded") == query  # faults of a link are reported once, not on every run
    st.session_state["decoded"] = query
    st.session_state["view"] = decode(query) if reported else decode(query, refuse)
    return st.session_state["view"]


def write(view: View) -> None:
    """Make ``view`` the current one, in the URL and for this session."""
    st.session_state["view"] = view
    address.write(encode(view))


def select(**changes: Any) -> None:
    """Change the current view as :func:`selected` does."""
    write(selected(st.session_state["view"], **changes))


def selected(view: View, **changes: Any) -> View:
    """Return ``view`` with changed filters (by field name), order, ``results`` or ``layout``, at the first page."""
    own = {name: changes.pop(name) for name in ("sort", "most", "results", "layout") if name in changes}
    filters = replace(view.filters, **changes)
    return replace(view, filters=filters, start=None, glyph=None, **(_resorted(view, filters) | own))


def carried() -> Filters:
    """Return the selection that all pages share: all of this session's filters except split and outcome."""
    return where.everywhere(_current().filters)


def shown(filters: Filters) -> Filters:
    """Return the part of Browse's filters for the line under the navigation: all filters that other pages use, and the
    exclusions of Browse alone. The panel beside the line shows split and outcome."""
    return replace(where.everywhere(filters), excluded=filters.excluded)


def arrive() -> str:
    """Start a page other than Browse: return its results file, and set the selection that :func:`carried` returns.

    Both come from the URL, or from this session if a link of the navigation led here.
    """
    goes_on = parameters.continued()
    if goes_on:
        parameters.update(results=st.session_state.get("results", ""))
    st.session_state["results"] = parameters.word("results")
    adopt(goes_on)
    return st.session_state["results"]


def adopt(goes_on: bool) -> None:
    """Take over the selection of the URL. If the session ``goes_on``, first write its selection into the URL."""
    if goes_on:
        parameters.update(**carried_words(carried()))
    query = address.query()
    reported = st.session_state.get("decoded") == query
    st.session_state["decoded"] = query
    carry(decode({name: query[name] for name in CARRIED if name in query}, _unsaid if reported else refuse).filters)


def fit(words: Mapping[str, Sequence[str]], has: Callable[[int], bool]) -> Filters:
    """Return :func:`carried` without conditions that these results cannot meet; these are reported once."""
    reported = st.session_state.get("fitted") == (carried(), st.session_state.get("results"))
    st.session_state["fitted"] = carried(), st.session_state.get("results")
    carry(replace(carried(), **_unknown(carried(), words, has, report=not reported)))
    return carried()


def narrow(**changes: Any) -> None:
    """Change the selection on a page other than Browse. The page's own parameters stay."""
    carry(replace(carried(), **changes))
    parameters.update(**carried_words(carried()))


def carried_words(filters: Filters) -> dict[str, Any]:
    """Return the address values of all :data:`CARRIED` parameters; None for a parameter that the address lacks."""
    return dict.fromkeys(CARRIED) | where.encode(filters)


def carry(filters: Filters) -> None:
    """Make ``filters`` the selection of Browse too. Browse keeps its own split and outcome."""
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
    """Exclude the families of some glyphs, and rerun the whole page."""
    filters: Filters = _current().filters
    hidden = dict.fromkeys([*filters.excluded, *(("family", row.family) for row in rows)])
    families = tuple(name for name in filters.family if ("family", name) not in hidden)
    select(excluded=tuple(hidden), family=families)
    st.session_state["again"] = True


def only(key: str) -> None:
    """Show only the glyphs of a stored set, and rerun the whole page; an empty key changes nothing."""
    if key:
        select(ids=key)
        st.session_state["again"] = True


def open_group(rows: Sequence[ResultRow]) -> None:
    """Show all glyphs of the group that a glyph represents (its family or its confusion), and rerun the whole page."""
    view: View = st.session_state["view"]
    for row in rows if view.most else ():
        group, _ = parse_most(view.most)
        own: dict[str, Any] = (
            {"family": (row.family,)} if group == "family" else {"label": (row.label,), "pred": (row.pred,)}
        )
        select(most="", **own)
        st.session_state["again"] = True


def resort(sort: str) -> None:
    """Change the sort from within the fragment of the glyphs, and rerun the whole page."""
    select(sort=sort)
    st.session_state["again"] = True


def turn(start: int) -> None:
    """Show the page that starts at a glyph."""
    write(replace(st.session_state["view"], start=start, glyph=None))


def defaults() -> Filters:
    """Return the filters of an address without parameters, for the results that this session looked at last."""
    return st.session_state.get("defaults", DEFAULT_FILTERS)


def reset() -> None:
    """Go back to the default filters; order and results stay."""
    view: View = st.session_state["view"]
    write(replace(view, filters=defaults(), start=None, glyph=None, **_resorted(view, defaults())))


def _resorted(view: View, filters: Filters) -> dict[str, Any]:
    """Set or remove the sort by similarity when a likeness filter appears or disappears."""
    if filters.like == view.filters.like:
        return {}
    return {"sort": "similar"} if filters.like else {"sort": "loss"} if view.sort == "similar" else {}
