"""Results: they are read as they were written, in any division of the work."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from app_fixtures import fake_batch, fake_codebook, fake_meta, fake_results

from glyphcore.data.labels import load_labels
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultRow, ResultsStore
from glyphcore.results.export import to_csv, to_jsonl
from glyphcore.results.filters import Filters
from glyphcore.results.inspection import inspect
from glyphcore.results.rows import pack_cells, pack_top, unpack
from glyphcore.results.store import ResultsWriter, is_complete, list_results, results_path

ROOT = Path(__file__).resolve().parents[3]


def test_details_come_back_as_written(database: GlyphStore, store: ResultsStore) -> None:
    glyphs = list(islice(database.rows(), 5))
    codebook = fake_codebook(database)
    batch = fake_batch(glyphs, load_labels(), codebook, np.random.default_rng(0))
    for i in range(5):
        top = pack_top(batch.top[i], batch.top_p[i])
        cells = pack_cells(batch.target[i] != 0, batch.primitive[i], batch.runner_up[i], batch.primitive_p[i])
        seen = unpack(top, cells, batch.embedding[i].tobytes())
        np.testing.assert_array_equal(seen.top, batch.top[i])
        np.testing.assert_array_equal(seen.top_p, batch.top_p[i])
        np.testing.assert_array_equal(seen.occupied, batch.target[i] != 0)
        np.testing.assert_array_equal(seen.primitive, batch.primitive[i])
        np.testing.assert_array_equal(seen.runner_up, batch.runner_up[i])
        inked = seen.occupied
        np.testing.assert_allclose(seen.primitive_p[inked], batch.primitive_p[i][inked], atol=0.5 / 255 + 1e-6)
        np.testing.assert_array_equal(seen.embedding, batch.embedding[i])
    assert store.codebook.shape == (1024, 8, 8)
    with pytest.raises(StoreError, match="damaged"):
        unpack(top, cells[:-3], b"")
    with pytest.raises(StoreError, match="no glyph 999"):
        store.details(999_999)


def test_an_inspection_agrees_with_the_row(database: GlyphStore, store: ResultsStore, rows: list[ResultRow]) -> None:
    from glyphcore.data.cache import glyph_raster

    row = rows[10]
    seen = inspect(store, row.glyph_id, glyph_raster(database.glyphs([row.glyph_id])[0]))
    assert seen.target is not None
    right = (seen.target == seen.details.primitive) & seen.details.occupied
    assert (int(right.sum()), int(seen.details.occupied.sum())) == (row.cells_right, row.cells_total)
    assert seen.candidates[0].label == row.pred
    assert {0, *seen.target.tolist(), *seen.details.primitive.tolist()} <= set(seen.used.tolist())
    blind = inspect(store, row.glyph_id, None)
    assert blind.target is None
    assert blind.patches.shape == (len(blind.used), 8, 8)


def test_work_cut_off_goes_on_and_ends_the_same(database: GlyphStore, store: ResultsStore, tmp_path: Path) -> None:
    path = tmp_path / "cut.db"
    rng, labels, codebook = np.random.default_rng(0), load_labels(), fake_codebook(database)
    batch = fake_batch(list(database.rows()), labels, codebook, rng)
    codebook = codebook.reshape(-1, 8, 8)

    def part(start: int, end: int):
        fields = {name: value[start:end] for name, value in vars(batch).items() if value is not None}
        return type(batch)(**fields)

    writer = ResultsWriter.create_or_resume(path, fake_meta(database), codebook)
    assert (writer.last_id, writer.written) == (None, 0)
    writer.append(part(0, 100))
    writer.close()
    with pytest.raises(StoreError, match="unfinished"):
        ResultsStore(path)
    found = list_results(tmp_path)[0]
    assert (found.complete, found.written) == (False, 100)
    assert "unfinished" in found.problem
    writer = ResultsWriter.create_or_resume(path, fake_meta(database), codebook)
    assert writer.last_id == batch.glyphs[99].glyph_id
    writer.append(part(100, len(batch.glyphs)))
    writer.finish({"val": {"n": 1}})
    again = ResultsStore(path)
    assert list(again.export(Filters(), "id")) == list(store.export(Filters(), "id"))
    assert again.aggregates == {"val": {"n": 1}}
    assert ResultsWriter.create_or_resume(path, fake_meta(database), codebook).complete


def test_a_batch_is_written_whole_or_not_at_all(database: GlyphStore, tmp_path: Path) -> None:
    path = tmp_path / "killed.db"
    code = f"""
        import sqlite3, sys, time
        from pathlib import Path
        import numpy as np
        sys.path.insert(0, "tests")
        from app_fixtures import *
        from glyphcore.results import store
        database = GlyphStore(Path({str(database.path)!r}))
        book = fake_codebook(database)
        codebook = np.zeros((1024, 8, 8), np.uint8)
        writer = ResultsWriter(Path({str(path)!r}), fake_meta(database), codebook)
        rows = list(database.rows())
        writer.append(fake_batch(rows[:50], load_labels(), book, np.random.default_rng(0)))
        writer._connection.execute("PRAGMA cache_spill=1")
        writer._connection.execute("PRAGMA cache_size=1")
        details = store.detail_rows
        def slow(batch):
            found = details(batch)
            writer._connection.execute("BEGIN")
            writer._connection.executemany("INSERT INTO details VALUES (?, ?, ?, ?)", found)
            print("now", flush=True)
            time.sleep(60)
        store.detail_rows = slow
        writer.append(fake_batch(rows[50:], load_labels(), book, np.random.default_rng(0)))
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    assert process.stdout.readline() == b"now\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert path.with_name("killed.db-journal").stat().st_size > 0
    assert not is_complete(path)
    assert "killed.db is unfinished. Evaluate the checkpoint again" in list_results(tmp_path)[0].problem
    writer = ResultsWriter.create_or_resume(path, fake_meta(database), np.zeros((1024, 8, 8), np.uint8))
    assert writer.written == 50
    assert writer._connection.execute("SELECT count(*) FROM details").fetchone()[0] == 50
    writer.close()


