"""Losses: the cross entropy of labels, and the auxiliary terms."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from glyphcore.data.primitives import EMPTY, INK


def primitive_targets(pixels: Tensor, codebook: Tensor) -> Tensor:
    """Return the nearest codebook entry of non-empty cells, int64 [U], counted from 1.

    ``pixels``: float [U, 8, 8] in {0, 1}; ``codebook``: float [K, 64] in [0, 1], steps of 1/255. Computing with whole
    numbers makes the result equal to that of :func:`glyphcore.data.primitives.nearest_primitives`.
    """
    entries = (INK * codebook[EMPTY + 1 :]).round()
    # in bfloat16 one distinct cell in forty would get a wrong entry
    with torch.autocast(pixels.device.type, enabled=False):
        return (pixels.float().flatten(1) @ (2 * INK * entries.T) - (entries**2).sum(1)).argmax(1) + 1


def every(share: float, n: int, start: int, device: torch.device) -> Tensor:
    """Return indices of ``share`` of n rows, evenly spread; ``start`` shifts them."""
    count = min(max(round(share * n), 1), n)
    return (torch.arange(count, device=device) * n // max(count, 1) + start) % max(n, 1)


def primitive_loss(logits: Tensor, target: Tensor, focal: float) -> Tensor:
    """Return the mean cross entropy of logits [n, K − 1] with targets int64 [n] from 1; ``focal`` > 0 reduces the
    weight of easy cells."""
    loss = functional.cross_entropy(logits.float(), target - 1, reduction="none")
    if focal:
        loss = loss * (1 - torch.exp(-loss)) ** focal
    return loss.mean()


def distillation(student: Tensor, teachers: Sequence[Tensor], temperature: float) -> Tensor:
    """Return the KL divergence from the mean of the teachers' softened distributions, times T² (Hinton et al. 2015).

    All logits are [B, classes].
    """
    wanted = torch.stack([(logits.float() / temperature).softmax(1) for logits in teachers]).mean(0)
    log_p = (student.float() / temperature).log_softmax(1)
    return functional.kl_div(log_p, wanted, reduction="batchmean") * temperature**2
