"""What is minimised: the label's cross entropy, and the primitives' as an auxiliary."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from glyphcore.data.primitives import EMPTY
from glyphcore.nn.glyphnet import GlyphOutput


@dataclass
class Losses:
    """The parts and their weighted sum; scalars."""

    label: Tensor
    primitive: Tensor
    total: Tensor


def primitive_targets(raster: Tensor, occupied: Tensor, codebook: Tensor) -> Tensor:
    """Nearest codebook entry of each occupied cell, int64 [N], counted from 1.

    ``raster``: float [B, 1, 128, 128] in {0, 1}; ``occupied``: bool [B, 256]; ``codebook``: float [K, 64] in [0, 1].
    """
    cells = raster.unfold(2, 8, 8).unfold(3, 8, 8).reshape(len(raster), 256, 64)[occupied]  # [N, 64]
    entries = codebook[EMPTY + 1 :]
    return (cells @ entries.T - 0.5 * (entries**2).sum(1)).argmax(1) + 1


def losses(output: GlyphOutput, label: Tensor, primitive: Tensor, smoothing: float, weight: float) -> Losses:
    """``label`` int64 [B], ``primitive`` int64 [N] from 1; ``weight`` is α of the primitive loss."""
    assert output.labels is not None
    of_label = functional.cross_entropy(output.labels.float(), label, label_smoothing=smoothing)
    of_primitive = functional.cross_entropy(output.primitives.float(), primitive - 1)
    return Losses(of_label.detach(), of_primitive.detach(), torch.add(of_label, of_primitive, alpha=weight))
