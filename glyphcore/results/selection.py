"""Selects and orders glyphs: filters, sorts and facets are answered from small arrays, without a database.

A selection is a mask over the columns that :mod:`glyphcore.results.store` stores beside its table; an order is a cached
permutation. Any combination of filters over 500,000 glyphs takes milliseconds, and none needs an index of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from glyphcore.data.labels import CORRECTED, LabelMap
from glyphcore.results import sets
from glyphcore.results.buckets import BUCKETS, SIZES, parse_size, tenths
from glyphcore.results.columns import Columns
from glyphcore.results.filters import (
    FACETS,
    OUTCOMES,
    SORTS,
    SPOKEN,
    Filters,
    fixed,
    fixed_sort,
    parse_most,
    parse_sort,
)
from glyphcore.results.grouping import at_most
from glyphcore.results.rows import TOP

KEPT = 128 << 20
"""Number of bytes that each kind of cached result may take: ten million glyphs have large masks."""


@dataclass(frozen=True)
class Summary:
    """Counts over a selection; each ``*_right`` is a number of ``n``."""

    n: int
    right: int
    unicode_right: int
    twin_right: int
    top5_right: int


@dataclass(frozen=True, eq=False)
class Chosen:
    """A selection in its order; both arrays are read-only."""

    rows: np.ndarray
    """int32 [selected]: row numbers."""
    more: np.ndarray | None = None
    """int32 [selected]: at the last glyph of a group, the number of further glyphs that were left out; None where all
    are kept."""


@dataclass(frozen=True)
class FacetValue:
    """A possible value of a filter, and the number of glyphs that it would show."""

    value: str
    n: int
    wrong: int
    unknown: int = 0
    """Number of the wrong glyphs whose label the checkpoint does not know; only counted by confidence."""


Tags = Callable[[], Mapping[str, np.ndarray]]
"""Returns the glyph ids, int64, of each tag."""


def _that_fit(most: int, size: int) -> int:
    """Return how many results of ``size`` bytes are kept: at most ``most``, at least two."""
    return max(2, min(most, KEPT // max(size, 1)))


class Selector:
    """Answers filters over the columns of one results file. It does not change after it is made, so all sessions can
    share it. Data that change beside the results (tags, label issues) are requested again each time."""

    def __init__(
        self, columns: Columns, labels: LabelMap, folder: Path, *,
        cells: Callable[[str], np.ndarray] | None = None,
        neighbours: Callable[[str], tuple[np.ndarray, np.ndarray]] | None = None,
        tags: Tags | None = None,
        issues: Callable[[], np.ndarray | None] | None = None,
        extents: Callable[[], np.ndarray | None] | None = None,
    ) -> None:  # fmt: skip
        """Where an optional argument is missing, its filter selects everything (cells) or nothing (the others).

        ``folder``: folder of the sets that ``Filters.ids`` names. ``cells``: pattern → bool [glyphs] of matching
        glyphs. ``neighbours``: likeness → rows int64 [k], most similar first, and the similarity of each, float32 [k].
        ``tags``: ids of each tag, int64. ``issues``: float32 [glyphs], score of doubt of each label, 0 for none; None
        before labels were checked. ``extents``: float32 [glyphs], longer side in em, NaN where unknown; None where all
        are unknown.
        """
        self.columns = columns
        self.tags: Tags = tags or dict
        self.issues: Callable[[], np.ndarray | None] = issues or (lambda: None)
        self.extents: Callable[[], np.ndarray | None] = extents or (lambda: None)
        self._folder = folder
        self._orders: dict[str, np.ndarray] = {}
        # One view needs the same masks several times, and all pages of a selection do.
        masks = _that_fit(16, len(columns))
        self._fit = lru_cache(masks)(cells or (lambda _: np.ones(len(columns), bool)))
        self._alike = lru_cache(16)(neighbours or (lambda _: (np.zeros(0, np.int64), np.zeros(0, np.float32))))
        self._labels = lru_cache(32)(lambda text: labels_matching(columns.words["label"], labels, text))
        self._fixed_mask = lru_cache(masks)(self._find_mask)
        self._fixed_selection = lru_cache(_that_fit(8, 4 * len(columns)))(self._find_selection)

    def count(self, filters: Filters) -> int:
        """Return the number of glyphs."""
        return int(np.count_nonzero(self.mask(filters)))

    def summary(self, filters: Filters) -> Summary:
        """Return the counts of correct glyphs of a selection."""
        mask = self.mask(filters)
        counts = [mask, *(mask & (self.columns.data[f"{name}correct"] > 0) for name in ("", "unicode_", "twin_"))]
        n, right, unicode_right, twin_right = (int(np.count_nonzero(count)) for count in counts)
        return Summary(n, right, unicode_right, twin_right, int(np.count_nonzero(mask & self._outcomes["top5"])))

    def facets(self, filters: Filters) -> dict[str, list[FacetValue]]:
        """Return for each of :data:`FACETS` its values with counts under all *other* filters; values without glyphs are
        left out. The count of an excluded value is that of choosing it instead.

        Words are in alphabetical order; ``outcome`` is in the order of :data:`OUTCOMES` (outcomes overlap);
        ``confidence`` has the lower edge of each tenth.
        """
        masks = self._masks(filters)
        wrong = self._outcomes["wrong"]
        facets: dict[str, list[FacetValue]] = {}
        for facet in FACETS:
            others = [mask for name, mask in masks.items() if name != facet]
            mask = np.logical_and.reduce(others) if others else np.ones(len(self.columns), bool)
            if facet in ("outcome", "size", "tag"):
                values = self._counted(self._choices(facet), mask, filters.without(facet))
            else:
                codes = self._tenths if facet == "confidence" else self.columns.data[facet]
                words = (
                    [str(i / BUCKETS) for i in range(BUCKETS)] if facet == "confidence" else self.columns.words[facet]
                )
                counts = np.bincount(codes[mask], minlength=len(words)).tolist()
                missing = np.bincount(codes[mask & wrong], minlength=len(words)).tolist()
                unknown = [0] * len(words)
                if facet == "confidence":
                    its = mask & (self.columns.data["rank"] == 0)
                    unknown = np.bincount(codes[its], minlength=len(words)).tolist()
                values = [FacetValue(*row) for row in zip(words, counts, missing, unknown, strict=True)]
            facets[facet] = [value for value in values if value.n]
        return facets

    def _choices(self, facet: str) -> dict[str, np.ndarray]:
        """Return each value of a facet with overlapping values, and its glyphs."""
        if facet == "outcome":
            return {name: self._outcome(name) for name in OUTCOMES}
        if facet == "size":
            return {bucket: self.sized(bucket) for bucket in SIZES}
        return {tag: self.columns.among(ids) for tag, ids in self.tags().items()}

    def _counted(
        self, choices: Mapping[str, np.ndarray], mask: np.ndarray, excluded: Sequence[str]
    ) -> list[FacetValue]:
        """Return the number of glyphs in ``mask`` that each choice would show, without glyphs that the other choices
        exclude."""
        facets = []
        for name, options in choices.items():
            shown = options & mask
            for other in excluded:
                if other != name and other in choices:
                    shown &= ~choices[other]
            facets.append(FacetValue(name, int(shown.sum()), int((shown & self._outcomes["wrong"]).sum())))
        return facets

    @cached_property
    def _outcomes(self) -> dict[str, np.ndarray]:
        right, same_base = self.columns.data["correct"] > 0, self.columns.data["unicode_correct"] > 0
        rank = self.columns.data["rank"]
        top5 = (rank > 0) & (rank <= TOP)
        return {
            "right": right,
            "wrong": ~right,
            "unicode_wrong": ~same_base,
            "form_wrong": ~right & same_base,
            "twin": ~right & (self.columns.data["twin_correct"] > 0),
            "twin_wrong": ~(self.columns.data["twin_correct"] > 0),
            "beyond_top5": ~top5,
            "top5": top5,
        }

    def _outcome(self, name: str) -> np.ndarray:
        if name != "noise":
            return self._outcomes[name]
        issues = self.issues()
        if issues is None:
            return np.zeros(len(self.columns), bool)
        # a label that a person has decided on is not an open question
        return (issues > 0) & ~self._tagged((CORRECTED,))

    @cached_property
    def _tenths(self) -> np.ndarray:
        return tenths(self.columns.data["p1"])

    def sized(self, size: str) -> np.ndarray:
        """Return bool [glyphs]: rows of a size; none where sizes are unknown."""
        extent, (low, high) = self.extents(), parse_size(size)
        return np.zeros(len(self.columns), bool) if extent is None else (extent >= low) & (extent < high)

    def _masks(self, filters: Filters) -> dict[str, np.ndarray]:
        """Return one mask for each filter that is set; the mask of a field includes its excluded values."""
        masks = {}
        for name in SPOKEN:
            if values := getattr(filters, name):
                masks[name] = self.columns.any_of(name, values)
        if filters.outcome:
            masks["outcome"] = self._outcome(filters.outcome)
        if filters.p_min > 0 or filters.p_max < 1:
            p1 = self.columns.data["p1"]
            masks["confidence"] = p1 >= np.float32(filters.p_min)
            if filters.p_max < 1:
                masks["confidence"] &= p1 < np.float32(filters.p_max)
        if filters.size:
            masks["size"] = self.sized(filters.size)
        if filters.search.strip():
            masks["search"] = self.columns.any_of("label", self._labels(filters.search))
        if filters.tag:
            masks["tag"] = self._tagged(filters.tag)
        if filters.ids:
            masks["ids"] = self.columns.among(sets.load(self._folder, filters.ids))
        if filters.pattern.strip():
            masks["pattern"] = self._fit(filters.pattern)
        if filters.like:
            masks["like"] = np.zeros(len(self.columns), bool)
            masks["like"][self._alike(filters.like)[0]] = True
        for name in dict.fromkeys(name for name, _ in filters.excluded):
            left = ~self._any_of(name, filters.without(name))
            masks[name] = masks[name] & left if name in masks else left
        return masks

    def _any_of(self, name: str, values: tuple[str, ...]) -> np.ndarray:
        """Return bool [glyphs]: rows with one of the ``values`` of a field of :data:`EXCLUDABLE`."""
        if name in SPOKEN:
            return self.columns.any_of(name, values)
        if name == "tag":
            return self._tagged(values)
        return np.logical_or.reduce(
            [self._outcome(value) if name == "outcome" else self.sized(value) for value in values]
        )

    def _tagged(self, tags: tuple[str, ...]) -> np.ndarray:
        tagged = self.tags()
        found = [self.columns.among(tagged[tag]) for tag in tags if tag in tagged]
        return np.logical_or.reduce(found) if found else np.zeros(len(self.columns), bool)

    def mask(self, filters: Filters) -> np.ndarray:
        """Return bool [glyphs], read-only."""
        return (self._fixed_mask if fixed(filters) else self._find_mask)(filters)

    def _find_mask(self, filters: Filters) -> np.ndarray:
        masks = list(self._masks(filters).values())
        mask = np.logical_and.reduce(masks) if masks else np.ones(len(self.columns), bool)
        mask.flags.writeable = False
        return mask

    def column(self, filters: Filters, sort: str) -> str:
        """Return the column that a sort uses: its own, or ``loss`` where that is missing. Raises StoreError for an
        unknown sort."""
        column = SORTS[parse_sort(sort)][0]
        missing = {
            "similar": lambda: not filters.like,
            "noise": lambda: self.issues() is None,
            "size": lambda: self.extents() is None,
            "outside": lambda: "outside" not in self.columns.data,
        }
        return "loss" if column in missing and missing[column]() else column

    def values(self, filters: Filters, sort: str, rows: np.ndarray) -> np.ndarray | None:
        """Return float64 [rows]: the numbers that some rows are sorted by, NaN where unknown; None for a sort by
        words."""
        column = self.column(filters, sort)
        if column == "similar":
            alike, likeness = self._alike(filters.like)
            by_row = dict(zip(alike.tolist(), likeness.tolist(), strict=True))
            return np.array([by_row.get(row, np.nan) for row in rows.tolist()], np.float64)
        if self.columns.words.get(column):
            return None
        return self._key(column)[rows].astype(np.float64)

    def _key(self, column: str) -> np.ndarray:
        """Return the ascending sort key of a column: [glyphs], NaN or equal values where it is unknown."""
        data = self.columns.data
        if column in ("noise", "size"):
            found = self.issues() if column == "noise" else self.extents()
            return np.asarray(found)
        if column == "rank":
            return np.where(data["rank"] > 0, data["rank"], np.nan).astype(np.float32)
        if column == "cells":
            total = data["cells_total"].astype(np.float32)
            return np.divide(data["cells_right"], total, out=np.full_like(total, np.nan), where=total > 0)
        if column == "outcome":  # right, nearly right, wrong
            near = (data["unicode_correct"] > 0) | (data["twin_correct"] > 0)
            return np.where(data["correct"] > 0, 0, 2 - near).astype(np.int8)
        return data[{"p": "p1", "id": "glyph_id"}.get(column, column)]

    def _order(self, filters: Filters, sort: str) -> np.ndarray:
        """Return row numbers in the order of a sort; ids are ascending, so stable sorts break ties by id."""
        column = self.column(filters, sort)
        if column == "similar":  # only the similar glyphs: a selection has no others then
            return self._alike(filters.like)[0]
        descends = SORTS[parse_sort(sort)][1] if column == SORTS[parse_sort(sort)][0] else True
        name = f"{column} {descends}"
        if name not in self._orders:
            key = self._key(column)
            if descends:  # NaN, for unknown values, sorts last in both directions
                key = -(key if key.dtype.kind in "if" else key.astype(np.int32))
            self._orders[name] = np.argsort(key, kind="stable").astype(np.int32)
        return self._orders[name]

    def chosen(self, filters: Filters, sort: str, most: str = "") -> Chosen:
        """Return the rows of a selection, in order; ``most``: ``family:3`` keeps the first three glyphs of each family.

        Raises StoreError for an unknown sort or an invalid limit.
        """
        kept = fixed(filters) and fixed_sort(parse_sort(sort))
        return (self._fixed_selection if kept else self._find_selection)(filters, sort, most)

    def select(self, filters: Filters, sort: str, most: str = "") -> np.ndarray:
        """Return int32 [selected]: row numbers of :meth:`chosen`, read-only."""
        return self.chosen(filters, sort, most).rows

    def _find_selection(self, filters: Filters, sort: str, most: str) -> Chosen:
        order = self._order(filters, sort)
        rows, more = order[self.mask(filters)[order]], None
        if most:
            group, limit = parse_most(most)
            names = ("family",) if group == "family" else ("label", "pred")
            kept, more = at_most(limit, [self.columns.data[name][rows] for name in names])
            rows, more = rows[kept], more[kept]
            more.flags.writeable = False
        rows.flags.writeable = False
        return Chosen(rows, more)

    def position(self, filters: Filters, sort: str, glyph_id: int, most: str = "") -> int:
        """Return the number of glyphs of the selection before a glyph; 0 for an unknown id, all for a glyph that is not
        similar enough."""
        row = self.columns.row(glyph_id)
        if row is None:
            return 0
        order = self._order(filters, sort)
        place = next(iter(np.flatnonzero(order == row).tolist()), len(order))
        mask = self.mask(filters)
        if most:
            mask = np.zeros(len(self.columns), bool)
            mask[self.select(filters, sort, most)] = True
        return int(np.count_nonzero(mask[order[:place]]))


def examples(columns: Columns, label: str, *, exclude_family: str = "", n: int = 4) -> list[int]:
    """Return glyph ids of a label, at most one per family and none of ``exclude_family``: correct and confident
    predictions first."""
    mask = columns.any_of("label", (label,))
    if exclude_family:
        mask = mask & ~columns.any_of("family", (exclude_family,))
    rows = np.flatnonzero(mask)
    rows = rows[np.lexsort((-columns.data["p1"][rows], 1 - columns.data["correct"][rows].astype(np.int8)))]
    if len(columns.words["family"]) > 1:
        rows = rows[np.sort(np.unique(columns.data["family"][rows], return_index=True)[1])]
    return columns.data["glyph_id"][rows[:n]].tolist()


def labels_matching(words: Iterable[str], labels: LabelMap, text: str) -> list[str]:
    """Return the labels in ``words`` that ``text`` stands for: by character, by code point, or by part of the name.

    ``labels`` knows the characters; labels that it does not have are found by name alone.
    """
    text = text.strip()
    code = re.fullmatch(r"(?:[uU]\+?|0x)?([0-9A-Fa-f]{4,6})", text)
    character = chr(int(code[1], 16)) if code and int(code[1], 16) <= 0x10FFFF else text
    written = f"U+{code[1].upper():0>4}" if code else ""
    part = text.lower().replace(" ", "_")
    found = []
    for label in words:
        i = labels.index.get(label)
        by_character = i is not None and (character in labels.base[i] or (written and written in labels.codepoint[i]))
        if by_character or (len(part) > 1 and part in label.lower()):
            found.append(label)
    return found
