"""The shipped part of a database: only redistributable fonts, all of val and test, every label, within a size."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_fonts import LABELS

from glyphcore.config import SubsetConfig
from glyphcore.data.store import GlyphRow, GlyphStore
from glyphcore.errors import StoreError
from glyphcore.jobs import db_subset

COPIES = ("Tiny Sans", "Tiny Copy")
"""Two families that share outlines, both in train."""


def full(tiny_db: Path, folder: Path, **licences: str) -> SubsetConfig:
    """Make a full database, and the settings of its part; ``licences`` by the last word of the family's name."""
    shutil.copy(tiny_db, folder / "full.db")
    with closing(sqlite3.connect(folder / "full.db")) as connection:
        connection.execute("UPDATE fonts SET package='@tiny/' || lower(substr(family, 6)), version=f_id || '.0.1'")
        for name, licence in licences.items():
            connection.execute("UPDATE fonts SET licence=? WHERE family=?", (licence, f"Tiny {name}"))
        connection.commit()
    return SubsetConfig(folder / "full.db", folder / "out" / "glyphs.db", folder / "out" / "ATTRIBUTION.md")


def rows(path: Path) -> list[GlyphRow]:
    return list(GlyphStore(path).rows())


def test_all_of_it_where_all_of_it_may_be_handed_on(tiny_db: Path, tmp_path: Path) -> None:
    config = full(tiny_db, tmp_path)
    counts = db_subset.run(config)
    whole, part = rows(config.db), rows(config.out)
    assert part == whole
    assert counts == {split: sum(row.split == split for row in whole) for split in ("train", "val", "test")}


@pytest.mark.parametrize("bound", COPIES)
@pytest.mark.parametrize("licence", ["GPL-2", "GPL-3 with font exception", "LGPL-2.1", "AGPL-3.0", "proprietary", ""])
def test_a_bound_family_holds_back_those_that_share_its_outlines(
    tiny_db: Path, tmp_path: Path, bound: str, licence: str
) -> None:
    config = full(tiny_db, tmp_path, **{bound.removeprefix("Tiny "): licence})
    db_subset.run(config)
    assert rows(config.out) == [row for row in rows(config.db) if row.family not in COPIES]
    assert not set(GlyphStore(config.out).fonts().family) & set(COPIES), "nor do they leave a name behind"
    assert not any(family in config.attribution.read_text() for family in COPIES)


def test_one_bound_font_holds_back_its_family(tiny_db: Path, tmp_path: Path) -> None:
    config = full(tiny_db, tmp_path)
    with closing(sqlite3.connect(config.db)) as connection:
        connection.execute("UPDATE fonts SET licence='GPL-2' WHERE family='Tiny Sans' AND style='Bold'")
        connection.commit()
    db_subset.run(config)
    assert not {row.family for row in rows(config.out)} & set(COPIES)


