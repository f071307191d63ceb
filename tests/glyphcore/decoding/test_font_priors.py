"""The other glyphs of a font as evidence of sizes: made-up fonts of different sizes with known answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from glyphcore import cli
from glyphcore.data.labels import LabelMap
from glyphcore.decoding.decode import decode
from glyphcore.decoding.font_priors import FontPriors, fit, load, priors_of, shipped
from glyphcore.decoding.rescoring import rescore
from glyphcore.errors import StoreError

SMALL, LARGE, OTHER = 0, 1, 2
"""A small letter and its capital with equal pixels, and 30 letters that look like no other one."""


def glyphs(random: np.random.Generator, label: np.ndarray, scale: float) -> np.ndarray:
    """Return geometry float32 [n, 6] of labels in a font that draws everything ``scale`` times as large."""
    height = np.where(label == SMALL, 0.5, np.where(label == LARGE, 0.7, 0.3 + 0.01 * label))
    values = np.stack([0.8 * height, height, np.zeros(len(label)), height, 0.9 * height, np.full(len(label), 1.0)], 1)
    values[:, :5] *= scale
    values[:, :5] += random.normal(0, 0.004, (len(label), 5))
    return values.astype(np.float32)


@pytest.fixture(scope="module")
def priors(labels: LabelMap) -> FontPriors:
    random = np.random.default_rng(0)
    every = np.arange(OTHER + 30)
    fonts = [glyphs(random, every, scale) for scale in random.uniform(0.7, 1.4, 80)]
    return fit(np.tile(every, 80), np.repeat(np.arange(80), len(every)), np.concatenate(fonts), labels, numbers=1)


@pytest.mark.parametrize("scale", [0.72, 1.0, 1.38])
def test_the_font_says_what_one_glyph_cannot(priors: FontPriors, scale: float) -> None:
    """A small letter of a large font has the size of a capital of a small one."""
    label = np.array([SMALL, LARGE, *range(OTHER, OTHER + 20)])
    geometry = glyphs(np.random.default_rng(1), label, scale)
    top = np.stack([label, np.where(label < OTHER, 1 - label, (label + 1) % OTHER)], 1)
    top_p = np.tile([0.9, 0.1], (len(label), 1))
    top_p[:2] = [0.45, 0.55]  # each of the two alone is predicted wrongly
    decoded = decode(top, top_p, geometry, priors, ordered=False, duplicate_penalty=0)
    assert decoded.label.tolist() == label.tolist()
    assert decoded.p[:2].min() > 0.8
    np.testing.assert_allclose(decoded.top_p.sum(1), top_p.sum(1), rtol=1e-5)
    assert (np.diff(decoded.top_p, axis=1) <= 0).all()


def test_nothing_changes_where_nothing_is_known(priors: FontPriors) -> None:
    label = np.arange(12)
    geometry = glyphs(np.random.default_rng(2), label, 1.3)
    top, sure = np.stack([label, label + 1], 1), np.tile([0.9, 0.1], (12, 1))
    np.testing.assert_allclose(rescore(top, sure / 10, geometry, priors), sure / 10)  # no sure prediction
    np.testing.assert_allclose(rescore(top, sure, np.zeros_like(geometry), priors), sure)
    hidden = geometry.copy()
    hidden[3] = 0
    np.testing.assert_allclose(rescore(top, sure, hidden, priors)[3], sure[3])
    unknown = decode(top, sure, geometry, None, ordered=False, duplicate_penalty=0)
    np.testing.assert_array_equal(unknown.top, top)
    np.testing.assert_array_equal(unknown.top_p, sure)
    assert len(decode(top[:0], sure[:0], geometry[:0], priors, ordered=False, duplicate_penalty=0).label) == 0


def test_misread_glyphs_do_not_move_the_font(priors: FontPriors) -> None:
    """Three of twenty sure predictions are wrong; the other glyphs still determine the design."""
    label = np.array([SMALL, *range(OTHER, OTHER + 20)])
    geometry = glyphs(np.random.default_rng(3), label, 1.3)
    geometry[-3:, :5] *= 4
    top = np.stack([label, np.where(label < OTHER, LARGE, SMALL)], 1)
    top_p = np.tile([0.9, 0.1], (len(label), 1))
    top_p[0] = [0.4, 0.6]
    assert decode(top, top_p, geometry, priors, ordered=False, duplicate_penalty=0).label[0] == SMALL


def test_what_ships_is_of_the_label_map_that_ships(labels: LabelMap) -> None:
    assert priors_of(labels) is shipped()
    assert shipped().mean.shape == (len(labels), 4)
    capital, small = (labels.index[f"latin_{case}_letter_o"] for case in ("capital", "small"))
    assert shipped().mean[capital, 2] > shipped().mean[small, 2] + 0.1, "a capital is higher"
    other = LabelMap.from_plain({**labels.to_plain(), "label": [*labels.labels[:-1], "another"]})
    assert priors_of(other) is None


def test_files_are_written_read_and_refused(tmp_path: Path, priors: FontPriors, model_db: Path) -> None:
    priors.save(tmp_path / "a.npz")
    again = load(tmp_path / "a.npz")
    np.testing.assert_allclose(again.basis, priors.basis, atol=1e-3)
    (tmp_path / "b.npz").write_bytes(b"rubbish")
    with pytest.raises(StoreError, match="not a file of font priors"):
        load(tmp_path / "b.npz")
    assert cli.main(["db", "font-priors", "--db", str(model_db), "--out", str(tmp_path / "c.npz"), "-q"]) == 0
    assert load(tmp_path / "c.npz").labels == shipped().labels
    assert cli.main(["db", "font-priors", "--db", str(tmp_path / "none.db"), "-q"]) == 1


def test_one_font_is_refused(labels: LabelMap) -> None:
    with pytest.raises(StoreError, match="One font"):
        fit(np.arange(5), np.zeros(5), glyphs(np.random.default_rng(0), np.arange(5), 1.0), labels)