def test_a_file_whose_writer_was_killed_at_once_is_unfinished(tmp_path: Path) -> None:
    path = tmp_path / "killed.db"
    path.touch()
    assert not is_complete(path)
    assert "killed.db is unfinished" in list_results(tmp_path)[0].problem


def test_a_batch_of_another_shape_is_refused(database: GlyphStore, tmp_path: Path) -> None:
    batch = fake_batch(
        list(islice(database.rows(), 4)), load_labels(), fake_codebook(database), np.random.default_rng(0)
    )
    writer = ResultsWriter(tmp_path / "r.db", fake_meta(database), np.zeros((1024, 8, 8), np.uint8))
    with pytest.raises(ValueError, match="primitive_p has shape"):
        writer.append(replace(batch, primitive_p=batch.primitive_p[:, :9]))
    assert writer.written == 0
    writer.close()


def test_a_label_outside_the_map_is_kept_and_marked(database: GlyphStore, tmp_path: Path) -> None:
    glyphs = [replace(row, label="klingon") for row in islice(database.rows(), 3)]
    batch = fake_batch(glyphs, load_labels(), fake_codebook(database), np.random.default_rng(0))
    path = tmp_path / "r.db"
    writer = ResultsWriter(path, fake_meta(database), np.zeros((1024, 8, 8), np.uint8))
    writer.append(batch)
    writer.finish({})
    row = ResultsStore(path).page(Filters(label=("klingon",))).rows[0]
    assert (row.label_index, row.rank, row.loss, row.correct, row.base) == (-1, 0, None, 0, "")
    assert row.char_class == "latin"


