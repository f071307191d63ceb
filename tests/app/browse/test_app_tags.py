"""Tags, saved views and the offer to evaluate, as Streamlit runs them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from components import drawn, offered
from streamlit.testing.v1 import AppTest

from app.shared.evaluations import Pace
from app.shared.keys import KEYS
from app.shared.tags import changes_of
from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.store import Annotations, Change
from glyphcore.data.store import GlyphStore

MAIN = str(Path(__file__).resolve().parents[3] / "app" / "main.py")


@pytest.fixture
def annotated(folder: Path, tmp_path: Path) -> Annotated:
    database = GlyphStore(folder / "glyphs.db")
    return Annotated(Annotations(tmp_path / "annotations.db"), database.fingerprint, database)


@pytest.fixture
def app(folder: Path, annotated: Annotated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("GLYPHCORE_DB", str(folder / "glyphs.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(folder / "results"))
    monkeypatch.setenv("GLYPHCORE_ANNOTATIONS", str(annotated.annotations.path))
    monkeypatch.setattr("glyphcore.config.CHECKPOINTS", tmp_path)
    app = AppTest.from_file(MAIN, default_timeout=30)
    app.query_params["split"] = "all"
    app.query_params["outcome"] = "all"
    return app


def test_a_page_carries_what_was_said_about_its_glyphs(app: AppTest, annotated: Annotated) -> None:
    app.query_params["sort"] = "id"
    annotated.change([Change((2, 300), tag="ambiguous"), Change((2,), tag="odd"), Change((2,), note="why?")])
    app.run()
    assert drawn(app, "grid")["annotations"]["of"] == {
        "2": {"tags": ["ambiguous", "odd"], "note": "why?", "correction": ""}
    }
    assert drawn(app, "marks")["tags"] == ["odd"]


def test_tags_are_a_filter_with_counts(app: AppTest, annotated: Annotated) -> None:
    app.run()
    assert offered(app, "facets", "tag") == {}
    annotated.change([Change((2, 7, 9), tag="odd"), Change((9,), note="x")])
    app.run()
    assert offered(app, "facets", "tag")["odd"][:2] == ("# odd", 3)
    app.query_params["tag"] = "odd"
    app.run()
    assert sorted(item["id"] for item in drawn(app, "grid")["items"]) == [2, 7, 9]
    app.query_params["tag"] = "note"
    app.run()
    assert [item["id"] for item in drawn(app, "grid")["items"]] == [9]
    app.query_params["tag"] = "ambiguous"
    app.run()
    assert any("Remove tag ambiguous" in button.label for button in app.button)


def test_the_label_noise_queue_says_when_there_is_none(app: AppTest) -> None:
    app.query_params["outcome"] = "noise"
    app.query_params["sort"] = "noise"
    app.run()
    assert not app.exception
    assert app.subheader[0].value == "No glyph passes all filters"


def test_built_in_views_open_and_others_are_forgotten(app: AppTest, annotated: Annotated) -> None:
    annotated.annotations.save_view("cairo", "family=Cairo&outcome=right")
    app.run()
    app.button(key="saved_cairo").click().run()
    query = {name: value if isinstance(value, list) else [value] for name, value in app.query_params.items()}
    assert query == {"family": ["Cairo"], "outcome": ["right"]}
    app.button(key="drop_cairo").click().run()
    assert annotated.annotations.views() == {}
    app.button(key="view_Errors on val, worst first").click().run()
    assert dict(app.query_params) == {}


def test_a_file_of_annotations_that_is_none_is_one_line(app: AppTest, annotated: Annotated) -> None:
    annotated.annotations.path.write_text("no database at all " * 100)
    app.run()
    assert not app.exception
    assert "cannot be used for annotations" in app.error[0].value


def test_what_a_browser_sends_twice_counts_once() -> None:
    sent = {"client": "a", "changes": [{"number": 1, "ids": [3], "tag": "odd", "on": True},
                                       {"number": 2, "ids": [3], "tag": "b;d", "on": True},
                                       {"number": 3, "ids": [4], "note": "x"}]}  # fmt: skip
    changes, problem = changes_of(sent, {"client": "a", "number": 1})
    assert changes == [Change((4,), note="x")]
    assert "is not a valid tag" in problem
    assert len(changes_of(sent, {"client": "b", "number": 9})[0]) == 2


def checkpoint(path: Path) -> Path:
    """Write a file that passes for a checkpoint as long as nobody loads it."""
    with zipfile.ZipFile(path, "w") as members:
        members.writestr("data", path.name)
    return path


def test_a_checkpoint_that_is_dropped_in_is_offered(app: AppTest, tmp_path: Path) -> None:
    app.run()
    assert not [button for button in app.button if button.label == "Evaluate"]
    checkpoint(tmp_path / "dropped.ckpt")
    app.run()
    (offered,) = [button for button in app.button if button.label == "Evaluate"]
    assert offered.key == "bar_evaluate_dropped.ckpt"


def test_an_evaluation_from_the_bar_that_fails_says_why_and_is_tried_again(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "glyphcore").mkdir()
    (tmp_path / "glyphcore" / "__init__.py").touch()
    (tmp_path / "glyphcore" / "__main__.py").write_text("import sys; sys.exit('it cannot be read')")
    monkeypatch.setattr("glyphcore.background.SOURCE", tmp_path)
    checkpoint(tmp_path / "bad.ckpt")
    app.run()
    app.button(key="bar_evaluate_bad.ckpt").click().run()
    for _ in range(100):
        if app.error:
            break
        app.run()
    assert app.error[0].value == "bad: it cannot be read"
    assert not app.button(key="bar_again_bad.ckpt").disabled
    app.button(key="bar_forget_bad.ckpt").click().run()
    assert not app.error
    assert app.button(key="bar_evaluate_bad.ckpt").label == "Evaluate"


def test_pace_in_words() -> None:
    assert Pace(0, 100, 0.0).words() == "starting …"
    assert Pace(50, 100, 0.0).words() == "50 of 100 glyphs"
    assert Pace(1000, 4000, 1500.0).words().startswith("1,000 of 4,000 glyphs · 1,500/s · until ")
    assert Pace(120, 100, 1.0).share == 1.0
    assert Pace(100, 100, 1.0).words() == "100 of 100 glyphs · computing the figures …"


def test_every_page_has_its_keys(app: AppTest) -> None:
    app.run()
    sections = drawn(app, "keys")["sections"]
    assert sections[0]["title"] == "Browse"
    assert {section["title"] for section in sections} == set(KEYS)
