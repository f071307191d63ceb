"""A metric is one row of a table: an appended row is in every command and on every page that shows metrics."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from app_fixtures import fake_results, tiny_database, turn_to
from streamlit.testing.v1 import AppTest

from glyphcore import cli
from glyphcore.analysis.evaluation_slice import evaluation_slice
from glyphcore.analysis.metrics import METRICS, Metric, percent, predictions
from glyphcore.analysis.report import glyphs_of_figure
from glyphcore.data.store import GlyphStore
from glyphcore.results.browse import ResultsStore

MAIN = str(Path(__file__).resolve().parents[3] / "app" / "main.py")
TOY = Metric(
    "label_top2", "Top-2 accuracy", "Top-2", "The true label is among the two likeliest.",
    lambda glyphs: ((glyphs.rank > 0) & (glyphs.rank <= 2), glyphs.every),
)  # fmt: skip


@pytest.fixture
def appended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METRICS, "top2", TOY)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a database and results of two pretended checkpoints on it: one, two."""
    folder = tmp_path_factory.mktemp("new_metric")
    tiny_database(folder / "glyphs.db")
    for seed, name in enumerate(("one", "two")):
        fake_results(folder / "glyphs.db", folder / "results", name=name, seed=seed)
    return folder


def run(*words: object) -> None:
    assert cli.main([str(word) for word in words]) == 0


def results(folder: Path, name: str) -> Path:
    return next((folder / "results").glob(f"{name}-*.db"))


def among_two(folder: Path, name: str, split: str = "") -> tuple[int, int]:
    """Return the number of glyphs whose label is among the two likeliest, counted row by row, and of all glyphs."""
    rows = predictions(results(folder, name))
    ranks = [rank for rank, its in zip(rows["rank"], rows["split"], strict=True) if split in ("", its)]
    return sum(rank in (1, 2) for rank in ranks), len(ranks)


def opened(folder: Path, monkeypatch: pytest.MonkeyPatch, page: str, component: str) -> dict[str, Any]:
    """Return the data of a component of a page."""
    monkeypatch.setenv("GLYPHCORE_DB", str(folder / "glyphs.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(folder / "results"))
    app = AppTest.from_file(MAIN, default_timeout=60)
    turn_to(app, page)
    app.query_params["results" if page == "dashboard" else "a"] = results(folder, "one").name
    app.run()
    assert not app.exception
    (found,) = [each for each in app.get("bidi_component") if each.key == component]
    return json.loads(found.proto.json)


def test_an_evaluation_and_a_card_have_it(
    appended: None, tiny_checkpoint: Path, model_db: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = Path(shutil.copy(tiny_checkpoint, tmp_path / "tiny.ckpt"))
    common = (checkpoint, "--db", model_db, "--results", tmp_path)
    run("evaluate", "-q", *common, "--out", tmp_path / "figures.json")
    said, made = capsys.readouterr().out, json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    groups = [made, *made["by_split"].values(), *made["by_class"].values(), made["in_font"]]
    assert all(group["label_top1"] <= group[TOY.key] <= group["label_top5"] for group in groups)
    assert said.splitlines()[0].endswith(f"| {TOY.title} |")
    run("card", "-q", *common)
    card = checkpoint.with_suffix(".md").read_text(encoding="utf-8")
    (row,) = [line for line in card.splitlines() if line.startswith("| test | ")]
    assert row.endswith(f"| {percent(made['by_split']['test'][TOY.key])} |")
    assert f"- {TOY.title}: {TOY.meaning}" in card


def test_results_from_before_it_show_a_dash(
    tiny_checkpoint: Path,
    model_db: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    common = ("evaluate", "-q", tiny_checkpoint, "--db", model_db, "--results", tmp_path)
    run(*common)
    before = capsys.readouterr().out.splitlines()
    monkeypatch.setitem(METRICS, "top2", TOY)
    run(*common)
    after = capsys.readouterr().out.splitlines()
    assert after[0] == f"{before[0]} {TOY.title} |"
    assert after[2] == f"{before[2]} – |"


def test_a_report_has_it_and_its_errors_are_glyphs(
    appended: None, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("report", "-q", results(folder, "one"), "--db", folder / "glyphs.db", "--split", "val")
    right, n = among_two(folder, "one", "val")
    run(*asked, "--json", "--out", tmp_path / "report.json")
    found = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["scores"][-1]
    low, high = found.pop("interval")
    assert found == {"name": "top2", "value": right / n, "right": right, "n": n, "filters": None}
    assert low <= right / n <= high
    run(*asked)
    assert f"| {TOY.title} | {percent(right / n)} | {percent(low)} … {percent(high)} | {n:,} glyphs |" in (
        capsys.readouterr().out
    )
    database = GlyphStore(folder / "glyphs.db")
    val = evaluation_slice(ResultsStore(results(folder, "one")), database, "val")
    assert len(glyphs_of_figure(val, None, "label", "score top2")) == n - right > 0


def test_a_comparison_has_it(
    appended: None, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    pair = [results(folder, name) for name in ("one", "two")]
    run("compare", "-q", *pair, "--db", folder / "glyphs.db", "--out", tmp_path / "compare.json")
    one, two = json.loads((tmp_path / "compare.json").read_text(encoding="utf-8"))["models"]
    expected = [right / n for right, n in (among_two(folder, name) for name in ("one", "two"))]
    assert [one["figures"][TOY.key], two["figures"][TOY.key]] == expected
    assert two["delta"][TOY.key] == expected[1] - expected[0]
    assert f"| {TOY.title} |" in capsys.readouterr().out


def test_the_dashboard_has_it(appended: None, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    html = opened(folder, monkeypatch, "dashboard", "scores_sheet")["html"]
    right, n = among_two(folder, "one", "val")
    card = html.partition('data-pick="score top2"')[2].partition("</div>")[0]
    for words in (TOY.short, f"{percent(right / n)}%", f"✗ {n - right} of {n}"):
        assert words in card
    assert f'title="{TOY.tooltip} ' in html


def test_the_compare_page_has_it(appended: None, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = opened(folder, monkeypatch, "compare", "compare")
    assert data["metrics"][-1] == {"key": TOY.key, "title": TOY.short, "meaning": TOY.tooltip}
    right, n = among_two(folder, data["models"][data["a"]]["name"])
    assert data["models"][data["a"]]["values"][-1] == right / n
