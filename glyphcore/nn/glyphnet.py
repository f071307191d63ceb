"""GlyphNet: raster → 16×16 primitives → label, in one pass.

    raster [B, 1, 128, 128] → stem → features [N, 64] of the non-empty cells → their primitives → embedding
    → grid of tokens [B, E, 16, 16] + positions → mixer stages, merging 2×2 → pool → labels [B, classes]

All information for the labels passes through the primitive IDs, except the six geometry numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from glyphcore.config import ModelConfig
from glyphcore.nn.mixer import BLOCKS, ClassToken, merge
from glyphcore.nn.primitives import PrimitiveHead
from glyphcore.nn.stem import CELL, Stem

GRID = 16
GEOMETRY = 6
GEOMETRY_WIDTH = 32


@dataclass
class GlyphOutput:
    """The outputs of one pass. N cells of the batch have ink. U of them are distinct, and only these go through the
    stem."""

    labels: Tensor | None
    """Label logits [B, classes]; None in debug mode."""
    embedding: Tensor | None
    """Pooled embedding [B, head]; None in debug mode."""
    occupied: Tensor
    """bool [B, 256]: cells with ink."""
    primitives: Tensor
    """Logits [U, primitives − 1]; column 0 is primitive 1: EMPTY is never predicted."""
    inverse: Tensor
    """int64 [N]: row of ``primitives`` for each of the N occupied cells, in row-major order over [B, 256]."""
    features: Tensor
    """Stem features [U, C]."""
    pixels: Tensor
    """The distinct cells [U, 8, 8]."""
    pooled: Tensor | None = None
    """Output of the mixer, before geometry [B, width · pool²]; None in debug mode."""
    subsets: Tensor | None = None
    """Logits [B, subsets] of the kind of character; None without that head."""

    def grid(self) -> Tensor:
        """Return primitive IDs int64 [B, 256]; 0 where the cell is empty."""
        ids = torch.zeros(self.occupied.shape, dtype=torch.int64, device=self.occupied.device)
        ids[self.occupied] = (self.primitives.argmax(-1) + 1)[self.inverse]
        return ids


class GlyphNet(nn.Module):
    """The complete model."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.stem = Stem(*config.stem, sees=config.stem_sees, residual=config.stem_residual)
        self.primitive_head = PrimitiveHead(
            config.stem[1], config.primitives, config.embedding, quantise=config.quantise
        )
        self.position = nn.Parameter(
            0.02 * torch.randn(GRID, GRID, config.embedding)
            if config.position == "learned"
            else sinusoidal_2d(config.embedding, GRID),
            requires_grad=config.position != "sinusoidal",
        )
        self.mixer = _stages(config)
        width = (config.embedding, *config.widths)[-1]
        self.pool = ClassToken(width) if config.pool == 0 else nn.AdaptiveAvgPool2d(config.pool)
        self.geometry = nn.Linear(GEOMETRY, GEOMETRY_WIDTH) if config.geometry else None
        pooled = width * max(config.pool, 1) ** 2 + (GEOMETRY_WIDTH if config.geometry else 0)
        self.head = nn.Sequential(nn.Linear(pooled, config.head), nn.GELU()) if config.head else nn.Identity()
        embedded = config.head or pooled
        labels = (
            [nn.Linear(embedded, config.rank, bias=False), nn.Linear(config.rank, config.classes)]
            if config.rank
            else [nn.Linear(embedded, config.classes)]
        )
        self.classify = nn.Sequential(nn.Dropout(config.dropout), *labels)
        self.subsets = nn.Linear(config.head or pooled, config.subsets) if config.subsets else None

    def forward(self, raster: Tensor, geometry: Tensor | None = None, *, debug: bool = False) -> GlyphOutput:
        """Convert float rasters [B, 1, 128, 128] in {0, 1} and geometry [B, 6] (None: unknown) to :class:`GlyphOutput`.

        ``debug`` stops after the primitives.
        """
        occupied = functional.max_pool2d(raster, CELL)[:, 0] > 0  # [B, 16, 16]
        features, inverse, pixels = self.stem(raster, occupied)  # [U, C], [N], [U, 8, 8]
        logits = self.primitive_head.logits(features)  # [U, primitives − 1]
        if debug:
            return GlyphOutput(None, None, occupied.flatten(1), logits, inverse, features, pixels)
        tokens = self.primitive_head.tokens(logits)
        empty = self.primitive_head.embed.weight[0].to(tokens.dtype)
        grid = empty.expand(*occupied.shape, -1).clone()  # [B, 16, 16, E]
        grid[occupied] = self.primitive_head.with_token_noise(tokens[inverse])
        pooled = self.pooled(grid)
        embedding, labels = self.predict_labels(pooled, geometry)
        subsets = None if self.subsets is None else self.subsets(embedding)
        return GlyphOutput(labels, embedding, occupied.flatten(1), logits, inverse, features, pixels, pooled, subsets)

    def pooled(self, tokens: Tensor) -> Tensor:
        """Mix and pool tokens [B, 16, 16, E] to [B, width · pool²]."""
        return self.pool(self.mixer((tokens + self.position).permute(0, 3, 1, 2))).flatten(1)

    def predict_labels(self, pooled: Tensor, geometry: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return embedding [B, head] and label logits [B, classes] from pooled tokens and geometry [B, 6] (None:
        unknown)."""
        if self.geometry is not None:
            if geometry is None:
                geometry = pooled.new_zeros(len(pooled), GEOMETRY)
            pooled = torch.cat([pooled, torch.relu(self.geometry(geometry))], 1)
        embedding = self.head(pooled)
        return embedding, self.classify(embedding)


def _stages(config: ModelConfig) -> nn.Sequential:
    layers: list[nn.Module] = []
    width, side = config.embedding, GRID
    for blocks, next_width in zip(config.blocks, (*config.widths, 0), strict=True):
        layers += [BLOCKS[config.mixing](config, width, side) for _ in range(blocks)]
        if next_width:
            layers.append(merge(width, next_width, overlapping=config.mixing == "conv"))
            width, side = next_width, side // 2
    layers.append(nn.BatchNorm2d(width))
    return nn.Sequential(*layers)


def sinusoidal_2d(width: int, side: int) -> Tensor:
    """Return fixed positions [side, side, width]: a quarter each of sin/cos of the row and sin/cos of the column."""
    quarter = width // 4
    rate = torch.exp(-math.log(100.0) * torch.arange(quarter) / quarter)
    angle = torch.arange(side)[:, None] * rate  # [side, quarter]
    waves = torch.cat([angle.sin(), angle.cos()], 1)  # [side, width/2]
    rows = waves[:, None].expand(-1, side, -1)
    columns = waves[None].expand(side, -1, -1)
    return 0.5 * torch.cat([rows, columns], -1)


def parameter_count(model: nn.Module) -> int:
    """Return the number of trainable parameters."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
