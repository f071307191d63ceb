"""Which glyphs, and in what order: filters, sorts and facets answered from small arrays, with no database in sight.

A selection is a mask over the columns that :mod:`glyphcore.results.store` keeps beside its table, an order a cached
permutation. Any combination of filters over 500,000 glyphs takes milliseconds, none needs an index of its own.
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


@dataclass(frozen=True)
class Summary:
    """Counts over a selection; each ``*_right`` of ``n``."""

    n: int
    right: int
    unicode_right: int
    twin_right: int
    top5_right: int


@dataclass(frozen=True, eq=False)
class Chosen:
    """A selection in its order; neither array is written to."""

    rows: np.ndarray
    """int32 [selected]: row numbers."""
    more: np.ndarray | None = None
    """int32 [selected]: at the last glyph of a group, how many more of it were left out; None where all are there."""


@dataclass(frozen=True)
class FacetValue:
    """A value that a filter could take and what choosing it would show."""

    value: str
    n: int
    wrong: int


Tags = Callable[[], Mapping[str, np.ndarray]]
"""Gives the glyph ids, int64, of each tag."""


class Selector:
    """Answers filters over the columns of one results file. It does not change after it is made, so that all sessions
    can share it; what changes beside the results (tags, label issues) it asks for anew each time.
    """

    def __init__(
        self, columns: Columns, labels: LabelMap, folder: Path, *,
        cells: Callable[[str], np.ndarray] | None = None,
        neighbours: Callable[[str], tuple[np.ndarray, np.ndarray]] | None = None,
        tags: Tags | None = None,
        issues: Callable[[], np.ndarray | None] | None = None,
        extents: Callable[[], np.ndarray | None] | None = None,
    ) -> None:  # fmt: skip
        """Without what would answer a filter, that filter lets everything through (cells) or nothing (the others).

        ``folder``: where the sets lie that ``Filters.ids`` names. ``cells``: pattern → bool [glyphs], which fit.
        ``neighbours``: likeness → rows int64 [k], likest first, and how like each is, float32 [k]. ``tags``: ids of
        each tag, int64. ``issues``: float32 [glyphs], how doubtful each label is, 0 for not at all; None while nobody
        has looked. ``extents``: float32 [glyphs], longer side in em, NaN where unknown; None where all are.
        """
        self.columns = columns
        self.tags: Tags = tags or dict
        self.issues: Callable[[], np.ndarray | None] = issues or (lambda: None)
        self.extents: Callable[[], np.ndarray | None] = extents or (lambda: None)
        self._folder = folder
        self._orders: dict[str, np.ndarray] = {}
        # One view asks for the same ones several times, all pages of a selection do.
        self._fit = lru_cache(16)(cells or (lambda _: np.ones(len(columns), bool)))
        self._alike = lru_cache(16)(neighbours or (lambda _: (np.zeros(0, np.int64), np.zeros(0, np.float32))))
        self._labels = lru_cache(32)(lambda text: labels_matching(columns.words["label"], labels, text))
        self._fixed_mask = lru_cache(16)(self._find_mask)
        self._fixed_selection = lru_cache(8)(self._find_selection)

    def count(self, filters: Filters) -> int:
        """Number of glyphs."""
        return int(np.count_nonzero(self.mask(filters)))

    def summary(self, filters: Filters) -> Summary:
        """How the checkpoint does on a selection."""
        mask = self.mask(filters)
        counts = [mask, *(mask & (self.columns.data[f"{name}correct"] > 0) for name in ("", "unicode_", "twin_"))]
        n, right, unicode_right, twin_right = (int(np.count_nonzero(count)) for count in counts)
        return Summary(n, right, unicode_right, twin_right, int(np.count_nonzero(mask & self._outcomes["top5"])))

    def facets(self, filters: Filters) -> dict[str, list[FacetValue]]:
        """For each of :data:`FACETS`, its values with counts under all *other* filters; values without glyphs left out.
        An excluded value counts what it would show if it were chosen instead.

        Words come in alphabetical order; ``outcome`` in the order of :data:`OUTCOMES` (they overlap); ``confidence`` as
        the lower edge of each tenth.
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
                values = [FacetValue(*row) for row in zip(words, counts, missing, strict=True)]
            facets[facet] = [value for value in values if value.n]
        return facets

    def _choices(self, facet: str) -> dict[str, np.ndarray]:
        """Each value of a facet whose values may overlap, and which glyphs have it."""
        if facet == "outcome":
            return {name: self._outcome(name) for name in OUTCOMES}
        if facet == "size":
            return {bucket: self.sized(bucket) for bucket in SIZES}
        return {tag: self.columns.among(ids) for tag, ids in self.tags().items()}

    def _counted(
        self, choices: Mapping[str, np.ndarray], mask: np.ndarray, excluded: Sequence[str]
    ) -> list[FacetValue]:
        """What each of some masks would show of ``mask``, less what the others of them exclude."""
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
        return (issues > 0) & ~self._tagged((CORRECTED,))  # what a person has decided is no open question

    @cached_property
    def _tenths(self) -> np.ndarray:
        return tenths(self.columns.data["p1"])

    def sized(self, size: str) -> np.ndarray:
        """bool [glyphs]: rows of a size; none where sizes are unknown."""
        extent, (low, high) = self.extents(), parse_size(size)
        return np.zeros(len(self.columns), bool) if extent is None else (extent >= low) & (extent < high)

    def _masks(self, filters: Filters) -> dict[str, np.ndarray]:
        """One mask for each filter that is set; what a field excludes is part of its mask."""
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
        """bool [glyphs]: rows that have one of the ``values`` of a field of :data:`EXCLUDABLE`."""
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
        """bool [glyphs], not to be written to."""
        return (self._fixed_mask if fixed(filters) else self._find_mask)(filters)

    def _find_mask(self, filters: Filters) -> np.ndarray:
        masks = list(self._masks(filters).values())
        mask = np.logical_and.reduce(masks) if masks else np.ones(len(self.columns), bool)
        mask.flags.writeable = False
        return mask

    def column(self, filters: Filters, sort: str) -> str:
        """The column that a sort goes by: its own, ``loss`` where that is not there. Raises StoreError for no sort."""
        column = SORTS[parse_sort(sort)][0]
        missing = {
            "similar": lambda: not filters.like,
            "noise": lambda: self.issues() is None,
            "size": lambda: self.extents() is None,
        }
        return "loss" if column in missing and missing[column]() else column

    def values(self, filters: Filters, sort: str, rows: np.ndarray) -> np.ndarray | None:
        """float64 [rows]: the numbers that some rows are sorted by, NaN where unknown; None for a sort by words."""
        column = self.column(filters, sort)
        if column == "similar":
            alike, likeness = self._alike(filters.like)
            by_row = dict(zip(alike.tolist(), likeness.tolist(), strict=True))
            return np.array([by_row.get(row, np.nan) for row in rows.tolist()], np.float64)
        if self.columns.words.get(column):
            return None
        return self._key(column)[rows].astype(np.float64)

    def _key(self, column: str) -> np.ndarray:
        """What a column is sorted by, ascending: [glyphs], NaN or alike where it is unknown."""
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
        """Row numbers in the order of a sort; ascending ids make stable sorts break ties by id."""
        column = self.column(filters, sort)
        if column == "similar":  # the like ones only: a selection has no others then
            return self._alike(filters.like)[0]
        descends = SORTS[parse_sort(sort)][1] if column == SORTS[parse_sort(sort)][0] else True
        name = f"{column} {descends}"
        if name not in self._orders:
            key = self._key(column)
            if descends:  # NaN, what is unknown, sorts last either way
                key = -(key if key.dtype.kind in "if" else key.astype(np.int32))
            self._orders[name] = np.argsort(key, kind="stable").astype(np.int32)
        return self._orders[name]

    def chosen(self, filters: Filters, sort: str, most: str = "") -> Chosen:
        """The rows of a selection, in order; ``most``: ``family:3`` leaves the first three of each family.

        Raises StoreError for a sort or a limit that is none.
        """
        kept = fixed(filters) and fixed_sort(parse_sort(sort))
        return (self._fixed_selection if kept else self._find_selection)(filters, sort, most)

    def select(self, filters: Filters, sort: str, most: str = "") -> np.ndarray:
        """int32 [selected]: row numbers of :meth:`chosen`, not to be written to."""
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
        """How many of the selection come before a glyph; 0 for an unknown id, all for one that is not like enough."""
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
    """Glyph ids of a label, at most one a family and none of ``exclude_family``: rightly and surely read first."""
    mask = columns.any_of("label", (label,))
    if exclude_family:
        mask = mask & ~columns.any_of("family", (exclude_family,))
    rows = np.flatnonzero(mask)
    rows = rows[np.lexsort((-columns.data["p1"][rows], 1 - columns.data["correct"][rows].astype(np.int8)))]
    if len(columns.words["family"]) > 1:
        rows = rows[np.sort(np.unique(columns.data["family"][rows], return_index=True)[1])]
    return columns.data["glyph_id"][rows[:n]].tolist()


def labels_matching(words: Iterable[str], labels: LabelMap, text: str) -> list[str]:
    """Labels among ``words`` that ``text`` means: by character, by code point, or by part of the name.

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
