"""The raster of a varied outline still follows the policy."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glyphcore.config import AugmentConfig
from glyphcore.data.augment import MAX_PARTS, _blurred, _moved_parts, varied
from glyphcore.data.geometry import FIELDS, KNOWN, WIDTH, geometry
from glyphcore.data.outline import ON, Outline, OutlineBuilder
from glyphcore.data.raster import POLICY, bounds, pack, rasterize, unpack
from glyphcore.data.store import GlyphRow, GlyphStore

ALWAYS = AugmentConfig(probability=1, geometry_drop=0)
STILL = AugmentConfig(0, 0, 0, 0, 0, warp=0, parts=0, probability=1, geometry_drop=0, geometry_scale=0)
"""Varies nothing; a test turns on the variation that it examines."""
EM = 200
"""The em of the bars below: one unit of a main glyph of 128 units is one pixel."""


class Extreme(np.random.Generator):
    """A generator that draws the largest or the smallest value of every range, and no noise."""

    def __init__(self, *, largest: bool) -> None:
        super().__init__(np.random.PCG64(0))
        self.largest = largest

    def random(self, *_: object, **__: object) -> float:  # type: ignore[override]
        return 0.0

    def uniform(self, low: float = 0, high: float = 1, size: object = None) -> float:  # type: ignore[override]
        return high if self.largest else low

    def normal(self, loc: float = 0, scale: float = 1, size: object = None) -> np.ndarray:  # type: ignore[override]
        return np.zeros(size)  # type: ignore[call-overload]


def bar(width: float, height: float = 128) -> Outline:
    pen = OutlineBuilder()
    pen.move_to((10, -20))
    for corner in ((10, height - 20), (10 + width, height - 20), (10 + width, -20)):
        pen.line_to(corner)
    return pen.outline()


def extreme(outline: Outline, config: AugmentConfig, *, largest: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return raster bool [128, 128] and geometry of ``outline`` (advance 0.6 em), varied to the limit of ``config``."""
    packed, described = varied(outline, 0.6 * EM, EM, config, Extreme(largest=largest))
    return unpack(packed).astype(bool), described


def plain(outline: Outline) -> np.ndarray:
    return geometry(bounds(outline), 0.6 * EM, EM)


@pytest.fixture(scope="module")
def rows(tiny_db: Path) -> list[GlyphRow]:
    return list(GlyphStore(tiny_db).rows())


def test_the_same_seed_gives_the_same_picture(rows: list[GlyphRow]) -> None:
    for row in rows[:20]:
        known = row.outline(), row.advance, row.upem, ALWAYS
        one, again, other = (varied(*known, np.random.default_rng(seed)) for seed in (1, 1, 2))
        assert (one[0] == again[0]).all()
        assert (one[1] == again[1]).all()
        assert (one[0] != other[0]).any()
        assert (one[1] != other[1]).any()


def test_the_outline_itself_is_left_alone(rows: list[GlyphRow]) -> None:
    outline = rows[0].outline()
    before = outline.points.copy()
    varied(outline, rows[0].advance, rows[0].upem, ALWAYS, np.random.default_rng(0))
    assert (outline.points == before).all()


def test_without_variation_rasters_are_the_plain_ones(rows: list[GlyphRow]) -> None:
    never = AugmentConfig(probability=0, geometry_drop=0, geometry_scale=0)
    for row in rows[::5]:
        packed, described = varied(row.outline(), row.advance, row.upem, never, Extreme(largest=True))
        assert (packed == rasterize(row.outline(), row.advance, row.upem)).all()
        np.testing.assert_allclose(described, geometry(row.box, row.advance, row.upem), atol=1e-6)


def test_a_variation_by_nothing_is_the_plain_raster_but_for_rounding(rows: list[GlyphRow]) -> None:
    """Fitting twice rounds twice: a few pixels on the edge may change, the shape may not."""
    for row in rows[::5]:
        packed, _ = varied(row.outline(), row.advance, row.upem, STILL, np.random.default_rng(0))
        assert (unpack(packed) != unpack(rasterize(row.outline(), row.advance, row.upem))).sum() <= 16, row


def test_the_share_that_is_varied(rows: list[GlyphRow]) -> None:
    config, random, row = replace(ALWAYS, probability=0.3), np.random.default_rng(0), rows[0]
    original = rasterize(row.outline(), row.advance, row.upem)
    changed = [(varied(row.outline(), row.advance, row.upem, config, random)[0] != original).any() for _ in range(400)]
    assert np.mean(changed) == pytest.approx(0.3, abs=0.08)


