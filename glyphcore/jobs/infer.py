"""``glyphcore infer``: write one JSON line for each glyph of any source, with its likeliest characters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.audit.codes import cmap_of
from glyphcore.audit.corrections import Correction, left_over, read_csv
from glyphcore.audit.decisions import Decided, answer, decide, texts
from glyphcore.audit.model_choice import choice, read_font_by
from glyphcore.audit.scripts import remarks
from glyphcore.config import InferConfig, model_path
from glyphcore.data.fonts import NOTDEF, FontFace
from glyphcore.data.labels import LabelMap
from glyphcore.data.predictions import candidates, flags
from glyphcore.data.programs import HARFBUZZ
from glyphcore.data.sources import Glyph, SkippedInputs, Source, are_fonts, inputs_of, read_sources
from glyphcore.decoding.decode import CANDIDATES, decode_each
from glyphcore.decoding.outside import Strangers, outside_of
from glyphcore.errors import GlyphError
from glyphcore.files import writing
from glyphcore.progress import Progress, Recorded, Silent, counted
from glyphcore.runtime.base import cores
from glyphcore.runtime.model_pair import Models
from glyphcore.runtime.predictor import Predictor

CHUNK = 1024
Record = dict[str, Any]


def run(config: InferConfig, progress: Progress | None = None) -> SkippedInputs:
    """Predict every glyph of every input; return the skipped inputs, after a message about each.

    Raises GlyphError when no glyph was read at all, or when there are several sources where a setting allows only one.
    """
    progress = progress or Silent()
    skipped = SkippedInputs(progress.say)
    count = 0
    with writing(config.out) as out:
        for line in _chosen(config, skipped, progress):
            out.write(line)
            count += 1
        skipped.tell(progress)
        if not count:
            raise GlyphError("No glyph was read.", remedy="Check the inputs.")
    progress.say(f"{counted(count, 'glyph')} read", glyphs=count)
    return skipped


def _chosen(config: InferConfig, skipped: SkippedInputs, progress: Progress) -> Iterator[str]:
    """Yield the lines of all inputs, read by workers, by threads, or one input after the other."""
    if config.cluster:
        return _by_workers(config, skipped, progress)
    if not (config.confirmed or config.tounicode):  # these are for one font
        inputs = list(inputs_of(config.inputs, SkippedInputs()))
        if len(inputs) > 1 and are_fonts(inputs):
            return _by_threads(config, skipped, progress)
    return _lines(config, Models(config.checkpoint), skipped, progress)


def _lines(config: InferConfig, models: Models, skipped: SkippedInputs, progress: Progress) -> Iterator[str]:
    """Yield one line per glyph, and write the CMap if ``config`` names one."""
    confirmed = read_csv(config.confirmed, models.first.labels) if config.confirmed else {}
    decided: list[Decided] = []
    face: FontFace | None = None
    for number, (source, glyphs) in enumerate(read_sources(config.inputs, skipped, progress, face=config.face)):
        face = source.face
        if number and (config.confirmed or config.tounicode):
            raise GlyphError(
                "--confirmed and --tounicode name glyphs by their index in one font, not in several.",
                remedy="Name a single font, and one of its faces by --face.",
            )
        if config.tounicode and source.face is None:
            raise GlyphError(
                f"{source.file} is no font: only a font's glyph indices are the codes of a CMap.",
                remedy="Leave out --tounicode.",
            )
        if face is not None and confirmed and (ignored := left_over(confirmed, face.glyph_count)):
            progress.say(ignored)
        if source.face is None:
            records = _single_glyphs(source, glyphs, models.first, config, confirmed)
        else:
            decided, records = _font(source, glyphs, models, config, confirmed, progress)
        for record in records:
            yield json.dumps(record, ensure_ascii=False) + "\n"
    if config.tounicode and face is not None:
        cmap = cmap_of(face, texts(decided), confirmed, config.codes)
        with writing(config.tounicode) as out:
            out.write(cmap)


def _by_workers(config: InferConfig, skipped: SkippedInputs, progress: Progress) -> Iterator[str]:
    """Yield the same lines in the same order, for files that workers read."""
    # Imported here, because most runs need no cluster.
    from glyphcore.audit.by_workers import rows_by_workers
    from glyphcore.cluster.files import for_workers, stamp

    seen = replace(for_workers(config), out=None)
    inputs = list(inputs_of(seen.inputs, skipped))
    seen = replace(seen, inputs=(Path(),))
    about = "infer", seen, stamp(model_path(config.checkpoint))
    for _, lines in rows_by_workers(
        config.cluster, partial(_read, seen), inputs, skipped, progress, about=about, send=config.send_files
    ):
        yield from lines


def _by_threads(config: InferConfig, skipped: SkippedInputs, progress: Progress) -> Iterator[str]:
    """Yield the same lines in the same order, for several fonts of which this process reads a few at a time."""
    from glyphcore.audit.by_workers import rows_by_threads

    models = Models(config.checkpoint)
    inputs = list(inputs_of(config.inputs, skipped))
    job = partial(_report, config, models)
    for _, lines in rows_by_threads(job, inputs, skipped, progress, threads=cores()):
        yield from lines


def _read(config: InferConfig, path: Path) -> dict[str, Any]:
    """Read one input in a worker."""
    return _report(config, Models.of_worker(config.checkpoint), path)


def _report(config: InferConfig, models: Models, path: Path, recorded: Recorded | None = None) -> dict[str, Any]:
    """Read one input; return its lines, messages and skipped inputs."""
    from glyphcore.audit.by_workers import reported

    def read(lines: list[str], skipped: SkippedInputs, progress: Progress) -> None:
        lines.extend(_lines(replace(config, inputs=(path,)), models, skipped, progress))

    return reported(read, recorded)


def _single_glyphs(
    source: Source,
    glyphs: Iterator[Glyph],
    predictor: Predictor,
    config: InferConfig,
    confirmed: Mapping[int, Correction],
) -> Iterator[Record]:
    """Yield records of glyphs from different fonts, each decoded by itself."""
    labels, outside = predictor.labels, outside_of(predictor.about.training)
    while chunk := list(islice(glyphs, CHUNK)):
        packed, geometry = np.stack([g.packed for g in chunk]), np.stack([g.geometry for g in chunk])
        predictions = predictor.predict(packed, geometry, top=max(config.topk, CANDIDATES))
        strangers = Strangers(outside, outside.kinds_of(predictions, geometry), labels) if outside else None
        decoded = decode_each(predictions.top, predictions.top_p, strangers)
        rows = zip(chunk, decoded.top.tolist(), decoded.top_p.tolist(), decoded.outside.tolist(), strict=True)
        for glyph, top, top_p, none in rows:
            record = _record(source, glyph, top, top_p, 0, none, labels, config)
            yield record | _correction_record(confirmed, glyph.glyph_id)


def _font(
    source: Source,
    glyphs: Iterator[Glyph],
    models: Models,
    config: InferConfig,
    confirmed: Mapping[int, Correction],
    progress: Progress,
) -> tuple[list[Decided], Iterator[Record]]:
    """Return the decisions for the glyphs of a font, as :mod:`glyphcore.jobs.audit` makes them, and a record of each.

    The font's own mapping is read only for a CMap, where it gives characters that have no label.
    """
    drawn: list[Glyph] = []

    def listed() -> Iterator[Glyph]:
        for glyph in glyphs:
            drawn.append(glyph)
            yield glyph

    reading = read_font_by(
        models, source, listed(), candidates=max(config.topk, CANDIDATES), mapping=config.tounicode is not None
    )
    labels = reading.labels
    findings = reading.findings(None if config.per_glyph else config.duplicate_penalty)
    for remark in filter(None, [choice(models, reading), *remarks(reading, findings)]):
        progress.say(f"{source.file}: {remark}")
    decided = decide(findings, confirmed, config.threshold, labels)
    return decided, _records(source, drawn, decided, labels, config, confirmed)


def _records(
    source: Source, drawn: Sequence[Glyph], decided: Sequence[Decided], labels: LabelMap, config: InferConfig,
    confirmed: Mapping[int, Correction],
) -> Iterator[Record]:  # fmt: skip
    for glyph, decision in zip(drawn, decided, strict=True):
        finding = decision.finding
        rank = finding.top.index(finding.predicted)
        record = _record(source, glyph, finding.top, finding.top_p, rank, finding.outside, labels, config)
        if not config.per_glyph:
            record["assigned"] = candidates(finding.top, finding.top_p, labels)[rank]
        if glyph.glyph_id == NOTDEF and NOTDEF not in confirmed:
            record["flags"] = ["NOTDEF"]
        record |= _correction_record(confirmed, glyph.glyph_id)
        if config.tounicode:
            record["decided"] = answer(decision)
        yield record


def _record(
    source: Source, glyph: Glyph, top: Sequence[int], top_p: Sequence[float], rank: int, outside: float,
    labels: LabelMap, config: InferConfig,
) -> Record:  # fmt: skip
    """Return a glyph, its candidates, and the flags of the candidate at ``rank``. The glyph gets this candidate unless
    ``outside``, the probability that it is none of the labels, is higher."""
    flag_words = flags(top_p[rank], top_p[not rank], ok=config.ok, low=config.low, ambiguous=config.ambiguous)
    return {
        "file": source.file,
        "glyph_id": glyph.glyph_id,
        "glyph_name": glyph.name,
        "advance": glyph.advance,
        "box": glyph.box and list(glyph.box),
        **({"outlines": source.face.by} if source.face and source.face.by != HARFBUZZ else {}),
        "flags": ["OUTSIDE"] if outside > top_p[rank] else flag_words,
        "outside": round(outside, 6),
        "topk": candidates(top[: config.topk], top_p[: config.topk], labels),
    }


def _correction_record(confirmed: Mapping[int, Correction], glyph_id: int) -> Record:
    correction = confirmed.get(glyph_id)
    return {"confirmed": {"label": correction.label, "base": correction.text}} if correction else {}
