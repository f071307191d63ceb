"""``glyphcore db check`` finds every inserted fault, names it, and reports it by its exit code."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from drawn import bar
from PIL import Image

from glyphcore import cli
from glyphcore.config import CheckConfig
from glyphcore.data.health import NOTES, WRONG, Finding
from glyphcore.data.splits import TELLING_POINTS
from glyphcore.jobs import db_check


def star(seed: int, points: int = TELLING_POINTS) -> list:
    """Return an outline with enough points to be unique."""
    radius = np.random.default_rng(seed).uniform(200, 400, points)
    turn = np.linspace(0, 2 * np.pi, points, endpoint=False)
    corners = np.rint(np.stack([500 + radius * np.cos(turn), 400 + radius * np.sin(turn)], 1)).tolist()
    return [["moveTo", [corners[0]]], *(["lineTo", [corner]] for corner in corners[1:]), ["closePath", []]]


def database(path: Path, rows: list[tuple], fonts: list[tuple] | None = None) -> Path:
    """Write a database. ``rows``: id, font, label, contours. ``fonts``: id, family, split."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE glyphs (id INTEGER PRIMARY KEY, f_id INTEGER, label TEXT, contours TEXT)")
        connection.executemany("INSERT INTO glyphs VALUES (?, ?, ?, ?)",
                               [(i, f, label, each if isinstance(each, str | None) else json.dumps(each))
                                for i, f, label, each in rows])  # fmt: skip
        if fonts:
            connection.execute("CREATE TABLE fonts (f_id INTEGER PRIMARY KEY, family TEXT, split TEXT, upem INTEGER)")
            connection.executemany("INSERT INTO fonts VALUES (?, ?, ?, 1000)", fonts)
    return path


FONTS = [(1, "One", "train"), (2, "Two", "val"), (3, "Three", "test")]
CLEAN = [(i, 1 + i % 3, "beh_isol", star(i)) for i in range(1, 10)]
FLAT, THIN = bar(100, 0), [*bar(100, 50), ["moveTo", [0, 0]], ["lineTo", [5, 5]], ["closePath", []]]
FAULTS: dict[str, tuple[list[tuple], list[tuple]]] = {
    "orphan": ([(20, 9, "beh_isol", star(20))], FONTS),
    "malformed": ([(20, 1, "beh_isol", "[broken"), (21, 1, "beh_isol", '[["moveTo", [NaN, 1]]]')], FONTS),
    "flat": ([(20, 1, "beh_isol", FLAT)], FONTS),
    "outside": ([(20, 1, "klingon", star(20))], FONTS),
    "leak": ([], [*FONTS[:2], (3, "One", "test")]),
    "copied": ([(20, 2, "beh_isol", star(3))], FONTS),
    "empty": ([(20, 1, "beh_isol", "[]"), (21, 1, "beh_isol", None)], FONTS),
    "dropped": ([(20, 1, "beh_isol", THIN)], FONTS),
    "doubled": ([(20, 1, "latin_small_letter_a", star(3))], FONTS),
    "twin": ([(20, 1, "beh_init", star(3))], FONTS),
    "few": ([(20, 1, "beh_init", star(20))], FONTS),
    "unused": ([], [*FONTS, (4, "Four", "train")]),
}
COUNTS = {"malformed": 2, "copied": 2, "empty": 2, "doubled": 2, "twin": 2}
"""Two faults were inserted, or both sides of a pair count."""


def found(path: Path, **more: Path) -> dict[str, Finding]:
    return {each.kind: each for each in db_check.run(CheckConfig(path, **more)).findings if each.count}


def test_nothing_is_wrong_with_a_clean_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = database(tmp_path / "a.db", CLEAN, FONTS)
    assert found(path) == {}
    assert cli.main(["db", "check", "-q", str(path)]) == 0
    assert "9 glyphs, 1 labels, 3 fonts" in capsys.readouterr().out


@pytest.mark.parametrize("kind", FAULTS)
def test_every_fault_is_found_and_named(tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows, fonts = FAULTS[kind]
    path = database(tmp_path / "a.db", [*CLEAN, *rows], fonts)
    its = found(path)[kind]
    assert its.count == COUNTS.get(kind, 1)
    assert len(its.examples) == its.count
    wrong = kind in WRONG
    assert cli.main(["db", "check", "-q", str(path), "--json"]) == int(wrong)
    said = json.loads(capsys.readouterr().out)
    assert said["wrong"] is wrong
    (entry,) = [each for each in said["findings"] if each["kind"] == kind]
    assert (entry["count"], entry["examples"]) == (its.count, its.examples)


def test_every_kind_is_tested() -> None:
    assert {*FAULTS, "raster"} == {*WRONG, *NOTES}


def test_rasters_of_another_size_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("glyphcore.config.CACHE", tmp_path / "cache")
    for name, size in (("1", 128), ("2", 64), ("4", 128)):
        Image.fromarray(np.eye(size, dtype=np.uint8) * 255).save(tmp_path / f"{name}.png")
    (tmp_path / "4.png").write_bytes(b"no picture")
    (tmp_path / "list.csv").write_text("glyph_id,label\n1,beh_isol\n2,beh_isol\n3,beh_isol\n4,beh_isol\n")
    its = found(tmp_path / "list.csv")["raster"]
    assert its.count == 3
    assert [example.split()[0] for example in its.examples] == ["2.png", "3.png", "4.png"]
    assert "64×64" in its.examples[0]
    assert cli.main(["db", "check", "-q", str(tmp_path / "list.csv")]) == 1
    assert "✗ wrong | 3" in capsys.readouterr().out


def test_what_cannot_be_looked_for_is_not_claimed(tmp_path: Path) -> None:
    """Without fonts and splits the report does not mention orphans and leaks."""
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE glyphs (glyph_id INTEGER, label TEXT)")
        connection.execute("INSERT INTO glyphs VALUES (1, 'beh_isol')")
    health = db_check.run(CheckConfig(path))
    assert {each.kind for each in health.findings} == {"outside", "few"}
    assert len(health.notes) == 4
