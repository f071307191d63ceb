"""``glyphcore audit``: each glyph of a font against the font's own ``cmap`` and GSUB."""

from __future__ import annotations

import json

from glyphcore.audit.codes import cmap_of
from glyphcore.audit.corrections import Confirmed, read_csv
from glyphcore.audit.decisions import decide, line, texts, to_csv
from glyphcore.audit.findings import Finding, table, worst_first
from glyphcore.audit.font_predictions import draw, read_font
from glyphcore.audit.scripts import remarks
from glyphcore.audit.sheet import sheet
from glyphcore.config import AuditConfig
from glyphcore.data.fonts import FontFace
from glyphcore.data.sources import Losses, read
from glyphcore.errors import GlyphError
from glyphcore.files import writing
from glyphcore.progress import Progress, Silent
from glyphcore.runtime.predictor import Predictor


def run(config: AuditConfig, progress: Progress | None = None) -> tuple[str, Losses]:
    """Audit every font; returns the table for a terminal and what could not be read. Writes what ``config`` names.

    Raises GlyphError when no glyph was read at all, or when there are several fonts where only one can be meant.
    """
    progress = progress or Silent()
    predictor = Predictor(config.checkpoint)
    labels = predictor.labels
    confirmed: dict[int, Confirmed] = read_csv(config.confirmed, labels) if config.confirmed else {}
    losses = Losses(progress.say)
    found: list[Finding] = []
    faces: dict[str, FontFace] = {}
    for source, glyphs in read(config.fonts, losses, progress, only_fonts=True, face=config.face):
        assert source.face is not None
        try:
            reading = read_font(source, glyphs, predictor.predict, labels, training=predictor.about.training)
            its = reading.findings(None if config.alone else config.reuse)
            found += its
            for told in remarks(reading, its):
                progress.say(f"{source.file}: {told}")
            faces[source.file] = source.face
            if source.face.said.by:
                progress.say(f"{source.file}: characters by {source.face.said.by}")
        except GlyphError as error:  # a character map that cannot be read
            losses.unread(error)
    losses.tell(progress)
    if not found:
        raise GlyphError("No glyph was read.", remedy="Check the fonts.")
    if len(faces) > 1 and (config.confirmed or config.tounicode):
        raise GlyphError(
            f"--confirmed and --tounicode name glyphs by their index in one font, not in {len(faces)}.",
            remedy="Name a single font, and one of its faces by --face.",
        )
    found = worst_first(found)
    decided = decide(found, confirmed, config.threshold, labels)
    if config.out:
        with writing(config.out) as out:
            out.writelines(json.dumps(line(each, labels), ensure_ascii=False) + "\n" for each in decided)
    if config.csv:
        with writing(config.csv) as out:
            out.write(to_csv(decided, labels))
    if config.tounicode:
        cmap = cmap_of(next(iter(faces.values())), texts(decided), confirmed, config.codes)
        with writing(config.tounicode) as out:
            out.write(cmap)
    if config.sheet:
        with writing(config.sheet) as out:
            out.write(sheet(found, lambda each: draw(faces[each.file], [each.glyph_id])[0], labels, config.sheet_rows))
    return table(found, labels, config.rows), losses
