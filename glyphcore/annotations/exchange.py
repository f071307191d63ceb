"""Export and import of annotations as CSV: for spreadsheets, for colleagues, for another machine."""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Iterable
from dataclasses import dataclass

from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.store import Annotation, Change, Key
from glyphcore.data.store import GlyphRow
from glyphcore.errors import StoreError
from glyphcore.files import plain, spreadsheet

COLUMNS = ("font", "glyph_index", "label", "tags", "note")
"""Columns that an import reads. Exports add ``glyph_id``, ``family`` and ``style`` for people."""
LABEL = "corrected_label"
"""A column that older files lack: the correct label of a glyph."""
EXTRA = ("glyph_id", "family", "style")
BETWEEN = "; "


@dataclass(frozen=True)
class Imported:
    """Result of an import."""

    glyphs: int
    """Number of lines that were imported."""
    unfit: tuple[int, ...]
    """Numbers of the lines whose glyph the database does not have; these lines were ignored."""


def to_csv(annotated: Annotated) -> str:
    """Return every annotation as CSV, by font and glyph index."""
    marks = annotated.of_glyphs()
    rows = {row.glyph_id: row for row in annotated.database.glyphs(list(marks))} if annotated.database else {}
    here: dict[Key, tuple[int, GlyphRow]] = {annotated.key(row): (glyph, row) for glyph, row in rows.items()}
    lines: list[tuple] = [(*COLUMNS, LABEL, *EXTRA)]
    for key, mark in annotated.annotations.all().items():
        glyph, row = here.get(key, (None, None))
        known = (glyph, row.family or "", row.style or "") if row else ("", "", "")
        lines.append((*key, BETWEEN.join(mark.tags), mark.note, mark.correction, *known))
    return "".join(spreadsheet(lines))


def from_csv(text: str, annotated: Annotated) -> Imported:
    """Add the annotations of a CSV file: tags are added, a note or a corrected label replaces the existing one.

    Raises StoreError, with the line, for a file of another format; then nothing is changed.
    """
    lines = _parse(text)
    places = _places({key for _, key, _ in lines}, annotated)
    changes, unfit, taken = [], [], 0
    for number, key, mark in lines:
        if key not in places:
            unfit.append(number)
            continue
        taken += 1
        ids = (places[key],)
        changes += [Change(ids, tag=tag) for tag in mark.tags]
        if mark.note:
            changes.append(Change(ids, note=mark.note))
        if mark.correction:
            changes.append(Change(ids, correction=mark.correction))
    annotated.change(changes)
    return Imported(taken, tuple(unfit))


def corrections(text: str, labels: Container[str]) -> dict[Key, str]:
    """Return the corrected labels of a CSV file as :func:`to_csv` writes it, for a build.

    Raises StoreError, with the line, for a file of another format, and for a label that is not in ``labels``.
    """
    found = {}
    for number, key, mark in _parse(text):
        if mark.correction and mark.correction not in labels:
            raise StoreError(f"Line {number}: the label set has no label {mark.correction!r}.",
                             remedy="Correct that line, or name the label set that contains it.")  # fmt: skip
        if mark.correction:
            found[key] = mark.correction
    return found


def said(marks: Iterable[Annotation]) -> str:
    """Return a summary of annotations in words: ``3 glyphs: 2 tagged, 1 with a note, 1 corrected``."""
    counted = list(marks)
    parts = [("tagged", sum(bool(mark.tags) for mark in counted)), ("with a note", sum(bool(m.note) for m in counted)),
             ("corrected", sum(bool(mark.correction) for mark in counted))]  # fmt: skip
    kinds = ", ".join(f"{n:,} {words}" for words, n in parts if n)
    glyphs = f"{len(counted):,} glyph{'' if len(counted) == 1 else 's'}"
    return f"{glyphs}: {kinds}" if kinds else glyphs


def _parse(text: str) -> list[tuple[int, Key, Annotation]]:
    """Return line numbers, keys and annotations, all checked."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    found = []
    try:
        header = next(reader, [])
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise StoreError(f"The file has no column {', '.join(missing)}.",
                             remedy=f"Its first line must name {', '.join(COLUMNS)}.")  # fmt: skip
        for cells in reader:
            if not any(cells):
                continue
            row = dict(zip(header, map(plain, cells), strict=True))
            tags = [tag for tag in row["tags"].split(BETWEEN.strip()) if tag.strip()]
            label = Change((), correction=row.get(LABEL, "")).correction or ""
            checked = tuple(Change((), tag=tag).tag for tag in tags), Change((), note=row["note"]).note, label
            found.append(
                (reader.line_num, Key(row["font"], int(row["glyph_index"]), row["label"]), Annotation(*checked))
            )
    except (csv.Error, ValueError) as error:
        raise StoreError(f"Line {reader.line_num} cannot be read ({error}); nothing was imported.",
                         remedy="Check that line.") from error  # fmt: skip
    except StoreError as error:
        where = f"Line {reader.line_num}: " if reader.line_num > 1 else ""
        raise StoreError(f"{where}{error.problem}", remedy=f"{error.remedy} Nothing was imported.".strip()) from error
    return found


def _places(keys: set[Key], annotated: Annotated) -> dict[Key, int]:
    """Return the glyph ids of those keys that the database has."""
    if annotated.database is None:
        return {}
    keyed = ((annotated.key(row), row.glyph_id) for row in annotated.database.rows(contours=False))
    return {key: glyph for key, glyph in keyed if key in keys}
