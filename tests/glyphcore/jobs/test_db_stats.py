from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tiny_fonts import DESIGNS, DROPPED, LABELS, LICENCE

from glyphcore.config import StatsConfig
from glyphcore.data.labels import LabelMap
from glyphcore.data.store import SPLITS, GlyphRow, GlyphStore
from glyphcore.jobs import db_stats

Tables = dict[str, dict[str, dict[str, int]]]


def tables(text: str) -> Tables:
    """Parse Markdown tables, by the head of their first column: row → column → number."""
    found: Tables = {}
    for block in text.split("\n\n"):
        if block.startswith("|"):
            head, _, *lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
            found[head[0]] = {
                name: dict(zip(head[1:], (int(cell.replace(",", "")) for cell in cells), strict=True))
                for name, *cells in lines
            }
    return found


@pytest.fixture(scope="module")
def rows(tiny_db: Path) -> list[GlyphRow]:
    return list(GlyphStore(tiny_db).rows(contours=False))


@pytest.fixture(scope="module")
def text(tiny_db: Path) -> str:
    return db_stats.run(StatsConfig(tiny_db))


def test_the_first_line_counts_everything(text: str, rows: list[GlyphRow]) -> None:
    families = len({design.family for design in DESIGNS})
    expected = f"{len(rows)} glyphs, {len(LABELS)} labels, {families} families, {len(DESIGNS)} font files."
    assert text.splitlines()[0] == expected


def test_splits(text: str, rows: list[GlyphRow]) -> None:
    def distinct(split: str, value: Callable[[GlyphRow], object]) -> int:
        return len({value(row) for row in rows if row.split == split})

    assert tables(text)["split"] == {
        split: {
            "families": distinct(split, lambda row: row.family),
            "fonts": distinct(split, lambda row: row.f_id),
            "glyphs": distinct(split, lambda row: row.glyph_id),
            "labels": distinct(split, lambda row: row.label),
        }
        for split in SPLITS
    }
    assert list(tables(text)["split"]) == list(SPLITS)


def test_classes(text: str, rows: list[GlyphRow], labels: LabelMap) -> None:
    counted = tables(text)["class"]
    assert set(counted) == {labels.char_class[labels.index[label]] for label in LABELS}
    for name, numbers in counted.items():
        mine = [row for row in rows if labels.char_class[labels.index[row.label]] == name]
        assert numbers["labels"] == len({row.label for row in mine})
        for split in SPLITS:
            there = [row.label for row in mine if row.split == split]
            assert (numbers[split], numbers[f"labels in {split}"]) == (len(there), len(set(there)))


def test_candidates_that_became_no_row(text: str, tiny_db: Path) -> None:
    counted = {reason: numbers["candidates"] for reason, numbers in tables(text)["no row because"].items()}
    assert counted == GlyphStore(tiny_db).meta["dropped"]
    assert counted.keys() > DROPPED.keys()


def test_licences(text: str, rows: list[GlyphRow]) -> None:
    families = len({row.family for row in rows})
    assert tables(text)["licence"] == {LICENCE: {"families": families, "glyphs": len(rows)}}
    assert "Note:" not in text


def test_a_foreign_database_is_counted_as_far_as_it_goes(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE TABLE glyphs (glyph_id INTEGER, label TEXT)")
        stored = [(i, "martian" if i < 5 else "beh_isol") for i in range(1_200)]
        connection.executemany("INSERT INTO glyphs VALUES (?, ?)", stored)
        connection.commit()
    text = db_stats.run(StatsConfig(tmp_path / "a.db"))
    assert text.splitlines()[0] == "1,200 glyphs, 2 labels, 0 families, 0 font files."
    counted = tables(text)
    assert sum(numbers["glyphs"] for numbers in counted["split"].values()) == 1_200
    assert sum(counted["class"]["outside the label set"][split] for split in SPLITS) == 5
    assert counted["licence"] == {"unknown": {"families": 0, "glyphs": 1_200}}
    assert "no row because" not in counted
    assert sum(line.startswith("Note: ") for line in text.splitlines()) == len(GlyphStore(tmp_path / "a.db").notes)


def test_a_database_without_glyphs(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE TABLE glyphs (glyph_id INTEGER, label TEXT)")
    assert db_stats.run(StatsConfig(tmp_path / "a.db")).startswith("0 glyphs, 0 labels, 0 families, 0 font files.")
