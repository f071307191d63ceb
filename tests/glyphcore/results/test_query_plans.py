"""No page, with any filters and sort, walks through a large table: SQLite gives its plan for each query."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glyphcore.data import foreign
from glyphcore.data.store import GlyphStore
from glyphcore.results import sets
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import OUTCOMES, SORTS, Filters
from glyphcore.results.neighbours import embeddings

SMALL = {"meta", "codebook", "columns", "sqlite_master"}
"""Tables with a few rows for any number of glyphs."""


class Selection:
    """The statements that were run, one of each kind."""

    def __init__(self) -> None:
        self.kinds: dict[str, str] = {}

    def listening(self, connect: Callable[..., sqlite3.Connection]) -> Callable[..., sqlite3.Connection]:
        def connected(*arguments: Any) -> sqlite3.Connection:
            connection = connect(*arguments)
            connection.set_trace_callback(lambda sql: self.kinds.setdefault(re.sub(r"-?\d[\d,]*", "N", sql), sql))
            return connection

        return connected

    def steps(self, path: Path) -> list[str]:
        """Return SQLite's plans for them, step by step."""
        found = []
        with closing(sqlite3.connect(path)) as connection:
            for sql in self.kinds.values():
                if sql.startswith("SELECT"):
                    found += [row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
        return found


@pytest.fixture
def results(store: ResultsStore, tmp_path: Path) -> Path:
    """Make finished results with a cell index and an array of embeddings."""
    path = tmp_path / store.path.name
    shutil.copy(store.path, path)
    ResultsStore(path).build_cell_index()
    embeddings(path, ResultsStore(path).columns)
    return path


def combined(path: Path) -> list[Filters]:
    """Return every filter that the app offers, alone, with every other one, and all together."""
    chosen: dict[str, Any] = {
        "split": ("val", "test"), "family": ("Cairo",), "char_class": ("latin",), "label": ("beh_isol",),
        "base": ("ب",), "pred": ("beh_isol",), "outcome": "wrong", "p_min": 0.2, "p_max": 0.8, "search": "beh",
        "tag": ("mislabelled",), "ids": sets.save(path.parent, np.arange(1, 200)), "pattern": "0,0=1",
        "like": "embedding-5", "size": "0.15-0.2", "excluded": (("family", "Amiri"),),
    }  # fmt: skip
    assert set(chosen) == {each.name for each in fields(Filters)}
    some = [Filters(**dict(pair)) for n in (0, 1, 2) for pair in combinations(chosen.items(), n)]
    return [*some, Filters(**chosen), *(Filters(outcome=name) for name in OUTCOMES)]


def test_no_filter_and_no_sort_walks_through_a_table(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Selection()
    monkeypatch.setattr(foreign, "connect", asked.listening(foreign.connect))
    store = ResultsStore(results)
    tried = 0
    for filters in combined(results):
        for sort in SORTS:
            page = store.page(filters, sort, limit=8)
            if page.rows:
                store.neighbours(filters, sort, page.rows[0].glyph_id)
            tried += 1
        store.facets(filters)
        store.summary(filters)
    store.details(7)
    store.several_details([1, 2, 3])
    assert tried > 900
    large = [step for step in asked.steps(results) if step.split()[1] not in SMALL]
    assert len(large) >= 2
    assert all(step.startswith("SEARCH") and "USING INTEGER PRIMARY KEY" in step for step in large), large


GLYPHS = "f_id INTEGER, label TEXT, contours TEXT"
KEYS = {
    "ours": f"glyph_id INTEGER PRIMARY KEY, {GLYPHS}",
    "theirs": f"id INTEGER PRIMARY KEY, glyph_id INTEGER, {GLYPHS}",
    "no index": f"glyph_id INTEGER, {GLYPHS}",
    "no numbers": f"glyph_id TEXT, {GLYPHS}",
    "an index": f"glyph_id INTEGER UNIQUE, {GLYPHS}",
}


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("fonts", ["f_id INTEGER PRIMARY KEY, family TEXT", "f_id INTEGER, family TEXT"])
def test_glyphs_are_found_by_index_whatever_the_database(
    kind: str, fonts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE glyphs ({KEYS[kind]})")
        connection.execute(f"CREATE TABLE fonts ({fonts})")
        connection.execute("INSERT INTO fonts VALUES (1, 'One')")
        for i in range(1, 50):
            key = f"glyph{i}" if kind == "no numbers" else 100 - i
            row = (key, i, 1, "a", "[]") if kind == "theirs" else (key, 1, "a", "[]")
            connection.execute(f"INSERT INTO glyphs VALUES ({','.join('?' * len(row))})", row)
    store, asked = GlyphStore(path), Selection()
    assert [row.glyph_id for row in store.glyphs([51, 60, 1])] == ([1] if kind == "no numbers" else [51, 60])
    ids = [row.glyph_id for row in store.rows()]
    monkeypatch.setattr(foreign, "connect", asked.listening(foreign.connect))
    assert [row.glyph_id for row in store.rows(after=ids[9], upto=ids[19], chunk=5)] == ids[10:20]
    assert [row.family for row in store.glyphs(ids[3:5])] == ["One", "One"]
    steps = asked.steps(path)
    assert [step for step in steps if step.startswith("SEARCH g USING")]
    walked = [step for step in steps if step.startswith("SCAN") or "TEMP B-TREE" in step]
    # With few fonts and no index, SQLite walks through them, which is the quickest way for a few glyphs.
    assert walked in ([], ["SCAN f LEFT-JOIN"] if "PRIMARY" not in fonts else []), steps
