"""``glyphcore tags``: what people said about glyphs, as CSV, back from CSV, and as a list of tags."""

from __future__ import annotations

from pathlib import Path

from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.exchange import Imported, from_csv, to_csv
from glyphcore.annotations.store import NOTED, Annotations
from glyphcore.config import TagsConfig
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.files import writing


def export(config: TagsConfig, out: Path | None) -> None:
    """Write every annotation as CSV to ``out``, None for standard output."""
    with writing(out) as file:
        file.write(to_csv(_annotated(config)))


def take(config: TagsConfig, source: Path) -> Imported:
    """Add the annotations of a CSV file. Raises StoreError for a file that is none; nothing is changed then."""
    try:
        return from_csv(source.read_text(encoding="utf-8-sig"), _annotated(config))
    except UnicodeDecodeError as error:
        raise StoreError(f"{source} is not UTF-8 text.", subject=source, remedy="Save it as UTF-8.") from error


def listing(config: TagsConfig) -> str:
    """How many glyphs have each tag, and how many a note, as a Markdown table; then the saved views."""
    annotated = _annotated(config)
    here, everywhere = annotated.tagged(), annotated.annotations.all().values()
    lines = ["| tag | glyphs | of this database |", "|---|---:|---:|"]
    for tag, count in annotated.annotations.counts().items():
        lines.append(f"| {tag} | {count:,} | {len(here.get(tag, ())):,} |")
    lines.append(f"| (note) | {sum(bool(mark.note) for mark in everywhere):,} | {len(here.get(NOTED, ())):,} |")
    views = annotated.annotations.views()
    if views:
        lines += ["", "| view | address |", "|---|---|", *(f"| {name} | /?{query} |" for name, query in views.items())]
    return "\n".join(lines)


def _annotated(config: TagsConfig) -> Annotated:
    database = GlyphStore(config.db)
    return Annotated(Annotations(config.annotations), database.fingerprint, database)
