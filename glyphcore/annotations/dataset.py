"""The annotations of one glyph database: maps between its glyph ids and the stored keys of glyphs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glyphcore.annotations.store import NOTED, Annotation, Annotations, Change, Key
from glyphcore.data.labels import CORRECTED
from glyphcore.data.store import GlyphRow, GlyphStore
from glyphcore.errors import GlyphError

UNKNOWN_FONT = "dataset:"
"""Prefix of a database's fingerprint where the hash of a font is unknown."""


def tags_of(annotations: Path, fingerprint: str, db: Path) -> dict[str, np.ndarray]:
    """Return the glyph ids, int64, of each tag (:func:`annotated_of`)."""
    found = annotated_of(annotations, fingerprint, db)
    return {} if found is None else found.tagged()


def corrections_of(annotations: Path, fingerprint: str, db: Path) -> dict[int, str]:
    """Return the corrected labels by glyph id (:func:`annotated_of`)."""
    found = annotated_of(annotations, fingerprint, db)
    marks = {} if found is None else found.of_glyphs()
    return {glyph: mark.correction for glyph, mark in marks.items() if mark.correction}


def annotated_of(annotations: Path, fingerprint: str, db: Path) -> Annotated | None:
    """Return the annotations in the file ``annotations`` of the database with that fingerprint; None where the file
    does not exist. ``db`` is the path of the database, if it exists."""
    if not annotations.exists():
        return None
    try:
        database = GlyphStore(db)
    except GlyphError:
        database = None
    same = database is not None and database.fingerprint == fingerprint
    return Annotated(Annotations(annotations), fingerprint, database if same else None)


class Annotated:
    """Annotations by glyph id. Raises StoreError where the file cannot be used.

    ``fingerprint`` belongs to the database of the ids; ``database`` is that database, None where it does not exist any
    more.
    """

    def __init__(self, annotations: Annotations, fingerprint: str, database: GlyphStore | None) -> None:
        self.annotations = annotations
        self.fingerprint = fingerprint
        self.database = database
        self._hashes: dict[str, str] | None = None

    def of_glyphs(self, ids: Sequence[int] | None = None) -> dict[int, Annotation]:
        """Return the annotations of some glyphs, or of all annotated glyphs. They include annotations made on other
        databases with the same fonts."""
        self._search()
        return self.annotations.of_dataset(self.fingerprint, ids)

    def tagged(self) -> dict[str, np.ndarray]:
        """Return the glyph ids, int64, of each tag; under :data:`NOTED` those with a note, and under :data:`CORRECTED`
        those with another label."""
        found: dict[str, list[int]] = {}
        for glyph, mark in self.of_glyphs().items():
            beside = [*([NOTED] if mark.note else []), *([CORRECTED] if mark.correction else [])]
            for tag in (*mark.tags, *beside):
                found.setdefault(tag, []).append(glyph)
        return {tag: np.array(ids, np.int64) for tag, ids in sorted(found.items())}

    def change(self, changes: Sequence[Change]) -> None:
        """Apply all changes or none."""
        ids = sorted({glyph for change in changes for glyph in change.ids})
        known: set[int] = set()
        for i in range(0, len(ids), 500):
            known |= self.annotations.placed(self.fingerprint, ids[i : i + 500])
        self.annotations.change(self.fingerprint, changes, self.keys([glyph for glyph in ids if glyph not in known]))

    def keys(self, ids: Sequence[int]) -> dict[int, Key]:
        """Return the keys of glyphs; ids that the database does not have are left out."""
        if self.database is None:
            return {glyph: Key(UNKNOWN_FONT + self.fingerprint, glyph, "") for glyph in ids}
        return {row.glyph_id: self.key(row) for row in self.database.glyphs(ids)}

    def key(self, row: GlyphRow) -> Key:
        """Return the key of a glyph."""
        if self._hashes is None:
            self._hashes = self.database.font_hashes() if self.database else {}
        hashed = self._hashes.get(str(row.f_id), "")
        if not hashed or row.gid is None:
            return Key(UNKNOWN_FONT + self.fingerprint, row.glyph_id, "")
        return Key(hashed, int(row.gid), row.label)

    def _search(self) -> None:
        """Find glyphs that were annotated on another database; each database is searched once for each of them."""
        wanted, last = self.annotations.unsearched(self.fingerprint)
        if not wanted:
            return
        own = [key for key in wanted if key.font == UNKNOWN_FONT + self.fingerprint]
        places = [(key.gid, key) for key in own]
        if self.database is not None and len(own) < len(wanted):
            keyed = ((row.glyph_id, self.key(row)) for row in self.database.rows(contours=False))
            places += [(glyph, key) for glyph, key in keyed if key in wanted]
        self.annotations.found(self.fingerprint, places, last)
