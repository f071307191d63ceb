"""Nearest glyphs by embedding, and the array that is made for the search."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from app_fixtures import fake_results

from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultRow, ResultsStore
from glyphcore.results.filters import Filters
from glyphcore.results.neighbours import embeddings, nearest_by_embedding


def slow(store: ResultsStore, glyph_id: int, ids: list[int]) -> list[int]:
    """Search plainly: compute every angle, one by one, from the stored embeddings."""

    def unit(each: int) -> np.ndarray:
        vector = store.details(each).embedding.astype(np.float64)
        return vector / np.linalg.norm(vector)

    return sorted((each for each in ids if each != glyph_id), key=lambda each: -float(unit(each) @ unit(glyph_id)))


def test_the_nearest_come_first_without_the_glyph_itself(store: ResultsStore, rows: list[ResultRow]) -> None:
    glyph = rows[17].glyph_id
    ids, cosine = nearest_by_embedding(store.path, store.columns, glyph, 10)
    assert ids.tolist() == slow(store, glyph, [row.glyph_id for row in rows])[:10]
    assert (np.diff(cosine) <= 0).all()
    assert cosine.dtype == np.float32
    assert 0 < cosine[0] <= 1.001


def test_only_the_wanted_ones(store: ResultsStore, rows: list[ResultRow]) -> None:
    row = next(row for row in rows if row.split == "val")
    wanted = [each.glyph_id for each in rows if each.split == "val" and each.family != row.family]
    ids, _ = nearest_by_embedding(store.path, store.columns, row.glyph_id, 5, split=("val",), exclude_family=row.family)
    assert ids.tolist() == slow(store, row.glyph_id, wanted)[:5]
    mask = store.selector.mask(Filters(outcome="wrong"))
    wrong = [each.glyph_id for each in rows if not each.correct]
    ids, _ = nearest_by_embedding(store.path, store.columns, row.glyph_id, 4, among=mask)
    assert ids.tolist() == slow(store, row.glyph_id, wrong)[:4]


def test_asking_for_more_than_there_are(store: ResultsStore, rows: list[ResultRow]) -> None:
    assert len(nearest_by_embedding(store.path, store.columns, rows[0].glyph_id, 10_000)[0]) == len(rows) - 1
    assert len(nearest_by_embedding(store.path, store.columns, rows[0].glyph_id, 5, split=("nowhere",))[0]) == 0
    assert len(nearest_by_embedding(store.path, store.columns, rows[0].glyph_id, 0)[0]) == 0


def test_an_unknown_glyph_is_refused(store: ResultsStore) -> None:
    with pytest.raises(StoreError, match="no glyph 999999"):
        nearest_by_embedding(store.path, store.columns, 999_999)


def test_the_array_is_gathered_once_and_again_when_results_are_newer(database: GlyphStore, tmp_path: Path) -> None:
    store = ResultsStore(fake_results(database.path, tmp_path))
    first = embeddings(store.path, store.columns)
    (path,) = tmp_path.glob("*.embeddings.npy")
    written = path.stat().st_mtime_ns
    np.testing.assert_allclose(np.linalg.norm(first.astype(np.float32), axis=1), 1, atol=2e-3)
    np.testing.assert_array_equal(embeddings(store.path, store.columns), first)
    assert path.stat().st_mtime_ns == written
    later = written + 10**9
    os.utime(store.path, ns=(later, later))
    os.utime(path, ns=(1, 1))
    embeddings(store.path, store.columns)
    assert path.stat().st_mtime_ns != 1


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\x93NUMPY\x01\x00"])
def test_a_damaged_array_is_made_again(database: GlyphStore, tmp_path: Path, content: bytes) -> None:
    store = ResultsStore(fake_results(database.path, tmp_path))
    whole = np.array(embeddings(store.path, store.columns))
    (path,) = tmp_path.glob("*.embeddings.npy")
    path.unlink()
    path.write_bytes(content)
    np.testing.assert_array_equal(embeddings(store.path, store.columns), whole)
