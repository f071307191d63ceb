"""A results file that is replaced leaves nothing of itself in the memory of the server."""

from __future__ import annotations

import gc
import os
import shutil
import weakref
from pathlib import Path

import pytest
import streamlit as st

from app.dashboard import data as dashboard
from app.shared import sources


@pytest.fixture
def results(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a results file of its own; the app shows its folder."""
    shutil.copytree(folder / "results", tmp_path / "results")
    monkeypatch.setenv("GLYPHCORE_DB", str(folder / "glyphs.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "results"))
    monkeypatch.setenv("GLYPHCORE_ANNOTATIONS", str(tmp_path / "annotations.db"))
    st.cache_data.clear()
    st.cache_resource.clear()
    (file,) = (tmp_path / "results").glob("*.db")
    return file


def opened(file: Path) -> list[weakref.ref]:
    """Open results as pages do; return references to large values that do not keep them."""
    source = sources.named(file.name)
    sample = dashboard.evaluation_sample(source, dashboard.Cut("val"))
    return [weakref.ref(value) for value in (source.store, source.store.columns, sample)]


def alive(references: list[weakref.ref]) -> int:
    gc.collect()
    return sum(reference() is not None for reference in references)


def replace(file: Path) -> None:
    copy = shutil.copy(file, file.with_suffix(".new"))
    os.utime(copy, ns=(0, file.stat().st_mtime_ns + 10**9))
    os.replace(copy, file)


@pytest.mark.parametrize("change", [replace, Path.unlink], ids=["replaced", "removed"])
def test_values_of_a_file_that_is_gone_are_let_go(results: Path, change) -> None:
    references = opened(results)
    sources.files()
    assert alive(references) == 3, "what is in use stays"
    change(results)
    sources.files()
    assert alive(references) == 0


def test_a_new_file_and_one_that_is_being_written_change_nothing(results: Path) -> None:
    references = opened(results)
    shutil.copy(results, results.with_stem(f"{results.stem}0"))
    sources.files()
    unfinished = results.with_name("unfinished.db")
    for content in (b"", b"not finished"):
        unfinished.write_bytes(content)
        sources.files()
    assert alive(references) == 3
