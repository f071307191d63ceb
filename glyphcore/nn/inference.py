"""The trained model in two parts for inference: cells → primitives, grid → labels; and both in one graph.

All information for the labels passes through the primitive IDs. So the two parts are connected by a grid of IDs, and
each part can be run, exported, cached and quantised by itself. Batch norms are folded into the convolutions before
them.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from glyphcore.nn.glyphnet import GRID, GlyphNet
from glyphcore.nn.stem import CELL


def fuse_batch_norm(net: GlyphNet) -> GlyphNet:
    """Return a copy in evaluation mode that gives the same predictions with fewer layers."""
    net = copy.deepcopy(net).eval()
    for module in net.modules():
        if isinstance(module, nn.Sequential):
            _fold(module)
    return net


def _fold(layers: nn.Sequential) -> None:
    for index in range(len(layers) - 1):
        first, second = layers[index], layers[index + 1]
        if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
            layers[index] = fuse_conv_bn_eval(first, second)
            layers[index + 1] = nn.Identity()


class CellClassifier(nn.Module):
    """Classifies pixels of single cells into primitives; for a model whose stem sees cells."""

    def __init__(self, net: GlyphNet) -> None:
        super().__init__()
        self.stem, self.head = net.stem, net.primitive_head

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Convert float [U, 64] in {0, 1}, none empty, to IDs int64 [U, 2], best first, and their probabilities [U,
        2]."""
        return best_two(self.head.logits(self.stem.of_cells(pixels.view(-1, CELL, CELL))))


class RasterTokenizer(nn.Module):
    """Classifies the cells of rasters into primitives; for a model whose stem sees the raster."""

    def __init__(self, net: GlyphNet) -> None:
        super().__init__()
        self.stem, self.head = net.stem, net.primitive_head

    def forward(self, raster: Tensor) -> tuple[Tensor, Tensor]:
        """Convert float [B, 1, 128, 128] in {0, 1} to IDs int64 [B, 256, 2] and probabilities [B, 256, 2]; 0 and 1 for
        empty cells."""
        occupied = (functional.max_pool2d(raster, CELL)[:, 0] > 0).flatten(1)[..., None]
        # All cells, also empty ones: a number of rows that depends on the pixels cannot be exported.
        ids, p = best_two(self.head.logits(self.stem.layers(raster).permute(0, 2, 3, 1).flatten(0, 2)))
        side = GRID * GRID
        return torch.where(occupied, ids.view(-1, side, 2), 0), torch.where(occupied, p.view(-1, side, 2), 1.0)


def best_two(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Convert logits [U, primitives − 1] to IDs int64 [U, 2], counted from 1, and their probabilities [U, 2]."""
    best = logits.topk(2, 1)
    # ONNX Runtime takes five times as long for a log-sum-exp of this size as for a softmax.
    return best.indices + 1, logits.softmax(1).gather(1, best.indices)


class GridClassifier(nn.Module):
    """Classifies a grid of primitives and geometry into labels."""

    def __init__(self, net: GlyphNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, ids: Tensor, geometry: Tensor) -> tuple[Tensor, Tensor]:
        """Convert int [B, 256] and float [B, 6] (zeros: unknown) to logits [B, classes] and embedding [B, head]."""
        tokens = self.net.primitive_head.embed(ids).unflatten(1, (GRID, GRID))
        embedding, labels = self.net.predict_labels(self.net.pooled(tokens), geometry)
        return labels, embedding


class GlyphClassifier(nn.Module):
    """Converts raster and geometry to label logits and primitives: the whole model as one graph, for other programs."""

    def __init__(self, net: GlyphNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, raster: Tensor, geometry: Tensor) -> tuple[Tensor, Tensor]:
        """Convert uint8 [B, 1, 128, 128] (non-zero is ink) and float [B, 6] to logits [B, classes] and IDs int64 [B,
        256]."""
        net, ink = self.net, (raster > 0).float()
        cells = ink.unflatten(2, (GRID, CELL)).unflatten(4, (GRID, CELL))[:, 0].transpose(2, 3).flatten(3)
        if net.stem.sees_cells:
            features = net.stem.of_cells(cells.reshape(-1, CELL, CELL))
        else:
            features = net.stem.layers(ink).permute(0, 2, 3, 1).flatten(0, 2)
        ids = (net.primitive_head.logits(features).argmax(1) + 1).view(-1, GRID * GRID)
        ids = torch.where(cells.amax(3).flatten(1) > 0, ids, 0)
        labels, _ = GridClassifier(net)(ids, geometry)
        return labels, ids
