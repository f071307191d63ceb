"""Calibrates confidences by temperature scaling (Guo et al. 2017, arXiv:1706.04599)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

from glyphcore.nn.glyphnet import GlyphNet
from glyphcore.training.datamodule import Batch

ENOUGH = 20_000
"""Number of glyphs that is enough to determine one number; more would only take memory."""


def temperature(logits: Tensor, label: Tensor) -> float:
    """Return T > 0 for which the softmax of ``logits / T`` gives the labels the highest likelihood.

    ``logits`` float [n, classes], ``label`` int64 [n], n > 0. A single number cannot change which label comes first.
    """
    log_t = nn.Parameter(torch.zeros((), dtype=torch.float64))
    logits = logits.double()
    search = torch.optim.LBFGS([log_t], max_iter=50, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        search.zero_grad()
        value = functional.cross_entropy(logits / log_t.exp(), label)
        value.backward()
        return value

    search.step(loss)
    return float(log_t.detach().clamp(-3, 3).exp())


@torch.no_grad()
def answers(net: GlyphNet, batches: Iterable[Batch], device: torch.device) -> tuple[Tensor, Tensor]:
    """Return logits float32 [n, classes] and labels int64 [n] of about ``ENOUGH`` glyphs; the last batch is complete.

    ``net`` is moved to ``device`` and stays there, in evaluation mode.
    """
    net.eval().to(device)
    logit_parts, true = [], []
    for raster, geometry, label in batches:
        logits = net(raster.to(device).float(), geometry.to(device)).labels
        assert logits is not None
        logit_parts.append(logits.float().cpu())
        true.append(label.cpu())
        if sum(map(len, true)) >= ENOUGH:
            break
    return torch.cat(logit_parts), torch.cat(true)


@torch.no_grad()
def calibrate(net: GlyphNet, by: float) -> None:
    """Divide the logits by a temperature permanently: it is applied to the weights, so that every export has it too."""
    last = net.classify[-1]
    assert isinstance(last, nn.Linear)
    last.weight.div_(by)
    last.bias.div_(by)
