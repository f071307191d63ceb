"""The evaluated glyphs as one Parquet file that other tools can show: the columns of Browse, and the picture.

    python -m benchmarks.peers.data FILE.parquet [--db FILE] [--results FOLDER]

``x`` and ``y`` are the first two principal components of the embeddings in the results, so that no tool needs a model
of its own. A picture is the glyph's raster at half size, 64×64 grey PNG, black on white.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from glyphcore.config import CACHE, DATASET
from glyphcore.data.cache import PackedRasters
from glyphcore.data.raster import unpack
from glyphcore.data.store import GlyphStore
from glyphcore.files import replacing
from glyphcore.results.browse import ResultsStore
from glyphcore.results.projection import principal, to_unit

CHUNK = 2000
COLUMNS = {"glyph_id": "glyph_id", "label": "label", "pred": "pred", "char_class": "class", "family": "family",
           "split": "split", "correct": "correct", "p1": "p1", "loss": "loss"}  # fmt: skip
"""Columns of the results, and their names in the file."""


def pictures(packed: np.ndarray) -> list[bytes]:
    """Convert packed rasters uint8 [n, 2048] to one PNG of 64×64 greys each, black on white."""
    pngs = []
    for glyph in unpack(packed):
        ink = glyph.reshape(64, 2, 64, 2).mean((1, 3))
        data = io.BytesIO()
        Image.fromarray(np.rint(255 * (1 - ink)).astype(np.uint8)).save(data, "PNG")
        pngs.append(data.getvalue())
    return pngs


def table(results: ResultsStore, rasters: PackedRasters) -> pd.DataFrame:
    """Return one row per glyph, in the order of glyph ids: :data:`COLUMNS`, ``x``, ``y`` and ``image``."""
    ids = results.columns.data["glyph_id"].tolist()
    rows, images, embeddings = [], [], []
    for i in range(0, len(ids), CHUNK):
        chunk = ids[i : i + CHUNK]
        rows += results.rows(chunk, all_of_them=True)
        details = results.several_details(chunk)
        embeddings.append(np.stack([details[glyph_id].embedding for glyph_id in chunk]))
        packed, there = rasters.of_glyphs(chunk)
        if not there.all():
            raise SystemExit("Some glyphs have no raster: run 'glyphcore rasterize' first.")
        images += pictures(packed)
    xy = to_unit(principal(np.concatenate(embeddings), 2))
    columns = {name: [getattr(row, column) for row in rows] for column, name in COLUMNS.items()}
    columns["correct"] = ["right" if correct else "wrong" for correct in columns["correct"]]
    return pd.DataFrame(columns | {"x": xy[:, 0], "y": xy[:, 1], "image": images})


def write(path: Path, database: Path, folder: Path) -> int:
    """Write the file; return the number of glyphs."""
    files = sorted(folder.glob("*.db")) if folder.is_dir() else [folder]
    rasters = PackedRasters.existing(GlyphStore(database), CACHE)
    if len(files) != 1 or rasters is None:
        raise SystemExit("One results file and its rasters are needed: run 'glyphcore prepare' first.")
    columns = table(ResultsStore(files[0]), rasters)
    with replacing(path) as temporary:
        columns.to_parquet(temporary, index=False)
    return len(columns)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--db", type=Path, default=DATASET / "glyphs.db")
    parser.add_argument("--results", type=Path, default=CACHE / "results")
    args = parser.parse_args()
    print(f"{write(args.out, args.db, args.results)} glyphs → {args.out}")


if __name__ == "__main__":
    main()
