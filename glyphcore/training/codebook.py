"""The primitive vocabulary: k-means over cells, before training or during training.

Offline, k-means runs over pixels. Cells repeat: a third of all distinct cells is seen once, stems and bars are seen
thousands of times. So the distinct cells are clustered, weighted by their frequency. Online, k-means runs over the
features that the stem is learning.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.distributed as distributed
from sklearn.cluster import MiniBatchKMeans
from torch import Tensor, nn
from torch.nn import functional

from glyphcore.data.primitives import cell_pixels
from glyphcore.data.raster import cells, unpack
from glyphcore.errors import GlyphError
from glyphcore.nn.glyphnet import GlyphNet


def kmeans_codebook(packed: np.ndarray, primitives: int, *, sample: int = 20_000, seed: int = 0) -> np.ndarray:
    """Return a codebook uint8 [primitives, 64] (0 paper … 255 ink) from packed rasters uint8 [n, 2048].

    Row 0 is EMPTY; the other rows are centroids ordered by ink, so that neighbouring IDs look similar. At most
    ``sample`` rasters are used. Raises GlyphError when there are fewer distinct cells than primitives.
    """
    random = np.random.default_rng(seed)
    chosen = np.sort(random.choice(len(packed), min(sample, len(packed)), replace=False))
    keys, counts = np.unique(cells(packed[chosen]).view(np.uint64).ravel(), return_counts=True)
    keys, counts = keys[keys != 0], counts[keys != 0]
    if len(keys) < primitives:
        raise GlyphError(f"Only {len(keys)} distinct cells for {primitives - 1} primitives; use more glyphs.")
    # A cell that is seen a thousand times should have a centroid near it, but not a thousand votes.
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
    """K-means over cell features, one mini-batch per step; the self-supervised source of primitives.

    Centroids follow the features by exponential averages, as in VQ-VAE (arXiv:1711.00937). A centroid keeps its ID for
    the whole run. Cells are distributed as unevenly as words, so most codes are naturally rare. A code is dead only if
    it was not the nearest for many steps. A few dead codes at a time are moved to badly represented cells, so that no
    code stays dead and the other codes are not disturbed.
    """

    centroids: Tensor
    patches: Tensor
    use: Tensor
    unused: Tensor

    def __init__(self, primitives: int, features: int, *, decay: float = 0.99, idle: int = 500, few: int = 4) -> None:
        """``idle``: a code is dead after this many steps without a cell; ``few``: number of dead codes that are moved
        per step."""
        super().__init__()
        self.decay, self.idle, self.few = decay, idle, few
        self.register_buffer("centroids", torch.zeros(primitives - 1, features))
        self.register_buffer("patches", torch.zeros(primitives, 64))
        self.register_buffer("use", torch.zeros(primitives - 1))
        """Average number of cells per step."""
        self.register_buffer("unused", torch.zeros(primitives - 1, dtype=torch.int64))
        """Number of steps since the last cell."""

    def seed(self, features: Tensor, pixels: Tensor, seed: int = 0) -> Tensor:
        """Start from k-means over features [N, C] of cells [N, 8, 8]; return the code of each cell, int64 [N], from 0.

        Raises GlyphError for fewer cells than codes.
        """
        codes = len(self.use)
        if len(features) < codes:
            raise GlyphError(f"Only {len(features)} cells for {codes} primitives; use more glyphs.")
        kmeans = MiniBatchKMeans(codes, batch_size=8192, max_iter=30, max_no_improvement=None, n_init=1,
                                 init_size=min(len(features), 20_000), random_state=seed)  # fmt: skip
        unit = functional.normalize(features.float(), dim=1).cpu()
        self.centroids.copy_(torch.from_numpy(kmeans.fit(unit.numpy()).cluster_centers_))
        code = self._nearest(unit.to(self.centroids.device))[1]
        count = torch.bincount(code, minlength=codes).clamp(min=1)
        ink = torch.zeros_like(self.patches[1:]).index_add_(0, code, pixels.float().flatten(1).to(code.device))
        self.patches[1:] = ink / count[:, None]
        self.use.fill_(1.0)
        return code

    def targets(self, features: Tensor) -> Tensor:
        """Return the nearest centroid by angle of features [N, C]: int64 [N], counted from 1."""
        return self._nearest(functional.normalize(features.float(), dim=1))[1] + 1

    @torch.no_grad()
    def observe(self, features: Tensor, pixels: Tensor) -> Tensor:
        """Move the codebook towards features [N, C] of cells [N, 8, 8]; return their targets.

        Several processes move it together; each passes its own cells.
        """
        features = functional.normalize(features.float(), dim=1)
        pixels = pixels.float().flatten(1)
        likeness, code = self._nearest(features)
        counts = gather_from_processes(torch.bincount(code, minlength=len(self.use)).float())
        used = counts > 0
        rate = (counts / (counts + self.decay / (1 - self.decay) * self.use))[used, None]
        for kept, seen in ((self.centroids, features), (self.patches[1:], pixels)):
            mean = gather_from_processes(torch.zeros_like(kept).index_add_(0, code, seen))[used] / counts[used, None]
            kept[used] = torch.lerp(kept[used], mean, rate)
        self.use.lerp_(counts, 1 - self.decay)
        self.unused += 1
        self.unused[used] = 0
        dead = (~self.alive()).nonzero()[: self.few, 0]
        if len(dead):
            worst = likeness.topk(min(len(dead), len(likeness)), largest=False).indices
            self._move(dead[: len(worst)], features[worst], pixels[worst])
        return code + 1

    def alive(self) -> Tensor:
        """Return bool [K − 1]: codes that are used often enough to stay in place."""
        return self.unused < self.idle

    def perplexity(self) -> float:
        """Return e to the entropy of use: the number of equally used codes that would be as varied."""
        p = self.use / self.use.sum().clamp(min=1e-9)
        return float(torch.exp(-(p * p.clamp(min=1e-12).log()).sum()))

    def _nearest(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return cosine and index of the nearest centroid of unit features [N, C]."""
        # in half precision many centroids would be equally near
        with torch.autocast(features.device.type, enabled=False):
            return (features @ functional.normalize(self.centroids, dim=1).T).max(1)

    def _move(self, codes: Tensor, features: Tensor, pixels: Tensor) -> None:
        self.centroids[codes] = features
        self.patches[codes + 1] = pixels
        self.use[codes] = 1.0
        self.unused[codes] = 0
        if distributed.is_initialized():  # each process would place them differently, so the first process decides
            for buffer in self.buffers():
                distributed.broadcast(buffer, 0)


