"""The two-phase chain that glyphcore replaces, rebuilt as it was: the baseline of ``benchmarks/speed.py``.

First a small CNN classifies each of the 256 cells by itself, empty ones too; then a CNN of 7.2M parameters reads the
grid of the predicted primitives. Both run eagerly in float32, one batch per step. The weights are random: the time does
not depend on them, and accuracy is not measured.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from glyphcore.config import ModelConfig
from glyphcore.data.raster import CELL, GRID, unpack
from glyphcore.nn.glyphnet import GlyphNet
from glyphcore.nn.inference import GridClassifier

BATCH = 64
PRIMITIVES = 1024
PHASE_2 = ModelConfig(
    mixing="conv", embedding=96, blocks=(3, 3, 3), widths=(192, 256), pool=1, head=0, geometry=False,
    position="sinusoidal",
)  # fmt: skip


class Phase1(nn.Sequential):
    """Cells [N, 1, 8, 8] → primitive logits [N, 1024]."""

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, PRIMITIVES),
        )  # fmt: skip


class TwoPhase:
    """The chain, ready to read."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.first = Phase1().eval()
        self.second = GridClassifier(GlyphNet(PHASE_2).eval())

    @property
    def parameters(self) -> int:
        return sum(p.numel() for part in (self.first, self.second) for p in part.parameters())

    @torch.inference_mode()
    def __call__(self, packed: np.ndarray, geometry: np.ndarray) -> np.ndarray:
        """Packed rasters uint8 [n, 2048] → labels int [n]; the chain does not use the geometry."""
        return np.concatenate(
            [self._read(torch.from_numpy(unpack(packed[start : start + BATCH]))).numpy()
             for start in range(0, len(packed), BATCH)]
        )  # fmt: skip

    def _read(self, raster: Tensor) -> Tensor:
        cells = raster.float().unflatten(1, (GRID, CELL)).unflatten(3, (GRID, CELL)).transpose(2, 3)
        ids = self.first(cells.reshape(-1, 1, CELL, CELL)).argmax(1)  # [B · 256]
        labels, _ = self.second(ids.view(-1, GRID * GRID), torch.zeros(len(raster), 6))
        return labels.argmax(1)
