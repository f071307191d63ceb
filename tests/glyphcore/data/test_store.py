"""The reader of glyph databases: rows, order, refused files, and no writing."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from foreign import bare, database

from glyphcore.data.foreign import connect
from glyphcore.data.store import GlyphStore
from glyphcore.data.store.writer import write_store
from glyphcore.errors import StoreError


def test_our_own_database_opens_without_a_remark(tiny_db: Path) -> None:
    store = GlyphStore(tiny_db)
    assert store.notes == []
    assert (store.key, store.has_contours, store.has_splits, store.has_geometry) == ("glyph_id", True, True, True)
    assert store.meta["format"] == 1
    assert store.count() == len(store.labels()) == sum(1 for _ in store.rows())


def test_rows_carry_glyph_and_font(tiny_db: Path) -> None:
    rows = list(GlyphStore(tiny_db).rows())
    assert [row.glyph_id for row in rows] == list(range(1, len(rows) + 1))
    serif = [row for row in rows if row.family == "Tiny Serif"]
    assert {(row.upem, row.style, row.licence) for row in serif} == {(2048, "Regular", "SIL Open Font License 1.1")}
    for row in serif:
        x_min, y_min, x_max, y_max = row.box or ()
        low, high = row.outline().points.min(0), row.outline().points.max(0)
        assert (low <= (x_min, y_min)).all(), "the box is the curve's, inside that of its control points"
        assert (high >= (x_max, y_max)).all()
    assert {row.advance for row in serif if row.label.endswith("_diacritic")} == {0}


def test_rows_are_read_in_chunks_from_anywhere(tiny_db: Path) -> None:
    store = GlyphStore(tiny_db)
    everything = [row.glyph_id for row in store.rows()]
    assert [row.glyph_id for row in store.rows(chunk=7)] == everything
    assert [row.glyph_id for row in store.rows(after=100, chunk=50)] == everything[100:]
    assert all(row.contours is None for row in store.rows(contours=False))


def test_glyphs_come_in_the_order_asked_for(tiny_db: Path) -> None:
    store = GlyphStore(tiny_db)
    ids = [9, 3, 99_999, 200, 3]
    assert [glyph.glyph_id for glyph in store.glyphs(ids)] == [9, 3, 200, 3]
    many = list(range(store.count(), 0, -1)) * 3
    assert [glyph.glyph_id for glyph in store.glyphs(many)] == many, "more than one query's worth"
    assert store.glyphs(np.array([5], dtype=np.int64))[0].glyph_id == 5  # type: ignore[arg-type]
    assert store.glyphs([]) == []


def test_what_is_no_glyph_database_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        GlyphStore(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists(), "looking must not create it"
    (tmp_path / "text.db").write_text("not a database, but long enough to be looked at " * 50)
    with pytest.raises(StoreError, match="cannot be read as a database"):
        GlyphStore(tmp_path / "text.db")
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreError, match="no table 'glyphs'"):
        GlyphStore(tmp_path / "empty.db")
    with pytest.raises(StoreError, match="no table 'glyphs'"):
        database(tmp_path / "other.db", "CREATE TABLE fonts (f_id)")
    with pytest.raises(StoreError, match="no column 'label'"):
        database(tmp_path / "unlabelled.db", "CREATE TABLE glyphs (glyph_id INTEGER)")
    with pytest.raises(StoreError, match="no column 'glyph_id'"):
        database(tmp_path / "unkeyed.db", "CREATE TABLE glyphs (label TEXT)")


def test_a_damaged_page_is_said_when_it_is_met(tmp_path: Path, tiny_db: Path) -> None:
    data = bytearray(tiny_db.read_bytes())
    data[8192 * 4 :] = b"\xff" * (len(data) - 8192 * 4)
    (tmp_path / "hurt.db").write_bytes(data)
    with pytest.raises(StoreError, match=r"hurt\.db cannot be read as a database"):
        list(GlyphStore(tmp_path / "hurt.db").rows())


def test_nothing_is_ever_written(tmp_path: Path) -> None:
    folder = tmp_path / "dataset"
    folder.mkdir()
    store = bare(folder / "glyphs.db")
    before = (folder / "glyphs.db").read_bytes()
    list(store.rows())
    store.labels()
    with closing(connect(store.path)) as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM glyphs")
    assert (folder / "glyphs.db").read_bytes() == before
    assert list(folder.iterdir()) == [folder / "glyphs.db"]


def test_one_store_serves_many_threads(tiny_db: Path) -> None:
    store, counts = GlyphStore(tiny_db), []
    threads = [threading.Thread(target=lambda: counts.append(sum(1 for _ in store.rows()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [store.count()] * 8


def test_paths_with_odd_characters(tmp_path: Path) -> None:
    folder = tmp_path / "50% of #1? ünïcödé"
    folder.mkdir()
    assert bare(folder / "glyphs.db", rows=3).count() == 3


def test_fingerprint_follows_the_content(tmp_path: Path, tiny_db: Path) -> None:
    (tmp_path / "copy.db").write_bytes(tiny_db.read_bytes())
    assert GlyphStore(tmp_path / "copy.db").fingerprint == GlyphStore(tiny_db).fingerprint
    assert bare(tmp_path / "other.db").fingerprint != GlyphStore(tiny_db).fingerprint


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, tiny_db: Path) -> None:
    path = tmp_path / "glyphs.db"
    path.write_bytes(tiny_db.read_bytes())
    fonts = GlyphStore(path).fonts()

    def rows():
        yield (1, 1, 1, "a", "x", "latin", "", "train", 5, 0.0, 0.0, 1.0, 1.0, b"")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_store(path, fonts, rows(), {})
    assert path.read_bytes() == tiny_db.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


def test_unknown_metrics_are_stored_as_null(tmp_path: Path, tiny_db: Path) -> None:
    fonts = GlyphStore(tiny_db).fonts()
    fonts["x_height"] = np.nan
    fonts["weight"] = None
    write_store(tmp_path / "a.db", fonts, [], {"note": "é"})
    again = GlyphStore(tmp_path / "a.db")
    assert again.fonts().x_height.isna().all()
    assert again.fonts().weight.isna().all()
    assert again.fonts().upem.tolist() == fonts.upem.tolist()
    assert again.meta == {"format": 1, "note": "é"}
