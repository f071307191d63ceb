"""Row numbers of a table whose key has no index, so that a query does not scan the whole table.

A database from another source is opened read-only, so it cannot get an index. Two numbers per row in memory replace it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glyphcore.errors import StoreError

Rows = Callable[..., list[tuple]]
"""Function from a query and its arguments to rows."""


@dataclass(frozen=True)
class Places:
    """Row numbers by key."""

    key: np.ndarray
    """int64 [n], ascending."""
    rowid: np.ndarray
    """int64 [n]."""

    @classmethod
    def of_table(cls, rows: Rows, table: str, key: str) -> Places | None:
        """Return the row numbers of a table; None where ``key`` has an index, or where rows have no numbers (in a
        view)."""
        plan = rows(f"EXPLAIN QUERY PLAN SELECT 1 FROM {table} WHERE {key} > 0 ORDER BY {key} LIMIT 1")
        if not any("SCAN" in step[-1] or "TEMP B-TREE" in step[-1] for step in plan):
            return None
        try:
            pairs = np.array(rows(f"SELECT {key}, rowid FROM {table}"), dtype=np.int64).reshape(-1, 2)
        except (StoreError, TypeError):
            return None
        pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
        return cls(pairs[:, 0].copy(), pairs[:, 1].copy())

    def between(self, after: int | None, upto: int | None, chunk: int) -> Iterator[list[int]]:
        """Yield row numbers of the keys above ``after`` and up to ``upto``, by key, in chunks."""
        first = 0 if after is None else int(np.searchsorted(self.key, after, side="right"))
        last = len(self.key) if upto is None else int(np.searchsorted(self.key, upto, side="right"))
        for start in range(first, last, chunk):
            yield self.rowid[start : min(start + chunk, last)].tolist()

    def of(self, keys: Sequence[int]) -> list[int]:
        """Return row numbers of those keys that exist."""
        wanted: Any = np.asarray(keys, dtype=np.int64)
        index = np.searchsorted(self.key, wanted).clip(0, max(len(self.key) - 1, 0))
        return self.rowid[index[self.key[index] == wanted]].tolist() if len(self.key) else []
