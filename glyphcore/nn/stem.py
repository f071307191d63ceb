"""The stem: a glyph's raster → one feature vector a cell."""

from __future__ import annotations

from torch import Tensor, nn


class Stem(nn.Module):
    """Two strided convolutions and a pooling, so that one output position lies on one 8×8 cell.

    A feature sees 13×13 pixels: its cell and a margin of its neighbours.
    """

    def __init__(self, width: int = 32, out: int = 64) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, width, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(width, out, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(inplace=True),
        )

    def forward(self, raster: Tensor) -> Tensor:
        """Float rasters [B, 1, 128, 128] in [0, 1] → features [B, out, 16, 16]."""
        return self.layers(raster)
