"""Browse and Inspect with different results: none, several, without their database, of other people's data."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from app_fixtures import fake_codebook, fake_meta, fake_results, tiny_database
from components import chosen, drawn, offered
from streamlit.testing.v1 import AppTest

from app.shared import view as state
from glyphcore.data.cache import glyph_raster
from glyphcore.data.raster import write_png
from glyphcore.data.store import GlyphStore
from glyphcore.results.browse import ResultsStore
from glyphcore.results.store import ResultsWriter, results_path

ROOT = Path(__file__).resolve().parents[2]
MAIN = str(ROOT / "app" / "main.py")
INSPECT = "inspector/page.py"


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


def checkpoint(path: Path) -> Path:
    """Write a file that passes for a checkpoint as long as nobody loads it."""
    with zipfile.ZipFile(path, "w") as members:
        members.writestr("data", path.name)
    return path


def test_nothing_evaluated_says_how(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path))
    monkeypatch.setattr("glyphcore.config.CHECKPOINTS", tmp_path)
    app.run()
    assert not app.exception
    assert app.subheader[0].value == "Nothing has been evaluated yet"
    assert {each.value for each in app.code} == {"glyphcore train"}
    checkpoint(tmp_path / "best.ckpt")
    app.run()
    assert app.code[0].value.startswith(f"glyphcore evaluate {tmp_path / 'best.ckpt'} --db ")
    assert app.button(key="page_evaluate_best.ckpt").label == "Evaluate"
    app.switch_page(INSPECT).run()
    assert app.subheader[0].value == "Nothing has been evaluated yet"


def test_an_evaluation_that_fails_says_why(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "results"))
    monkeypatch.setattr("glyphcore.config.CHECKPOINTS", tmp_path)
    (tmp_path / "glyphcore").mkdir()
    (tmp_path / "glyphcore" / "__init__.py").touch()
    (tmp_path / "glyphcore" / "__main__.py").write_text("import sys; sys.exit('it cannot be read')")
    monkeypatch.setattr("glyphcore.background.SOURCE", tmp_path)
    checkpoint(tmp_path / "bad.ckpt")
    app.run()
    app.button(key="page_evaluate_bad.ckpt").click().run()
    for _ in range(100):
        if app.error:
            break
        app.run()
    assert app.error[0].value == "bad: it cannot be read"


def test_several_results_can_be_chosen(
    app: AppTest, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in (1, 2):
        fake_results(folder / "glyphs.db", tmp_path, name=f"run{seed}", seed=seed)
    (tmp_path / "broken.db").write_text("no database at all " * 100)
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path))
    app.run()
    assert len(offered(app, "filter_results", "results")) == 2
    assert any("broken.db" in line.value for line in app.markdown)
    assert not any("broken.db" in line.value for line in (*app.sidebar.caption, *app.sidebar.markdown))
    other = next(path.name for path in tmp_path.glob("run1*.db"))
    app.query_params["results"] = other
    app.run()
    assert chosen(app, "filter_results", "results") == [other]
    expected = [row.glyph_id for row in ResultsStore(tmp_path / other).export(state.DEFAULT_FILTERS)][:96]
    assert [item["id"] for item in drawn(app, "grid")["items"]] == expected


def test_what_cannot_be_used_comes_last_and_is_dismissed_for_this_session(
    app: AppTest, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_results(folder / "glyphs.db", tmp_path / "results")
    (tmp_path / "results" / "broken.db").write_text("no database at all " * 100)
    (tmp_path / "half.ckpt").write_bytes(b"half of a file")
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "results"))
    monkeypatch.setattr("glyphcore.config.CHECKPOINTS", tmp_path)
    app.run()
    labels = [button.label for button in app.button if (button.key or "").startswith("bar_")]
    assert labels == ["Dismiss", "Dismiss"]
    assert not any("not evaluated" in line.value for line in app.markdown)
    app.button(key="bar_dismiss_broken.db").click().run()
    app.button(key="bar_dismiss_half.ckpt").click().run()
    assert not any("broken.db" in line.value or "half.ckpt" in line.value for line in app.markdown)


def test_results_of_other_databases_are_not_spoken_of(
    app: AppTest, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tiny_database(tmp_path / "theirs.db")
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("UPDATE glyphs SET label = 'digit_one' WHERE glyph_id = 1")
    fake_results(other, tmp_path / "results", name="stranger")
    unfinished(other, tmp_path / "results", "halfway")
    fake_results(folder / "glyphs.db", tmp_path / "results", name="ours")
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "results"))
    monkeypatch.setattr("glyphcore.config.CHECKPOINTS", tmp_path)
    app.run()
    said = [line.value for line in (*app.markdown, *app.caption)]
    assert not any("stranger" in line or "halfway" in line or "theirs" in line for line in said)


def unfinished(database: Path, folder: Path, name: str) -> None:
    """Write the results of an evaluation that was stopped."""
    store = GlyphStore(database)
    meta = fake_meta(store, name)
    path = results_path(folder, name, meta.checkpoint_fingerprint, store.fingerprint)
    ResultsWriter.create_or_resume(path, meta, fake_codebook(store).reshape(-1, 8, 8)).close()


def test_a_page_keeps_its_results_when_another_evaluation_ends(
    app: AppTest, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path))
    fake_results(folder / "glyphs.db", tmp_path, name="first", seed=1)
    app.run()
    before = [item["id"] for item in drawn(app, "grid")["items"]]
    fake_results(folder / "glyphs.db", tmp_path, name="second", seed=2)
    app.run()
    assert [item["id"] for item in drawn(app, "grid")["items"]] == before
    assert chosen(app, "filter_results", "results")[0].startswith("first-")
    fresh = AppTest.from_file(MAIN, default_timeout=30).run()
    assert chosen(fresh, "filter_results", "results")[0].startswith("second-")
