"""The reader is tolerant, because most of these databases come from other people."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from foreign import bare, database
from interruption import cut_off

from glyphcore.data.contours import parse
from glyphcore.data.store import SPLITS, GlyphStore, derived_split
from glyphcore.errors import OutlineError, StoreError

SQUARE = [["moveTo", [0, 0]], ["lineTo", [0, 9]], ["lineTo", [9, 9]], ["lineTo", [9, 0]], ["closePath"]]
FOREIGN_FONTS = "CREATE TABLE fonts (file_hash TEXT PRIMARY KEY, family TEXT, upem INTEGER{more})"


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


def test_a_database_whose_writer_was_killed_says_so(tmp_path: Path) -> None:
    path = tmp_path / "glyphs.db"
    bare(path)
    cut_off(path, "glyphs")
    with pytest.raises(StoreError, match=r"was cut off while a program wrote it.*glyphs\.db-journal beside it"):
        GlyphStore(path)


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
    """Fonts are numbered from 0 here, like the index of a data frame."""
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


def test_a_foreign_meta_table_is_not_ours(tmp_path: Path) -> None:
    script = "CREATE TABLE glyphs (glyph_id, label); CREATE TABLE meta (key TEXT, value TEXT)"
    assert database(tmp_path / "a.db", script, meta=[("made by", "somebody")]).meta == {}
    other = "CREATE TABLE glyphs (glyph_id, label); CREATE TABLE meta (name TEXT)"
    assert database(tmp_path / "b.db", other, meta=[("somebody",)]).meta == {}


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
