"""A database at size: rows per second of one core, memory and disk of every job, each in a process of its own.

    python benchmarks/scale.py 50000 200000 [--only db rasters …] [--db dataset/glyphs.db] [--model FILE]
        [--work FOLDER] [--lines FILE] [--out docs/scale.md]

Databases and results are the shipped ones repeated (``replicate.py``). The benchmark measures a job's own processor
time, so that its figures are valid on a busy machine too. ``browse`` measures the queries of a page, without the
browser (``benchmarks/app.py`` measures those in the browser). ``--lines`` collects the measures of several runs; the
tables between the two marks in ``--out`` are replaced.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from replicate import replicate_database, replicate_results

from glyphcore.config import CACHE, CHECKPOINTS, DATASET, EvaluateConfig, RasterizeConfig
from glyphcore.data.cache import PackedRasters
from glyphcore.data.store import GlyphStore
from glyphcore.progress import Silent

MARKS = "<!-- measured -->", "<!-- /measured -->"
GREATEST = 2e9
"""Bytes of memory that a job may take."""


def replicate(work: Path, args: argparse.Namespace, size: int) -> tuple[int, int]:
    path = work / "glyphs.db"
    replicate_database(GlyphStore(args.db), path, size)
    return size, path.stat().st_size


def pack(work: Path, args: argparse.Namespace, size: int) -> tuple[int, int]:
    made = PackedRasters.of(GlyphStore(work / "glyphs.db"), work / "cache")
    return len(made.glyph_id), sum(path.stat().st_size for path in (work / "cache").iterdir())


def png(work: Path, args: argparse.Namespace, size: int) -> tuple[int, int]:
    from glyphcore.jobs import rasterize

    counts = rasterize.run(RasterizeConfig(work / "glyphs.db", work / "png"))
    return counts["written"], sum(entry.stat().st_size for entry in os.scandir(work / "png"))


def check(work: Path, args: argparse.Namespace, size: int) -> tuple[int, int]:
    from glyphcore.config import CheckConfig
    from glyphcore.jobs import db_check

    return db_check.run(CheckConfig(work / "glyphs.db")).glyphs, 0


def evaluate(work: Path, args: argparse.Namespace, size: int) -> tuple[int, int]:
    from glyphcore.jobs import evaluate

    config = EvaluateConfig(args.model, work / "glyphs.db", work / "evaluated", work / "cache")
    evaluate.run(config)
    return size, sum(path.stat().st_size for path in (work / "evaluated").iterdir())


def results(work: Path, args: argparse.Namespace, size: int) -> tuple[int, int]:
    """Write the results of an evaluation without running the model: rows, columns, checksums, figures."""
    from glyphcore.results.store import list_results

    source = next(file for file in list_results(CACHE / "results") if file.complete and "geometry" in file.checkpoint)
    path = replicate_results(source.path, GlyphStore(work / "glyphs.db"), work / "results", size, Silent())
    return size, path.stat().st_size


def figures(work: Path, args: argparse.Namespace, size: int) -> tuple[int, int]:
    """Compute the figures of an evaluation: each glyph alone, and each with the rest of its font."""
    from glyphcore.analysis.evaluated import evaluated
    from glyphcore.results.browse import ResultsStore

    (path,) = (work / "results").glob("*.db")
    evaluation = evaluated(path, {}, ResultsStore(path).labels, GlyphStore(work / "glyphs.db"))
    assert evaluation["in_font"]["n"] == evaluation["n"]
    return size, 0


def gathered(work: Path, args: argparse.Namespace, size: int) -> tuple[int, int]:
    from glyphcore.results.browse import ResultsStore

    (path,) = (work / "results").glob("*.db")
    rasters = PackedRasters.existing(GlyphStore(work / "glyphs.db"), work / "cache")
    ResultsStore(path).build_cell_index((lambda ids: rasters.of_glyphs(ids)[0]) if rasters else None)
    return size, sum(file.stat().st_size for file in (work / "results").glob("*.np*"))


def browse(work: Path, args: argparse.Namespace, size: int) -> tuple[int, int]:
    """Open the results, then query some selections: page, facets, summary, neighbours. Rows are pages here."""
    from glyphcore.results.browse import ResultsStore
    from glyphcore.results.filters import SORTS, Filters

    (path,) = (work / "results").glob("*.db")
    store, asked = ResultsStore(path), 0
    for filters in (Filters(split=("val",), outcome="wrong"), Filters(), Filters(search="beh"), Filters(p_max=0.4)):
        for sort in SORTS:
            page = store.page(filters, sort, limit=96)
            store.facets(filters)
            store.summary(filters)
            store.neighbours(filters, sort, page.rows[-1].glyph_id)
            asked += 1
    return asked, 0


STAGES: dict[str, Callable[[Path, argparse.Namespace, int], tuple[int, int]]] = {
    "db": replicate, "rasters": pack, "png": png, "check": check, "evaluate": evaluate, "results": results,
    "figures": figures, "cells": gathered, "browse": browse,
}  # fmt: skip
WORDS = {
    "db": "rows → database", "rasters": "outlines → packed rasters", "png": "outlines → PNG files",
    "check": "db check", "evaluate": "evaluate, the whole command", "results": "results without the model",
    "figures": "figures of an evaluation", "cells": "cells gathered",
    "browse": "browse: first page, facets, counts, place",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="+", type=int)
    parser.add_argument("--only", nargs="+", choices=STAGES, default=list(STAGES))
    parser.add_argument("--db", type=Path, default=DATASET / "glyphs.db")
    parser.add_argument("--model", type=Path, default=CHECKPOINTS / "mixer-geometry.reader")
    parser.add_argument("--work", type=Path)
    parser.add_argument("--lines", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--stage", choices=STAGES, help="run one stage in this process and print its measures as JSON")
    args = parser.parse_args()
    if args.stage:
        print(json.dumps(measured(args, args.sizes[0])))
        return
    lines = [json.loads(line) for line in args.lines.read_text().splitlines()] if there(args.lines) else []
    for size in args.sizes:
        with tempfile.TemporaryDirectory(dir=args.work) as work:
            for stage in args.only:
                lines.append({"size": size, "stage": stage, **alone(stage, size, Path(work), args)})
                print(json.dumps(lines[-1]), file=sys.stderr, flush=True)
                shutil.rmtree(Path(work) / "png", ignore_errors=True)
                if args.lines:
                    args.lines.write_text("".join(json.dumps(line) + "\n" for line in lines))
    table = as_table(lines)
    print(table)
    if args.out:
        before, rest = args.out.read_text(encoding="utf-8").split(MARKS[0])
        after = rest.split(MARKS[1])[1]
        args.out.write_text(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}", encoding="utf-8")


def there(path: Path | None) -> bool:
    return path is not None and path.exists()


def alone(stage: str, size: int, work: Path, args: argparse.Namespace) -> dict[str, float]:
    """Run a stage in a process of its own, so that its memory is measured alone."""
    command = [sys.executable, __file__, str(size), "--stage", stage, "--work", str(work), "--db", str(args.db),
               "--model", str(args.model)]  # fmt: skip
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measured(args: argparse.Namespace, size: int) -> dict[str, float]:
    """Return the rows, processor seconds of all threads, peak memory (with pages of mapped files), and bytes on
    disk."""
    start = time.process_time()
    rows, size_of_files = STAGES[args.stage](args.work, args, size)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"rows": rows, "seconds": seconds, "peak": peak, "bytes": size_of_files}


def as_table(lines: list[dict]) -> str:
    """Return a table with a row per stage: speed, then memory, then disk, each by size."""
    sizes = sorted({line["size"] for line in lines})
    by = {(line["stage"], line["size"]): line for line in lines}
    head = " | ".join(f"{size:,}" for size in sizes)
    parts = []
    for title, cell in (
        ("rows for a second of one core", lambda line: f"{line['rows'] / line['seconds']:,.0f}"),
        ("peak memory, MB", lambda line: f"{line['peak'] / 1e6:,.0f}{'' if line['peak'] < GREATEST else ' ✗'}"),
        ("bytes a glyph on disk", lambda line: f"{line['bytes'] / line['size']:,.0f}" if line["bytes"] else ""),
    ):
        rows = [f"| {title} | {head} |", f"|---|{'---:|' * len(sizes)}"]
        for stage in STAGES:
            cells = [cell(by[stage, size]) if (stage, size) in by else "" for size in sizes]
            if any(cells):
                rows.append(f"| {WORDS[stage]} | {' | '.join(cells)} |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


if __name__ == "__main__":
    main()
