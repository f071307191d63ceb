"""The page that compares checkpoints, as Streamlit runs it: its link, its figures, and its messages about missing
data."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from app_fixtures import fake_results, tiny_database, turn_to
from components import chosen as chosen_in
from components import offered
from streamlit.testing.v1 import AppTest

from app.compare import state
from app.compare.charts import confidence_scatter
from glyphcore import cli
from glyphcore.analysis import flips
from glyphcore.analysis.alignment import AlignedResults, load
from glyphcore.analysis.flips import Choice
from glyphcore.analysis.metrics import METRICS
from glyphcore.data.store import GlyphStore
from glyphcore.jobs import evaluate
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters
from glyphcore.results.lookup import find_results
from glyphcore.results.speed import Speed, speed_path, write_speed

ROOT = Path(__file__).resolve().parents[3]
MAIN = str(ROOT / "app" / "main.py")
NAMES = ("first", "second", "third")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare")
    tiny_database(folder / "glyphs.db")
    for seed, name in enumerate(NAMES):
        fake_results(folder / "glyphs.db", folder / "results", name=name, seed=seed)
    return folder


@pytest.fixture(scope="module")
def files(folder: Path) -> list[str]:
    """Return the names of the results files, in the order of :data:`NAMES`."""
    database = GlyphStore(folder / "glyphs.db")
    return [find_results(folder / "results", Path(name), database).name for name in NAMES]


@pytest.fixture(scope="module")
def compared(folder: Path, files: list[str]) -> AlignedResults:
    return load([ResultsStore(folder / "results" / name) for name in files], GlyphStore(folder / "glyphs.db"))


@pytest.fixture
def app(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("GLYPHCORE_DB", str(folder / "glyphs.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(folder / "results"))
    monkeypatch.setattr("glyphcore.config.CHECKPOINTS", tmp_path)
    return AppTest.from_file(MAIN, default_timeout=60)


def visit(app: AppTest, **query: str | list[str]) -> AppTest:
    """Open the page with these parameters."""
    app.run()
    turn_to(app, "compare")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def drawn(app: AppTest, key: str) -> dict[str, Any]:
    """Return the data that a component was given."""
    (component,) = [each for each in app.get("bidi_component") if each.key == key]
    return json.loads(component.proto.json)


def chosen(compared: AlignedResults, choice: Choice) -> list[int]:
    return compared.glyph_id[flips.select(compared, choice)].tolist()


def test_a_bare_visit_holds_another_against_the_best(app: AppTest, files: list[str], compared: AlignedResults) -> None:
    visit(app)
    data = drawn(app, "compare")
    assert {model["file"] for model in data["models"]} == set(files)
    label = list(METRICS).index("label")
    accuracy = [model["values"][label] for model in data["models"]]
    assert accuracy[data["a"]] == max(accuracy)
    assert data["a"] != data["b"]
    assert [model["pair"] is None for model in data["models"]] == [i == data["a"] for i in range(3)]
    a, b = (files.index(data["models"][data[letter]]["file"]) for letter in "ab")
    page = drawn(app, "flips")
    assert [item["id"] for item in page["items"]] == chosen(compared, Choice(a, b))[: len(page["items"])]
    assert page["total"] == data["models"][data["b"]]["pair"]["broken"]
    assert page["sprite"].startswith("data:image/png;base64,")
    assert all(item["drawn"] for item in page["items"])


def test_speed_is_shown_where_it_was_measured(app: AppTest, folder: Path, compared: AlignedResults) -> None:
    visit(app)
    assert [model["speed"] for model in drawn(app, "compare")["models"]] == [None] * 3
    speed = Speed(1234.5, 300, "Some.ttf", 5, "a processor", 2, 0.5, "2026-01-31")
    meta = compared.stores[0].meta
    path = speed_path(folder / "results", meta.checkpoint, meta.checkpoint_fingerprint)
    write_speed(folder / "results", meta.checkpoint, meta.checkpoint_fingerprint, speed)
    try:
        visit(app)
        shown = {model["name"]: model["speed"] for model in drawn(app, "compare")["models"]}
    finally:
        path.unlink()
    assert shown["second"] is None
    assert shown["first"]["rate"] == 1234.5
    assert "2 cores of a processor, Some.ttf, 300 glyphs" in shown["first"]["words"]


def test_a_link_opens_its_view(app: AppTest, files: list[str], compared: AlignedResults) -> None:
    expected = chosen(compared.of(Filters(family=("Cairo",))), Choice(2, 0, "twin", "both_right"))
    link = {"with": files, "a": files[2], "b": files[0], "by": "twin", "flip": "both_right", "family": "Cairo"}
    visit(app, **link, glyph=str(expected[3]))
    page, table = drawn(app, "flips"), drawn(app, "compare")
    assert [model["file"] for model in table["models"]] == files
    assert (table["a"], table["b"], table["kind"]) == (2, 0, "both_right")
    assert [item["id"] for item in page["items"]] == expected[:48]
    assert page["cursor"] == expected[3]
    del app.query_params["family"]
    app.run()
    assert drawn(app, "flips")["total"] == len(chosen(compared, Choice(2, 0, "twin", "both_right")))


def test_a_malformed_link_falls_back(app: AppTest, files: list[str]) -> None:
    visit(app)
    plain = drawn(app, "compare")
    visit(app, a="../../etc/passwd", b="<b>", by="colour", flip="sideways", at="x", glyph="-", show="9", split="all",
          **{"with": ["nothing.db", files[0]]})  # fmt: skip
    data = drawn(app, "compare")
    assert (data["a"], data["b"], data["kind"]) == (plain["a"], plain["b"], "broken")
    assert drawn(app, "flips")["position"] == 0


def test_what_there_is_not_leaves_an_empty_choice_with_a_way_out(app: AppTest) -> None:
    visit(app, label="no such label")
    assert [toast.value for toast in app.toast] == [
        "These results have no label “no such label”; the condition was removed."
    ]
    visit(app, label="digit_one", char_class="latin")
    assert any("No glyph passes all filters" in each.value for each in app.subheader)
    next(each for each in app.button if each.label.startswith("Remove")).click().run()
    assert drawn(app, "compare")["n"] > 0


def test_what_is_chosen_is_what_the_url_says(app: AppTest, files: list[str]) -> None:
    visit(app)
    app.query_params["split"] = "val"
    app.query_params["by"] = "unicode"
    app.run()
    assert chosen_in(app, "compare_choices", "split") == ["val"]
    assert chosen_in(app, "compare_choices", "criterion") == ["unicode"]
    assert drawn(app, "compare")["leftOut"]
    assert set(offered(app, "compare_choices", "files")) == set(files)
    app.query_params["with"] = files[:2]
    app.run()
    assert chosen_in(app, "compare_choices", "files") == files[:2]
    assert len(drawn(app, "compare")["models"]) == 2


@pytest.mark.parametrize("split", ["", "val"])
def test_figures_are_those_of_the_commands(
    app: AppTest, folder: Path, files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], split: str
) -> None:
    out, csv = tmp_path / "compare.json", tmp_path / "flips.csv"
    results = [str(folder / "results" / name) for name in files]
    options = ["--db", str(folder / "glyphs.db"), "--out", str(out), "--flips", str(csv), "--kind", "fixed"]
    assert cli.main(["compare", *results, *options, "--split", split]) == 0
    capsys.readouterr()
    said = json.loads(out.read_text(encoding="utf-8"))
    visit(app, a=files[0], b=files[1], flip="fixed", split=split, **{"with": files})
    data = drawn(app, "compare")
    assert data["n"] == said["n"]
    assert data["agreement"] == said["agreement"]
    for shown, model in zip(data["models"], said["models"], strict=True):
        assert shown["values"] == [model["figures"][metric.key] for metric in METRICS.values()]
        assert shown["deltas"] == [model["delta"][metric.key] for metric in METRICS.values()]
        assert (shown["parameters"], shown["minutes"]) == (model["parameters"], model["minutes"])
    for i, pair in enumerate(said["pairs"][:2], 1):
        assert data["models"][i]["pair"] == pair["label"]
    ids = [int(line.split(",")[0]) for line in csv.read_text(encoding="utf-8-sig").splitlines()[1:]]
    assert [item["id"] for item in drawn(app, "flips")["items"]] == ids[:48]
    assert drawn(app, "flips")["total"] == len(ids) == said["pairs"][0]["label"]["fixed"]


def test_figures_are_those_of_an_evaluation(app: AppTest, files: list[str], folder: Path) -> None:
    """No checkpoint was trained on any font here, so that both are judged by the same glyphs."""
    visit(app, **{"with": files})
    models = drawn(app, "compare")["models"]
    assert [model["file"] for model in models] == files
    for model in models:
        path = folder / "results" / model["file"]
        figures = evaluate.aggregate(path, set())
        assert model["values"] == [figures[metric.key] for metric in METRICS.values()]


def test_what_moved_adds_up(app: AppTest, files: list[str]) -> None:
    visit(app, show="groups", a=files[0], b=files[1])
    pair = next(model["pair"] for model in drawn(app, "compare")["models"] if model["file"] == files[1])
    classes, families, labels = drawn(app, "changes")["columns"]
    assert [each["title"] for each in (classes, families, labels)] == ["Classes", "Families", "Labels"]
    rows = families["losses"] + families["gains"]
    assert rows
    assert sum(row["fixed"] - row["broken"] for row in rows) == pair["fixed"] - pair["broken"]
    assert all(row["b"] < row["a"] for row in families["losses"])


def test_confidence_says_how_many_are_drawn(app: AppTest, compared: AlignedResults) -> None:
    visit(app, show="confidence")
    assert any("sample" in caption.value for caption in app.caption)
    sample = flips.confidences(compared, 0, 1, "label", 5)
    drawing = confidence_scatter(sample, "one", "two")
    names = {trace.name for trace in drawing.data if trace.customdata is not None}
    assert f"✗✓ fixed by B · 5 of {sample['fixed']['n']}" in names
    for trace in drawing.data[1:]:
        assert len(trace.x) == len(trace.y) == len(trace.customdata) <= 5


def test_nothing_evaluated_offers_it(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path))
    visit(app)
    assert app.subheader[0].value == "Nothing has been evaluated yet"


def test_one_evaluated_checkpoint_says_which_command_gives_another(
    app: AppTest, folder: Path, files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "results").mkdir()
    shutil.copy(folder / "results" / files[0], tmp_path / "results")
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "results"))
    visit(app)
    assert app.subheader[0].value == "A comparison needs two evaluated checkpoints"
    assert any("`first` is evaluated" in each.value for each in app.markdown)
    assert "glyphcore evaluate FILE.ckpt" in app.code[0].value
    with zipfile.ZipFile(tmp_path / "other.ckpt", "w") as members:
        members.writestr("data", "a model")
    visit(app)
    assert app.code[0].value.startswith(f"glyphcore evaluate {tmp_path / 'other.ckpt'} --db ")
    assert app.button(key="page_evaluate_other.ckpt").label == "Evaluate"


def test_one_evaluated_checkpoint_keeps_saying_the_selection(
    app: AppTest, folder: Path, files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "results").mkdir()
    shutil.copy(folder / "results" / files[0], tmp_path / "results")
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "results"))
    visit(app, q="lam")
    assert [text for text, _ in drawn(app, "selection")["chips"]] == ["search “lam”"]


def test_another_checkpoint_is_evaluated_from_beside_those_that_are_compared(app: AppTest, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.ckpt", "w") as members:
        members.writestr("data", "a model")
    visit(app)
    assert app.sidebar.button(key="another_evaluate_other.ckpt").label == "Evaluate"


def test_results_of_another_database_are_named_and_not_compared(
    app: AppTest, folder: Path, files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = tmp_path / "results"
    results.mkdir()
    other = tiny_database(tmp_path / "theirs.db")
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("UPDATE glyphs SET label = 'digit_one' WHERE glyph_id = 1")
    fake_results(other, results, name="stranger")
    for name in files[:2]:
        shutil.copy(folder / "results" / name, results)
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(results))
    visit(app)
    assert {model["name"] for model in drawn(app, "compare")["models"]} == {"first", "second"}
    assert any("stranger (theirs.db)" in caption.value for caption in app.caption)


def test_results_without_their_database_are_one_line(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLYPHCORE_DB", str(tmp_path / "gone.db"))
    visit(app)
    assert "gone.db" in app.error[0].value
    assert not app.expander  # no traceback for a mistake of the user


@pytest.mark.parametrize(
    "comparison",
    [
        state.Comparison(),
        state.Comparison(files=("a.db", "b.db"), a="a.db", b="b.db", split="val", criterion="twin", kind="fixed"),
        state.Comparison(part="groups", start=4, glyph=5),
    ],
)
def test_every_comparison_is_a_link(app: AppTest, comparison: state.Comparison) -> None:
    visit(app, **state.query(comparison))
    assert app.session_state["comparison"] == comparison
