"""A frame that all glyphs of a font share is removed from its letters; dots that many letters share stay."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from shipped_fonts import LATIN, build
from towers import in_towers

from glyphcore.cli import main
from glyphcore.data.ornaments import CAPITAL, without_ornament
from glyphcore.data.outline import Outline, OutlineBuilder
from glyphcore.errors import OutlineError

UPEM = 1000.0


def drawn(*boxes: tuple[float, float, float, float]) -> Outline:
    builder = OutlineBuilder()
    for left, bottom, right, top in boxes:
        builder.move_to((left, bottom))
        for corner in ((right, bottom), (right, top), (left, top)):
            builder.line_to(corner)
        builder.close()
    return builder.outline()


def framed(i: int) -> Outline:
    """Return a letter of its own size in a frame, whose position differs in each glyph."""
    return drawn((5.0 * i, -600, 800 + 5.0 * i, 700), (300, -500, 400 + 10.0 * i, -100))


def test_what_all_glyphs_share_around_their_letters_is_left_out() -> None:
    error = OutlineError("broken")
    found = without_ornament([*map(framed, range(12)), error], [900.0] * 13, UPEM)
    assert found.outlines[-1] is error
    assert found.bare == [True] * 12 + [False]
    for i, each in enumerate(found.outlines[:-1]):
        assert isinstance(each, Outline)
        width, height = each.points.max(0) - each.points.min(0)
        assert len(each.ends) == 1
        assert np.isclose(width / height, (100 + 10 * i) / 400)
        assert np.isclose(each.points[:, 1].min(), 0)
        assert np.isclose(each.points[:, 1].max(), CAPITAL * UPEM)
        assert width < found.advances[i] < width + 0.2 * UPEM


def test_a_dot_that_many_letters_have_is_a_part_of_them() -> None:
    dotted = [drawn((100, 0, 300 + 20.0 * i, 500), (180 + 3.0 * i, 560, 240 + 3.0 * i, 620)) for i in range(12)]
    found = without_ornament(dotted, [600.0] * 12, UPEM)
    assert all(a is b for a, b in zip(found.outlines, dotted, strict=True))
    assert found.advances == [600.0] * 12
    assert not any(found.bare)


def test_a_space_has_nothing_to_leave_out() -> None:
    space = Outline(np.zeros((0, 2)), np.zeros(0, np.uint8), np.zeros(0, np.int16))
    found = without_ornament([space, *map(framed, range(12))], [250.0, *[900.0] * 12], UPEM)
    assert found.outlines[0] is space


def test_a_few_glyphs_share_nothing() -> None:
    few = [framed(i) for i in range(4)]
    assert all(a is b for a, b in zip(without_ornament(few, [900.0] * 4, UPEM).outlines, few, strict=True))


def round_about(left: float, width: float, sides: int = 48) -> list[tuple[float, float]]:
    """Return a frame with so many corners that its run of points differs from letters."""
    angles = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    return [(left + width * (0.5 + 0.5 * np.cos(a)), 50 + 650 * np.sin(a)) for a in angles]


def polygons(*corners: list[tuple[float, float]]) -> Outline:
    builder = OutlineBuilder()
    for first, *others in corners:
        builder.move_to(first)
        for corner in others:
            builder.line_to(corner)
        builder.close()
    return builder.outline()


def box(left: float, bottom: float, right: float, top: float) -> list[tuple[float, float]]:
    return [(left, bottom), (right, bottom), (right, top), (left, top)]


def test_an_ornament_that_only_signs_share_is_left_out_too() -> None:
    letters = [polygons(round_about(0, 800 + 9.0 * i), box(300, -100, 400 + 10.0 * i, 300)) for i in range(12)]
    narrow = box(0, -600, 350, 700)
    signs = [polygons(narrow, box(150, -100, 150 + width, -100 + width)) for width in (40.0, 60.0)]
    found = without_ornament([*letters, *signs], [900.0] * 14, UPEM)
    assert found.bare == [True] * 14
    for each, width in zip(found.outlines[12:], (40, 60), strict=True):
        assert isinstance(each, Outline)
        assert len(each.ends) == 1
        assert np.isclose(each.points[:, 1].max(), width * CAPITAL * UPEM / 400)


def test_an_ornament_with_an_empty_window_is_a_space() -> None:
    def gate(i: int) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
        return round_about(0, 800 + i), round_about(100, 300 + i, 40)

    letters = [polygons(*gate(i), box(300, -100, 400 + 10.0 * i, 300)) for i in range(12)]
    window = box(320, -80, 480, 250), box(340, -60, 460, 230)
    space, sign = (
        polygons(round_about(0, 810, sides), gate(0)[1], *its) for sides, its in ((50, window), (52, window[:1]))
    )
    found = without_ornament([*letters, space, sign], [900.0] * 14, UPEM)
    assert isinstance(found.outlines[12], Outline)
    assert found.outlines[12].empty
    assert found.outlines[13] is sign


def test_the_letters_of_a_font_of_towers_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are all capitals, and their size says nothing. Whole towers were read as other letters, and often surely."""
    build(LATIN, tmp_path / "plain.ttf")
    in_towers(tmp_path / "plain.ttf", tmp_path / "towers.ttf")
    said, rows = {}, {}
    for name in ("plain", "towers"):
        assert main(["infer", str(tmp_path / f"{name}.ttf"), "--out", str(tmp_path / f"{name}.jsonl")]) == 0
        said[name] = "an ornament that its glyphs share is left out" in capsys.readouterr().err
        rows[name] = [json.loads(line) for line in (tmp_path / f"{name}.jsonl").read_text().splitlines()]
    assert said == {"plain": False, "towers": True}
    names = {row["glyph_name"]: row["topk"][0]["base"] for row in rows["plain"]}
    ascii_letters = {name for name, base in names.items() if base.isascii() and base.isalpha()}
    letters = [row for row in rows["towers"] if row["glyph_name"] in ascii_letters]
    right = [row["assigned"]["base"].upper() == names[row["glyph_name"]].upper() for row in letters]
    assert len(letters) > 40
    assert np.mean(right) > 0.9
    assert all(row["box"][3] - row["box"][1] > 2000 for row in letters)  # the boxes are the font's
