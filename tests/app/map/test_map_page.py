"""The map's page as Streamlit runs it: not computed, computed, the data sent to the browser, and the way to Browse."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from app_fixtures import fake_results, tiny_database, turn_to
from components import drawn as component
from components import offered
from streamlit.testing.v1 import AppTest

from app.map import data as cache
from app.shared import glyphs, sources
from glyphcore.background import Job
from glyphcore.config import MapConfig
from glyphcore.data.cache import glyph_raster
from glyphcore.data.labels import codepoints
from glyphcore.data.raster import unpack
from glyphcore.data.store import GlyphStore
from glyphcore.jobs import map as job
from glyphcore.results import sets
from glyphcore.results.browse import ResultsStore
from glyphcore.results.projection import map_path

ROOT = Path(__file__).resolve().parents[3]
MAIN = str(ROOT / "app" / "main.py")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tiny_database(tmp_path / "glyphs.db")
    fake_results(tmp_path / "glyphs.db", tmp_path / "results")
    monkeypatch.setenv("GLYPHCORE_DB", str(tmp_path / "glyphs.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "results"))
    return tmp_path


@pytest.fixture
def results(folder: Path) -> Path:
    return next((folder / "results").glob("*.db"))


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.run()
    turn_to(app, "map")
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def drawn(app: AppTest) -> dict[str, Any]:
    (component,) = [each for each in app.get("bidi_component") if each.key == "map"]
    return json.loads(component.proto.json)


NAMES = ("id", "x", "y", "label", "pred", "family", "class", "split", "outcome", "p")


def points(app: AppTest) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the points that the browser gets, and their columns."""
    sent = drawn(app)["points"]
    dtype = np.dtype([(name, "<f8" if name == "id" else "u1" if name == "p" else "<u2") for name in NAMES])
    content, columns = zlib.decompress(base64.b64decode(sent["packed"])), {}
    assert len(content) == dtype.itemsize * sent["n"]
    for name in NAMES:
        size = dtype[name].itemsize * sent["n"]
        columns[name], content = np.frombuffer(content[:size], dtype[name]), content[size:]
    return sent, columns | {"id": np.cumsum(columns["id"]).astype(int)}


def test_a_map_that_is_not_computed_is_offered(results: Path) -> None:
    app = opened()
    assert not app.exception
    assert "not computed yet" in app.subheader[0].value
    assert f"glyphcore map {results}" in [code.value for code in app.code]
    assert [button.label for button in app.button if button.label == "Compute now"]


def test_a_map_that_is_not_computed_keeps_the_selection(results: Path) -> None:
    app = opened(char_class="digit")
    assert not app.exception
    bar = next(each for each in app.get("bidi_component") if each.key == "selection")
    assert json.loads(bar.proto.json)["chips"] == [["class digit", False]]


def test_the_browser_gets_every_point(results: Path) -> None:
    job.run(MapConfig(results, points=200))
    app = opened()
    assert not app.exception
    assert drawn(app)["pictures"] is None, "points do not wait for pictures"
    data, codes = points(app)
    store = ResultsStore(results)
    assert (data["n"], data["total"]) == (200, len(store))
    rows = store.rows(codes["id"].tolist())
    words = data["words"]
    for i, row in enumerate(rows):
        assert words["label"][codes["label"][i]][2] == codepoints(row.base)
        assert words["family"][codes["family"][i]] == row.family
        assert words["split"][codes["split"][i]] == row.split
        near = row.unicode_correct or row.twin_correct
        assert codes["outcome"][i] == (0 if row.correct else 1 if near else 2)
    assert max(codes["x"].max(), codes["y"].max()) == 65535
    np.testing.assert_allclose(codes["p"] / 255, [row.p1 for row in rows], atol=1 / 255)


def test_pictures_are_the_glyphs(folder: Path, results: Path) -> None:
    job.run(MapConfig(results, points=50))
    source = sources.source("")
    assert source is not None
    found = cache.projection(source)
    assert found is not None
    wanted = [int(found.glyph_id[i]) for i in (49, 0, 17)]
    sent = cache.pictures_of(source, [*wanted, 10**9])
    assert sent["ids"] == wanted, "a glyph that the results do not have has no picture"
    small = np.unpackbits(np.frombuffer(base64.b64decode(sent["bits"]), np.uint8).reshape(3, 64, 8), axis=-1)
    database = GlyphStore(folder / "glyphs.db")
    for glyph_id, picture in zip(wanted, small, strict=True):
        (glyph,) = database.glyphs([glyph_id])
        full = unpack(glyph_raster(glyph))
        np.testing.assert_array_equal(picture, full.reshape(64, 2, 64, 2).sum((1, 3)) >= 2)


def test_new_results_make_a_map_old(results: Path) -> None:
    job.run(MapConfig(results, points=20))
    assert drawn(opened())["points"]["n"] == 20
    map_path(results).unlink()
    assert "not computed yet" in opened().subheader[0].value


@pytest.mark.parametrize(
    "query", [{"colour": "<b>", "at": "x,y", "find": "?"}, {"at": "1,2", "results": "../../x.db", "colour": "family"}]
)
def test_malformed_parameters_fall_back(results: Path, query: dict[str, str]) -> None:
    job.run(MapConfig(results, points=20))
    app = opened(**query)
    assert not app.exception
    assert drawn(app)["state"]["colour"] == ("family" if query.get("colour") == "family" else "outcome")


def test_without_results_the_page_offers_to_evaluate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHCORE_DB", str(tmp_path / "none.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "none"))
    app = opened()
    assert not app.exception
    assert app.subheader[0].value == "Nothing has been evaluated yet"


def test_a_lassoed_set_opens_in_browse(results: Path) -> None:
    job.run(MapConfig(results, points=20))
    source = sources.source("")
    assert source is not None
    wanted = points(opened())[1]["id"][:7].tolist()
    key = glyphs.keep(source, wanted)
    assert sets.load(results.parent, key).tolist() == sorted(wanted)
    app = AppTest.from_file(MAIN, default_timeout=60)
    for name, value in {"ids": key, "split": "all", "outcome": "all"}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert sorted(item["id"] for item in component(app, "grid")["items"]) == sorted(wanted)
    app.button(key="filter_ids").click().run()
    assert "ids" not in app.query_params


def test_results_of_one_name_are_told_apart(folder: Path, results: Path) -> None:
    fake_results(folder / "glyphs.db", folder / "results", seed=3)
    app = opened()
    assert not app.exception
    words = [words for words, _, _ in offered(app, "map_results", "results").values()]
    assert len(set(words)) == len(words) == 2


def test_the_layout_runs_in_a_process_of_its_own_and_says_how_far_it_is(results: Path) -> None:
    job = Job(["map", results])
    assert job.wait(120)
    assert not job.failed, job.problem
    assert job.step.what == "iterations"
    assert map_path(results).exists()
    assert drawn(opened())["points"]["n"] == 360
