"""Commands that use a checkpoint on a database: from ``evaluate`` to ``inspect``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from glyphcore.cli.base import add
from glyphcore.config import (
    CACHE,
    DATASET,
    DEFAULT_CHECKPOINT,
    CompareConfig,
    EvaluateConfig,
    ExportConfig,
    InspectConfig,
    MapConfig,
    MergeConfig,
    OverlayConfig,
    ReportConfig,
)
from glyphcore.progress import Progress


def declare(commands: Any) -> None:
    """Add them to the parser's commands."""
    evaluate = add(commands, "evaluate", _evaluate, "Predict a database once, store it, and print how good it was.",
                   "glyphcore evaluate checkpoints/mixer-geometry.ckpt --db mine.db --out figures.json")  # fmt: skip
    evaluate.add_argument("checkpoint", type=Path, nargs="?", default=DEFAULT_CHECKPOINT, help="checkpoint file")
    evaluate.add_argument("--db", type=Path, default=DATASET / "glyphs.db", help="glyph database, ours or anybody's")
    evaluate.add_argument("--rasters", type=Path, help="folder of <glyph_id>.png to read instead of outlines")
    evaluate.add_argument("--out", type=Path, help="JSON file for the figures")
    evaluate.add_argument("--results", type=Path, default=CACHE / "results", help="folder of results")
    evaluate.add_argument("--again", action="store_true", help="predict anew although there are results")
    evaluate.add_argument("--shard", type=shard, default=(1, 1), metavar="K/N",
                          help="only the K-th of N parts of the database; 'merge' joins their results")  # fmt: skip

    merge = add(commands, "merge", _merge, "Put the results of all shards of one evaluation together.",
                "glyphcore merge .cache/results/shards")  # fmt: skip
    merge.add_argument("shards", nargs="+", type=Path, help="results of 'evaluate --shard': all files, or their folder")
    merge.add_argument("--results", type=Path, default=CACHE / "results", help="folder of results")
    merge.add_argument("--db", type=Path, help="the database; none: where the shards say that it was")

    compare = add(commands, "compare", _compare, "Evaluated checkpoints on the same glyphs: differences, flips, luck.",
                  "glyphcore compare checkpoints/mixer-geometry.ckpt mine.ckpt --split test")  # fmt: skip
    compare.add_argument("models", nargs="+", type=Path, metavar="MODEL",
                         help="evaluated checkpoints or results files, two or more; the first is the bar")  # fmt: skip
    compare.add_argument("--db", type=Path, default=DATASET / "glyphs.db", help="the database of the results")
    compare.add_argument("--results", type=Path, default=CACHE / "results", help="folder of results")
    compare.add_argument("--split", default="", help="only this split: train, val or test")
    compare.add_argument("--out", type=Path, help="JSON file for everything")
    compare.add_argument("--flips", type=Path, help="CSV file: glyph by glyph, how the first two models read it")
    compare.add_argument("--kind", default="", help="of --flips: broken, fixed, both_wrong or both_right only")
    compare.add_argument("--right-by", default="label", help="of --flips: right by label, unicode or twin")

    report = add(commands, "report", _report, "Take one checkpoint's results apart: where it errs, and why.",
                 "glyphcore report checkpoints/mixer-geometry.ckpt --split test")  # fmt: skip
    report.add_argument("model", type=Path, nargs="?", default=DEFAULT_CHECKPOINT,
                        help="evaluated checkpoint or results file")  # fmt: skip
    report.add_argument("--split", default="",
                        help="train, val, test, or unseen: all it was not trained on; none: val or unseen")  # fmt: skip
    report.add_argument("--criterion", default=ReportConfig.criterion,
                        help="what is right: label, unicode (form ignored) or twin (confusables count)")  # fmt: skip
    report.add_argument("--threshold", type=float, default=ReportConfig.threshold, help="abstain below this confidence")
    report.add_argument("--rows", type=int, default=ReportConfig.rows, help="groups and confusions listed")
    report.add_argument("--db", type=Path, default=DATASET / "glyphs.db", help="the database of the results")
    report.add_argument("--results", type=Path, default=CACHE / "results", help="folder of results")
    report.add_argument("--json", action="store_true", help="everything as JSON")
    report.add_argument("--out", type=Path, help="file to write; none: standard output")

    mapping = add(commands, "map", _map, "Lay out the embeddings of results on a plane, for the app's map.",
                  "glyphcore map mixer-geometry")  # fmt: skip
    mapping.add_argument("results", type=Path, help="results file, its name, or an evaluated checkpoint or its name")
    mapping.add_argument("--db", type=Path, default=MapConfig.db, help="the database of a checkpoint's results")
    mapping.add_argument("--folder", type=Path, default=MapConfig.folder, help="folder of results")
    mapping.add_argument("--points", type=int, default=MapConfig.points, help="glyphs on the map; of more, a sample")
    mapping.add_argument("--split", default="", help="only this split: train, val or test")
    mapping.add_argument("--seed", type=int, default=MapConfig.seed, help="of the sample and the layout")
    mapping.add_argument("--again", action="store_true", help="lay out anew although there is a map")

    export = add(commands, "export", _export, "Write a checkpoint in a form that runs without torch, or elsewhere.",
                 "glyphcore export checkpoints/mixer-geometry.ckpt --to onnx")  # fmt: skip
    export.add_argument("checkpoint", type=Path, nargs="?", default=DEFAULT_CHECKPOINT, help="checkpoint file")
    export.add_argument("--to", choices=("reader", "onnx", "torchscript"), default=ExportConfig.to,
                        help="reader: for infer and audit, by ONNX Runtime; onnx, torchscript: one graph")  # fmt: skip
    export.add_argument("--float32", action="store_true", help="leave a reader's mixer as it is instead of 8-bit")
    export.add_argument("--db", type=Path, default=ExportConfig.db, help="its train split calibrates the 8-bit ranges")
    export.add_argument("--out", type=Path, help="file to write; none: beside the checkpoint")

    overlay = add(commands, "overlay", _overlay, "Draw the primitive grid over glyphs of a database.",
                  "glyphcore overlay 35365 54399 --out overlays")  # fmt: skip
    overlay.add_argument("glyphs", nargs="+", type=int, help="glyph ids")
    overlay.add_argument("--checkpoint", type=Path, default=DEFAULT_CHECKPOINT, help="checkpoint file")
    overlay.add_argument("--db", type=Path, default=DATASET / "glyphs.db", help="glyph database")
    overlay.add_argument("--rasters", type=Path, help="folder of <glyph_id>.png to read instead of outlines")
    overlay.add_argument("--out", type=Path, required=True, help="folder to write")
    overlay.add_argument("--scale", type=int, default=6, help="screen pixels a raster pixel")

    inspect = add(commands, "inspect", _inspect, "Take single glyphs apart: top-5, cells that matter, smallest edit.",
                  "glyphcore inspect 35365 --edit 3,7=0 3,8=0 --similar 8")  # fmt: skip
    inspect.add_argument("glyphs", nargs="+", type=int, help="glyph ids")
    inspect.add_argument("--checkpoint", type=Path, default=DEFAULT_CHECKPOINT, help="checkpoint or its export")
    inspect.add_argument("--db", type=Path, default=DATASET / "glyphs.db", help="glyph database")
    inspect.add_argument("--rasters", type=Path, help="folder of <glyph_id>.png to read instead of outlines")
    inspect.add_argument("--edit", nargs="+", type=cell_edit, default=[], metavar="ROW,COLUMN=ID",
                         help="other primitives for cells, counted from 0; ID 0 is EMPTY")  # fmt: skip
    inspect.add_argument("--depth", type=int, default=InspectConfig.depth, help="cells of the smallest edit at most")
    inspect.add_argument("--beside", nargs="+", type=Path, default=[], metavar="CKPT", help="further checkpoints")
    inspect.add_argument("--similar", type=int, default=0, metavar="K", help="nearest glyphs, from its results")
    inspect.add_argument("--results", type=Path, default=CACHE / "results", help="folder of results")
    inspect.add_argument("--svg", type=Path, help="folder for the outlines as <glyph_id>.svg")
    inspect.add_argument("--json", action="store_true", help="everything, as one JSON line a glyph")

    prepare = add(commands, "prepare", _prepare, "Make what the app needs and is missing; 'make app' calls it.",
                  "glyphcore prepare --all")  # fmt: skip
    prepare.add_argument("--all", action="store_true", help="evaluate every checkpoint in checkpoints/, not the best")


