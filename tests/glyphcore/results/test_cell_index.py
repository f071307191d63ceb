"""The cell index beside the results agrees with every glyph's own details, and with its pixels."""

from __future__ import annotations

import os
import shutil
import sqlite3
import zlib
from pathlib import Path

import numpy as np
import pytest
from resident import mapped

from glyphcore.data.cache import glyph_raster
from glyphcore.data.primitives import nearest_primitives
from glyphcore.data.raster import cells as cells_of
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.files import release
from glyphcore.results import cell_index as module
from glyphcore.results.browse import ResultRow, ResultsStore
from glyphcore.results.cell_index import Cells
from glyphcore.results.rows import Details


def pictures(database: GlyphStore, ids: list[int]) -> np.ndarray:
    found = {row.glyph_id: glyph_raster(row) for row in database.glyphs(ids)}
    return np.stack([found[glyph] for glyph in ids])


@pytest.fixture(scope="module")
def copy(store: ResultsStore, tmp_path_factory: pytest.TempPathFactory) -> ResultsStore:
    path = tmp_path_factory.mktemp("cells") / store.path.name
    shutil.copy(store.path, path)
    return ResultsStore(path)


@pytest.fixture(scope="module")
def cells(copy: ResultsStore, database: GlyphStore) -> Cells:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", 100)  # several chunks, the last one not full
        copy.build_cell_index(lambda ids: pictures(database, ids))
    return copy.cells


@pytest.fixture(scope="module")
def details(store: ResultsStore, rows: list[ResultRow]) -> list[Details]:
    return [store.details(row.glyph_id) for row in rows]


def test_grids_are_those_of_the_details(cells: Cells, details: list[Details]) -> None:
    assert np.array_equal(cells.grids.T, np.stack([each.primitive for each in details]))


def test_counts_agree_with_a_plain_loop(cells: Cells, copy: ResultsStore, details: list[Details]) -> None:
    names = copy.columns.words["split"]
    use, glyphs, p, second = (np.zeros_like(each) for each in (cells.use, cells.glyphs, cells.p, cells.runner_up))
    for code, each in zip(copy.columns.data["split"], details, strict=True):
        read = each.primitive[each.occupied]
        np.add.at(use[code], read, 1)
        np.add.at(p[code], read, each.primitive_p[each.occupied])
        glyphs[code, np.unique(read)] += 1
        np.add.at(second, (read, each.runner_up[each.occupied]), 1)
    assert len(names) == len(cells.use) == 3
    assert np.array_equal(cells.use, use)
    assert np.array_equal(cells.judged, use), "all of them have a picture"
    assert np.array_equal(cells.glyphs, glyphs)
    assert np.array_equal(cells.runner_up, second)
    assert np.allclose(cells.p, p, atol=1e-3)


def test_misread_cells_are_those_whose_nearest_patch_is_another(
    cells: Cells, copy: ResultsStore, database: GlyphStore, rows: list[ResultRow], details: list[Details]
) -> None:
    patches = copy.codebook.reshape(-1, 64)
    found = set(zip(*(each.tolist() for each in (
        cells.wrong_row, cells.wrong_cell, cells.wrong_read, cells.wrong_target)), strict=True))  # fmt: skip
    expected, agreeing, count = set(), np.zeros(len(patches)), np.zeros(len(patches))
    for i, (row, each) in enumerate(zip(rows, details, strict=True)):
        pixels = cells_of(pictures(database, [row.glyph_id])[0])
        target, _ = nearest_primitives(pixels, patches)
        wrong = np.flatnonzero(each.occupied & (each.primitive != target))
        expected |= {(i, int(cell), int(each.primitive[cell]), int(target[cell])) for cell in wrong}
        for cell in np.flatnonzero(each.occupied):
            same = np.unpackbits(pixels[cell]) == (patches[target[cell]] > 127)
            agreeing[target[cell]] += same.sum()
            count[target[cell]] += 1
    assert found == expected
    assert len(cells.wrong_row) == len(expected)
    assert np.array_equal(cells.target, count)
    assert np.array_equal(cells.agreeing, agreeing)


def test_they_are_read_again_and_not_gathered_twice(
    cells: Cells, copy: ResultsStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = ResultsStore(copy.path)
    assert again.has_cell_index
    assert np.array_equal(again.cells.grids, cells.grids)
    monkeypatch.setattr(module, "_gather", lambda *_: pytest.fail("gathered twice"))
    assert np.array_equal(again.build_cell_index().use, cells.use)


def test_newer_results_and_damaged_files_are_gathered_again(store: ResultsStore, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    shutil.copy(store.path, path)
    ResultsStore(path).build_cell_index()
    assert Cells.existing(path) is not None
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 10**12))
    assert Cells.existing(path) is None
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    for name in ("a.cells.npz", "a.grids.npy"):
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
        assert Cells.existing(path) is None
        (tmp_path / name).write_bytes(whole)
    assert Cells.existing(path) is not None


def test_grids_that_are_checked_do_not_stay_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_MAPPED_BYTES", 10**6)
    grids = np.lib.format.open_memmap(tmp_path / "grids", "w+", np.uint16, (256, 65_536))
    before = mapped()
    for line, number in enumerate(grids):
        number[:] = line
        release(grids)
    assert mapped() - before < 4096, "kB of the 32 MB that were written"
    assert (grids[:, 7] == np.arange(256)).all(), "what was written is still there"
    plain = np.array(grids)
    release(grids)
    assert module._checksum(grids) == module._checksum(plain) == zlib.crc32(plain.data)
    assert mapped() - before < 4096, "kB of the 32 MB that were read"


def test_without_pictures_there_are_no_targets(store: ResultsStore, tmp_path: Path) -> None:
    shutil.copy(store.path, tmp_path / "a.db")
    found = ResultsStore(tmp_path / "a.db").build_cell_index()
    assert found.use.sum() > 0
    assert (found.judged.sum(), found.target.sum(), len(found.wrong_row)) == (0, 0, 0)


def test_pictures_of_other_glyphs_judge_nothing(store: ResultsStore, tmp_path: Path) -> None:
    shutil.copy(store.path, tmp_path / "a.db")
    found = ResultsStore(tmp_path / "a.db").build_cell_index(lambda ids: np.zeros((len(ids), 2048), np.uint8))
    assert (found.judged.sum(), len(found.wrong_row)) == (0, 0)


def test_where_nothing_can_be_written_all_is_in_memory(
    store: ResultsStore, cells: Cells, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(store.path, tmp_path / "a.db")
    monkeypatch.setattr(module.os, "access", lambda *_: False)

    def refuse(path: Path) -> None:
        raise PermissionError(13, "read-only", str(path))

    monkeypatch.setattr(module, "replacing", refuse)
    found = ResultsStore(tmp_path / "a.db").build_cell_index()
    assert np.array_equal(found.grids, cells.grids)
    assert [path.name for path in tmp_path.iterdir()] == ["a.db"]


def test_cells_that_are_not_gathered_are_an_error_in_one_line(store: ResultsStore, tmp_path: Path) -> None:
    shutil.copy(store.path, tmp_path / "a.db")
    with pytest.raises(StoreError, match="glyphcore primitives"):
        _ = ResultsStore(tmp_path / "a.db").cells


def test_damaged_details_are_an_error_in_one_line(store: ResultsStore, tmp_path: Path) -> None:
    shutil.copy(store.path, tmp_path / "a.db")
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute("UPDATE details SET cells = x'0011' WHERE glyph_id = 7")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="damaged"):
        ResultsStore(tmp_path / "a.db").build_cell_index()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.db"]
