"""Cell features → primitives → tokens: the discrete bottleneck of the model, which can be inspected.

In evaluation a token is the embedding of the likeliest primitive. Training needs a gradient:

- ``straight-through`` (Bengio et al. 2013, arXiv:1308.3432): the forward pass is hard; the backward pass is that of the
  mean of all embeddings, weighted by probability;
- ``soft``: that mean itself, at a temperature that a run lowers until the result is practically hard;
- ``gumbel`` (Jang et al. 2017, arXiv:1611.01144): straight-through on a sample in place of the likeliest primitive;
- ``argmax``: no gradient; the primitives learn from their own loss alone, as in a two-phase chain.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class PrimitiveHead(nn.Module):
    """Classifies non-empty cells into primitives and embeds the result.

    EMPTY (0) is not an output of the classifier: a cell without ink is EMPTY by its pixels. Only cells with ink are
    inputs.
    """

    def __init__(self, features: int, primitives: int, embedding: int, quantise: str = "straight-through") -> None:
        super().__init__()
        self.classify = nn.Linear(features, primitives - 1)
        self.embed = nn.Embedding(primitives, embedding)
        nn.init.normal_(self.embed.weight, std=0.5)
        self.quantise = quantise
        self.temperature = 1.0
        """Temperature of ``soft`` and ``gumbel``; a run sets it before each step."""
        self.noise = 0.0
        """Share of the cells whose primitive is replaced by a random one in training."""

    def logits(self, features: Tensor) -> Tensor:
        """Return logits [U, primitives − 1] of primitives 1, 2, … from features of non-empty cells [U, features]."""
        return self.classify(features)

    def tokens(self, logits: Tensor) -> Tensor:
        """Return tokens [U, embedding] from logits [U, primitives − 1]: hard in evaluation, differentiable in
        training."""
        return self._differentiable(logits) if self.training else self.embed(logits.argmax(-1) + 1)

    def with_token_noise(self, tokens: Tensor) -> Tensor:
        """Return tokens [N, embedding] of all non-empty cells; in training a share ``noise`` of them is replaced by
        random tokens."""
        if not (self.training and self.noise):
            return tokens
        wrong = torch.rand(len(tokens), device=tokens.device) < self.noise
        anything = torch.randint(0, self.embed.num_embeddings, (len(tokens),), device=tokens.device)
        return torch.where(wrong[:, None], self.embed(anything).to(tokens.dtype), tokens)

    def _differentiable(self, logits: Tensor) -> Tensor:
        if self.quantise == "argmax":
            return self.embed(logits.argmax(-1) + 1)
        with torch.autocast(logits.device.type, enabled=False):  # autocast would copy all to float32
            entries = self.embed.weight[1:].to(logits.dtype)
            if self.quantise == "gumbel":
                return functional.gumbel_softmax(logits, self.temperature, hard=True) @ entries
            if self.temperature != 1:
                logits = logits / self.temperature
            mean = logits.softmax(-1) @ entries
        if self.quantise == "soft":
            return mean
        return mean + (self.embed(logits.argmax(-1) + 1) - mean).detach()
