from __future__ import annotations

import json
import zlib
from pathlib import Path

import numpy as np
import pytest

from glyphcore.data.contours import commands, parse, serialise
from glyphcore.data.fonts import font_files, open_faces
from glyphcore.data.outline import CUBIC, ON, QUADRATIC, Outline, OutlineBuilder
from glyphcore.errors import OutlineError

SQUARE = [["moveTo", [0, 0]], ["lineTo", [0, 100]], ["lineTo", [100, 100]], ["lineTo", [100, 0]], ["closePath"]]


def same(a: Outline, b: Outline) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("points", "tags", "ends"))


def random_outline(seed: int) -> Outline:
    """Return contours with every kind of segment and fractional coordinates."""
    rng = np.random.default_rng(seed)
    pen = OutlineBuilder()

    def points(count: int) -> list[tuple[float, float]]:
        return [(float(x), float(y)) for x, y in rng.uniform(-900, 900, (count, 2)).round(rng.integers(0, 3))]

    for _ in range(rng.integers(1, 5)):
        if rng.random() < 0.2:
            pen.quadratic_to(points(rng.integers(3, 9)), closed=True)
            continue
        pen.move_to(points(1)[0])
        for _ in range(rng.integers(2, 8)):
            kind = rng.integers(3)
            if kind == 0:
                pen.line_to(points(1)[0])
            elif kind == 1:
                pen.quadratic_to(points(rng.integers(2, 6)))
            else:
                pen.cubic_to(points(3))
        pen.close()
    return pen.outline()


@pytest.mark.parametrize("seed", range(50))
def test_json_round_trip_is_exact(seed: int) -> None:
    outline = random_outline(seed)
    assert {ON, QUADRATIC, CUBIC} >= set(outline.tags.tolist())
    assert same(parse(serialise(outline)), outline)
    assert same(parse(json.dumps(commands(outline))), outline), "text is read like compressed bytes"


def test_every_tiny_glyph_round_trips(font_folder: Path) -> None:
    kinds: set[int] = set()
    for path in font_files([font_folder]):
        for face in open_faces(path):
            for gid in range(face.glyph_count):
                outline = face.outline(gid)
                kinds |= set(outline.tags.tolist())
                assert same(parse(serialise(outline)), outline), (path.name, gid)
    assert kinds == {ON, QUADRATIC, CUBIC}


def test_commands_are_the_recording_pen_s() -> None:
    assert commands(parse(json.dumps(SQUARE))) == [
        ["moveTo", [[0, 0]]],
        ["lineTo", [[0, 100]]],
        ["lineTo", [[100, 100]]],
        ["lineTo", [[100, 0]]],
        ["closePath", []],
    ]


def test_list_and_dict_forms_nested_and_flat_are_the_same() -> None:
    flat = [["moveTo", 0, 0], ["qCurveTo", 10, 50, 90, 50, 100, 0], ["cubicTo", 80, -9, 20, -9, 5, -5], ["endPath"]]
    nested = [
        ["moveTo", [[0, 0]]],
        ["qCurveTo", [[10, 50], [90, 50], [100, 0]]],
        ["curveTo", [[80, -9], [20, -9], [5, -5]]],
        ["closePath", []],
    ]
    dicts = [
        {"type": "moveTo", "points": [[0, 0]]},
        {"type": "qCurveTo", "points": [[10, 50], [90, 50], [100, 0]]},
        {"type": "cubicTo", "points": [[80, -9], [20, -9], [5, -5]]},
        {"type": "closePath"},
    ]
    expected = parse(json.dumps(flat))
    assert expected.tags.tolist() == [ON, QUADRATIC, QUADRATIC, ON, CUBIC, CUBIC, ON]
    assert same(parse(json.dumps(nested)), expected)
    assert same(parse(json.dumps(dicts)), expected)


def test_implied_points_equal_explicit_ones() -> None:
    implied = [["moveTo", [0, 0]], ["qCurveTo", [0, 60], [60, 60], [100, 0]], ["closePath"]]
    explicit = [["moveTo", [0, 0]], ["qCurveTo", [0, 60], [30, 60]], ["qCurveTo", [60, 60], [100, 0]], ["closePath"]]
    moved = json.loads(json.dumps(explicit).replace("[30, 60]", "[31, 60]"))
    assert same(parse(json.dumps(implied)), parse(json.dumps(explicit)))
    assert len(parse(json.dumps(moved)).points) == 5, "a point off the middle is not implied"


def test_a_contour_without_points_on_the_curve() -> None:
    outline = parse('[["qCurveTo", [0, 0], [0, 100], [100, 100], [100, 0], null], ["closePath"]]')
    assert outline.tags.tolist() == [QUADRATIC] * 4
    assert outline.ends.tolist() == [3]


