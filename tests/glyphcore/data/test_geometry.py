from __future__ import annotations

import numpy as np
import pytest

from glyphcore.data.geometry import FIELDS, KNOWN, LIMIT, WIDTH, geometry

Box = tuple[float, float, float, float]


def test_lengths_are_in_em_and_in_the_order_of_the_fields() -> None:
    described = geometry((50, -200, 350, 700), 600, 1000)
    assert described.dtype == np.float32
    named = dict(zip(FIELDS, described.tolist(), strict=False))
    assert named == pytest.approx({"width": 0.3, "height": 0.9, "y_min": -0.2, "y_max": 0.7, "advance": 0.6})
    assert described.shape == (WIDTH,)
    assert described[KNOWN] == 1


def test_the_em_s_units_and_the_place_along_the_line_change_nothing() -> None:
    one = geometry((50, -200, 350, 700), 600, 1000)
    np.testing.assert_allclose(geometry((100, -400, 700, 1400), 1200, 2000), one)
    np.testing.assert_allclose(geometry((-950, -200, -650, 700), 600, 1000), one)


@pytest.mark.parametrize(
    ("box", "advance", "upem"),
    [(None, 600, 1000), ((0, 0, 9, 9), None, 1000), ((0, 0, 9, 9), 600, None), ((0, 0, 9, 9), 600, 0)],
)
def test_anything_unknown_hides_all_of_it(box: Box | None, advance: float | None, upem: float | None) -> None:
    described = geometry(box, advance, upem)
    assert described.tolist() == [0] * WIDTH
    assert described.dtype == np.float32


def test_an_advance_of_zero_is_known() -> None:
    described = geometry((0, 700, 90, 800), 0, 1000)
    assert described[FIELDS.index("advance")] == 0
    assert described[KNOWN] == 1


def test_a_broken_font_cannot_swamp_the_input() -> None:
    described = geometry((0, -90_000, 10, 90_000), 1e9, 1000)
    assert np.abs(described).max() == LIMIT
    assert described[FIELDS.index("y_min")] == -LIMIT
    assert described[KNOWN] == 1
