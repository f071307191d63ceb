"""Opens untrusted SQLite files: read-only; no view and no trigger runs, and values are bounded.

A view may compute forever, and a generated column may be gigabytes; tables contain no more data than the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path

from glyphcore.errors import StoreError

LONGEST = 64 << 20
"""Largest number of bytes of one value: more than any label map or column of results has."""
MOST_UPEM = 1_000_000.0
"""Largest number of units per em; no font format has more than 16,384."""
WAIT = 10.0
"""Seconds that a reader waits for a writer."""


def connect(path: Path, tables: tuple[str, ...] = ("glyphs", "fonts", "meta")) -> sqlite3.Connection:
    """Return a read-only connection for one query or one thread; ``tables`` are the tables that will be read.

    Raises StoreError when one of them is a view, sqlite3.Error when the file cannot be opened.
    """
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=WAIT)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        connection.execute("PRAGMA trusted_schema = OFF")
        marks = ",".join("?" * len(tables))
        views = f"SELECT name FROM sqlite_master WHERE type = 'view' AND name COLLATE NOCASE IN ({marks})"
        if view := connection.execute(views, tables).fetchone():
            raise StoreError(
                f"{path}: {view[0]!r} is a view, and only tables are read.",
                subject=path,
                remedy="Make a table of it (CREATE TABLE … AS SELECT …).",
            )
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def reading(path: Path, named: Path) -> Iterator[sqlite3.Connection]:
    """Yield the connection of :func:`connect` for one query; an error of SQLite becomes a StoreError about ``named``,
    the user's name of the file."""
    try:
        with closing(connect(path)) as connection:
            yield connection
    except sqlite3.DatabaseError as error:
        if is_cut_off(error):
            raise StoreError(
                f"{named} was cut off while a program wrote it.",
                subject=named,
                remedy=f"Open it once with that program or with sqlite3, {path.name}-journal beside it.",
            ) from error
        raise StoreError(
            f"{named} cannot be read as a database: {error}.", subject=named, remedy="Check the file."
        ) from error


def is_cut_off(error: sqlite3.Error) -> bool:
    """Return whether a file cannot be read because its writer was killed within a transaction: the next writer rolls it
    back, a reader may not."""
    return getattr(error, "sqlite_errorname", "") == "SQLITE_READONLY_ROLLBACK"


def in_order(rows: list[tuple], after: int, path: Path) -> list[tuple]:
    """Return rows unchanged if their keys (the first column) are increasing and above ``after``.

    Raises StoreError otherwise: in a damaged index they may repeat forever.
    """
    keys = [after, *(row[0] for row in rows)]
    if not all(a < b for a, b in pairwise(keys)):
        raise StoreError(f"{path} is damaged: its keys are out of order.", subject=path, remedy="Check the file.")
    return rows


def number(value: object, most: float = float("inf")) -> float | None:
    """Return a finite number of at most that size; None for any other value."""
    return value if isinstance(value, (int, float)) and abs(value) <= min(most, 1e300) else None


def text(value: object) -> str | None:
    """Return a text; None stays None, and other kinds of values are converted."""
    if value is None or isinstance(value, str):
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
