"""Judges whether a glyph is any of the labels, and whether its reading is right.

A model that can answer only with its labels reads И as N and an icon as ≡, often with high confidence. Three small
networks judge its answers. Each has one hidden layer, and one file, ``dataset/outside.npz``, holds all of them:

- The first gives the *kind* of each glyph: one of the labels, or a kind of stranger (:data:`KINDS`). Its input is the
  model's embedding, the place of the glyph in its em and the shape of the probability distribution.
- The second takes that and the best label, and judges a glyph alone: right, wrong, or outside the labels.
- The third does the same for glyphs of a font that were decoded together, and also sees the other glyphs. In a font of
  another script even А is not an A, and a neighbour of a stranger in glyph order is usually a stranger too.

The last two networks give the one confidence that all parts of the package use: the probability that the reading is
right. It is fitted so that among glyphs with a given probability that share is right, on fonts with and without
strangers. (The softmax of a network is not reliable for inputs unlike its training data; Hendrycks et al. 2019 train
with strangers, as is done here.)
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.config import SHIPPED
from glyphcore.data.labels import LabelMap
from glyphcore.data.predictions import Predictions
from glyphcore.data.primitives import EMPTY
from glyphcore.decoding.font_priors import FontPriors
from glyphcore.decoding.glyph_order import trust
from glyphcore.errors import StoreError
from glyphcore.files import CORRUPT_FILE_ERRORS, replacing

OUTSIDE = SHIPPED / "dataset" / "outside.npz"
SHIPPED_FILES = (OUTSIDE, SHIPPED / "dataset" / "outside-wide.npz")
"""Files for the default model, and for the model with more labels."""
KINDS = ("label", "Cyrillic", "Greek", "Latin", "Arabic", "mark", "symbol", "icon", "script")
"""Kinds of a single glyph: one of the labels, or a stranger that is a letter of one of these scripts, a mark, a symbol,
a picture, or a letter of any other script."""
OUTCOMES = ("right", "wrong", "outside")
NEAR = (1.5, 6.0)
"""Distances in glyphs at which the weight of a neighbour falls to 1/e: one for direct neighbours, one for a wider
range."""
PART = ("kinds", "alone", "font")
SERIAL = 250_000
"""Number of multiplications up to which OpenBLAS does not wake its threads for a matrix product; waking them takes
longer than such a product."""


@dataclass(frozen=True)
class Layers:
    """A network of one hidden layer: float32 [n, in] → log-probabilities [n, out]."""

    mean: np.ndarray
    """[in], subtracted from the input."""
    scale: np.ndarray
    """[in], multiplied with the input."""
    first: np.ndarray
    """[in + 1, hidden]; the last row is added."""
    second: np.ndarray
    """[hidden + 1, out]; the last row is added."""

    def __call__(self, x: np.ndarray) -> np.ndarray:
        slab = max(SERIAL // self.first.size, 1)
        parts = [self._each(x[start : start + slab]) for start in range(0, max(len(x), 1), slab)]
        return np.concatenate(parts)

    def _each(self, x: np.ndarray) -> np.ndarray:
        inner = ((x - self.mean) * self.scale) @ self.first[:-1] + self.first[-1]
        np.maximum(inner, 0, out=inner)
        outputs = inner @ self.second[:-1] + self.second[-1]
        return outputs - np.logaddexp.reduce(outputs, axis=1, keepdims=True)


@dataclass(frozen=True)
class Outside:
    """The three networks, fitted for one model."""

    model: str
    """:func:`model_of` the model whose answers are judged."""
    labels: str
    """Fingerprint of the model's label map."""
    kinds: Layers
    alone: Layers
    font: Layers

    def save(self, path: Path) -> None:
        """Write the networks as ``.npz``, with numbers in half precision and in one array: a file of twelve arrays
        takes longer to open."""
        layers = [getattr(self, part) for part in PART]
        sizes = [(len(layer.mean), layer.first.shape[1], layer.second.shape[1]) for layer in layers]
        arrays = [getattr(layer, field.name).ravel() for layer in layers for field in fields(Layers)]
        numbers = np.concatenate(arrays).astype(np.float16)
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(
                file, model=np.array(self.model), labels=np.array(self.labels), sizes=np.array(sizes), numbers=numbers
            )

    def kinds_of(self, predictions: Predictions, geometry: np.ndarray) -> np.ndarray:
        """Return log-probabilities float32 [n, kinds] of n glyphs, each alone; ``geometry`` float32 [n, 6]."""
        return self.kinds(glyph_features(predictions, geometry)).astype(np.float32)


