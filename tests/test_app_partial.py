"""Every page over data that lacks something, as Streamlit runs it: no traceback, and at most one line of complaint."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from app_fixtures import fake_results, tiny_database
from streamlit.testing.v1 import AppTest

from glyphcore import config

MAIN = str(Path(__file__).resolve().parents[1] / "app" / "main.py")
PAGES = {
    "browse": [{}],
    "inspect": [{"glyph": "3"}],
    "dashboard": [{"part": part} for part in ("overview", "confusions", "marks", "confidence", "training")],
    "compare": [{"show": show} for show in ("flips", "groups", "confidence")],
    "primitives": [{}],
    "map": [{}],
    "fonts": [{}],
}


def _sql(path: Path, *lines: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(";".join(lines))


def bare(path: Path) -> None:
    """A key and a label, nothing else."""
    _sql(path, "CREATE TABLE bare AS SELECT glyph_id, label FROM glyphs", "DROP TABLE glyphs", "DROP TABLE fonts",
         "ALTER TABLE bare RENAME TO glyphs")  # fmt: skip


def train_only(path: Path) -> None:
    """No split but train."""
    _sql(path, "UPDATE glyphs SET split = 'train'", "UPDATE fonts SET split = 'train'")


def one_family(path: Path) -> None:
    """One font."""
    _sql(path, "DELETE FROM glyphs WHERE f_id != 2", "DELETE FROM fonts WHERE f_id != 2")


def strange_labels(path: Path) -> None:
    """No label that a checkpoint knows."""
    _sql(path, "UPDATE glyphs SET label = 'x_' || label")


def empty(path: Path) -> None:
    """Results that hold no glyph."""


def full(path: Path) -> None:
    """Nothing is missing but maps, rasters and fonts."""


@pytest.fixture(scope="module", params=[full, bare, train_only, one_family, strange_labels, empty])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    spoil: Callable[[Path], None] = request.param
    folder = tmp_path_factory.mktemp(spoil.__name__)
    spoil(tiny_database(folder / "glyphs.db"))
    for seed, name in enumerate(("one", "two")):
        fake_results(
            folder / "glyphs.db", folder / "results", name=name, seed=seed, limit=0 if spoil is empty else None
        )
    return folder


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_what_is_missing(
    folder: Path, page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, place in (("DB", "glyphs.db"), ("RESULTS", "results"), ("FONTS", "no fonts"), ("UPLOADS", "uploads")):
        monkeypatch.setenv(f"GLYPHCORE_{name}", str(folder / place))
    monkeypatch.setattr(config, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(config, "CHECKPOINTS", tmp_path)
    for query in PAGES[page]:
        app = AppTest.from_file(MAIN, default_timeout=120)
        app.switch_page(f"views/{page}.py")
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, query
        assert len(app.error) <= 1, query
        for line in app.error:
            assert "Traceback" not in line.value
            assert len(line.value) < 300, line.value
