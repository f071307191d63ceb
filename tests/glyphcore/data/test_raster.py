from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from fontTools.pens.areaPen import AreaPen

from glyphcore.data.contours import commands, parse
from glyphcore.data.fonts import FontFace, font_files, open_faces
from glyphcore.data.outline import QUADRATIC, Outline, OutlineBuilder
from glyphcore.data.raster import (
    CELL,
    GRID,
    PACKED,
    POLICY,
    SIZE,
    bounds,
    cells,
    fill,
    pack,
    rasterize,
    unpack,
)
from glyphcore.data.store import GlyphStore
from glyphcore.errors import OutlineError


def polygons(*contours: list[tuple[float, float]]) -> Outline:
    pen = OutlineBuilder()
    for contour in contours:
        pen.move_to(contour[0])
        for point in contour[1:]:
            pen.line_to(point)
    return pen.outline()


def box(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    return [(x, y), (x, y + height), (x + width, y + height), (x + width, y)]


def blob(seed: int, points: int = 24) -> Outline:
    """Return a wobbly ring of curves that does not cross itself, with a counter wound in the other direction."""
    rng = np.random.default_rng(seed)
    pen = OutlineBuilder()
    angles = -2 * np.pi * np.arange(points) / points
    around = np.stack([np.cos(angles), np.sin(angles)], 1)
    outer = (around * rng.uniform(300, 500, (points, 1))).round().tolist()
    inner = (around[::-1] * rng.uniform(80, 160, (points, 1))).round().tolist()
    pen.quadratic_to([(x, y) for x, y in outer], closed=True)
    pen.close()
    pen.quadratic_to([(x, y) for x, y in inner], closed=True)
    return pen.outline()


def area(outline: Outline) -> float:
    """Return the signed area that the contours enclose, in square font units."""
    pen = AreaPen()
    for name, points in commands(outline):
        getattr(pen, name)(*points)
    return abs(pen.value)


def ink(outline: Outline, advance: float | None = None, upem: float | None = None) -> np.ndarray:
    return unpack(rasterize(outline, advance, upem)).astype(bool)


def changed(outline: Outline, *, scale: float = 1, shift: tuple[float, float] = (0, 0)) -> Outline:
    return Outline(outline.points * scale + shift, outline.tags, outline.ends)


def reversed_contours(outline: Outline) -> Outline:
    """Return the contours in the other direction, from the same starting point."""
    order = []
    for part in np.split(np.arange(len(outline.points)), outline.ends[:-1] + 1):
        order += [part[::-1]] if outline.tags[part[0]] == QUADRATIC else [part[:1], part[:0:-1]]
    return Outline(outline.points[np.concatenate(order)], outline.tags[np.concatenate(order)], outline.ends)


def nearly(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether two rasters are equal except for a few pixels whose centre an edge crosses: the rasteriser rounds
    differently in each direction."""
    return (a != b).sum() <= 16


def test_policy_is_the_one_that_checkpoints_were_trained_on() -> None:
    """Change a number here only together with ``version``: else old rasters would pass for new ones."""
    assert asdict(POLICY) == {
        "version": 1,
        "size": 128,
        "small_size": 64,
        "small_advance": 0.1,
        "small_extent": 0.15,
    }


def test_a_wide_box_fills_the_top_half() -> None:
    raster = ink(polygons(box(-70, 33, 100, 50)))
    assert raster[:64].all()
    assert not raster[64:].any()


def test_a_tall_box_fills_the_left_half_and_the_high_bit_is_leftmost() -> None:
    packed = rasterize(polygons(box(5, -900, 50, 100)))
    assert packed.shape == (PACKED,)
    assert packed.dtype == np.uint8
    assert (packed.reshape(SIZE, 16) == [255] * 8 + [0] * 8).all()
    narrow = rasterize(polygons(box(0, 0, 12, 128))).reshape(SIZE, 16)
    assert (narrow[:, 1] == 0b11110000).all()


def test_up_is_up() -> None:
    rows = ink(polygons([(0, 0), (50, 100), (100, 0)])).sum(1)
    assert rows[0] < rows[64] < rows[127]


@pytest.mark.parametrize("seed", range(12))
def test_ink_is_the_outline_s_area(seed: int) -> None:
    outline = blob(seed)
    x_min, y_min, x_max, y_max = bounds(outline)
    pixel = max(x_max - x_min, y_max - y_min) / SIZE
    assert ink(outline).sum() * pixel**2 == pytest.approx(area(outline), rel=0.01)


@pytest.mark.parametrize("seed", range(12))
def test_place_scale_and_direction_change_nothing(seed: int) -> None:
    outline = blob(seed)
    raster = ink(outline, 600, 1000)
    assert (ink(changed(outline, shift=(1234, -567)), 600, 1000) == raster).all()
    assert nearly(ink(changed(outline, scale=2), 1200, 2000), raster)
    assert nearly(ink(changed(outline, scale=2.048), 600 * 2.048, 2048), raster)
    assert nearly(ink(reversed_contours(outline), 600, 1000), raster)


def test_direction_changes_nothing_for_any_tiny_glyph(font_folder: Path) -> None:
    for path in font_files([font_folder]):
        for face in open_faces(path):
            for gid in range(face.glyph_count):
                outline = face.outline(gid)
                if not outline.empty:
                    assert nearly(ink(reversed_contours(outline)), ink(outline)), (path.name, face.names[gid])


def test_a_whole_pixel_shift_shifts_the_image() -> None:
    outline = blob(3)
    one = 64  # FreeType counts 64ths of a pixel
    points = np.rint((outline.points / 16 + 50) * one).astype(np.int64)
    raster = unpack(fill(points, outline))
    right = unpack(fill(points + np.array((one, 0)), outline))
    up = unpack(fill(points + np.array((0, one)), outline))
    assert raster.any()
    assert (right[:, 1:] == raster[:, :-1]).all()
    assert (up[:-1] == raster[1:]).all()


def test_overlapping_contours_are_filled_and_counters_are_not() -> None:
    cross = ink(polygons(box(0, 40, 100, 20), box(40, 0, 20, 100)))
    assert cross[64, 64]
    assert cross.mean() == pytest.approx(0.36, abs=0.01)
    ring = ink(polygons(box(0, 0, 100, 100), box(25, 25, 50, 50)[::-1]))
    assert ring.mean() == pytest.approx(0.75, abs=0.01)
    assert not ring[64, 64]
    assert ink(polygons(box(0, 0, 100, 100), box(25, 25, 50, 50))).all(), "wound alike: non-zero, no hole"


def test_a_contour_that_crosses_itself_is_filled() -> None:
    points = [(np.sin(4 * np.pi * i / 5), np.cos(4 * np.pi * i / 5)) for i in range(5)]
    star = ink(polygons([(100 * x, 100 * y) for x, y in points]))
    middle = round(SIZE * 1 / (1 + np.cos(np.pi / 5)))
    assert star[middle, 64], "the pentagon in the middle is wound twice"


def test_hairlines_survive() -> None:
    """A stroke thinner than a pixel and between pixel centres is still drawn (its ends may be missing)."""
    assert ink(polygons(box(0, 0, 1, 1000)))[1:-1].any(axis=1).all()
    assert ink(polygons(box(0, 0, 1000, 1)))[:, 1:-1].any(axis=0).all()
    two = ink(polygons(box(0, 0, 1, 1000), box(500.3, 0, 1, 1000)))
    assert (two[1:-1].sum(1) == 2).all()


def test_curves_are_drawn_alike_with_implied_or_explicit_points() -> None:
    implied = [["moveTo", [0, 0]], ["qCurveTo", [0, 60], [60, 60], [100, 0]]]
    explicit = [["moveTo", [0, 0]], ["qCurveTo", [0, 60], [30, 60]], ["qCurveTo", [60, 60], [100, 0]]]
    # The same parabolas as cubics: controls two thirds of the way to the quadratic's.
    cubic = [
        ["moveTo", [0, 0]],
        ["curveTo", [0, 40], [10, 60], [30, 60]],
        ["curveTo", [50, 60], [73.33, 40], [100, 0]],
    ]
    first, second, third = (ink(parse(json.dumps(each))) for each in (implied, explicit, cubic))
    assert first.sum() > 4000
    assert (first == second).all()
    assert (first != third).sum() < 10


def test_bounds_are_those_of_the_curve_not_of_its_controls() -> None:
    arch = parse('[["moveTo", [0, 0]], ["qCurveTo", [50, 100], [100, 0]], ["closePath"]]')
    assert bounds(arch) == (0, 0, 100, 50)
    raster = ink(arch)
    assert raster[0].any()
    assert raster[63].sum() == pytest.approx(127, abs=2)
    assert not raster[64:].any()


@pytest.mark.parametrize(
    ("extent", "advance", "upem", "side"),
    [
        (500, 600, 1000, 128),
        (149, 600, 1000, 64),
        (150, 600, 1000, 128),
        (500, 99, 1000, 64),
        (500, 100, 1000, 128),
        (500, 0, 1000, 64),
        (500, 150, 2048, 64),
        (149, None, 1000, 64),
        (500, None, 1000, 128),
        (1, 1, None, 128),
        (1, 1, 0, 128),
    ],
)
def test_small_marks_take_half_the_raster(extent: float, advance: float, upem: float, side: int) -> None:
    raster = ink(polygons(box(0, 0, extent, extent)), advance, upem)
    assert raster[:side, :side].all()
    assert raster.sum() == side**2


def test_font_and_database_give_the_same_pixels(font_folder: Path, tiny_db: Path) -> None:
    """The outline of the database has passed through JSON with two decimals, that of the font has not."""
    store = GlyphStore(tiny_db)
    faces: dict[int, FontFace] = {}
    for font in store.fonts().itertuples():
        _, _, number = font.file_hash.partition("#")
        faces[font.f_id] = FontFace(next(font_folder.rglob(font.file)), int(number or 0))
    compared = 0
    for row in store.rows():
        face = faces[row.f_id]
        stored = rasterize(row.outline(), row.advance, row.upem)
        drawn = rasterize(face.outline(row.gid), face.advance(row.gid), face.upem)
        assert (stored == drawn).all(), (face.path.name, row.name)
        assert stored.any()
        compared += 1
    assert compared == store.count() > 300


@pytest.mark.parametrize(
    "stored",
    [
        "[]",
        '[["moveTo", [0, 0]], ["lineTo", [100, 0]], ["lineTo", [50, 0]]]',
        '[["moveTo", [7, 0]], ["lineTo", [7, 90]], ["lineTo", [7, 10]]]',
        '[["moveTo", [7, 7]], ["lineTo", [7, 7]], ["lineTo", [7, 7]]]',
    ],
)
def test_what_encloses_nothing_is_refused(stored: str) -> None:
    with pytest.raises(OutlineError):
        rasterize(parse(stored))


def test_extreme_outlines_fill_or_are_refused_but_never_write_outside() -> None:
    far = '[["moveTo", [0, 0]], ["curveTo", [-1e6, -1e6], [1e6, 1e6], [0.02, 0.02]], ["lineTo", [1e6, -1e6]]]'
    speck = '[["moveTo", [999999.98, 0]], ["lineTo", [1e6, 0.02]], ["lineTo", [1e6, 0]]]'
    for stored in (far, speck):
        for _ in range(20):
            assert rasterize(parse(stored)).shape == (PACKED,)


@pytest.mark.parametrize("tags", [[2, 2, 2], [1, 2, 1], [2, 1, 1]])
def test_control_points_out_of_place_are_refused(tags: list[int]) -> None:
    points = np.array([[0, 0], [50, 100], [100, 0]], dtype=np.float64)
    with pytest.raises(OutlineError):
        rasterize(Outline(points, np.array(tags, dtype=np.uint8), np.array([2], dtype=np.int16)))


def test_pack_and_unpack_are_inverse_for_any_leading_shape() -> None:
    rasters = np.random.default_rng(0).integers(0, 2, (2, 3, SIZE, SIZE), dtype=np.uint8)
    packed = pack(rasters)
    assert packed.shape == (2, 3, PACKED)
    assert (unpack(packed) == rasters).all()
    assert (pack(rasters * 200) == packed).all(), "any non-zero value is ink"


def test_cells_are_row_major_and_byte_rows() -> None:
    rasters = np.random.default_rng(1).integers(0, 2, (2, SIZE, SIZE), dtype=np.uint8)
    found = cells(pack(rasters))
    assert found.shape == (2, GRID * GRID, CELL)
    for row, column in ((0, 0), (0, 15), (7, 3), (15, 15)):
        cell = rasters[1, row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL]
        assert (np.unpackbits(found[1, row * GRID + column]).reshape(CELL, CELL) == cell).all()
