"""``glyphcore infer``: font files → one JSON line a glyph with its likeliest characters."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, TextIO

import numpy as np

from glyphcore.config import InferConfig
from glyphcore.data.fonts import FontFace, font_files, open_faces
from glyphcore.errors import FontError, GlyphError
from glyphcore.files import replacing
from glyphcore.progress import Progress, Silent
from glyphcore.runtime import FontGlyph, Predictor, font_glyphs

CHUNK = 256


def run(config: InferConfig, progress: Progress | None = None) -> int:
    """Read every glyph of every font; returns how many were read.

    An unreadable font is named and the others go on. Raises FontError when no font gave a glyph.
    """
    progress = progress or Silent()
    files = font_files(list(config.fonts))
    predictor = Predictor(config.checkpoint)
    count = 0
    skipped: Counter[str] = Counter()
    with _output(config) as out:
        alone = len(files) == 1  # then the bar counts glyphs
        for path in files if alone else progress.track(files, total=len(files), what="fonts"):
            try:
                for face in open_faces(path):
                    records = _read(face, predictor, config.topk, skipped)
                    for record in progress.track(records, total=face.glyph_count, what="glyphs") if alone else records:
                        out.write(json.dumps(record, ensure_ascii=False) + "\n")
                        count += 1
            except GlyphError as error:
                progress.say(str(error))
                skipped["unreadable font file"] += 1
        if not count:
            raise FontError("No glyph was read.", remedy="Check the fonts named above.")
    for reason, number in sorted(skipped.items()):
        progress.say(f"{number:,} skipped: {reason}")
    return count


def _read(face: FontFace, predictor: Predictor, topk: int, skipped: Counter[str]) -> Iterator[dict[str, Any]]:
    glyphs = font_glyphs(face, skipped)
    while chunk := list(islice(glyphs, CHUNK)):
        said = predictor.predict(np.stack([g.packed for g in chunk]), np.stack([g.geometry for g in chunk]), top=topk)
        for glyph, top, top_p in zip(chunk, said.top.tolist(), said.top_p.tolist(), strict=True):
            yield _record(face, glyph, top, top_p, predictor)


def _record(
    face: FontFace, glyph: FontGlyph, top: list[int], top_p: list[float], predictor: Predictor
) -> dict[str, Any]:
    labels = predictor.labels
    return {
        "file": face.path.name if face.number == 0 else f"{face.path.name}#{face.number}",
        "glyph_id": glyph.gid,
        "glyph_name": glyph.name,
        "advance": glyph.advance,
        "box": list(glyph.box),
        "topk": [
            {"rank": rank, "label": labels.labels[i], "base": labels.base[i], "prob": round(p, 6)}
            for rank, (i, p) in enumerate(zip(top, top_p, strict=True), 1)
        ],
    }


@contextmanager
def _output(config: InferConfig) -> Iterator[TextIO]:
    """Standard output, or a file that appears whole at the end."""
    if config.out is None:
        yield sys.stdout
        return
    with replacing(config.out) as temporary, temporary.open("w", encoding="utf-8") as file:
        yield file
