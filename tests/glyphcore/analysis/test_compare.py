"""Comparison of checkpoints: it refuses results that are not comparable, and every figure agrees with its rows."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from app_fixtures import fake_results, tiny_database

from glyphcore import cli
from glyphcore.analysis.alignment import AlignedResults, load
from glyphcore.analysis.compare import agreement, by_group, compare, flips
from glyphcore.analysis.metrics import figures, predictions, slice_of
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultsStore
from glyphcore.results.lookup import find_results


@pytest.fixture(scope="module")
def folder(model_db: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make results of three pretended checkpoints on ``model_db``: a, b, c."""
    folder = tmp_path_factory.mktemp("results")
    for seed, name in enumerate("abc"):
        fake_results(model_db, folder, name=name, seed=seed)
    return folder


@pytest.fixture(scope="module")
def database(model_db: Path) -> GlyphStore:
    return GlyphStore(model_db)


def stores(folder: Path, database: GlyphStore, names: str = "abc") -> list[ResultsStore]:
    return [ResultsStore(find_results(folder, Path(name), database)) for name in names]


def trained(path: Path, database: GlyphStore, f_ids: list[str]) -> ResultsStore:
    """Return the same results with a checkpoint that says it was trained on these fonts."""
    hashes = [database.font_hashes()[f_id][:16] for f_id in f_ids]
    with closing(sqlite3.connect(path)) as connection, connection:
        model = json.dumps({"parameters": 7, "training": {"trained_fonts": hashes, "minutes": 1.5}})
        connection.execute("UPDATE meta SET value = ? WHERE key = 'model'", [model])
    return ResultsStore(path)


def words(compared: AlignedResults, column: str, model: int = 0) -> np.ndarray:
    """Return a column of words, a row per glyph."""
    return np.array(compared.words(model, column))[compared.column(model, column)]


def test_figures_are_those_of_the_rows(folder: Path, database: GlyphStore) -> None:
    both = stores(folder, database, "ab")
    out = compare(load(both, database))
    a, b = (predictions(store.path) for store in both)
    assert out["n"] == len(a) == GlyphStore(database.path).count()
    for model, rows in zip(out["models"], (a, b), strict=True):
        assert model["figures"] == figures(slice_of(rows))
        assert model["parameters"] == 1_234_567
        assert model["minutes"] is None
        assert model["by_split"]["test"] == figures(slice_of(rows[rows["split"] == "test"]))
    assert out["models"][0]["delta"]["label_top1"] == 0
    for column, name in (("correct", "label"), ("twin_correct", "twin")):
        its, (before, after) = out["pairs"][0][name], (a[column] == 1, b[column] == 1)
        assert its["fixed"] == (~before & after).sum()
        assert its["broken"] == (before & ~after).sum()
        assert its["fixed"] + its["broken"] + its["both_right"] + its["both_wrong"] == its["n"] == out["n"]
        assert np.isclose(its["difference"], after.mean() - before.mean())
    json.dumps(out)


def test_glyphs_that_any_of_them_was_trained_on_are_left_out(
    folder: Path, database: GlyphStore, tmp_path: Path
) -> None:
    one, two = (Path(shutil.copy(find_results(folder, Path(name), database), tmp_path)) for name in "ab")
    rows = predictions(one)
    f_ids = sorted(rows["f_id"].unique())
    out = load([trained(one, database, f_ids[:1]), trained(two, database, f_ids[1:3])], database)
    assert set(words(out, "f_id")) == set(f_ids[3:])
    assert out.left_out["trained_on"] == rows["f_id"].isin(f_ids[:3]).sum()
    assert out.n + out.left_out["trained_on"] == len(rows)
    assert out.models[0]["minutes"] == 1.5
    with pytest.raises(StoreError, match="No glyph"):
        load([trained(one, database, f_ids), ResultsStore(two)], database)


def test_one_split_only(folder: Path, database: GlyphStore) -> None:
    out = load(stores(folder, database), database, "val")
    assert set(words(out, "split", 2)) == {"val"}
    assert out.n + out.left_out["other_splits"] == database.count()


def test_only_common_glyphs_are_compared(folder: Path, database: GlyphStore, tmp_path: Path) -> None:
    fewer = ResultsStore(fake_results(database.path, tmp_path, name="fewer", limit=100))
    out = load([*stores(folder, database, "a"), fewer], database)
    assert out.n == 100
    assert out.left_out["not_in_all"] == database.count() - 100
    np.testing.assert_array_equal(out.column(0, "glyph_id"), out.column(1, "glyph_id"))


