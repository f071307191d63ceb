"""Choosing and reading predictions: filters, sorts, pages, facets, neighbours, export.

A selection is a mask over small arrays (see :mod:`glyphcore.results.store`), an order a cached permutation. A page is
named by the glyph that it starts at, not by an offset, so that a link keeps its meaning; pages are fetched by primary
key.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.data.labels import LabelMap
from glyphcore.errors import StoreError
from glyphcore.results.details import TOP, Details, unpack
from glyphcore.results.store import EVALUATE_AGAIN, ResultsMeta, connect, meta_from, read_meta

OUTCOMES = ("right", "wrong", "unicode_wrong", "form_wrong", "twin", "beyond_top5")
"""right/wrong: by label. unicode_wrong: another character. form_wrong: the right character in another form.
twin: wrong, but drawn alike. beyond_top5: the truth is not among the five candidates."""
SORTS = ("loss", "unsure", "sure", "margin", "label", "id")
"""Worst first, least confident, most confident, smallest margin, by label, by id; ties go by id."""
BUCKETS = 10
"""Confidence buckets: tenths."""
FACETS = ("split", "char_class", "family", "label", "base", "pred", "outcome", "confidence")


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

    def __post_init__(self) -> None:
        if self.outcome and self.outcome not in OUTCOMES:
            raise StoreError(f"There is no outcome {self.outcome!r}.", remedy=f"Use one of {', '.join(OUTCOMES)}.")


@dataclass(frozen=True)
class ResultRow:
    """One row of the table ``predictions``."""

    glyph_id: int
    label: str
    label_index: int
    """-1 for a label outside the checkpoint's map."""
    base: str
    codepoint: str
    char_class: str
    split: str
    family: str
    style: str
    f_id: str
    pred: str
    pred_index: int
    pred_base: str
    p1: float
    margin: float
    """p1 - p2."""
    entropy: float
    """Nats."""
    loss: float | None
    """Nats; None for a label outside the map."""
    rank: int
    """Place of the truth, from 1; 0 for a label outside the map."""
    correct: int
    unicode_correct: int
    twin_correct: int
    cells_right: int
    """Cells with ink whose predicted primitive is the target."""
    cells_total: int
    """Cells with ink."""


COLUMNS = tuple(each.name for each in fields(ResultRow))


@dataclass(frozen=True)
class Page:
    """Some rows of a selection and the way on."""

    rows: list[ResultRow]
    position: int
    """Place of the first row in the selection, from 0."""
    total: int
    """Size of the selection."""
    first: int | None
    """Glyph id that the first page starts at; None for an empty selection."""
    previous: int | None
    """Glyph id that the page before starts at; None on the first page."""
    next: int | None
    """Glyph id that the page after starts at; None on the last page."""
    last: int | None
    """Glyph id that the last page starts at; None for an empty selection."""


@dataclass(frozen=True)
class Neighbours:
    """Where a glyph stands in a selection."""

    previous: int | None
    next: int | None
    position: int
    """From 0; for a glyph outside the selection, where it would stand."""
    total: int
    inside: bool


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


