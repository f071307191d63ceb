"""``glyphcore audit``: each glyph of a font against the font's own ``cmap`` and GSUB."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from glyphcore.config import AuditConfig
from glyphcore.data.claims import claims
from glyphcore.data.sources import Glyph, Losses, Source, read
from glyphcore.errors import GlyphError
from glyphcore.files import writing
from glyphcore.progress import Progress, Silent
from glyphcore.results.assign import CANDIDATES, assign
from glyphcore.results.audit import Finding, claimed_p, finding, record, table, worst_first
from glyphcore.results.sheet import sheet
from glyphcore.runtime import Predictor

CHUNK = 1024


def run(config: AuditConfig, progress: Progress | None = None) -> tuple[str, Losses]:
    """Audit every font; returns the table for a terminal and what could not be read. Writes ``out`` and ``sheet``.

    Raises GlyphError when no glyph was read at all.
    """
    progress = progress or Silent()
    predictor = Predictor(config.checkpoint)
    labels = predictor.labels
    losses = Losses(progress.say)
    found: list[Finding] = []
    rasters: dict[tuple[str, int], np.ndarray] = {}
    for source, glyphs in read(config.fonts, losses, progress, only_fonts=True):
        try:
            for glyph, each in _audited(source, glyphs, predictor, config):
                found.append(each)
                if config.sheet:
                    rasters[each.file, each.glyph_id] = glyph.packed
        except GlyphError as error:  # a character map that cannot be read
            losses.unread(error)
    for line in losses.summary():
        progress.say(line)
    if not found:
        raise GlyphError("No glyph was read.", remedy="Check the fonts.")
    found = worst_first(found)
    if config.out:
        with writing(config.out) as out:
            out.writelines(json.dumps(record(each, labels), ensure_ascii=False) + "\n" for each in found)
    if config.sheet:
        with writing(config.sheet) as out:
            out.write(sheet(found, lambda each: rasters[each.file, each.glyph_id], labels, config.sheet_rows))
    return table(found, labels, config.rows), losses


def _audited(
    source: Source, glyphs: Iterator[Glyph], predictor: Predictor, config: AuditConfig
) -> Iterator[tuple[Glyph, Finding]]:
    assert source.face is not None
    labels = predictor.labels
    said_by_font = claims(source.face, labels)
    every: list[Glyph] = []
    tops: list[np.ndarray] = []
    ps: list[np.ndarray] = []
    claim_p: list[float] = []
    while chunk := list(islice(glyphs, CHUNK)):
        said = predictor.predict(*_arrays(chunk), top=len(labels))
        p = np.empty_like(said.top_p)
        np.put_along_axis(p, said.top, said.top_p, 1)
        claim_p += claimed_p(p, [said_by_font[glyph.glyph_id] for glyph in chunk], labels).tolist()
        every += chunk
        tops.append(said.top[:, :CANDIDATES])
        ps.append(said.top_p[:, :CANDIDATES])
    if not every:
        return
    top, top_p = np.concatenate(tops), np.concatenate(ps)
    places = np.zeros(len(every), int)
    if config.assign:
        places = assign(top, top_p, [glyph.look for glyph in every], config.reuse)
    for i, glyph in enumerate(every):
        claim = said_by_font[glyph.glyph_id]
        name = glyph.name or ""
        yield (
            glyph,
            finding(source.file, glyph.glyph_id, name, claim, claim_p[i], top[i], top_p[i], labels, int(places[i])),
        )


def _arrays(glyphs: Sequence[Glyph]) -> tuple[np.ndarray, np.ndarray]:
    return np.stack([glyph.packed for glyph in glyphs]), np.stack([glyph.geometry for glyph in glyphs])
