"""Damage, full disks, locks and files that change or vanish: detected, reported in one line, then repaired."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from app_fixtures import fake_meta, fake_results, tiny_database
from components import headline
from drawn import Said, bar, drawn
from streamlit.testing.v1 import AppTest

from glyphcore.data import foreign
from glyphcore.data.cache import BLOCK, PackedRasters
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.results import cell_index as cells_module
from glyphcore.results import store as results_module
from glyphcore.results.browse import ResultsStore
from glyphcore.results.cell_index import Cells
from glyphcore.results.columns import pack_column
from glyphcore.results.filters import Filters
from glyphcore.results.store import ResultsWriter, list_results

ROOT = Path(__file__).resolve().parents[1]
MAIN = str(ROOT / "app" / "main.py")


def flip(path: Path, place: int) -> None:
    """Change one byte, and keep the file's size."""
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 1]))


def test_a_pixel_that_changed_is_noticed_and_all_are_made_again(tmp_path: Path) -> None:
    store = drawn(tmp_path / "a.db", *(bar(20 + i, 100) for i in range(BLOCK + 9)))
    whole = PackedRasters.of(store, tmp_path / "cache")
    (pixels,) = (tmp_path / "cache").glob("*.bits")
    before = np.array(whole.packed)
    flip(pixels, 2048 * (BLOCK + 3))
    left = PackedRasters.existing(store, tmp_path / "cache")
    assert left is not None
    packed, known = left.of_glyphs([1, BLOCK, BLOCK + 1, BLOCK + 9])
    assert known.tolist() == [True, True, False, False], "only the block with the damage counts as not there"
    assert (packed[:2] == before[[0, BLOCK - 1]]).all()
    said = Said()
    again = PackedRasters.of(store, tmp_path / "cache", progress=said)
    assert len(said.lines) == 1
    assert "does not match and is built again" in said.lines[0]
    assert (again.packed == before).all()


@pytest.fixture
def results(store: ResultsStore, tmp_path: Path) -> Path:
    path = tmp_path / "results" / store.path.name
    path.parent.mkdir()
    shutil.copy(store.path, path)
    return path


@pytest.mark.parametrize("name", ["p1", "family"])
def test_a_damaged_column_is_noticed_and_mended_from_its_rows(results: Path, name: str) -> None:
    sound = ResultsStore(results)
    expected = sound.columns.data[name].copy()
    with closing(sqlite3.connect(results)) as connection, connection:
        (data,) = connection.execute("SELECT data FROM columns WHERE name = ?", (name,)).fetchone()
        connection.execute("UPDATE columns SET data = ? WHERE name = ?", (data[::-1], name))
    with pytest.raises(StoreError, match="damaged columns"):
        _ = ResultsStore(results).columns
    said: list[str] = []
    writer = ResultsWriter.create_or_resume(results, sound.meta, sound.codebook)
    writer.mend_columns(said.append)
    writer.close()
    assert said == [f"{results.name}: column {name!r} was damaged and is built again"]
    assert np.array_equal(ResultsStore(results).columns.data[name], expected)


def test_results_of_before_there_were_checksums_are_read_and_get_them(results: Path) -> None:
    sound = ResultsStore(results)
    with closing(sqlite3.connect(results)) as connection, connection:
        connection.execute("DELETE FROM meta WHERE key = 'checksums'")
    assert len(ResultsStore(results).columns) == len(sound.columns)
    said: list[str] = []
    writer = ResultsWriter.create_or_resume(results, sound.meta, sound.codebook)
    writer.mend_columns(said.append)
    writer.close()
    assert said == []
    assert len(results_module.read_meta(results)["checksums"]) == len(sound.columns.data)


def test_damaged_grids_count_as_not_gathered(results: Path) -> None:
    store = ResultsStore(results)
    whole = np.array(store.build_cell_index().grids)
    grids = results.with_name(results.stem + ".grids.npy")
    flip(grids, grids.stat().st_size // 2)
    os.utime(grids)
    assert Cells.existing(results) is None
    assert np.array_equal(ResultsStore(results).build_cell_index().grids, whole)
    assert Cells.existing(results) is not None


def test_grids_for_which_the_disk_has_no_room_stay_in_memory(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing to a mapped page for which the disk has no room would kill the process."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    whole = np.array(ResultsStore(results).build_cell_index().grids)
    for path in results.parent.glob(f"{results.stem}.*"):
        if path != results:
            path.unlink()
    monkeypatch.setattr(cells_module.os, "posix_fallocate", full)
    assert np.array_equal(ResultsStore(results).build_cell_index().grids, whole)
    assert list(results.parent.iterdir()) == [results]


def test_more_words_than_two_bytes_can_count_keep_their_codes() -> None:
    words = [f"family {i}" for i in range(70_000)]
    codes, vocabulary = pack_column("family", ((word,) for word in words))
    assert codes.dtype == np.uint32
    assert [vocabulary[code] for code in codes.tolist()] == words
    assert pack_column("family", ((word,) for word in words[:65_536]))[0].dtype == np.uint16


def test_a_file_that_goes_while_its_folder_is_listed_is_left_out(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = Path.glob
    gone = results.with_name("gone.db")
    monkeypatch.setattr(Path, "glob", lambda self, pattern: [*listed(self, pattern), gone])
    assert [file.path for file in list_results(results.parent)] == [results]


def test_a_file_whose_making_was_taken_back_is_made_again(database: GlyphStore, tmp_path: Path) -> None:
    """A kill during the creation of the tables leaves a database with a header and no table."""
    path = tmp_path / "r.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE x (y); DROP TABLE x;")
    assert path.stat().st_size > 0
    writer = ResultsWriter(path, fake_meta(database), np.zeros((1024, 8, 8), np.uint8))
    assert (writer.written, writer.complete) == (0, False)
    writer.close()


def test_a_locked_file_is_one_line(database: GlyphStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results_module, "WAIT", 0.05)
    monkeypatch.setattr(foreign, "WAIT", 0.05)
    path = tmp_path / "r.db"
    ResultsWriter(path, fake_meta(database), np.zeros((1024, 8, 8), np.uint8)).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="locked"):
            ResultsWriter(path, fake_meta(database), np.zeros((1024, 8, 8), np.uint8))
        (found,) = list_results(tmp_path)
        assert "locked" in found.problem


def command(*words: object, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    def limited() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [sys.executable, "-m", "glyphcore", *map(str, words)], cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}, preexec_fn=limited,
    )  # fmt: skip


