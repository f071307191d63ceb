"""What one checkpoint said about one dataset: one SQLite file, written once, resumable, then only read.

``predictions`` has a denormalised row a glyph, ``details`` its packed top-5, grid and embedding (:mod:`.details`), and
``meta`` says what was evaluated with what. When the last batch is in, :meth:`ResultsWriter.finish` also stores the
columns that filters, sorts and facets look at, one small array each (``columns``), and marks the file complete.

Why arrays beside the table: a facet counts every row under every other filter, and "37 of 4,212" counts every row that
sorts before this one. For SQLite that is a scan a facet, whatever the indexes; over 500,000 rows it takes a second
where two bytes a row in memory take milliseconds, for any combination of filters and sorts. So arrays choose rows
(:mod:`.browse`) and SQLite fetches the chosen ones by primary key.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.data.labels import LabelMap
from glyphcore.errors import StoreError
from glyphcore.results.batch import Batch, check, detail_rows, prediction_rows

FORMAT = 1
EVALUATE_AGAIN = "Evaluate the checkpoint again; if it stays so, delete the file first."

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE codebook (patches BLOB NOT NULL);
CREATE TABLE predictions (
    glyph_id INTEGER PRIMARY KEY, label TEXT NOT NULL, label_index INTEGER NOT NULL, base TEXT NOT NULL,
    codepoint TEXT NOT NULL, char_class TEXT NOT NULL, split TEXT NOT NULL, family TEXT NOT NULL, style TEXT NOT NULL,
    f_id TEXT NOT NULL, pred TEXT NOT NULL, pred_index INTEGER NOT NULL, pred_base TEXT NOT NULL, p1 REAL NOT NULL,
    margin REAL NOT NULL, entropy REAL NOT NULL, loss REAL, rank INTEGER NOT NULL, correct INTEGER NOT NULL,
    unicode_correct INTEGER NOT NULL, twin_correct INTEGER NOT NULL, cells_right INTEGER NOT NULL,
    cells_total INTEGER NOT NULL
);
CREATE TABLE details (
    glyph_id INTEGER PRIMARY KEY, top BLOB NOT NULL, cells BLOB NOT NULL, embedding BLOB NOT NULL
);
CREATE TABLE columns (name TEXT PRIMARY KEY, dtype TEXT NOT NULL, vocabulary TEXT NOT NULL, data BLOB NOT NULL);
"""

WORDS = ("label", "base", "char_class", "split", "family", "pred", "f_id")
"""Columns kept as codes into a sorted vocabulary."""
NUMBERS = {
    "glyph_id": "<i8", "p1": "<f4", "margin": "<f4", "entropy": "<f4", "loss": "<f4", "rank": "<u2",
    "correct": "|u1", "unicode_correct": "|u1", "twin_correct": "|u1", "cells_right": "<u2", "cells_total": "<u2",
}  # fmt: skip
"""Columns kept as numbers, and how."""
COLUMN_OF_ROWS = "SELECT {} FROM predictions ORDER BY glyph_id"


@dataclass(frozen=True)
class ResultsMeta:
    """What was evaluated with what; plain types, since it is stored as JSON."""

    checkpoint: str
    """Name that people know it by (the file's stem)."""
    checkpoint_file: str
    checkpoint_fingerprint: str
    dataset: str
    """Path of the glyph database."""
    dataset_fingerprint: str
    labels: dict[str, list[str]]
    """:meth:`LabelMap.to_plain` of the checkpoint's label map."""
    raster_policy: int
    """Version of the raster policy."""
    model: dict[str, Any] = field(default_factory=dict)
    """Facts for the reader: ``parameters``, ``config`` …"""
    notes: list[str] = field(default_factory=list)
    """What the database lacks or does differently (:attr:`GlyphStore.notes`)."""


@dataclass(frozen=True)
class ResultsFile:
    """A results file as found in a folder; what could be read of it."""

    path: Path
    complete: bool
    checkpoint: str
    dataset: str
    dataset_fingerprint: str
    problem: str = ""
    """Why the file cannot be used, in one line; empty for a good one."""
    written: int = 0
    """Glyphs that an unfinished file holds so far."""


