"""The Primitives page as Streamlit runs it: the parameters of the link, and the data of the component."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from app_fixtures import fake_results, tiny_database, turn_to
from streamlit.testing.v1 import AppTest

from glyphcore.analysis.codebook import KINDS, SORTS, codebook
from glyphcore.analysis.primitive import primitive
from glyphcore.results.browse import ResultsStore

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def app(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    monkeypatch.setenv("GLYPHCORE_DB", str(folder / "glyphs.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(folder / "results"))
    monkeypatch.setenv("GLYPHCORE_ANNOTATIONS", str(tmp_path / "annotations.db"))
    return AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=60)


def opened(app: AppTest, **query: str) -> AppTest:
    for name, value in query.items():
        app.query_params[name] = value
    return turn_to(app, "primitives").run()


def given(app: AppTest) -> dict[str, Any]:
    (component,) = [each for each in app.get("bidi_component") if each.key == "codebook"]
    return json.loads(component.proto.json)


def store(folder: Path) -> ResultsStore:
    return ResultsStore(next((folder / "results").glob("*.db")))


def test_all_primitives_most_used_first_and_the_first_in_full(app: AppTest, folder: Path) -> None:
    opened(app)
    assert not app.exception
    data, book = given(app), codebook(store(folder))
    assert sorted(data["ids"]) == list(range(1, len(book) + 1))
    assert data["use"] == book.use.tolist()
    assert (np.diff(book.use[np.array(data["ids"]) - 1]) <= 0).all()
    assert data["one"]["id"] == data["ids"][0]
    assert data["pairs"] is None


@pytest.mark.parametrize("split", ["", "val"])
def test_one_primitive_of_a_link(app: AppTest, folder: Path, split: str) -> None:
    opened(app, id="7", split=split)
    one, expected = given(app)["one"], primitive(store(folder), 7, split)
    assert one["id"] == 7
    assert one["where"] == expected.where.tolist()
    assert [each["glyph"] for each in one["right"]] == [each.glyph_id for each in expected.right]
    assert one["sprite"].startswith("data:image/png;base64,") == bool(expected.right + expected.taken + expected.missed)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sort", SORTS)
def test_kinds_and_orders(app: AppTest, folder: Path, kind: str, sort: str) -> None:
    opened(app, kind=kind, sort=sort)
    assert not app.exception
    assert given(app)["ids"] == codebook(store(folder)).chosen(kind, sort).tolist()


def test_confusions(app: AppTest) -> None:
    opened(app, show="pairs")
    pairs = given(app)["pairs"]
    assert pairs
    assert all(pair["target"] != pair["read"] for pair in pairs)
    assert [pair["n"] for pair in pairs] == sorted((pair["n"] for pair in pairs), reverse=True)


def test_a_malformed_link_is_the_default(app: AppTest) -> None:
    opened(app, id="99999999", split="nowhere", kind="odd", sort="up", show="x", results="../../etc/passwd")
    assert not app.exception
    data = given(app)
    assert data["one"]["id"] == data["ids"][0]


def test_without_results_it_offers_to_evaluate(app: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "none"))
    opened(app)
    assert not app.exception
    assert any("Nothing has been evaluated yet" in each.value for each in app.subheader)


def test_without_the_database_there_are_numbers_but_no_pictures(
    app: AppTest, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tiny_database(tmp_path / "gone.db")
    fake_results(tmp_path / "gone.db", tmp_path / "results")
    (tmp_path / "gone.db").unlink()
    monkeypatch.setenv("GLYPHCORE_DB", str(tmp_path / "gone.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "results"))
    opened(app)
    assert not app.exception
    assert given(app)["one"]["sprite"] == ""
