"""Several checkpoints on one glyph, and one label across families."""

from __future__ import annotations

import numpy as np
import pytest
from app_fixtures import fake_results

from glyphcore.analysis.checkpoint_predictions import checkpoint_predictions, differing
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultRow, ResultsStore
from glyphcore.results.families import same_label


@pytest.fixture(scope="module")
def stores(database: GlyphStore, tmp_path_factory: pytest.TempPathFactory) -> list[ResultsStore]:
    folder = tmp_path_factory.mktemp("beside")
    made = [fake_results(database.path, folder, name=f"run{seed}", seed=seed) for seed in (1, 2)]
    made.append(fake_results(database.path, folder, name="short", seed=3, limit=50))
    return [ResultsStore(path) for path in made]


def test_each_says_its_own_and_differing_cells_are_found(stores: list[ResultsStore]) -> None:
    first, second, third = checkpoint_predictions(stores, 12)
    assert [each.checkpoint for each in (first, second, third)] == ["run1", "run2", "short"]
    assert not first.differs.any()
    grids = [store.details(12).primitive for store in stores]
    np.testing.assert_array_equal(second.differs, grids[0] != grids[1])
    assert second.differs.any()
    assert not second.translated
    assert second.top[0].label == stores[1].rows([12])[0].pred
    assert sum(choice.truth for choice in second.top) <= 1
    np.testing.assert_array_equal(second.patches, stores[1].codebook[second.used])


def test_results_without_the_glyph_are_left_out(stores: list[ResultsStore]) -> None:
    assert [each.checkpoint for each in checkpoint_predictions(stores, 200)] == ["run1", "run2"]
    with pytest.raises(StoreError, match="no glyph 200"):
        checkpoint_predictions(stores[::-1], 200)


def test_another_codebook_is_translated() -> None:
    rng = np.random.default_rng(0)
    codebook = rng.integers(0, 256, (20, 8, 8), dtype=np.uint8)
    codebook[0] = 0
    turn = np.concatenate([[0], rng.permutation(19) + 1])
    shuffled = codebook[turn]  # entry i of the other codebook is entry turn[i] of the first
    grid = rng.integers(0, 20, 256).astype(np.uint16)
    other = np.argsort(turn)[grid].astype(np.uint16)
    assert (grid != other).any()
    differs, translated = differing(grid, other, codebook, shuffled)
    assert translated
    assert not differs.any()
    other[5] = 0 if other[5] else 3
    assert differing(grid, other, codebook, shuffled)[0].nonzero()[0].tolist() == [5]


def test_one_label_across_families(store: ResultsStore, rows: list[ResultRow]) -> None:
    row = rows[100]
    same = [each for each in rows if each.label == row.label]
    found = same_label(store, row.glyph_id)
    assert found.known
    assert found.families[0].row.glyph_id == row.glyph_id
    assert {each.row.family for each in found.families} == {each.family for each in same}
    assert (found.total, found.glyphs, found.right) == (len(found.families), len(same), sum(r.correct for r in same))
    shares = [each.right / each.n for each in found.families[1:]]
    assert shares == sorted(shares)
    for family in found.families:
        its = [each for each in same if each.family == family.row.family]
        assert (family.n, family.right) == (len(its), sum(each.correct for each in its))
    assert len(same_label(store, row.glyph_id, 2).families) == 2
    with pytest.raises(StoreError):
        same_label(store, 999_999)
