"""Corrections by people: parsed, checked, stored, and moved between machines as CSV.

The store is a log: entries are added and never changed. The last entry about a glyph counts; removing a correction is
an entry, too. Glyphs are identified by the hash of their font file, so that a renamed or moved font keeps its
corrections.
"""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from glyphcore.data.labels import LabelMap, codepoints
from glyphcore.errors import GlyphError, StoreError
from glyphcore.progress import counted

LONGEST = 16
"""Largest number of characters of one glyph; the longest ligature has 18 and is never typed."""
WORD = 4
"""An input of at least this many plain letters is a label."""
CODE = r"(?:[uU]\+|\\u|0[xX]|uni)\{?([0-9A-Fa-f]{2,6})\}?"
CODES = re.compile(f"(?:{CODE}\\+?)+")
MEANT = re.compile(r"[uU]\+\S|\\u\S|0[xX]\S")
"""Inputs that are meant as a code point, valid or not."""
FIELDS = ("glyph_id", "codepoints", "label", "text")
NAMED = 5
"""Largest number of glyphs that a sentence names."""


@dataclass(frozen=True)
class Correction:
    """The correction of one glyph by a person."""

    text: str
    """Characters of the glyph."""
    label: str = ""
    """Label of the glyph; empty when ``text`` has no label."""


def parse(typed: str, labels: LabelMap, likely: Sequence[int] = ()) -> Correction:
    """Convert input, a character, code points (``U+0644 U+0627``, ``0644``), or a label, to a correction.

    ``likely``: class indices of the glyph's candidates, which decide between the forms of one character. Raises
    GlyphError for an invalid input.
    """
    typed = typed.strip()
    name = re.sub(r"\s+", "_", typed.lower())
    for label in (typed, name):
        if label in labels.index:
            return Correction(labels.base[labels.index[label]], label)
    text = _characters(typed)
    if len(text) >= WORD and re.fullmatch(r"[A-Za-z0-9_ ]+", text):
        import difflib

        close = difflib.get_close_matches(name, labels.labels, 1)
        raise GlyphError(
            f"No label is called {typed[:40]!r}.",
            remedy=f"Did you mean {close[0]}?" if close else "Type a character, a code point or a label.",
        )
    if len(text) > 1 and text[0] in "\u25cc\u0640" and all(unicodedata.combining(character) for character in text[1:]):
        text = text[1:]  # remove the carrier of a single mark
    if not text or len(text) > LONGEST:
        raise GlyphError(f"{typed[:40]!r} is not a character.", remedy="Type a character, a code point or a label.")
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs", "Cn"):
            raise GlyphError(
                f"U+{ord(character):04X} is not a character that a text can contain.", remedy="Type another."
            )
    return Correction(text, _label_of(text, labels, likely))


def _characters(text: str) -> str:
    parts = re.split(r"[\s,]+", text)
    wrong = [part for part in parts if not CODES.fullmatch(part)]
    if wrong and any(MEANT.match(part) for part in parts):
        raise GlyphError(f"{wrong[0][:40]!r} is not a code point.", remedy="Write it as U+0628.")
    codes = re.findall(CODE, text)
    rest = re.sub(CODE, "", text)
    bare = re.fullmatch(r"[0-9A-Fa-f]{4,6}", text)
    if not bare and (not codes or rest.strip(" +,\t")):
        return text
    numbers = [int(code, 16) for code in ([text] if bare else codes)]
    if any(number > 0x10FFFF for number in numbers):
        raise GlyphError(f"{text[:40]!r} is beyond the last code point, U+10FFFF.", remedy="Type another.")
    return "".join(map(chr, numbers))


def _label_of(text: str, labels: LabelMap, likely: Sequence[int]) -> str:
    plain = unicodedata.normalize("NFC", text)
    for i in (*likely, *range(len(labels))):
        if unicodedata.normalize("NFC", labels.base[i]) == plain:
            return labels.labels[i]
    return ""


