"""Decodes a font: from a model's predictions for each single glyph to one label and one confidence per glyph.

``infer``, ``audit``, the app, evaluations and benchmarks all use this module, so that a font has one answer everywhere.
Candidates are rescored by the rest of the font (:mod:`.rescoring`), then by their neighbours (:mod:`.glyph_order`).
Glyphs with the same best label then compete for it (:mod:`.assignment`). The last step (:mod:`.outside`) estimates the
confidence of each label, and whether a glyph is any label at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from glyphcore.decoding.assignment import assign_labels
from glyphcore.decoding.font_priors import FontPriors
from glyphcore.decoding.glyph_order import in_order
from glyphcore.decoding.outside import Strangers
from glyphcore.decoding.rescoring import rescore

CANDIDATES = 10
"""Number of candidates of a glyph that take part. Later candidates keep their probabilities: their log-probability
is far below any useful ``duplicate_penalty``, and an answer must not depend on how many candidates a caller wants to
see."""


@dataclass(frozen=True)
class Decoded:
    """The labels of n glyphs after decoding."""

    top: np.ndarray
    """int64 [n, k]: class indices, best first."""
    top_p: np.ndarray
    """float32 [n, k]: probabilities of ``top``."""
    place: np.ndarray
    """int64 [n]: index of the candidate that each glyph gets; not 0 where another glyph has a better claim to the best
    label."""
    outside: np.ndarray
    """float32 [n]: probability that the glyph is none of the labels; zeros where there is no evidence."""

    @property
    def label(self) -> np.ndarray:
        """int64 [n]: class index that each glyph gets."""
        return np.take_along_axis(self.top, self.place[:, None], 1)[:, 0]

    @property
    def p(self) -> np.ndarray:
        """float32 [n]: the confidence in :attr:`label`."""
        return np.take_along_axis(self.top_p, self.place[:, None], 1)[:, 0]

    def never(self, which: np.ndarray) -> Decoded:
        """Return a copy in which the glyphs ``which`` bool [n] are certainly none of the labels."""
        if not which.any():
            return self
        return replace(self, top_p=np.where(which[:, None], 0, self.top_p), outside=np.where(which, 1, self.outside))


def decode_each(top: np.ndarray, top_p: np.ndarray, strangers: Strangers | None = None) -> Decoded:
    """Decode each glyph by itself: each glyph gets its best candidate. The arguments are those of :func:`decode`."""
    place, outside = np.zeros(len(top), np.int64), np.zeros(len(top), np.float32)
    if strangers is not None and len(top):
        top_p, outside = strangers.alone(top, top_p)
    return Decoded(top, top_p, place, outside)


def decode(
    top: np.ndarray,
    top_p: np.ndarray,
    geometry: np.ndarray,
    priors: FontPriors | None,
    *,
    ordered: bool,
    duplicate_penalty: float,
    strangers: Strangers | None = None,
) -> Decoded:
    """Decode the n glyphs of one font together.

    ``top`` int [n, k]: class indices, best first; ``top_p`` float [n, k]: their probabilities; ``geometry`` float [n,
    6]. ``priors`` exist for the label map that ships; without them candidates are not rescored. ``ordered``: the glyphs
    are in the order of their font. ``duplicate_penalty``: the cost in nats of a label that another glyph has; at 0
    every glyph gets its best candidate. ``strangers``: evidence that glyphs are none of the labels, for a model that
    has such networks. The confidence is then estimated from all evidence, and the order of candidates stays.
    """
    first, p = top[:, :CANDIDATES], top_p[:, :CANDIDATES]
    if priors is not None and len(top):
        first, p = _sorted(first, _rescored(first, p, geometry, priors, ordered))
    place = assign_labels(first, p, duplicate_penalty) if duplicate_penalty else np.zeros(len(top), np.int64)
    outside = np.zeros(len(top), np.float32)
    if strangers is not None and priors is not None and len(top):
        p, outside = strangers.in_font(top[:, :CANDIDATES], top_p[:, :CANDIDATES], first, p, place, priors)
    if top.shape[1] <= CANDIDATES:
        return Decoded(first, p, place, outside)
    gets = np.take_along_axis(first, place[:, None], 1)
    later = top_p[:, CANDIDATES:] if strangers is None else np.minimum(top_p[:, CANDIDATES:], p.min(1, keepdims=True))
    top, top_p = _sorted(np.concatenate([first, top[:, CANDIDATES:]], 1), np.concatenate([p, later], 1))
    return Decoded(top, top_p, (top == gets).argmax(1), outside)


def _rescored(
    top: np.ndarray, top_p: np.ndarray, geometry: np.ndarray, priors: FontPriors, ordered: bool
) -> np.ndarray:
    """Return probabilities of the same candidates given the rest of the font, float64 [n, k]."""
    p = rescore(top, top_p, geometry, priors)
    return in_order(top, p, priors.order) if ordered else p


def _sorted(top: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return candidates and probabilities (float32 from here on), best first."""
    order = np.argsort(-p, axis=1, kind="stable")
    return np.take_along_axis(top, order, 1), np.take_along_axis(p, order, 1).astype(np.float32)
