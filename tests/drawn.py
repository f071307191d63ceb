"""Databases of a few outlines, and progress that records its messages."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from glyphcore.data.store import GlyphStore
from glyphcore.progress import Silent


class Said(Silent):
    """Progress that records its messages."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str, **numbers: int) -> None:
        self.lines.append(line)


def bar(width: float, height: float) -> list:
    corners = [(0, 0), (0, height), (width, height), (width, 0)]
    return [["moveTo", corners[0]], *(["lineTo", corner] for corner in corners[1:]), ["closePath", []]]


def drawn(path: Path, *contours: list | str | None) -> GlyphStore:
    """A database of outlines, keyed from 1; a string is stored as it is."""
    stored = [each if isinstance(each, str | None) else json.dumps(each) for each in contours]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE glyphs (glyph_id INTEGER, label TEXT, contours TEXT)")
        connection.executemany("INSERT INTO glyphs VALUES (?, 'beh_isol', ?)", enumerate(stored, 1))
        connection.commit()
    return GlyphStore(path)
