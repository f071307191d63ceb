"""The schema of this package's ``glyphs.db``, and its only writer."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glyphcore.errors import StoreError
from glyphcore.files import replacing

if TYPE_CHECKING:  # reading a list of labels needs no tables, and pandas takes half a second
    import pandas as pd

FORMAT = 1

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE fonts (
    f_id INTEGER PRIMARY KEY, file_hash TEXT NOT NULL UNIQUE, file TEXT NOT NULL,
    family TEXT NOT NULL, style TEXT NOT NULL, weight INTEGER, subset TEXT NOT NULL,
    source TEXT NOT NULL, package TEXT NOT NULL, version TEXT NOT NULL, licence TEXT NOT NULL,
    upem INTEGER NOT NULL, ascent INTEGER, descent INTEGER, typo_ascent INTEGER, typo_descent INTEGER,
    x_height INTEGER, cap_height INTEGER, split TEXT NOT NULL, split_group TEXT NOT NULL
);
CREATE TABLE glyphs (
    glyph_id INTEGER PRIMARY KEY, f_id INTEGER NOT NULL REFERENCES fonts(f_id), gid INTEGER NOT NULL,
    name TEXT NOT NULL, label TEXT NOT NULL, char_class TEXT NOT NULL, joining_group TEXT NOT NULL,
    split TEXT NOT NULL, advance_width INTEGER NOT NULL,
    x_min REAL NOT NULL, y_min REAL NOT NULL, x_max REAL NOT NULL, y_max REAL NOT NULL, contours BLOB NOT NULL
);
"""


def write_store(path: Path, fonts: pd.DataFrame, glyphs: Iterable[tuple], meta: dict[str, Any]) -> None:
    """Write a database in one go, beside ``path`` and then renamed.

    ``fonts`` has the columns of the schema; ``glyphs`` yields tuples in the schema's column order. Raises StoreError
    when the disk is full; then an earlier file at ``path`` stays.
    """
    with replacing(path) as temporary, _explained(path):
        temporary.unlink(missing_ok=True)
        with closing(sqlite3.connect(temporary)) as connection:
            connection.executescript("PRAGMA journal_mode=OFF; PRAGMA page_size=8192;" + SCHEMA)
            columns = [row[1] for row in connection.execute("PRAGMA table_info(fonts)")]
            records = fonts[columns].astype(object).where(fonts[columns].notna(), None).itertuples(index=False)
            connection.executemany(f"INSERT INTO fonts VALUES ({','.join('?' * len(columns))})", records)
            width = len(connection.execute("PRAGMA table_info(glyphs)").fetchall())
            connection.executemany(f"INSERT INTO glyphs VALUES ({','.join('?' * width)})", glyphs)
            connection.executemany(
                "INSERT INTO meta VALUES (?, ?)",
                [(key, json.dumps(value, ensure_ascii=False)) for key, value in {"format": FORMAT, **meta}.items()],
            )
            connection.commit()
            connection.execute("VACUUM")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(
            f"{path} cannot be written: {error}.", subject=path, remedy="Check the disk and the folder."
        ) from error
