"""``glyphcore infer``: glyphs from anywhere → one JSON line each with its likeliest characters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from glyphcore.audit.assign import CANDIDATES, assign, get_ready
from glyphcore.audit.candidates import candidates, flags
from glyphcore.audit.codes import cmap_of
from glyphcore.audit.confirmed import read_csv
from glyphcore.audit.design import together
from glyphcore.config import InferConfig
from glyphcore.data.designs import designs_of
from glyphcore.data.fonts import FontFace
from glyphcore.data.labels import LabelMap
from glyphcore.data.programs import HARFBUZZ
from glyphcore.data.sources import Glyph, Losses, Source, read
from glyphcore.errors import GlyphError
from glyphcore.files import writing
from glyphcore.progress import Progress, Silent
from glyphcore.runtime import Predictor

CHUNK = 1024


def run(config: InferConfig, progress: Progress | None = None) -> Losses:
    """Read every glyph of every input; returns what could not be read, which was also said.

    Raises GlyphError when no glyph was read at all, or when there are several sources where only one can be meant.
    """
    progress = progress or Silent()
    predictor = Predictor(config.checkpoint)
    if not config.alone:
        get_ready()
    losses = Losses(progress.say)
    confirmed = read_csv(config.confirmed, predictor.labels) if config.confirmed else {}
    texts: dict[int, str] = {}
    face: FontFace | None = None
    count, sources = 0, 0
    with writing(config.out) as out:
        for source, glyphs in read(config.inputs, losses, progress, face=config.face):
            sources += 1
            face = source.face
            if sources > 1 and (config.confirmed or config.tounicode):
                raise GlyphError(
                    "--confirmed and --tounicode name glyphs by their index in one font, not in several.",
                    remedy="Name a single font, and one of its faces by --face.",
                )
            if config.tounicode and source.face is None:
                raise GlyphError(
                    f"{source.file} is no font: only a font's glyph indices are the codes of a CMap.",
                    remedy="Leave out --tounicode.",
                )
            for record in _records(source, glyphs, predictor, config):
                if said := confirmed.get(record["glyph_id"]):
                    record["confirmed"] = {"label": said.label, "base": said.text}
                best = record.get("confirmed") or record.get("assigned", record["topk"][0])
                if best.get("prob", 1.0) >= config.threshold:
                    texts[record["glyph_id"]] = best["base"]
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
                count += 1
        for line in losses.summary():
            progress.say(line)
        if not count:
            raise GlyphError("No glyph was read.", remedy="Check the inputs.")
    if config.tounicode and face is not None:
        cmap = cmap_of(face, texts, confirmed, config.codes)
        with writing(config.tounicode) as out:
            out.write(cmap)
    progress.say(f"{count:,} glyphs read")
    return losses


def _records(
    source: Source, glyphs: Iterator[Glyph], predictor: Predictor, config: InferConfig
) -> Iterator[dict[str, Any]]:
    whole = not config.alone and source.face is not None  # only a font's glyphs are known to belong together
    said_of: list[tuple[Glyph, np.ndarray, np.ndarray]] = []
    while chunk := list(islice(glyphs, CHUNK)):
        packed, geometry = np.stack([g.packed for g in chunk]), np.stack([g.geometry for g in chunk])
        said = predictor.predict(packed, geometry, top=max(config.topk, CANDIDATES if whole else 2))
        said_of += zip(chunk, said.top, said.top_p, strict=True)
        if not whole:
            yield from (_record(source, *each, predictor.labels, config) for each in said_of)
            said_of = []
    if said_of:
        tops, ps = np.stack([top for _, top, _ in said_of]), np.stack([top_p for *_, top_p in said_of])
        geometry = np.stack([glyph.geometry for glyph, *_ in said_of])
        tops, ps = together(tops, ps, geometry, designs_of(predictor.labels), ordered=True)
        places = assign(tops, ps, config.reuse)
        for (glyph, *_), top, top_p, place in zip(said_of, tops, ps, places.tolist(), strict=True):
            yield _record(source, glyph, top, top_p, predictor.labels, config, place)


def _record(
    source: Source, glyph: Glyph, top: np.ndarray, top_p: np.ndarray, labels: LabelMap, config: InferConfig,
    place: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    choices = candidates(top.tolist(), top_p.tolist(), labels)
    p1, p2 = top_p[:2].tolist()
    return {
        "file": source.file,
        "glyph_id": glyph.glyph_id,
        "glyph_name": glyph.name,
        "advance": glyph.advance,
        "box": glyph.box and list(glyph.box),
        **({"outlines": source.face.by} if source.face and source.face.by != HARFBUZZ else {}),
        "flags": flags(p1, p2, ok=config.ok, low=config.low, ambiguous=config.ambiguous),
        "topk": choices[: config.topk],
        **({} if place is None else {"assigned": choices[place]}),
    }
