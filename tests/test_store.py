"""The reader is tolerant: most of these databases are somebody else's."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from glyphcore.data.contours import parse
from glyphcore.data.foreign import connect
from glyphcore.data.store import SPLITS, GlyphStore, derived_split
from glyphcore.data.store_write import write_store
from glyphcore.errors import OutlineError, StoreError

SQUARE = [["moveTo", [0, 0]], ["lineTo", [0, 9]], ["lineTo", [9, 9]], ["lineTo", [9, 0]], ["closePath"]]


def database(path: Path, script: str, **tables: list[tuple]) -> GlyphStore:
    """A database made by ``script``, with rows for its tables."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
        for table, rows in tables.items():
            connection.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
        connection.commit()
    return GlyphStore(path)


def bare(path: Path, rows: int = 30) -> GlyphStore:
    return database(
        path, "CREATE TABLE glyphs (glyph_id INTEGER, label TEXT)", glyphs=[(i, "beh_init") for i in range(rows)]
    )


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


def test_two_columns_are_enough(tmp_path: Path) -> None:
    store = bare(tmp_path / "glyphs.db")
    assert len(store.notes) == 4
    assert store.count() == 30
    assert store.fonts().empty
    assert store.meta == {}
    row = store.glyphs([4])[0]
    assert (row.label, row.family, row.upem, row.box, row.f_id) == ("beh_init", None, None, None, None)
    assert row.outline().empty
    assert set(store.labels().split) <= set(SPLITS)
    assert store.labels().split.nunique() > 1, "by glyph, since there are no fonts"