def test_a_full_disk_is_one_line_and_the_same_command_goes_on(
    tiny_checkpoint: Path, model_db: Path, tmp_path: Path
) -> None:
    words = ("evaluate", "-q", tiny_checkpoint, "--db", model_db, "--results", tmp_path)
    stopped = command(*words, limit=120_000)
    assert stopped.returncode == 1
    assert stopped.stderr.startswith("glyphcore: ")
    assert stopped.stderr.count("\n") == 1
    assert not any(file.complete for file in list_results(tmp_path))
    assert command(*words).returncode == 0
    assert list_results(tmp_path)[0].complete


@pytest.mark.parametrize("words", [
    ("evaluate", "{checkpoint}", "--db", "{db}", "--results", "/proc/nowhere"),
    ("rasterize", "--db", "{db}", "--out", "/proc/nowhere/png"),
    ("db", "build", "{fonts}", "--out", "/proc/nowhere/glyphs.db"),
], ids=lambda words: words[0])  # fmt: skip
def test_a_folder_that_takes_no_file_is_one_line(
    words: tuple[str, ...], tiny_checkpoint: Path, model_db: Path, font_folder: Path
) -> None:
    named = {"checkpoint": tiny_checkpoint, "db": model_db, "fonts": font_folder}
    stopped = command(*(word.format(**named) for word in words), "-q")
    assert stopped.returncode == 1
    assert stopped.stderr.count("\n") == 1
    assert "/proc/nowhere" in stopped.stderr


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Open the app over a database of its own, evaluated once."""
    database = tiny_database(tmp_path / "glyphs.db")
    fake_results(database, tmp_path / "results")
    monkeypatch.setenv("GLYPHCORE_DB", str(database))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "results"))
    monkeypatch.setattr("glyphcore.config.CHECKPOINTS", tmp_path)
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.query_params["split"] = app.query_params["outcome"] = "all"
    return app


def shown(app: AppTest) -> list[int]:
    """Return the glyphs on the page."""
    (grid,) = [json.loads(each.proto.json) for each in app.get("bidi_component") if each.key == "grid"]
    whole = grid.get("items") or grid["shown"]["content"]["items"]
    return [item["id"] for item in whole]


def test_files_that_change_or_go_under_a_running_app(app: AppTest, tmp_path: Path) -> None:
    app.run()
    (path,) = (tmp_path / "results").glob("*.db")
    first = shown(app)
    other = fake_results(tmp_path / "glyphs.db", tmp_path / "other", seed=5)
    os.replace(other, path)
    app.run()
    assert not app.exception
    second = shown(app)
    assert second == [row.glyph_id for row in ResultsStore(path).export(Filters(), "loss")][: len(second)]
    assert second != first

    path.write_bytes(path.read_bytes()[:30_000])
    app.run()
    assert not app.exception
    said = [each.value for each in (*app.error, *app.markdown)]
    assert any(path.name in line for line in said), said

    path.unlink()
    app.run()
    assert not app.exception
    assert app.subheader[0].value == "Nothing has been evaluated yet"

    fake_results(tmp_path / "glyphs.db", tmp_path / "results")
    (tmp_path / "glyphs.db").write_bytes(b"SQLite format 3\0 and then nothing of the kind" * 50)
    app.run()
    assert not app.exception
    assert shown(app), "results are there without their pictures"
    assert "no pictures" in headline(app)


def test_a_checkpoint_that_is_deleted_while_it_is_chosen(app: AppTest, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "results")
    checkpoint = tmp_path / "best.ckpt"
    with zipfile.ZipFile(checkpoint, "w") as members:
        members.writestr("data", "a model")
    app.run()
    offered = app.button(key="page_evaluate_best.ckpt")
    checkpoint.unlink()
    offered.click().run()
    assert not app.exception
