"""Writes rows of results as Parquet, for pandas, DuckDB, Polars, Spark and other programs that read tables.

A file has the columns of :class:`~glyphcore.results.browse.ResultRow`, with the types in :data:`TYPES`, in the order of
its rows. Its metadata describe checkpoint and database of the evaluation. A folder has one file per shard,
``shard=K/glyphs.parquet``, which readers treat as one table with a further column ``shard``; ``docs/scale.md`` has the
schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from glyphcore.errors import StoreError
from glyphcore.files import replacing
from glyphcore.results.browse import ResultRow
from glyphcore.results.store import ResultsMeta

if TYPE_CHECKING:  # only code that writes Parquet waits for this import
    import pyarrow as pa

SUFFIX = ".parquet"
GROUP = 50_000
"""Number of rows of a row group, which are in memory at the same time."""
TYPES = {
    "glyph_id": "int64", "label": "string", "label_index": "int32", "base": "string", "codepoint": "string",
    "char_class": "string", "split": "string", "family": "string", "style": "string", "f_id": "string",
    "pred": "string", "pred_index": "int32", "pred_base": "string", "p1": "float64", "margin": "float64",
    "entropy": "float64", "loss": "float64", "rank": "int32", "correct": "bool", "unicode_correct": "bool",
    "twin_correct": "bool", "cells_right": "int32", "cells_total": "int32", "outside": "float64",
}  # fmt: skip
"""Column → Arrow type."""
UNKNOWN = ("loss", "outside")
"""Columns that may be null."""


def schema(meta: ResultsMeta, shards: int = 1) -> pa.Schema:
    """Return the columns; the key ``glyphcore`` has checkpoint and database of the evaluation, and the number of
    shards."""
    import pyarrow as pa

    names = ("checkpoint", "checkpoint_fingerprint", "dataset", "dataset_fingerprint", "raster_policy")
    about = json.dumps({name: getattr(meta, name) for name in names} | {"shards": shards})
    columns = [pa.field(name, pa.type_for_alias(kind), nullable=name in UNKNOWN) for name, kind in TYPES.items()]
    return pa.schema(columns, metadata={"glyphcore": about})


def write_parquet(path: Path, rows: Iterable[ResultRow], meta: ResultsMeta, shards: int = 1) -> None:
    """Write rows in their order, for one of ``shards`` shards; the complete file appears at the end."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    its_schema, left = schema(meta, shards), iter(rows)
    with replacing(path) as temporary, ParquetWriter(temporary, its_schema, compression="zstd") as writer:
        while group := list(islice(left, GROUP)):
            columns = {name: [getattr(row, name) for row in group] for name in TYPES}
            columns |= {name: list(map(bool, columns[name])) for name, kind in TYPES.items() if kind == "bool"}
            writer.write_table(pa.table(columns, schema=its_schema))


def shard_file(folder: Path, number: int) -> Path:
    """Return the path for the rows of a shard."""
    return folder / f"shard={number}" / f"glyphs{SUFFIX}"


def check_folder(folder: Path, meta: ResultsMeta, shards: int) -> None:
    """Raise StoreError when a folder has anything but shards of these results, cut into the same number: readers would
    treat all files as one table."""
    from pyarrow.parquet import read_schema

    numbers = {entry.name.removeprefix("shard=") for entry in folder.iterdir()} if folder.exists() else set()
    fits = numbers <= {str(number) for number in range(1, shards + 1)}
    there = (file for number in numbers if (file := shard_file(folder, int(number))).exists()) if fits else iter(())
    first = next(there, None)
    if not fits or (first and read_schema(first).metadata != schema(meta, shards).metadata):
        raise StoreError(
            f"{folder} contains other files than these shards; nothing was written.",
            subject=folder,
            remedy="Name another folder, or remove this one.",
        )
