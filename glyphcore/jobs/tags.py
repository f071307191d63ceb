"""``glyphcore tags``: annotations by people: export to CSV, import from CSV, and a list of tags."""

from __future__ import annotations

from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.exchange import Imported, from_csv, said, to_csv
from glyphcore.annotations.store import NOTED, Annotations
from glyphcore.config import TagsConfig, TagsExportConfig, TagsImportConfig
from glyphcore.data.labels import CORRECTED
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.files import writing
from glyphcore.progress import Progress, Silent


def export(config: TagsExportConfig, progress: Progress | None = None) -> None:
    """Write every annotation as CSV to ``config.out``, None for standard output, and report their number."""
    annotated = _annotated(config)
    with writing(config.out) as file:
        file.write(to_csv(annotated))
    (progress or Silent()).say(said(annotated.annotations.all().values()))


def take(config: TagsImportConfig, progress: Progress | None = None) -> Imported:
    """Add the annotations of a CSV file, and report the lines whose glyph the database does not have.

    Raises StoreError for a file of another format; then nothing is changed.
    """
    progress, source = progress or Silent(), config.file
    try:
        done = from_csv(source.read_text(encoding="utf-8-sig"), _annotated(config))
    except UnicodeDecodeError as error:
        raise StoreError(f"{source} is not UTF-8 text.", subject=source, remedy="Save it as UTF-8.") from error
    progress.say(f"{done.glyphs:,} glyphs imported")
    if done.unfit:
        lines = ", ".join(map(str, done.unfit))
        progress.say(f"{len(done.unfit):,} lines belong to no glyph of {config.db} and were ignored: {lines}")
    return done


def listing(config: TagsConfig) -> str:
    """Return the number of glyphs with each tag, with a note and with another label, as a Markdown table; then the
    saved views."""
    annotated = _annotated(config)
    here, everywhere = annotated.tagged(), annotated.annotations.all().values()
    lines = ["| tag | glyphs | of this database |", "|---|---:|---:|"]
    for tag, count in annotated.annotations.counts().items():
        lines.append(f"| {tag} | {count:,} | {len(here.get(tag, ())):,} |")
    lines.append(f"| (note) | {sum(bool(mark.note) for mark in everywhere):,} | {len(here.get(NOTED, ())):,} |")
    corrected = sum(bool(mark.correction) for mark in everywhere)
    lines.append(f"| (corrected label) | {corrected:,} | {len(here.get(CORRECTED, ())):,} |")
    views = annotated.annotations.views()
    if views:
        lines += ["", "| view | address |", "|---|---|", *(f"| {name} | /?{query} |" for name, query in views.items())]
    return "\n".join(lines)


def _annotated(config: TagsConfig) -> Annotated:
    database = GlyphStore(config.db)
    return Annotated(Annotations(config.annotations), database.fingerprint, database)