class CorrectionStore:
    """The log, one SQLite file for all fonts; the first correction creates it. Raises StoreError."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, file_hash: str, corrections: Mapping[int, Correction | None]) -> None:
        """Store corrections of glyphs of a font; None removes an earlier correction. They are on disk when this
        returns."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        rows = [
            (file_hash, int(glyph), correction and correction.text, correction and correction.label, at)
            for glyph, correction in corrections.items()
        ]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=10)) as connection, connection:
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS said (n INTEGER PRIMARY KEY, file_hash TEXT NOT NULL, "
                    "glyph_id INTEGER NOT NULL, text TEXT, label TEXT, at TEXT NOT NULL)"
                )
                connection.execute("CREATE INDEX IF NOT EXISTS of_font ON said (file_hash)")
                connection.executemany(
                    "INSERT INTO said (file_hash, glyph_id, text, label, at) VALUES (?, ?, ?, ?, ?)", rows
                )
        except (sqlite3.DatabaseError, OSError) as error:
            raise StoreError(
                f"{self.path} cannot be written, nothing was saved: {error}.", subject=self.path
            ) from error

    def of(self, file_hash: str) -> dict[int, Correction]:
        """Return glyph index → its last correction."""
        if not self.path.is_file():
            return {}
        try:
            with closing(
                sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=rw", uri=True, timeout=10)
            ) as connection:  # for writing: what a killed process left half written is rolled back
                if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                    return {}  # another process is creating it, or its creation was rolled back
                rows = connection.execute(
                    "SELECT glyph_id, text, label FROM said WHERE file_hash = ? ORDER BY n", (file_hash,)
                ).fetchall()
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.path} cannot be read: {error}.", subject=self.path) from error
        last = {glyph: (text, label) for glyph, text, label in rows}
        return {glyph: Correction(text, label or "") for glyph, (text, label) in last.items() if text}


def left_over(confirmed: Mapping[int, Correction], glyph_count: int) -> str:
    """Return a sentence about corrections of glyphs that a font of ``glyph_count`` glyphs does not have, or nothing."""
    beyond = sorted(glyph for glyph in confirmed if not 0 <= glyph < glyph_count)
    if not beyond:
        return ""
    named = ", ".join(map(str, beyond[:NAMED])) + (" …" if len(beyond) > NAMED else "")
    return f"{counted(len(beyond), 'correction')} ignored: the font has no glyph {named}"


def to_csv(confirmed: Mapping[int, Correction]) -> str:
    """Return the corrections as CSV for :func:`read_csv` on another machine."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIELDS[:3])
    writer.writerows(
        (glyph, codepoints(correction.text), correction.label) for glyph, correction in sorted(confirmed.items())
    )
    return text.getvalue()


def csv_rows(path: Path) -> tuple[Sequence[str], list[dict[str, str]]]:
    """Return the names of the columns and the rows of a CSV file. Raises GlyphError where it cannot be read as CSV."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, restval="", strict=True)
            fields, rows = table.fieldnames or (), list(table)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise GlyphError(f"{path} cannot be read as CSV: {reason}.", subject=path) from error
    return fields, rows


def read_csv(path: Path, labels: LabelMap) -> dict[int, Correction]:
    """Return corrections from the column ``glyph_id`` and one of ``codepoints``, ``label``, ``text``; of an export,
    only confirmed rows are used.

    Raises GlyphError, which names the line.
    """
    fields, rows = csv_rows(path)
    if "glyph_id" not in fields or not set(FIELDS[1:]) & set(fields):
        raise GlyphError(
            f"{path} needs the columns glyph_id and one of codepoints, label, text.",
            subject=path,
            remedy="Name them in the first line.",
        )
    corrections: dict[int, Correction] = {}
    for line, row in enumerate(rows, 2):
        if row.get("source", "confirmed") != "confirmed":
            continue
        try:
            typed = next(filter(None, (row.get(name, "").strip() for name in FIELDS[1:])), "")
            parsed = parse(typed, labels)
            label = row.get("label", "").strip()
            fits = label in labels.index and labels.base[labels.index[label]] == parsed.text
            corrections[int(row["glyph_id"])] = Correction(parsed.text, label) if fits else parsed
        except ValueError as error:
            index = row["glyph_id"][:40]
            raise GlyphError(f"{path}, line {line}: {index!r} is not a glyph index.", subject=path) from error
        except GlyphError as error:
            raise GlyphError(f"{path}, line {line}: {error}", subject=path) from error
    return corrections
