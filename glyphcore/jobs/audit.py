"""``glyphcore audit``: compare each glyph of a font with the font's own ``cmap`` and GSUB."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from glyphcore.audit.codes import cmap_of
from glyphcore.audit.corrections import Correction, left_over, read_csv
from glyphcore.audit.decisions import decide, line, texts, to_csv
from glyphcore.audit.findings import Finding, from_plain, table, worst_first
from glyphcore.audit.font_predictions import draw
from glyphcore.audit.model_choice import choice, read_font_by
from glyphcore.audit.scripts import remarks
from glyphcore.audit.sheet import sheet
from glyphcore.config import AuditConfig, model_path
from glyphcore.data.fonts import FontFace, open_faces
from glyphcore.data.sources import SkippedInputs, inputs_of, read_sources
from glyphcore.errors import GlyphError
from glyphcore.files import writing
from glyphcore.progress import Progress, Recorded, Silent
from glyphcore.runtime.base import cores
from glyphcore.runtime.model_pair import Models


def run(config: AuditConfig, progress: Progress | None = None) -> tuple[str, SkippedInputs]:
    """Audit every font; return the table for a terminal and the inputs that could not be read. Writes the files that
    ``config`` names.

    Raises GlyphError when no glyph was read at all, or when there are several fonts where a setting allows only one.
    """
    progress = progress or Silent()
    inputs = list(inputs_of(config.fonts, SkippedInputs(), only_fonts=True))
    several = len(inputs) > 1 and not config.cluster
    models = Models(config.checkpoint)
    confirmed: dict[int, Correction] = read_csv(config.confirmed, models.first.labels) if config.confirmed else {}
    skipped = SkippedInputs(progress.say)
    if config.cluster:
        findings, faces = _by_workers(config, skipped, progress)
    elif several:
        findings, faces = _by_threads(config, models, skipped, progress)
    else:
        findings, faces = _read(config, models, skipped, progress)
    skipped.tell(progress)
    if not findings:
        raise GlyphError("No glyph was read.", remedy="Check the fonts.")
    if len(faces) > 1 and (config.confirmed or config.tounicode):
        raise GlyphError(
            f"--confirmed and --tounicode name glyphs by their index in one font, not in {len(faces)}.",
            remedy="Name a single font, and one of its faces by --face.",
        )
    findings = worst_first(findings)
    labels = models.labels_up_to(max(max(*finding.top, *finding.mapping.labels) for finding in findings))
    for face in faces.values():
        if confirmed and (ignored := left_over(confirmed, face.glyph_count)):
            progress.say(ignored)
    decided = decide(findings, confirmed, config.threshold, labels)
    if config.out:
        with writing(config.out) as out:
            out.writelines(json.dumps(line(decision, labels), ensure_ascii=False) + "\n" for decision in decided)
    if config.csv:
        with writing(config.csv) as out:
            out.write(to_csv(decided, labels))
    if config.tounicode:
        cmap = cmap_of(next(iter(faces.values())), texts(decided), confirmed, config.codes)
        with writing(config.tounicode) as out:
            out.write(cmap)
    if config.sheet:
        with writing(config.sheet) as out:
            out.write(
                sheet(
                    findings,
                    lambda finding: draw(faces[finding.file], [finding.glyph_id])[0],
                    labels,
                    config.sheet_rows,
                )
            )
    return table(findings, labels, config.rows), skipped


def _read(
    config: AuditConfig, models: Models, skipped: SkippedInputs, progress: Progress
) -> tuple[list[Finding], dict[str, FontFace]]:
    """Return one finding per glyph, and the faces by the file names that findings have."""
    findings: list[Finding] = []
    faces: dict[str, FontFace] = {}
    for source, glyphs in read_sources(config.fonts, skipped, progress, only_fonts=True, face=config.face):
        assert source.face is not None
        try:
            reading = read_font_by(models, source, glyphs)
            decoded = reading.findings(None if config.per_glyph else config.duplicate_penalty)
            findings += decoded
            for remark in filter(None, [choice(models, reading), *remarks(reading, decoded)]):
                progress.say(f"{source.file}: {remark}")
            faces[source.file] = source.face
            if source.face.character_map.by:
                progress.say(f"{source.file}: characters from {source.face.character_map.by}")
        except GlyphError as error:  # a character map that cannot be read
            skipped.unread(error)
    return findings, faces


def _by_workers(
    config: AuditConfig, skipped: SkippedInputs, progress: Progress
) -> tuple[list[Finding], dict[str, FontFace]]:
    """Return the same for fonts that workers read; faces are opened here where a sheet draws their glyphs."""
    # Imported here, because most runs need no cluster.
    from glyphcore.audit.by_workers import rows_by_workers
    from glyphcore.cluster.files import for_workers, stamp

    seen = replace(for_workers(config), out=None, sheet=None, csv=None)
    fonts = list(inputs_of(seen.fonts, skipped, only_fonts=True))
    seen = replace(seen, fonts=(Path(),))
    about = "audit", seen, stamp(model_path(config.checkpoint))
    findings: list[Finding] = []
    faces: dict[str, FontFace] = {}
    for path, rows in rows_by_workers(
        config.cluster, partial(_audited, seen), fonts, skipped, progress, about=about, send=config.send_files
    ):
        findings += map(from_plain, rows)
        if config.sheet and rows:
            faces |= {f"{path}#{face.number}" if face.number else str(path): face for face in open_faces(path, None)}
    return findings, faces


def _by_threads(
    config: AuditConfig, models: Models, skipped: SkippedInputs, progress: Progress
) -> tuple[list[Finding], dict[str, FontFace]]:
    """Return the same for several fonts, of which this process reads a few at a time."""
    from glyphcore.audit.by_workers import reported, rows_by_threads

    findings: list[Finding] = []
    faces: dict[str, FontFace] = {}

    def job(path: Path, recorded: Recorded) -> dict[str, Any]:
        def read(rows: list[Any], skipped: SkippedInputs, progress: Progress) -> None:
            rows.append(_read(replace(config, fonts=(path,)), models, skipped, progress))

        return reported(read, recorded)

    inputs = list(inputs_of(config.fonts, skipped, only_fonts=True))
    for _, rows in rows_by_threads(job, inputs, skipped, progress, threads=cores()):
        for found, opened in rows:
            findings += found
            faces |= opened
    return findings, faces


def _audited(config: AuditConfig, path: Path) -> dict[str, Any]:
    """Audit one font in a worker."""
    from glyphcore.audit.by_workers import reported

    def read(rows: list[dict[str, Any]], skipped: SkippedInputs, progress: Progress) -> None:
        findings, _ = _read(replace(config, fonts=(path,)), Models.of_worker(config.checkpoint), skipped, progress)
        rows.extend(map(asdict, findings))

    return reported(read)
