"""Interruptions for tests: after some work, as by Ctrl-C; and within a write, as by a kill."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from glyphcore.progress import Silent, T


class StopsAfter(Silent):
    """Progress that is interrupted after ``items`` items; 0 interrupts at the first one."""

    def __init__(self, items: int) -> None:
        self.left = items

    def track(self, items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        for item in items:
            if self.left == 0:
                raise KeyboardInterrupt
            self.left -= 1
            yield item


def cut_off(path: Path, table: str) -> None:
    """Leave a database as a writer leaves it that was killed within a transaction on ``table``: with its journal."""
    written = path.with_name("written.db")
    shutil.copy(path, written)
    with closing(sqlite3.connect(written)) as connection:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN")
        connection.execute(f"CREATE TABLE half AS SELECT a.* FROM {table} AS a, {table} AS b, {table} AS c")
        connection.execute(f"DELETE FROM {table}")
        for name in ("", "-journal"):
            shutil.copy(f"{written}{name}", f"{path}{name}")
    written.unlink()
    assert path.with_name(f"{path.name}-journal").stat().st_size > 512
