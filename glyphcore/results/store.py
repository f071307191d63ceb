"""The predictions of one checkpoint on one dataset: one SQLite file, written once, resumable, then only read.

``predictions`` has one denormalised row per glyph, ``details`` has its packed top-5, grid and embedding (:mod:`.rows`),
and ``meta`` names checkpoint and dataset. After the last batch, :meth:`ResultsWriter.finish` also stores the columns
that filters, sorts and facets need, one small array each (``columns``) with a checksum, and marks the file complete.

The reason for arrays beside the table: a facet counts every row under every other filter, and "37 of 4,212" counts
every row that sorts before the current one. In SQLite that is one scan per facet, with any indexes. Over 500,000 rows a
scan takes a second, while arrays with two bytes per row in memory take milliseconds, for any combination of filters and
sorts. So arrays choose rows (:mod:`.browse`) and SQLite fetches the chosen rows by primary key.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.data.labels import LabelMap
from glyphcore.errors import StoreError
from glyphcore.results.columns import KEPT, OPTIONAL, Packed
from glyphcore.results.connection import EVALUATE_AGAIN, CutOffError, reading
from glyphcore.results.linked import SCHEMA as SHARDS
from glyphcore.results.linked import Shard, shards
from glyphcore.results.rows import Batch, check, detail_rows, outside_rows, prediction_rows

FORMAT = 1
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
OUTSIDE = """CREATE TABLE IF NOT EXISTS outside (
    glyph_id INTEGER PRIMARY KEY, outside REAL NOT NULL, final_p REAL NOT NULL)"""
"""Table of :data:`~glyphcore.results.columns.OPTIONAL`; results of other models do not have it."""
WAIT = 60.0
"""Seconds that a writer waits for readers to close the file."""


@dataclass(frozen=True)
class ResultsMeta:
    """Checkpoint and dataset of an evaluation; plain types, since it is stored as JSON."""

    checkpoint: str
    """Name of the checkpoint for people (the stem of the file name)."""
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
    """Facts for people: ``parameters``, and ``training``, the recipe in the checkpoint."""
    notes: list[str] = field(default_factory=list)
    """Notes on the database: missing or unusual parts (:attr:`GlyphStore.notes`)."""


@dataclass(frozen=True)
class ResultsFile:
    """A results file in a folder, with its readable entries."""

    path: Path
    complete: bool
    checkpoint: str
    dataset: str
    dataset_fingerprint: str
    problem: str = ""
    """Reason why the file cannot be used, in one line; empty for a good file."""
    written: int = 0
    """Number of glyphs in an unfinished file."""


def results_path(folder: Path, checkpoint: str, checkpoint_fingerprint: str, dataset_fingerprint: str) -> Path:
    """Return the path for the results of a checkpoint (by its stem) on a database."""
    return folder / f"{checkpoint}-{checkpoint_fingerprint}-{dataset_fingerprint}.db"


def list_results(folder: Path) -> list[ResultsFile]:
    """Return every results file of a folder, newest first; damaged and unfinished files are included and marked."""
    if not folder.is_dir():
        return []
    files = []
    for _, path in sorted(filter(None, map(_dated, folder.glob("*.db")))):
        try:
            meta = read_meta(path)
            complete, problem, written = meta["complete"], "", 0
            if not complete:
                problem = f"{path.name} is unfinished; evaluate the checkpoint again to go on."
                written = _written(path)
            shards(path)  # raises StoreError if one is missing
            dataset = meta["dataset"], meta["dataset_fingerprint"]
            files.append(ResultsFile(path, complete, meta["checkpoint"], *dataset, problem, written))
        except StoreError as error:
            files.append(ResultsFile(path, False, path.stem, "", "", str(error)))
    return files


def _dated(path: Path) -> tuple[float, Path] | None:
    """Return a key that sorts newest first; None for a file that was deleted after its folder was read."""
    try:
        return -path.stat().st_mtime, path
    except OSError:
        return None


def _written(path: Path) -> int:
    with reading(path) as connection:
        return connection.execute("SELECT count(*) FROM predictions").fetchone()[0]


def read_meta(path: Path) -> dict[str, Any]:
    """Return the small entries of the meta table: all of :class:`ResultsMeta` except the labels, and ``complete``.

    Raises StoreError for a file that is missing, damaged, or not a results file of this format.
    """
    if not path.is_file():
        raise StoreError(f"{path} does not exist.", subject=path, remedy="Evaluate the checkpoint first.")
    try:
        with reading(path) as connection:
            rows = connection.execute("SELECT key, value FROM meta WHERE key NOT IN ('labels', 'aggregates')")
            meta = {key: json.loads(value) for key, value in rows}
        words = [meta.get(name) for name in ("checkpoint", "dataset", "dataset_fingerprint")]
        if meta.get("format") == FORMAT and not all(isinstance(word, str) for word in words):
            raise TypeError("names that are no words")
    except (sqlite3.DatabaseError, ValueError, TypeError, RecursionError) as error:
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


def is_complete(path: Path) -> bool:
    """Return whether results exist and are finished. Raises StoreError for a file that is damaged or not a results
    file."""
    try:
        return path.exists() and bool(read_meta(path)["complete"])
    except CutOffError:
        return False


class ResultsWriter:
    """Writes one results file, one batch per transaction; after a kill it continues after the last complete batch.

    A file has one writer at a time; the caller must ensure that. Raises StoreError when ``path`` is another kind of
    file, or has results of another checkpoint, dataset or label map. Like every method, it also raises StoreError when
    the disk is full or the file is locked or read-only.
    """

    def __init__(self, path: Path, meta: ResultsMeta, codebook: np.ndarray) -> None:
        self.path = path
        self._labels = LabelMap.from_plain(meta.labels)
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._explained():
            self._connection = sqlite3.connect(path.resolve().as_uri(), timeout=WAIT, uri=True)
        try:
            with self._explained():
                self._connection.execute("PRAGMA synchronous=NORMAL")
                # Reading rolls back an incomplete transaction of a killed run: a batch, or the whole file.
                if not self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    self._create(meta, codebook)
                self._check(meta)
        except BaseException:
            self.close()
            raise

    @classmethod
    def create_or_resume(cls, path: Path, meta: ResultsMeta, codebook: np.ndarray) -> ResultsWriter:
        """Open ``path`` for writing. ``codebook``: uint8 [1024, 8, 8], grey patches, 255 is ink."""
        return cls(path, meta, codebook)

    @property
    def last_id(self) -> int | None:
        """Largest glyph id written; None at the start."""
        return self._one("SELECT max(glyph_id) FROM predictions")

    @property
    def written(self) -> int:
        """Number of glyphs written so far."""
        return self._one("SELECT count(*) FROM predictions")

    def has(self, glyph_id: int) -> bool:
        """Whether a glyph is written."""
        return bool(self._one(f"SELECT count(*) FROM predictions WHERE glyph_id = {int(glyph_id)}"))

    @property
    def complete(self) -> bool:
        """Whether :meth:`finish` has run; such a file accepts no further batch."""
        return bool(read_meta(self.path)["complete"])

    def append(self, batch: Batch) -> None:
        """Write a batch in one transaction. Raises ValueError when an array differs in length from ``glyphs``."""
        check(batch)
        rows, details = prediction_rows(batch, self._labels), detail_rows(batch)
        with self._explained(), self._connection:
            self._connection.executemany(f"INSERT INTO predictions VALUES ({','.join('?' * 23)})", rows)
            self._connection.executemany("INSERT INTO details VALUES (?, ?, ?, ?)", details)
            if batch.outside is not None:
                self._connection.execute(OUTSIDE)
                self._connection.executemany("INSERT INTO outside VALUES (?, ?, ?)", outside_rows(batch))

    def take(self, part: Path) -> None:
        """Copy all missing glyphs from another results file, in one transaction."""
        with self._explained():
            self._connection.execute("ATTACH ? AS part", (f"{part.resolve().as_uri()}?mode=ro",))
            try:
                with self._connection:
                    tables = ["predictions", "details"]
                    if self._connection.execute("SELECT 1 FROM part.sqlite_master WHERE name = 'outside'").fetchone():
                        self._connection.execute(OUTSIDE)
                        tables.append("outside")
                    for table in tables:
                        self._connection.execute(
                            f"INSERT OR IGNORE INTO main.{table} SELECT * FROM part.{table} ORDER BY 1"
                        )
            finally:
                self._connection.execute("DETACH part")

    def link(self, shards: Sequence[Shard]) -> None:
        """Have the rows in shards instead of this file (:mod:`glyphcore.results.linked`)."""
        with self._explained(), self._connection:
            self._connection.execute(SHARDS)
            rows = [(shard.path.name, shard.first, shard.last) for shard in shards]
            self._connection.executemany("INSERT INTO shards VALUES (?, ?, ?)", rows)

    def finish(self, aggregates: dict[str, Any]) -> None:
        """Store aggregates (plain types) and the columns for browsing, and mark the file complete, in one
        transaction."""
        parts = shards(self.path)
        with self._explained():
            with self._connection:
                self._connection.execute("DELETE FROM columns")
                names = self._columns if not parts else ()  # shards have their own columns
                made = [self._write_column(Packed.of_rows(name, self._connection)) for name in names]
                self._write_meta({"aggregates": aggregates, "complete": True, "checksums": dict(made)})
            self._connection.execute("ANALYZE")
        self.close()

    def mend_columns(self, say: Callable[[str], None] = lambda _: None) -> None:
        """Rebuild missing and damaged columns of a complete file; ``say`` gets messages about damage.

        A file from before checksums were added gets them; a linked file has no columns of its own.
        """
        if shards(self.path):
            return
        with self._explained():
            stored = {row[0]: Packed(*row) for row in self._connection.execute("SELECT * FROM columns")}
            sums = read_meta(self.path).get("checksums", {})
            unsure = [n for n in self._columns if n not in stored or stored[n].checksum != sums.get(n)]
            if not unsure:
                return
            with self._connection:
                for name in unsure:
                    packed = Packed.of_rows(name, self._connection)
                    if name in stored and stored[name] != packed:
                        say(f"{self.path.name}: column {name!r} was damaged and is built again")
                    sums |= [self._write_column(packed)]
                self._write_meta({"checksums": sums})

    @property
    def _columns(self) -> tuple[str, ...]:
        """The columns to store. Those of :data:`OPTIONAL` need a row for each glyph: an interrupted run may have been
        continued by another version."""
        known = self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'outside'").fetchone()
        whole = known and self._one("SELECT count(*) FROM outside") == self.written
        return (*KEPT, *OPTIONAL) if whole else KEPT

    def close(self) -> None:
        """Close the file; appended batches stay."""
        self._connection.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(
                f"{self.path.name} cannot be written: {error}.",
                subject=self.path,
                remedy="Check the disk and the folder, then run the command again; it continues from here.",
            ) from error

    def _one(self, query: str) -> Any:
        with self._explained():
            return self._connection.execute(query).fetchone()[0]

    def _create(self, meta: ResultsMeta, codebook: np.ndarray) -> None:
        if codebook.dtype != np.uint8 or codebook.shape[1:] != (8, 8):
            raise ValueError(f"codebook is {codebook.dtype} {codebook.shape}, not uint8 [1024, 8, 8].")
        with self._connection:
            self._connection.executescript("PRAGMA page_size=8192; BEGIN;" + SCHEMA)
            self._connection.execute("INSERT INTO codebook VALUES (?)", (codebook.tobytes(),))
            self._write_meta({"format": FORMAT, "complete": False, "aggregates": {}, **asdict(meta)})

    def _check(self, meta: ResultsMeta) -> None:
        stored = read_meta(self.path)
        with reading(self.path) as connection:
            stored["labels"] = json.loads(connection.execute("SELECT value FROM meta WHERE key='labels'").fetchone()[0])
        for name in ("checkpoint_fingerprint", "dataset_fingerprint", "labels", "raster_policy"):
            if stored.get(name) != getattr(meta, name):
                raise StoreError(
                    f"{self.path.name} holds results with another {name.replace('_', ' ')}.",
                    subject=self.path,
                    remedy=EVALUATE_AGAIN,
                )

    def _write_column(self, packed: Packed) -> tuple[str, int]:
        """Write a column; return its name and checksum."""
        row = (packed.name, packed.dtype, packed.vocabulary, packed.data)
        self._connection.execute("INSERT OR REPLACE INTO columns VALUES (?, ?, ?, ?)", row)
        return packed.name, packed.checksum

    def _write_meta(self, entries: dict[str, Any]) -> None:
        rows = [(key, json.dumps(value, ensure_ascii=False)) for key, value in entries.items()]
        self._connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)


def meta_from(entries: dict[str, Any]) -> ResultsMeta:
    """Convert the entries of the meta table to :class:`ResultsMeta`."""
    return ResultsMeta(**{field.name: entries[field.name] for field in fields(ResultsMeta)})
