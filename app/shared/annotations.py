"""Tags, notes and corrected labels of glyphs. Nothing is cached: users change them, and one page loads in 1 ms."""

from __future__ import annotations

from collections.abc import Sequence

from app.shared import sources
from app.shared.sources import Source
from glyphcore.annotations.exchange import Imported, from_csv, to_csv
from glyphcore.annotations.store import Annotation, Annotations, Change
from glyphcore.audit.corrections import parse
from glyphcore.errors import GlyphError, StoreError


def of_glyphs(source: Source, ids: Sequence[int]) -> dict[int, Annotation]:
    """Return the tags, notes and corrected labels of some glyphs."""
    return source.annotated.of_glyphs(ids)


def tags() -> list[str]:
    """Return the tags in use, the most frequent first."""
    return list(_annotations().counts())


def label_of(source: Source, glyph: int, typed: str) -> str:
    """Return the label that a user means by the text ``typed`` for a glyph; empty if it is the glyph's own label.

    If a character has several forms, return the most probable one. Raises GlyphError if the text means no label."""
    details = source.store.details(glyph)
    label = parse(typed, source.store.labels, details.top.tolist()).label
    if not label:
        raise GlyphError(f"No label of {source.file.checkpoint} stands for {typed[:40]!r}; nothing was corrected.",
                         remedy="Type another character, a code point or a label.")  # fmt: skip
    return "" if label == source.store.rows([glyph])[0].label else label


def change(source: Source, changes: list[Change]) -> None:
    """Make all changes or none. Raises StoreError if they cannot be stored."""
    source.annotated.change(changes)


def export(source: Source) -> bytes:
    """Return every annotation as CSV."""
    return to_csv(source.annotated).encode()


def import_csv(source: Source, file: bytes) -> Imported:
    """Add the annotations of a CSV file. Raises StoreError for an invalid file and then changes nothing."""
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StoreError("The file is not UTF-8 text; nothing was imported.", remedy="Save it as UTF-8.") from error
    return from_csv(text, source.annotated)


def views() -> dict[str, str]:
    """Return the saved views: name → query string."""
    return _annotations().views()


def save_view(name: str, query: str) -> None:
    """Save a view. Raises StoreError for an invalid name."""
    _annotations().save_view(name, query)


def drop_view(name: str) -> None:
    """Delete a saved view."""
    _annotations().drop_view(name)


def _annotations() -> Annotations:
    return Annotations(sources.annotations_path())
