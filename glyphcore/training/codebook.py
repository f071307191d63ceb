"""The offline primitive vocabulary: k-means over the cells of the train split.

Cells repeat (a third of all distinct ones is seen once, stems and bars thousands of times), so the distinct ones are
clustered, weighted by how often they occur.
"""

from __future__ import annotations

import numpy as np
from sklearn.cluster import MiniBatchKMeans

from glyphcore.data.primitives import cell_pixels
from glyphcore.data.raster import cells
from glyphcore.errors import GlyphError


def kmeans_codebook(packed: np.ndarray, primitives: int, *, sample: int = 20_000, seed: int = 0) -> np.ndarray:
    """Codebook uint8 [primitives, 64] (0 paper … 255 ink) from packed rasters uint8 [n, 2048].

    Row 0 is EMPTY; the others are centroids ordered by ink, so that neighbouring IDs look alike. At most ``sample``
    rasters are used. Raises GlyphError when there are fewer distinct cells than primitives.
    """
    random = np.random.default_rng(seed)
    chosen = np.sort(random.choice(len(packed), min(sample, len(packed)), replace=False))
    keys, counts = np.unique(cells(packed[chosen]).view(np.uint64).ravel(), return_counts=True)
    keys, counts = keys[keys != 0], counts[keys != 0]
    if len(keys) < primitives:
        raise GlyphError(f"Only {len(keys)} distinct cells for {primitives - 1} primitives; use more glyphs.")
    # A cell seen a thousand times should have a centroid near it, not a thousand votes.
    weight = np.sqrt(counts)
    kmeans = MiniBatchKMeans(
        primitives - 1, batch_size=8192, max_iter=30, max_no_improvement=None, n_init=1, init_size=20_000,
        random_state=seed,
    )  # fmt: skip
    pixels = cell_pixels(keys.view(np.uint8).reshape(-1, 8))
    centroids = kmeans.fit(pixels, sample_weight=weight).cluster_centers_
    codebook = np.zeros((primitives, 64), dtype=np.uint8)
    codebook[1:] = np.rint(255 * centroids[np.argsort(centroids.sum(1), kind="stable")]).clip(0, 255)
    return codebook
