"""Fixtures for every test; browser tests are skipped where there is no browser."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

# Two workers share two cores. With a thread per core each, tiny tensors wait for threads that do not run: a file of
# tests took nine times the processor time. This is set before any import of torch, and processes started by tests
# inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from app_fixtures import fake_results, tiny_database
from tiny_fonts import write_fonts
from tiny_model import tiny_training

from glyphcore.config import BuildConfig
from glyphcore.data.labels import LabelMap, load_labels
from glyphcore.data.store import GlyphStore
from glyphcore.jobs import db_build
from glyphcore.results.browse import ResultRow, ResultsStore
from glyphcore.results.filters import Filters

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "ddp: trains in two processes")
    config.addinivalue_line("markers", "cluster: starts a Dask cluster on this machine")
    pytest.register_assert_rewrite("browser_fixtures")
    # No test reads or changes the annotations that people on this machine have made.
    os.environ["GLYPHCORE_ANNOTATIONS"] = str(Path(tempfile.mkdtemp()) / "annotations.db")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest file first, then files with many tests (as xdist does): what is left for the last worker at the
    end should be short."""
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path.name != "test_walk.py", -tests[item.path], item.path))


def _browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test marked ``browser`` where there is no browser; in CI the test fails instead, because a skip would hide
    it."""
    if item.get_closest_marker("browser") and _browser() is None:
        missing = f"no browser on this machine (looked for {', '.join(BROWSERS)})"
        if os.environ.get("CI"):
            pytest.fail(f"{missing}; CI must not skip browser tests", pytrace=False)
        pytest.skip(missing)


@pytest.fixture(autouse=True)
def _own_main() -> Iterator[None]:
    """Restore ``__main__``: AppTest leaves the page there, and every process spawned later would run it."""
    ours = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = ours


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the browser that tests marked ``browser`` use."""
    path = _browser()
    assert path is not None, "mark the test with pytest.mark.browser"
    return path


@pytest.fixture(scope="session")
def labels() -> LabelMap:
    """The shipped label set."""
    return load_labels()


@pytest.fixture(scope="session")
def font_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the fonts of ``tiny_fonts.py``; treat it as read-only."""
    folder = tmp_path_factory.mktemp("fonts")
    write_fonts(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_db(tmp_path_factory: pytest.TempPathFactory, font_folder: Path) -> Path:
    """``glyphs.db`` built from the tiny fonts; treat it as read-only."""
    path = tmp_path_factory.mktemp("db") / "glyphs.db"
    db_build.run(BuildConfig(out=path, fonts=(font_folder,)))
    return path


@pytest.fixture(scope="session")
def model_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seeded database of six families in three splits; treat it as read-only."""
    return tiny_database(tmp_path_factory.mktemp("model") / "glyphs.db")


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory, model_db: Path) -> Path:
    """Checkpoint of a tiny model that was trained on ``model_db`` for a short time; treat it as read-only."""
    from glyphcore.jobs import train  # loads lightning: only for tests that need a model

    config = tiny_training(model_db, tmp_path_factory.mktemp("checkpoint"))
    train.run(config)
    return config.out


@pytest.fixture(scope="session")
def tiny_reader(tmp_path_factory: pytest.TempPathFactory, tiny_checkpoint: Path) -> Path:
    """``tiny_checkpoint`` exported for ONNX Runtime, in float32; treat it as read-only."""
    from glyphcore.checkpoint import load_checkpoint
    from glyphcore.export import export_reader

    path = tmp_path_factory.mktemp("reader") / "tiny.reader"
    export_reader(load_checkpoint(tiny_checkpoint), path)
    return path


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> GlyphStore:
    """The seeded database of ``store``."""
    return GlyphStore(tiny_database(tmp_path_factory.mktemp("db") / "tiny.db"))


@pytest.fixture(scope="session")
def store(database: GlyphStore, tmp_path_factory: pytest.TempPathFactory) -> ResultsStore:
    """Invented results for ``database``; treat them as read-only."""
    return ResultsStore(fake_results(database.path, tmp_path_factory.mktemp("results")))


@pytest.fixture(scope="session")
def rows(store: ResultsStore) -> list[ResultRow]:
    """All rows of ``store``, by id."""
    return list(store.export(Filters(), "id"))
