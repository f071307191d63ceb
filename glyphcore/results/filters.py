"""Filters over results and their text forms, outcomes, sorts and facets. This module uses no arrays."""

from __future__ import annotations

from dataclasses import dataclass

from glyphcore.errors import StoreError
from glyphcore.results import cell_pattern
from glyphcore.results.buckets import parse_size

OUTCOMES = ("right", "wrong", "unicode_wrong", "form_wrong", "twin", "twin_wrong", "beyond_top5", "noise")
"""Outcomes of a glyph. right/wrong: by label. unicode_wrong: another character. form_wrong: the right character in
another form. twin: wrong, but drawn alike. twin_wrong: wrong, and not drawn alike. beyond_top5: the truth is not among
the five candidates. noise: the label itself is doubtful (:mod:`glyphcore.analysis.label_issues`)."""
ORDERED = (
    "margin", "entropy", "rank", "cells", "size", "outcome", "label", "base", "pred", "char_class", "family", "split",
    "id",
)  # fmt: skip
"""Columns that can be sorted by their own names: small numbers and the start of the alphabet first; ``:down`` reverses
the order."""
SORTS: dict[str, tuple[str, bool]] = {
    "loss": ("loss", True), "loss:up": ("loss", False), "unsure": ("p", False), "sure": ("p", True),
    **{f"{name}{way}": (name, bool(way)) for name in ORDERED for way in ("", ":down")},
    "outside": ("outside", True), "noise": ("noise", True), "similar": ("similar", True),
}  # fmt: skip
"""Each sort: its column, and whether it is descending. The sorts are worst first (``loss``), least certain, most
certain, by a column of :data:`ORDERED` in both directions, likeliest none of the labels, most doubtful label. Ties are
sorted by id, and glyphs with unknown values come last. Some sorts fall back to worst first: ``outside`` and ``noise``
without their scores, ``similar`` (most similar first) without a likeness, and ``size`` without sizes."""
SORT_OF = {f"{column}:{'down' if down else 'up'}": sort for sort, (column, down) in SORTS.items()} | {"p": "unsure"}
"""A column and a direction, ``margin:up``, as one of :data:`SORTS`."""
GROUPS = ("family", "confusion")
"""Keys by which glyphs are grouped: their family, or their label together with their predicted label."""
LARGEST_MOST = 9999
"""Largest limit of glyphs per group."""
FACETS = ("split", "char_class", "family", "label", "base", "pred", "outcome", "size", "confidence", "tag")
SPOKEN = ("split", "family", "char_class", "label", "base", "pred")
"""Fields whose values are words of the results."""
EXCLUDABLE = (*SPOKEN, "tag", "outcome", "size")
"""Fields that can also have excluded values."""
BY = ("grid", "embedding")
NEAREST = 1000
"""Number of glyphs that count as similar; large enough to leave some of them after other filters."""


@dataclass(frozen=True)
class Filters:
    """Filters of a selection. An empty field selects everything; several values of one field mean "any of"."""

    split: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    char_class: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    base: tuple[str, ...] = ()
    pred: tuple[str, ...] = ()
    """Predicted label."""
    outcome: str = ""
    """One of :data:`OUTCOMES`."""
    p_min: float = 0.0
    """Smallest confidence, inclusive."""
    p_max: float = 1.0
    """Upper limit of the confidence, exclusive; 1 includes 1."""
    search: str = ""
    """A character, a code point (``U+0628``, ``0628``) or part of a label."""
    tag: tuple[str, ...] = ()
    """Tags that people gave to glyphs."""
    ids: str = ""
    """Key of a set of glyphs (:mod:`glyphcore.results.sets`)."""
    pattern: str = ""
    """A pattern of predicted cells (:mod:`glyphcore.results.cell_pattern`)."""
    like: str = ""
    """``grid-17`` or ``embedding-17``: only glyph 17 and the :data:`NEAREST` most similar glyphs."""
    size: str = ""
    """``0.15-0.2``: longer side of the box in em (:mod:`glyphcore.results.buckets`); unknown sizes do not match."""
    excluded: tuple[tuple[str, str], ...] = ()
    """Excluded values: pairs of a field of :data:`EXCLUDABLE` and a value of that field."""

    def __post_init__(self) -> None:
        if self.outcome and self.outcome not in OUTCOMES:
            raise StoreError(f"There is no outcome {self.outcome!r}.", remedy=f"Use one of {', '.join(OUTCOMES)}.")
        cell_pattern.parse(self.pattern)
        if self.like:
            parse_likeness(self.like)
        if self.size:
            parse_size(self.size)
        for name, value in self.excluded:
            check_exclusion(name, value)

    def without(self, name: str) -> tuple[str, ...]:
        """Return the excluded values of a field."""
        return tuple(value for field, value in self.excluded if field == name)