@torch.no_grad()
def seed_online(net: GlyphNet, online: OnlineCodebook, packed: np.ndarray, seed: int = 0, batch: int = 64) -> None:
    """Seed ``online`` with features of packed rasters uint8 [n, 2048], and initialise the head to classify by its
    centroids.

    The classifier row of a code is its centroid; its token is the mean of the tokens that its cells had before. So a
    trained net continues with nearly the same function, whatever its IDs meant.
    """
    features, pixels, tokens = [], [], []
    net.eval()
    for start in range(0, len(packed), batch):
        raster = torch.from_numpy(unpack(packed[start : start + batch])[:, None]).float()
        output = net(raster, debug=True)
        features.append(output.features)
        pixels.append(output.pixels)
        tokens.append(net.primitive_head.tokens(output.primitives))
    net.train()
    seen = torch.cat(features)
    code = online.seed(seen, torch.cat(pixels), seed)
    head, codes = net.primitive_head, len(online.use)
    counts = torch.bincount(code, minlength=codes)
    sums = torch.zeros(codes, head.embed.embedding_dim).index_add_(0, code, torch.cat(tokens))
    head.embed.weight[1:] = torch.where(counts[:, None] > 0, sums / counts.clamp(min=1)[:, None], head.embed.weight[1:])
    head.classify.weight.copy_(SHARPNESS / seen.norm(dim=1).mean() * functional.normalize(online.centroids, dim=1))
    head.classify.bias.zero_()


SHARPNESS = 40.0
"""Logit per cosine of a seeded head: a cell that is three degrees nearer to one centroid clearly belongs to it."""


def gather_from_processes(value: Tensor) -> Tensor:
    """Return the sum of a tensor over all processes; the tensor itself where there is only one process."""
    if distributed.is_initialized():
        distributed.all_reduce(value)
    return value


def usage_entropy(logits: Tensor) -> Tensor:
    """Return the mean entropy of each cell's distribution minus the entropy of their mean, in nats; logits [N, K − 1].

    Minimising it leads to confident cells and to a codebook of which all entries are used.
    """
    p = logits.float().softmax(1)
    mean = p.mean(0)
    return (mean * mean.clamp(min=1e-9).log()).sum() - (p * p.clamp(min=1e-9).log()).sum(1).mean()
