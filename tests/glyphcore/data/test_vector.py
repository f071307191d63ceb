"""Outlines as SVG: the same area as the raster, the drawn points, the font's own heights."""

from __future__ import annotations

import io
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from fontTools.pens.areaPen import AreaPen
from fontTools.svgLib.path import parse_path

from glyphcore.data.outline import OutlineBuilder
from glyphcore.data.store import GlyphRow, GlyphStore
from glyphcore.data.vector import document, heights, path, vector


@pytest.fixture(scope="module")
def row(database: GlyphStore) -> GlyphRow:
    return database.glyphs([7])[0]


def area(drawn: str) -> float:
    pen = AreaPen()
    parse_path(drawn, pen)
    return pen.value


def square() -> OutlineBuilder:
    pen = OutlineBuilder()
    pen.move_to((0, 0))
    for point in ((100, 0), (100, 200), (0, 200)):
        pen.line_to(point)
    return pen


def test_lines_and_cubics() -> None:
    assert path(square().outline()) == "M0,0L100,0L100,-200L0,-200Z"
    pen = OutlineBuilder()
    pen.move_to((0, 0))
    pen.cubic_to([(0, 50.5), (50, 100), (100, 100)])
    pen.line_to((100, 0))
    assert path(pen.outline()) == "M0,0C0,-50.5 50,-100 100,-100L100,0Z"


def test_implied_points_of_quadratics_are_written_out() -> None:
    pen = OutlineBuilder()
    pen.move_to((0, 0))
    pen.quadratic_to([(0, 100), (100, 100), (100, 0)])
    assert path(pen.outline()) == "M0,0Q0,-100 50,-100Q100,-100 100,0Z"


def test_a_contour_of_control_points_alone_is_closed() -> None:
    pen = OutlineBuilder()
    pen.quadratic_to([(0, 0), (100, 0), (100, 100), (0, 100)], closed=True)
    drawn = path(pen.outline())
    assert drawn.startswith("M0,-50Q0,0 50,0Q100,0 100,-50")
    assert drawn.endswith("Q0,-100 0,-50Z")
    assert abs(area(drawn)) == pytest.approx(100 * 100 * 5 / 6, rel=0.01)


def test_the_path_encloses_what_the_outline_encloses(row: GlyphRow) -> None:
    assert row.box is not None
    outline = row.outline()
    numbers = np.array(re.findall(r"(-?[\d.]+),(-?[\d.]+)", path(outline)), float)
    slack = 0.1  # boxes are measured in 64ths
    assert numbers[:, 0].min() - slack <= row.box[0] <= row.box[2] <= numbers[:, 0].max() + slack
    assert (-numbers[:, 1]).min() - slack <= row.box[1] <= row.box[3] <= (-numbers[:, 1]).max() + slack


def test_points_keep_their_kind_and_order(row: GlyphRow) -> None:
    outline = row.outline()
    drawn = vector(outline, row, {"ascender": 900.0})
    assert [kind for _, _, kind in drawn.points] == outline.tags.tolist()
    assert [(x, -y) for x, y, _ in drawn.points] == [tuple(point) for point in outline.points.tolist()]
    assert drawn.ends == outline.ends.tolist()
    assert drawn.lines == {"baseline": 0.0, "ascender": -900.0}
    x, y, width, height = drawn.box
    assert x < 0 < (row.advance or 0) < x + width
    assert y < -900 < 0 < y + height


def test_heights_are_the_fonts_own(database: GlyphStore, row: GlyphRow) -> None:
    assert heights(database, row.f_id) == {
        "ascender": 900.0, "cap height": 700.0, "x-height": 500.0, "descender": -300.0,
    }  # fmt: skip
    assert heights(database, None) == {}
    assert heights(database, 999) == {}


def test_heights_that_are_no_numbers_are_left_out(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
        connection.execute("CREATE TABLE glyphs (glyph_id INTEGER PRIMARY KEY, label TEXT, f_id INTEGER)")
        connection.execute("INSERT INTO glyphs VALUES (1, 'a', 1)")
        connection.execute("CREATE TABLE fonts (f_id INTEGER PRIMARY KEY, ascent, descent, x_height, cap_height)")
        connection.execute("INSERT INTO fonts VALUES (1, 'tall', -200, 1e999, NULL)")
    assert heights(GlyphStore(tmp_path / "a.db"), 1) == {"descender": -200.0}


def test_a_document_is_valid_and_escapes_its_title(row: GlyphRow) -> None:
    text = document(vector(row.outline(), row, {}), "<b> & co")
    root = ElementTree.parse(io.StringIO(text)).getroot()
    assert root[0].text == "<b> & co"
    assert root[1].attrib["d"] == path(row.outline())


def test_an_empty_outline_has_an_empty_path(row: GlyphRow, tmp_path: Path) -> None:
    drawn = vector(OutlineBuilder().outline(), row, {})
    assert (drawn.path, drawn.points) == ("", [])
    assert drawn.box[2] > 0
