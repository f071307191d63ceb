"""Mixer blocks: how tokens of the primitive grid hear of each other.

Two kinds, both residual. ``TokenMixer`` is the MLP-Mixer's block (Tolstikhin et al. 2021, arXiv:2105.01601): one MLP
over all tokens, one over channels. ``LocalMixer`` mixes a 5×5 neighbourhood by a depthwise kernel instead (as in
ConvMixer, arXiv:2201.09792) and leaves distance to the 2×2 merging between stages: strokes are local, letters are not.
"""

from __future__ import annotations

from torch import Tensor, nn


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
        """[B, width, H, W] → same shape."""
        return grid + self.layers(grid)


class TokenMixer(nn.Module):
    """An MLP over all tokens, then an MLP over channels, each after a LayerNorm."""

    def __init__(self, width: int, tokens: int, expansion: float, token_expansion: float) -> None:
        super().__init__()
        self.token_norm = nn.LayerNorm(width)
        self.token_mlp = _mlp(tokens, int(tokens * token_expansion))
        self.channel_norm = nn.LayerNorm(width)
        self.channel_mlp = _mlp(width, int(width * expansion))

    def forward(self, grid: Tensor) -> Tensor:
        """[B, width, H, W] → same shape."""
        tokens = grid.flatten(2).transpose(1, 2)  # [B, H·W, width]
        tokens = tokens + self.token_mlp(self.token_norm(tokens).transpose(1, 2)).transpose(1, 2)
        tokens = tokens + self.channel_mlp(self.channel_norm(tokens))
        return tokens.transpose(1, 2).unflatten(2, grid.shape[2:])


class Merge(nn.Module):
    """Each 2×2 of tokens becomes one, of another width."""

    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(width, out, 2, stride=2, bias=False), nn.BatchNorm2d(out))

    def forward(self, grid: Tensor) -> Tensor:
        """[B, width, H, W] → [B, out, H/2, W/2]."""
        return self.layers(grid)


def _mlp(width: int, hidden: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))