@pytest.mark.parametrize("config", [ALWAYS, AugmentConfig(0.6, 0.5, 30, 6, 0.02, probability=1)])
def test_the_raster_policy_holds(rows: list[GlyphRow], config: AugmentConfig) -> None:
    """The longer side spans its pixels from the top left corner; a spike may be too thin for the outermost one."""
    random = np.random.default_rng(3)
    off = sides = 0
    for row in rows:
        x_min, y_min, x_max, y_max = bounds(row.outline())
        side = POLICY.side(max(x_max - x_min, y_max - y_min), row.advance, row.upem)
        raster = unpack(varied(row.outline(), row.advance, row.upem, config, random)[0])
        down, across = np.flatnonzero(raster.any(1)), np.flatnonzero(raster.any(0))
        ends = np.array([down[0], across[0], side - 1 - max(down[-1], across[-1])])
        assert ((ends >= 0) & (ends <= 2)).all(), row
        off += int((ends > 0).any())
        sides |= side
    assert off < 0.05 * len(rows)
    assert sides == 128 | 64, "marks and letters were among them"


def test_a_heavier_stroke_has_more_ink_and_a_lighter_one_less() -> None:
    config = replace(STILL, weight=4)
    heavier, _ = extreme(bar(20), config, largest=True)
    lighter, _ = extreme(bar(20), config, largest=False)
    assert heavier.any(0).sum() == pytest.approx((20 + 2 * 4) * 128 / (128 + 2 * 4), abs=1)
    assert lighter.any(0).sum() == pytest.approx((20 - 2 * 2) * 128 / (128 - 2 * 2), abs=1), "half as much taken away"
    assert heavier.any(1).all()
    assert lighter.any(1).all()


def test_weight_is_added_to_strokes_and_taken_from_counters(rows: list[GlyphRow]) -> None:
    config = replace(STILL, weight=3)
    for row in rows:
        if row.label in ("latin_capital_letter_o", "latin_capital_letter_a") and row.upem == 1000:
            light, heavy = (
                unpack(varied(row.outline(), row.advance, row.upem, config, Extreme(largest=largest))[0]).sum()
                for largest in (False, True)
            )
            assert light < unpack(rasterize(row.outline(), row.advance, row.upem)).sum() < heavy


def test_a_stroke_that_would_vanish_stays_as_it_is() -> None:
    raster, described = extreme(bar(4), replace(STILL, weight=4), largest=False)
    assert (raster == unpack(rasterize(bar(4), 0.6 * EM, EM))).all()
    np.testing.assert_allclose(described, plain(bar(4)), atol=1e-6)


def test_stretching_widens_glyph_and_advance_alike() -> None:
    raster, described = extreme(bar(100, 100), replace(STILL, aspect=math.log(2)), largest=True)
    assert raster[:64].all()
    assert not raster[64:].any()
    ratio = described[:KNOWN] / plain(bar(100, 100))[:KNOWN]
    np.testing.assert_allclose(ratio, [2, 1, 1, 1, 2], rtol=1e-5)


def test_a_positive_slant_leans_to_the_right() -> None:
    raster, _ = extreme(bar(20), replace(STILL, slant=0.5), largest=True)
    assert np.flatnonzero(raster[0])[0] > 40
    assert np.flatnonzero(raster[-1])[0] <= 1


@pytest.mark.parametrize(("name", "amount"), [("rotation", 20), ("noise", 0.1), ("warp", 0.1)])
def test_each_of_the_others_bends_the_picture(name: str, amount: float) -> None:
    packed, _ = varied(bar(40), 0.6 * EM, EM, replace(STILL, **{name: amount}), np.random.default_rng(1))
    assert (packed != rasterize(bar(40), 0.6 * EM, EM)).any()


def i_with_dot() -> Outline:
    """Return a stem of 20 × 100 units with a dot of 20 × 20 above it; the dot has a hole."""
    boxes = [(0, 0, 20, 100), (0, 120, 20, 140), (8, 126, 14, 132)]
    corners = [[(a, b), (c, b), (c, d), (a, d)] for a, b, c, d in boxes]
    corners[2].reverse()
    points = np.array(corners, dtype=np.float64).reshape(-1, 2)
    return Outline(points, np.full(12, ON, np.uint8), np.array([3, 7, 11], np.int16))


def test_a_dot_moves_with_its_hole_and_the_stem_stays() -> None:
    outline = i_with_dot()
    moved = _moved_parts(outline, 0.2, 140, np.random.default_rng(0))
    assert (moved[:4] == outline.points[:4]).all()
    was, now = outline.points[4:], moved[4:]
    scale = np.ptp(now[:4], axis=0) / np.ptp(was[:4], axis=0)
    assert scale[0] == pytest.approx(scale[1])
    assert scale[0] != pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(now - now[0], scale * (was - was[0]))  # the dot and its hole move together
    assert np.abs(now[:4].mean(0) - was[:4].mean(0)).max() <= 0.2 / 5 * 140


