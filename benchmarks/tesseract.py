"""Tesseract, one character per page, on test glyphs: the external comparison of ``benchmarks/speed.py``.

Only glyphs that it could name are read: one base character, drawn alone (isolated Arabic letters, Latin, digits), of
the alphabets of its two models. It gets no position in the em, so glyphcore's model gets none either.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from glyphcore.data.cache import glyph_geometry, glyph_raster
from glyphcore.data.labels import LabelMap
from glyphcore.data.raster import unpack
from glyphcore.data.store import GlyphRow, GlyphStore
from glyphcore.runtime.predictor import Predictor

LANGUAGES = ("ara", "eng")
ALONE = ("isol", "latin", "digit")
"""Character classes whose glyphs stand alone on a page."""
BORDER, SCALE = 24, 0.5
"""Pixels of white around a raster, and the size of the page: the best of those tried on 120 val glyphs."""


def missing() -> str:
    """Return why Tesseract cannot run here; empty when it can."""
    if not shutil.which("tesseract"):
        return "Tesseract is not installed (Debian: tesseract-ocr and tesseract-ocr-ara); skipped."
    known = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False).stdout.split()
    lacking = [language for language in LANGUAGES if language not in known]
    return f"Tesseract lacks {' and '.join(lacking)}; skipped." if lacking else ""


def alphabet() -> set[str]:
    """Return the single characters that one of the models can output."""
    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=True).stdout
    data = Path(listed.partition('"')[2].partition('"')[0])
    characters: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        for language in LANGUAGES:
            out = Path(folder) / f"{language}.lstm-unicharset"
            model = data / f"{language}.traineddata"
            subprocess.run(["combine_tessdata", "-e", model, out], capture_output=True, check=True)
            characters |= {line.split(" ")[0] for line in out.read_text(encoding="utf-8").splitlines()[1:]}
    return {character for character in characters if len(character) == 1}


def sample(store: GlyphStore, labels: LabelMap, count: int, split: str = "test") -> list[GlyphRow]:
    """Return ``count`` glyphs of a split that Tesseract could name, drawn at random, the same every time."""
    known = alphabet()
    fair = [row.glyph_id for row in store.rows(contours=False)
            if row.split == split and row.label in labels.index and _fair(labels, labels.index[row.label], known)
            ]  # fmt: skip
    chosen = np.random.default_rng(0).permutation(fair)[:count]
    return store.glyphs(sorted(chosen.tolist()))


def _fair(labels: LabelMap, i: int, known: set[str]) -> bool:
    return labels.char_class[i] in ALONE and labels.base[i] in known


def compare(store: GlyphStore, predictor: Predictor, count: int) -> dict[str, Any]:
    """Read the same glyphs with both; return the shares of right base characters, and glyphs per second (Tesseract's
    models loaded once)."""
    labels = predictor.labels
    rows = sample(store, labels, count)
    packed = np.stack([glyph_raster(row) for row in rows])
    geometry = np.stack([glyph_geometry(row) for row in rows])
    truth = [labels.base[labels.index[row.label]] for row in rows]
    predictor.predict(packed)
    predictor.forget_cells()
    start = time.perf_counter()
    blind = predictor.predict(packed).top[:, 0]
    ours = time.perf_counter() - start
    labels_of_model = predictor.predict(packed, geometry).top[:, 0]
    start = time.perf_counter()
    texts = read(packed)
    theirs = time.perf_counter() - start
    return {
        "n": len(rows), "tesseract": _share(texts, truth), "tesseract_rate": len(rows) / theirs,
        "blind": _share([labels.base[i] for i in blind], truth), "rate": len(rows) / ours,
        "told": _share([labels.base[i] for i in labels_of_model], truth),
    }  # fmt: skip


def read(packed: np.ndarray) -> list[str]:
    """Return Tesseract's text of each packed raster uint8 [n, 2048]; empty for none."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{i}.png" for i in range(len(packed))]
        for path, raster in zip(paths, packed, strict=True):
            page(raster).save(path, dpi=(300, 300))
        pages = Path(folder) / "pages.txt"
        pages.write_text("\n".join(map(str, paths)))
        command = ["tesseract", pages, "stdout", "--psm", "10", "-l", "+".join(LANGUAGES)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [_character(text) for text in done.stdout.split("\f")[: len(packed)]]


def page(packed: np.ndarray) -> Image.Image:
    """Draw one raster uint8 [2048], black on white, in the middle of its page."""
    ink = unpack(packed)
    height, width = (int(np.flatnonzero(ink.any(axis)).max(initial=0)) + 1 for axis in (1, 0))
    white = Image.new("L", (width + 2 * BORDER, height + 2 * BORDER), 255)
    white.paste(Image.fromarray((1 - ink[:height, :width]) * 255), (BORDER, BORDER))
    return white.resize((round(SCALE * white.width), round(SCALE * white.height)), Image.Resampling.LANCZOS)


def _share(texts: list[str], truth: list[str]) -> float:
    return float(np.mean([a == b for a, b in zip(texts, truth, strict=True)]))


def _character(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFC", text) if not c.isspace() and unicodedata.category(c) != "Cf")
