"""Drawing many glyphs at once equals drawing them one by one: outlines, pixels, boxes, geometry and errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from glyphcore.data.drawing import rasterize_each
from glyphcore.data.fonts import font_files, open_faces
from glyphcore.data.geometry import geometry, geometry_each
from glyphcore.data.outline import ON, QUADRATIC, Outline, OutlineBuilder, canonical, canonical_each
from glyphcore.data.raster import bounds, rasterize
from glyphcore.errors import EmptyOutlineError, OutlineError


def square(x: float, y: float, side: float = 100, *, closed: bool = False) -> Outline:
    pen = OutlineBuilder()
    pen.move_to((x, y))
    for point in [(x, y + side), (x + side, y + side), (x + side, y), (x, y)][: 4 if closed else 3]:
        pen.line_to(point)
    return pen.outline()


def test_every_glyph_of_every_font(font_folder: Path) -> None:
    compared = 0
    for path in font_files([font_folder]):
        for face in open_faces(path):
            gids = range(face.glyph_count)
            advances, outlines = [face.advance(gid) for gid in gids], face.outlines(gids)
            packed, boxes, problems = rasterize_each(outlines, advances, face.upem)
            described = geometry_each(boxes, np.array(advances), face.upem)
            for gid in gids:
                alone = face.outline(gid)
                assert all(np.array_equal(getattr(alone, k), getattr(outlines[gid], k)) for k in vars(alone))
                if alone.empty:
                    assert isinstance(problems[gid], EmptyOutlineError)
                    continue
                assert problems[gid] is None
                np.testing.assert_array_equal(packed[gid], rasterize(alone, advances[gid], face.upem))
                assert tuple(boxes[gid].tolist()) == bounds(alone)
                np.testing.assert_array_equal(described[gid], geometry(bounds(alone), advances[gid], face.upem))
                compared += 1
    assert compared > 200


def test_a_bad_outline_costs_only_itself() -> None:
    line = Outline(np.array([(0, 0), (0, 50), (0, 90)], float), np.full(3, ON, np.uint8), np.array([2], np.int16))
    arc = np.array([(0, 0), (50, 90), (90, 0)], float)
    malformed = Outline(arc, np.array([ON, QUADRATIC, ON], np.uint8), np.array([2, 1], np.int16))
    already, good = OutlineError("as it came"), square(10, 20)
    packed, boxes, problems = rasterize_each([good, already, line, malformed, good], [200] * 5, 1000)
    assert problems[0] is problems[4] is None
    assert problems[1] is already
    assert [str(each) for each in problems[2:4]] == ["Outline encloses no area.", "Outline is malformed."]
    np.testing.assert_array_equal(packed[0], packed[4])
    np.testing.assert_array_equal(packed[0], rasterize(good, 200, 1000))
    assert boxes[4].tolist() == [10, 20, 110, 120]
    assert not packed[1:4].any()


def test_none_at_all() -> None:
    packed, boxes, problems = rasterize_each([], [], 1000)
    assert (packed.shape, boxes.shape, problems) == ((0, 2048), (0, 4), [])


@pytest.mark.parametrize("fault", [np.nan, np.inf, 2e6])
def test_a_coordinate_that_no_glyph_has_is_told_where_it_is(fault: float) -> None:
    points = np.tile([(0.0, 0), (0, 9), (9, 9), (0, 0)], (3, 1))
    points[5] = fault
    first = np.array([[0, 0], [4, 1], [8, 2], [8, 2], [12, 3]])
    before, wrong, nothing, after = canonical_each(points, np.full(12, ON, np.uint8), np.array([3, 7, 11]), first)
    assert isinstance(wrong, OutlineError)
    assert isinstance(nothing, Outline)
    assert nothing.empty
    for outline in (before, after):
        assert isinstance(outline, Outline)
        assert outline.ends.tolist() == [2], "the last point repeats the first"


def test_closing_is_the_same_drawn_or_implied() -> None:
    np.testing.assert_array_equal(square(0, 0, closed=True).points, square(0, 0).points)


@pytest.mark.parametrize(
    ("points", "tags", "left"),
    [
        pytest.param([(0, 0)] * 4, [ON] * 4, 0, id="one point, four times"),
        pytest.param([(0, 0), (0, 9), (9, 9), (0, 0), (0, 0)], [ON] * 5, 3, id="closed twice"),
        pytest.param([(0, 0), (0, 9), (9, 9), (0.001, 0)], [ON] * 4, 3, id="closed after rounding"),
        pytest.param([(0, 0), (4, 4), (8, 8)], [QUADRATIC, ON, QUADRATIC], 0, id="two controls and their middle"),
    ],
)
def test_what_is_canonical_once_is_canonical_forever(
    points: list[tuple[float, float]], tags: list[int], left: int
) -> None:
    outline = canonical(np.array(points, float), np.array(tags, np.uint8), np.array([len(points) - 1]))
    again = canonical(outline.points, outline.tags, outline.ends.astype(np.int64))
    assert len(outline.points) == len(again.points) == left
    assert outline.ends.tolist() == again.ends.tolist()
