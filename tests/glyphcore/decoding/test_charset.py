"""The other glyphs of a font as evidence: two made-up scripts, whose fonts share only a look-alike."""

from __future__ import annotations

import numpy as np
import pytest

from glyphcore.data.geometry import WIDTH
from glyphcore.data.labels import LabelMap
from glyphcore.decoding.charset import SURE, Charset, fit
from glyphcore.decoding.decode import decode
from glyphcore.decoding.font_priors import shipped

LATIN, ARABIC, BOTH = range(20), range(20, 50), range(50, 55)
ROUND, HEH = 0, 20
"""Two labels that look alike, one of each script."""


def corpus(fonts: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and fonts of glyphs: every other font is of the second script; each lacks some labels."""
    random = np.random.default_rng(0)
    label, font = [], []
    for f in range(fonts):
        its = [each for each in (*(ARABIC if f % 2 else LATIN), *BOTH) if random.random() < 0.9]
        label += its
        font += [f] * len(its)
    return np.array(label), np.array(font)


@pytest.fixture(scope="module")
def charset() -> Charset:
    return fit(*corpus(), classes=55)


def read(*labels: int, p: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
    """Return candidates of glyphs with these predictions: the next label is far less likely."""
    top = np.stack([labels, (np.array(labels) + 1) % 55], 1)
    return top, np.tile([p, 0.02], (len(labels), 1))


@pytest.mark.parametrize(("some", "nats"), [(3, 0.2), (8, 1), (19, 3)])
def test_labels_of_one_script_speak_for_it(charset: Charset, some: int, nats: float) -> None:
    latin, arabic = (charset.log_p(*read(*script[-some:])) for script in (LATIN, ARABIC))
    assert latin[ROUND] - latin[HEH] > nats
    assert arabic[HEH] - arabic[ROUND] > nats
    assert latin.max() <= 0
    assert abs(latin[50] - arabic[50]) < 1, "what both draw is told apart"


def test_only_sure_readings_speak(charset: Charset) -> None:
    assert not charset.log_p(*read(*LATIN, p=SURE - 0.01)).any()
    assert not charset.log_p(np.zeros((0, 2), int), np.zeros((0, 2))).any()
    top, top_p = read(*LATIN)
    doubtful = np.concatenate([top, read(*ARABIC)[0]]), np.concatenate([top_p, np.full((30, 2), SURE / 2)])
    np.testing.assert_array_equal(charset.log_p(*doubtful), charset.log_p(top, top_p))


def test_one_wrong_reading_does_not_turn_a_font(charset: Charset) -> None:
    log_p = charset.log_p(*read(*LATIN[4:], HEH + 3))
    assert log_p[ROUND] > log_p[HEH] + 1


def test_the_same_glyphs_give_the_same_numbers_in_any_order(charset: Charset) -> None:
    label, font = corpus()
    order = np.random.default_rng(1).permutation(len(label))
    again = fit(label[order], font[order], classes=55)
    for name, array in vars(charset).items():
        np.testing.assert_array_equal(getattr(again, name), array)


def test_a_look_alike_is_read_by_its_company(labels: LabelMap) -> None:
    """With the shipped model and without geometry: a circle among Latin letters, and among Arabic ones."""
    o, heh = labels.index["latin_small_letter_o"], labels.index["heh_isol"]
    for kind, wanted in (("latin_small_letter_", o), ("_medi", heh)):
        company = [i for name, i in labels.index.items() if kind in name and i not in (o, heh)][:30]
        for first, second in ((o, heh), (heh, o)):
            top = np.array([[first, second], *([each, company[0]] for each in company[1:])])
            top_p = np.array([[0.51, 0.49], *[[0.95, 0.05]] * (len(top) - 1)])
            geometry = np.zeros((len(top), WIDTH), np.float32)
            decoded = decode(top, top_p, geometry, shipped(), ordered=False, duplicate_penalty=0)
            assert decoded.label[0] == wanted
            np.testing.assert_allclose(decoded.top_p.sum(1), 1, rtol=1e-5)