def fixed(filters: Filters) -> bool:
    """Return whether the results alone decide which glyphs match; tags, label issues, sets and sizes come from
    elsewhere."""
    tagged = filters.tag or filters.without("tag")
    return not (tagged or filters.ids or asks_for_sizes(filters) or asks_for_noise(filters))


def asks_for_sizes(filters: Filters) -> bool:
    """Return whether sizes decide which glyphs match."""
    return bool(filters.size or filters.without("size"))


def asks_for_cells(filters: Filters) -> bool:
    """Return whether gathered cells decide which glyphs match."""
    return bool(filters.pattern.strip()) or filters.like.startswith("grid")


def asks_for_noise(filters: Filters) -> bool:
    """Return whether doubtful labels decide which glyphs match."""
    return "noise" in (filters.outcome, *filters.without("outcome"))


def check_exclusion(name: str, value: str) -> None:
    """Raise StoreError for a field that cannot have excluded values, and for a value that its field cannot have."""
    if name not in EXCLUDABLE:
        known = ", ".join(EXCLUDABLE)
        raise StoreError(f"{name!r:.60} cannot be excluded.", remedy=f"Use one of {known}.")
    if name == "outcome" and value not in OUTCOMES:
        raise StoreError(f"There is no outcome {value!r:.60}.", remedy=f"Use one of {', '.join(OUTCOMES)}.")
    if name == "size":
        parse_size(value)


def parse_exclusion(text: str) -> tuple[str, str]:
    """Read ``family:Kalam`` as ``("family", "Kalam")``. Raises StoreError for text that is not an exclusion."""
    name, colon, value = text.partition(":")
    if not colon:
        raise StoreError(
            f"{text!r:.60} is not an exclusion.", remedy="Write it like 'family:Kalam' or 'outcome:noise'."
        )
    check_exclusion(name, value)
    return name, value


def parse_likeness(text: str) -> tuple[str, int]:
    """Read ``grid-17`` as ``("grid", 17)``. Raises StoreError for any other text."""
    by, _, glyph = text.partition("-")
    if by not in BY or not glyph.removeprefix("-").isdecimal() or len(glyph) > 18:
        raise StoreError(
            f"{text!r} is not a similarity.", remedy="Write it like 'grid-17' or 'embedding-17', by glyph id."
        )
    return by, int(glyph)


def parse_sort(text: str) -> str:
    """Return one of :data:`SORTS`. The text may also name a column and a direction: ``p:down`` is ``sure``. Raises
    StoreError."""
    if (sort := SORT_OF.get(text, text)) not in SORTS:
        names = [*(sort for sort in SORTS if ":" not in sort), "p"]
        raise StoreError(f"There is no sort {text!r:.60}.",
                         remedy=f"Use one of {', '.join(names)}; p:down is p from the largest.")  # fmt: skip
    return sort


def parse_most(text: str) -> tuple[str, int]:
    """Read ``family:3`` as ``("family", 3)``: at most three glyphs of each family. Raises StoreError for any other
    text."""
    group, _, most = text.partition(":")
    if group not in GROUPS or not most.isdecimal() or not most.isascii() or not 1 <= int(most[:9]) <= LARGEST_MOST:
        raise StoreError(f"{text!r:.60} is not a limit of groups.", remedy="Write it like 'family:3' or 'confusion:1'.")
    return group, int(most)


def own_sort(filters: Filters) -> str:
    """Return the default sort of some filters: most similar first among similar glyphs, else worst first."""
    return "similar" if filters.like else "loss"


def fixed_sort(sort: str) -> bool:
    """Return whether the results alone decide an order; label issues and sizes come from elsewhere."""
    return SORTS[sort][0] not in ("noise", "size")


EVERYTHING = Filters()
"""Filters that select everything."""
