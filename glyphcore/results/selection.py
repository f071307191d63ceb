"""Which glyphs, and in what order: filters, sorts and facets over small arrays, with no database in sight.

A selection is a mask over the columns that :mod:`glyphcore.results.store` keeps beside its table, an order a cached
permutation. Any combination of filters over 500,000 glyphs takes milliseconds, none needs an index of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from glyphcore.data.labels import LabelMap
from glyphcore.errors import StoreError
from glyphcore.results import likeness, pattern, search, sets, sizes
from glyphcore.results.confidence import BUCKETS, tenths
from glyphcore.results.details import TOP

OUTCOMES = ("right", "wrong", "unicode_wrong", "form_wrong", "twin", "twin_wrong", "beyond_top5", "noise")
"""right/wrong: by label. unicode_wrong: another character. form_wrong: the right character in another form.
twin: wrong, but drawn alike. twin_wrong: wrong, and not so. beyond_top5: the truth is not among the five candidates.
noise: the label itself is doubtful (:mod:`glyphcore.analysis.noise`)."""
SORTS = ("loss", "unsure", "sure", "margin", "noise", "label", "id", "similar")
"""Worst first, least sure, surest, smallest margin, most doubtful label, by label, by id; ties go by id.
Similar: likest first, which without a likeness is worst first."""
FACETS = ("split", "char_class", "family", "label", "base", "pred", "outcome", "size", "confidence", "tag")


@dataclass(frozen=True)
class Filters:
    """Which glyphs; an empty field lets everything through, several values of one field mean "any of"."""

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
    """Confidence below this; 1 includes 1."""
    search: str = ""
    """A character, a code point (``U+0628``, ``0628``) or part of a label."""
    tag: tuple[str, ...] = ()
    """What people said about glyphs (:attr:`Columns.tagged`)."""
    ids: str = ""
    """Key of a set of glyphs (:mod:`glyphcore.results.sets`)."""
    pattern: str = ""
    """What was read in some cells (:mod:`glyphcore.results.pattern`)."""
    like: str = ""
    """``grid-17`` or ``embedding-17``: only glyph 17 and the :data:`likeness.NEAREST` likest ones."""
    size: str = ""
    """``0.15-0.2``: longer side of the box in em (:mod:`glyphcore.results.sizes`); unknown sizes do not fit."""

    def __post_init__(self) -> None:
        if self.outcome and self.outcome not in OUTCOMES:
            raise StoreError(f"There is no outcome {self.outcome!r}.", remedy=f"Use one of {', '.join(OUTCOMES)}.")
        pattern.parse(self.pattern)
        if self.like:
            likeness.parse(self.like)
        if self.size:
            sizes.parse(self.size)


def fixed(filters: Filters) -> bool:
    """Whether results alone decide which glyphs fit; tags, doubts, sets and sizes come beside them."""
    return not (filters.tag or filters.ids or filters.size or filters.outcome == "noise")


@dataclass(frozen=True)
class Summary:
    """Counts over a selection; each ``*_right`` of ``n``."""

    n: int
    right: int
    unicode_right: int
    twin_right: int
    top5_right: int


@dataclass(frozen=True)
class FacetValue:
    """A value that a filter could take and what choosing it would show."""

    value: str
    n: int
    wrong: int


class Columns:
    """The columns of one results file, in the order of glyph ids, and what can be chosen among them."""

    def __init__(
        self, data: dict[str, np.ndarray], words: dict[str, list[str]], labels: LabelMap, folder: Path | None = None
    ) -> None:
        """``folder`` is where the results lie, and with them the sets that ``Filters.ids`` names."""
        self.data = data
        self.words = words
        self.labels = labels
        self.folder = folder or Path()
        self._orders: dict[str, np.ndarray] = {}
        self.labels_matching = lru_cache(32)(lambda text: search.matching(self.words["label"], labels, text))
        """Labels of this store that a search means (:func:`.search.matching`)."""
        # One view asks for the same ones several times, all pages of a selection do.
        self._fixed_mask = lru_cache(16)(self._find_mask)
        self._fixed_selection = lru_cache(8)(self._find_selection)
        self.matching: Callable[[str], np.ndarray] = lambda text: np.ones(len(self), bool)
        """bool [glyphs]: which fit a pattern. Columns know no cells: whoever does sets this."""
        self.alike: Callable[[str], np.ndarray] = lambda text: np.arange(len(self))
        """int64 [k]: rows that are like a glyph, likest first."""
        self.tagged: Callable[[], Mapping[str, np.ndarray]] = dict
        """Glyph ids of each tag. They change while results do not, so whoever knows them sets this to look them up."""
        self.doubt: Callable[[], np.ndarray | None] = lambda: None
        """float32 [glyphs], how doubtful a label is, 0 for not at all; None while nobody has looked."""
        self.extent: Callable[[], np.ndarray | None] = lambda: None
        """float32 [glyphs], longer side in em, NaN where unknown; None where all are (:class:`.sizes.Extents`)."""

    def __len__(self) -> int:
        return len(self.data["glyph_id"])

    def count(self, filters: Filters) -> int:
        """Number of glyphs."""
        return int(np.count_nonzero(self.mask(filters)))

    def summary(self, filters: Filters) -> Summary:
        """How the checkpoint does on a selection."""
        mask = self.mask(filters)
        counts = [mask, *(mask & (self.data[f"{name}correct"] > 0) for name in ("", "unicode_", "twin_"))]
        n, right, unicode_right, twin_right = (int(np.count_nonzero(each)) for each in counts)
        return Summary(n, right, unicode_right, twin_right, int(np.count_nonzero(mask & self._outcomes["top5"])))

    def facets(self, filters: Filters) -> dict[str, list[FacetValue]]:
        """For each of :data:`FACETS`, its values with counts under all *other* filters; values without glyphs left out.

        Words come in alphabetical order; ``outcome`` in the order of :data:`OUTCOMES` (they overlap); ``confidence`` as
        the lower edge of each tenth.
        """
        masks = self._masks(filters)
        wrong = self._outcomes["wrong"]
        facets: dict[str, list[FacetValue]] = {}
        for facet in FACETS:
            others = [mask for name, mask in masks.items() if name != facet]
            mask = np.logical_and.reduce(others) if others else np.ones(len(self), bool)
            if facet == "outcome":
                values = self._counted({name: self._outcome(name) for name in OUTCOMES}, mask)
            elif facet == "size":
                values = self._counted({bucket: self.sized(bucket) for bucket in sizes.BUCKETS}, mask)
            elif facet == "tag":
                values = self._counted({tag: self.among(ids) for tag, ids in self.tagged().items()}, mask)
            else:
                codes = self._tenths if facet == "confidence" else self.data[facet]
                words = [str(i / BUCKETS) for i in range(BUCKETS)] if facet == "confidence" else self.words[facet]
                counts = np.bincount(codes[mask], minlength=len(words)).tolist()
                missing = np.bincount(codes[mask & wrong], minlength=len(words)).tolist()
                values = [FacetValue(*each) for each in zip(words, counts, missing, strict=True)]
            facets[facet] = [value for value in values if value.n]
        return facets

    def _counted(self, choices: Mapping[str, np.ndarray], mask: np.ndarray) -> list[FacetValue]:
        """What each of some masks would show of ``mask``."""
        wrong = mask & self._outcomes["wrong"]
        return [FacetValue(name, int((its & mask).sum()), int((its & wrong).sum())) for name, its in choices.items()]

    @cached_property
    def _outcomes(self) -> dict[str, np.ndarray]:
        right, same_base = self.data["correct"] > 0, self.data["unicode_correct"] > 0
        rank = self.data["rank"]
        top5 = (rank > 0) & (rank <= TOP)
        return {
            "right": right,
            "wrong": ~right,
            "unicode_wrong": ~same_base,
            "form_wrong": ~right & same_base,
            "twin": ~right & (self.data["twin_correct"] > 0),
            "twin_wrong": ~(self.data["twin_correct"] > 0),
            "beyond_top5": ~top5,
            "top5": top5,
        }

    def _outcome(self, name: str) -> np.ndarray:
        if name != "noise":
            return self._outcomes[name]
        doubt = self.doubt()
        return np.zeros(len(self), bool) if doubt is None else doubt > 0

    @cached_property
    def _tenths(self) -> np.ndarray:
        return tenths(self.data["p1"])

    def any_of(self, name: str, values: Sequence[str]) -> np.ndarray:
        """bool [glyphs]: rows whose word in column ``name`` is one of ``values``."""
        wanted = np.isin(np.array(self.words[name], dtype=object), np.array(values, dtype=object))
        return wanted[self.data[name]] if len(wanted) else np.zeros(len(self), bool)

    def sized(self, size: str) -> np.ndarray:
        """bool [glyphs]: rows of a size; none where sizes are unknown."""
        extent, (low, high) = self.extent(), sizes.parse(size)
        return np.zeros(len(self), bool) if extent is None else (extent >= low) & (extent < high)

    def among(self, ids: np.ndarray) -> np.ndarray:
        """bool [glyphs]: rows whose glyph is one of ``ids`` (int, any order)."""
        mask, own = np.zeros(len(self), bool), self.data["glyph_id"]
        place = np.searchsorted(own, ids).clip(0, max(len(own) - 1, 0))
        if len(own) and len(ids):
            mask[place[own[place] == ids]] = True
        return mask

    def _masks(self, filters: Filters) -> dict[str, np.ndarray]:
        """One mask for each filter that is set."""
        masks = {}
        for name in ("split", "family", "char_class", "label", "base", "pred"):
            if values := getattr(filters, name):
                masks[name] = self.any_of(name, values)
        if filters.outcome:
            masks["outcome"] = self._outcome(filters.outcome)
        if filters.p_min > 0 or filters.p_max < 1:
            p1 = self.data["p1"]
            masks["confidence"] = p1 >= np.float32(filters.p_min)
            if filters.p_max < 1:
                masks["confidence"] &= p1 < np.float32(filters.p_max)
        if filters.size:
            masks["size"] = self.sized(filters.size)
        if filters.search.strip():
            masks["search"] = self.any_of("label", self.labels_matching(filters.search))
        if filters.tag:
            tagged = self.tagged()
            found = [self.among(tagged[tag]) for tag in filters.tag if tag in tagged]
            masks["tag"] = np.logical_or.reduce(found) if found else np.zeros(len(self), bool)
        if filters.ids:
            masks["ids"] = self.among(sets.load(self.folder, filters.ids))
        if filters.pattern.strip():
            masks["pattern"] = self.matching(filters.pattern)
        if filters.like:
            masks["like"] = np.zeros(len(self), bool)
            masks["like"][self.alike(filters.like)] = True
        return masks

    def mask(self, filters: Filters) -> np.ndarray:
        """bool [glyphs], not to be written to."""
        return (self._fixed_mask if fixed(filters) else self._find_mask)(filters)

    def _find_mask(self, filters: Filters) -> np.ndarray:
        masks = list(self._masks(filters).values())
        mask = np.logical_and.reduce(masks) if masks else np.ones(len(self), bool)
        mask.flags.writeable = False
        return mask

    def _order(self, filters: Filters, sort: str) -> np.ndarray:
        """Row numbers in the order of a sort; ascending ids make stable sorts break ties by id."""
        if sort not in SORTS:
            raise StoreError(f"There is no sort {sort!r}.", remedy=f"Use one of {', '.join(SORTS)}.")
        if sort == "similar":
            if filters.like:  # the like ones only: a selection has no others then
                return self.alike(filters.like)
            sort = "loss"
        if sort == "noise" and (doubt := self.doubt()) is None:
            sort = "loss"
        if sort not in self._orders:
            key = {
                "loss": lambda: -self.data["loss"],  # NaN, a label outside the map, sorts last
                "unsure": lambda: self.data["p1"],
                "sure": lambda: -self.data["p1"],
                "margin": lambda: self.data["margin"],
                "noise": lambda: -np.asarray(doubt),
                "label": lambda: self.data["label"],
                "id": lambda: self.data["glyph_id"],
            }[sort]()
            self._orders[sort] = np.argsort(key, kind="stable").astype(np.int32)
        return self._orders[sort]

    def select(self, filters: Filters, sort: str) -> np.ndarray:
        """int32 [selected]: row numbers of a selection, in order, not to be written to."""
        kept = fixed(filters) and sort != "noise"
        return (self._fixed_selection if kept else self._find_selection)(filters, sort)

    def _find_selection(self, filters: Filters, sort: str) -> np.ndarray:
        order = self._order(filters, sort)
        chosen = order[self.mask(filters)[order]]
        chosen.flags.writeable = False
        return chosen

    def position(self, filters: Filters, sort: str, glyph_id: int) -> int:
        """How many of the selection come before a glyph; 0 for an unknown id, all for one that is not like enough."""
        ids = self.data["glyph_id"]
        row = int(np.searchsorted(ids, glyph_id))
        if row == len(ids) or ids[row] != glyph_id:
            return 0
        order = self._order(filters, sort)
        place = next(iter(np.flatnonzero(order == row).tolist()), len(order))
        return int(np.count_nonzero(self.mask(filters)[order[:place]]))
