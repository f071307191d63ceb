"""Similar glyphs: by the pictures that their grids draw, and by embedding."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultRow, ResultsStore
from glyphcore.results.filters import Filters, parse_likeness
from glyphcore.results.neighbours import distances, likest, nearest_by_embedding


@pytest.fixture(scope="module")
def gathered(store: ResultsStore, tmp_path_factory: pytest.TempPathFactory) -> ResultsStore:
    path = tmp_path_factory.mktemp("likeness") / store.path.name
    shutil.copy(store.path, path)
    found = ResultsStore(path)
    found.build_cell_index()
    return found


def nearest(store: ResultsStore, likeness: str, k: int) -> np.ndarray:
    return likest(store.path, store.columns, store.codebook, lambda: store.cells, likeness, k)[0]


def drawn(store: ResultsStore, glyph_id: int) -> np.ndarray:
    patches = store.codebook.reshape(-1, 64).astype(np.float64) / 255
    patches[0] = 0
    return patches[store.details(glyph_id).primitive].ravel()


def test_the_distance_is_that_of_the_drawn_pictures(gathered: ResultsStore, rows: list[ResultRow]) -> None:
    found = distances(gathered.cells, gathered.codebook, 30)
    own = drawn(gathered, rows[30].glyph_id)
    for i in (0, 30, 31, 90, len(rows) - 1):
        other = drawn(gathered, rows[i].glyph_id)
        expected = ((own - other) ** 2).sum() / ((own**2).sum() + (other**2).sum())
        assert found[i] == pytest.approx(expected, abs=1e-5)


def test_nearest_first_with_ties_by_id(gathered: ResultsStore) -> None:
    found = nearest(gathered, f"grid-{gathered.columns.data['glyph_id'][30]}", 20)
    assert found[0] == 30
    assert len(found) == len(set(found.tolist())) == 21
    distance = distances(gathered.cells, gathered.codebook, 30)
    order = [row for row in np.lexsort((np.arange(len(distance)), distance)) if row != 30]
    assert found[1:].tolist() == order[:20]


@pytest.mark.parametrize("k", [1, 358, 359, 360, 5000])
def test_as_many_as_there_are(gathered: ResultsStore, k: int) -> None:
    assert len(nearest(gathered, "grid-7", k)) == min(k, len(gathered) - 1) + 1


def test_by_embedding_as_similar_has_it(gathered: ResultsStore, rows: list[ResultRow]) -> None:
    found = nearest(gathered, f"embedding-{rows[5].glyph_id}", 9)
    ids = gathered.columns.data["glyph_id"][found]
    assert ids[0] == rows[5].glyph_id
    assert ids[1:].tolist() == nearest_by_embedding(gathered.path, gathered.columns, rows[5].glyph_id, 9)[0].tolist()


def test_a_likeness_selects_sorts_and_pages(
    gathered: ResultsStore, monkeypatch: pytest.MonkeyPatch, rows: list[ResultRow]
) -> None:
    monkeypatch.setattr(likest, "__defaults__", (40,))
    gathered = gathered.joined()  # without remembered results
    filters = Filters(like=f"grid-{rows[30].glyph_id}")
    page = gathered.page(filters, "similar", limit=10)
    assert page.total == 41
    assert page.rows[0].glyph_id == rows[30].glyph_id
    order = gathered.columns.data["glyph_id"][nearest(gathered, filters.like, 40)].tolist()
    assert [row.glyph_id for row in gathered.export(filters, "similar")] == order
    assert page.by == "similar"
    assert page.values[order[0]] == 1, "a glyph is like itself"
    distance = distances(gathered.cells, gathered.codebook, 30)
    assert page.values == {glyph: pytest.approx(1 - distance[glyph - 1], abs=1e-5) for glyph in order[:10]}
    second = gathered.page(filters, "similar", page.next, limit=10)
    assert [row.glyph_id for row in second.rows] == order[10:20]
    assert gathered.neighbours(filters, "similar", order[3]).previous == order[2]
    outside = next(row.glyph_id for row in rows if row.glyph_id not in order)
    near = gathered.neighbours(filters, "similar", outside)
    assert (near.inside, near.position, near.next) == (False, 41, None)
    wrong = gathered.page(Filters(like=filters.like, outcome="wrong"), "similar", limit=500)
    assert [row.glyph_id for row in wrong.rows] == [each for each in order if not gathered.rows([each])[0].correct]


@pytest.mark.parametrize("like", ["grid-999999", "embedding-999999"])
def test_an_unknown_glyph_is_refused_by_name(gathered: ResultsStore, like: str) -> None:
    with pytest.raises(StoreError, match="has no glyph 999999"):
        gathered.count(Filters(like=like))


@pytest.mark.parametrize("text", ["grid", "grid-", "grid-x", "pixels-7", "7", "grid-7-8", "grid-99999999999999999999"])
def test_what_is_no_likeness(text: str) -> None:
    with pytest.raises(StoreError):
        Filters(like=text)


def test_likeness_by_glyph() -> None:
    assert parse_likeness("grid-17") == ("grid", 17)
    assert parse_likeness("embedding--3") == ("embedding", -3)
