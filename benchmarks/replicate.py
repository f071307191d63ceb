"""A large database made from a real one: its rows and the predictions of checkpoints, repeated under new ids and
families.

    python benchmarks/replicate.py 500000 /tmp/half-a-million [--db dataset/glyphs.db] [--results .cache/results]
                                   [--shards N] [--without-rasters]

The script writes ``glyphs.db`` and ``results/`` into the folder and repeats the rasters as an evaluation would have
made them. They serve the app (``GLYPHCORE_DB``, ``GLYPHCORE_RESULTS``) and other programs that should work at that
size. Repeated families are numbered, so that filters have that many values too. With ``--shards`` the
rows are in N shards, and the results are linked (``glyphcore merge --link``).
"""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from glyphcore.config import CACHE, DATASET
from glyphcore.data.cache import PackedRasters, Raster
from glyphcore.data.store import GlyphStore
from glyphcore.files import replacing
from glyphcore.progress import Progress, Terminal
from glyphcore.results.browse import ResultsStore
from glyphcore.results.merging import link, shard_path
from glyphcore.results.store import ResultsWriter, list_results, results_path

FONTS = 100_000
"""Step between the font ids of two copies; no database has as many fonts."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("glyphs", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--db", type=Path, default=DATASET / "glyphs.db")
    parser.add_argument("--results", type=Path, default=CACHE / "results")
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--without-rasters", action="store_true", help="pictures are then drawn from the outlines")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    progress = Terminal()
    source = GlyphStore(args.db)
    database = replicate_database(source, args.out / "glyphs.db", args.glyphs)
    progress.say(f"{database.path}: {database.count():,} glyphs, {database.path.stat().st_size / 1e6:.0f} MB")
    for file in list_results(args.results):
        if file.complete and file.dataset_fingerprint == source.fingerprint:
            path = replicate_results(file.path, database, args.out / "results", args.glyphs, progress, args.shards)
            progress.say(f"{path}: {path.stat().st_size / 1e6:.0f} MB")
    if args.without_rasters:
        return
    rasters = PackedRasters.of(source, CACHE, progress=progress)
    PackedRasters.write(
        database, CACHE, progress.track(repeated(rasters, source, args.glyphs), total=args.glyphs, what="rasters")
    )


def replicate_database(source: GlyphStore, out: Path, glyphs: int) -> GlyphStore:
    """Write ``glyphs`` rows of ``source``, over and over; ``source`` must be a database made by the project."""
    count = source.count()
    with replacing(out) as part, closing(sqlite3.connect(part)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("ATTACH ? AS old", (str(source.path),))
        for name, sql in connection.execute("SELECT name, sql FROM old.sqlite_master WHERE sql NOT NULL").fetchall():
            if not name.startswith("sqlite_"):
                connection.execute(sql)
        connection.execute("INSERT INTO meta SELECT * FROM old.meta")
        ids = connection.execute("SELECT min(glyph_id), max(glyph_id) FROM old.glyphs").fetchone()
        for copy in range(-(-glyphs // count)):
            left = min(count, glyphs - copy * count)
            _copy(connection, "fonts", {
                "f_id": f"f_id + {copy * FONTS}", "file_hash": f"file_hash || '{_number(copy)}'",
                "family": f"family || '{_number(copy)}'", "split_group": f"split_group || '{_number(copy)}'",
            })  # fmt: skip
            changes = {"glyph_id": f"glyph_id + {copy * ids[1]}", "f_id": f"f_id + {copy * FONTS}"}
            _copy(connection, "glyphs", changes, f"ORDER BY glyph_id LIMIT {left}")
        connection.commit()
    return GlyphStore(out)


def repeated(rasters: PackedRasters, source: GlyphStore, glyphs: int) -> Iterator[Raster]:
    """Yield the rasters of a replicated database: those of ``source``, under the ids of each copy."""
    count = source.count()
    with closing(sqlite3.connect(source.path)) as connection:
        ids = [row[0] for row in connection.execute("SELECT glyph_id FROM glyphs ORDER BY glyph_id")]
    row_of = {glyph_id: i for i, glyph_id in enumerate(rasters.glyph_id.tolist())}
    for copy in range(-(-glyphs // count)):
        for glyph_id in ids[: min(count, glyphs - copy * count)]:
            if (i := row_of.get(glyph_id)) is not None:
                yield glyph_id + copy * ids[-1], rasters.packed[i], rasters.geometry[i]


def replicate_results(
    path: Path, database: GlyphStore, folder: Path, glyphs: int, progress: Progress, shards: int = 1
) -> Path:
    """Write results for a replicated ``database``, as if it had been evaluated, from the results at ``path``.

    Results of several shards are linked.
    """
    old = ResultsStore(path)
    meta = replace(old.meta, dataset=str(database.path), dataset_fingerprint=database.fingerprint)
    out = results_path(folder, meta.checkpoint, meta.checkpoint_fingerprint, database.fingerprint)
    out.unlink(missing_ok=True)
    count = len(old)
    copies = [min(count, glyphs - copy * count) for copy in range(-(-glyphs // count))]
    numbers = np.array_split(np.arange(len(copies)), shards)
    files = [out] if shards == 1 else [shard_path(out, f"-{k}of{shards}") for k in range(1, shards + 1)]
    for file, own in progress.track(zip(files, numbers, strict=True), total=shards, what=meta.checkpoint):
        file.unlink(missing_ok=True)
        writer = ResultsWriter.create_or_resume(file, meta, old.codebook)
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("ATTACH ? AS old", (str(path),))
            (last,) = connection.execute("SELECT max(glyph_id) FROM old.predictions").fetchone()
            for copy in own.tolist():
                order = f"ORDER BY glyph_id LIMIT {copies[copy]}"
                moved = {"glyph_id": f"glyph_id + {copy * last}"}
                again = {"family": f"family || '{_number(copy)}'", "f_id": f"CAST(f_id + {copy * FONTS} AS TEXT)"}
                _copy(connection, "predictions", moved | again, order)
                _copy(connection, "details", moved, order)
                connection.commit()
        writer.finish(old.aggregates)
    if shards > 1:
        writer = ResultsWriter.create_or_resume(out, meta, old.codebook)
        link(writer, files, folder)
        writer.finish(old.aggregates)
    return out


def _number(copy: int) -> str:
    return f" {copy + 1}" if copy else ""


def _copy(connection: sqlite3.Connection, table: str, changes: dict[str, str], order: str = "") -> None:
    """Append the rows of ``old.<table>``; expressions of ``changes`` replace some columns."""
    columns = [row[1] for row in connection.execute(f"PRAGMA old.table_info({table})")]
    values = ", ".join(changes.get(column, column) for column in columns)
    connection.execute(f"INSERT INTO main.{table} SELECT {values} FROM old.{table} {order}")


if __name__ == "__main__":
    main()
