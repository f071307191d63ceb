"""Browse and Inspect over what there is: no results, several, without their database, somebody else's data."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from app_fixtures import fake_results, tiny_database
from components import chosen, drawn, offered
from streamlit.testing.v1 import AppTest

from app.state import view as state
from glyphcore.data.cache import glyph_raster
from glyphcore.data.raster import write_png
from glyphcore.data.store import GlyphStore
from glyphcore.results.browse import ResultsStore

ROOT = Path(__file__).resolve().parents[1]
MAIN = str(ROOT / "app" / "main.py")
INSPECT = "views/inspect.py"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app_results")
    tiny_database(folder / "glyphs.db")
    fake_results(folder / "glyphs.db", folder / "results")
    return folder


@pytest.fixture
def app(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("GLYPHCORE_DB", str(folder / "glyphs.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(folder / "results"))
    return AppTest.from_file(MAIN, default_timeout=30)


def test_results_without_their_database_browse_without_pictures(
    app: AppTest, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = tmp_path / "glyphs.db"
    moved.write_bytes((folder / "glyphs.db").read_bytes())
    fake_results(moved, tmp_path / "results", limit=60)
    moved.unlink()
    monkeypatch.setenv("GLYPHCORE_DB", str(moved))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "results"))
    app.query_params["split"] = "all"
    app.run()
    assert drawn(app, "grid")["sprite"] == ""
    assert any("no pictures" in str(each.proto) for each in app.get("html"))
    app.switch_page(INSPECT).run()
    assert not app.exception
    data = drawn(app, "inspector")
    assert (data["raster"], data["target"]) == ("", [])
    assert "licence" not in dict(data["facts"])


def test_somebody_elses_database_with_a_folder_of_pngs_browses(
    app: AppTest, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, pngs = tmp_path / "theirs.db", tmp_path / "pngs"
    pngs.mkdir()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE glyphs (glyph_id INTEGER PRIMARY KEY, label TEXT)")
        for row in GlyphStore(folder / "glyphs.db").rows():
            connection.execute("INSERT INTO glyphs VALUES (?, ?)", (row.glyph_id, row.label))
            write_png(pngs / f"{row.glyph_id}.png", glyph_raster(row))
        connection.commit()
    fake_results(database, tmp_path / "results")
    monkeypatch.setenv("GLYPHCORE_DB", str(database))
    monkeypatch.setenv("GLYPHCORE_RASTERS", str(pngs))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "results"))
    app.query_params["split"] = "all"
    app.run()
    assert not app.exception
    assert drawn(app, "grid")["sprite"]
    assert sum("No fonts table" in str(each.proto) for each in app.get("html")) == 1
    app.switch_page(INSPECT).run()
    assert not app.exception
    data = drawn(app, "inspector")
    assert data["raster"]
    assert any(data["target"])
    assert set(dict(data["facts"])) == {"glyph", "label", "code point", "class", "split"}


def test_nothing_evaluated_says_how(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path))
    monkeypatch.setattr("glyphcore.config.CHECKPOINTS", tmp_path)
    app.run()
    assert not app.exception
    assert app.subheader[0].value == "Nothing has been evaluated yet"
    assert app.code[0].value == "glyphcore train"
    (tmp_path / "best.ckpt").touch()
    app.run()
    assert "glyphcore evaluate" in app.code[0].value
    assert app.button[0].label == "Evaluate now"
    app.switch_page(INSPECT).run()
    assert app.subheader[0].value == "Nothing has been evaluated yet"


def test_an_evaluation_that_fails_says_why(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "results"))
    monkeypatch.setattr("glyphcore.config.CHECKPOINTS", tmp_path)
    (tmp_path / "glyphcore").mkdir()
    (tmp_path / "glyphcore" / "__main__.py").write_text("import sys; sys.exit('it cannot be read')")
    monkeypatch.setattr("app.components.evaluation.ROOT", tmp_path)
    (tmp_path / "bad.ckpt").touch()
    app.run()
    app.button[0].click().run()
    for _ in range(100):
        if app.error:
            break
        app.run()
    assert app.error[0].value == "it cannot be read"


def test_several_results_can_be_chosen(
    app: AppTest, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in (1, 2):
        fake_results(folder / "glyphs.db", tmp_path, name=f"run{seed}", seed=seed)
    (tmp_path / "broken.db").write_text("no database at all " * 100)
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path))
    app.run()
    assert len(offered(app, "filter_results", "results")) == 2
    assert any("broken.db" in caption.value for caption in app.caption)
    other = next(path.name for path in tmp_path.glob("run1*.db"))
    app.query_params["results"] = other
    app.run()
    assert chosen(app, "filter_results", "results") == [other]
    expected = [row.glyph_id for row in ResultsStore(tmp_path / other).export(state.DEFAULT_FILTERS)][:96]
    assert [item["id"] for item in drawn(app, "grid")["items"]] == expected
