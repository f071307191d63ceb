"""Priors over a whole font: the size of each label, the labels that it draws, and their order.

One font has a large x-height, another has long descenders, a third is narrow. So a ``c`` of one font has the size of a
``C`` of another. A model that sees one glyph at a time cannot tell them apart; the other glyphs of the font can. Box
and advance of the glyphs of a label follow a linear model with a hidden vector for each font (factor analysis):

    values of label l in font f  =  mean[l] + basis[l] · z[f] + noise of within[l],    z[f] ~ N(0, 1)

The model is fitted to train fonts by alternating least squares with missing values, since no font has every label. Two
more models describe which labels a font has (:mod:`.charset`) and which labels are neighbours (:mod:`.glyph_order`).
One file, ``dataset/font_priors.npz``, holds all three.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from glyphcore.config import SHIPPED
from glyphcore.data.geometry import FIELDS
from glyphcore.data.labels import LabelMap
from glyphcore.decoding import charset
from glyphcore.decoding.charset import Charset
from glyphcore.decoding.glyph_order import GlyphOrder
from glyphcore.errors import StoreError
from glyphcore.files import CORRUPT_FILE_ERRORS, replacing

FONT_PRIORS = SHIPPED / "dataset" / "font_priors.npz"
FONT_PRIORS_WIDE = SHIPPED / "dataset" / "font_priors-wide.npz"
"""The same priors for the label set with more labels."""
USED = tuple(FIELDS.index(name) for name in ("width", "y_min", "y_max", "advance"))
"""Columns of the geometry that are used; the height follows from two of them."""
NUMBERS = 5
"""Length of ``z``; 3 to 8 give similar results on val, 5 the best."""
RIDGE = 5.0
"""Strength of the prior on a label's basis, in fonts."""
PRIOR = 6.0
"""Strength of the prior on a label's noise, in glyphs; the prior value is the noise below."""
NOISE = 0.05
"""Prior noise in em."""
ROUNDS = 12


@dataclass(frozen=True)
class FontPriors:
    """The fitted model over C labels, with z of length k."""

    labels: str
    """Fingerprint of the label map."""
    mean: np.ndarray
    """float32 [C, 4]: em."""
    basis: np.ndarray
    """float32 [C, 4, k]."""
    within: np.ndarray
    """float32 [C, 4]: standard deviation in em."""
    charset: Charset
    order: GlyphOrder

    def save(self, path: Path) -> None:
        """Write the model as ``.npz``, with numbers in half precision."""
        stored_arrays = vars(self) | vars(self.charset) | vars(self.order)
        arrays = {name: stored_arrays[name].astype(np.float16) for name in (*PER_LABEL, "families")}
        arrays |= {name: stored_arrays[name].astype(np.uint16) for name in ("before", "after")}
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, labels=np.array(self.labels), **arrays)


PER_LABEL = ("mean", "basis", "within", "seen", "told", "common")
"""Arrays of a file that have one row per label."""


@lru_cache(maxsize=1)
def shipped() -> FontPriors:
    """Return the model that ships. Raises StoreError when it is missing."""
    return load(FONT_PRIORS)


@lru_cache(maxsize=1)
def _wide() -> FontPriors | None:
    return load(FONT_PRIORS_WIDE) if FONT_PRIORS_WIDE.is_file() else None


def priors_of(labels: LabelMap) -> FontPriors | None:
    """Return the model that ships for this label map; None if there is none."""
    if shipped().labels == labels.fingerprint:
        return shipped()
    wide = _wide() if len(labels) > len(shipped().mean) else None
    return wide if wide is not None and wide.labels == labels.fingerprint else None


