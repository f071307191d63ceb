"""The map's sample, file and layout: fair, found again, refused when stale, always the same."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from app_fixtures import fake_results, tiny_database

from glyphcore import cli
from glyphcore.config import MapConfig
from glyphcore.data.store import GlyphStore
from glyphcore.errors import ConfigError, StoreError
from glyphcore.jobs import map as job
from glyphcore.progress import Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.lookup import find_results
from glyphcore.results.projection import load, map_path, principal, sample, save, to_unit


@pytest.fixture
def results(database: GlyphStore, tmp_path: Path) -> Path:
    return fake_results(database.path, tmp_path)


def test_every_split_and_label_has_its_share(store: ResultsStore) -> None:
    columns = store.columns
    rows = sample(columns, 120, 0)
    assert len(set(rows.tolist())) == 120
    assert (np.diff(rows) > 0).all()
    for name in ("split", "label"):
        everything, drawn = (
            np.bincount(codes, minlength=80) for codes in (columns.data[name], columns.data[name][rows])
        )
        assert np.abs(drawn - everything / 3).max() <= 1.5, name
    assert sample(columns, 120, 0).tolist() == rows.tolist()
    assert sample(columns, 120, 1).tolist() != rows.tolist()


def test_a_small_store_is_taken_whole(store: ResultsStore) -> None:
    assert sample(store.columns, 10_000, 0).tolist() == list(range(len(store)))
    val = sample(store.columns, 10_000, 0, "val")
    assert 0 < len(val) < len(store)
    with pytest.raises(StoreError, match="hold no glyph"):
        sample(store.columns, 10, 0, "nosuch")


def test_principal_components_keep_what_varies() -> None:
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(300, 2)) * (5, 2)
    vectors = hidden @ np.linalg.qr(rng.normal(size=(8, 8)))[0][:2] + 3
    found = principal(vectors, 4)
    assert found.shape == (300, 4)
    assert found[:, 2:].std() < 1e-4
    far = lambda points: np.linalg.norm(points[:50, None] - points[None, :50], axis=-1)  # noqa: E731
    np.testing.assert_allclose(far(found), far(hidden), atol=1e-3)


def test_places_are_scaled_alike() -> None:
    unit = to_unit(np.array([[0.0, 0.0], [10.0, 5.0]]))
    np.testing.assert_allclose(unit, [[0, 0.25], [1, 0.75]])
    assert np.isfinite(to_unit(np.zeros((3, 2)))).all()


def test_the_job_stores_a_map_that_repeats_itself(results: Path) -> None:
    assert load(results) is None
    first = job.run(MapConfig(results, points=150))
    assert (len(first.glyph_id), first.total) == (150, len(ResultsStore(results)))
    assert 0 <= first.xy.min() < first.xy.max() <= 1
    found = load(results)
    assert found is not None
    np.testing.assert_array_equal(found.xy, first.xy)
    before = map_path(results).stat().st_mtime_ns
    job.run(MapConfig(results, points=150))
    assert map_path(results).stat().st_mtime_ns == before, "a map that is there is only read"
    again = job.run(MapConfig(results, points=150, again=True))
    np.testing.assert_array_equal(again.xy, first.xy)
    np.testing.assert_array_equal(again.glyph_id, first.glyph_id)
    assert len(job.run(MapConfig(results, points=60, split="val")).glyph_id) == 60


def test_alike_lies_together(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Embeddings of two clusters stay two clusters on the plane."""
    store = ResultsStore(results)
    heap = np.arange(len(store)) % 2
    vectors = np.random.default_rng(1).normal(size=(len(store), 16)) * 0.1 + heap[:, None] * 4
    monkeypatch.setattr(job, "embeddings", lambda *_: vectors.astype(np.float16))
    xy = job.run(MapConfig(results)).xy
    middle = [xy[heap == each].mean(0) for each in (0, 1)]
    nearer = np.argmin([np.linalg.norm(xy - each, axis=1) for each in middle], axis=0)
    assert (nearer == heap).mean() > 0.98


@pytest.mark.parametrize("m", [1, 3, 9])
def test_a_handful_of_glyphs_has_a_map(results: Path, m: int) -> None:
    assert job.run(MapConfig(results, points=m)).xy.shape == (m, 2)


def test_a_stale_or_damaged_map_is_none(results: Path) -> None:
    job.run(MapConfig(results, points=5))
    path = map_path(results)
    stamp = path.stat().st_mtime_ns
    os.utime(results, ns=(stamp + 10**9, stamp + 10**9))
    assert load(results) is None
    os.utime(results, ns=(stamp - 10**9, stamp - 10**9))
    assert load(results) is not None
    for content in (b"rubbish", path.read_bytes()[:100]):
        path.write_bytes(content)
        assert load(results) is None


