"""Sets of glyphs that a link names: stored, found again, and refused by name when they are missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from app_fixtures import fake_results

from app.shared import view as state
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.results import sets
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters


@pytest.fixture
def store(database: GlyphStore, tmp_path: Path) -> ResultsStore:
    return ResultsStore(fake_results(database.path, tmp_path))


def test_the_same_glyphs_are_the_same_set(tmp_path: Path) -> None:
    key = sets.save(tmp_path, [9, 3, 3, 5])
    assert sets.KEY.fullmatch(key)
    assert sets.save(tmp_path, np.array([3, 5, 9])) == key
    assert sets.save(tmp_path, [3, 5]) != key
    assert sets.load(tmp_path, key).tolist() == [3, 5, 9]


@pytest.mark.parametrize("key", ["0123456789ab", "../../etc/pa", "", "XYZ"])
def test_a_set_that_is_not_there_is_one_line(tmp_path: Path, key: str) -> None:
    with pytest.raises(StoreError, match="is not on this server"):
        sets.load(tmp_path, key)


def test_a_damaged_set_is_one_line(tmp_path: Path) -> None:
    key = sets.save(tmp_path, [1])
    (tmp_path / sets.FOLDER / f"{key}.npy").write_bytes(b"rubbish")
    with pytest.raises(StoreError, match="is not on this server"):
        sets.load(tmp_path, key)
    assert sets.save(tmp_path, [1]) == key, "choosing the glyphs again, as the error says, mends it"
    assert sets.load(tmp_path, key).tolist() == [1]


def test_a_set_selects_and_goes_with_other_filters(store: ResultsStore) -> None:
    rows = list(store.export(Filters(), "id"))
    wanted = [row.glyph_id for row in rows[::7]]
    key = sets.save(store.path.parent, [*wanted, 10**9])
    assert [row.glyph_id for row in store.export(Filters(ids=key), "id")] == wanted
    wrong = [row.glyph_id for row in rows[::7] if not row.correct]
    assert store.count(Filters(ids=key, outcome="wrong")) == len(wrong) > 0


def test_a_set_is_part_of_a_link() -> None:
    view = state.View(filters=replace(state.DEFAULT_FILTERS, ids="0123456789ab"))
    query = {name: value if isinstance(value, list) else [value] for name, value in state.encode(view).items()}
    assert state.decode(query) == view
    assert state.decode({"ids": ["../x"]}).filters.ids == ""