def test_what_may_not_be_compared_is_refused(folder: Path, database: GlyphStore, tmp_path: Path) -> None:
    (a,) = stores(folder, database, "a")
    with pytest.raises(StoreError, match="two results or more"):
        load([a], database)
    other = tiny_database(tmp_path / "other.db")
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("UPDATE glyphs SET label = 'digit_one' WHERE glyph_id = 1")
    with pytest.raises(StoreError, match="another database"):
        load([a, ResultsStore(fake_results(other, tmp_path))], database)
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("UPDATE glyphs SET split = 'test' WHERE split = 'val'")
    changed = fake_results(other, tmp_path / "changed")
    with closing(sqlite3.connect(changed)) as connection, connection:
        said = json.dumps(database.fingerprint)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'dataset_fingerprint'", (said,))
    with pytest.raises(StoreError, match="labels or splits"):
        load([a, ResultsStore(changed)], database)
    with pytest.raises(StoreError, match="was not evaluated"):
        find_results(folder, Path("nobody.ckpt"), database)
    another = tmp_path / "a.ckpt"
    another.write_bytes(b"a checkpoint of that name, but another one")
    with pytest.raises(StoreError, match="was not evaluated"):
        find_results(folder, another, database)


def test_significance() -> None:
    """Compare with McNemar's exact test by hand; the interval widens when whole families err together."""
    a = pd.Series([True] * 8 + [False] * 12)
    b = pd.Series([True] * 7 + [False] + [True] * 6 + [False] * 6)
    each = pd.Series(map(str, range(20)))
    out = flips(a, b, each)
    assert (out["fixed"], out["broken"], out["both_right"], out["both_wrong"]) == (6, 1, 7, 6)
    assert np.isclose(out["p"], 2 * (1 + 7) / 2**7)
    assert flips(a, a, each)["p"] == 1.0
    low, high = out["interval"]
    assert low <= out["difference"] <= high
    together = pd.Series(["x"] * 7 + ["y"] * 7 + ["z"] * 6)
    wide = flips(a, b, together)["interval"]
    assert wide[1] - wide[0] > high - low
    assert flips(a, b, pd.Series(["one"] * 20))["interval"] is None


def test_agreement_and_groups(folder: Path, database: GlyphStore) -> None:
    compared = load(stores(folder, database), database)
    matrix = np.array(agreement(compared))
    np.testing.assert_array_equal(np.diag(matrix), 1)
    np.testing.assert_array_equal(matrix, matrix.T)
    assert np.isclose(matrix[0, 2], (words(compared, "pred", 0) == words(compared, "pred", 2)).mean())
    groups = by_group(compared, "family")
    assert sum(group["n"] for group in groups) == compared.n
    largest = [max(map(abs, group["delta"])) for group in groups]
    assert largest == sorted(largest, reverse=True)
    group = next(group for group in groups if group["name"] == "Cairo")
    its = [compared.right(i)[words(compared, "family") == "Cairo"] for i in range(3)]
    assert group["label_top1"] == [each.mean() for each in its]
    assert group["fixed"][2] == (~its[0] & its[2]).sum()
    assert group["broken"][1] == (its[0] & ~its[1]).sum()


def test_compare(
    folder: Path, model_db: Path, tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The comparison runs from the command line, with a real checkpoint; its figures are those of the evaluation."""
    for path in folder.glob("*.db"):
        shutil.copy(path, tmp_path)
    figures, out = tmp_path / "figures.json", tmp_path / "compare.json"
    common = ["--db", model_db, "--results", tmp_path]
    assert cli.main(list(map(str, ["evaluate", "-q", tiny_checkpoint, *common, "--out", figures]))) == 0
    capsys.readouterr()
    named = find_results(tmp_path, Path("b"), GlyphStore(model_db))
    flipped = ["--flips", tmp_path / "flips.csv", "--kind", "broken"]
    assert cli.main(list(map(str, ["compare", tiny_checkpoint, "a", named, *common, "--out", out, *flipped]))) == 0
    said, made = capsys.readouterr().out, json.loads(out.read_text(encoding="utf-8"))
    evaluated = json.loads(figures.read_text(encoding="utf-8"))
    assert [model["name"] for model in made["models"]] == ["tiny", "a", "b"]
    for key, value in made["models"][0]["figures"].items():
        assert evaluated[key] == pytest.approx(value)
    assert made["left_out"]["trained_on"] == evaluated["trained_on"] > 0
    assert made["models"][0]["minutes"] is not None
    assert len(made["pairs"]) == 3
    assert f"{made['n']:,} glyphs" in said
    assert "tiny → a" in said
    broken = pd.read_csv(tmp_path / "flips.csv")
    assert len(broken) == made["pairs"][0]["label"]["broken"]
    assert (broken["label"] == broken["a_read"]).all()
    assert (broken["label"] != broken["b_read"]).all()
    assert cli.main(list(map(str, ["compare", "a", "b", *common, "--kind", "sideways"]))) == 1
    assert "kind must be broken, fixed" in capsys.readouterr().err
