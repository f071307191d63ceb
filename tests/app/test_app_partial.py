"""Every page over incomplete data, as Streamlit runs it: no traceback, and at most one line of complaint."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from app_fixtures import fake_results, tiny_database, turn_to
from streamlit.testing.v1 import AppTest

from glyphcore import config
from glyphcore.data.labels import LabelMap, load_labels
from glyphcore.data.store import GlyphStore

MAIN = str(Path(__file__).resolve().parents[2] / "app" / "main.py")
PAGES = {
    "browse": [{}],
    "inspect": [{"glyph": "3"}],
    "dashboard": [{"part": part} for part in ("overview", "confusions", "marks", "confidence", "training")],
    "compare": [{"show": show} for show in ("flips", "groups", "confidence")],
    "primitives": [{}],
    "map": [{}],
    "fonts": [{}],
    "pdf": [{}],
}


def _sql(path: Path, *lines: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(";".join(lines))


def bare(path: Path) -> None:
    """Keep only a key and a label."""
    _sql(path, "CREATE TABLE bare AS SELECT glyph_id, label FROM glyphs", "DROP TABLE glyphs", "DROP TABLE fonts",
         "ALTER TABLE bare RENAME TO glyphs")  # fmt: skip


def train_only(path: Path) -> None:
    """Put all glyphs into the split train."""
    _sql(path, "UPDATE glyphs SET split = 'train'", "UPDATE fonts SET split = 'train'")


def one_family(path: Path) -> None:
    """Keep one font."""
    _sql(path, "DELETE FROM glyphs WHERE f_id != 2", "DELETE FROM fonts WHERE f_id != 2")


def strange_labels(path: Path) -> None:
    """Give every glyph a label that no checkpoint knows."""
    _sql(path, "UPDATE glyphs SET label = 'x_' || label")


def empty(path: Path) -> None:
    """Leave the database as it is; the results hold no glyph."""


def full(path: Path) -> None:
    """Leave the database as it is; only maps, rasters and fonts are missing."""


def other_labels(path: Path) -> None:
    """Leave the database as it is; the second checkpoint knows only every other label."""


@pytest.fixture(scope="module", params=[full, other_labels, bare, train_only, one_family, strange_labels, empty])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    spoil: Callable[[Path], None] = request.param
    folder = tmp_path_factory.mktemp(spoil.__name__)
    spoil(tiny_database(folder / "glyphs.db"))
    limit = 0 if spoil is empty else None
    fake_results(folder / "glyphs.db", folder / "results", name="one", limit=limit)
    with pytest.MonkeyPatch.context() as patch:
        if spoil is other_labels:
            patch.setattr("app_fixtures.load_labels", every_other_label)
        fake_results(folder / "glyphs.db", folder / "results", name="two", seed=1, limit=limit)
    return folder


def every_other_label() -> LabelMap:
    """Return a label map that differs from the shipped one, in another order."""
    plain = load_labels().to_plain()
    return LabelMap.from_plain({name: values[::-2] for name, values in plain.items()})


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_what_is_missing(
    folder: Path, page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, place in (("DB", "glyphs.db"), ("RESULTS", "results"), ("FONTS", "no fonts"), ("UPLOADS", "uploads")):
        monkeypatch.setenv(f"GLYPHCORE_{name}", str(folder / place))
    monkeypatch.setattr(config, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(config, "CHECKPOINTS", tmp_path)
    second = next((folder / "results").glob("two-*.db")).name
    for query in [*PAGES[page], *({**each, "results": second} for each in PAGES[page][:1])]:
        app = AppTest.from_file(MAIN, default_timeout=120)
        turn_to(app, page)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, query
        assert len(app.error) <= 1, query
        for line in app.error:
            assert "Traceback" not in line.value
            assert len(line.value) < 300, line.value
            assert "empty" not in folder.name or "no glyph" in line.value.lower()


@pytest.mark.parametrize("folder", [other_labels], indirect=True)
def test_labels_that_one_does_not_know_are_left_out_and_counted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHCORE_DB", str(folder / "glyphs.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(folder / "results"))
    app = AppTest.from_file(MAIN, default_timeout=120)
    turn_to(app, "compare").run()
    (table,) = [each for each in app.get("bidi_component") if each.key == "compare"]
    (said,) = json.loads(table.proto.json)["leftOut"]
    known = {*every_other_label().labels}
    outside = sum(row.label not in known for row in GlyphStore(folder / "glyphs.db").rows())
    assert said == f"{outside} with labels that a checkpoint does not know"


@pytest.mark.parametrize("folder", [train_only], indirect=True)
def test_what_cannot_be_compared_leaves_the_choices_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHCORE_DB", str(folder / "glyphs.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(folder / "results"))
    app = AppTest.from_file(MAIN, default_timeout=120)
    turn_to(app, "compare")
    app.query_params["split"] = "test"
    app.run()
    assert "No glyph of split 'test'" in app.error[0].value
    app.query_params.pop("split")
    app.run()
    assert not app.error
    assert [each.key for each in app.get("bidi_component") if each.key == "compare"]
