"""Fits a network of one hidden layer to arrays; its weights are plain numpy, so that inference needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

BATCH = 1024


@dataclass(frozen=True)
class Fit:
    """Settings of a fit."""

    hidden: int
    epochs: int
    rate: float = 3e-3
    """Highest learning rate of the single cycle."""
    decay: float = 1e-2
    at_input: float = 0.0
    """Share of the inputs that are dropped at each step."""
    at_hidden: float = 0.1
    """Share of the hidden units that are dropped at each step."""
    softest: float = 1e-2
    """Added to the deviation of an input, so that an input with little variation is not amplified."""


def fit_layers(x: np.ndarray, y: np.ndarray, weight: np.ndarray, classes: int, how: Fit) -> dict[str, np.ndarray]:
    """Minimise the weighted cross-entropy of ``y`` int [n] in 0 … classes − 1, given ``x`` float32 [n, in]; rows have
    the weights ``weight`` [n]. Returns ``mean`` and ``scale`` [in], ``first`` [in + 1, hidden] and ``second`` [hidden +
    1, classes], float32; the last row has the biases. The same rows give the same result on the same machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the matrices are too small for several threads
    try:
        return _fit(x, y, weight, classes, how)
    finally:
        torch.set_num_threads(threads)


def _fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray, classes: int, how: Fit) -> dict[str, np.ndarray]:
    torch.manual_seed(0)
    mean, scale = x.mean(0), 1 / (x.std(0) + how.softest)
    inner, outer = nn.Linear(x.shape[1], how.hidden), nn.Linear(how.hidden, classes)
    net = nn.Sequential(nn.Dropout(how.at_input), inner, nn.ReLU(), nn.Dropout(how.at_hidden), outer)
    inputs, truth = torch.from_numpy(((x - mean) * scale).astype(np.float32)), torch.from_numpy(y.astype(np.int64))
    weights = torch.from_numpy(weight.astype(np.float32))
    optimiser = torch.optim.AdamW(net.parameters(), how.rate, weight_decay=how.decay)
    steps = how.epochs * max(len(y) // BATCH, 1) + 1
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, how.rate, total_steps=steps)
    for _ in range(how.epochs):
        order = torch.randperm(len(y))
        for start in range(0, max(len(y) - BATCH, 0) + 1, BATCH):
            batch = order[start : start + BATCH]
            loss = functional.cross_entropy(net(inputs[batch]), truth[batch], reduction="none") * weights[batch]
            optimiser.zero_grad()
            loss.mean().backward()
            optimiser.step()
            cycle.step()
    first = np.concatenate([inner.weight.detach().numpy().T, inner.bias.detach().numpy()[None]])
    second = np.concatenate([outer.weight.detach().numpy().T, outer.bias.detach().numpy()[None]])
    return {"mean": mean, "scale": scale, "first": first, "second": second}