def load(path: Path) -> Outside:
    """Read a file that :meth:`Outside.save` wrote. Raises StoreError for any other file."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            sizes, numbers = arrays["sizes"].tolist(), arrays["numbers"].astype(np.float32)
            model, labels = str(arrays["model"]), str(arrays["labels"])
        shapes = [((n,), (n,), (n + 1, hidden), (hidden + 1, out)) for n, hidden, out in sizes]
        ends = np.cumsum([math.prod(shape) for layer_shapes in shapes for shape in layer_shapes])
        if len(shapes) != len(PART) or ends[-1] != len(numbers) or not np.isfinite(numbers).all():
            raise ValueError("sizes")
        cut = iter(np.split(numbers, ends[:-1]))
        layers = [Layers(*(next(cut).reshape(shape) for shape in layer_shapes)) for layer_shapes in shapes]
        return Outside(model, labels, *layers)
    except CORRUPT_FILE_ERRORS as error:
        raise StoreError(
            f"{path} is not a file of 'glyphcore db outside'.", subject=path, remedy="Make it: glyphcore db outside."
        ) from error


def shipped(path: Path = OUTSIDE) -> Outside:
    """Return the networks that ship, loaded once. Raises StoreError when they are missing."""
    return _loaded(path)


@lru_cache(maxsize=2)
def _loaded(path: Path) -> Outside:
    return load(path)


def outside_of(training: dict[str, Any]) -> Outside | None:
    """Return the shipped networks of the model with this training record; None where there are none."""
    model = model_of(training)
    return next((known for path in SHIPPED_FILES if (known := shipped(path)).model == model), None)


def outside_for(labels: str) -> Outside | None:
    """Return the shipped networks for a label map, by its fingerprint; None where there are none."""
    return next((known for path in SHIPPED_FILES if (known := shipped(path)).labels == labels), None)


def model_of(training: dict[str, Any]) -> str:
    """Return one word that identifies a model: a checkpoint and its exports carry the same training record."""
    return hashlib.sha256(json.dumps(training, sort_keys=True).encode()).hexdigest()[:16]


def glyph_features(predictions: Predictions, geometry: np.ndarray) -> np.ndarray:
    """Return the input of the first network for n glyphs, float32 [n, width of the embedding + 13]. ``predictions``
    needs at least five candidates per glyph."""
    p = np.clip(predictions.top_p[:, :5].astype(np.float32), 1e-6, 1 - 1e-6)
    cells = (predictions.primitive != EMPTY).mean(1)
    extra = [
        log_odds(p[:, 0]), np.log(p[:, 0] / p[:, 1]), np.log(p.sum(1)), predictions.entropy, cells,
        predictions.primitive_p.mean(1), predictions.primitive_p.min(1),
    ]  # fmt: skip
    return np.concatenate([predictions.embedding.astype(np.float32), geometry, np.stack(extra, 1)], 1).astype(
        np.float32
    )


def log_odds(p: np.ndarray) -> np.ndarray:
    """Return log(p / (1 − p)), always finite."""
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return np.log(p) - np.log1p(-p)


def alone_features(top: np.ndarray, top_p: np.ndarray, kinds: np.ndarray, labels: LabelMap) -> np.ndarray:
    """Return the input of the second network, float32 [n, m], from candidates int [n, k] and their probabilities, best
    first, and log-probabilities [n, kinds]."""
    p = np.clip(top_p[:, :5].astype(np.float32), 1e-6, 1)
    stranger = -log_odds(np.exp(kinds[:, 0]))
    columns = [stranger, log_odds(p[:, 0]), np.log(p[:, 0] / p[:, 1]), np.log(p.sum(1))]
    return np.concatenate([np.stack(columns, 1), kinds, _classes(labels)[top[:, 0]]], 1).astype(np.float32)


@dataclass(frozen=True)
class Strangers:
    """The judgement of the networks on the n glyphs of a font."""

    model: Outside
    kinds: np.ndarray
    """float32 [n, kinds]: log-probabilities of each glyph alone."""
    labels: LabelMap

    def alone(self, top: np.ndarray, top_p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return probabilities float32 [n, k] of the same candidates, and the probability float32 [n] that a glyph is
        no label; each glyph alone."""
        odds = np.exp(self.model.alone(alone_features(top, top_p, self.kinds, self.labels)))
        return scaled(top_p, np.zeros(len(top), np.int64), odds[:, 0], odds[:, 2]), odds[:, 2].astype(np.float32)

    def in_font(
        self, top: np.ndarray, top_p: np.ndarray, decoded: np.ndarray, p: np.ndarray, place: np.ndarray,
        priors: FontPriors,
    ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        """Return the same given the rest of the font. ``top`` and ``top_p``: candidates of each glyph alone;
        ``decoded`` and ``p`` [n, k]: the same candidates after rescoring by the font; ``place``: index of the candidate
        that each glyph gets."""
        evidence = given(top, top_p, self.kinds, decoded, p, place)
        odds = np.exp(self.model.font(font_features(evidence, self.labels, priors)))
        return scaled(p, place, odds[:, 0], odds[:, 2]), odds[:, 2].astype(np.float32)


@dataclass(frozen=True)
class Given:
    """Evidence for judging n glyphs of a font."""

    top: np.ndarray
    """int [n, k]: candidates of each glyph alone, best first."""
    top_p: np.ndarray
    """float [n, k]: probabilities of ``top``."""
    kinds: np.ndarray
    """float32 [n, kinds]: log-probabilities."""
    label: np.ndarray
    """int [n]: class index that the glyph got."""
    p: np.ndarray
    """float [n]: probability of ``label`` so far."""
    rival: np.ndarray
    """float [n]: probability of the best other candidate."""


def given(
    top: np.ndarray, top_p: np.ndarray, kinds: np.ndarray, decoded: np.ndarray, p: np.ndarray, place: np.ndarray
) -> Given:
    """Collect the evidence from the predictions of each glyph alone and from the glyphs decoded together."""
    rows = np.arange(len(top))
    others = p.copy()
    others[rows, place] = 0
    return Given(top, top_p, kinds, decoded[rows, place], p[rows, place], others.max(1))


def font_features(evidence: Given, labels: LabelMap, priors: FontPriors) -> np.ndarray:
    """Return the input of the third network, float32 [n, m]; the glyphs are in the order of their font."""
    n = len(evidence.label)
    stranger = -log_odds(np.exp(evidence.kinds[:, 0])).astype(np.float64)
    known = np.exp(evidence.kinds[:, 0]).astype(np.float64)
    its_alone = np.where(evidence.top == evidence.label[:, None], evidence.top_p, 0).max(1)
    own = log_odds(its_alone)
    classes = _classes(labels)[evidence.label]
    of_class = classes.argmax(1)
    beside = np.zeros((n, 2))
    if n > 1:
        order_odds = np.log(priors.order.lift(evidence.label[:-1], evidence.label[1:])).clip(-2, 5)
        beside[1:, 0] = order_odds * evidence.p[:-1]
        beside[:-1, 1] = order_odds * evidence.p[1:]
    ordered = trust(evidence.top, evidence.top_p, priors.order)
    common = priors.charset.log_p(evidence.top, evidence.top_p * known[:, None])[evidence.label]
    columns = [
        stranger,
        log_odds(evidence.p),
        np.log(np.clip(evidence.p, 1e-6, 1) / np.clip(evidence.rival, 1e-6, 1)).clip(-8, 8),
        own,
        log_odds(evidence.top_p[:, 0]),
        its_alone >= evidence.top_p[:, 0],
        *_others(stranger, of_class),
        *_others(known, of_class),
        *_others(stranger),
        *_others(known),
        *(_beside(stranger, width) for width in NEAR),
        *(_beside(known, width) for width in NEAR),
        *_rivals(evidence.label, own),
        *beside.T,
        common,
        np.full(n, ordered),
        np.full(n, np.log1p(n)),
    ]
    kinds = np.exp(evidence.kinds)
    around = (kinds.sum(0) - kinds + 1 / len(KINDS)) / n
    return np.concatenate([np.stack(columns, 1), evidence.kinds, around, classes], 1).astype(np.float32)


@lru_cache(maxsize=2)
def _classes(labels: LabelMap) -> np.ndarray:
    """Return float32 [labels, classes]: 1 where a label belongs to a character class."""
    names = sorted(set(labels.char_class))
    return (np.array(labels.char_class)[:, None] == np.array(names)).astype(np.float32)


def _others(value: np.ndarray, group: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of the other glyphs (of the same group), shrunk towards 0 by two glyphs, and log(1 + number of
    other glyphs)."""
    group = np.zeros(len(value), np.int64) if group is None else group
    count = np.bincount(group)[group] - 1
    return (np.bincount(group, value)[group] - value) / (count + 2), np.log1p(count)


def _beside(value: np.ndarray, width: float) -> np.ndarray:
    """Return the mean of near glyphs with exponential weights, without the glyph itself."""
    reach = int(4 * width)
    weight = np.exp(-np.abs(np.arange(-reach, reach + 1)) / width)
    weight[reach] = 0
    both = [np.convolve(signal, weight)[reach : reach + len(value)] for signal in (value, np.ones(len(value)))]
    return both[0] / (both[1] + 0.3)


def _rivals(label: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lead of the best other glyph with the same label (−10 where there is none), and the number of such
    glyphs."""
    _, group, count = np.unique(label, return_inverse=True, return_counts=True)
    order = np.lexsort((-own, group))
    start = np.flatnonzero(np.diff(group[order], prepend=-1))
    best = np.full(len(label), -10.0)
    several = np.flatnonzero(count > 1)
    first, second = order[start], order[np.minimum(start + 1, len(order) - 1)]
    best[:] = own[first][group] - own
    best[first[several]] = own[second[several]] - own[first[several]]
    best[first[count == 1]] = -10.0
    return best.clip(-10, 10), np.log(count)[group]


def scaled(top_p: np.ndarray, place: np.ndarray, right: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Return probabilities float32 [n, k] of the same candidates if the candidate at ``place`` is right with
    probability ``right`` and all labels are wrong with probability ``outside``; the order of candidates does not
    change."""
    rows = np.arange(len(top_p))
    taken = top_p[rows, place].astype(np.float64)
    rest = np.maximum(1 - taken, 1e-9)
    now = top_p * (np.maximum(1 - right - outside, 0) / rest)[:, None]
    behind = np.arange(top_p.shape[1]) > place[:, None]
    now = np.where(behind, np.minimum(now, right[:, None]), np.maximum(now, right[:, None]))
    now[rows, place] = right
    return now.astype(np.float32)


def without(layers: Layers) -> Layers:
    """Return the same network for a last input that is always 0."""
    first = layers.first.copy()
    first[-1] -= layers.mean[-1] * layers.scale[-1] * first[-2]
    return Layers(layers.mean[:-1], layers.scale[:-1], np.delete(first, -2, 0), layers.second)
