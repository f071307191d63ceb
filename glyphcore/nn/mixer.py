"""Mixer blocks: how tokens of the primitive grid exchange information. Every block maps [B, width, H, W] to the same
shape.

- ``LocalMixer``: a depthwise 5×5 kernel, then a channel MLP (as in ConvMixer, arXiv:2201.09792); the 2×2 merging
  between stages covers distance, because strokes are local and letters are not.
- ``TokenMixer``: the MLP-Mixer's block (arXiv:2105.01601), one MLP over all tokens, one over channels.
- ``Hourglass``: a kernel over all relative positions, bucketed, then width → 256 → 64 → width on each token.
- ``ConvBlock``: a residual pair of dense 3×3 convolutions, the block of the two-phase chain that this model replaces.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from glyphcore.config.training import ModelConfig
from glyphcore.nn.stem import Residual


class LocalMixer(nn.Module):
    """Depthwise 5×5, then a channel MLP."""

    def __init__(self, width: int, expansion: float) -> None:
        super().__init__()
        hidden = int(width * expansion)
        self.layers = nn.Sequential(
            nn.Conv2d(width, width, 5, padding=2, groups=width, bias=False),
            nn.BatchNorm2d(width),
            nn.Conv2d(width, hidden, 1),
            nn.GELU(),
            nn.Conv2d(hidden, width, 1),
        )

    def forward(self, grid: Tensor) -> Tensor:
        """Map [B, width, H, W] to the same shape."""
        if not self.training:
            return grid + self.layers(grid)
        with torch.autocast(grid.device.type, enabled=False):
            # The bfloat16 gradient of this kernel is three times slower than the float32 one on a CPU.
            mixed = self.layers[0](grid.float())
        return grid + self.layers[1:](mixed)


class TokenMixer(nn.Module):
    """An MLP over all tokens, then an MLP over channels, each after a LayerNorm."""

    def __init__(self, width: int, tokens: int, expansion: float, token_expansion: float) -> None:
        super().__init__()
        self.token_norm = nn.LayerNorm(width)
        self.token_mlp = _mlp(tokens, int(tokens * token_expansion))
        self.channel_norm = nn.LayerNorm(width)
        self.channel_mlp = _mlp(width, int(width * expansion))

    def forward(self, grid: Tensor) -> Tensor:
        """Map [B, width, H, W] to the same shape."""
        tokens = grid.flatten(2).transpose(1, 2)  # [B, H·W, width]
        tokens = tokens + self.token_mlp(self.token_norm(tokens).transpose(1, 2)).transpose(1, 2)
        tokens = tokens + self.channel_mlp(self.channel_norm(tokens))
        return tokens.transpose(1, 2).unflatten(2, grid.shape[2:])


class Hourglass(nn.Module):
    """Relative-position mixing, then expand, squeeze and project each token.

    The mixing adds the sum of all tokens to a token, with weights per channel that depend on their relative positions.
    The offsets −15…15 of a row or a column are grouped in 8 buckets, fine for small and coarse for large offsets, so
    that 8·8·width weights replace a kernel of 31×31.
    """

    bucket: Tensor

    def __init__(self, width: int, side: int, expanded: int = 256, bottleneck: int = 64) -> None:
        super().__init__()
        self.mix_norm = nn.LayerNorm(width)
        self.bias = nn.Parameter(0.02 * torch.randn(RELATIVE_BUCKETS, RELATIVE_BUCKETS, width))
        self.register_buffer("bucket", _relative_buckets(side), persistent=False)
        self.norm = nn.LayerNorm(width)
        self.layers = nn.Sequential(
            nn.Linear(width, expanded), nn.SiLU(), nn.Linear(expanded, bottleneck), nn.SiLU(),
            nn.Linear(bottleneck, width),
        )  # fmt: skip

    def forward(self, grid: Tensor) -> Tensor:
        """Map [B, width, H, W] to the same shape."""
        tokens = grid.flatten(2).transpose(1, 2)  # [B, T, width]
        kernel = self.bias.flatten(0, 1)[self.bucket].permute(2, 0, 1)  # [width, T, T]
        mixed = torch.einsum("cij,bjc->bic", kernel, self.mix_norm(tokens))
        tokens = tokens + mixed
        tokens = tokens + self.layers(self.norm(tokens))
        return tokens.transpose(1, 2).unflatten(2, grid.shape[2:])


RELATIVE_BUCKETS = 8


def _relative_buckets(side: int) -> Tensor:
    """Return int64 [side², side²]: bucket of the offset between two tokens, row bucket × 8 + column bucket."""
    offset = torch.arange(side)[None] - torch.arange(side)[:, None]
    edges = torch.tensor([-5, -2, -1, 0, 1, 2, 5])  # offsets up to −6, −5…−3, −2, −1, 0, 1, 2…4, from 5
    along = torch.bucketize(offset, edges, right=True)  # [side, side] in 0…7
    rows = along[:, None, :, None].expand(side, side, side, side)
    columns = along[None, :, None, :].expand(side, side, side, side)
    return (rows * RELATIVE_BUCKETS + columns).reshape(side * side, side * side)


class ConvBlock(Residual):
    """Two dense 3×3 convolutions beside a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__(
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.GELU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.GELU(),
        )


BLOCKS: dict[str, Callable[[ModelConfig, int, int], nn.Module]] = {
    "local": lambda config, width, side: LocalMixer(width, config.expansion),
    "token": lambda config, width, side: TokenMixer(width, side * side, config.expansion, config.token_expansion),
    "hourglass": lambda config, width, side: Hourglass(width, side),
    "conv": lambda config, width, side: ConvBlock(width),
}
"""Word of the setting ``mixing`` → a block for tokens of a width on a grid of a side."""


def merge(width: int, out: int, *, overlapping: bool = False) -> nn.Sequential:
    """Merge each 2×2 tokens into one: [B, width, H, W] → [B, out, H/2, W/2].

    ``overlapping`` uses 3×3 tokens, like a convolution of stride 2.
    """
    side, padding = (3, 1) if overlapping else (2, 0)
    return nn.Sequential(nn.Conv2d(width, out, side, stride=2, padding=padding, bias=False), nn.BatchNorm2d(out))


class ClassToken(nn.Module):
    """A learned token that gathers the grid: the mean of all tokens, weighted by similarity to the learned token."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.randn(width) * width**-0.5)

    def forward(self, grid: Tensor) -> Tensor:
        """Map [B, width, H, W] to [B, width, 1, 1]."""
        tokens = grid.flatten(2)  # [B, width, T]
        weight = torch.einsum("c,bct->bt", self.query, tokens).softmax(1)
        return torch.einsum("bct,bt->bc", tokens, weight)[..., None, None]


def _mlp(width: int, hidden: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))
