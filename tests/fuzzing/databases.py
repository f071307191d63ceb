"""SQLite files: damaged ones, other schemas, views, triggers, generated columns, values of other types.

Each is read as a glyph database, as results, as annotations and as confirmed characters.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from app_fixtures import fake_results, tiny_database

from fuzzing import require
from fuzzing.bytewise import bomb, damaged
from glyphcore.annotations.store import Annotations, Change, Key
from glyphcore.audit.corrections import Correction, CorrectionStore
from glyphcore.data.cache import PackedRasters
from glyphcore.data.outline_arrays import OutlineArrays
from glyphcore.data.sources import SkippedInputs, read_sources
from glyphcore.data.store import GlyphStore
from glyphcore.progress import Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters
from glyphcore.results.store import list_results

VALUES: tuple[Any, ...] = (
    None,
    0,
    -1,
    2**62,
    -(2**63),
    1e308,
    float("inf"),
    0.5,
    "",
    "x",
    "7",
    "[]",
    b"",
    b"\0\xff",
    "\udcff",
    "=1+1",
    "<b>",
    "é" * 3000,
    b"[" * 3000,
)
COLUMNS = (
    "id",
    "glyph_id",
    "f_id",
    "gid",
    "name",
    "label",
    "char_class",
    "split",
    "advance_width",
    "contours",
    "x_min",
    "y_min",
    "x_max",
    "y_max",
    "upem",
    "family",
    "style",
    "has_contours",
    "bounds",
)


@dataclass(frozen=True)
class Seeds:
    glyphs: Path
    results: Path
    tags: Path
    said: Path


def prepare(folder: Path) -> Seeds:
    glyphs = tiny_database(folder / "glyphs.db")
    tags, said = folder / "tags.db", folder / "said.db"
    key = Key("a" * 64, 3, "alef_isol")
    Annotations(tags).change("x", [Change((1,), tag="odd"), Change((1,), note="note")], {1: key})
    with closing(sqlite3.connect(tags)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    CorrectionStore(said).add("a" * 64, {3: Correction("\u0627", "alef_isol")})
    return Seeds(glyphs, fake_results(glyphs, folder / "results"), tags, said)


def case(seeds: Seeds, rng: random.Random, box: Path) -> str:
    way = rng.randrange(12)
    if way < 6:
        path = box / "glyphs.db"
        _glyphs(seeds.glyphs, path, rng)
        return _read_glyphs(path, box, rng)
    path = box / "results" / "some.db"
    path.parent.mkdir()
    if way < 10:
        shutil.copy(seeds.results, path)
        changed(path, rng)
        return _read_results(path)
    if way == 10:
        shutil.copy(seeds.tags, path)
        changed(path, rng)
        annotations = Annotations(path)
        marks = annotations.of_dataset("x")
        annotations.change("x", [Change((1,), tag="new")], {1: Key("a" * 64, 3, "alef_isol")})
        require("new" in annotations.of_dataset("x")[1].tags, "a tag was reported stored and is missing")
        return f"{len(marks)} {len(annotations.all())} {annotations.counts()} {len(annotations.views())}"
    shutil.copy(seeds.said, path)
    changed(path, rng)
    store = CorrectionStore(path)
    store.of("a" * 64)
    store.add("a" * 64, {4: Correction("x")})
    require(store.of("a" * 64).get(4) == Correction("x"), "a confirmed character is missing")
    return "confirmed"


def _read_glyphs(path: Path, box: Path, rng: random.Random) -> str:
    before = path.read_bytes()
    store = GlyphStore(path)
    n = store.count()
    store.labels()
    store.fonts()
    store.font_hashes()
    rows = list(store.rows(chunk=100))
    require(len({row.glyph_id for row in rows}) == len(rows), "two glyphs have one key")
    require(all(isinstance(row.label, str) for row in rows), "a label is no text")
    losses = SkippedInputs()
    found = 0
    for _, glyphs in read_sources([path], losses, Silent()):
        for glyph in glyphs:
            found += 1
            require(np.isfinite(glyph.geometry).all(), "geometry is not finite")
            require(glyph.packed.shape == (2048,), "a raster has another size")
    if rng.random() < 0.4:
        rasters = PackedRasters.of(store, box / "cache")
        require(np.isfinite(rasters.geometry).all(), "stored geometry is not finite")
        require(len(rasters.packed) == len(rasters.glyph_id) <= n, "more rasters than glyphs")
        OutlineArrays.of(store, box / "cache")
    require(path.read_bytes() == before, "reading has changed a database")
    return f"{n} glyphs, {found} read"


def _read_results(path: Path) -> str:
    """Read results as the app does: list them first, then read selections, pages, rows."""
    before = path.read_bytes()
    listed = list_results(path.parent)
    require(len(listed) == 1, "results are not listed")
    store = ResultsStore(path)
    page = store.page(Filters(split=("val",), outcome="wrong"))
    store.facets(Filters())
    for row in page.rows[:3]:
        store.details(row.glyph_id)
    n = sum(1 for _ in store.export(Filters(), "unsure"))
    require(n <= len(store), "an export has too many rows")
    require(store.codebook.shape[1:] == (8, 8) and isinstance(store.aggregates, dict), "codebook or figures malformed")
    require(path.read_bytes() == before, "reading has changed results")
    return f"{n} rows"


def changed(path: Path, rng: random.Random) -> None:
    """Damage bytes, or change values and tables by SQL."""
    if rng.random() < 0.5:
        path.write_bytes(damaged(path.read_bytes(), rng))
        return
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for _ in range(rng.choice((1, 1, 3))):
            table = rng.choice(tables)
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            if not columns:
                continue
            column, value = rng.choice(columns), rng.choice(VALUES[:14] + VALUES[15:])
            where = (
                ""
                if rng.random() < 0.3
                else f" WHERE {column} IN (SELECT {column} FROM {table} ORDER BY random() LIMIT 2)"
            )
            try:
                way = rng.randrange(8)
                if way < 5:
                    connection.execute(f"UPDATE {table} SET {column} = ?{where}", (value,))
                elif way == 5:
                    connection.execute(f"DELETE FROM {table}{where}")
                elif way == 6:
                    connection.execute(f"DROP TABLE {table}")
                    tables.remove(table)
                else:
                    connection.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO other")
            except (sqlite3.Error, UnicodeEncodeError):
                continue
            if not tables:
                break


def _glyphs(seed: Path, path: Path, rng: random.Random) -> None:
    """Write a glyph database that is damaged, changed, or of another schema."""
    if rng.random() < 0.45:
        shutil.copy(seed, path)
        changed(path, rng)
        return
    with closing(sqlite3.connect(path)) as connection:
        columns = list(dict.fromkeys(["label", *rng.sample(COLUMNS, rng.randrange(1, 10))]))
        rng.shuffle(columns)
        if rng.random() < 0.9 and not {"id", "glyph_id"} & set(columns):
            columns.append(rng.choice(("id", "glyph_id")))
        key = next((c for c in ("id", "glyph_id") if c in columns), "")
        kind = rng.choice(("", "INTEGER PRIMARY KEY", "TEXT", "INTEGER"))
        declared = ", ".join(f"{c} {kind if c == key else ''}" for c in columns)
        without = " WITHOUT ROWID" if "PRIMARY" in declared and rng.random() < 0.2 else ""
        connection.execute(f"CREATE TABLE {'base' if rng.random() < 0.2 else 'glyphs'} ({declared}){without}")
        (table,) = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchone()
        sound: dict[str, Any] = {
            "label": "alef_isol",
            "contours": '[["moveTo",[[0,0]]],["lineTo",[[0,9]]],["lineTo",[[9,9]]]]',
            "advance_width": 600,
            "upem": 1000,
            "f_id": 1,
            "x_min": 0,
            "y_min": 0,
            "x_max": 9,
            "y_max": 9,
        }
        for i in range(rng.choice((0, 1, 5, 40))):
            row = [(i if c == key else sound.get(c, i)) if rng.random() < 0.8 else rng.choice(VALUES) for c in columns]
            if rng.random() < 0.02:
                row = [
                    bomb(b"[", b" " * 1024, 30 << 20) if c == "contours" else v
                    for c, v in zip(columns, row, strict=True)
                ]
            try:
                connection.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(row))})", row)
            except (sqlite3.Error, UnicodeEncodeError, OverflowError):
                continue
        _more(connection, table, columns, rng)
        connection.commit()


def _more(connection: sqlite3.Connection, table: str, columns: list[str], rng: random.Random) -> None:
    """Add views, triggers, generated columns, endless queries, a table of fonts."""
    statements = [
        "CREATE TABLE fonts (id, upem, family, file_hash)",
        "CREATE TABLE fonts (f_id INTEGER, family, upem, split); INSERT INTO fonts VALUES (1, x'ff', 'x', 'val')",
        "CREATE TABLE fonts (f_id, upem); INSERT INTO fonts VALUES (1, 1e308), (1, -5), (1, 'inf')",
        "CREATE VIEW fonts AS WITH RECURSIVE n(f_id) AS (SELECT 1 UNION ALL SELECT f_id + 1 FROM n) SELECT f_id FROM n",
        f"CREATE TRIGGER t AFTER INSERT ON {table} BEGIN DELETE FROM {table}; END",
        f"ALTER TABLE {table} ADD COLUMN made GENERATED ALWAYS AS (zeroblob(100000000)) VIRTUAL",
        f"ALTER TABLE {table} ADD COLUMN upem GENERATED ALWAYS AS (label || 7) VIRTUAL",
        "CREATE TABLE meta (key, value); INSERT INTO meta VALUES ('format', 'x')",
        "CREATE TABLE meta (key, value); INSERT INTO meta VALUES ('format', '1'), ('labels', x'00')",
        "CREATE VIRTUAL TABLE fonts USING fts5(f_id)",
        'CREATE TABLE fonts (f_id, f_ID2, \'x y\', "a""b")',
    ]
    if table == "base":
        alias = ", ".join(columns)
        statements.append(f"CREATE VIEW glyphs AS SELECT {alias} FROM base")
        statements.append(f"CREATE VIEW glyphs AS SELECT {alias} FROM base UNION ALL SELECT {alias} FROM base")
        statements.append("CREATE VIEW glyphs AS SELECT * FROM glyphs")
        statements.append(
            "CREATE VIEW glyphs AS WITH RECURSIVE n(glyph_id) AS (SELECT 1 UNION ALL SELECT glyph_id + 1 FROM n) "
            "SELECT glyph_id, 'alef_isol' AS label FROM n"
        )
    for statement in rng.sample(statements, rng.choice((0, 1, 2))) + (statements[-3:-2] if table == "base" else []):
        try:
            connection.executescript(statement)
        except sqlite3.Error:
            continue
