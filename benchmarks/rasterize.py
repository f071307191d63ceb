"""Rasters per second on one core, from a font file and from the database, and whether both give the same pixels.

python benchmarks/rasterize.py [--db dataset/glyphs.db] [--fonts FOLDER] [--sample 5000]
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from pathlib import Path

import numpy as np

from glyphcore.config import CACHE, DATASET
from glyphcore.data.contours import parse
from glyphcore.data.fonts import font_files
from glyphcore.data.raster import rasterize
from glyphcore.data.sources import SkippedInputs, read_sources
from glyphcore.data.store import GlyphStore
from glyphcore.progress import Silent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", type=Path, default=DATASET / "glyphs.db")
    parser.add_argument("--fonts", type=Path, default=CACHE / "fonts", help="font folder; default: the fetched corpus")
    parser.add_argument("--sample", type=int, default=5000, help="glyphs to draw from the database")
    args = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    store = GlyphStore(args.db)
    ids = np.random.default_rng(0).permutation([row.glyph_id for row in store.rows(contours=False)])[: args.sample]
    rows = store.glyphs(ids.tolist())
    print(f"one core of {platform.processor() or platform.machine()}, Python {platform.python_version()}")
    print("| stage | glyphs | glyphs/s |\n|---|---:|---:|")

    start = time.perf_counter()
    outlines = [parse(row.contours or b"") for row in rows]
    _say("database: contours → outline", len(rows), start)
    start = time.perf_counter()
    for outline, row in zip(outlines, rows, strict=True):
        rasterize(outline, row.advance, row.upem)
    _say("outline → raster", len(rows), start)
    start = time.perf_counter()
    for row in store.glyphs(ids.tolist()):
        rasterize(row.outline(), row.advance, row.upem)
    _say("database → raster, all of it", len(rows), start)

    names = set(store.fonts()["file_hash"].str[:12])
    files = [path for path in font_files([args.fonts]) if path.name[:12] in names][:20]
    start = time.perf_counter()
    opened = list(read_sources(files, SkippedInputs(), Silent()))
    for source, _ in opened:
        assert source.face is not None
        assert source.face.names
    _say(f"font: open ({len(opened)} faces)", sum(source.count for source, _ in opened), start)
    start = time.perf_counter()
    drawn = sum(1 for _, glyphs in opened for _ in glyphs)
    _say("font → raster", drawn, start)


def _say(stage: str, count: int, start: float) -> None:
    print(f"| {stage} | {count:,} | {count / (time.perf_counter() - start):,.0f} |")


if __name__ == "__main__":
    main()