def load(path: Path) -> FontPriors:
    """Read a model that :meth:`FontPriors.save` wrote. Raises StoreError for any other file."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            mean, basis, within, seen, told, common = (arrays[name].astype(np.float32) for name in PER_LABEL)
            before, after = (arrays[name].astype(np.int64) for name in ("before", "after"))
            order = GlyphOrder(before, after, arrays["families"].astype(np.float32), len(mean))
            return FontPriors(str(arrays["labels"]), mean, basis, within, Charset(seen, told, common), order)
    except CORRUPT_FILE_ERRORS as error:
        raise StoreError(
            f"{path} is not a file of font priors.", subject=path, remedy="Make it: glyphcore db font-priors."
        ) from error


def fit(
    label: np.ndarray, font: np.ndarray, geometry: np.ndarray, labels: LabelMap, numbers: int = NUMBERS
) -> FontPriors:
    """Fit n glyphs: ``label`` int [n] class indices, ``font`` [n] equal within a font, ``geometry`` float [n, 6].

    All geometry is known. The same glyphs give the same result; the glyph order of the result is unknown. Raises
    StoreError when there are fewer than two fonts.
    """
    number, f = np.unique(font, return_inverse=True)
    if len(number) < 2:
        raise StoreError("One font does not show how designs differ.", remedy="Name a database of many fonts.")
    values = geometry[:, USED].astype(np.float64)
    classes, count = len(labels), np.bincount(label, minlength=len(labels))[:, None]

    def per_label(what: np.ndarray) -> np.ndarray:
        return np.stack([np.bincount(label, column, classes) for column in what.T], 1)

    mean = (per_label(values) + 3 * values.mean(0)) / (count + 3)
    apart = values - mean[label]
    spread = np.sqrt((per_label(apart**2) + PRIOR * (2 * NOISE) ** 2) / (count + PRIOR))
    by_label = np.split(np.argsort(label, kind="stable"), np.cumsum(count[:, 0])[:-1])
    by_font = np.split(np.argsort(f, kind="stable"), np.cumsum(np.bincount(f))[:-1])
    z = np.random.default_rng(0).normal(size=(len(number), numbers))
    basis, within = np.zeros((classes, len(USED), numbers)), spread
    for _ in range(ROUNDS):
        basis = _bases(by_label, z[f], apart)
        for i, rows in enumerate(by_font):
            z[i] = solve(basis[label[rows]], within[label[rows]], apart[rows])[0]
        z -= z.mean(0)  # the common part of all fonts belongs to the mean, and z must have variance 1
        z = np.linalg.solve(np.linalg.cholesky(np.cov(z.T).reshape(numbers, numbers) + 1e-9 * np.eye(numbers)), z.T).T
        basis = _bases(by_label, z[f], apart)
        rest = apart - np.einsum("njk,nk->nj", basis[label], z[f])
        within = np.sqrt((per_label(rest**2) + PRIOR * NOISE**2) / (count + PRIOR))
    single = np.float32
    return FontPriors(
        labels.fingerprint, mean.astype(single), basis.astype(single), within.astype(single),
        charset.fit(label, f, classes), GlyphOrder.unknown(classes),
    )  # fmt: skip


def solve(
    basis: np.ndarray, within: np.ndarray, apart: np.ndarray, weight: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return z of one font and its covariance [k, k] from m of its glyphs: ``basis`` [m, 4, k] and ``within`` [m, 4] of
    their labels, their differences from the means of their labels [m, 4], and the weight of each value [m, 4] in [0,
    1]."""
    numbers = basis.shape[2]
    scaled = (basis / within[:, :, None]).reshape(-1, numbers)
    trusted = scaled if weight is None else scaled * weight.reshape(-1, 1)
    covariance = np.linalg.inv(trusted.T @ scaled + np.eye(numbers))
    return covariance @ (trusted.T @ (apart / within).ravel()), covariance


def _bases(by_label: list[np.ndarray], z: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """Return the ridge regression of each label's values on z, float [C, 4, k]; zeros for labels seen at most once."""
    numbers = z.shape[1]
    found = np.zeros((len(by_label), apart.shape[1], numbers))
    for i, rows in enumerate(by_label):
        if len(rows) > 1:
            coordinates = z[rows]
            found[i] = np.linalg.solve(
                coordinates.T @ coordinates + RIDGE * np.eye(numbers), coordinates.T @ apart[rows]
            ).T
    return found
