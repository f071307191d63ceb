"""The columns of a results file: one small array per field, beside the table, in the order of glyph ids.

Each column is packed as a blob with a checksum, so that damage is detected.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, TypeVar

import numpy as np

from glyphcore.errors import StoreError
from glyphcore.files import CORRUPT_FILE_ERRORS

T = TypeVar("T")

WORDS = ("label", "base", "char_class", "split", "family", "pred", "f_id")
"""Columns stored as codes into a sorted vocabulary."""
NUMBERS = {
    "glyph_id": "<i8", "p1": "<f4", "margin": "<f4", "entropy": "<f4", "loss": "<f4", "rank": "<u2",
    "correct": "|u1", "unicode_correct": "|u1", "twin_correct": "|u1", "cells_right": "<u2", "cells_total": "<u2",
}  # fmt: skip
"""Columns stored as numbers, with their dtypes."""
KEPT = (*WORDS, *NUMBERS)
OPTIONAL = {"outside": "<f4", "final_p": "<f4"}
"""Columns of models that were taught what is none of their labels: the probability of that, and the confidence that
is left for the first candidate; both for the glyph alone."""
COLUMN_OF_ROWS = "SELECT {} FROM {} ORDER BY glyph_id"


def read_once(read: Callable[[Any], T]) -> cached_property[T]:
    """Return a cached property of an object whose ``path`` is a results file; raises StoreError where the results are
    damaged."""

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
    """A column as it is stored in the table ``columns``."""

    name: str
    dtype: str
    vocabulary: str
    """Vocabulary as JSON."""
    data: bytes

    @property
    def checksum(self) -> int:
        """CRC-32 of everything that determines the values of the column."""
        return zlib.crc32(self.data, zlib.crc32(f"{self.name} {self.dtype} {self.vocabulary}".encode()))

    def unpack(self) -> tuple[np.ndarray, list[str]]:
        """Unpack the result of :func:`pack_column`; raises ValueError for other data."""
        data, words = np.frombuffer(self.data, self.dtype), json.loads(self.vocabulary)
        if self.name in WORDS:
            sound = self.dtype in ("<u2", "<u4") and data.max(initial=0) < max(len(words), 1)
        else:
            sound = self.dtype == (NUMBERS | OPTIONAL)[self.name] and words == []
        if not sound or not all(isinstance(word, str) for word in words):
            raise ValueError(f"column {self.name}")
        return data, words

    @classmethod
    def of_rows(cls, name: str, connection: sqlite3.Connection) -> Packed:
        """Make a column from the rows of the table."""
        table = "outside" if name in OPTIONAL else "predictions"
        data, words = pack_column(name, connection.execute(COLUMN_OF_ROWS.format(name, table)))
        return cls(name, data.dtype.str, json.dumps(words, ensure_ascii=False), data.tobytes())


def pack_column(name: str, rows: Iterable[tuple]) -> tuple[np.ndarray, list[str]]:
    """Convert the values of a column, one per row, to numbers or to codes into a sorted vocabulary; return them and the
    vocabulary.

    Codes take 2 bytes, or 4 where there are more than 65,536 words. Memory is needed only for the result and the words.
    """
    if name not in WORDS:
        dtype = (NUMBERS | OPTIONAL)[name]
        return np.fromiter((np.nan if value is None else value for (value,) in rows), dtype), []
    number: dict[str, int] = {}
    codes = np.fromiter((number.setdefault(word, len(number)) for (word,) in rows), np.uint32)
    vocabulary = sorted(number)
    code_of = np.zeros(len(number), "<u2" if len(number) <= 1 << 16 else "<u4")
    code_of[[number[word] for word in vocabulary]] = np.arange(len(number))
    return code_of[codes], vocabulary


@dataclass(frozen=True, eq=False)
class Columns:
    """All columns; about thirty bytes per glyph. The arrays are read-only."""

    data: dict[str, np.ndarray]
    """Name of a column → its values [glyphs]: numbers, or codes into :attr:`words`. Those of :data:`OPTIONAL` may be
    missing."""
    words: dict[str, list[str]]
    """The vocabulary of each column, sorted; empty for numbers."""

    def __len__(self) -> int:
        return len(self.data["glyph_id"])

    def row(self, glyph_id: int) -> int | None:
        """Return the row of a glyph; None where there is none."""
        ids = self.data["glyph_id"]
        row = int(np.searchsorted(ids, glyph_id))
        return row if row < len(ids) and ids[row] == glyph_id else None

    def any_of(self, name: str, values: Sequence[str]) -> np.ndarray:
        """Return bool [glyphs]: rows whose word in column ``name`` is one of ``values``."""
        wanted = np.isin(np.array(self.words[name], dtype=object), np.array(values, dtype=object))
        return wanted[self.data[name]] if len(wanted) else np.zeros(len(self), bool)

    def among(self, ids: np.ndarray) -> np.ndarray:
        """Return bool [glyphs]: rows whose glyph is one of ``ids`` (int, any order)."""
        mask, own = np.zeros(len(self), bool), self.data["glyph_id"]
        rows = np.searchsorted(own, ids).clip(0, max(len(own) - 1, 0))
        if len(own) and len(ids):
            mask[rows[own[rows] == ids]] = True
        return mask
