"""Databases whose schemas differ from the project's own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from glyphcore.data.store import GlyphStore


def database(path: Path, script: str, **tables: list[tuple]) -> GlyphStore:
    """A database made by ``script``, with rows for its tables."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
        for table, rows in tables.items():
            connection.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
        connection.commit()
    return GlyphStore(path)


def bare(path: Path, rows: int = 30) -> GlyphStore:
    """Make a database with two columns only."""
    return database(
        path, "CREATE TABLE glyphs (glyph_id INTEGER, label TEXT)", glyphs=[(i, "beh_init") for i in range(rows)]
    )
