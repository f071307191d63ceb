from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from interruption import StopsAfter

from glyphcore.config import RasterizeConfig
from glyphcore.data.cache import PngFolder
from glyphcore.data.raster import rasterize
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.jobs import rasterize as job


def names(folder: Path) -> set[str]:
    """Return the names of the rasters in a folder."""
    return {path.name for path in folder.glob("*.png")}


def test_a_file_a_glyph_that_reads_back_as_its_raster(tiny_db: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "rasters"
    rows = list(GlyphStore(tiny_db).rows())
    assert job.run(RasterizeConfig(tiny_db, out)) == {"written": len(rows)}
    assert names(out) == {f"{row.glyph_id}.png" for row in rows}
    pngs = PngFolder(out)
    for row in rows:
        assert (pngs.packed(row.glyph_id) == rasterize(row.outline(), row.advance, row.upem)).all(), row


def test_an_interrupted_run_goes_on_where_it_stopped(tiny_db: Path, tmp_path: Path) -> None:
    config = RasterizeConfig(tiny_db, tmp_path)
    total = GlyphStore(tiny_db).count()
    with pytest.raises(KeyboardInterrupt):
        job.run(config, StopsAfter(9))
    assert names(tmp_path) == {f"{i}.png" for i in range(1, 10)}
    (tmp_path / "5.png").unlink()
    kept = (tmp_path / "3.png").stat().st_mtime_ns
    assert job.run(config) == {"present": 8, "written": total - 8}
    assert (tmp_path / "3.png").stat().st_mtime_ns == kept
    assert job.run(config) == {"present": total}
    assert len(names(tmp_path)) == total


def test_a_file_that_is_half_written_is_never_a_png(
    tiny_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(path: Path, _: object) -> None:
        path.write_bytes(b"\x89PNG")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(job, "write_png", killed)
        with pytest.raises(KeyboardInterrupt):
            job.run(RasterizeConfig(tiny_db, tmp_path))
    assert not (tmp_path / "1.png").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["source.txt"], "nothing is left of it"


def test_glyphs_without_a_raster_are_counted_by_reason(tmp_path: Path) -> None:
    square = '[["moveTo", [0, 0]], ["lineTo", [0, 9]], ["lineTo", [9, 9]], ["lineTo", [9, 0]], ["closePath", []]]'
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE TABLE glyphs (glyph_id INTEGER, label TEXT, contours TEXT)")
        stored = [(1, "a", "[]"), (2, "a", square), (3, "a", None), (4, "a", square.replace("[9,", "[0,"))]
        connection.executemany("INSERT INTO glyphs VALUES (?, ?, ?)", stored)
        connection.commit()
    counts = job.run(RasterizeConfig(tmp_path / "a.db", tmp_path / "rasters"))
    assert counts == {"Outline is empty.": 2, "written": 1, "Outline encloses no area.": 1}
    assert names(tmp_path / "rasters") == {"2.png"}


def test_a_database_without_outlines_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE TABLE glyphs (glyph_id INTEGER, label TEXT)")
    with pytest.raises(StoreError, match="has no contours"):
        job.run(RasterizeConfig(tmp_path / "a.db", tmp_path / "rasters"))
    assert not (tmp_path / "rasters").exists()


def test_a_folder_keeps_to_its_database(tiny_db: Path, model_db: Path, tmp_path: Path) -> None:
    job.run(RasterizeConfig(tiny_db, tmp_path))
    there = names(tmp_path)
    with pytest.raises(StoreError, match="another database"):
        job.run(RasterizeConfig(model_db, tmp_path))
    assert names(tmp_path) == there
