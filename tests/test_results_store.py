"""Results: what is written is what is read, however the work was cut up, and selections agree with plain loops."""

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
from app_fixtures import fake_batch, fake_codebook, fake_meta, fake_results, tiny_database

from glyphcore.data.labels import load_labels
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultRow, ResultsStore
from glyphcore.results.details import pack_cells, pack_top, unpack
from glyphcore.results.export import to_csv, to_jsonl
from glyphcore.results.inspection import inspect
from glyphcore.results.selection import OUTCOMES, SORTS, Filters
from glyphcore.results.store import ResultsWriter, list_results, results_path

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> GlyphStore:
    return GlyphStore(tiny_database(tmp_path_factory.mktemp("db") / "tiny.db"))


@pytest.fixture(scope="module")
def store(database: GlyphStore, tmp_path_factory: pytest.TempPathFactory) -> ResultsStore:
    return ResultsStore(fake_results(database.path, tmp_path_factory.mktemp("results")))


@pytest.fixture(scope="module")
def rows(store: ResultsStore) -> list[ResultRow]:
    return list(store.export(Filters(), "id"))


def passes(row: ResultRow, store: ResultsStore, filters: Filters) -> bool:
    """The filters, said a second time and plainly."""
    words = all(
        not getattr(filters, name) or getattr(row, name) in getattr(filters, name)
        for name in ("split", "family", "char_class", "label", "base", "pred")
    )
    top5 = 0 < row.rank <= 5
    outcome = {
        "": True, "right": row.correct, "wrong": not row.correct, "unicode_wrong": not row.unicode_correct,
        "form_wrong": not row.correct and row.unicode_correct, "twin": not row.correct and row.twin_correct,
        "beyond_top5": not top5,
    }[filters.outcome]  # fmt: skip
    p1 = np.float32(row.p1)
    sure = p1 >= np.float32(filters.p_min) and (filters.p_max >= 1 or p1 < np.float32(filters.p_max))
    found = not filters.search or row.label in store.columns.labels_matching(filters.search)
    return bool(words and outcome and sure and found)


KEYS = {
    "loss": lambda row: -row.loss, "unsure": lambda row: row.p1, "sure": lambda row: -row.p1,
    "margin": lambda row: row.margin, "label": lambda row: row.label, "id": lambda row: row.glyph_id,
}  # fmt: skip
SELECTIONS = [
    Filters(),
    Filters(split=("val",), outcome="wrong"),
    Filters(family=("Amiri", "Cairo"), char_class=("latin",)),
    Filters(base=("ب",)),
    Filters(p_min=0.3, p_max=0.6),
    Filters(p_min=0.9),
    Filters(search="beh", outcome="right"),
    *(Filters(outcome=name) for name in OUTCOMES),
    Filters(family=("nobody",)),
]


@pytest.mark.parametrize("filters", SELECTIONS)
@pytest.mark.parametrize("sort", SORTS)
def test_a_selection_is_what_a_plain_loop_finds(
    store: ResultsStore, rows: list[ResultRow], filters: Filters, sort: str
) -> None:
    expected = [row.glyph_id for row in rows if passes(row, store, filters)]
    found = list(store.export(filters, sort))
    assert sorted(row.glyph_id for row in found) == expected
    keys = [np.float32(KEYS[sort](row)) if sort not in ("label", "id") else KEYS[sort](row) for row in found]
    assert keys == sorted(keys)
    assert store.count(filters) == store.summary(filters).n == len(expected)


@pytest.mark.parametrize("filters", SELECTIONS)
def test_facets_count_under_all_other_filters(store: ResultsStore, rows: list[ResultRow], filters: Filters) -> None:
    facets = store.facets(filters)
    for name in ("split", "family", "char_class", "label", "base", "pred"):
        others = [row for row in rows if passes(row, store, replace(filters, **{name: ()}))]
        for value in facets[name]:
            mine = [row for row in others if getattr(row, name) == value.value]
            assert (value.n, value.wrong) == (len(mine), sum(not row.correct for row in mine))
        assert sum(value.n for value in facets[name]) == len(others)
    for value in facets["outcome"]:
        assert value.n == store.count(replace(filters, outcome=value.value))
    everyone = store.count(replace(filters, p_min=0.0, p_max=1.0))
    assert sum(value.n for value in facets["confidence"]) == everyone
    for value in facets["confidence"]:
        low = float(value.value)
        assert value.n == store.count(replace(filters, p_min=low, p_max=round(low + 0.1, 1)))


