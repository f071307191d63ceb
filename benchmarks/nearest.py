"""The baseline to beat: the nearest neighbour among training rasters, at 32×32, on families that are not in training.

python benchmarks/nearest.py [--db dataset/full.db] [--split val]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from glyphcore.config import CACHE, DATASET
from glyphcore.data.cache import PackedRasters
from glyphcore.data.labels import load_labels
from glyphcore.data.raster import unpack
from glyphcore.data.store import GlyphStore
from glyphcore.progress import Terminal


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", type=Path, default=DATASET / "full.db")
    parser.add_argument("--split", choices=("val", "test"), default="val")
    args = parser.parse_args()
    store, progress = GlyphStore(args.db), Terminal()
    rasters = PackedRasters.of(store, CACHE, progress=progress)
    rows = store.labels().set_index("glyph_id").loc[rasters.glyph_id]
    label = rows["label"].map(load_labels().index).to_numpy()
    train, held_out = (np.flatnonzero((rows["split"] == split).to_numpy()) for split in ("train", args.split))
    start = time.perf_counter()
    known = _small(rasters, train)
    right = 0
    for chunk in progress.track(np.array_split(held_out, 100), total=100, what="neighbours"):
        # For unit vectors, the largest cosine similarity marks the nearest one.
        right += int((label[train[(_small(rasters, chunk) @ known.T).argmax(1)]] == label[chunk]).sum())
    seconds = time.perf_counter() - start
    print(f"nearest of {len(train):,} training rasters, {args.split}: label top-1 {100 * right / len(held_out):.1f}% "
          f"(n = {len(held_out):,}, {seconds:.0f} s)")  # fmt: skip


def _small(rasters: PackedRasters, rows: np.ndarray) -> np.ndarray:
    """Return float32 [n, 1024]: rasters averaged over 4×4 pixels, of unit length."""
    pixels = np.concatenate(
        [unpack(rasters.packed[part]).reshape(-1, 32, 4, 32, 4).mean((2, 4), dtype=np.float32).reshape(-1, 1024)
         for part in np.array_split(rows, max(1, len(rows) // 2000))]
    )  # fmt: skip
    return pixels / np.linalg.norm(pixels, axis=1, keepdims=True)


if __name__ == "__main__":
    main()