def test_results_are_found_by_path_name_and_checkpoint(results: Path, database: GlyphStore) -> None:
    for wanted in (results, Path(results.name), Path("fake"), Path("checkpoints/fake.ckpt")):
        assert find_results(results.parent, wanted, database) == results
    for wanted in ("nosuch", "fake.2", "nosuch.ckpt"):
        with pytest.raises(StoreError, match="was not evaluated"):
            find_results(results.parent, Path(wanted), database)
    with pytest.raises(StoreError, match="does not exist"):
        find_results(results.parent, Path("nosuch.db"), database)


def test_results_of_another_database_are_not_taken_instead(
    results: Path, database: GlyphStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same folder contains newer results of a checkpoint of the same name."""
    other = tiny_database(tmp_path / "other.db")
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("UPDATE glyphs SET label = 'digit_one' WHERE glyph_id = 1")
    newer = fake_results(other, results.parent)
    assert newer != results
    os.utime(newer, ns=(results.stat().st_mtime_ns + 10**9,) * 2)
    words = ["map", "fake", "--folder", str(results.parent), "--points", "9"]
    assert cli.main([*words, "--db", str(database.path)]) == 0
    assert load(results) is not None
    assert load(newer) is None
    newer.unlink()
    assert cli.main([*words, "--db", str(other)]) == 1
    assert "was not evaluated on" in capsys.readouterr().err


def test_the_command(results: Path, database: GlyphStore, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--folder", str(results.parent), "--db", str(database.path)]
    assert cli.main(["map", "fake", *words, "--points", "9"]) == 0
    assert "9 of 360 glyphs" in capsys.readouterr().err
    assert cli.main(["map", "nosuch", *words]) == 1
    with pytest.raises(ConfigError, match="points"):
        MapConfig(results, points=0)
    found = load(results)
    assert found is not None
    assert save(results, found) == map_path(results)


def test_glyphs_of_another_database_are_placed_on_a_map_that_stays(
    results: Path, database: GlyphStore, tmp_path: Path
) -> None:
    half = tmp_path / "half.db"
    half.write_bytes(database.path.read_bytes())
    with closing(sqlite3.connect(half)) as connection, connection:
        connection.execute("DELETE FROM glyphs WHERE glyph_id % 2")
    base = fake_results(half, results.parent)
    with pytest.raises(StoreError, match="has no map"):
        job.run(MapConfig(results, onto=base))
    first = job.run(MapConfig(base, points=100))
    before = map_path(base).read_bytes()
    placed = job.run(MapConfig(results, onto=base))
    assert map_path(base).read_bytes() == before
    assert len(placed.glyph_id) == len(ResultsStore(results))
    assert (placed.xy >= first.xy.min(0)).all()
    assert (placed.xy <= first.xy.max(0)).all()
    assert load(results) is not None
    stamp = map_path(results).stat().st_mtime_ns
    job.run(MapConfig(results, onto=base))
    assert map_path(results).stat().st_mtime_ns == stamp, "a map that is there is only read"
    job.run(MapConfig(results))
    assert map_path(results).stat().st_mtime_ns != stamp, "a map of its own is another map"
    with pytest.raises(StoreError, match="onto itself"):
        job.run(MapConfig(base, onto=base, again=True))
    other = fake_results(database.path, results.parent, name="other", seed=7)
    with pytest.raises(StoreError, match="another checkpoint"):
        job.run(MapConfig(other, onto=base))


def test_a_glyph_that_is_on_the_map_keeps_its_place_and_another_lies_among_its_likest() -> None:
    rng = np.random.default_rng(3)
    heaps = rng.normal(size=(2, 8))
    fitted = (heaps[np.arange(100) % 2] + rng.normal(size=(100, 8)) * 0.05).astype(np.float32)
    xy = (
        rng.random((100, 2)).astype(np.float32) * 0.1
        + np.array([[0.0, 0.0], [0.9, 0.9]], np.float32)[np.arange(100) % 2]
    )
    np.testing.assert_array_equal(job.place(fitted[:7], fitted, xy, Silent()), xy[:7])
    further = (heaps[[0, 1, 1]] + rng.normal(size=(3, 8)) * 0.05).astype(np.float32)
    found = job.place(further, fitted, xy, Silent())
    assert (found[0] <= 0.1).all()
    assert (found[1:] >= 0.9).all()
    assert job.place(further, fitted[:1], xy[:1], Silent()).shape == (3, 2), "a map of one glyph"
