"""Reads a CSV file with the labels of rasters as if it were a glyph database.

The CSV has two columns, with or without a header line: a file name or a glyph id, and a label. The rasters are in the
same folder. The CSV becomes a small database in the cache, keyed by its content, so that all code that reads databases
can read it.
"""

from __future__ import annotations

import csv
import io
import sqlite3
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path

from glyphcore import config
from glyphcore.errors import StoreError
from glyphcore.files import fingerprint, replacing

FORMAT = 1
_making = threading.Lock()
NAMES = ("glyph_id", "id", "file", "filename", "name", "image", "path")
"""Names of the raster column in a header line."""
MOST_BYTES = 1 << 30


def is_list(path: Path) -> bool:
    """Return whether a file is a CSV of labels, by its name."""
    return path.suffix.lower() == ".csv"


def beside(path: Path) -> Path | None:
    """Return the folder of rasters that belongs to a list; None for a database."""
    return path.parent if is_list(path) else None


def database_of(path: Path) -> Path:
    """Return the database of a list of labels; make it when it does not exist.

    Raises StoreError for a file that is not such a list, or when the cache cannot be written.
    """
    try:
        made = config.CACHE / f"listed-{FORMAT}-{fingerprint(path)}.db"
        if made.is_file():
            return made
        rows = _rows(path)
        with _making, replacing(made) as part, closing(sqlite3.connect(part)) as connection:
            connection.execute("CREATE TABLE glyphs (glyph_id INTEGER PRIMARY KEY, label TEXT, raster TEXT)")
            connection.executemany("INSERT INTO glyphs VALUES (?, ?, ?)", rows)
            connection.commit()
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{path.name} cannot be read into {config.CACHE}: {error}.",
            subject=path,
            remedy="Check the file and the disk.",
        ) from error
    return made


def _rows(path: Path) -> list[tuple[int, str, str]]:
    """Return glyph id, label and the raster's file name of every line. Whole numbers are ids; other names get numbers
    in order."""
    lines = _lines(path)
    named, label = _columns(lines[0][1])
    if named is not None:
        lines = lines[1:]
    name_column = named or 0
    rows: list[tuple[int, str, str]] = []
    for number, line in lines:
        if len(line) <= max(name_column, label) or not line[name_column].strip() or not line[label].strip():
            raise _wrong(path, f"line {number} has no raster and label")
        name = line[name_column].strip()
        if name in (".", "..") or any(separator in name for separator in "/\\\0"):
            raise _wrong(path, f"line {number} names {name[:40]!r}, but that file is not in the same folder")
        rows.append((number, line[label].strip(), name if "." in name else f"{name}.png"))
    if not rows:
        raise _wrong(path, "it has no rows")
    stems = [Path(name).stem for _, _, name in rows]
    if all(stem.isascii() and stem.isdecimal() and len(stem) < 19 for stem in stems):
        rows = [(int(stem), *rest) for stem, (_, *rest) in zip(stems, rows, strict=True)]  # type: ignore[misc]
    else:
        rows = [(i, *rest) for i, (_, *rest) in enumerate(rows, 1)]  # type: ignore[misc]
    for column in (0, 2):
        most, times = Counter(row[column] for row in rows).most_common(1)[0]
        if times > 1:
            raise _wrong(path, f"{most!r} occurs {times} times")
    return rows


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Return lines with their numbers, without blank lines."""
    if path.stat().st_size > MOST_BYTES:
        raise _wrong(path, "it is larger than a gigabyte")
    try:
        text = path.read_text(encoding="utf-8-sig")
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        lines = [(reader.line_num, line) for line in reader if any(cell.strip() for cell in line)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _wrong(path, f"it is not UTF-8 CSV ({error})") from error
    if not lines:
        raise _wrong(path, "it is empty")
    return lines


def _columns(first: list[str]) -> tuple[int | None, int]:
    """Return the columns of raster and label from a header line; None and the second column if the line is already a
    row."""
    names = [cell.strip().lower() for cell in first]
    if "label" not in names:
        return None, 1
    label = names.index("label")
    return next((names.index(name) for name in NAMES if name in names), int(label == 0)), label


def _wrong(path: Path, why: str) -> StoreError:
    return StoreError(
        f"{path.name} is not a list of rasters and labels: {why}.",
        subject=path,
        remedy="Write two columns: a PNG file's name or a glyph id, and a label.",
    )
