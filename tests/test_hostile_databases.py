"""Hostile and damaged databases and results: one line, or their intact part; no code runs, nothing hangs."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from glyphcore.analysis.metrics import predictions
from glyphcore.data.foreign import in_order
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultsStore
from glyphcore.results.inspection import inspect
from glyphcore.results.neighbours import embeddings

ROOT = Path(__file__).resolve().parents[1]


def database(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return path


ENDLESS = (
    "WITH RECURSIVE n(glyph_id) AS (SELECT 1 UNION ALL SELECT glyph_id + 1 FROM n) SELECT glyph_id, 'a' AS label FROM n"
)


def test_a_view_that_never_ends_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="'glyphs' is a view"):
        GlyphStore(database(tmp_path / "a.db", f"CREATE VIEW glyphs AS {ENDLESS}"))
    table = "CREATE TABLE glyphs (glyph_id INTEGER PRIMARY KEY, label, f_id)"
    with pytest.raises(StoreError, match="'Fonts' is a view"):
        GlyphStore(database(tmp_path / "b.db", table, f"CREATE VIEW Fonts AS {ENDLESS}"))


@pytest.mark.parametrize("table", ["meta", "predictions", "details"])
def test_a_view_in_results_is_not_read(store: ResultsStore, tmp_path: Path, table: str) -> None:
    path = database(
        Path(shutil.copy(store.path, tmp_path)),
        f"ALTER TABLE {table} RENAME TO hidden",
        f"CREATE VIEW {table} AS SELECT * FROM hidden",
    )
    with pytest.raises(StoreError, match=f"'{table}' is a view"):
        ResultsStore(path)


def test_a_value_of_gigabytes_is_not_computed(tmp_path: Path) -> None:
    table = "CREATE TABLE glyphs (glyph_id INTEGER PRIMARY KEY, label, contours AS (zeroblob(300000000)))"
    store = GlyphStore(database(tmp_path / "a.db", table, "INSERT INTO glyphs (label) VALUES ('a')"))
    (row,) = store.rows()
    assert row.contours is None


def test_values_of_other_kinds_count_as_unknown(tmp_path: Path) -> None:
    path = database(
        tmp_path / "a.db",
        "CREATE TABLE glyphs "
        "(glyph_id INTEGER PRIMARY KEY, label, f_id, gid, name, advance_width, x_min, y_min, x_max, y_max)",
        "CREATE TABLE fonts (f_id INTEGER PRIMARY KEY, upem, family)",
        "INSERT INTO fonts VALUES (1, 'inf', x'ff41'), (2, -5, 7), (3, 1e308, NULL)",
        "INSERT INTO glyphs VALUES (1, x'61', 1, 'x', 5, 'wide', x'00', 1, 2, 3), "
        "(2, 'a', 2, 1, 'b', 1e999, 0, 0, 1, 1), (3, 'a', 3, 1, 'b', 9e18, '0', 0, 1, 1)",
    )
    first, second, third = GlyphStore(path).rows()
    assert (first.label, first.gid, first.name, first.advance, first.box, first.upem) == (
        "a",
        None,
        "5",
        None,
        None,
        None,
    )
    assert (first.family, second.family, second.upem, second.advance) == ("\ufffdA", "7", None, None)
    assert (third.upem, third.box) == (None, None)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM meta WHERE key = 'labels'",
        "UPDATE meta SET value = '{' WHERE key = 'labels'",
        "UPDATE meta SET value = '[]' WHERE key = 'labels'",
        "DELETE FROM columns WHERE name = 'correct'",
        "UPDATE columns SET data = 7",
        "DELETE FROM codebook",
        "UPDATE codebook SET patches = 'x'",
        "UPDATE details SET cells = 7",
        "UPDATE meta SET value = '7' WHERE key = 'checkpoint'",
        f"UPDATE meta SET value = '{'[' * 100_000}' WHERE key = 'dataset'",
    ],
)
def test_damaged_results_are_said_in_one_line(statement: str, store: ResultsStore, tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    path.write_bytes(store.path.read_bytes())
    database(path, statement)
    with pytest.raises(StoreError):
        everything(path)


@pytest.mark.parametrize(
    ("statement", "use"),
    [
        ("UPDATE details SET embedding = 7 WHERE glyph_id = 3", lambda store: embeddings(store.path, store.columns)),
        (
            "UPDATE details SET embedding = CAST(x'ff41' AS TEXT) WHERE glyph_id = 3",
            lambda store: embeddings(store.path, store.columns),
        ),
        (
            "UPDATE details SET embedding = zeroblob(length(embedding) - 2) || x'007e' WHERE glyph_id = 3",
            lambda store: embeddings(store.path, store.columns),
        ),
        ("ALTER TABLE details DROP COLUMN embedding", lambda store: embeddings(store.path, store.columns)),
        ("DROP TABLE details", lambda store: embeddings(store.path, store.columns)),
        ("UPDATE details SET cells = 0.5 WHERE glyph_id = 3", ResultsStore.build_cell_index),
        (
            "UPDATE details SET cells = (SELECT cells FROM details WHERE glyph_id = 4) || x'00'",
            ResultsStore.build_cell_index,
        ),
        ("DELETE FROM details WHERE glyph_id = 3", ResultsStore.build_cell_index),
        (
            "INSERT INTO details SELECT -1, top, cells, embedding FROM details WHERE glyph_id = 3",
            ResultsStore.build_cell_index,
        ),
        (
            "INSERT INTO details SELECT 1 << 40, top, cells, embedding FROM details WHERE glyph_id = 3",
            ResultsStore.build_cell_index,
        ),
        ("UPDATE codebook SET patches = substr(patches, 1, 128)", ResultsStore.build_cell_index),
        ("DELETE FROM predictions WHERE glyph_id = 3", lambda results: inspect(results, 3, None)),
        ("ALTER TABLE predictions DROP COLUMN f_id", lambda results: predictions(results.path)),
        ("UPDATE predictions SET label = CAST(x'ff41' AS TEXT)", lambda results: predictions(results.path)),
        ("DELETE FROM columns WHERE name = 'rank'", len),
        ("UPDATE columns SET vocabulary = '[]' WHERE name = 'family'; DELETE FROM meta WHERE key = 'checksums'", len),
        ("UPDATE columns SET dtype = '<i4' WHERE name = 'p1'; DELETE FROM meta WHERE key = 'checksums'", len),
    ],
)
def test_results_whose_rows_are_damaged_are_said_in_one_line(
    statement: str, use: Callable[[ResultsStore], object], store: ResultsStore, tmp_path: Path
) -> None:
    path = tmp_path / "results.db"
    path.write_bytes(store.path.read_bytes())
    use(ResultsStore(path))
    for beside in tmp_path.glob("*.np?"):
        beside.unlink()
    database(path, *statement.split("; "))
    with pytest.raises(StoreError, match=r"results\.db"):
        use(ResultsStore(path))


def test_text_that_is_no_utf8_is_said_in_one_line(tmp_path: Path) -> None:
    path = database(
        tmp_path / "a.db",
        "CREATE TABLE glyphs (glyph_id INTEGER PRIMARY KEY, label, f_id)",
        "CREATE TABLE fonts (f_id INTEGER PRIMARY KEY, family)",
        "INSERT INTO fonts VALUES (1, CAST(x'4cff' AS TEXT))",
    )
    with pytest.raises(StoreError, match=r"a\.db cannot be read as a database: .*UTF-8.* Check the file"):
        GlyphStore(path).fonts()


def everything(path: Path) -> list[object]:
    results = ResultsStore(path)
    return [results.labels, results.columns, results.codebook, results.details(results.columns.data["glyph_id"][0])]


def test_keys_that_go_round_end_in_an_error(tmp_path: Path) -> None:
    assert in_order([(1,), (4,)], 0, tmp_path) == [(1,), (4,)]
    assert in_order([], 7, tmp_path) == []
    for keys in ([(1,), (4,)], [(9,), (9,)], [(9,), (8,)]):
        with pytest.raises(StoreError, match="out of order"):
            in_order(keys, 4, tmp_path)
