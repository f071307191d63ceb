"""Databases and folders of other people: evaluated and browsed as they are, with one message about missing data."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from components import headline
from drawn import Said
from PIL import Image
from streamlit.testing.v1 import AppTest

from glyphcore import cli
from glyphcore.config import EvaluateConfig
from glyphcore.data.store import GlyphStore
from glyphcore.data.store.label_list import database_of
from glyphcore.errors import StoreError
from glyphcore.jobs import evaluate
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters
from glyphcore.results.store import list_results

MAIN = str(Path(__file__).resolve().parents[1] / "app" / "main.py")
LABELS = ("beh_isol", "beh_init_shaped", "latin_small_letter_a", "no_such_label", "fatha_diacritic")
SHAPES: dict[str, list] = {
    "lines": [["moveTo", [[0, 0]]], ["lineTo", [[0, 700]]], ["lineTo", [[500, 700]]], ["closePath", []]],
    "flat arguments": [["moveTo", 0, 0], ["lineTo", 0, 700], ["lineTo", 500, 700], ["closePath"]],
    "implied on-curve points": [
        {"type": "moveTo", "points": [[0, 0]]},
        {"type": "qCurveTo", "points": [[0, 600], [300, 800], [600, 600], [600, 0]]},
        {"type": "closePath", "points": []},
    ],
    "no on-curve point at all": [["qCurveTo", [[0, 0], [0, 600], [600, 600], [600, 0], None]], ["closePath", []]],
    "curveTo": [["moveTo", [[0, 0]]], ["curveTo", [[0, 400], [200, 700], [500, 700]]], ["lineTo", [[500, 0]]],
                ["closePath", []]],
    "cubicTo": [["moveTo", [[0, 0]]], ["cubicTo", [[0, 400], [200, 700], [500, 700]]], ["lineTo", [[500, 0]]],
                ["endPath", []]],
}  # fmt: skip
"""All forms of outlines."""
NAMES = list(SHAPES)


def full(folder: Path) -> Path:
    """Write font-local ``glyph_id``, no splits, more columns than are read; 60 glyphs of 3 fonts."""
    path = folder / "theirs.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE fonts (id INTEGER PRIMARY KEY, file_hash TEXT, upem INTEGER, ascent INTEGER, "
                           "descent INTEGER, typo_ascent INTEGER, typo_descent INTEGER)")  # fmt: skip
        connection.execute("CREATE TABLE glyphs (id INTEGER PRIMARY KEY, glyph_id INTEGER, f_id INTEGER, label TEXT, "
                           "contours TEXT, joining_group TEXT, char_class TEXT, advance_width INTEGER, bounds TEXT, "
                           "width INTEGER, height INTEGER, has_contours INTEGER)")  # fmt: skip
        connection.executemany("INSERT INTO fonts VALUES (?, ?, 1000, 800, -200, 750, -250)",
                               [(f, f"{f:064x}") for f in (1, 2, 3)])  # fmt: skip
        connection.executemany("INSERT INTO glyphs VALUES (?, ?, ?, ?, ?, '', 'latin', 600, '[0,0,9,9]', 9, 9, 1)",
                               [(100 + i, i % 20, 1 + i // 20, LABELS[i % 5], json.dumps(SHAPES[NAMES[i % 6]]))
                                for i in range(60)])  # fmt: skip
    return path


def pictures(folder: Path, names: list[str]) -> Path:
    folder.mkdir()
    for i, name in enumerate(names):
        ink = np.zeros((128, 128), bool)
        ink[: 20 + i, : 90 - i] = True
        Image.fromarray(ink).save(folder / name)
    return folder


def bare(folder: Path) -> Path:
    """Write only ``glyph_id`` and ``label``; the key has no index."""
    path = folder / "bare.db"
    pictures(folder / "png", [f"{i}.png" for i in range(60)])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE glyphs (glyph_id INTEGER, label TEXT)")
        order = np.random.default_rng(0).permutation(60).tolist()
        connection.executemany("INSERT INTO glyphs VALUES (?, ?)", [(i, LABELS[i % 5]) for i in order])
    return path


def numbered(folder: Path) -> Path:
    """Write a list of numbers without a heading, beside its rasters."""
    pngs = pictures(folder / "png", [f"{i}.png" for i in range(60)])
    (pngs / "labels.csv").write_text("".join(f"{i},{LABELS[i % 5]}\n" for i in range(60)))
    return pngs / "labels.csv"


def named(folder: Path) -> Path:
    """Write a list of file names in the form that a spreadsheet saves, labels first."""
    pngs = pictures(folder / "png", [f"scan {i} é.png" for i in range(60)])
    rows = "".join(f"{LABELS[i % 5]};scan {i} é.png\r\n" for i in range(60))
    (pngs / "labels.csv").write_text("\ufefflabel;file\r\n" + rows, newline="")
    return pngs / "labels.csv"


KINDS = {"database": full, "two columns": bare, "list of numbers": numbered, "list of files": named}


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glyphcore.config.CACHE", tmp_path / "cache")


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_evaluated_and_browsed(
    kind: str, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, said = KINDS[kind](tmp_path), Said()
    config = EvaluateConfig(tiny_checkpoint, path, tmp_path / "results", tmp_path / "cache",
                            rasters=tmp_path / "png" if kind == "two columns" else None)  # fmt: skip
    figures = evaluate.run(config, said)
    assert (figures["n"], figures["outside_label_map"]) == (48, 12)
    store = ResultsStore(list_results(tmp_path / "results")[0].path)
    rows = list(store.export(Filters(), "id"))
    assert len(rows) == 60
    assert {row.label for row in rows} == {label.removesuffix("_shaped") for label in LABELS}
    assert all(row.cells_total for row in rows), "every outline was drawn, every picture read"
    for word in ("_shaped", "No splits"):
        assert sum(word in line for line in said.lines) == 1, said.lines
    assert any("12 glyphs have a label that the checkpoint does not know" in line for line in said.lines)

    monkeypatch.setenv("GLYPHCORE_DB", str(path))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "results"))
    if kind == "two columns":
        monkeypatch.setenv("GLYPHCORE_RASTERS", str(tmp_path / "png"))
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.query_params["split"] = app.query_params["outcome"] = "all"
    app.run()
    assert not app.exception
    assert not app.error
    (grid,) = [json.loads(each.proto.json) for each in app.get("bidi_component") if each.key == "grid"]
    shown = [item["id"] for item in first(grid, "items")]
    assert shown == [row.glyph_id for row in store.export(Filters(), "loss")]
    assert len(first(grid, "sprite")) > 500, "there are pictures"
    assert headline(app).count("No splits") == 1
    assert headline(app).count("_shaped") == 1


def first(data: Any, name: str) -> Any:
    """Return the first value of the key ``name`` at any depth of a component's data."""
    below = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    if isinstance(data, dict) and name in data:
        return data[name]
    return next((found for each in below if (found := first(each, name)) is not None), None)


