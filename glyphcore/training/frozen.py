"""Trains only the layers after the mixer: the outputs of the mixer are computed once and stored.

A model that knows a thousand labels has learned the shapes already. Its last layers can learn labels of further scripts
in minutes. Every train glyph is drawn several times with new variations, so that the layers see designs that no font
has.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from glyphcore.config import TrainConfig
from glyphcore.data.labels import LabelMap
from glyphcore.files import replacing
from glyphcore.nn.glyphnet import GEOMETRY, GlyphNet
from glyphcore.nn.inference import CellClassifier, fuse_batch_norm
from glyphcore.nn.stem import CELL, cells, distinct
from glyphcore.progress import Progress
from glyphcore.training import schedule
from glyphcore.training.calibration import ENOUGH, calibrate, temperature
from glyphcore.training.datamodule import GlyphDataModule, RasterDataset, VariedDataset

CHUNK = 256
"""Number of glyphs that are read together."""
PASS = 64
"""Number of grids per pass, small enough to stay in cache."""


class Trunk:
    """Everything before the label layers, as in inference: single cells first, then grids in bfloat16."""

    def __init__(self, net: GlyphNet) -> None:
        net = fuse_batch_norm(net).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._cells = CellClassifier(net)
        self._net = fuse_batch_norm(net).to(torch.bfloat16)

    @torch.inference_mode()
    def __call__(self, raster: Tensor) -> Tensor:
        """Convert rasters uint8 [B, 1, 128, 128] to outputs of the mixer, float16 [B, width · pool²]."""
        pixels = cells(raster)
        occupied = (pixels != 0).flatten(3).any(3)
        distinct_pixels, inverse = distinct(pixels[occupied].float())
        ids = torch.zeros(occupied.shape, dtype=torch.int64)
        ids[occupied] = self._cells(distinct_pixels.view(-1, CELL * CELL))[0][inverse, 0]
        tokens = self._net.primitive_head.embed(ids)
        return torch.cat([self._net.pooled(part) for part in tokens.split(PASS)]).half()


class Features:
    """Outputs of a trunk for the glyphs of a dataset, in a growing file; an interrupted run continues it."""

    def __init__(self, path: Path, dataset: VariedDataset | RasterDataset, draws: int, width: int) -> None:
        self.path, self.dataset, self.draws = path, dataset, draws
        self.rows = draws * len(dataset)
        self._shape = (self.rows, width)
        self._done = path.with_suffix(".done")

    def fill(self, trunk: Trunk, what: str, progress: Progress) -> None:
        """Compute the outputs of every glyph that has none."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        start = int(self._done.read_text()) if self._done.is_file() and self.path.is_file() else 0
        mode = "r+" if start else "w+"
        values = np.lib.format.open_memmap(self.path, mode, np.float16, None if start else self._shape)
        side = np.lib.format.open_memmap(
            self._geometry, mode, np.float32, None if start else (self.rows, GEOMETRY)
        )  # fmt: skip
        starts = range(start, self.rows, CHUNK)
        for first in progress.track(starts, total=len(starts), what=what):
            places = range(first, min(first + CHUNK, self.rows))
            self.dataset.epoch = first // len(self.dataset)
            raster, geometry, _ = self.dataset.__getitems__([(draw, draw % len(self.dataset)) for draw in places])
            values[first : places.stop] = trunk(raster).numpy()
            side[first : places.stop] = geometry.numpy()
            if first // CHUNK % 20 == 19 or places.stop == self.rows:
                values.flush()
                side.flush()
                with replacing(self._done) as temporary:
                    temporary.write_text(str(places.stop))

    @property
    def _geometry(self) -> Path:
        return self.path.with_name(f"{self.path.stem}-geometry.npy")

    def open(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return float16 [n, width] and float32 [n, 6], memory-mapped, and labels int64 [n]."""
        return (
            np.load(self.path, mmap_mode="r"), np.load(self._geometry, mmap_mode="r"),
            np.tile(self.dataset.label, self.draws),
        )  # fmt: skip


def train_head(
    net: GlyphNet, config: TrainConfig, data: GlyphDataModule, progress: Progress
) -> tuple[dict[str, float], list[dict[str, float]], float]:
    """Train ``geometry``, ``head`` and ``classify`` of a net, in place. The net gets the weights of the best epoch by
    validation, with calibrated confidences.

    Returns its validation figures with the temperature, those of every epoch, and the minutes of training.
    """
    started = time.monotonic()
    trunk, width = Trunk(net), _width(net)
    train = Features(config.run / "features.npy", data.train, config.frozen, width)
    val = Features(config.run / "features-val.npy", data.val, 1, width)
    train.fill(trunk, "train glyphs", progress)
    val.fill(trunk, "val glyphs", progress)
    parts = [part for part in (net.geometry, net.head, net.classify) if part is not None]
    trained = [p for part in parts for p in part.parameters()]
    optimizer = torch.optim.AdamW(
        [{"params": [p for p in trained if p.ndim > 1], "weight_decay": config.weight_decay},
         {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0}],
        lr=config.learning_rate,
    )  # fmt: skip
    pooled, geometry, label = train.open()
    steps = config.epochs * (len(data.train) // config.batch)
    average = [p.detach().clone() for p in trained]
    best: tuple[float, list[Tensor]] = (-1.0, [])
    history: list[dict[str, float]] = []
    step = 0
    for epoch in range(config.epochs):
        net.train()
        total = 0.0
        for rows in progress.track(
            _draws(label, len(data.train), config, epoch),
            total=len(data.train) // config.batch,
            what=f"epoch {epoch + 1}",
        ):
            rate = config.learning_rate * schedule.learning_rate(step / steps, config.warmup)
            for group in optimizer.param_groups:
                group["lr"] = rate
            _, logits = net.predict_labels(torch.from_numpy(pooled[rows]).float(), torch.from_numpy(geometry[rows]))
            loss = functional.cross_entropy(
                logits, torch.from_numpy(label[rows]), label_smoothing=config.label_smoothing
            )
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            step += 1
            decay = min(config.ema, step / (step + 9)) if config.ema else 0.0
            torch._foreach_lerp_(average, [p.detach() for p in trained], 1 - decay)
            total += float(loss.detach())
        now = _swap(trained, average)
        scores = {"epoch": epoch, "train/loss": total / (len(data.train) // config.batch)} | _scores(net, *val.open())
        history.append(scores)
        progress.say(json.dumps({name: round(value, 4) for name, value in scores.items()}))
        if scores["val/label_top1"] > best[0]:
            best = scores["val/label_top1"], [p.detach().clone() for p in trained]
            _keep(config.run / "head.pt", net)
        _swap(trained, now)
    _swap(trained, best[1])
    net.eval()
    by = temperature(*_answers(net, *val.open()))
    calibrate(net, by)
    scores = max(history, key=lambda epoch: epoch["val/label_top1"]) | {"temperature": by}
    return scores, history, (time.monotonic() - started) / 60


@torch.no_grad()
def take_labels(net: GlyphNet, labels: LabelMap, weight: Tensor, bias: Tensor, known: LabelMap) -> int:
    """Copy rows of another label layer into the label layer of a net, for labels that both have; return their number.

    ``labels``: those of the net. ``weight`` [known, embedding] and ``bias`` [known]: the other layer, whose labels are
    ``known``. A label layer in two parts gets the best approximation of its width (the largest singular values).
    """
    both = [label for label in known.labels if label in labels.index]
    theirs = torch.tensor([known.index[label] for label in both])
    own = torch.tensor([labels.index[label] for label in both])
    weight, bias = weight.float()[theirs], bias.float()[theirs]
    last = net.classify[-1]
    assert isinstance(last, nn.Linear)
    if len(net.classify) == 3:
        first = net.classify[1]
        assert isinstance(first, nn.Linear)
        left, size, right = torch.linalg.svd(weight, full_matrices=False)
        rank = min(last.in_features, len(size))
        root = size[:rank].sqrt()
        first.weight[:rank] = root[:, None] * right[:rank]
        weight = torch.zeros(len(own), last.in_features)
        weight[:, :rank] = left[:, :rank] * root
    last.weight[own], last.bias[own] = weight, bias
    return len(own)


def _draws(label: np.ndarray, glyphs: int, config: TrainConfig, epoch: int) -> Iterator[np.ndarray]:
    """Yield the rows of each batch of an epoch: in total as many as there are glyphs, rare labels more often."""
    random = np.random.default_rng([config.seed, epoch])
    weight = np.bincount(label)[label].astype(np.float64) ** -config.balance
    position = (np.arange(glyphs) + random.random()) / glyphs
    order = random.permutation(len(label))  # so that neighbouring positions have random drawings of random glyphs
    share = np.cumsum(weight[order] / weight.sum())
    drawn = random.permutation(order[np.searchsorted(share, position).clip(0, len(label) - 1)])
    for first in range(0, glyphs - config.batch + 1, config.batch):
        yield np.sort(drawn[first : first + config.batch])


def _width(net: GlyphNet) -> int:
    """Return the size of the mixer's output for one glyph."""
    first = next(layer for layer in (*net.head.modules(), *net.classify.modules()) if isinstance(layer, nn.Linear))
    return first.in_features - (0 if net.geometry is None else net.geometry.out_features)


def _swap(weights: list[nn.Parameter], others: list[Tensor]) -> list[Tensor]:
    """Set weights to other values; return the previous values."""
    before = [p.detach().clone() for p in weights]
    with torch.no_grad():
        for p, other in zip(weights, others, strict=True):
            p.copy_(other)
    return before


@torch.no_grad()
def _scores(net: GlyphNet, pooled: np.ndarray, geometry: np.ndarray, label: np.ndarray) -> dict[str, float]:
    net.eval()
    right = np.zeros(3)
    for first in range(0, len(label), 1024):
        rows = slice(first, first + 1024)
        logits, true = torch.from_numpy(np.array(pooled[rows])).float(), torch.from_numpy(label[rows])
        top = net.predict_labels(logits, torch.from_numpy(np.array(geometry[rows])))[1].topk(5).indices
        blind = net.predict_labels(logits)[1].argmax(1)
        right += [(top[:, 0] == true).sum(), (top == true[:, None]).any(1).sum(), (blind == true).sum()]
    names = ("val/label_top1", "val/label_top5", "val_raster/label_top1")
    return dict(zip(names, (right / max(len(label), 1)).tolist(), strict=True))


@torch.no_grad()
def _answers(net: GlyphNet, pooled: np.ndarray, geometry: np.ndarray, label: np.ndarray) -> tuple[Tensor, Tensor]:
    """Return logits and labels of some validation glyphs, spread evenly over all families."""
    rows = np.unique(np.linspace(0, len(label) - 1, min(len(label), ENOUGH // 4)).astype(int))
    logits = net.predict_labels(torch.from_numpy(pooled[rows]).float(), torch.from_numpy(geometry[rows]))[1]
    return logits, torch.from_numpy(label[rows])


def _keep(path: Path, net: GlyphNet) -> None:
    with replacing(path) as temporary, temporary.open("wb") as file:
        torch.save(net.state_dict(), file)
