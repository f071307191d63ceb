"""Results as Parquet, read back by common tools: pyarrow, pandas, DuckDB, Polars."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import duckdb
import pandas as pd
import polars
import pyarrow.parquet as pq
import pytest

from glyphcore.config import EvaluateConfig, SelectConfig
from glyphcore.data.store import GlyphStore
from glyphcore.errors import ConfigError, StoreError
from glyphcore.jobs import evaluate, select
from glyphcore.results.browse import COLUMNS, ResultRow, ResultsStore
from glyphcore.results.filters import Filters
from glyphcore.results.parquet import TYPES, write_parquet

PAGE = Path(__file__).resolve().parents[3] / "docs" / "scale.md"


def plain(rows: list[ResultRow]) -> list[tuple]:
    return [tuple(asdict(row).values()) for row in rows]


def by_pandas(path: Path) -> list[tuple]:
    table = pd.read_parquet(path)
    return list(table.astype(object).where(table.notna(), None)[list(COLUMNS)].itertuples(index=False, name=None))


def by_duckdb(path: Path) -> list[tuple]:
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT {', '.join(COLUMNS)} FROM '{path}'").fetchall()


def by_polars(path: Path) -> list[tuple]:
    return polars.read_parquet(path).select(COLUMNS).rows()


@pytest.mark.parametrize("read", [by_pandas, by_duckdb, by_polars])
def test_a_selection_comes_back_as_it_was(read, store: ResultsStore, tmp_path: Path) -> None:
    wanted = plain(list(store.export(Filters(), "loss")))
    write_parquet(tmp_path / "all.parquet", store.export(Filters(), "loss"), store.meta)
    assert read(tmp_path / "all.parquet") == wanted, "rows, values and order"


def test_select_writes_parquet_where_the_name_says_so(
    store: ResultsStore, database: GlyphStore, tmp_path: Path
) -> None:
    out = tmp_path / "wrong.parquet"
    config = SelectConfig(store.path, database.path, tmp_path, tmp_path, outcome="wrong", out=out)
    count = select.run(config)
    wrong = plain(list(store.export(Filters(outcome="wrong"))))
    assert len(wrong) == count > 0
    assert by_duckdb(out) == wrong
    with pytest.raises(ConfigError, match="jsonl"):
        SelectConfig(store.path, jsonl=True, out=out)


def test_a_row_group_at_a_time_is_enough(
    store: ResultsStore, rows: list[ResultRow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glyphcore.results.parquet.GROUP", 100)
    write_parquet(tmp_path / "all.parquet", iter(rows), store.meta)
    assert pq.ParquetFile(tmp_path / "all.parquet").num_row_groups == -(-len(rows) // 100)
    assert by_pandas(tmp_path / "all.parquet") == plain(rows)


def test_the_file_says_what_was_evaluated_with_what_and_its_types(store: ResultsStore, tmp_path: Path) -> None:
    write_parquet(tmp_path / "none.parquet", iter(()), store.meta)
    schema = pq.read_schema(tmp_path / "none.parquet")
    about = json.loads(schema.metadata[b"glyphcore"])
    assert about["dataset_fingerprint"] == store.meta.dataset_fingerprint
    assert schema.names == list(COLUMNS) == list(TYPES)
    assert [field.name for field in schema if field.nullable] == ["loss", "outside"]


def test_the_schema_is_documented() -> None:
    page = PAGE.read_text()
    for name, kind in TYPES.items():
        assert f"| `{name}` | {kind} |" in page, name


def test_a_failure_leaves_no_file(store: ResultsStore, rows: list[ResultRow], tmp_path: Path) -> None:
    def broken() -> Iterator[ResultRow]:
        yield from rows[:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_parquet(tmp_path / "all.parquet", broken(), store.meta)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def evaluated(tiny_checkpoint: Path, model_db: Path, tmp_path: Path) -> EvaluateConfig:
    return EvaluateConfig(
        tiny_checkpoint, model_db, tmp_path / "results", tmp_path, parts=4, parquet=tmp_path / "rows"
    )  # fmt: skip


def test_an_evaluation_as_a_folder_is_one_table_of_all_shards(evaluated: EvaluateConfig) -> None:
    figures = evaluate.run(evaluated)
    folder = evaluated.parquet
    assert folder is not None
    (results,) = evaluated.results.glob("*.db")
    wanted = plain(list(ResultsStore(results).export(Filters(), "id")))
    assert len(wanted) >= figures["n"] > 0
    table = pd.read_parquet(folder)
    assert sorted(table["glyph_id"]) == [row[0] for row in wanted]
    assert table["shard"].astype(int).nunique() == 4
    scanned = polars.scan_parquet(folder).sort("glyph_id")
    assert scanned.select(COLUMNS).collect().rows() == wanted
    assert scanned.select("shard").collect()["shard"].n_unique() == 4
    with duckdb.connect() as connection:
        query = f"SELECT {', '.join(COLUMNS)} FROM '{folder}/*/*.parquet' ORDER BY glyph_id"
        assert connection.execute(query).fetchall() == wanted
        right = connection.execute(f"SELECT shard, avg(correct::INT) FROM '{folder}/*/*.parquet' GROUP BY 1").fetchall()
        assert {shard for shard, _ in right} == {1, 2, 3, 4}


def test_files_that_are_there_are_kept_and_a_missing_one_is_made_again(evaluated: EvaluateConfig) -> None:
    evaluate.run(evaluated)
    assert evaluated.parquet is not None
    files = sorted(evaluated.parquet.rglob("*.parquet"))
    before = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in files}
    files[1].unlink()
    evaluate.run(evaluated)
    assert files[1].read_bytes() == before[files[1]][1]
    assert all(file.stat().st_mtime_ns == before[file][0] for file in files if file != files[1])


def test_a_folder_of_something_else_is_left_alone(evaluated: EvaluateConfig, tmp_path: Path) -> None:
    evaluate.run(evaluated)
    for changes in ({"parts": 5}, {"parquet": tmp_path / "results"}):
        config = EvaluateConfig(**(vars(evaluated) | changes))
        with pytest.raises(StoreError, match="contains other files than these shards"):
            evaluate.run(config)
