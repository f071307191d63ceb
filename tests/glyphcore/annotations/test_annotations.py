"""Tags, notes and views: kept in rebuilt databases, written by several processes, exported as CSV and imported."""

from __future__ import annotations

import csv
import io
import sqlite3
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import pytest
from app_fixtures import tiny_database

from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.exchange import corrections, from_csv, said, to_csv
from glyphcore.annotations.store import Annotation, Annotations, Change
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.files import harmless, plain


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> GlyphStore:
    return GlyphStore(tiny_database(tmp_path_factory.mktemp("annotations") / "glyphs.db"))


@pytest.fixture
def annotated(tmp_path: Path, database: GlyphStore) -> Annotated:
    return Annotated(Annotations(tmp_path / "annotations.db"), database.fingerprint, database)


def rebuilt(database: GlyphStore, path: Path, shift: int = 1000) -> GlyphStore:
    """Return the same glyphs under other ids, in a file with another fingerprint."""
    path.write_bytes(database.path.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE glyphs SET glyph_id = glyph_id + ?", (shift,))
        connection.commit()
    return GlyphStore(path)


def test_nothing_is_made_by_looking(annotated: Annotated) -> None:
    assert annotated.of_glyphs() == {}
    assert annotated.annotations.views() == {}
    assert not annotated.annotations.path.exists()


def test_tags_and_notes_come_and_go(annotated: Annotated) -> None:
    annotated.change([Change((3, 5), tag="mislabelled"), Change((5,), tag=" thin   stem "), Change((5,), note=" hm\r")])
    assert annotated.of_glyphs() == {3: Annotation(("mislabelled",)), 5: Annotation(("mislabelled", "thin stem"), "hm")}
    assert annotated.of_glyphs([3, 4]) == {3: Annotation(("mislabelled",))}
    assert annotated.annotations.counts() == {"mislabelled": 2, "thin stem": 1}
    annotated.change([Change((3,), tag="mislabelled", on=False), Change((5,), note="")])
    assert annotated.of_glyphs() == {5: Annotation(("mislabelled", "thin stem"))}


@pytest.mark.parametrize("tag", ["  ", "a;b", "x" * 41, "a\x00b"])
def test_a_tag_that_is_none_is_refused(tag: str) -> None:
    with pytest.raises(StoreError):
        Change((1,), tag=tag or " ")


def test_annotations_outlive_a_rebuilt_database(annotated: Annotated, database: GlyphStore, tmp_path: Path) -> None:
    annotated.change([Change((3, 7), tag="ambiguous"), Change((7,), note="see 8")])
    other = rebuilt(database, tmp_path / "rebuilt.db")
    again = Annotated(annotated.annotations, other.fingerprint, other)
    expected = {1003: Annotation(("ambiguous",)), 1007: Annotation(("ambiguous",), "see 8")}
    assert again.of_glyphs() == expected
    again.change([Change((1003,), tag="ambiguous", on=False)])
    assert annotated.of_glyphs() == {7: Annotation(("ambiguous",), "see 8")}
    annotated.change([Change((9,), tag="late")])
    assert again.of_glyphs([1009]) == {1009: Annotation(("late",))}


def test_another_label_is_another_judgement(annotated: Annotated, database: GlyphStore, tmp_path: Path) -> None:
    annotated.change([Change((3, 7), tag="mislabelled")])
    other = rebuilt(database, tmp_path / "corrected.db")
    with closing(sqlite3.connect(other.path)) as connection:
        connection.execute("UPDATE glyphs SET label = 'beh_init' WHERE glyph_id = 1003")
        connection.commit()
    again = Annotated(annotated.annotations, "corrected", other)
    assert set(again.of_glyphs()) == {1007}
    assert len(annotated.annotations.all()) == 2


def test_without_font_hashes_the_dataset_is_the_key(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE glyphs (glyph_id INTEGER PRIMARY KEY, label TEXT)")
        connection.executemany("INSERT INTO glyphs VALUES (?, 'a')", [(1,), (2,)])
        connection.commit()
    database = GlyphStore(path)
    annotations = Annotations(tmp_path / "annotations.db")
    Annotated(annotations, database.fingerprint, database).change([Change((2,), tag="odd")])
    assert Annotated(annotations, database.fingerprint, None).of_glyphs() == {2: Annotation(("odd",))}
    assert Annotated(annotations, "another", database).of_glyphs() == {}


def test_changes_are_made_all_or_none(annotated: Annotated, monkeypatch: pytest.MonkeyPatch) -> None:
    annotated.change([Change((1,), tag="kept")])

    def broken(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(Annotations, "_place", staticmethod(broken))
    with pytest.raises(StoreError, match="disk I/O error"):
        annotated.change([Change((1,), tag="lost"), Change((2,), tag="lost")])
    assert annotated.annotations.counts() == {"kept": 1}


def _tag_many(path: Path, writer: int) -> None:
    annotated = Annotated(Annotations(path), "shared", None)
    for i in range(20):
        annotated.change([Change((i, 1000 + i), tag=f"writer {writer}")])
        annotated.of_glyphs([i])


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_ten_writers_lose_nothing(pool: type, tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    options = {"mp_context": get_context("spawn")} if pool is ProcessPoolExecutor else {}
    with pool(10, **options) as writers:
        list(writers.map(_tag_many, [path] * 10, range(10)))
    marks = Annotated(Annotations(path), "shared", None).of_glyphs()
    everyone = tuple(f"writer {i}" for i in range(10))
    assert marks == {glyph: Annotation(everyone) for i in range(20) for glyph in (i, 1000 + i)}


def test_a_new_file_waits_for_one_that_writes_to_it(annotated: Annotated) -> None:
    with closing(sqlite3.connect(annotated.annotations.path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        later = threading.Timer(0.3, other.rollback)
        later.start()
        annotated.change([Change((3,), tag="kept")])
        later.join()
    assert annotated.of_glyphs() == {3: Annotation(("kept",))}


def test_views_are_saved_under_names(annotated: Annotated) -> None:
    annotations = annotated.annotations
    annotations.save_view("  marks  ", "char_class=diacritic")
    annotations.save_view("all", "split=all")
    annotations.save_view("marks", "char_class=diacritic&sort=sure")
    assert annotations.views() == {"all": "split=all", "marks": "char_class=diacritic&sort=sure"}
    annotations.drop_view("all")
    assert list(annotations.views()) == ["marks"]
    with pytest.raises(StoreError):
        annotations.save_view(" ", "x")


def test_csv_goes_there_and_back(annotated: Annotated, database: GlyphStore, tmp_path: Path) -> None:
    notes = {1: "=1+1", 2: "'=quoted", 3: '\'tis, "so"', 4: "two\nlines", 5: "-", 6: "\u0628\u064e"}
    annotated.change([Change((glyph,), note=note) for glyph, note in notes.items()])
    annotated.change([Change((1, 2), tag="ambiguous"), Change((1,), tag="@home")])
    text = to_csv(annotated)
    cells = [cell for line in csv.reader(io.StringIO(text.removeprefix("\ufeff"))) for cell in line]
    assert not [cell for cell in cells if len(cell) > 1 and cell.startswith(("=", "+", "-", "@"))]
    assert "Amiri" in cells
    fresh = Annotated(Annotations(tmp_path / "other.db"), database.fingerprint, database)
    done = from_csv(text, fresh)
    assert (done.glyphs, done.unfit) == (6, ())
    assert fresh.of_glyphs() == annotated.of_glyphs()
    assert from_csv(text, fresh).glyphs == 6
    assert fresh.of_glyphs() == annotated.of_glyphs()


@pytest.mark.parametrize("text", ["=a", "'=a", "''=a", "'a", "a", "", "'", "\t", "'\t", "--"])
def test_what_is_neutralised_comes_back(text: str) -> None:
    assert plain(str(harmless(text))) == text
    assert len(text) == 1 or not str(harmless(text)).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_one_sign_is_no_formula() -> None:
    assert [harmless(sign) for sign in "-+=@"] == [*"-+=@"]
    assert plain("'-") == "-", "as it was written before"


def test_lines_that_fit_nothing_are_named_and_left_out(annotated: Annotated) -> None:
    annotated.change([Change((4,), tag="ambiguous")])
    head, line = to_csv(annotated).splitlines()
    strange = line.replace(line.split(",")[0], "0" * 64)
    done = from_csv("\n".join([head, strange, line, strange]), annotated)
    assert (done.glyphs, done.unfit) == (1, (2, 4))
    assert annotated.annotations.counts() == {"ambiguous": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column font"),
        ("font,label,tags,note\n", "no column glyph_index"),
        ("font,glyph_index,label,tags,note\nh,1,a,t\n", "Line 2"),
        ("font,glyph_index,label,tags,note\nh,one,a,t,\n", "Line 2"),
        ("font,glyph_index,label,tags,note\n{key},good,\nh,1,a," + "x" * 41 + ",\n", "Line 3"),
        ('font,glyph_index,label,tags,note\n{key},good,"open\n', "cannot be read"),
    ],
)
def test_a_malformed_file_changes_nothing(annotated: Annotated, text: str, said: str) -> None:
    key = ",".join(map(str, annotated.keys([1])[1]))
    with pytest.raises(StoreError, match=said):
        from_csv(text.replace("{key}", key), annotated)
    assert annotated.of_glyphs() == {}


def test_a_file_that_is_something_else_is_refused(tmp_path: Path, database: GlyphStore) -> None:
    rubbish = tmp_path / "rubbish.db"
    rubbish.write_text("no database at all " * 100)
    newer = tmp_path / "newer.db"
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("PRAGMA user_version = 99")
    for path in (rubbish, newer, database.path):
        before = path.read_bytes()
        with pytest.raises(StoreError):
            Annotations(path).save_view("a", "b")
        assert path.read_bytes() == before


def test_a_label_is_corrected_and_the_correction_taken_back(annotated: Annotated) -> None:
    annotated.change([Change((3, 5), correction=" beh_init "), Change((5,), tag="mislabelled")])
    assert annotated.of_glyphs() == {
        3: Annotation(correction="beh_init"),
        5: Annotation(("mislabelled",), correction="beh_init"),
    }
    assert annotated.tagged()["corrected"].tolist() == [3, 5]
    annotated.change([Change((5,), correction="teh_init"), Change((3,), correction="")])
    assert annotated.of_glyphs() == {5: Annotation(("mislabelled",), correction="teh_init")}


@pytest.mark.parametrize("label", ["x" * 121, "a\nb"])
def test_a_label_that_is_none_is_refused(label: str) -> None:
    with pytest.raises(StoreError, match="is not a label"):
        Change((1,), correction=label)


def test_a_tag_may_not_be_called_like_what_has_another_label() -> None:
    with pytest.raises(StoreError, match="is not a valid tag"):
        Change((1,), tag="corrected")


def test_corrections_go_by_csv_there_and_back_and_are_named_in_words(
    annotated: Annotated, database: GlyphStore, tmp_path: Path
) -> None:
    annotated.change([Change((1,), correction="beh_init"), Change((2,), tag="ambiguous")])
    text = to_csv(annotated)
    fresh = Annotated(Annotations(tmp_path / "other.db"), database.fingerprint, database)
    assert from_csv(text, fresh).glyphs == 2
    assert fresh.of_glyphs() == annotated.of_glyphs()
    assert said(fresh.of_glyphs().values()) == "2 glyphs: 1 tagged, 1 corrected"
    assert corrections(text, {"beh_init"}) == {annotated.keys([1])[1]: "beh_init"}
    with pytest.raises(StoreError, match="no label 'beh_init'"):
        corrections(text, {"teh_init"})


def test_a_csv_of_before_is_taken_without_corrections(annotated: Annotated) -> None:
    annotated.change([Change((4,), tag="ambiguous")])
    rows = [line.rsplit(",", 4)[0] for line in to_csv(annotated).splitlines()]
    assert rows[0].endswith("tags,note")
    assert from_csv("\n".join(rows), annotated).glyphs == 1


def test_a_file_of_format_1_keeps_what_it_has_and_takes_corrections(annotated: Annotated) -> None:
    annotated.change([Change((4,), tag="ambiguous")])
    with closing(sqlite3.connect(annotated.annotations.path)) as connection:
        connection.executescript("DROP TABLE corrections; PRAGMA user_version = 1;")
    assert annotated.of_glyphs() == {4: Annotation(("ambiguous",))}
    annotated.change([Change((4,), correction="beh_init")])
    assert annotated.of_glyphs() == {4: Annotation(("ambiguous",), correction="beh_init")}
