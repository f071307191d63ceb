"""GlyphNet: raster → 16×16 primitives → label, in one pass.

    raster [B, 1, 128, 128] → stem → features [B, 64, 16, 16] → primitive of each non-empty cell → embedding
    → grid of tokens [B, E, 16, 16] + positions → mixer stages, merging 2×2 → pool → labels [B, classes]

Everything the labels depend on passes through the primitive IDs, except the six geometry numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from glyphcore.config import ModelConfig
from glyphcore.nn.mixer import LocalMixer, Merge, TokenMixer
from glyphcore.nn.primitives import PrimitiveHead
from glyphcore.nn.stem import Stem

GRID, CELL = 16, 8
GEOMETRY = 6
GEOMETRY_WIDTH = 32


@dataclass
class GlyphOutput:
    """What one pass gives. N is the number of non-empty cells in the batch, in row-major order over [B, 256]."""

    labels: Tensor | None
    """Label logits [B, classes]; None in debug mode."""
    embedding: Tensor | None
    """Pooled embedding [B, head]; None in debug mode."""
    occupied: Tensor
    """bool [B, 256]: cells with ink."""
    primitives: Tensor
    """Logits [N, primitives − 1] of the occupied cells; column 0 is primitive 1, for EMPTY is no question of theirs."""

    def grid(self) -> Tensor:
        """Primitive IDs int64 [B, 256]; 0 where the cell is empty."""
        ids = torch.zeros(self.occupied.shape, dtype=torch.int64, device=self.occupied.device)
        ids[self.occupied] = self.primitives.argmax(-1) + 1
        return ids


class GlyphNet(nn.Module):
    """The unified model."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.stem = Stem(*config.stem)
        self.primitive_head = PrimitiveHead(
            config.stem[1], config.primitives, config.embedding, quantise=config.quantise
        )
        self.register_buffer("position", sinusoidal_2d(config.embedding, GRID))
        if config.position == "learned":
            self.position = nn.Parameter(0.02 * torch.randn(config.embedding, GRID, GRID))
        self.mixer = _stages(config)
        width = config.embedding << (len(config.blocks) - 1)
        self.pool = nn.AdaptiveAvgPool2d(config.pool)
        self.geometry = nn.Linear(GEOMETRY, GEOMETRY_WIDTH) if config.geometry else None
        self.head = nn.Sequential(
            nn.Linear(width * config.pool**2 + (GEOMETRY_WIDTH if config.geometry else 0), config.head),
            nn.GELU(),
        )
        self.classify = nn.Sequential(nn.Dropout(config.dropout), nn.Linear(config.head, config.classes))

    def forward(self, raster: Tensor, geometry: Tensor | None = None, *, debug: bool = False) -> GlyphOutput:
        """Float rasters [B, 1, 128, 128] in {0, 1}, geometry [B, 6] (None: unknown) → :class:`GlyphOutput`.

        ``debug`` stops after the primitives.
        """
        features = self.stem(raster)  # [B, C, 16, 16]
        occupied = raster.detach().unfold(2, CELL, CELL).unfold(3, CELL, CELL).amax((1, 4, 5)) > 0  # [B, 16, 16]
        cells = features.permute(0, 2, 3, 1)[occupied]  # [N, C]
        logits = self.primitive_head.logits(cells)  # [N, primitives − 1]
        if debug:
            return GlyphOutput(None, None, occupied.flatten(1), logits)
        grid = self._tokens(logits, occupied)  # [B, E, 16, 16]
        pooled = self.pool(self.mixer(grid + self.position)).flatten(1)
        if self.geometry is not None:
            if geometry is None:
                geometry = raster.new_zeros(len(raster), GEOMETRY)
            pooled = torch.cat([pooled, torch.relu(self.geometry(geometry))], 1)
        embedding = self.head(pooled)  # [B, head]
        return GlyphOutput(self.classify(embedding), embedding, occupied.flatten(1), logits)

    def _tokens(self, logits: Tensor, occupied: Tensor) -> Tensor:
        """Tokens of all cells [B, E, 16, 16]: predicted primitives where there is ink, EMPTY elsewhere."""
        tokens = self.primitive_head.tokens(logits)
        empty = self.primitive_head.embed.weight[0].to(tokens.dtype)
        grid = empty.expand(*occupied.shape, -1).clone()  # [B, 16, 16, E]
        grid[occupied] = tokens
        return grid.permute(0, 3, 1, 2)


def _stages(config: ModelConfig) -> nn.Sequential:
    layers: list[nn.Module] = []
    width, side = config.embedding, GRID
    for stage, blocks in enumerate(config.blocks):
        if stage:
            layers.append(Merge(width, 2 * width))
            width, side = 2 * width, side // 2
        for _ in range(blocks):
            if config.mixing == "local":
                layers.append(LocalMixer(width, config.expansion))
            else:
                layers.append(TokenMixer(width, side * side, config.expansion, config.token_expansion))
    layers.append(nn.BatchNorm2d(width))
    return nn.Sequential(*layers)


def sinusoidal_2d(width: int, side: int) -> Tensor:
    """Fixed positions [width, side, side]: a quarter each of sin/cos of the row and sin/cos of the column."""
    quarter = width // 4
    rate = torch.exp(-math.log(100.0) * torch.arange(quarter) / quarter)
    angle = torch.arange(side)[:, None] * rate  # [side, quarter]
    waves = torch.cat([angle.sin(), angle.cos()], 1).T  # [width/2, side]
    rows = waves[:, :, None].expand(-1, side, side)
    columns = waves[:, None, :].expand(-1, side, side)
    return 0.5 * torch.cat([rows, columns])


def parameter_count(model: nn.Module) -> int:
    """Trainable parameters."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