def results_path(folder: Path, checkpoint: str, checkpoint_fingerprint: str, dataset_fingerprint: str) -> Path:
    """Where the results of a checkpoint (by its stem) on a database belong."""
    return folder / f"{checkpoint}-{checkpoint_fingerprint}-{dataset_fingerprint}.db"


def list_results(folder: Path) -> list[ResultsFile]:
    """Every results file of a folder, newest first, damaged and unfinished ones included and marked."""
    if not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.glob("*.db"), key=lambda path: (-path.stat().st_mtime, path.name)):
        try:
            meta = read_meta(path)
            complete, problem, written = meta["complete"], "", 0
            if not complete:
                problem = f"{path.name} is unfinished; evaluate the checkpoint again to go on."
                written = _written(path)
            dataset = meta["dataset"], meta["dataset_fingerprint"]
            found.append(ResultsFile(path, complete, meta["checkpoint"], *dataset, problem, written))
        except StoreError as error:
            found.append(ResultsFile(path, False, path.stem, "", "", str(error)))
    return found


def _written(path: Path) -> int:
    with closing(connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM predictions").fetchone()[0]


def connect(path: Path) -> sqlite3.Connection:
    """Read-only connection; open one per query, it must not cross threads."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)


def read_meta(path: Path) -> dict[str, Any]:
    """The small entries of the meta table: all of :class:`ResultsMeta` but the labels, and ``complete``.

    Raises StoreError for a file that is missing, damaged, or no results of this format.
    """
    if not path.is_file():
        raise StoreError(f"{path} does not exist.", subject=path, remedy="Evaluate the checkpoint first.")
    try:
        with closing(connect(path)) as connection:
            rows = connection.execute("SELECT key, value FROM meta WHERE key NOT IN ('labels', 'aggregates')")
            meta = {key: json.loads(value) for key, value in rows}
    except (sqlite3.DatabaseError, ValueError) as error:
        raise StoreError(
            f"{path.name} is not a results file, or a damaged one: {error}.", subject=path, remedy=EVALUATE_AGAIN
        ) from error
    if meta.get("format") != FORMAT or "complete" not in meta:
        raise StoreError(
            f"{path.name} has results format {meta.get('format')!r}; this version reads format {FORMAT}.",
            subject=path,
            remedy=EVALUATE_AGAIN,
        )
    return meta


class ResultsWriter:
    """Writes one results file, a batch a transaction; after a kill it goes on behind the last whole batch.

    Raises StoreError when ``path`` holds something else, or results of another checkpoint, dataset or label map.
    """

    def __init__(self, path: Path, meta: ResultsMeta, codebook: np.ndarray) -> None:
        self.path = path
        self._labels = LabelMap.from_plain(meta.labels)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.stat().st_size == 0:
            self._create(meta, codebook)
        self._connection = sqlite3.connect(path)
        self._connection.execute("PRAGMA synchronous=NORMAL")
        try:
            self._connection.execute(
                "SELECT count(*) FROM sqlite_master"
            )  # takes back what a killed run left half done
            self._check(meta)
        except (sqlite3.DatabaseError, StoreError) as error:
            self.close()
            if isinstance(error, StoreError):
                raise
            raise StoreError(f"{path.name} cannot be written: {error}.", subject=path, remedy=EVALUATE_AGAIN) from error

    @classmethod
    def create_or_resume(cls, path: Path, meta: ResultsMeta, codebook: np.ndarray) -> ResultsWriter:
        """Open ``path`` for writing. ``codebook``: uint8 [1024, 8, 8], grey patches, 255 is ink."""
        return cls(path, meta, codebook)

    @property
    def last_id(self) -> int | None:
        """Largest glyph id written; None at the start."""
        return self._connection.execute("SELECT max(glyph_id) FROM predictions").fetchone()[0]

    @property
    def written(self) -> int:
        """Number of glyphs written so far."""
        return self._connection.execute("SELECT count(*) FROM predictions").fetchone()[0]

    @property
    def complete(self) -> bool:
        """Whether :meth:`finish` has run; such a file takes no further batch."""
        return bool(read_meta(self.path)["complete"])

    def append(self, batch: Batch) -> None:
        """Write a batch in one transaction. Raises ValueError when an array has another length than ``glyphs``."""
        check(batch)
        rows, details = prediction_rows(batch, self._labels), detail_rows(batch)
        with self._connection:
            self._connection.executemany(f"INSERT INTO predictions VALUES ({','.join('?' * 23)})", rows)
            self._connection.executemany("INSERT INTO details VALUES (?, ?, ?, ?)", details)

    def finish(self, aggregates: dict[str, Any]) -> None:
        """Store aggregates (plain types) and the columns for browsing, and mark the file complete, all at once."""
        with self._connection:
            self._connection.execute("DELETE FROM columns")
            self._write_columns((*WORDS, *NUMBERS))
            self._write_meta({"aggregates": aggregates, "complete": True})
        self._connection.execute("ANALYZE")
        self.close()

    def add_columns(self) -> None:
        """Give a complete file of an earlier version the columns that it lacks."""
        there = {name for (name,) in self._connection.execute("SELECT name FROM columns")}
        if missing := [name for name in (*WORDS, *NUMBERS) if name not in there]:
            with self._connection:
                self._write_columns(missing)

    def close(self) -> None:
        """Release the file; what was appended stays."""
        self._connection.close()

    def _create(self, meta: ResultsMeta, codebook: np.ndarray) -> None:
        if codebook.dtype != np.uint8 or codebook.shape[1:] != (8, 8):
            raise ValueError(f"codebook is {codebook.dtype} {codebook.shape}, not uint8 [1024, 8, 8].")
        with closing(sqlite3.connect(self.path)) as self._connection, self._connection:
            self._connection.executescript("PRAGMA page_size=8192; BEGIN;" + SCHEMA)
            self._connection.execute("INSERT INTO codebook VALUES (?)", (codebook.tobytes(),))
            self._write_meta({"format": FORMAT, "complete": False, "aggregates": {}, **asdict(meta)})

    def _check(self, meta: ResultsMeta) -> None:
        stored = read_meta(self.path)
        with closing(connect(self.path)) as connection:
            stored["labels"] = json.loads(connection.execute("SELECT value FROM meta WHERE key='labels'").fetchone()[0])
        for name in ("checkpoint_fingerprint", "dataset_fingerprint", "labels", "raster_policy"):
            if stored.get(name) != getattr(meta, name):
                raise StoreError(
                    f"{self.path.name} holds results with another {name.replace('_', ' ')}.",
                    subject=self.path,
                    remedy=EVALUATE_AGAIN,
                )

    def _write_columns(self, names: Sequence[str]) -> None:
        for name in names:
            data, vocabulary = pack_column(name, self._connection.execute(COLUMN_OF_ROWS.format(name)))
            row = (name, data.dtype.str, json.dumps(vocabulary, ensure_ascii=False), data.tobytes())
            self._connection.execute("INSERT INTO columns VALUES (?, ?, ?, ?)", row)

    def _write_meta(self, entries: dict[str, Any]) -> None:
        rows = [(key, json.dumps(value, ensure_ascii=False)) for key, value in entries.items()]
        self._connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)


def pack_column(name: str, rows: Iterable[tuple]) -> tuple[np.ndarray, list[str]]:
    """A column's values, a row each → numbers, or codes into a sorted vocabulary; and that vocabulary."""
    if name in WORDS:
        vocabulary, codes = np.unique(np.array([word for (word,) in rows], dtype=str), return_inverse=True)
        return codes.astype("<u2"), vocabulary.tolist()
    return np.array([np.nan if value is None else value for (value,) in rows]).astype(NUMBERS[name]), []


def meta_from(entries: dict[str, Any]) -> ResultsMeta:
    """The meta table's entries → :class:`ResultsMeta`."""
    return ResultsMeta(**{each.name: entries[each.name] for each in fields(ResultsMeta)})
