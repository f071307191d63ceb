"""Results whose rows stay in the shards of an evaluation: a small file with the figures and a list of the shards.

A merged file has a copy of every row; results of ten million glyphs would take 11 GB twice. For a linked file the
columns of all shards are joined in memory when it is opened, and the rows of a page are read from the shard that has
them. The shards must stay in the folder ``shards`` beside the file.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from glyphcore.errors import StoreError
from glyphcore.results.columns import NUMBERS, OPTIONAL, Packed
from glyphcore.results.connection import EVALUATE_AGAIN, explained, reading

FOLDER = "shards"
"""Name of the folder of shards below the folder of results; pages do not list the files in it."""
SCHEMA = """CREATE TABLE IF NOT EXISTS shards (
    name TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID"""
SAME = ("checkpoint_fingerprint", "dataset_fingerprint", "complete")


@dataclass(frozen=True)
class Shard:
    """A results file that has the glyphs with ids from ``first`` to ``last``."""

    path: Path
    first: int
    last: int


def shard_of(path: Path) -> Shard | None:
    """Return a results file as a shard; None if it has no glyph."""
    with reading(path) as connection:
        first, last = connection.execute("SELECT min(glyph_id), max(glyph_id) FROM predictions").fetchone()
    return None if first is None else Shard(path, first, last)


def in_order(shards: Sequence[Shard]) -> tuple[Shard, ...]:
    """Return shards in the order of their glyphs. Raises StoreError when two of them have the same glyphs."""
    ordered = tuple(sorted(shards, key=lambda shard: shard.first))
    for before, after in pairwise(ordered):
        if before.last >= after.first:
            raise StoreError(f"{before.path.name} and {after.path.name} have the same glyphs.", subject=after.path)
    return ordered


def shards(path: Path) -> tuple[Shard, ...]:
    """Return the shards that have the rows of a results file, in the order of their glyphs; none if it has its own
    rows.

    Raises StoreError when a shard is missing, unfinished, or from another evaluation.
    """
    if not is_linked(path):
        return ()
    with reading(path) as connection:
        rows = connection.execute("SELECT name, first, last FROM shards").fetchall()
        own = _facts(connection)
    if not all(isinstance(name, str) and Path(name).name == name and name.endswith(".db") for name, _, _ in rows):
        raise StoreError(f"{path.name} has a damaged list of shards.", subject=path, remedy=EVALUATE_AGAIN)
    found = in_order([Shard(path.parent / FOLDER / name, int(first), int(last)) for name, first, last in rows])
    for shard in found:
        if not shard.path.is_file():
            raise StoreError(
                f"{path.name} has its rows in {FOLDER}/{shard.path.name}, which is missing.",
                subject=path,
                remedy=f"Put that file back, or make it again by 'evaluate --shard {_number(shard.path)}'.",
            )
        with reading(shard.path) as connection:
            facts = _facts(connection)
        if facts != own | {"complete": True}:
            raise StoreError(
                f"{FOLDER}/{shard.path.name} is unfinished, or not from the evaluation of {path.name}.",
                subject=path,
                remedy=f"Put the right file there, or delete it and run 'evaluate --shard {_number(shard.path)}'.",
            )
    return found


def is_linked(path: Path) -> bool:
    """Return whether a results file has its rows in shards."""
    with reading(path) as connection:
        return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'shards'").fetchone())


def row_files(path: Path) -> tuple[Path, ...]:
    """Return the files that have the rows of a results file, in the order of their glyphs."""
    return tuple(shard.path for shard in shards(path)) or (path,)


@contextmanager
def reading_rows(path: Path, query: str, arguments: Sequence[object] = ()) -> Iterator[Iterator[tuple]]:
    """Yield the rows of a query over ``predictions`` and ``details``, file after file (:func:`row_files`).

    Errors during reading and unpacking become StoreErrors.
    """
    with explained(path):
        yield _each_row(row_files(path), query, arguments)


def _each_row(files: Sequence[Path], query: str, arguments: Sequence[object]) -> Iterator[tuple]:
    for file in files:
        with reading(file) as connection:
            yield from connection.execute(query, arguments)


def by_file(path: Path, shards: Sequence[Shard], ids: Sequence[int]) -> Iterator[tuple[Path, list[int]]]:
    """Yield the files that may have the rows of some glyphs, each with its part of ``ids``."""
    if not shards:
        yield path, [int(glyph) for glyph in ids]
        return
    firsts = np.array([shard.first for shard in shards])
    numbers = np.searchsorted(firsts, np.asarray(ids, np.int64), side="right") - 1
    for number in np.unique(numbers[numbers >= 0]).tolist():
        yield shards[number].path, [int(glyph) for glyph, its in zip(ids, numbers, strict=True) if its == number]


def read_column(name: str, shards: Sequence[Shard]) -> tuple[np.ndarray, list[str]]:
    """Return a column of all shards and its vocabulary (:class:`~glyphcore.results.columns.Columns`). Raises StoreError
    when a shard has a damaged one."""
    parts = [read_columns(shard.path, [name])[0] for shard in shards]
    if name in NUMBERS or name in OPTIONAL:
        return np.concatenate([values for values, _ in parts]), []
    words = sorted(set().union(*(vocabulary for _, vocabulary in parts)))
    # A code of a shard is a position in its own vocabulary; it becomes the position in the vocabulary of all.
    position = {word: i for i, word in enumerate(words)}
    code = "<u2" if len(words) <= 1 << 16 else "<u4"
    codes = [np.array([position[word] for word in vocabulary], code)[codes] for codes, vocabulary in parts]
    return np.concatenate(codes), words


def read_columns(path: Path, names: Sequence[str]) -> list[tuple[np.ndarray, list[str]]]:
    """Return columns that a results file has itself, and their vocabularies. Raises StoreError when one is damaged."""
    marks = ",".join("?" * len(names))
    with reading(path) as connection:
        query = f"SELECT name, dtype, vocabulary, data FROM columns WHERE name IN ({marks})"
        packed = {row[0]: Packed(*row) for row in connection.execute(query, names)}
        entry = connection.execute("SELECT value FROM meta WHERE key = 'checksums'").fetchone()
        sums = json.loads(entry[0]) if entry else {}  # older files have no checksums
        if any(name not in packed or packed[name].checksum != sums.get(name, packed[name].checksum) for name in names):
            raise StoreError(f"{path.name} has damaged columns.", subject=path, remedy=EVALUATE_AGAIN)
        return [packed[name].unpack() for name in names]


def has_optional(path: Path) -> bool:
    """Return whether a results file has the columns :data:`~glyphcore.results.columns.OPTIONAL`."""
    with reading(path) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM columns")}
    return names >= set(OPTIONAL)


def _number(path: Path) -> str:
    """Return ``2/3`` of a shard with the name ``…-2of3.db``."""
    return path.stem.rpartition("-")[2].replace("of", "/")


def _facts(connection: sqlite3.Connection) -> dict[str, object]:
    marks = ", ".join("?" * len(SAME))
    with closing(connection.execute(f"SELECT key, value FROM meta WHERE key IN ({marks})", SAME)) as rows:
        return {key: json.loads(value) for key, value in rows}
