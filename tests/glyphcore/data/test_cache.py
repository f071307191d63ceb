"""Caches are made again whenever they might be wrong."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from drawn import Said, bar, drawn
from interruption import StopsAfter
from PIL import Image
from resident import mapped

from glyphcore.data.cache import BLOCK, PackedRasters, PngFolder, glyph_geometry, glyph_raster, rasters_of
from glyphcore.data.geometry import WIDTH, geometry
from glyphcore.data.outline_arrays import OutlineArrays
from glyphcore.data.raster import PACKED, SIZE, pack, rasterize, unpack
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def flipped(data: bytes) -> bytes:
    """Change one byte inside the first array."""
    return data[:200] + bytes([data[200] ^ 255]) + data[201:]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "one byte wrong": flipped,
    "text": lambda data: b"somebody's notes",
    "one array": lambda data: npy(np.arange(5)),
    "other arrays": lambda data: npz(somebody=np.arange(5)),
    "objects": lambda data: npz(glyph_id=np.array([{}], dtype=object), geometry=np.zeros((1, 6))),
}


def test_rasters_are_those_of_the_outlines(tmp_path: Path, tiny_db: Path) -> None:
    store = GlyphStore(tiny_db)
    rows = list(store.rows())
    rasters = PackedRasters.of(store, tmp_path)
    assert rasters.glyph_id.tolist() == [row.glyph_id for row in rows]
    assert rasters.packed.shape == (len(rows), PACKED)
    for row, packed, described in zip(rows, rasters.packed, rasters.geometry, strict=True):
        assert (packed == rasterize(row.outline(), row.advance, row.upem)).all(), row
        assert (described == geometry(row.box, row.advance, row.upem)).all(), row
    extents = {int(unpack(packed).any(1).sum()) for packed in rasters.packed[: len(rows) // 4]}
    assert max(extents) == SIZE
    assert min(extents) <= 64, "metrics were used: marks are small"


def test_many_glyphs_at_a_time_are_drawn_as_each_by_itself(tiny_db: Path) -> None:
    rows = list(GlyphStore(tiny_db).rows())[:40]
    broken = [
        replace(rows[0], contours=b"no contours"), replace(rows[1], contours=None), replace(rows[2], contours="[]"),
        replace(rows[3], contours='[["moveTo",[[0,0]]],["lineTo",[[9,0]]],["closePath",[]]]'),
    ]  # fmt: skip
    partly = [replace(rows[4], upem=None), replace(rows[5], advance=None), replace(rows[6], box=None)]
    mixed = [*rows[:10], *broken, *partly, *(replace(row, upem=500) for row in rows[10:])]
    for row, raster in zip(mixed, rasters_of(mixed), strict=True):
        if isinstance(raster, GlyphError):
            with pytest.raises(type(raster), match=re.escape(raster.problem)):
                glyph_raster(row)
            continue
        assert raster[0] == row.glyph_id
        np.testing.assert_array_equal(raster[1], glyph_raster(row))
        np.testing.assert_array_equal(raster[2], glyph_geometry(row))
    assert sum(isinstance(raster, GlyphError) for raster in rasters_of(mixed)) == len(broken)
    assert list(rasters_of([])) == []


def test_what_was_made_is_opened_and_not_made_again(tmp_path: Path, tiny_db: Path) -> None:
    store = GlyphStore(tiny_db)
    first, outlines = PackedRasters.of(store, tmp_path), OutlineArrays.of(store, tmp_path)
    again = PackedRasters.of(GlyphStore(tiny_db), tmp_path, progress=StopsAfter(0))
    assert (again.packed == first.packed).all()
    assert isinstance(again.packed, np.memmap), "workers share one copy"
    assert len(OutlineArrays.of(store, tmp_path, progress=StopsAfter(0))) == len(outlines)


def test_two_databases_in_one_folder_never_share_a_file(tmp_path: Path) -> None:
    """Both have the same number of glyphs, so that only the name tells whose file it is."""
    cache = tmp_path / "cache"
    wide, tall = drawn(tmp_path / "a.db", bar(100, 50)), drawn(tmp_path / "b.db", bar(50, 100))
    for _ in range(2):
        for store in (wide, tall):
            expected = rasterize(store.glyphs([1])[0].outline())
            rasters, outlines = PackedRasters.of(store, cache), OutlineArrays.of(store, cache)
            assert (rasters.packed[0] == expected).all()
            assert (rasterize(outlines.outline(0)) == expected).all()
    files = {path.name for path in cache.iterdir()}
    for store in (wide, tall):
        mine = {name for name in files if store.fingerprint in name}
        assert len(mine) == 3, files
        files -= mine
    assert files == set()


def test_rasters_of_outlines_and_of_pngs_are_kept_apart(tmp_path: Path) -> None:
    store = drawn(tmp_path / "a.db", bar(100, 50))
    (tmp_path / "png").mkdir()
    corner = np.zeros((SIZE, SIZE), bool)
    corner[:5, :5] = True
    Image.fromarray(corner).save(tmp_path / "png" / "1.png")
    drawn_, given = (
        PackedRasters.of(store, tmp_path),
        PackedRasters.of(store, tmp_path, pngs=PngFolder(tmp_path / "png")),
    )
    assert (given.packed[0] == pack(corner)).all()
    assert (PackedRasters.of(store, tmp_path).packed[0] == drawn_.packed[0]).all()
    assert (drawn_.packed[0] == rasterize(store.glyphs([1])[0].outline())).all()


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_index_is_made_again_with_a_word(tmp_path: Path, damage: str) -> None:
    store = drawn(tmp_path / "a.db", *(bar(20 + i, 100) for i in range(40)))
    whole = PackedRasters.of(store, tmp_path / "cache")
    (index,) = (tmp_path / "cache").glob("*.npz")
    index.write_bytes(DAMAGE[damage](index.read_bytes()))
    said = Said()
    again = PackedRasters.of(store, tmp_path / "cache", progress=said)
    assert (again.glyph_id == whole.glyph_id).all()
    assert (again.packed == whole.packed).all()
    assert said.lines == [f"{index.name} does not match and is built again"]
    PackedRasters.of(store, tmp_path / "cache", progress=StopsAfter(0))


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_outlines_are_made_again_with_a_word(tmp_path: Path, damage: str) -> None:
    store = drawn(tmp_path / "a.db", *(bar(20 + i, 100) for i in range(40)))
    whole = OutlineArrays.of(store, tmp_path / "cache")
    (path,) = (tmp_path / "cache").iterdir()
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    said = Said()
    again = OutlineArrays.of(store, tmp_path / "cache", progress=said)
    assert (again.points == whole.points).all()
    assert said.lines == [f"{path.name} does not match and is built again"]


@pytest.mark.parametrize("damage", ["cut off", "too long", "gone", "index of fewer glyphs", "geometry of fewer glyphs"])
def test_pixels_and_index_that_do_not_belong_together_are_made_again(tmp_path: Path, damage: str) -> None:
    store = drawn(tmp_path / "a.db", *(bar(20 + i, 100) for i in range(9)))
    whole = PackedRasters.of(store, tmp_path / "cache")
    packed = np.array(whole.packed)
    (index,), (pixels,) = (tmp_path / "cache").glob("*.npz"), (tmp_path / "cache").glob("*.bits")
    if damage == "gone":
        pixels.unlink()
    elif damage == "index of fewer glyphs":
        index.write_bytes(npz(glyph_id=whole.glyph_id[:-1], geometry=whole.geometry[:-1]))
    elif damage == "geometry of fewer glyphs":
        index.write_bytes(npz(glyph_id=whole.glyph_id, geometry=whole.geometry[:-1]))
    else:
        pixels.write_bytes(packed.tobytes()[:-1] if damage == "cut off" else packed.tobytes() + b"\0")
    said = Said()
    again = PackedRasters.of(store, tmp_path / "cache", progress=said)
    assert (again.packed == packed).all()
    assert len(again.geometry) == len(again.glyph_id) == len(packed)
    assert said.lines == [f"{index.name} does not match and is built again"]


def test_glyphs_without_a_raster_are_counted_and_left_out(tmp_path: Path) -> None:
    store = drawn(tmp_path / "a.db", None, bar(100, 50), "[]", bar(100, 0), "no JSON", bar(50, 100))
    said = Said()
    rasters, outlines = PackedRasters.of(store, tmp_path, progress=said), OutlineArrays.of(store, tmp_path)
    assert rasters.glyph_id.tolist() == outlines.glyph_id.tolist() == [2, 6]
    assert rasters.packed.shape == (2, PACKED)
    assert said.lines[0] == "2 glyphs without a raster: Outline is empty."
    assert sorted(said.lines)[0].startswith("1 glyphs without a raster: ")
    assert len(said.lines) == 3, "a line a reason"


def test_a_database_without_a_single_raster(tmp_path: Path) -> None:
    store = drawn(tmp_path / "a.db", "[]")
    for _ in range(2):
        rasters = PackedRasters.of(store, tmp_path)
        assert (rasters.glyph_id.shape, rasters.packed.shape, rasters.geometry.shape) == ((0,), (0, PACKED), (0, WIDTH))


@pytest.mark.parametrize("glyphs", [0, 3])
def test_a_killed_build_leaves_nothing_that_is_taken_for_whole(tmp_path: Path, glyphs: int) -> None:
    cache = tmp_path / "cache"
    store = drawn(tmp_path / "a.db", *(bar(20 + i, 100) for i in range(9)))
    for kind in (PackedRasters, OutlineArrays):
        with pytest.raises(KeyboardInterrupt):
            kind.of(store, cache, progress=StopsAfter(glyphs))
    assert not cache.exists() or list(cache.iterdir()) == []
    assert len(PackedRasters.of(store, cache).glyph_id) == len(OutlineArrays.of(store, cache)) == 9


def test_killed_between_pixels_and_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its size alone, the old index would fit the new pixels."""
    cache = tmp_path / "cache"
    store = drawn(tmp_path / "a.db", bar(100, 50))
    PackedRasters.of(store, cache)
    (index,), (pixels,) = cache.glob("*.npz"), cache.glob("*.bits")
    pixels.write_bytes(b"")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", killed)
        with pytest.raises(KeyboardInterrupt):
            PackedRasters.of(store, cache)
    assert not index.exists()
    assert list(cache.iterdir()) == [pixels]
    assert len(PackedRasters.of(store, cache).glyph_id) == 1


