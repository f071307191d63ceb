"""Reads predictions: pages, facets, neighbours, details, export.

Small arrays select and order glyphs (:mod:`glyphcore.results.selection`); SQLite fetches the selected rows by primary
key. A page is identified by its first glyph, not by an offset, so that a link keeps its meaning.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.data.labels import LabelMap
from glyphcore.errors import StoreError
from glyphcore.progress import Progress
from glyphcore.results import cell_pattern
from glyphcore.results.buckets import Extents, Known
from glyphcore.results.cell_index import Cells, Rasters, build_cell_index, cells_matching
from glyphcore.results.columns import KEPT, OPTIONAL, Columns, read_once
from glyphcore.results.connection import EVALUATE_AGAIN, reading
from glyphcore.results.filters import Filters
from glyphcore.results.label_issues import Scores
from glyphcore.results.linked import by_file, has_optional, read_column, read_columns, shards
from glyphcore.results.neighbours import likest
from glyphcore.results.paging import Window, window
from glyphcore.results.rows import Details, unpack
from glyphcore.results.selection import FacetValue, Selector, Summary, Tags
from glyphcore.results.store import ResultsMeta, meta_from, read_meta


@dataclass(frozen=True)
class ResultRow:
    """One row of the table ``predictions``, and a column beside it."""

    glyph_id: int
    label: str
    label_index: int
    """-1 for a label outside the checkpoint's label map."""
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
    """Entropy in nats."""
    loss: float | None
    """Loss in nats; None for a label outside the label map."""
    rank: int
    """Rank of the truth, from 1; 0 for a label outside the label map."""
    correct: int
    unicode_correct: int
    twin_correct: int
    cells_right: int
    """Number of cells with ink whose predicted primitive is the target."""
    cells_total: int
    """Number of cells with ink."""
    outside: float | None = None
    """Probability that the glyph is none of the labels; None where the results do not tell."""


COLUMNS = tuple(field.name for field in fields(ResultRow))
STORED = COLUMNS[:-1]
"""The columns of the table."""


@dataclass(frozen=True)
class Page(Window):
    """One page of a selection."""

    rows: list[ResultRow]
    """Rows of the glyphs, in the same order."""
    by: str = "loss"
    """The column that the selection is sorted by (:meth:`Selector.column`)."""
    values: Mapping[int, float] = field(default_factory=dict)
    """Glyph id → the number that the glyph is sorted by; unknown numbers and words are left out."""
    more: Mapping[int, int] = field(default_factory=dict)
    """Id of the last glyph of a group → the number of further glyphs of the group that the selection leaves out."""


@dataclass(frozen=True)
class Neighbours:
    """The position of a glyph in a selection."""

    previous: int | None
    next: int | None
    position: int
    """Position from 0; for a glyph outside the selection, the position that it would have."""
    total: int
    inside: bool


