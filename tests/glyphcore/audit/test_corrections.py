"""Characters that people have confirmed for a glyph: parsed, kept after restarts and other damage, exported as CSV."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from interruption import cut_off

from glyphcore.audit.corrections import Correction, CorrectionStore, parse, read_csv, to_csv
from glyphcore.cli import main
from glyphcore.data.labels import LabelMap
from glyphcore.errors import GlyphError, StoreError


@pytest.mark.parametrize(
    ("said", "text", "label"),
    [
        ("ب", "ب", "beh_isol"),
        ("beh_init", "ب", "beh_init"),
        (" beh init ", "ب", "beh_init"),
        ("U+0628", "ب", "beh_isol"),
        ("u+628", "ب", "beh_isol"),
        ("0628", "ب", "beh_isol"),
        ("0x628", "ب", "beh_isol"),
        ("uni0628", "ب", "beh_isol"),
        ("U+0644+U+0627", "لا", "lam_alef_isol"),
        ("U+0644 U+0627", "لا", "lam_alef_isol"),
        ("e\u0301", "e\u0301", "latin_small_letter_e_acute"),
        ("\u25cc\u064e", "\u064e", "fatha_diacritic"),
        ("ـَ", "\u064e", "fatha_diacritic"),
        ("中", "中", ""),
        ("7", "7", "digit_seven"),
        ("+", "+", "plus_sign"),
        ("ffi", "ffi", ""),
    ],
)
def test_a_character_a_code_point_or_a_label(labels: LabelMap, said: str, text: str, label: str) -> None:
    assert parse(said, labels) == Correction(text, label)


def test_candidates_tell_the_forms_of_a_character_apart(labels: LabelMap) -> None:
    assert parse("ب", labels, [labels.index["teh_medi"], labels.index["beh_medi"]]).label == "beh_medi"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("beh_innit", "Did you mean beh_init"),
        ("", "is not a character"),
        ("\x07", "U\\+0007"),
        ("U+D800", "U\\+D800"),
        ("U+110000", "beyond the last"),
        ("U+ZZZZ", "is not a code point"),
        ("0644 U+06ZZ", "is not a code point"),
        ("U+0628 x", "is not a code point"),
        ("ب" * 17, "is not a character"),
    ],
)
def test_what_means_nothing_is_one_line(labels: LabelMap, said: str, words: str) -> None:
    with pytest.raises(GlyphError, match=words):
        parse(said, labels)


def test_the_last_word_counts_and_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "new" / "confirmed.db"
    assert CorrectionStore(path).of("font") == {}
    CorrectionStore(path).add("font", {3: Correction("a", "x"), 4: Correction("b")})
    CorrectionStore(path).add("font", {3: Correction("c"), 4: None, 5: None})
    CorrectionStore(path).add("other", {3: Correction("d")})
    assert CorrectionStore(path).of("font") == {3: Correction("c")}
    assert CorrectionStore(path).of("other") == {3: Correction("d")}


def test_a_write_cut_off_by_a_kill_is_undone(tmp_path: Path) -> None:
    store = CorrectionStore(tmp_path / "confirmed.db")
    said = {glyph: Correction("a" * 100) for glyph in range(40)}
    store.add("font", said)
    cut_off(store.path, "said")
    assert store.of("font") == said


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    store = CorrectionStore(tmp_path / "confirmed.db")
    threads = [
        threading.Thread(target=lambda k=k: [store.add("font", {10 * k + i: Correction(str(i))}) for i in range(10)])
        for k in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.of("font")) == 40


def test_a_damaged_store_is_one_line_and_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "confirmed.db"
    path.write_bytes(b"not a database, but somebody's work perhaps")
    for call in (lambda: CorrectionStore(path).of("x"), lambda: CorrectionStore(path).add("x", {1: Correction("a")})):
        with pytest.raises(StoreError, match=r"confirmed\.db cannot be"):
            call()
    assert path.read_bytes().startswith(b"not a database")


def test_a_store_that_is_just_being_made_holds_nothing(tmp_path: Path) -> None:
    """Another process creates the file first, and the table a moment later."""
    store = CorrectionStore(tmp_path / "c.db")
    store.path.touch()
    assert store.of("a" * 64) == {}
    with closing(sqlite3.connect(store.path)) as connection:
        connection.executescript("CREATE TABLE x (y); DROP TABLE x;")
        assert store.of("a" * 64) == {}
        connection.execute("CREATE TABLE x (y)")
    with pytest.raises(StoreError, match="no such table"):
        store.of("a" * 64)


def test_csv_goes_there_and_back(tmp_path: Path, labels: LabelMap) -> None:
    said = {7: Correction("ب", "beh_medi"), 2: Correction("="), 3: Correction("لا"), 9: Correction("中")}
    path = tmp_path / "said.csv"
    path.write_text(to_csv(said), encoding="utf-8")
    found = read_csv(path, labels)
    assert {glyph: each.text for glyph, each in found.items()} == {glyph: each.text for glyph, each in said.items()}
    assert found[7].label == "beh_medi"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b\n1,2\n", "needs the columns"),
        ("glyph_id,label\n1,beh_init\nx,beh_init\n", "line 3: 'x' is not a glyph index"),
        ("glyph_id,label\n1,beh_innit\n", "line 2: No label"),
        ("glyph_id,text\n1,\n", "line 2: '' is not a character"),
    ],
)
def test_a_bad_table_names_the_line(tmp_path: Path, labels: LabelMap, content: str, words: str) -> None:
    path = tmp_path / "said.csv"
    path.write_text(content)
    with pytest.raises(GlyphError, match=words):
        read_csv(path, labels)
    with pytest.raises(GlyphError, match="cannot be read"):
        read_csv(tmp_path / "gone.csv", labels)


@pytest.mark.parametrize("command", ["infer", "audit"])
def test_corrections_of_glyphs_that_a_font_lacks_are_named(
    font_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    (tmp_path / "mine.csv").write_text("glyph_id,text\n3,b\n99999,b\n")
    words = [
        command,
        str(next(font_folder.rglob("*.ttf"))),
        "--out",
        str(tmp_path / "o"),
        "--confirmed",
        str(tmp_path / "mine.csv"),
    ]
    assert main(words) == 0
    assert "1 correction ignored: the font has no glyph 99999" in capsys.readouterr().err
