"""Data of most tests of the app: a small database and the results of one checkpoint on it, made once per module."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_fixtures import fake_results, tiny_database

from glyphcore.results.browse import ResultsStore


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make ``glyphs.db`` and ``results``; a module that needs more has a fixture of its own."""
    folder = tmp_path_factory.mktemp("app")
    tiny_database(folder / "glyphs.db")
    fake_results(folder / "glyphs.db", folder / "results")
    return folder


@pytest.fixture(scope="module")
def store(folder: Path) -> ResultsStore:
    """The results of ``folder``."""
    return ResultsStore(next((folder / "results").glob("*.db")))