def test_other_results_under_the_same_name_are_refused(database: GlyphStore, tmp_path: Path) -> None:
    path, codebook = tmp_path / "r.db", np.zeros((1024, 8, 8), np.uint8)
    ResultsWriter(path, fake_meta(database), codebook).close()
    with pytest.raises(StoreError, match="another dataset fingerprint"):
        ResultsWriter(path, replace(fake_meta(database), dataset_fingerprint="other"), codebook)
    with pytest.raises(StoreError, match="another raster policy"):
        ResultsWriter(path, replace(fake_meta(database), raster_policy=99), codebook)


def test_damaged_and_foreign_files_are_named_in_one_line(store: ResultsStore, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database, but long enough to be looked at" * 30)
    (tmp_path / "cut.db").write_bytes(store.path.read_bytes()[:20_000])
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE meta (key TEXT, value TEXT)")
        connection.execute("INSERT INTO meta VALUES ('format', '99')")
        connection.commit()
    for file in list_results(tmp_path):
        assert not file.complete
        assert file.path.name in file.problem
        assert "\n" not in file.problem
        with pytest.raises(StoreError, match=file.path.name):
            _ = ResultsStore(file.path).columns
    with pytest.raises(StoreError, match="does not exist"):
        ResultsStore(tmp_path / "none.db")
    assert list_results(tmp_path / "nowhere") == []


def test_csv_runs_no_formula_and_jsonl_changes_nothing(store: ResultsStore, rows: list[ResultRow]) -> None:
    nasty = [replace(rows[0], label='=HYPERLINK("x")', family="@sum", base="=", style="-1+2"), rows[1]]
    text = to_csv(nasty)
    assert text.startswith("\ufeff")
    read = list(csv.DictReader(io.StringIO(text[1:])))
    assert [read[0][name] for name in ("label", "family", "base", "style")] == [
        '\'=HYPERLINK("x")',
        "'@sum",
        "=",  # one sign alone is no formula
        "'-1+2",
    ]
    assert read[1]["label"] == rows[1].label
    assert float(read[1]["p1"]) == rows[1].p1
    lines = to_jsonl(nasty).splitlines()
    assert ResultRow(**json.loads(lines[0])) == nasty[0]


def test_unknown_filters_and_sorts_are_refused(store: ResultsStore) -> None:
    with pytest.raises(StoreError, match="no outcome"):
        Filters(outcome="maybe")
    with pytest.raises(StoreError, match="no sort"):
        store.page(Filters(), "colour")


def test_paths_are_keyed_by_both_fingerprints(tmp_path: Path) -> None:
    assert results_path(tmp_path, "best", "abc", "def").name == "best-abc-def.db"


def test_rows_are_fetched_by_primary_key(store: ResultsStore) -> None:
    for table in ("predictions", "details"):
        with closing(sqlite3.connect(store.path)) as connection:
            plan = connection.execute(f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE glyph_id IN (1, 2)").fetchall()
        assert "USING INTEGER PRIMARY KEY" in plan[0][-1]


def test_a_file_that_lacks_columns_is_given_them_from_its_rows(database: GlyphStore, tmp_path: Path) -> None:
    path = fake_results(database.path, tmp_path)
    whole = ResultsStore(path)
    names = ("f_id", "cells_right", "cells_total")
    expected = {name: (whole.columns.data[name], whole.columns.words[name]) for name in names}
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM columns WHERE name IN (?, ?, ?)", names)
    with pytest.raises(StoreError, match=r"damaged columns\. Evaluate the checkpoint again"):
        _ = ResultsStore(path).columns
    writer = ResultsWriter.create_or_resume(path, whole.meta, whole.codebook)
    writer.mend_columns()
    writer.mend_columns()
    writer.close()
    columns = ResultsStore(path).columns
    for name, (data, words) in expected.items():
        np.testing.assert_array_equal(columns.data[name], data)
        assert columns.data[name].dtype == data.dtype
        assert columns.words[name] == words
    ids = columns.data["glyph_id"].tolist()
    for row in whole.rows([1, 7, 300]):
        place = ids.index(row.glyph_id)
        assert columns.words["f_id"][columns.data["f_id"][place]] == row.f_id
        assert columns.data["cells_right"][place] == row.cells_right
