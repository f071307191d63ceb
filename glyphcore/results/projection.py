"""The map: a two-dimensional layout of the embeddings of a sample of glyphs, with similar glyphs close together.

The layout takes a minute, so it is computed once per results file (``glyphcore map``) and stored beside it. The sample
is systematic over split and label: each has its share, and the same results give the same sample. This module draws the
sample and reads and writes the file; the job computes the layout.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.errors import StoreError
from glyphcore.files import CORRUPT_FILE_ERRORS, replacing
from glyphcore.results.columns import Columns

FORMAT = 1
SUFFIX = ".map.npz"
COMPONENTS = 30


@dataclass(frozen=True)
class Projection:
    """Positions of m sampled glyphs."""

    glyph_id: np.ndarray
    """int64 [m], ascending."""
    xy: np.ndarray
    """float32 [m, 2] in [0, 1]; both axes have the same scale."""
    total: int
    """Number of glyphs that the sample was drawn from."""
    about: dict[str, Any] = field(default_factory=dict)
    """Method and settings, in plain types."""


def map_path(results: Path) -> Path:
    """Return the path of the map of a results file."""
    return results.with_name(results.stem + SUFFIX)


def load(results: Path) -> Projection | None:
    """Return the map of a results file; None when there is none, or it is damaged or older than the results."""
    path = map_path(results)
    try:
        if path.stat().st_mtime_ns < results.stat().st_mtime_ns:
            return None
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            about = json.loads(str(arrays["about"]))
            projection = Projection(np.atleast_1d(arrays["glyph_id"]), arrays["xy"], int(arrays["total"]), about)
    except CORRUPT_FILE_ERRORS:
        return None
    fits = (
        isinstance(about, dict)
        and about.get("format") == FORMAT
        and projection.xy.shape == (len(projection.glyph_id), 2)
    )
    kinds = projection.glyph_id.dtype.kind == "i" and projection.xy.dtype.kind == "f"
    return projection if fits and kinds and np.isfinite(projection.xy).all() else None


def save(results: Path, projection: Projection) -> Path:
    """Store a map beside its results; a reader never sees an incomplete file."""
    path = map_path(results)
    about = json.dumps({**projection.about, "format": FORMAT})
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file, glyph_id=projection.glyph_id, xy=projection.xy, total=projection.total, about=np.array(about)
        )
    return path


def sample(columns: Columns, n: int, seed: int, split: str = "") -> np.ndarray:
    """Return rows int64, ascending, of at most ``n`` glyphs: every k-th glyph by split, then label, then random order.

    Raises StoreError when ``split`` has no glyph.
    """
    rows = np.flatnonzero(columns.any_of("split", (split,))) if split else np.arange(len(columns))
    if not len(rows):
        raise StoreError(f"The results hold no glyph{f' of the split {split!r}' if split else ''}.")
    if len(rows) <= n:
        return rows
    rng = np.random.default_rng(seed)
    rows = rows[np.lexsort((rng.random(len(rows)), columns.data["label"][rows], columns.data["split"][rows]))]
    return np.sort(rows[((np.arange(n) + rng.random()) * len(rows) / n).astype(np.int64)])


def principal(vectors: np.ndarray, components: int = COMPONENTS, *, of: np.ndarray | None = None) -> np.ndarray:
    """Return the first principal components float32 [m, ≤ components] of vectors [m, width], the largest first.

    ``of`` [n, width]: the components are those of these other vectors.
    """
    base = vectors if of is None else of
    middle = base.mean(0, dtype=np.float64)
    centred = base.astype(np.float64) - middle
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :components]
    # of two equal solutions, always choose the same one
    axes *= np.sign(axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])])
    return ((vectors.astype(np.float64) - middle) @ axes).astype(np.float32)


def to_unit(xy: np.ndarray) -> np.ndarray:
    """Return positions [m, 2] moved and scaled into [0, 1], with the same scale for both axes; float32."""
    low, high = xy.min(0), xy.max(0)
    longest = max(float((high - low).max()), 1e-12)
    return ((xy - (low + high) / 2) / longest + 0.5).clip(0, 1).astype(np.float32)
