"""Shards of an evaluation, each made by a process of its own, are merged into the results of one evaluation."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from interruption import StopsAfter
from same_results import same

from glyphcore.config import EvaluateConfig, MergeConfig
from glyphcore.data.store import GlyphStore
from glyphcore.data.store.shards import part
from glyphcore.errors import ConfigError, StoreError
from glyphcore.jobs import evaluate, merge
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters
from glyphcore.results.neighbours import embeddings
from glyphcore.results.store import list_results

ROOT = Path(__file__).resolve().parents[3]


def started(*words: object) -> tuple[int, str]:
    """Run a command in a process of its own; return its exit code and its messages."""
    command = [sys.executable, "-m", "glyphcore", *map(str, words)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def whole(tiny_checkpoint: Path, model_db: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    evaluate.run(EvaluateConfig(tiny_checkpoint, model_db, folder / "results", folder))
    return list_results(folder / "results")[0].path


def test_two_processes_evaluate_a_half_each(tiny_checkpoint: Path, model_db: Path, whole: Path, tmp_path: Path) -> None:
    common = ("evaluate", "-q", tiny_checkpoint, "--db", model_db, "--results", tmp_path)
    with ThreadPoolExecutor(2) as pool:
        halves = [pool.submit(started, *common, "--shard", f"{k}/2") for k in (1, 2)]
        assert [each.result() for each in halves] == [(0, ""), (0, "")]
    shards = sorted((tmp_path / "shards").glob("*.db"))
    assert len(shards) == 2
    assert list_results(tmp_path) == [], "a part is not offered as results of the whole"
    assert started("merge", "-q", tmp_path / "shards", "--results", tmp_path / "named")[0] == 0
    same(list_results(tmp_path / "named")[0].path, whole)
    figures = merge.run(MergeConfig(tuple(reversed(shards)), tmp_path))
    (made,) = list_results(tmp_path)
    assert made.path.name == whole.name
    same(made.path, whole)
    assert figures == ResultsStore(made.path).aggregates
    stamp = made.path.stat().st_mtime_ns
    assert merge.run(MergeConfig(tuple(shards), tmp_path)) == figures
    assert made.path.stat().st_mtime_ns == stamp, "a second merge only reads"


def test_parts_are_every_glyph_once(model_db: Path) -> None:
    store = GlyphStore(model_db)
    everything = [row.glyph_id for row in store.rows(contours=False)]
    for of in (1, 2, 3, 7, len(everything)):
        found: list[int] = []
        for number in range(1, of + 1):
            its = part(store, number, of)
            ids = [row.glyph_id for row in store.rows(after=its.after, upto=its.upto, contours=False)]
            assert its.count in (None, len(ids))
            found += ids
        assert found == everything
    with pytest.raises(ConfigError, match="no more glyphs"):
        part(store, 1, len(everything) + 1)


def shards(tiny_checkpoint: Path, model_db: Path, folder: Path, of: int = 2) -> list[Path]:
    for number in range(1, of + 1):
        evaluate.run(EvaluateConfig(tiny_checkpoint, model_db, folder, folder / "cache", shard=(number, of)))
    return sorted((folder / "shards").glob("*.db"))


def test_a_merge_cut_off_between_shards_goes_on(
    tiny_checkpoint: Path, model_db: Path, whole: Path, tmp_path: Path
) -> None:
    files = tuple(shards(tiny_checkpoint, model_db, tmp_path, 3))
    with pytest.raises(KeyboardInterrupt):
        merge.run(MergeConfig(files, tmp_path), StopsAfter(2))
    (cut,) = list_results(tmp_path)
    assert not cut.complete
    assert 0 < cut.written < GlyphStore(model_db).count()
    merge.run(MergeConfig(files, tmp_path))
    same(cut.path, whole)


def test_what_is_missing_doubled_or_foreign_is_refused(
    tiny_checkpoint: Path, model_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glyphcore.config.CACHE", tmp_path / "cache")
    first, second = shards(tiny_checkpoint, model_db, tmp_path)
    other = tmp_path / "other"
    refused: dict[str, tuple[Path, ...]] = {
        "Shard 2 of 2 is missing": (first,),
        "named twice": (first, first),
        "no shards": (tmp_path / "cache",),
        "not a shard": (first, tmp_path / "results.db"),
        "does not exist": (first, second.with_name(second.name.replace("2of2", "3of3"))),
    }
    for message, files in refused.items():
        with pytest.raises(StoreError, match=message):
            merge.run(MergeConfig(files, other))
    with pytest.raises(StoreError, match="not the database of these shards"):
        merge.run(MergeConfig((first, second), other, db=tiny_foreign(tmp_path)))
    assert not other.exists()


def test_linked_results_have_their_rows_in_the_shards(tiny_checkpoint: Path, model_db: Path, tmp_path: Path) -> None:
    files = tuple(shards(tiny_checkpoint, model_db, tmp_path, 3))
    assert started("merge", "-q", *files, "--results", tmp_path, "--link")[0] == 0
    (linked,) = list_results(tmp_path)
    merged = tmp_path / "merged"
    figures = merge.run(MergeConfig(files, merged))
    (copied,) = list_results(merged)
    same(linked.path, copied.path)
    assert ResultsStore(linked.path).aggregates == figures
    one, other = ResultsStore(linked.path), ResultsStore(copied.path)
    for name, values in other.columns.data.items():
        np.testing.assert_array_equal(one.columns.data[name], values, err_msg=name)
    assert one.columns.words == other.columns.words
    for sort in ("loss", "id", "sure"):
        assert one.page(Filters(outcome="wrong"), sort, limit=20) == other.page(
            Filters(outcome="wrong"), sort, limit=20
        )
    assert one.facets(Filters()) == other.facets(Filters())
    assert np.array_equal(one.build_cell_index().grids, other.build_cell_index().grids)
    assert np.array_equal(embeddings(one.path, one.columns), embeddings(other.path, other.columns))
    assert linked.path.stat().st_size < copied.path.stat().st_size
    assert evaluate.run(EvaluateConfig(tiny_checkpoint, model_db, tmp_path, tmp_path / "cache")) == figures


def test_linked_results_name_a_shard_that_is_missing_or_another(
    tiny_checkpoint: Path, model_db: Path, tmp_path: Path
) -> None:
    files = tuple(shards(tiny_checkpoint, model_db, tmp_path, 2))
    with pytest.raises(StoreError, match=r"is not in .*elsewhere.*nothing was linked"):
        merge.run(MergeConfig(files, tmp_path / "elsewhere", link=True))
    assert not list_results(tmp_path / "elsewhere")
    merge.run(MergeConfig(files, tmp_path, link=True))
    (linked,) = list_results(tmp_path)
    content = files[0].read_bytes()
    files[0].unlink()
    with pytest.raises(StoreError, match=rf"{files[0].name}, which is missing.*--shard 1/2"):
        ResultsStore(linked.path)
    (listed,) = list_results(tmp_path)
    assert not listed.complete
    assert "which is missing" in listed.problem
    files[0].write_bytes(content)
    with closing(sqlite3.connect(files[0])) as connection, connection:
        connection.execute("UPDATE meta SET value = '\"another\"' WHERE key = 'checkpoint_fingerprint'")
    with pytest.raises(StoreError, match="not from the evaluation"):
        ResultsStore(linked.path)
    files[0].write_bytes(b"damaged")
    figures = evaluate.run(EvaluateConfig(tiny_checkpoint, model_db, tmp_path, tmp_path / "cache"))
    (whole,) = list_results(tmp_path)
    assert whole.complete
    assert ResultsStore(whole.path).aggregates == figures
    files[0].write_bytes(content)
    evaluate.run(EvaluateConfig(tiny_checkpoint, model_db, tmp_path, tmp_path / "cache", again=True))
    whole.path.unlink()
    merge.run(MergeConfig(files, tmp_path, link=True))
    with closing(sqlite3.connect(linked.path)) as connection, connection:
        connection.execute("UPDATE shards SET name = '../' || name")
    with pytest.raises(StoreError, match="damaged list of shards"):
        ResultsStore(linked.path)


def tiny_foreign(folder: Path) -> Path:
    path = folder / "list.csv"
    path.write_text("1,beh_isol\n")
    return path


def test_two_evaluations_of_one_checkpoint_at_once(
    tiny_checkpoint: Path, model_db: Path, whole: Path, tmp_path: Path
) -> None:
    words = ("evaluate", tiny_checkpoint, "--db", model_db, "--results", tmp_path)
    with ThreadPoolExecutor(2) as pool:
        done = [each.result() for each in [pool.submit(started, *words) for _ in range(2)]]
    assert [code for code, _ in done] == [0, 0], done
    same(list_results(tmp_path)[0].path, whole)