class ResultsStore:
    """Reader of a finished results file; safe to share between threads.

    Raises StoreError for a file that is missing, damaged, of another format, or unfinished.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._tags: Tags | None = None
        self._geometry: Callable[[], Known | None] | None = None
        self._cells: Cells | None = None
        if not read_meta(self.path)["complete"]:
            remedy = "Evaluate the checkpoint again to go on."
            raise StoreError(f"{self.path.name} is unfinished.", subject=path, remedy=remedy)
        self._shards = shards(self.path)

    def joined(self, *, tags: Tags | None = None, geometry: Callable[[], Known | None] | None = None) -> ResultsStore:
        """Return the same results with data that results do not have, for selections; arrays are shared.

        ``tags``: the glyph ids of each tag, int64; called again each time. ``geometry``: geometry of the glyphs in the
        em; called until it returns data. An argument that is None leaves its part as it is.
        """
        other = copy(self)
        other._tags, other._geometry = tags or self._tags, geometry or self._geometry
        vars(other).pop("selector", None)
        vars(other)["columns"] = self.columns
        return other

    def __len__(self) -> int:
        return len(self.columns)

    @read_once
    def columns(self) -> Columns:
        """The columns that selections are made from; about thirty bytes per glyph, read once."""
        parts = self._shards
        optional = all(map(has_optional, [shard.path for shard in parts] or [self.path]))
        names = (*KEPT, *OPTIONAL) if optional else KEPT
        read = [read_column(name, parts) for name in names] if parts else read_columns(self.path, names)
        data = {name: values for name, (values, _) in zip(names, read, strict=True)}
        words = {name: vocabulary for name, (_, vocabulary) in zip(names, read, strict=True)}
        if len({len(column) for column in data.values()}) != 1 or (np.diff(data["glyph_id"]) <= 0).any():
            raise StoreError(f"{self.path.name} has damaged columns.", subject=self.path, remedy=EVALUATE_AGAIN)
        return Columns(data, words)

    @read_once
    def selector(self) -> Selector:
        """The selector of these results, which answers filters."""
        ids = self.columns.data["glyph_id"]
        return Selector(
            self.columns, self.labels, self.path.parent, tags=self._tags, issues=Scores(self.path, ids),
            cells=lambda text: cells_matching(self.cells, cell_pattern.parse(text)),
            neighbours=lambda text: likest(self.path, self.columns, self.codebook, lambda: self.cells, text),
            extents=self._geometry and Extents(ids, self._geometry),
        )  # fmt: skip

    @read_once
    def _entries(self) -> dict[str, Any]:
        return {key: json.loads(value) for key, value in self._query("SELECT key, value FROM meta")}

    @read_once
    def meta(self) -> ResultsMeta:
        """The checkpoint and the dataset of the evaluation."""
        return meta_from(self._entries)

    @read_once
    def aggregates(self) -> dict[str, Any]:
        """The aggregates that the job computed over all glyphs."""
        return dict(self._entries["aggregates"])

    @read_once
    def labels(self) -> LabelMap:
        """The checkpoint's label map."""
        return LabelMap.from_plain(self._entries["labels"])

    @read_once
    def codebook(self) -> np.ndarray:
        """uint8 [1024, 8, 8]: grey patches, 255 is ink; entry 0 is EMPTY."""
        return np.frombuffer(self._query("SELECT patches FROM codebook")[0][0], np.uint8).reshape(-1, 8, 8)

    @property
    def cells(self) -> Cells:
        """The cells of all grids. Raises StoreError where :meth:`build_cell_index` has not run yet."""
        if not self.has_cell_index or self._cells is None:
            raise StoreError(
                f"The cells of {self.path.name} have no index yet.",
                subject=self.path,
                remedy=f"Run 'glyphcore primitives {self.path}' once.",
            )
        return self._cells

    def build_cell_index(self, rasters: Rasters | None = None, progress: Progress | None = None) -> Cells:
        """Gather and store :attr:`cells` (:func:`glyphcore.results.cell_index.build_cell_index`)."""
        self._cells = build_cell_index(self.path, self.columns, self.codebook, rasters, progress)
        return self._cells

    @property
    def has_cell_index(self) -> bool:
        """Whether :attr:`cells` exist."""
        if self._cells is None:
            self._cells = Cells.existing(self.path)
        return self._cells is not None

    def count(self, filters: Filters) -> int:
        """Return the number of glyphs of a selection."""
        return self.selector.count(filters)

    def summary(self, filters: Filters) -> Summary:
        """Return the counts of correct glyphs of a selection."""
        return self.selector.summary(filters)

    def facets(self, filters: Filters) -> dict[str, list[FacetValue]]:
        """Return values and counts of every facet under all other filters (:meth:`Selector.facets`)."""
        return self.selector.facets(filters)

    def page(
        self, filters: Filters, sort: str = "loss", start: int | None = None, limit: int = 60, *, most: str = ""
    ) -> Page:
        """Return the page that starts at glyph ``start``, or the first page.

        ``most``: ``family:3`` keeps the first three glyphs of each family. If ``start`` is outside the selection, the
        page starts where that glyph would be.
        """
        chosen = self.selector.chosen(filters, sort, most)
        ids = self.columns.data["glyph_id"][chosen.rows]
        around = window(ids, 0 if start is None else self.selector.position(filters, sort, start, most), limit)
        here = slice(around.position, around.position + limit)
        values = self.selector.values(filters, sort, chosen.rows[here])
        known = {} if values is None else dict(zip(around.ids, values.tolist(), strict=True))
        more = [] if chosen.more is None else chosen.more[here].tolist()
        return Page(
            **vars(around),
            rows=self.rows(around.ids),
            by=self.selector.column(filters, sort),
            values={glyph: value for glyph, value in known.items() if value == value},
            more={glyph: n for glyph, n in zip(around.ids, more, strict=False) if n},
        )

    def start_of(self, filters: Filters, sort: str, glyph_id: int, limit: int, *, most: str = "") -> int | None:
        """Return the first glyph of the page (counted from the first page) that contains a glyph; None if the glyph is
        outside the selection."""
        near = self.neighbours(filters, sort, glyph_id, most=most)
        if not near.inside:
            return None
        place = near.position // limit * limit
        return int(self.columns.data["glyph_id"][self.selector.select(filters, sort, most)[place]])

    def rows(self, ids: Sequence[int], *, all_of_them: bool = False) -> list[ResultRow]:
        """Return rows with these ids, in the given order; unknown ids are left out.

        With ``all_of_them``, raises StoreError for unknown ids.
        """
        rows_by_id: dict[int, ResultRow] = {}
        outside = self._outside(ids)
        for i in range(0, len(ids), 500):
            chunk = [int(glyph) for glyph in ids[i : i + 500]]
            rows = self._of_glyphs(f"SELECT {', '.join(STORED)} FROM predictions", chunk)
            rows_by_id |= {row[0]: ResultRow(*(*row, outside.get(row[0]))) for row in rows}
        if all_of_them and (missing := [glyph for glyph in ids if glyph not in rows_by_id]):
            raise StoreError(
                f"{self.path.name} lacks the row of glyph {missing[0]}.", subject=self.path, remedy=EVALUATE_AGAIN
            )
        return [rows_by_id[glyph] for glyph in ids if glyph in rows_by_id]

    def _outside(self, ids: Sequence[int]) -> dict[int, float]:
        """Return :attr:`ResultRow.outside` by glyph id, where the results tell it."""
        if (outside := self.columns.data.get("outside")) is None:
            return {}
        rows = {int(glyph): self.columns.row(int(glyph)) for glyph in ids}
        return {glyph: float(outside[row]) for glyph, row in rows.items() if row is not None}

    def details(self, glyph_id: int) -> Details:
        """Return top-5, grid and embedding of a glyph. Raises StoreError for an unknown id."""
        rows = self._of_glyphs("SELECT top, cells, embedding FROM details", [glyph_id])
        if not rows:
            problem = f"{self.path.name} has no glyph {glyph_id}."
            raise StoreError(problem, subject=glyph_id, remedy="Choose one in Browse.")
        return unpack(*rows[0])

    def several_details(self, ids: Sequence[int]) -> dict[int, Details]:
        """Return details of some glyphs with one query; unknown ids are left out."""
        rows = self._of_glyphs("SELECT glyph_id, top, cells, embedding FROM details", ids)
        return {row[0]: unpack(*row[1:]) for row in rows}

    def neighbours(self, filters: Filters, sort: str, glyph_id: int, *, most: str = "") -> Neighbours:
        """Return the glyphs before and after a glyph in a selection, and its position there."""
        chosen = self.selector.select(filters, sort, most)
        ids = self.columns.data["glyph_id"]
        place = self.selector.position(filters, sort, glyph_id, most)
        inside = place < len(chosen) and int(ids[chosen[place]]) == glyph_id
        after = place + inside
        return Neighbours(
            previous=int(ids[chosen[place - 1]]) if place else None,
            next=int(ids[chosen[after]]) if after < len(chosen) else None,
            position=place,
            total=len(chosen),
            inside=inside,
        )

    def shown(self, filters: Filters, sort: str = "loss", most: str = "") -> int:
        """Return the number of glyphs of a selection, with a limit per group."""
        return len(self.selector.select(filters, sort, most))

    def export(self, filters: Filters, sort: str = "loss", chunk: int = 2000, *, most: str = "") -> Iterator[ResultRow]:
        """Yield every row of a selection in order, read in chunks; ``most`` is that of :meth:`page`."""
        yield from self._chunks(self.columns.data["glyph_id"][self.selector.select(filters, sort, most)], chunk)

    def between(self, after: int | None, upto: int | None, chunk: int = 2000) -> Iterator[ResultRow]:
        """Yield every row with a key above ``after``, up to ``upto``, by key; None means no limit."""
        ids = self.columns.data["glyph_id"]
        first = 0 if after is None else int(np.searchsorted(ids, after, side="right"))
        last = len(ids) if upto is None else int(np.searchsorted(ids, upto, side="right"))
        yield from self._chunks(ids[first:last], chunk)

    def _chunks(self, ids: np.ndarray, chunk: int) -> Iterator[ResultRow]:
        for i in range(0, len(ids), chunk):
            yield from self.rows(ids[i : i + chunk].tolist())

    def _of_glyphs(self, query: str, ids: Sequence[int]) -> list[tuple]:
        """Return the rows of some glyphs, in any order."""
        rows: list[tuple] = []
        for path, wanted in by_file(self.path, self._shards, ids):
            with reading(path) as connection:
                marks = ",".join("?" * len(wanted))
                rows += connection.execute(f"{query} WHERE glyph_id IN ({marks})", wanted).fetchall()
        return rows

    def _query(self, query: str, arguments: Sequence[Any] = ()) -> list[tuple]:
        with reading(self.path) as connection:
            return connection.execute(query, arguments).fetchall()
