"""The primitive vocabulary: k-means over cells, before training or during it.

Offline, over pixels: cells repeat (a third of all distinct ones is seen once, stems and bars thousands of times), so
the distinct ones are clustered, weighted by how often they occur. Online, over the features that the stem is learning.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.distributed as distributed
from sklearn.cluster import MiniBatchKMeans
from torch import Tensor, nn
from torch.nn import functional

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


class OnlineCodebook(nn.Module):
    """K-means over cell features, one mini-batch a step; the self-supervised source of primitives.

    Centroids follow the features by exponential averages, as in VQ-VAE (arXiv:1711.00937). A centroid keeps its ID for
    the whole run; one that is hardly ever the nearest is moved onto a badly represented cell, so that none stays dead.
    """

    centroids: Tensor
    patches: Tensor
    use: Tensor

    def __init__(self, primitives: int, features: int, *, decay: float = 0.99, dead: float = 0.02) -> None:
        """``dead``: a code is dead when it is used less than this share of the average."""
        super().__init__()
        self.decay, self.dead = decay, dead
        self.register_buffer("centroids", torch.zeros(primitives - 1, features))
        self.register_buffer("patches", torch.zeros(primitives, 64))
        self.register_buffer("use", torch.zeros(primitives - 1))
        """Average number of cells a step."""

    def targets(self, features: Tensor) -> Tensor:
        """Nearest centroid by angle of features [N, C]: int64 [N], counted from 1."""
        return self._nearest(functional.normalize(features.float(), dim=1))[1] + 1

    @torch.no_grad()
    def observe(self, features: Tensor, pixels: Tensor) -> Tensor:
        """Move the codebook towards features [N, C] of cells [N, 8, 8]; returns their targets.

        Several processes move it together; each passes its own cells.
        """
        features = functional.normalize(features.float(), dim=1)
        pixels = pixels.float().flatten(1)
        if not self.use.any():
            self._place(torch.arange(len(self.use), device=features.device), features, pixels)
        likeness, code = self._nearest(features)
        counts = together(torch.bincount(code, minlength=len(self.use)).float())
        used = counts > 0
        rate = (counts / (counts + self.decay / (1 - self.decay) * self.use))[used, None]
        for kept, seen in ((self.centroids, features), (self.patches[1:], pixels)):
            mean = together(torch.zeros_like(kept).index_add_(0, code, seen))[used] / counts[used, None]
            kept[used] = torch.lerp(kept[used], mean, rate)
        self.use.lerp_(counts, 1 - self.decay)
        dead = (~self.alive()).nonzero()[:, 0]
        if len(dead):
            worst = likeness.topk(min(len(dead), len(likeness)), largest=False).indices
            self._place(dead[: len(worst)], features[worst], pixels[worst])
        return code + 1

    def alive(self) -> Tensor:
        """bool [K − 1]: codes that are used enough to stay where they are."""
        return self.use >= self.dead * self.use.mean()

    def perplexity(self) -> float:
        """e to the entropy of use: how many codes are used, were they all used alike."""
        p = self.use / self.use.sum().clamp(min=1e-9)
        return float(torch.exp(-(p * p.clamp(min=1e-12).log()).sum()))

    def _nearest(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Cosine and index of the nearest centroid of unit features [N, C]."""
        with torch.autocast(features.device.type, enabled=False):  # in half precision many would be equally near
            return (features @ functional.normalize(self.centroids, dim=1).T).max(1)

    def _place(self, codes: Tensor, features: Tensor, pixels: Tensor) -> None:
        chosen = torch.randperm(len(features), device=features.device)[: len(codes)]
        chosen = chosen.repeat(-(-len(codes) // len(chosen)))[: len(codes)]
        self.centroids[codes] = features[chosen]
        self.patches[codes + 1] = pixels[chosen]
        self.use[codes] = max(float(self.use.mean()), 1.0)
        if distributed.is_initialized():  # each process would place them elsewhere: the first one decides
            for buffer in self.buffers():
                distributed.broadcast(buffer, 0)


def together(value: Tensor) -> Tensor:
    """Sum of a tensor over all processes; the tensor itself where there is one."""
    if distributed.is_initialized():
        distributed.all_reduce(value)
    return value


def usage_entropy(logits: Tensor) -> Tensor:
    """Mean entropy of each cell's distribution minus the entropy of their mean, in nats; logits [N, K − 1].

    Minimising it asks for sure cells and for a codebook used as a whole.
    """
    p = logits.float().softmax(1)
    mean = p.mean(0)
    return (mean * mean.clamp(min=1e-9).log()).sum() - (p * p.clamp(min=1e-9).log()).sum(1).mean()
