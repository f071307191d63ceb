"""Comparison of two checkpoints by glyph: every choice, page, change and grid agrees with its rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from app_fixtures import fake_results

from glyphcore.analysis import flips
from glyphcore.analysis.alignment import AlignedResults, load
from glyphcore.analysis.compare import pair
from glyphcore.analysis.flips import KINDS, Choice
from glyphcore.data.cache import glyph_raster
from glyphcore.data.primitives import nearest_primitives
from glyphcore.data.raster import cells
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultsStore


@pytest.fixture(scope="module")
def compared(model_db: Path, tmp_path_factory: pytest.TempPathFactory) -> AlignedResults:
    folder = tmp_path_factory.mktemp("results")
    made = [fake_results(model_db, folder, name=name, seed=seed) for seed, name in enumerate("ab")]
    return load([ResultsStore(path) for path in made], GlyphStore(model_db))


@pytest.fixture(scope="module")
def rows(compared: AlignedResults) -> list[pd.DataFrame]:
    """Return all rows of both models, in the order of glyph ids."""
    ids = compared.glyph_id.tolist()
    return [pd.DataFrame(list(map(vars, store.rows(ids)))) for store in compared.stores]


def kind_of(a: bool, b: bool) -> str:
    return {(True, False): "broken", (False, True): "fixed", (False, False): "both_wrong", (True, True): "both_right"}[
        a, b
    ]


@pytest.mark.parametrize(("criterion", "column"), [("label", "correct"), ("unicode", "unicode_correct")])
def test_every_glyph_is_of_one_kind(
    compared: AlignedResults, rows: list[pd.DataFrame], criterion: str, column: str
) -> None:
    expected = [kind_of(a == 1, b == 1) for a, b in zip(rows[0][column], rows[1][column], strict=True)]
    assert [KINDS[each] for each in flips.kinds(compared, 0, 1, criterion)] == expected
    counts = pair(compared, 0, 1, criterion)
    assert {kind: counts[kind] for kind in KINDS} == {kind: expected.count(kind) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_choice_is_what_it_says_largest_change_first(
    compared: AlignedResults, rows: list[pd.DataFrame], kind: str
) -> None:
    before, after = rows
    mask = [kind_of(a == 1, b == 1) == kind for a, b in zip(before["correct"], after["correct"], strict=True)]
    lost = before["loss"] + after["loss"] if kind.startswith("both") else (after["loss"] - before["loss"]).abs()
    expected = before["glyph_id"][mask].iloc[np.argsort(-lost[mask].to_numpy(), kind="stable")].tolist()
    chosen = flips.select(compared, Choice(0, 1, kind=kind))
    assert compared.glyph_id[chosen].tolist() == expected
    family = before["family"][0]
    narrow = flips.select(compared, Choice(0, 1, kind=kind, family=family))
    known = dict(zip(before["glyph_id"], before["family"], strict=True))
    assert compared.glyph_id[narrow].tolist() == [each for each in expected if known[each] == family]
    assert len(flips.select(compared, Choice(0, 1, kind=kind, label="no such label"))) == 0


def test_pages_cover_a_choice(compared: AlignedResults) -> None:
    choice = Choice(0, 1, kind="both_right")
    chosen = flips.select(compared, choice)
    seen, start = [], None
    while True:
        page = flips.page(compared, choice, chosen, start, 50)
        assert [row.glyph_id for row in page.a] == [row.glyph_id for row in page.b]
        assert page.position == len(seen)
        seen += [row.glyph_id for row in page.a]
        if page.next is None:
            break
        start = page.next
    assert seen == compared.glyph_id[chosen].tolist()
    assert page.last == page.a[0].glyph_id
    assert flips.start_of(compared, chosen, seen[60], 50) == seen[50]
    assert flips.start_of(compared, chosen, -1, 50) is None
    empty = flips.page(compared, choice, chosen[:0], 7, 50)
    assert (empty.a, empty.total, empty.first, empty.last) == ([], 0, None, None)
    assert flips.page(compared, choice, chosen, -1, 50).position == 0


@pytest.mark.parametrize("column", flips.COLUMNS)
def test_changes_add_up(compared: AlignedResults, rows: list[pd.DataFrame], column: str) -> None:
    found = flips.changes(compared, 0, 1, "label", column)
    total = pair(compared, 0, 1)
    assert sum(each.n for each in found) == compared.n
    assert sum(each.fixed for each in found) == total["fixed"]
    assert sum(each.broken for each in found) == total["broken"]
    net = [each.fixed - each.broken for each in found]
    assert net == sorted(net)
    for each in (found[0], found[-1]):
        mask = rows[0][column] == each.name
        assert each.a == pytest.approx(rows[0]["correct"][mask].mean())
        assert each.b == pytest.approx(rows[1]["correct"][mask].mean())


def test_confidences_are_a_stated_sample(compared: AlignedResults, rows: list[pd.DataFrame]) -> None:
    found = flips.confidences(compared, 0, 1, "label", 9)
    counts = pair(compared, 0, 1)
    sure = [dict(zip(frame["glyph_id"], frame["p1"], strict=True)) for frame in rows]
    for kind, sample in found.items():
        assert sample["n"] == counts[kind]
        assert len(sample["glyph_id"]) == min(9, counts[kind])
        np.testing.assert_allclose(sample["a"], [sure[0][each] for each in sample["glyph_id"].tolist()])
        np.testing.assert_allclose(sample["b"], [sure[1][each] for each in sample["glyph_id"].tolist()])


def test_grids_are_those_of_the_details(compared: AlignedResults, model_db: Path) -> None:
    ids = compared.glyph_id[:6].tolist()
    packed = np.stack([glyph_raster(row) for row in GlyphStore(model_db).glyphs(ids)])
    a, b = compared.stores
    for i, grid in enumerate(flips.grids(a, b, ids, packed)):
        details = a.details(ids[i]), b.details(ids[i])
        expected = cells(packed[i])
        np.testing.assert_array_equal(grid.occupied, expected.any(1))
        np.testing.assert_array_equal(grid.pixels, expected[grid.occupied])
        target, _ = nearest_primitives(expected, a.codebook.reshape(-1, 64))
        for side in (0, 1):
            np.testing.assert_array_equal(grid.primitive[side], details[side].primitive[grid.occupied])
            np.testing.assert_array_equal(grid.target[side], target[grid.occupied])
        np.testing.assert_array_equal(grid.differ, grid.primitive[0] != grid.primitive[1])
        assert grid.differ.any()
    assert flips.grids(a, b, ids[:1], None)[0].target is None
    with pytest.raises(StoreError, match="no glyph -1"):
        flips.grids(a, b, [-1], None)


def test_cells_of_other_codebooks_differ_where_one_model_is_right(
    compared: AlignedResults, model_db: Path, tmp_path: Path
) -> None:
    a, b = compared.stores
    book = b.codebook.copy()
    book[[1, 2]] = book[[2, 1]]
    path = tmp_path / "other.db"
    path.write_bytes(b.path.read_bytes())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE codebook SET patches = ?", [book.tobytes()])
    other = ResultsStore(path)
    assert not flips.same_codebook(a, other)
    ids = compared.glyph_id[:6].tolist()
    packed = np.stack([glyph_raster(row) for row in GlyphStore(model_db).glyphs(ids)])
    for grid in flips.grids(a, other, ids, packed):
        right = [said == target for said, target in zip(grid.primitive, grid.target, strict=True)]
        np.testing.assert_array_equal(grid.differ, right[0] != right[1])
    assert not flips.grids(a, other, ids, None)[0].differ.any()


def test_an_export_holds_the_whole_choice(compared: AlignedResults) -> None:
    choice = Choice(0, 1, kind="fixed")
    found = list(flips.export(compared, choice, chunk=7))
    assert [each["glyph_id"] for each in found] == compared.glyph_id[flips.select(compared, choice)].tolist()
    assert all(each["a_read"] != each["label"] == each["b_read"] for each in found)
    everything = list(flips.export(compared, replace(choice, kind="")))
    assert len(everything) == compared.n
    assert {each["kind"] for each in everything} == set(KINDS)


def test_a_choice_of_what_there_is_not_is_refused() -> None:
    with pytest.raises(StoreError, match="sideways"):
        Choice(0, 1, kind="sideways")
    with pytest.raises(StoreError, match="colour"):
        Choice(0, 1, criterion="colour")
