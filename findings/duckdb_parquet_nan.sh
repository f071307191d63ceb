#!/usr/bin/env bash
# DuckDB 2.0.1 and pyarrow 26.0.1 on a Parquet file: rows whose value is not a number are lost by the filter that asks
# for them.
#
# Expected: a filter gives the same rows whether a table lies in memory or in a file; statistics of a file may skip
# rows that cannot match, never rows that do. In DuckDB a NaN is greater than all numbers and equal to itself, so
# `isnan(x)` and `x > 10` hold for it.
# Seen: of 1.0, 2.0 and NaN the same DuckDB query finds the NaN in memory and nothing in the file: the file's
# statistics, which leave NaN out as the format wants it, say 1.0 to 2.0, and the row group is skipped, for isnan(x)
# as well. pyarrow's dataset loses it for "not x <= 10", though not for is_nan. Polars 2.1.0 finds it in both.
# Matters: glyphs whose confidence came out as NaN are exactly what such a query looks for; an empty answer looks like
# health.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: duckdb==2.0.1 pyarrow==26.0.1 polars==2.1.0
"$room/venv/bin/python" - "$room" <<'PYTHON'
import sys

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

path = sys.argv[1] + "/confidence.parquet"
held = pa.table({"glyph": [1, 2, 3], "x": [1.0, 2.0, float("nan")]})
pq.write_table(held, path)
stored = pq.read_metadata(path).row_group(0).column(1).statistics
print("statistics in the file:", stored.min, "to", stored.max)
seen = {}


def compare(library, condition, memory, file):
    seen[library, condition] = memory, file
    print(f"{library:8} {condition:12} in memory: {memory}  from the file: {file}")


for condition in ("isnan(x)", "x > 10", "not x <= 10"):
    memory, file = (
        duckdb.sql(f"SELECT glyph FROM {source} WHERE {condition}").fetchall() for source in ("held", f"'{path}'")
    )
    compare("DuckDB", condition, [row[0] for row in memory], [row[0] for row in file])
for condition, expression in (("isnan(x)", pc.is_nan(pc.field("x"))), ("not x <= 10", ~(pc.field("x") <= 10))):
    compare(
        "pyarrow",
        condition,
        held.filter(expression)["glyph"].to_pylist(),
        ds.dataset(path).to_table(filter=expression)["glyph"].to_pylist(),
    )
for condition, expression in (("isnan(x)", pl.col("x").is_nan()), ("x > 10", pl.col("x") > 10)):
    memory, file = pl.from_arrow(held).filter(expression), pl.scan_parquet(path).filter(expression).collect()
    compare("Polars", condition, memory["glyph"].to_list(), file["glyph"].to_list())
assert all(memory == [3] for memory, _ in seen.values())
lost = {key for key, (_, file) in seen.items() if file == []}
assert lost == {("DuckDB", "isnan(x)"), ("DuckDB", "x > 10"), ("DuckDB", "not x <= 10"), ("pyarrow", "not x <= 10")}, (
    lost
)
PYTHON
