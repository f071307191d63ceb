"""A picture of random rasters of a database, to look at.

python benchmarks/sheet.py docs/rasters.png [--db dataset/glyphs.db] [--count 200] [--seed 0]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from glyphcore.config import DATASET
from glyphcore.data.cache import glyph_raster
from glyphcore.data.raster import SIZE, unpack
from glyphcore.data.store import GlyphStore

COLUMNS, GAP = 20, 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--db", type=Path, default=DATASET / "glyphs.db")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    store = GlyphStore(args.db)
    ids = store.labels()["glyph_id"].to_numpy()
    chosen = np.random.default_rng(args.seed).choice(ids, args.count, replace=False)
    step, rows = SIZE + GAP, -(-args.count // COLUMNS)
    sheet = np.full((rows * step, COLUMNS * step), 205, np.uint8)
    for i, row in enumerate(store.glyphs(chosen.tolist())):
        y, x = i // COLUMNS * step, i % COLUMNS * step
        sheet[y : y + SIZE, x : x + SIZE] = 255 * (1 - unpack(glyph_raster(row)))
    picture = Image.fromarray(sheet).resize((sheet.shape[1] // 2, sheet.shape[0] // 2), Image.Resampling.LANCZOS)
    picture.save(args.out, optimize=True)


if __name__ == "__main__":
    main()
