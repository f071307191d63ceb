"""A selection as text: the words of the app's addresses, which only this module reads and writes.

``char_class=digit&not=family:Kalam`` means the same in the browser's address, on the command line and in Python.

==============  ====================================================================================
``split`` …     ``char_class``, ``family``, ``label``, ``base``, ``pred``, ``tag``; several times: any of them
``not``         a value that a glyph must not have, ``family:Kalam``; several times: none of them
``outcome``     one of :data:`~glyphcore.results.filters.OUTCOMES`
``p``           confidence from and below, ``0.3-0.6``; 1 includes 1
``q``           a search: a character, a code point, part of a label
``ids``         a stored set of glyphs
``cells``       a pattern of cells
``like``        ``grid-17``: glyphs similar to a glyph
``size``        longer side in em, ``0.15-0.2``
==============  ====================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from glyphcore.errors import GlyphError, StoreError
from glyphcore.results import cell_pattern
from glyphcore.results.buckets import parse_size
from glyphcore.results.filters import (
    EVERYTHING,
    OUTCOMES,
    Filters,
    parse_exclusion,
    parse_likeness,
    parse_most,
    parse_sort,
)  # fmt: skip
from glyphcore.results.sets import KEY

Query = dict[str, str | list[str]]
SEVERAL = ("split", "char_class", "family", "label", "base", "pred", "tag")
"""Words that may occur several times and are fields of :class:`Filters` with the same name."""
WORDS = (*SEVERAL, "not", "outcome", "p", "q", "ids", "cells", "like", "size")
"""All words of a selection."""
BROWSE = Filters(split=("val",), outcome="wrong")
"""Default filters of the address of Browse."""
BROWSED = ("", "browse", "inspect")
"""Pages for whose addresses :data:`BROWSE` is the default where they name neither split nor outcome."""
ALL = "all"
"""Written where "no filter" differs from the default."""
LONGEST, LONGEST_SEARCH, QUOTED = 2000, 100, 60
"""Largest numbers of characters: of a pattern or an exclusion, of a search, and of a malformed text that is quoted."""
WRITE = "Write it as in a link of the app: 'char_class=digit&not=family:Kalam'."


def decode(
    query: Mapping[str, list[str]], defaults: Filters = EVERYTHING, refused: Callable[[str, str], object] | None = None
) -> Filters:
    """Convert parameters of an address to filters; parameters other than :data:`WORDS` are ignored.

    Malformed parameters are left out, as if the address did not have them; ``refused`` gets their name and value.
    ``defaults`` has the split and the outcome for addresses that name none.
    """

    def left_out(name: str, text: str) -> None:
        if refused is not None:
            refused(name, text)

    def one(name: str, fits: Callable[[str], object]) -> str:
        text = query.get(name, [""])[-1].strip()
        if not text or fits(text):
            return text
        left_out(name, text)
        return ""

    words: dict[str, Any] = {name: tuple(query[name]) for name in SEVERAL if query.get(name)}
    words["split"] = () if words.get("split") == (ALL,) else words.get("split", defaults.split)
    outcome = one("outcome", (*OUTCOMES, ALL).__contains__) or defaults.outcome
    low, high = _range(one("p", _range)) or (0.0, 1.0)
    excluded = []
    for text in dict.fromkeys(query.get("not", [])):
        if _parses(parse_exclusion)(text):
            excluded.append(parse_exclusion(text))
        else:
            left_out("not", text)
    return Filters(
        **words, outcome="" if outcome == ALL else outcome, p_min=low, p_max=high, excluded=tuple(excluded),
        search=one("q", lambda text: len(text) <= LONGEST_SEARCH), ids=one("ids", KEY.fullmatch),
        pattern=one("cells", _parses(cell_pattern.parse)), like=one("like", _parses(parse_likeness)),
        size=one("size", _parses(parse_size)),
    )  # fmt: skip


def encode(filters: Filters, defaults: Filters = EVERYTHING) -> Query:
    """Convert filters to parameters, the inverse of :func:`decode`; values equal to ``defaults`` are left out."""
    query: Query = {name: list(getattr(filters, name)) for name in SEVERAL if getattr(filters, name)}
    if filters.split == defaults.split:
        query.pop("split", None)
    elif not filters.split:
        query["split"] = ALL
    if filters.excluded:
        query["not"] = [f"{name}:{value}" for name, value in filters.excluded]
    if filters.outcome != defaults.outcome:
        query["outcome"] = filters.outcome or ALL
    if (filters.p_min, filters.p_max) != (0.0, 1.0):
        query["p"] = f"{filters.p_min:g}-{filters.p_max:g}"
    optional = {
        "q": filters.search, "ids": filters.ids, "cells": filters.pattern, "like": filters.like, "size": filters.size,
    }  # fmt: skip
    return query | {name: value for name, value in optional.items() if value}


def parse(text: str) -> Filters:
    """Read a selection as somebody types or pastes it.

    A text without an address is the selection itself. A whole link (``http://…/?family=Amiri``, ``/dashboard?…``)
    stands for the selection that its page shows; its other parameters belong to the page. Raises StoreError for an
    unknown word, and for a malformed value.
    """
    try:
        address = urlsplit(text.strip())
        link = bool(address.scheme) or text.strip().startswith(("/", "?"))
        query = parse_qs(address.query if link else text.strip(), keep_blank_values=True, strict_parsing=not link)
    except ValueError as error:
        if not text.strip():
            return EVERYTHING
        raise StoreError(f"{text!r:.{QUOTED}} is not a selection.", remedy=WRITE) from error
    if unknown := [name for name in query if name not in WORDS and not link]:
        raise StoreError(
            f"{unknown[0]!r:.{QUOTED}} is not a field of a selection.", remedy=f"Fields are {', '.join(WORDS)}."
        )
    if twice := [name for name in WORDS if name not in (*SEVERAL, "not") and len(query.get(name, [])) > 1]:
        raise StoreError(f"{twice[0]}= occurs twice.", remedy="Leave one of them.")

    def refused(name: str, value: str) -> None:
        raise StoreError(f"{name}={value[:QUOTED]} is not valid.", remedy=_remedy(name))

    return decode(query, BROWSE if link and address.path.strip("/") in BROWSED else EVERYTHING, refused)


def order(text: str) -> tuple[str, str]:
    """Return the sort and the limit of groups in a whole link of Browse, each empty where the link has none.

    Raises StoreError for an invalid sort or limit. A text without an address has neither.
    """
    address = urlsplit(text.strip())
    if not (address.scheme or text.strip().startswith(("/", "?"))) or address.path.strip("/") not in BROWSED:
        return "", ""
    query = parse_qs(address.query)
    sort, most = (query.get(name, [""])[-1] for name in ("sort", "most"))
    if most:
        parse_most(most)
    return parse_sort(sort) if sort else "", most


def write(filters: Filters) -> str:
    """Convert filters to text; the inverse of :func:`parse`."""
    return urlencode(encode(filters), doseq=True, safe=":,/ ")


def everywhere(filters: Filters) -> Filters:
    """Return the part of a selection that is kept from page to page: all but split and outcome, which each page has
    itself."""
    excluded = tuple(pair for pair in filters.excluded if pair[0] not in ("split", "outcome"))
    return replace(filters, split=(), outcome="", excluded=excluded)


def of_figures(text: str, split: str) -> tuple[Filters, str, str]:
    """Return filters, split, and a sentence on what was left out, from the options ``--where`` and ``--split`` of a
    figure.

    Figures are about right and wrong glyphs of one split, so an outcome is left out. Raises StoreError for more than
    one split, and as :func:`parse` does.
    """
    filters = parse(text)
    splits = tuple(dict.fromkeys((*filters.split, *filter(None, [split]))))
    if len(splits) > 1:
        raise StoreError(f"Figures need a single split, not {' and '.join(splits)}.", remedy="Name one.")
    kept = everywhere(filters)
    out = [f"outcome={filters.outcome}"] if filters.outcome else []
    out += [f"not={name}:{value}" for name, value in filters.excluded if (name, value) not in kept.excluded]
    remark = f"{', '.join(out)} ignored: figures count right and wrong glyphs of one split" if out else ""
    return kept, splits[0] if splits else "", remark


def _remedy(name: str) -> str:
    """Return how a word is written."""
    return {
        "outcome": f"Use one of {', '.join(OUTCOMES)}.", "p": "Write p=0.3-0.6, between 0 and 1.",
        "cells": cell_pattern.HELP, "like": "Write like=grid-17 or like=embedding-17.",
        "size": "Write size=0.15-0.2, or size=0.4- for all above, in em.",
        "not": "Write not=family:Kalam.", "ids": "Copy it from a link.",
    }.get(name, "Make it shorter.")  # fmt: skip


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    """Return a function that tells whether ``parse`` accepts a text."""

    def fits(text: str) -> bool:
        try:
            parse(text)
        except GlyphError:
            return False
        return len(text) <= LONGEST

    return fits


def _range(text: str) -> tuple[float, float] | None:
    try:
        low, high = (float(part) for part in text.split("-"))
    except ValueError:
        return None
    return (low, high) if 0 <= low < high <= 1 else None