def test_the_part_is_a_database_of_its_own(tiny_db: Path, tmp_path: Path) -> None:
    config = full(tiny_db, tmp_path, Sans="GPL-2")
    db_subset.run(config)
    store, whole = GlyphStore(config.out), GlyphStore(config.db)
    assert store.notes == []
    assert store.meta == {**whole.meta, "part_of": whole.fingerprint}
    fonts = whole.fonts()
    expected = fonts[~fonts.family.isin(COPIES)].reset_index(drop=True)
    assert store.fonts().to_dict("records") == expected.to_dict("records")
    with closing(sqlite3.connect(config.out)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_label_that_only_bound_or_held_out_families_have_stops_it(tiny_db: Path, tmp_path: Path) -> None:
    config = full(tiny_db, tmp_path, Serif="GPL-2", Sans="GPL-2")  # the full stops of both sizes of em
    with pytest.raises(
        StoreError, match=r"labels would be missing from train \(first: full_stop\); nothing was written"
    ):
        db_subset.run(config)
    assert not config.out.parent.exists()
    config = full(tiny_db, tmp_path)
    with closing(sqlite3.connect(config.db)) as connection:
        connection.execute("UPDATE glyphs SET label='only_val' WHERE glyph_id=(SELECT max(glyph_id) FROM glyphs "
                           "WHERE split='val')")  # fmt: skip
        connection.commit()
    with pytest.raises(StoreError, match=r"1 labels would be missing from train \(first: only_val\)"):
        db_subset.run(config)
    assert not config.out.parent.exists()


def test_a_part_that_comes_out_too_large_leaves_what_was_there(tiny_db: Path, tmp_path: Path) -> None:
    """There are so few glyphs that a database's empty pages outweigh them."""
    config = replace(full(tiny_db, tmp_path), megabytes=0.1)
    config.out.parent.mkdir()
    config.out.write_text("the last one")
    config.attribution.write_text("its list")
    with pytest.raises(StoreError, match=r"glyphs\.db came out at 0\.1 MB, more than 0\.1; nothing was written"):
        db_subset.run(config)
    assert config.out.read_text() == "the last one"
    assert config.attribution.read_text() == "its list"
    assert set(config.out.parent.iterdir()) == {config.out, config.attribution}


def test_train_families_ship_whole_as_far_as_the_size_allows(tiny_db: Path, tmp_path: Path) -> None:
    config = full(tiny_db, tmp_path)
    with closing(sqlite3.connect(config.db)) as connection:  # outlines as large as those of thousands of glyphs
        connection.execute("UPDATE glyphs SET contours=zeroblob(25500)")
        naskh = "f_id=(SELECT f_id FROM fonts WHERE family='Tiny Naskh')"  # the largest, and alone with a label
        connection.execute(f"UPDATE glyphs SET contours=zeroblob(50000) WHERE {naskh}")
        connection.execute(f"UPDATE glyphs SET label='rare' WHERE {naskh} AND label='shadda_diacritic'")
        connection.commit()
    whole = rows(config.db)
    shipped = []
    for megabytes in (5.0, 6.0, 8.0, 10.0):
        counts = db_subset.run(replace(config, megabytes=megabytes))
        part = rows(config.out)
        families = {row.family for row in part}
        assert config.out.stat().st_size <= 1e6 * megabytes
        assert part == [row for row in whole if row.family in families]
        assert [row for row in part if row.split != "train"] == [row for row in whole if row.split != "train"]
        assert {row.label for row in part if row.split == "train"} == {*LABELS, "rare"}
        assert sum(counts.values()) == len(part)
        shipped.append(len(families))
    assert shipped == sorted(set(shipped)), "more room, more families"
    assert len(part) == len(whole)
    with pytest.raises(StoreError, match="would be missing from train"):
        db_subset.run(replace(config, megabytes=3))
    assert rows(config.out) == whole


def test_every_family_that_ships_is_attributed_and_no_other(tiny_db: Path, tmp_path: Path) -> None:
    config = full(tiny_db, tmp_path, Sans="GPL-2", Web="MIT", Kufi="LPPL-1.3c or OFL-1.1")
    db_subset.run(config)
    text = config.attribution.read_text(encoding="utf-8")
    listed = [line.split(" | ") for line in text.splitlines() if line.startswith("| Tiny")]
    fonts = GlyphStore(config.out).fonts()
    assert [(cells[0][2:], cells[1], cells[2].split()[-1], cells[3]) for cells in listed] == [
        (font.family, font.licence, font.package, font.version) for font in fonts.sort_values("family").itertuples()
    ]
    assert listed[0][4] == "Regular |"


def test_styles_of_a_family_are_listed_by_weight_and_once(tiny_db: Path, tmp_path: Path) -> None:
    config = full(tiny_db, tmp_path)
    db_subset.run(config)
    (line,) = (line for line in config.attribution.read_text().splitlines() if "Tiny Sans" in line)
    assert line.endswith("| Regular, Bold |")


def test_a_database_that_does_not_know_its_licences_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE TABLE glyphs (glyph_id INTEGER, label TEXT)")
    with pytest.raises(StoreError, match="does not say under which licences"):
        db_subset.run(SubsetConfig(tmp_path / "a.db", tmp_path / "out.db", tmp_path / "out.md"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.db"]
