"""``glyphcore overlay``: the primitive grid over a glyph, as a picture.

On the left is the glyph under its coloured primitive IDs. On the right is the picture of the primitives alone: the
input of the second half of the model. A cell whose primitive is not the nearest one of the codebook is framed and
crossed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from glyphcore.config import OverlayConfig
from glyphcore.data.cache import PngFolder, glyph_geometry, glyph_raster
from glyphcore.data.labels import codepoints
from glyphcore.data.predictions import Predictions
from glyphcore.data.primitives import nearest_primitives
from glyphcore.data.raster import CELL, GRID, SIZE, cells, unpack
from glyphcore.data.store import GlyphRow, GlyphStore
from glyphcore.errors import GlyphError
from glyphcore.files import replacing
from glyphcore.progress import Progress, Silent
from glyphcore.runtime.predictor import Predictor

# Colours by Okabe and Ito, which colour-blind readers can tell apart, and two more; the app's inspector uses the same.
PALETTE = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#8c6bb1", "#7f9a3e")
PAPER, INK, LINE, WRONG = (255, 255, 255), (40, 40, 40), (215, 215, 215), (200, 0, 0)


def run(config: OverlayConfig, progress: Progress | None = None) -> list[Path]:
    """Write one PNG per glyph; return the paths. Raises GlyphError for an id that the database does not have."""
    progress = progress or Silent()
    predictor = Predictor(config.checkpoint)
    rows = GlyphStore(config.db).glyphs(config.glyphs)
    missing = sorted(set(config.glyphs) - {row.glyph_id for row in rows})
    if missing:
        raise GlyphError(f"{config.db} has no glyph {', '.join(map(str, missing))}.", remedy="Check the ids.")
    pngs = PngFolder.of(config.db, config.rasters)
    written = []
    for row in progress.track(rows, total=len(rows), what="overlays"):
        packed = glyph_raster(row, pngs)
        truth = np.array([predictor.labels.index.get(row.label, -1)])
        predictions = predictor.predict(packed[None], glyph_geometry(row)[None], truth)
        picture = _draw(row, packed, predictions, predictor, config.scale)
        path = config.out / f"{row.glyph_id}.png"
        with replacing(path) as temporary:
            picture.save(temporary, format="PNG")
        written.append(path)
    progress.say(f"{len(written)} overlays in {config.out}")
    return written


def colour(primitive: int) -> tuple[int, int, int]:
    """Return the RGB colour of a primitive; the same ID always has the same colour."""
    code = PALETTE[(primitive * 2654435761 % 2**32 >> 8) % len(PALETTE)]
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def _draw(row: GlyphRow, packed: np.ndarray, predictions: Predictions, predictor: Predictor, scale: int) -> Image.Image:
    ids = predictions.primitive[0].reshape(GRID, GRID)
    codebook = predictor.about.codebook
    target = nearest_primitives(cells(packed), codebook)[0].reshape(GRID, GRID)
    side, step, head = SIZE * scale, CELL * scale, 34
    picture = Image.new("RGB", (2 * side + 24, side + head), PAPER)
    picture.paste(_glyph(unpack(packed), ids, scale), (0, head))
    patches = codebook[ids].reshape(GRID, GRID, CELL, CELL).transpose(0, 2, 1, 3).reshape(SIZE, SIZE)
    picture.paste(Image.fromarray(255 - patches).resize((side, side), Image.Resampling.NEAREST), (side + 24, head))
    pen = ImageDraw.Draw(picture)
    small = ImageFont.load_default(max(8, int(step * 0.27)))
    for left in (0, side + 24):
        for i in range(GRID + 1):
            pen.line([(left + i * step, head), (left + i * step, head + side)], fill=LINE)
            pen.line([(left, head + i * step), (left + side, head + i * step)], fill=LINE)
    for r, c in zip(*np.nonzero(ids), strict=True):
        x, y = int(c) * step, head + int(r) * step
        pen.text((x + 2, y + 1), str(ids[r, c]), fill=INK, font=small, stroke_width=2, stroke_fill=PAPER)
        if ids[r, c] != target[r, c]:
            pen.rectangle([x + 1, y + 1, x + step - 1, y + step - 1], outline=WRONG, width=2)
            pen.line([(x + step - 9, y + step - 9), (x + step - 3, y + step - 3)], fill=WRONG, width=2)
            pen.line([(x + step - 9, y + step - 3), (x + step - 3, y + step - 9)], fill=WRONG, width=2)
    pen.text((4, 8), _title(row, predictions, predictor), fill=INK, font=ImageFont.load_default(14))
    return picture


def _glyph(raster: np.ndarray, ids: np.ndarray, scale: int) -> Image.Image:
    """Return the glyph with each cell tinted in its primitive's colour."""
    tint = np.array([[PAPER if i == 0 else colour(int(i)) for i in row] for row in ids], dtype=np.float32)
    tint = tint.repeat(CELL, 0).repeat(CELL, 1)  # [128, 128, 3]
    ink = raster[..., None].astype(np.float32)
    mixed = ink * (0.45 * np.array(INK) + 0.55 * tint * 0.6) + (1 - ink) * (0.55 * np.array(PAPER) + 0.45 * tint)
    size = (SIZE * scale, SIZE * scale)
    return Image.fromarray(mixed.clip(0, 255).astype(np.uint8)).resize(size, Image.Resampling.NEAREST)


def _title(row: GlyphRow, predictions: Predictions, predictor: Predictor) -> str:
    best = int(predictions.top[0, 0])
    labels = predictor.labels
    sign = "right" if labels.labels[best] == row.label else "WRONG"
    known = labels.index.get(row.label)
    code = codepoints(labels.base[known]) if known is not None else "outside the label map"
    return (
        f"glyph {row.glyph_id}: {row.label} ({code}) predicted as {labels.labels[best]} "
        f"({codepoints(labels.base[best])}), p = {predictions.top_p[0, 0]:.3f}, {sign}"
    )
