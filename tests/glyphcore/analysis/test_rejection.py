"""What a checkpoint lets pass of glyphs that are none of its labels: DejaVu Sans, most of whose glyphs are none."""

from __future__ import annotations

import csv
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from app_fixtures import turn_to
from streamlit.testing.v1 import AppTest

from glyphcore import config
from glyphcore.analysis.calibration import SURE, rejection
from glyphcore.analysis.evaluation_slice import evaluation_slice
from glyphcore.cli import main
from glyphcore.config import DATASET
from glyphcore.data.store import GlyphStore
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters

MAIN = str(Path(__file__).resolve().parents[3] / "app" / "main.py")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rejection")
    font = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    words = ["--labels", str(DATASET / "chars-wide.csv"), "--out", str(folder / "glyphs.db"), "-q"]
    assert main(["db", "build", str(font), *words]) == 0
    words = ["--db", str(folder / "glyphs.db"), "--results", str(folder / "results"), "--parts", "3", "-q"]
    assert main(["evaluate", "mixer-geometry", *words]) == 0
    return folder


@pytest.fixture(scope="module")
def store(folder: Path) -> ResultsStore:
    return ResultsStore(next((folder / "results").glob("*.db")))


def test_the_answer_outside_lets_fewer_unknown_glyphs_pass(folder: Path, store: ResultsStore) -> None:
    curves = rejection(evaluation_slice(store, GlyphStore(folder / "glyphs.db"), "train"))
    assert curves is not None
    assert curves["known"] + curves["unknown"] == len(store)
    before, after = curves["p"]["at"], curves["final_p"]["at"]
    assert after["passed"] < before["passed"] / 2
    assert after["kept"] > 0.85
    for curve in (curves["p"], curves["final_p"]):
        for shares in (curve["kept"], curve["passed"]):
            assert 0 <= shares[0] <= shares[-1] == 1
            assert (np.diff(shares) >= 0).all()


def test_the_curve_counts_what_a_loop_counts(folder: Path, store: ResultsStore) -> None:
    rows = list(store.export(Filters()))
    final = dict(zip(store.columns.data["glyph_id"].tolist(), store.columns.data["final_p"].tolist(), strict=True))
    curves = rejection(evaluation_slice(store, None, "train"))
    assert curves is not None
    for key, p in (("p", {row.glyph_id: row.p1 for row in rows}), ("final_p", final)):
        for part, shares in ((1, "kept"), (0, "passed")):
            its = [p[row.glyph_id] >= SURE for row in rows if (row.label_index >= 0) == part]
            assert curves[key]["at"][shares] == pytest.approx(np.mean(its), abs=1e-6)


def test_the_tenths_of_browse_count_unknown_glyphs(store: ResultsStore) -> None:
    tenths = store.facets(Filters())["confidence"]
    assert sum(value.unknown for value in tenths) == 2613
    assert sum(value.n for value in tenths) == len(store)
    assert all(value.unknown <= value.wrong <= value.n for value in tenths)
    assert not any(value.unknown for value in store.facets(Filters(outcome="right"))["confidence"])


def test_results_without_unknown_glyphs_have_no_curve(store: ResultsStore) -> None:
    known = Filters(label=tuple(store.labels.labels))
    assert rejection(evaluation_slice(store, None, "train", known)) is None


def test_likeliest_strangers_come_first_and_are_written_with_their_scores(
    folder: Path, store: ResultsStore, tmp_path: Path
) -> None:
    out = tmp_path / "all.csv"
    words = [str(store.path), "--db", str(folder / "glyphs.db"), "--sort", "outside", "--out", str(out), "-q"]
    assert main(["select", *words]) == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    scores = [float(row["outside"]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.9 > 0.1 > scores[-1]
    first = [int(row["label_index"]) for row in rows[:500]]
    assert np.mean(np.array(first) < 0) > 0.95, "those that are surely none of the labels have none of them"


def test_shards_and_a_merged_file_have_the_same_scores(folder: Path, store: ResultsStore, tmp_path: Path) -> None:
    words = ["--db", str(folder / "glyphs.db"), "--results", str(tmp_path / "results"), "-q"]
    for number in (1, 2):
        assert main(["evaluate", "mixer-geometry", *words, "--shard", f"{number}/2"]) == 0
    for more in ([], ["--link"]):
        shards = sorted((tmp_path / "results" / "shards").glob("*.db"))
        assert main(["merge", *map(str, shards), *words, *more]) == 0
        (path,) = (tmp_path / "results").glob("*.db")
        merged = ResultsStore(path)
        for name in ("outside", "final_p"):
            assert np.allclose(merged.columns.data[name], store.columns.data[name], atol=1e-4)
        path.unlink()


def test_a_report_and_the_dashboard_say_what_passes(
    folder: Path, store: ResultsStore, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    database = str(folder / "glyphs.db")
    curves = rejection(evaluation_slice(store, GlyphStore(folder / "glyphs.db"), "train"))
    assert curves is not None
    at = curves["final_p"]["at"]
    assert main(["report", str(store.path), "--db", database, "--split", "train"]) == 0
    said = f"{100 * at['kept']:.1f}% of 948 known glyphs are kept, {100 * at['passed']:.1f}% of 2,613 others"
    assert said in capsys.readouterr().out
    monkeypatch.setenv("GLYPHCORE_DB", database)
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(folder / "results"))
    monkeypatch.setattr(config, "CACHE", folder / "cache")
    app = AppTest.from_file(MAIN, default_timeout=60)
    turn_to(app, "dashboard")
    app.query_params.update({"part": "confidence", "split": "train"})
    app.run()
    assert not app.exception
    assert f"{100 * at['passed']:.1f}% of 2,613 unknown ones passed" in " ".join(
        each.proto.body for each in app.get("html")
    )
    assert [chart.key for chart in app.get("plotly_chart")][-1] == "rejection"
