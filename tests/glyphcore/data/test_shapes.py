"""Keys distinguish shapes, and are made once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from glyphcore.data.cache import PackedRasters
from glyphcore.data.shapes import Shapes
from glyphcore.data.store import GlyphStore


def test_equal_keys_are_equal_shapes(database: GlyphStore, tmp_path: Path) -> None:
    assert Shapes.of(database, tmp_path) is None, "there are no rasters to take them from"
    rasters = PackedRasters.of(database, tmp_path)
    made = Shapes.of(database, tmp_path)
    assert made is not None
    np.testing.assert_array_equal(made.glyph_id, rasters.glyph_id)
    for keys, rows in ((made.raster, rasters.packed), (made.geometry, rasters.geometry)):
        assert len(np.unique(keys)) == len(np.unique(np.asarray(rows), axis=0))
    np.testing.assert_array_equal(made.extent, rasters.geometry[:, :2].max(1))
    assert made.rows(np.array([-5, rasters.glyph_id[3], 10**9])).tolist() == [-1, 3, -1]


@pytest.mark.parametrize("damage", [b"", b"not an archive"])
def test_they_are_kept_and_a_damaged_file_is_made_again(database: GlyphStore, tmp_path: Path, damage: bytes) -> None:
    PackedRasters.of(database, tmp_path)
    made = Shapes.of(database, tmp_path)
    (kept,) = tmp_path.glob("shapes-*.npz")
    before = kept.stat().st_mtime_ns
    again = Shapes.of(database, tmp_path)
    assert kept.stat().st_mtime_ns == before
    kept.write_bytes(damage)
    anew = Shapes.of(database, tmp_path)
    assert made is not None
    assert again is not None
    assert anew is not None
    for each in (again, anew):
        np.testing.assert_array_equal(each.raster, made.raster)
    assert kept.stat().st_size > len(damage)