def test_an_ornament_of_many_parts_stays_together() -> None:
    boxes = [bar(10).points + np.array([0, 300 * i]) for i in range(MAX_PARTS + 1)]
    outline = Outline(
        np.concatenate(boxes), np.full(4 * len(boxes), ON, np.uint8), np.arange(3, 4 * len(boxes), 4).astype(np.int16)
    )
    assert (_moved_parts(outline, 0.2, 300, np.random.default_rng(0)) == outline.points).all()


def test_blur_rounds_a_corner_and_never_blots_out() -> None:
    raster = np.zeros((128, 128), dtype=np.uint8)
    raster[:60, :60] = 1
    blurred = unpack(_blurred(pack(raster), 5))
    assert blurred[58, 58] == 1
    assert blurred[59, 59] == 0
    assert blurred[30, 59] == 1
    dot = np.zeros((128, 128), dtype=np.uint8)
    dot[5, 5] = 1
    assert (_blurred(pack(dot), 5) == pack(dot)).all()
    config = replace(STILL, blur=1.0)
    assert (
        varied(bar(40), 0.6 * EM, EM, config, np.random.default_rng(0))[0] != rasterize(bar(40), 0.6 * EM, EM)
    ).any()


def test_height_in_the_em_is_kept_up_to_the_common_scale() -> None:
    """Comma and quote differ only by their height, so no slant or rotation may change it."""
    config = AugmentConfig(probability=1, geometry_drop=0, rotation=25, slant=0.5, geometry_scale=math.log(1.5))
    low, high = FIELDS.index("y_min"), FIELDS.index("y_max")
    for largest, scale in ((True, 1.5), (False, 1 / 1.5)):
        _, described = extreme(bar(90), config, largest=largest)
        np.testing.assert_allclose(described[[low, high]], scale * plain(bar(90))[[low, high]], rtol=1e-5)
        assert described[KNOWN] == 1, "the scale is not for the flag"


def test_geometry_noise_is_small() -> None:
    random = np.random.default_rng(0)
    drawn = [varied(bar(90), 0.6 * EM, EM, STILL, random)[1] - plain(bar(90)) for _ in range(200)]
    assert np.std(drawn, axis=0)[:KNOWN].min() > 0.005
    assert np.abs(drawn).max() < 0.05


@pytest.mark.parametrize("probability", [0, 1])
def test_dropped_geometry_is_all_zeros(probability: float) -> None:
    config = AugmentConfig(probability=probability, geometry_drop=1)
    packed, described = varied(bar(90), 0.6 * EM, EM, config, np.random.default_rng(0))
    assert described.tolist() == [0] * WIDTH
    assert packed.any()


def test_unknown_metrics_stay_unknown() -> None:
    for advance, upem in ((None, None), (None, EM), (0.6 * EM, None)):
        packed, described = varied(bar(90), advance, upem, ALWAYS, np.random.default_rng(0))
        assert described.tolist() == [0] * WIDTH, "no noise on what is not known"
        assert unpack(packed).any(1).sum() >= 127, "a main glyph"


@pytest.mark.parametrize("reverse", [False, True])
def test_a_letter_in_a_tile_is_cut_out_of_it_whichever_way_it_turns(*, reverse: bool) -> None:
    letter = ring(reverse=reverse)
    packed, described = varied(letter, 0.6 * EM, EM, replace(STILL, inverse=1), np.random.default_rng(0))
    raster = unpack(packed).astype(bool)
    down, across = np.flatnonzero(raster.any(1)), np.flatnonzero(raster.any(0))
    tile = raster[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
    assert tile[[0, -1]].all(), "nothing of the letter reaches the edge"
    assert tile[:, [0, -1]].all()
    holes = ~tile
    assert 0.3 < holes.mean() < 0.6, "the letter is white"
    middle = np.argwhere(holes).mean(0).astype(int)
    assert tile[tuple(middle)], "its own hole is ink"
    assert described[KNOWN]
    assert described[0] != plain(letter)[0], "size and place are those of the tile"


def test_a_hollow_letter_is_a_line_along_its_edges() -> None:
    solid, _ = extreme(bar(60), STILL, largest=False)
    hollow, described = extreme(bar(60), replace(STILL, hollow=1), largest=False)
    assert (hollow <= solid).all()
    assert (hollow.any(0) == solid.any(0)).all()
    assert (hollow.any(1) == solid.any(1)).all()
    width = int(solid.any(0).sum())
    assert 4 <= hollow[64].sum() <= 10 < width, "a line of two to five pixels on either side"
    np.testing.assert_allclose(described, plain(bar(60)), atol=1e-6)


def ring(*, reverse: bool) -> Outline:
    """Return a square with a square hole."""
    pen = OutlineBuilder()
    for corners in [(0, 0), (100, 0), (100, 100), (0, 100)], [(30, 30), (30, 70), (70, 70), (70, 30)]:
        first, *others = reversed(corners) if reverse else corners
        pen.move_to(first)
        for corner in others:
            pen.line_to(corner)
    return pen.outline()