class ResultsStore:
    """Reader of a finished results file; safe to share between threads.

    Raises StoreError for a file that is missing, damaged, of another format, or unfinished.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        if not read_meta(self.path)["complete"]:
            raise StoreError(
                f"{self.path.name} is unfinished.", subject=path, remedy="Evaluate the checkpoint again to go on."
            )
        self._orders: dict[str, np.ndarray] = {}
        self._words: dict[str, list[str]] = {}
        self._data: dict[str, np.ndarray] = {}
        for name, dtype, vocabulary, data in self._query("SELECT name, dtype, vocabulary, data FROM columns"):
            self._data[name] = np.frombuffer(data, dtype)
            self._words[name] = json.loads(vocabulary)
        if len({len(column) for column in self._data.values()}) != 1:
            raise StoreError(f"{self.path.name} is damaged: its columns differ.", subject=path, remedy=EVALUATE_AGAIN)

    def __len__(self) -> int:
        return len(self._data["glyph_id"])

    @cached_property
    def _entries(self) -> dict[str, Any]:
        return {key: json.loads(value) for key, value in self._query("SELECT key, value FROM meta")}

    @property
    def meta(self) -> ResultsMeta:
        """What was evaluated with what."""
        return meta_from(self._entries)

    @property
    def aggregates(self) -> dict[str, Any]:
        """What the job computed over everything."""
        return self._entries["aggregates"]

    @cached_property
    def labels(self) -> LabelMap:
        """The checkpoint's label map."""
        return LabelMap.from_plain(self._entries["labels"])

    @cached_property
    def codebook(self) -> np.ndarray:
        """uint8 [1024, 8, 8]: grey patches, 255 is ink; entry 0 is EMPTY."""
        return np.frombuffer(self._query("SELECT patches FROM codebook")[0][0], np.uint8).reshape(-1, 8, 8)

    def column(self, name: str) -> np.ndarray:
        """One column over all glyphs in id order (read-only): numbers, or uint16 codes into :meth:`vocabulary`."""
        return self._data[name]

    def vocabulary(self, name: str) -> list[str]:
        """The sorted values of a column of words."""
        return self._words[name]

    def page(self, filters: Filters, sort: str = "loss", start: int | None = None, limit: int = 60) -> Page:
        """The page that starts at glyph ``start``, or the first one.

        A ``start`` outside the selection gives the page that starts where it would stand.
        """
        chosen = self._select(filters, sort)
        ids = self._data["glyph_id"]
        position = 0 if start is None else self._position(filters, sort, start)
        position = max(0, min(position, len(chosen) - 1))

        def at(place: int) -> int | None:
            return int(ids[chosen[place]]) if 0 <= place < len(chosen) else None

        return Page(
            rows=self.rows(ids[chosen[position : position + limit]].tolist()),
            position=position,
            total=len(chosen),
            first=at(0),
            previous=at(max(0, position - limit)) if position else None,
            next=at(position + limit),
            last=at((len(chosen) - 1) // limit * limit),
        )

    def start_of(self, filters: Filters, sort: str, glyph_id: int, limit: int) -> int | None:
        """Where the page begins (counted from the first one) that holds a glyph; None outside the selection."""
        if not self.neighbours(filters, sort, glyph_id).inside:
            return None
        place = self._position(filters, sort, glyph_id) // limit * limit
        return int(self._data["glyph_id"][self._select(filters, sort)[place]])

    def count(self, filters: Filters) -> int:
        """Number of glyphs."""
        return int(np.count_nonzero(self._mask(filters)))

    def summary(self, filters: Filters) -> Summary:
        """How the checkpoint does on a selection."""
        mask = self._mask(filters)
        right, unicode_right, twin_right = (
            int(self._data[name][mask].sum()) for name in ("correct", "unicode_correct", "twin_correct")
        )
        return Summary(int(mask.sum()), right, unicode_right, twin_right, int((mask & self._outcomes["top5"]).sum()))

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
                found = [(name, int((mask & self._outcomes[name]).sum())) for name in OUTCOMES]
                missed = [int((mask & self._outcomes[name] & wrong).sum()) for name in OUTCOMES]
                values = [FacetValue(name, n, w) for (name, n), w in zip(found, missed, strict=True)]
            else:
                codes = self._tenths if facet == "confidence" else self._data[facet]
                words = [str(i / BUCKETS) for i in range(BUCKETS)] if facet == "confidence" else self._words[facet]
                counts = np.bincount(codes[mask], minlength=len(words)).tolist()
                missing = np.bincount(codes[mask & wrong], minlength=len(words)).tolist()
                values = [FacetValue(*each) for each in zip(words, counts, missing, strict=True)]
            facets[facet] = [value for value in values if value.n]
        return facets

    def rows(self, ids: Sequence[int]) -> list[ResultRow]:
        """Rows with these ids, in the order asked for; unknown ids are left out."""
        found: dict[int, ResultRow] = {}
        for i in range(0, len(ids), 500):
            some = [int(each) for each in ids[i : i + 500]]
            query = f"SELECT {', '.join(COLUMNS)} FROM predictions WHERE glyph_id IN ({','.join('?' * len(some))})"
            found |= {row[0]: ResultRow(*row) for row in self._query(query, some)}
        return [found[each] for each in ids if each in found]

    def details(self, glyph_id: int) -> Details:
        """Top-5, grid and embedding of a glyph. Raises StoreError for an unknown id."""
        rows = self._query("SELECT top, cells, embedding FROM details WHERE glyph_id = ?", [int(glyph_id)])
        if not rows:
            raise StoreError(f"{self.path.name} has no glyph {glyph_id}.", subject=glyph_id)
        return unpack(*rows[0])

    def neighbours(self, filters: Filters, sort: str, glyph_id: int) -> Neighbours:
        """The glyphs before and after one in a selection, and its place there."""
        chosen = self._select(filters, sort)
        ids = self._data["glyph_id"]
        place = self._position(filters, sort, glyph_id)
        inside = place < len(chosen) and int(ids[chosen[place]]) == glyph_id
        after = place + inside
        return Neighbours(
            previous=int(ids[chosen[place - 1]]) if place else None,
            next=int(ids[chosen[after]]) if after < len(chosen) else None,
            position=place,
            total=len(chosen),
            inside=inside,
        )

    def export(self, filters: Filters, sort: str = "loss", chunk: int = 2000) -> Iterator[ResultRow]:
        """Every row of a selection in order, read in chunks."""
        ids = self._data["glyph_id"][self._select(filters, sort)]
        for i in range(0, len(ids), chunk):
            yield from self.rows(ids[i : i + chunk].tolist())

    def examples(self, label: str, *, exclude_family: str = "", n: int = 4) -> list[int]:
        """Glyph ids of a label, at most one a family and none of ``exclude_family``: rightly and surely read first."""
        mask = self._any_of("label", (label,))
        if exclude_family:
            mask = mask & ~self._any_of("family", (exclude_family,))
        rows = np.flatnonzero(mask)
        rows = rows[np.lexsort((-self._data["p1"][rows], 1 - self._data["correct"][rows].astype(np.int8)))]
        family = self._data["family"][rows]
        if len(self._words["family"]) > 1:
            rows = rows[np.sort(np.unique(family, return_index=True)[1])]
        return self._data["glyph_id"][rows[:n]].tolist()

    def labels_matching(self, text: str) -> list[str]:
        """Labels of this store that a search means: by character, by code point, or by part of the name."""
        text = text.strip()
        code = re.fullmatch(r"(?:[uU]\+?|0x)?([0-9A-Fa-f]{4,6})", text)
        character = chr(int(code[1], 16)) if code and int(code[1], 16) <= 0x10FFFF else text
        part = text.lower().replace(" ", "_")
        known = self.labels.index
        matching = []
        for label in self._words["label"]:
            i = known.get(label)
            by_character = i is not None and (
                character in self.labels.base[i] or (code and f"U+{code[1].upper():0>4}" in self.labels.codepoint[i])
            )
            if by_character or (len(part) > 1 and part in label.lower()):
                matching.append(label)
        return matching

    @cached_property
    def _outcomes(self) -> dict[str, np.ndarray]:
        right, same_base = self._data["correct"] > 0, self._data["unicode_correct"] > 0
        rank = self._data["rank"]
        top5 = (rank > 0) & (rank <= TOP)
        return {
            "right": right,
            "wrong": ~right,
            "unicode_wrong": ~same_base,
            "form_wrong": ~right & same_base,
            "twin": ~right & (self._data["twin_correct"] > 0),
            "beyond_top5": ~top5,
            "top5": top5,
        }

    @cached_property
    def _tenths(self) -> np.ndarray:
        # A hair above the edge, so that a stored 0.3 (0.30000001 as float32) and a typed 0.3 fall into the same tenth.
        return np.clip((self._data["p1"] * BUCKETS + 1e-6).astype(np.int8), 0, BUCKETS - 1)

    def _any_of(self, name: str, values: Sequence[str]) -> np.ndarray:
        wanted = np.isin(np.array(self._words[name], dtype=object), np.array(values, dtype=object))
        return wanted[self._data[name]] if len(wanted) else np.zeros(len(self), bool)

    def _masks(self, filters: Filters) -> dict[str, np.ndarray]:
        """One mask for each filter that is set."""
        masks = {}
        for name in ("split", "family", "char_class", "label", "base", "pred"):
            if values := getattr(filters, name):
                masks[name] = self._any_of(name, values)
        if filters.outcome:
            masks["outcome"] = self._outcomes[filters.outcome]
        if filters.p_min > 0 or filters.p_max < 1:
            p1 = self._data["p1"]
            masks["confidence"] = p1 >= np.float32(filters.p_min)
            if filters.p_max < 1:
                masks["confidence"] &= p1 < np.float32(filters.p_max)
        if filters.search.strip():
            masks["search"] = self._any_of("label", self.labels_matching(filters.search))
        return masks

    def _mask(self, filters: Filters) -> np.ndarray:
        masks = list(self._masks(filters).values())
        return np.logical_and.reduce(masks) if masks else np.ones(len(self), bool)

    def _order(self, sort: str) -> np.ndarray:
        """Row numbers in the order of a sort; ascending ids make stable sorts break ties by id."""
        if sort not in SORTS:
            raise StoreError(f"There is no sort {sort!r}.", remedy=f"Use one of {', '.join(SORTS)}.")
        if sort not in self._orders:
            key = {
                "loss": lambda: -self._data["loss"],  # NaN, a label outside the map, sorts last
                "unsure": lambda: self._data["p1"],
                "sure": lambda: -self._data["p1"],
                "margin": lambda: self._data["margin"],
                "label": lambda: self._data["label"],
                "id": lambda: self._data["glyph_id"],
            }[sort]()
            self._orders[sort] = np.argsort(key, kind="stable").astype(np.int32)
        return self._orders[sort]

    def _select(self, filters: Filters, sort: str) -> np.ndarray:
        """Row numbers of a selection, in order."""
        order = self._order(sort)
        return order[self._mask(filters)[order]]

    def _position(self, filters: Filters, sort: str, glyph_id: int) -> int:
        """How many of the selection come before a glyph; 0 for an unknown id."""
        ids = self._data["glyph_id"]
        row = int(np.searchsorted(ids, glyph_id))
        if row == len(ids) or ids[row] != glyph_id:
            return 0
        order = self._order(sort)
        place = int(np.flatnonzero(order == row)[0])
        return int(np.count_nonzero(self._mask(filters)[order[:place]]))

    def _query(self, query: str, arguments: Sequence[Any] = ()) -> list[tuple]:
        try:
            with closing(connect(self.path)) as connection:
                return connection.execute(query, arguments).fetchall()
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"{self.path.name} cannot be read: {error}.", subject=self.path, remedy=EVALUATE_AGAIN
            ) from error
