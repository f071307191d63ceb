"""Inputs of every kind give the same kind of glyphs, and a bad input does not stop the others."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from glyphcore.data.cache import PackedRasters
from glyphcore.data.raster import unpack, write_png
from glyphcore.data.sources import Glyph, SkippedInputs, read_sources
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError
from glyphcore.progress import Silent

SQUARE = '[["moveTo",[[0,0]]],["lineTo",[[0,500]]],["lineTo",[[500,500]]],["lineTo",[[500,0]]],["closePath",[]]]'


def everything(*paths: Path, only_fonts: bool = False) -> tuple[dict[str, list[Glyph]], SkippedInputs, list[str]]:
    said: list[str] = []
    losses = SkippedInputs(said.append)
    found = {
        source.file: list(glyphs) for source, glyphs in read_sources(paths, losses, Silent(), only_fonts=only_fonts)
    }
    return found, losses, said


def test_a_font_gives_the_pixels_of_the_database(font_folder: Path, tiny_db: Path, tmp_path: Path) -> None:
    """The database read as an input gives the same pixels too, with the same geometry, box and advance."""
    found, losses, _ = everything(font_folder, tiny_db)
    assert losses.unreadable == losses.broken == 0
    store = GlyphStore(tiny_db)
    cached = PackedRasters.of(store, tmp_path)
    files = store.fonts().set_index("f_id")["file"]
    for i, (row, glyph) in enumerate(zip(store.rows(), found[str(tiny_db)], strict=True)):
        np.testing.assert_array_equal(glyph.packed, cached.packed[i])
        np.testing.assert_array_equal(glyph.geometry, cached.geometry[i])
        if files[row.f_id].endswith(".ttc"):
            continue
        path = next(font_folder.rglob(files[row.f_id]))
        drawn = next(each for each in found[str(path)] if each.glyph_id == row.gid)
        np.testing.assert_array_equal(drawn.packed, glyph.packed)
        assert (drawn.box, drawn.advance, drawn.name) == (glyph.box, glyph.advance, glyph.name)


def test_faces_of_a_collection_are_told_apart_whatever_the_file_is_called(font_folder: Path, tmp_path: Path) -> None:
    disguised = tmp_path / "pair.ttf"
    disguised.write_bytes((font_folder / "TinyPair.ttc").read_bytes())
    found, _, _ = everything(disguised)
    assert list(found) == [str(disguised), f"{disguised}#1"]


def test_a_database_is_known_by_its_content(tiny_db: Path, tmp_path: Path) -> None:
    disguised = tmp_path / "glyphs.ttf"
    disguised.write_bytes(tiny_db.read_bytes())
    found, _, _ = everything(disguised)
    assert len(found[str(disguised)]) == GlyphStore(tiny_db).count()


def test_a_folder_of_rasters(font_folder: Path, tmp_path: Path) -> None:
    """Rasters are dark on light; a blank one is skipped, a damaged one named, a picture of another name is no glyph."""
    found, _, _ = everything(next(font_folder.glob("*.ttf")))
    glyphs = next(iter(found.values()))[:5]
    for i, glyph in enumerate(glyphs):
        Image.fromarray(((1 - unpack(glyph.packed)) * 255).astype(np.uint8)).save(tmp_path / f"{i}.png")
    Image.new("L", (128, 128), 255).save(tmp_path / "8.png")
    (tmp_path / "9.png").write_bytes(b"no picture")
    write_png(tmp_path / "cover.png", glyphs[0].packed)
    found, losses, said = everything(tmp_path)
    read_back = found[str(tmp_path)]
    assert [glyph.glyph_id for glyph in read_back] == [0, 1, 2, 3, 4]
    for glyph, before in zip(read_back, glyphs, strict=True):
        np.testing.assert_array_equal(glyph.packed, before.packed)
        assert not glyph.geometry.any()
        assert glyph.box is glyph.advance is None
    assert (losses.empty, losses.broken, losses.unreadable) == (1, 1, 0)
    assert any("glyph 9" in line for line in said)


def test_a_broken_glyph_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "mine.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE glyphs (glyph_id INTEGER PRIMARY KEY, label TEXT, contours TEXT)")
        rows = [(1, "a", SQUARE), (2, "b", "[broken"), (3, "space", "[]"), (4, "c", SQUARE)]
        connection.executemany("INSERT INTO glyphs VALUES (?, ?, ?)", rows)
    found, losses, said = everything(path)
    assert [glyph.glyph_id for glyph in found[str(path)]] == [1, 4]
    assert (losses.empty, losses.broken, losses.any) == (1, 1, True)
    assert len(said) == 1
    assert "mine.db, glyph 2" in said[0]
    assert list(losses.summary()) == ["1 glyph without an area skipped", "1 broken glyph not read"]


def test_what_cannot_be_opened_is_named_and_the_rest_goes_on(font_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.ttf").write_bytes(b"no font")
    with closing(sqlite3.connect(tmp_path / "bare.db")) as connection, connection:
        connection.execute("CREATE TABLE glyphs (glyph_id INTEGER PRIMARY KEY, label TEXT)")
    font = next(font_folder.glob("*.ttf"))
    found, losses, said = everything(*(tmp_path / name for name in ("none", "empty", "bad.ttf", "bare.db")), font, font)
    assert list(found) == [str(font)], "read once, though it was named twice"
    assert losses.unreadable == 4
    for words in ("none does not exist", "empty holds no", "bad.ttf is not a readable font", "bare.db has no contours"):
        assert any(words in line for line in said)


def test_alone_it_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path / "none.ttf", tmp_path):
        with pytest.raises(GlyphError):
            everything(path)


def test_only_fonts(tiny_db: Path, font_folder: Path) -> None:
    found, losses, _ = everything(tiny_db, next(font_folder.glob("*.ttf")), only_fonts=True)
    assert len(found) == 1
    assert losses.unreadable == 1
