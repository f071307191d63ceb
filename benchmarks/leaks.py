"""Leakage: the share of val and test glyphs with a near-identical training glyph of the same label (intersection over
union of 0.97 or more).

    python benchmarks/leaks.py [--db dataset/full.db]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from glyphcore.config import CACHE, DATASET
from glyphcore.data.cache import PackedRasters
from glyphcore.data.outline_arrays import OutlineArrays
from glyphcore.data.raster import unpack
from glyphcore.data.splits import NEAR, TELLING_POINTS
from glyphcore.data.store import GlyphStore
from glyphcore.progress import Terminal


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", type=Path, default=DATASET / "full.db")
    args = parser.parse_args()
    store, progress = GlyphStore(args.db), Terminal()
    rasters = PackedRasters.of(store, CACHE, progress=progress)
    outlines = OutlineArrays.of(store, CACHE, progress=progress)
    rows = store.labels().set_index("glyph_id").loc[rasters.glyph_id].reset_index()
    points = pd.Series(np.diff(outlines.first[:, 0]), outlines.glyph_id)
    rows["telling"] = points.loc[rasters.glyph_id].to_numpy() >= TELLING_POINTS
    rows["nearest"] = 0.0
    groups = rows.groupby("label").groups.values()
    for index in progress.track(groups, total=len(groups), what="labels"):
        index_array = np.asarray(index)
        pixels = unpack(rasters.packed[index_array])[:, ::2, ::2].reshape(len(index_array), -1).astype(np.float32)
        area, both = pixels.sum(1), pixels @ pixels.T
        overlap = both / np.maximum(area[:, None] + area[None] - both, 1)
        train = (rows["split"].to_numpy() == "train")[index_array]
        if train.any():
            rows.loc[index_array, "nearest"] = overlap[:, train].max(1)
    print("| split | glyphs | near-identical in train | of them with a telling outline |\n|---|---:|---:|---:|")
    for split in ("val", "test"):
        split_rows = rows[rows["split"] == split]
        near = split_rows["nearest"] >= NEAR
        print(f"| {split} | {len(split_rows):,} | {near.mean():.1%} | {(near & split_rows['telling']).mean():.1%} |")


if __name__ == "__main__":
    main()
