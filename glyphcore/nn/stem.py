"""The stem: converts a glyph's raster to one feature vector per non-empty cell."""

from __future__ import annotations

import torch
from torch import Tensor, nn

CELL = 8
ROUND = 256
"""Rows are padded to a multiple of this, because oneDNN compiles its kernels again for every number of rows."""


class Residual(nn.Module):
    """Computes ``x + layers(x)``."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Apply a residual connection around ``layers``, which keep the shape."""
        return x + self.layers(x)


class Stem(nn.Module):
    """Two strided convolutions and a pooling, so that one output position covers one 8×8 cell.

    It has one of two inputs. ``raster``: the whole raster, so that a feature covers 13×13 pixels, its cell and a
    margin. ``cell``: each non-empty cell alone, with a blank margin. Then a primitive depends on 64 pixels only: empty
    cells cost nothing, and equal cells, which are frequent in a font, are processed only once.
    """

    def __init__(self, width: int = 32, out: int = 64, *, sees: str = "cell", residual: bool = False) -> None:
        super().__init__()
        self.sees_cells = sees == "cell"
        self.out: int = out
        self.layers = nn.Sequential(
            nn.Conv2d(1, width, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(width, out, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(inplace=True),
        )
        if residual:
            side = 1 if self.sees_cells else 3
            self.layers.append(
                Residual(
                    nn.Conv2d(out, out, side, padding=side // 2, bias=False),
                    nn.BatchNorm2d(out),
                    nn.ReLU(inplace=True),
                    nn.Conv2d(out, out, side, padding=side // 2, bias=False),
                    nn.BatchNorm2d(out),
                )
            )

    def forward(self, raster: Tensor, occupied: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Convert float rasters [B, 1, 128, 128] in {0, 1} and bool [B, 16, 16] to features [U, out], inverse, pixels.

        ``inverse`` int64 [N]: row of features of each of the N occupied cells; cells with necessarily equal features
        share a row. ``pixels`` [U, 8, 8]: the cell of each row.
        """
        pixels = cells(raster)[occupied]
        if self.sees_cells:
            pixels, inverse = distinct(pixels)
            if not len(pixels):  # convolutions do not accept an empty batch
                return pixels.new_zeros((0, self.out)), inverse, pixels
            return self.of_cells(pixels), inverse, pixels
        features = self.layers(raster).permute(0, 2, 3, 1)[occupied]
        return features, torch.arange(len(features), device=features.device), pixels

    def of_cells(self, pixels: Tensor) -> Tensor:
        """Convert float cells [U, 8, 8] to features [U, out]; only for a stem that sees cells, and U > 0."""
        return self.layers(pixels[:, None].contiguous(memory_format=torch.channels_last)).flatten(1)


def cells(raster: Tensor) -> Tensor:
    """Return the cells [B, 16, 16, 8, 8] of rasters [B, 1, 128, 128], as a view."""
    return raster[:, 0].unfold(1, CELL, CELL).unfold(2, CELL, CELL)


def distinct(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Return the distinct cells [U, 8, 8] of cells [N, 8, 8] of 0 and 1, and the index of each cell among them, int64
    [N].

    Some cells are repeated at the end so that U is a multiple of ROUND.
    """
    bit = torch.arange(CELL * CELL, device=pixels.device)
    keys, inverse = torch.unique((pixels.flatten(1).long() << bit).sum(1), return_inverse=True)
    if len(keys):
        keys = keys[torch.arange(-(-len(keys) // ROUND) * ROUND, device=keys.device) % len(keys)]
    return ((keys[:, None] >> bit) & 1).to(pixels.dtype).unflatten(1, (CELL, CELL)), inverse