def test_somebody_else_s_key(tmp_path: Path) -> None:
    """``id`` is the key; ``glyph_id`` repeats from font to font and must not be taken for it."""
    store = database(
        tmp_path / "glyphs.db",
        "CREATE TABLE glyphs (id INTEGER PRIMARY KEY, glyph_id INTEGER, f_id INTEGER, label TEXT, contours TEXT)",
        glyphs=[(i + 100, i % 5, i // 5, "beh_init", json.dumps(SQUARE)) for i in range(20)],
    )
    assert store.key == "id"
    assert any("'id'" in note and "'glyph_id'" in note for note in store.notes)
    assert [row.glyph_id for row in store.rows(chunk=3)] == list(range(100, 120))
    assert (store.glyphs([107])[0].glyph_id, store.glyphs([107])[0].gid) == (107, 2)
    assert store.glyphs([2]) == []
    assert store.labels().glyph_id.tolist() == list(range(100, 120))


@pytest.mark.parametrize(
    "contours",
    [
        json.dumps(SQUARE),
        json.dumps([{"type": name, "points": points} for name, *points in SQUARE]),
        json.dumps(SQUARE).encode(),
    ],
    ids=["lists", "dicts", "uncompressed bytes"],
)
def test_json_contours_of_every_form(tmp_path: Path, contours: str | bytes) -> None:
    store = database(
        tmp_path / "glyphs.db", "CREATE TABLE glyphs (glyph_id, label, contours)", glyphs=[(1, "full_stop", contours)]
    )
    assert np.array_equal(store.glyphs([1])[0].outline().points, parse(json.dumps(SQUARE)).points)


def test_curves_as_others_write_them(tmp_path: Path) -> None:
    contours = [
        {"type": "moveTo", "points": [[0, 0]]},
        {"type": "qCurveTo", "points": [[0, 60], [60, 60], [100, 0]]},
        {"type": "cubicTo", "points": [[80, -20], [20, -20], [0, 0]]},
        {"type": "closePath", "points": []},
    ]
    store = database(
        tmp_path / "glyphs.db",
        "CREATE TABLE glyphs (glyph_id, label, contours)",
        glyphs=[(1, "full_stop", json.dumps(contours))],
    )
    assert store.glyphs([1])[0].outline().tags.tolist() == [1, 0, 0, 1, 2, 2]


@pytest.mark.parametrize(
    "contours", [None, "", "{", 7, b"\x00", '[["moveTo", [NaN, 1]], ["lineTo", [5, 5]], ["lineTo", [9, 0]]]']
)
def test_one_bad_outline_spoils_only_its_glyph(tmp_path: Path, contours: object) -> None:
    store = database(
        tmp_path / "glyphs.db",
        "CREATE TABLE glyphs (glyph_id, label, contours)",
        glyphs=[(1, "a", json.dumps(SQUARE)), (2, "b", contours), (3, "c", json.dumps(SQUARE))],
    )
    rows = list(store.rows())
    assert [row.label for row in rows] == ["a", "b", "c"]
    assert not rows[2].outline().empty
    if contours is None:
        assert rows[1].outline().empty
    else:
        with pytest.raises(OutlineError):
            rows[1].outline()


FOREIGN_FONTS = "CREATE TABLE fonts (file_hash TEXT PRIMARY KEY, family TEXT, upem INTEGER{more})"


def test_fonts_keyed_by_their_hash(tmp_path: Path) -> None:
    store = database(
        tmp_path / "glyphs.db",
        "CREATE TABLE glyphs (glyph_id INTEGER PRIMARY KEY, f_id TEXT, label TEXT, advance_width INTEGER);"
        + FOREIGN_FONTS.format(more=""),
        fonts=[("aa", "Naskh", 1000), ("bb", "Kufi", 2048)],
        glyphs=[(1, "aa", "beh_init", 500), (2, "bb", "beh_init", 600), (3, "gone", "beh_init", 600)],
    )
    assert [(row.family, row.upem, row.advance) for row in store.rows()] == [
        ("Naskh", 1000, 500),
        ("Kufi", 2048, 600),
        (None, None, 600),
    ]
    assert store.has_geometry


def test_splits_of_the_fonts_table_hold_for_its_glyphs(tmp_path: Path) -> None:
    store = database(
        tmp_path / "glyphs.db",
        "CREATE TABLE glyphs (glyph_id INTEGER PRIMARY KEY, f_id TEXT, label TEXT);"
        + FOREIGN_FONTS.format(more=", split TEXT"),
        fonts=[("aa", "Naskh", 1000, "test"), ("bb", "Kufi", 1000, "val")],
        glyphs=[(1, "aa", "x"), (2, "bb", "x"), (3, "aa", "x")],
    )
    assert store.has_splits
    assert store.labels().split.tolist() == ["test", "val", "test"]


@pytest.mark.parametrize("fonts", [True, False], ids=["with fonts", "without"])
def test_missing_splits_never_divide_a_font(tmp_path: Path, fonts: bool) -> None:
    """Fonts are numbered from 0 here, as a data frame's index is."""
    glyphs = [(i, i % 40, "beh_init") for i in range(2000)]
    script = "CREATE TABLE glyphs (glyph_id INTEGER PRIMARY KEY, f_id INTEGER, label TEXT);"
    families = [f"Family {i // 2}" for i in range(40)]
    if fonts:
        script += "CREATE TABLE fonts (f_id INTEGER PRIMARY KEY, family TEXT)"
        store = database(tmp_path / "a.db", script, fonts=list(enumerate(families)), glyphs=glyphs)
    else:
        store = database(tmp_path / "a.db", script, glyphs=glyphs)
    assert any("derived by font" in note for note in store.notes)
    rows = list(store.rows())
    by_font = pd.DataFrame([(families[int(row.f_id or 0)] if fonts else row.f_id, row.split) for row in rows])
    assert by_font.groupby(0)[1].nunique().max() == 1
    assert set(by_font[1]) == set(SPLITS)
    assert store.labels().split.tolist() == [row.split for row in rows], "the same whichever way it is asked"


def test_derived_splits_are_80_10_10_and_stay(tmp_path: Path) -> None:
    splits = pd.Series([derived_split(f"Family {i}") for i in range(5000)])
    shares = splits.value_counts(normalize=True)
    assert shares["train"] == pytest.approx(0.8, abs=0.02)
    assert shares["val"] == pytest.approx(0.1, abs=0.02)
    names = ("Amiri", "Lato", "Family 3", "Arvo", 7)
    assert [derived_split(name) for name in names] == ["val", "train", "test", "train", "train"]


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


def test_a_foreign_meta_table_is_not_ours(tmp_path: Path) -> None:
    script = "CREATE TABLE glyphs (glyph_id, label); CREATE TABLE meta (key TEXT, value TEXT)"
    assert database(tmp_path / "a.db", script, meta=[("made by", "somebody")]).meta == {}
    other = "CREATE TABLE glyphs (glyph_id, label); CREATE TABLE meta (name TEXT)"
    assert database(tmp_path / "b.db", other, meta=[("somebody",)]).meta == {}


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


@pytest.mark.parametrize(
    "ids", [(5, 5, 6), ("a", "b", "c"), (1, None, 2), (1, 2.5, 3)], ids=["repeated", "text", "missing", "fraction"]
)
def test_ids_that_do_not_tell_rows_apart_give_way_to_row_numbers(tmp_path: Path, ids: tuple) -> None:
    rows = [(each, f"l{n}") for n, each in enumerate(ids)]
    store = database(tmp_path / "a.db", "CREATE TABLE glyphs (glyph_id, label)", glyphs=rows)
    assert store.key == "rowid"
    assert [(row.glyph_id, row.label) for row in store.rows()] == [(1, "l0"), (2, "l1"), (3, "l2")]
    assert [row.label for row in store.glyphs([3, 1])] == ["l2", "l0"]
    assert any("numbered by their row" in note for note in store.notes)


@pytest.mark.parametrize("key", ["f_id", "file_hash", "id", "rowid"])
def test_fonts_are_found_by_whatever_f_id_means(tmp_path: Path, key: str) -> None:
    columns = {"f_id": "f_id INTEGER, file_hash TEXT", "id": "file_hash TEXT, id INTEGER"}
    store = database(
        tmp_path / "a.db",
        f"CREATE TABLE glyphs (glyph_id INTEGER PRIMARY KEY, f_id, label);"
        f"CREATE TABLE fonts ({columns.get(key, 'file_hash TEXT, style TEXT')}, upem INTEGER)",
        fonts=[(7, "aa", 1000), (9, "bb", 2048)] if key == "f_id" else [("aa", 7, 1000), ("bb", 9, 2048)],
        glyphs=[(1, {"file_hash": "bb", "rowid": 2}.get(key, 9), "a")],
    )
    assert next(store.rows()).upem == 2048
    assert store.font_hashes()[str(next(store.rows()).f_id)] == "bb"


def test_fonts_that_f_id_does_not_point_to_are_not_there(tmp_path: Path) -> None:
    store = database(
        tmp_path / "a.db",
        "CREATE TABLE glyphs (glyph_id INTEGER PRIMARY KEY, f_id, label); CREATE TABLE fonts (file_hash, upem)",
        fonts=[("aa", 1000)],
        glyphs=[(1, "zz", "a")],
    )
    assert next(store.rows()).upem is None
    assert any("No font is found by f_id" in note for note in store.notes)