def test_a_last_point_on_the_first_is_dropped() -> None:
    closed = [*SQUARE[:-1], ["lineTo", [0, 0]], ["closePath"]]
    assert same(parse(json.dumps(closed)), parse(json.dumps(SQUARE)))


def test_contours_left_open_are_closed_as_filling_does() -> None:
    two_open = [*SQUARE[:-1], *SQUARE[:-1]]
    assert parse(json.dumps(two_open)).ends.tolist() == [3, 7]


def test_points_and_lines_enclose_nothing() -> None:
    assert parse('[["moveTo", [5, 5]], ["closePath"]]').empty
    assert parse('[["moveTo", [5, 5]], ["lineTo", [9, 9]], ["closePath"]]').empty
    assert parse("[]").empty
    assert parse(serialise(parse("[]"))).empty


def test_coordinates_keep_a_hundredth_of_a_unit() -> None:
    outline = parse('[["moveTo", 0.004, 0.006], ["lineTo", 0, 33.333], ["lineTo", 50, 0]]')
    assert outline.points.tolist() == [[0, 0.01], [0, 33.33], [50, 0]]


@pytest.mark.parametrize(
    "stored",
    [
        '[["moveTo", [NaN, 0]], ["lineTo", [1, 1]], ["lineTo", [2, 0]]]',
        '[["moveTo", [Infinity, 0]], ["lineTo", [1, 1]], ["lineTo", [2, 0]]]',
        '[["moveTo", [-Infinity, 0]], ["lineTo", [1, 1]], ["lineTo", [2, 0]]]',
        '[["moveTo", [1e308, 0]], ["lineTo", [1, 1]], ["lineTo", [2, 0]]]',
        '[["moveTo", [1e999, 0]], ["lineTo", [1, 1]], ["lineTo", [2, 0]]]',
        f'[["moveTo", [{"9" * 400}, 0]], ["lineTo", [1, 1]], ["lineTo", [2, 0]]]',
        f'[["moveTo", [{"9" * 5000}, 0]], ["lineTo", [1, 1]], ["lineTo", [2, 0]]]',
        '[["moveTo", [1000001, 0]], ["lineTo", [1, 1]], ["lineTo", [2, 0]]]',
        '[["moveTo", ["0", "0"]], ["lineTo", [1, 1]]]',
        '[["moveTo", [true, false]], ["lineTo", [1, 1]]]',
        '[["moveTo", [{"x": 1}, {"y": 2}]]]',
        '[["moveTo", [1]]]',
        '[["moveTo", [1, 2, 3, 4]]]',
        '[["moveTo"]]',
        '[["lineTo", [1, 2], [3, 4]]]',
        '[["qCurveTo"]]',
        '[["curveTo", [1, 2], [3, 4]]]',
        '[["curveTo", [1, 2], [3, 4], [5, 6], [7, 8]]]',
        '[["closePath", [1, 2]]]',
        '[["arcTo", [1, 2]]]',
        '[[1, 2]]',
        "[[]]",
        "[null]",
        '["move\\nTo"]',
        '[{"points": [[1, 2]]}]',
        '[{"type": "moveTo", "points": {"x": 1}}]',
        '[{"type": "moveTo", "points": 7}]',
        '{"contours": []}',
        "7",
        "null",
        "",
        "not\nJSON",
        "[" * 100_000,
        '[["moveTo", ' + "[" * 500 + "1, 2, 3" + "]" * 500 + "]]",
        b"not compressed",
        zlib.compress(b"\xff\xfe\x00"),
        zlib.compress(json.dumps(SQUARE).encode())[:-9],
        json.dumps([["moveTo", [0, 0]], *[["lineTo", [i % 1000, i // 1000]] for i in range(40_000)]]),
    ],
    ids=lambda stored: repr(stored)[:48],
)  # fmt: skip
def test_malformed_contours_are_refused_in_one_line(stored: str | bytes) -> None:
    with pytest.raises(OutlineError) as caught:
        parse(stored)
    message = str(caught.value)
    assert "\n" not in message
    assert 10 < len(message) < 200


def test_too_many_points_are_refused() -> None:
    with pytest.raises(OutlineError, match="200,000 points"):
        parse(json.dumps([["qCurveTo", *([[0, 0], [5, 9]] * 100_000), None]]))


@pytest.mark.parametrize("stored", [5, 1.5])
def test_a_number_where_contours_belong_is_refused(stored: object) -> None:
    """SQLite returns any stored value, whatever type the column has."""
    with pytest.raises(OutlineError):
        parse(stored)  # type: ignore[arg-type]