def _evaluate(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import evaluate

    config = EvaluateConfig(args.checkpoint, args.db, args.results, rasters=args.rasters, out=args.out,
                            again=args.again, shard=args.shard)  # fmt: skip
    print(evaluate.report(evaluate.run(config, progress)))


def shard(text: str) -> tuple[int, int]:
    """``1/2`` → the first of two."""
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise argparse.ArgumentTypeError(f"{text!r} is not K/N with K from 1 to N")
    return int(number), int(of)


def _merge(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import evaluate, merge

    config = MergeConfig(tuple(args.shards), args.results, args.db)
    print(evaluate.report(merge.run(config, progress)))


def _compare(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import compare

    config = CompareConfig(tuple(args.models), args.db, args.results, args.split, args.out, args.flips, args.kind,
                           args.right_by)  # fmt: skip
    print(compare.report(compare.run(config, progress)))


def _report(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import report

    config = ReportConfig(args.model, args.db, args.results, split=args.split, criterion=args.criterion,
                          threshold=args.threshold, rows=args.rows, json=args.json, out=args.out)  # fmt: skip
    report.run(config, progress)


def _map(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import map as job

    job.run(MapConfig(args.results, args.folder, args.points, args.split, args.seed, args.again, args.db), progress)


def _export(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import export

    export.run(ExportConfig(args.checkpoint, args.out, args.to, not args.float32, args.db), progress)


def _overlay(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import overlay

    config = OverlayConfig(args.checkpoint, tuple(args.glyphs), args.out, args.db, args.rasters, args.scale)
    overlay.run(config, progress)


def cell_edit(text: str) -> tuple[int, int]:
    """``3,7=0`` → cell 55 and primitive 0."""
    place, _, primitive = text.partition("=")
    row, _, column = place.partition(",")
    if not (row.isdecimal() and column.isdecimal() and primitive.isdecimal() and int(row) < 16 and int(column) < 16):
        raise argparse.ArgumentTypeError(f"{text!r} is not ROW,COLUMN=ID with rows and columns from 0 to 15")
    return int(row) * 16 + int(column), int(primitive)


def _inspect(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import inspect

    config = InspectConfig(
        tuple(args.glyphs), args.checkpoint, args.db, args.rasters, tuple(args.edit), args.depth, tuple(args.beside),
        args.similar, args.results, args.svg,
    )  # fmt: skip
    for found in inspect.run(config, progress):
        print(inspect.as_json(found) if args.json else inspect.report(found))


def _prepare(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import prepare

    prepare.run(progress, every=args.all)
