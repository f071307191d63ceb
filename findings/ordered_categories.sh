#!/usr/bin/env bash
# pandas 3.1.1, Polars 2.1.0, DuckDB 2.0.1, pyarrow 26.0.1: the highest of low < mid < high is "mid", unless pandas is
# asked.
#
# Expected: an ordered categorical column keeps its order on its way to another library, above all through Parquet,
# whose Arrow schema says "ordered" and lists the categories; each of the three has a type for it.
# Seen: Polars makes a Categorical of it, from a file or from memory, and sorts by the alphabet: its maximum is "mid".
# DuckDB reads the pandas frame as an ENUM in the right order, maximum "high", and the Parquet file of that very frame
# as text: "mid". The way back is faithful: a Polars Enum comes out of Parquet in pandas in order. Nothing warns, for
# every answer is a valid category.
# Matters: bands of confidence, kinds of errors and splits (train < val < test) are such columns, and figures by "at
# least" or "worst" are then of another set. Store numbers, or cast to pl.Enum on arrival.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: pandas==3.1.1 polars==2.1.0 duckdb==2.0.1 pyarrow==26.0.1
cd "$room"
venv/bin/python - <<'PYTHON'
import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq

BANDS = ["low", "mid", "high"]
frame = pd.DataFrame({"band": pd.Categorical(["low", "high", "mid"], categories=BANDS, ordered=True)})
frame.to_parquet("bands.parquet")
print("in the file:", pq.read_schema("bands.parquet").field("band").type)
pl.DataFrame({"band": ["low", "high", "mid"]}, schema={"band": pl.Enum(BANDS)}).write_parquet("back.parquet")
seen = {
    "pandas, the frame": frame["band"].max(),
    "pandas, its file": pd.read_parquet("bands.parquet")["band"].max(),
    "Polars, the frame": pl.from_pandas(frame)["band"].max(),
    "Polars, its file": pl.read_parquet("bands.parquet")["band"].max(),
    "DuckDB, the frame": duckdb.sql("SELECT max(band) FROM frame").fetchall()[0][0],
    "DuckDB, its file": duckdb.sql("SELECT max(band) FROM 'bands.parquet'").fetchall()[0][0],
    "pandas, a file of Polars' Enum": pd.read_parquet("back.parquet")["band"].max(),
}
for name, highest in seen.items():
    print(f"{name:31} highest: {highest}")
assert list(seen.values()) == ["high", "high", "mid", "mid", "high", "mid", "high"], seen
PYTHON
