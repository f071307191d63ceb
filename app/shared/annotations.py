"""What people said about glyphs. Nothing is cached: it changes, and a page's worth is read in a millisecond."""

from __future__ import annotations

from collections.abc import Sequence

from app.shared import sources
from app.shared.sources import Source
from glyphcore.annotations.exchange import Imported, from_csv, to_csv
from glyphcore.annotations.store import Annotation, Annotations, Change
from glyphcore.audit.corrections import parse
from glyphcore.errors import GlyphError, StoreError


def of_glyphs(source: Source, ids: Sequence[int]) -> dict[int, Annotation]:
    """Tags, notes and corrected labels of some glyphs."""
    return source.annotated.of_glyphs(ids)


def tags() -> list[str]:
    """Tags in use, the most frequent first."""
    return list(_annotations().counts())


def label_of(source: Source, glyph: int, typed: str) -> str:
    """The label that somebody means who types what a glyph is; empty where that is its own label.

    Of several forms of a character it is the likeliest one. Raises GlyphError for what means no label."""
    details = source.store.details(glyph)
    label = parse(typed, source.store.labels, details.top.tolist()).label
    if not label:
        raise GlyphError(f"No label of {source.file.checkpoint} stands for {typed[:40]!r}; nothing was corrected.",
                         remedy="Type another character, a code point or a label.")  # fmt: skip
    return "" if label == source.store.rows([glyph])[0].label else label


def change(source: Source, changes: list[Change]) -> None:
    """Make changes, all or none. Raises StoreError when they cannot be kept."""
    source.annotated.change(changes)


def export(source: Source) -> bytes:
    """Every annotation as CSV."""
    return to_csv(source.annotated).encode()


def import_csv(source: Source, file: bytes) -> Imported:
    """Add the annotations of a CSV file. Raises StoreError for a file that is none; nothing is changed then."""
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StoreError("The file is not UTF-8 text; nothing was imported.", remedy="Save it as UTF-8.") from error
    return from_csv(text, source.annotated)


def views() -> dict[str, str]:
    """Saved views: name → query string."""
    return _annotations().views()


def save_view(name: str, query: str) -> None:
    """Keep a view. Raises StoreError for a name that is none."""
    _annotations().save_view(name, query)


def drop_view(name: str) -> None:
    """Forget a view."""
    _annotations().drop_view(name)


def _annotations() -> Annotations:
    return Annotations(sources.annotations_path())