@pytest.mark.parametrize("name", NAMES)
def test_every_way_of_saying_an_outline_has_ink(name: str, tmp_path: Path) -> None:
    row = GlyphStore(full(tmp_path)).glyphs([100 + NAMES.index(name)])[0]
    outline = row.outline()
    assert len(outline.ends) == 1
    assert np.ptp(outline.points, axis=0).min() >= 500


def test_a_key_without_an_index_is_read_in_order_and_in_parts(tmp_path: Path) -> None:
    store = GlyphStore(bare(tmp_path))
    assert store.key == "glyph_id"
    assert [row.glyph_id for row in store.rows()] == list(range(60))
    assert [row.glyph_id for row in store.rows(after=10, upto=13)] == [11, 12, 13]
    assert [row.glyph_id for row in store.glyphs([7, 99, 3])] == [7, 3]
    assert {row.glyph_id: row.label for row in store.glyphs([3, 7])} == {3: "no_such_label", 7: "latin_small_letter_a"}


def test_fonts_that_repeat_their_key_double_no_glyph(tmp_path: Path) -> None:
    path = full(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ALTER TABLE fonts RENAME TO old")
        connection.execute("CREATE TABLE fonts AS SELECT id AS f_id, file_hash, upem FROM old")
        connection.execute("INSERT INTO fonts SELECT * FROM fonts")
    assert len(list(GlyphStore(path).rows())) == 60


def test_other_commands_find_the_rasters_of_a_list_too(
    tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = named(tmp_path)
    common = ["--db", path, "--checkpoint", tiny_checkpoint]
    assert cli.main([str(word) for word in ("overlay", "-q", 1, 2, *common, "--out", tmp_path / "overlays")]) == 0
    assert {each.name for each in (tmp_path / "overlays").iterdir()} == {"1.png", "2.png"}
    assert cli.main([str(word) for word in ("inspect", "-q", 1, *common, "--json")]) == 0
    assert json.loads(capsys.readouterr().out)["label"] == LABELS[0]


LISTS = {
    "it is empty": "",
    "it has no rows": "file,label\n",
    "line 2 has no raster and label": "1,beh_isol\n2,\n",
    "not in the same folder": "file,label\n../../etc/passwd,beh_isol\n",
    "occurs 2 times": "1,beh_isol\n1,beh_init\n",
    "not UTF-8 CSV": b"file,label\n\xff\xfe,beh\n",
}


def test_only_the_end_of_a_line_ends_it(tmp_path: Path) -> None:
    """Python would also split text at separators that a file's name may contain."""
    path = tmp_path / "labels.csv"
    path.write_bytes("a\u2028b.png,1\r\nc\x85\x1cd.png,2\r".encode())
    with closing(sqlite3.connect(database_of(path))) as connection:
        found = connection.execute("SELECT raster, label FROM glyphs ORDER BY glyph_id").fetchall()
    assert found == [("a\u2028b.png", "1"), ("c\x85\x1cd.png", "2")]


@pytest.mark.parametrize("problem", LISTS)
def test_a_list_that_is_none_is_refused_in_one_line(
    problem: str, tmp_path: Path, tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = LISTS[problem]
    path = tmp_path / "labels.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(StoreError, match=problem):
        GlyphStore(path)
    words = ["evaluate", "-q", tiny_checkpoint, "--db", path, "--results", tmp_path / "r"]
    assert cli.main([str(word) for word in words]) == 1
    said = capsys.readouterr().err
    assert problem in said
    assert said.count("\n") == 1
    assert not list(tmp_path.glob("cache/*"))
