"""The tables of a results file; its columns as small arrays: how each is packed, how damage to one is noticed."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, TypeVar

import numpy as np

from glyphcore.errors import StoreError
from glyphcore.files import CORRUPT_FILE_ERRORS

T = TypeVar("T")

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
KEPT = (*WORDS, *NUMBERS)
COLUMN_OF_ROWS = "SELECT {} FROM predictions ORDER BY glyph_id"


def read_once(read: Callable[[Any], T]) -> cached_property[T]:
    """A property of something with a ``path`` to results, kept once read; raises StoreError where they are damaged."""

    @wraps(read)
    def checked(self: Any) -> T:
        try:
            return read(self)
        except CORRUPT_FILE_ERRORS as error:
            raise StoreError(
                f"{self.path.name} is damaged ({type(error).__name__}).",
                subject=self.path,
                remedy="Evaluate the checkpoint again.",
            ) from error

    return cached_property(checked)


@dataclass(frozen=True)
class Packed:
    """A column as its row in the table ``columns``."""

    name: str
    dtype: str
    vocabulary: str
    """JSON."""
    data: bytes

    @property
    def checksum(self) -> int:
        """CRC-32 of everything that decides what the column says."""
        return zlib.crc32(self.data, zlib.crc32(f"{self.name} {self.dtype} {self.vocabulary}".encode()))

    def unpack(self) -> tuple[np.ndarray, list[str]]:
        """What :func:`pack_column` made of the rows; raises ValueError where it cannot have made this."""
        data, words = np.frombuffer(self.data, self.dtype), json.loads(self.vocabulary)
        if self.name in WORDS:
            sound = self.dtype in ("<u2", "<u4") and data.max(initial=0) < max(len(words), 1)
        else:
            sound = self.dtype == NUMBERS[self.name] and words == []
        if not sound or not all(isinstance(word, str) for word in words):
            raise ValueError(f"column {self.name}")
        return data, words

    @classmethod
    def of_rows(cls, name: str, connection: sqlite3.Connection) -> Packed:
        """A column from the rows themselves."""
        data, words = pack_column(name, connection.execute(COLUMN_OF_ROWS.format(name)))
        return cls(name, data.dtype.str, json.dumps(words, ensure_ascii=False), data.tobytes())


def pack_column(name: str, rows: Iterable[tuple]) -> tuple[np.ndarray, list[str]]:
    """A column's values, a row each → numbers, or codes into a sorted vocabulary; and that vocabulary.

    Codes take 2 bytes, 4 where there are more than 65,536 words. Memory is that of the result, and of the words.
    """
    if name not in WORDS:
        return np.fromiter((np.nan if value is None else value for (value,) in rows), NUMBERS[name]), []
    number: dict[str, int] = {}
    codes = np.fromiter((number.setdefault(word, len(number)) for (word,) in rows), np.uint32)
    vocabulary = sorted(number)
    place = np.zeros(len(number), "<u2" if len(number) <= 1 << 16 else "<u4")
    place[[number[word] for word in vocabulary]] = np.arange(len(number))
    return place[codes], vocabulary
