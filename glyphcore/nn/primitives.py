"""Cell features → primitives → tokens: the discrete, inspectable waist of the model.

The straight-through estimator (Bengio et al. 2013, arXiv:1308.3432) lets gradients pass the argmax: forward takes the
embedding of the most likely primitive, backward treats it as the probability-weighted mean of all embeddings.
"""

from __future__ import annotations

from torch import Tensor, nn


class PrimitiveHead(nn.Module):
    """Classifies non-empty cells into primitives and embeds the result.

    EMPTY (0) is no output of the classifier: a cell without ink is EMPTY by its pixels, and only the others come here.
    """

    def __init__(self, features: int, primitives: int, embedding: int, quantise: str = "straight-through") -> None:
        super().__init__()
        self.classify = nn.Linear(features, primitives - 1)
        self.embed = nn.Embedding(primitives, embedding)
        nn.init.normal_(self.embed.weight, std=0.5)
        self.soft = quantise == "soft"

    def logits(self, features: Tensor) -> Tensor:
        """Features of non-empty cells [N, features] → logits [N, primitives − 1] of primitives 1, 2, …"""
        return self.classify(features)

    def tokens(self, logits: Tensor) -> Tensor:
        """Logits [N, primitives − 1] → tokens [N, embedding]: hard when evaluating, differentiable when training."""
        hard = self.embed(logits.argmax(-1) + 1)
        if not self.training:
            return hard
        mean = logits.softmax(-1).to(self.embed.weight.dtype) @ self.embed.weight[1:]
        return mean if self.soft else mean + (hard - mean).detach()