def test_outlines_come_back_as_they_are_stored(tmp_path: Path, tiny_db: Path) -> None:
    store = GlyphStore(tiny_db)
    OutlineArrays.of(store, tmp_path)
    arrays = OutlineArrays.of(store, tmp_path)
    rows = list(store.rows())
    assert arrays.glyph_id.tolist() == [row.glyph_id for row in rows]
    assert arrays.metrics.tolist() == [[row.advance, row.upem] for row in rows]
    for i, row in enumerate(rows):
        ours, theirs = arrays.outline(i), row.outline()
        np.testing.assert_allclose(ours.points, theirs.points, atol=0.005)
        assert (ours.tags == theirs.tags).all()
        assert (ours.ends == theirs.ends).all()
        assert (rasterize(ours, row.advance, row.upem) == rasterize(theirs, row.advance, row.upem)).all()


def test_unknown_metrics_are_nan(tmp_path: Path) -> None:
    arrays = OutlineArrays.of(drawn(tmp_path / "a.db", bar(100, 50)), tmp_path)
    assert np.isnan(arrays.metrics).all()


def test_a_box_that_is_not_stored_is_measured(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.executescript("""
            CREATE TABLE fonts (f_id INTEGER, upem INTEGER);
            CREATE TABLE glyphs (glyph_id INTEGER, label TEXT, f_id INTEGER, advance_width INTEGER, contours TEXT);
            INSERT INTO fonts VALUES (1, 1000);
        """)
        rows = [(1, "a", 1, 600, json.dumps(bar(100, 50))), (2, "a", 1, 600, "[]"), (3, "a", 1, None, "[]")]
        connection.executemany("INSERT INTO glyphs VALUES (?,?,?,?,?)", rows)
        connection.commit()
    drawn_, empty, unknown = map(glyph_geometry, GlyphStore(tmp_path / "a.db").rows())
    np.testing.assert_allclose(drawn_, [0.1, 0.05, 0, 0.05, 0.6, 1], rtol=1e-6)
    assert not empty.any()
    assert not unknown.any()


def test_what_is_there_is_read_and_nothing_built(tmp_path: Path) -> None:
    store = drawn(tmp_path / "a.db", bar(100, 50), None, bar(50, 100))
    cache = tmp_path / "cache"
    assert PackedRasters.existing(store, cache) is None
    assert not cache.exists()
    built = PackedRasters.of(store, cache)
    found = PackedRasters.existing(store, cache)
    assert found is not None
    packed, known = found.of_glyphs([3, 99, 2, 1])
    assert known.tolist() == [True, False, False, True]
    assert (packed[0] == built.packed[1]).all()
    assert (packed[3] == built.packed[0]).all()
    assert not packed[1:3].any()
    assert found.of_glyphs([])[0].shape == (0, 2048)


def test_pixels_that_were_read_do_not_stay_in_memory(tmp_path: Path) -> None:
    n = 16_384
    (tmp_path / "pixels").write_bytes(bytes(n * 2048))
    pixels = np.memmap(tmp_path / "pixels", np.uint8, "r", shape=(n, 2048))
    crc = np.full(n // BLOCK, zlib.crc32(bytes(BLOCK * 2048)), np.uint32)
    rasters = PackedRasters(np.arange(n), pixels, np.zeros((n, 6), np.float32), crc)
    before = mapped()
    for some in np.split(np.arange(n), 16):
        assert not rasters.take(some)[0].any()
        assert rasters.of_glyphs(some)[1].all()
        assert mapped() - before < 4096, "kB of the 32 MB that were read"
