"""Neighbouring glyphs as evidence: made-up fonts that keep sixty labels in one order, and shuffled ones."""

from __future__ import annotations

import string

import numpy as np
import pytest

from glyphcore.data.geometry import WIDTH
from glyphcore.data.labels import LabelMap
from glyphcore.decoding.decode import decode
from glyphcore.decoding.font_priors import shipped
from glyphcore.decoding.glyph_order import ENOUGH, GlyphOrder, _messages, fit, in_order, trust

LABELS, CLASSES = 60, 64
"""Labels 0 … 59 follow each other; 60 … 63 never occur."""


def glyphs(fonts: int = 80) -> dict[str, np.ndarray]:
    """Return fonts of forty families, two weights each, with some gaps between glyphs."""
    random = np.random.default_rng(0)
    label = np.tile(np.arange(LABELS), fonts)
    font = np.repeat(np.arange(fonts), LABELS)
    gid = np.concatenate([np.cumsum(random.integers(1, 3, LABELS)) for _ in range(fonts)])
    return {"label": label, "font": font, "family": np.array([f"family {f // 2}" for f in font]), "gid": gid}


@pytest.fixture(scope="module")
def order() -> GlyphOrder:
    return fit(**glyphs(), classes=CLASSES)


def candidates(label: np.ndarray, other: np.ndarray, p: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
    return np.stack([label, other], 1), np.tile([p, 0.09], (len(label), 1))


def test_what_was_counted(order: GlyphOrder) -> None:
    count = np.zeros((CLASSES, CLASSES))
    count[order.before, order.after] = order.families
    assert (np.diag(count[:LABELS, :LABELS], 1) > 20).all(), "forty families keep each label before the next one"
    assert count.max() <= 40, "a family counts once"
    assert not np.tril(count).any(), "nothing comes before what it follows"
    assert order.lift(5, 6) > 10 > 1 > order.lift(5, 30)
    assert np.ptp(order.lift(62, np.arange(CLASSES))) == 0, "of what was never seen nothing is known"


def test_the_same_glyphs_give_the_same_in_any_order(order: GlyphOrder) -> None:
    found = glyphs()
    shuffle = np.random.default_rng(1).permutation(len(found["label"]))
    again = fit(**{name: array[shuffle] for name, array in found.items()}, classes=CLASSES)
    for name in ("before", "after", "families"):
        np.testing.assert_array_equal(getattr(again, name), getattr(order, name))
    found["gid"][:] = -1
    assert len(fit(**found, classes=CLASSES).before) == 0


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_neighbours_decide_between_look_alikes(order: GlyphOrder, kept: int) -> None:
    """Every tenth glyph looks like a distant one; also in documents that keep only every second or third glyph."""
    label = np.arange(0, LABELS, kept)
    other = (label + 30) % LABELS
    top, p = candidates(label, other)
    unsure = np.arange(4, len(label), 10)
    top[unsure] = top[unsure, ::-1]  # the wrong one comes first
    p[unsure] = [0.55, 0.45]
    found = in_order(top, p, order)
    assert top[np.arange(len(top)), found.argmax(1)].tolist() == label.tolist()
    np.testing.assert_allclose(found.sum(1), p.sum(1))


@pytest.mark.parametrize("n", [2, 31, 32, 65, 100, 700, 5000])
def test_segments_side_by_side_are_one_chain(order: GlyphOrder, n: int) -> None:
    """Also where glyphs say nothing by themselves, so that what comes before a segment matters far into it."""
    random = np.random.default_rng(n)
    top = np.stack([random.permutation(CLASSES)[:6] for _ in range(n)])
    top[:, 0] = np.arange(n) % LABELS
    own = random.random((n, 6)) ** random.integers(0, 12, (n, 1))
    own /= own.sum(1, keepdims=True)
    step = order.lift(top[:-1, :, None], top[1:, None, :]).astype(np.float64) ** 0.6
    np.testing.assert_allclose(order.steps(top, 0.6), step, rtol=1e-5)
    message = expected = own[:1]
    for i in range(1, n):
        message = own[i] * (message @ step[i - 1])
        message /= message.sum()
        expected = np.concatenate([expected, message])
    np.testing.assert_allclose(_messages(own, step), expected, atol=1e-7)


def test_shuffled_glyphs_are_left_as_they_are(order: GlyphOrder) -> None:
    label = np.random.default_rng(2).permutation(LABELS)
    top, p = candidates(label, (label + 7) % LABELS, 0.6)
    assert trust(top, p, order) == 0
    np.testing.assert_allclose(in_order(top, p, order), p)


def test_few_neighbours_count_less(order: GlyphOrder) -> None:
    whole = trust(*candidates(np.arange(LABELS), np.arange(LABELS)[::-1]), order)
    few = trust(*candidates(np.arange(ENOUGH // 2 + 1), np.arange(ENOUGH // 2 + 1)[::-1]), order)
    assert whole == 1
    assert few == pytest.approx(0.5)
    assert trust(*candidates(np.arange(1), np.arange(1)), order) == 0
    assert trust(*candidates(np.arange(LABELS), np.arange(LABELS)[::-1], 0.4), order) == 0, "nobody is sure"
    none = GlyphOrder.unknown(CLASSES)
    top, p = candidates(np.arange(LABELS), np.arange(LABELS)[::-1])
    np.testing.assert_allclose(in_order(top, p, none), p)
    assert in_order(top[:0], p[:0], order).shape == (0, 2)


def test_digits_of_one_kind_stand_together(labels: LabelMap) -> None:
    """With the shipped model: digits that Arabic and Persian draw alike get the kind of ``four`` to ``six``."""
    words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    arabic, persian = (
        np.array([labels.index[f"{kind}_digit_{word}"] for word in words])
        for kind in ("arabic_indic", "extended_arabic_indic")
    )
    letters = np.array([labels.index[f"latin_small_letter_{letter}"] for letter in string.ascii_lowercase])
    for mine, others in ((arabic, persian), (persian, arabic)):
        first, second = np.concatenate([letters, mine]), np.concatenate([letters[::-1], others])
        top, p = candidates(first, second)
        alike = len(letters) + np.array([1, 2, 3, 7, 8, 9])
        top[alike], p[alike] = top[alike, ::-1], [0.5, 0.48]
        geometry = np.zeros((len(top), WIDTH), np.float32)
        assert decode(top, p, geometry, shipped(), ordered=True, duplicate_penalty=0).label.tolist() == first.tolist()