@pytest.mark.parametrize("filters", SELECTIONS[:4])
def test_pages_walk_the_selection_both_ways(store: ResultsStore, filters: Filters) -> None:
    whole = [row.glyph_id for row in store.export(filters, "margin")]
    page = store.page(filters, "margin", limit=7)
    there, back = list(page.rows), []
    while page.next is not None:
        page = store.page(filters, "margin", page.next, limit=7)
        assert page.position == len(there)
        there += page.rows
    assert [row.glyph_id for row in there] == whole
    assert page.rows[0].glyph_id == page.last
    while page.previous is not None:
        page = store.page(filters, "margin", page.previous, limit=7)
        back.append(page.position)
    assert page.position == 0
    assert page.first == whole[0]
    for i, glyph in enumerate(whole):
        near = store.neighbours(filters, "margin", glyph)
        assert (near.position, near.total, near.inside) == (i, len(whole), True)
        assert near.previous == (whole[i - 1] if i else None)
        assert near.next == (whole[i + 1] if i + 1 < len(whole) else None)
        assert store.start_of(filters, "margin", glyph, 7) == whole[i // 7 * 7]


def test_a_glyph_outside_the_selection_still_has_a_place(store: ResultsStore, rows: list[ResultRow]) -> None:
    wrong = Filters(outcome="wrong")
    right = next(row for row in rows if row.correct)
    near = store.neighbours(wrong, "id", right.glyph_id)
    assert not near.inside
    assert near.previous is None or near.previous < right.glyph_id
    assert near.next is not None
    assert near.next > right.glyph_id
    assert store.start_of(wrong, "id", right.glyph_id, 7) is None
    assert store.page(wrong, "id", right.glyph_id, 7).rows[0].glyph_id == near.next
    assert store.page(wrong, "id", 10**9, 7).position == 0


def test_an_empty_selection_has_an_empty_page(store: ResultsStore) -> None:
    page = store.page(Filters(family=("nobody",)))
    assert (page.rows, page.total, page.first, page.next, page.last) == ([], 0, None, None, None)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("U+0041", "latin_capital_letter_a"),
        ("0041", "latin_capital_letter_a"),
        ("A", "latin_capital_letter_a"),
        ("latin capital letter b", "latin_capital_letter_b"),
        ("no such label", ""),
        ("U+FFFFFF", ""),
    ],
)
def test_search_by_character_code_point_and_label(store: ResultsStore, search: str, expected: str) -> None:
    found = store.columns.labels_matching(search)
    assert (expected in found) if expected else found == []


def test_examples_come_from_other_families_one_each(store: ResultsStore, rows: list[ResultRow]) -> None:
    label = rows[0].label
    found = store.rows(store.examples(label, exclude_family=rows[0].family, n=9))
    families = [row.family for row in found]
    assert {row.label for row in found} == {label}
    assert rows[0].family not in families
    assert len(set(families)) == len(families) == 5
    assert [row.correct for row in found] == sorted((row.correct for row in found), reverse=True)


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
    codebook = np.rint(fake_codebook(database) * 255).astype(np.uint8).reshape(-1, 8, 8)
    rng, labels, book = np.random.default_rng(0), load_labels(), fake_codebook(database)
    batch = fake_batch(list(database.rows()), labels, book, rng)

    def part(start: int, end: int):
        fields = {name: value[start:end] for name, value in vars(batch).items()}
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
    writer = ResultsWriter.create_or_resume(path, fake_meta(database), np.zeros((1024, 8, 8), np.uint8))
    assert writer.written == 50
    assert writer._connection.execute("SELECT count(*) FROM details").fetchone()[0] == 50
    writer.close()


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
        "'=",
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
