"""Commands that use a checkpoint: from ``evaluate`` and ``infer`` to ``export``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from glyphcore.cli.base import DEFAULT_CHECKPOINT, DEFAULT_READER, PARTLY, add
from glyphcore.config import (
    CACHE,
    DATASET,
    AuditConfig,
    BenchConfig,
    CompareConfig,
    EvaluateConfig,
    ExportConfig,
    InferConfig,
    InspectConfig,
    MapConfig,
    MergeConfig,
    OverlayConfig,
    ReadConfig,
    ReportConfig,
)
from glyphcore.progress import Progress

CODES = f"0 all was read; 1 nothing was; {PARTLY} some inputs or glyphs could not be read (each is named), the rest was"


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
                "glyphcore merge .cache/results/shards/mixer-geometry-*of2.db")  # fmt: skip
    merge.add_argument("shards", nargs="+", type=Path, help="results files of 'evaluate --shard', all of them")
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
                        help="what is right: label, unicode (form ignored) or twin (twins count)")  # fmt: skip
    report.add_argument("--threshold", type=float, default=ReportConfig.threshold, help="abstain below this confidence")
    report.add_argument("--rows", type=int, default=ReportConfig.rows, help="groups and confusions listed")
    report.add_argument("--db", type=Path, default=DATASET / "glyphs.db", help="the database of the results")
    report.add_argument("--results", type=Path, default=CACHE / "results", help="folder of results")
    report.add_argument("--json", action="store_true", help="everything as JSON")
    report.add_argument("--out", type=Path, help="file to write; none: standard output")

    mapping = add(commands, "map", _map, "Lay out the embeddings of results on a plane, for the app's map.",
                  "glyphcore map mixer-geometry")  # fmt: skip
    mapping.add_argument("results", type=Path, help="results file, its name, or the name of an evaluated checkpoint")
    mapping.add_argument("--folder", type=Path, default=MapConfig.folder, help="folder of results")
    mapping.add_argument("--points", type=int, default=MapConfig.points, help="glyphs on the map; of more, a sample")
    mapping.add_argument("--split", default="", help="only this split: train, val or test")
    mapping.add_argument("--seed", type=int, default=MapConfig.seed, help="of the sample and the layout")
    mapping.add_argument("--again", action="store_true", help="lay out anew although there is a map")

    infer = add(commands, "infer", _infer, "Read glyphs: one JSON line each, with candidates and flags.",
                "glyphcore infer broken.ttf --out glyphs.jsonl", codes=CODES)  # fmt: skip
    infer.add_argument("inputs", nargs="+", type=Path, metavar="INPUT",
                       help="font file, folder of fonts, folder of <id>.png (128×128), glyph database")  # fmt: skip
    infer.add_argument("--checkpoint", type=Path, default=DEFAULT_READER, help="checkpoint or its export (.reader)")
    infer.add_argument("--topk", type=int, default=InferConfig.topk, help="candidates a glyph")
    infer.add_argument("--out", type=Path, help="file to write; none: standard output")
    infer.add_argument("--ok", type=float, default=InferConfig.ok, help="probability from which the flag is OK")
    infer.add_argument("--low", type=float, default=InferConfig.low,
                       help="probability from which it is LOW_CONF; below, VERY_LOW")  # fmt: skip
    infer.add_argument("--ambiguous", type=float, default=InferConfig.ambiguous,
                       help="AMBIGUOUS too when the first candidate leads by less")  # fmt: skip
    _add_alone(infer, "'assigned' is what a glyph gets")
    _add_texts(infer, "from which a reading goes into the CMap")

    read = add(commands, "read", _read, "Read one font into arrays: candidates, geometry, what the font says.",
               "glyphcore read broken.ttf --out broken.npz")  # fmt: skip
    read.add_argument("font", type=Path, help="font file")
    read.add_argument("--out", type=Path, required=True, help=".npz file to write")
    read.add_argument("--checkpoint", type=Path, default=DEFAULT_READER, help="checkpoint or its export (.reader)")
    read.add_argument("--face", type=int, default=0, help="face of a collection, from 0")
    read.add_argument("--threads", type=int, default=0, help="CPU threads; 0 takes all cores")

    audit = add(commands, "audit", _audit, "Hold fonts against what their glyphs look like; the worst come first.",
                "glyphcore audit broken.ttf --sheet audit.html", codes=CODES)  # fmt: skip
    audit.add_argument("fonts", nargs="+", type=Path, metavar="FONT", help="font files and folders")
    audit.add_argument("--checkpoint", type=Path, default=DEFAULT_READER, help="checkpoint or its export (.reader)")
    audit.add_argument("--out", type=Path, help="JSON-lines file, a finding a glyph")
    audit.add_argument("--sheet", type=Path, help="HTML file with the rasters")
    audit.add_argument("--rows", type=int, default=AuditConfig.rows, help="disagreements listed in the terminal")
    audit.add_argument("--sheet-rows", type=int, default=AuditConfig.sheet_rows, help="glyphs a verdict in the sheet")
    audit.add_argument("--csv", type=Path, help="the findings for a spreadsheet")
    _add_alone(audit, "a glyph is judged by what it gets")
    _add_texts(audit, "from which the model is believed; below, only where the font says the same")

    export = add(commands, "export", _export, "Write a checkpoint in a form that runs without torch, or elsewhere.",
                 "glyphcore export checkpoints/mixer-geometry.ckpt --to onnx")  # fmt: skip
    export.add_argument("checkpoint", type=Path, nargs="?", default=DEFAULT_CHECKPOINT, help="checkpoint file")
    export.add_argument("--to", choices=("reader", "onnx", "torchscript"), default=ExportConfig.to,
                        help="reader: for infer and audit, by ONNX Runtime; onnx, torchscript: one graph")  # fmt: skip
    export.add_argument("--float32", action="store_true", help="leave a reader's mixer as it is instead of 8-bit")
    export.add_argument("--db", type=Path, default=ExportConfig.db, help="its train split calibrates the 8-bit ranges")
    export.add_argument("--out", type=Path, help="file to write; none: beside the checkpoint")

    bench = add(commands, "bench", _bench, "Time the reading of fonts: each stage, cold and warm, by each model file.",
                "glyphcore bench broken.ttf --models mine.ckpt mine.reader")  # fmt: skip
    bench.add_argument("fonts", nargs="*", type=Path, metavar="FONT", help="font files; none: three of the corpus")
    bench.add_argument("--models", nargs="+", type=Path, default=[DEFAULT_READER, DEFAULT_CHECKPOINT],
                       help="checkpoints and exports; stages are timed with the first")  # fmt: skip
    bench.add_argument("--repeat", type=int, default=BenchConfig.repeat, help="runs, of which the fastest counts")
    bench.add_argument("--out", type=Path, help="JSON file for everything")
    bench.add_argument("--results", type=Path, default=BenchConfig.results,
                       help="where a checkpoint's speed is kept, for the app's Compare")  # fmt: skip

    overlay = add(commands, "overlay", _overlay, "Draw the primitive grid over glyphs of a database.",
                  "glyphcore overlay 1200 1201 --out overlays")  # fmt: skip
    overlay.add_argument("glyphs", nargs="+", type=int, help="glyph ids")
    overlay.add_argument("--checkpoint", type=Path, default=DEFAULT_CHECKPOINT, help="checkpoint file")
    overlay.add_argument("--db", type=Path, default=DATASET / "glyphs.db", help="glyph database")
    overlay.add_argument("--rasters", type=Path, help="folder of <glyph_id>.png to read instead of outlines")
    overlay.add_argument("--out", type=Path, required=True, help="folder to write")
    overlay.add_argument("--scale", type=int, default=6, help="screen pixels a raster pixel")

    inspect = add(commands, "inspect", _inspect, "Take single glyphs apart: top-5, cells that matter, smallest edit.",
                  "glyphcore inspect 1200 --edit 3,7=0 3,8=0 --similar 8")  # fmt: skip
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


def _add_alone(command: argparse.ArgumentParser, then: str) -> None:
    command.add_argument("--alone", action="store_true", help="read each glyph by itself, not with the rest of its font")
    command.add_argument("--reuse", type=float, default=InferConfig.reuse,
                         help=f"cost of a label that another glyph of the font has, in nats; {then}")  # fmt: skip


def _add_texts(command: argparse.ArgumentParser, threshold: str) -> None:
    command.add_argument("--confirmed", type=Path, metavar="CSV",
                         help="what people say: columns glyph_id and one of codepoints, label, text")  # fmt: skip
    command.add_argument("--tounicode", type=Path, metavar="FILE",
                         help="write a ToUnicode CMap of one font, glyph indices as codes")  # fmt: skip
    command.add_argument("--threshold", type=float, default=InferConfig.threshold, help=f"probability {threshold}")


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

    job.run(MapConfig(args.results, args.folder, args.points, args.split, args.seed, args.again), progress)


def _infer(args: argparse.Namespace, progress: Progress) -> int:
    config = InferConfig(
        tuple(args.inputs), args.checkpoint, args.out, args.topk, args.ok, args.low, args.ambiguous, args.alone,
        args.reuse, args.confirmed, args.tounicode, args.threshold,
    )  # fmt: skip
    from glyphcore.jobs import infer

    return PARTLY if infer.run(config, progress).any else 0


def _read(args: argparse.Namespace, progress: Progress) -> int:
    from glyphcore.jobs import read

    config = ReadConfig(args.font, args.checkpoint, args.out, args.face, args.threads)
    return PARTLY if read.run(config, progress)[1].any else 0


def _audit(args: argparse.Namespace, progress: Progress) -> int:
    config = AuditConfig(
        tuple(args.fonts), args.checkpoint, args.out, args.sheet, args.rows, args.sheet_rows, args.alone, args.reuse,
        args.confirmed, args.csv, args.tounicode, args.threshold,
    )  # fmt: skip
    from glyphcore.jobs import audit

    table, losses = audit.run(config, progress)
    print(table)
    return PARTLY if losses.any else 0


def _export(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import export

    export.run(ExportConfig(args.checkpoint, args.out, args.to, not args.float32, args.db), progress)


def _bench(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import bench

    config = BenchConfig(tuple(args.models), tuple(args.fonts), args.out, args.repeat, results=args.results)
    print(bench.report(bench.run(config, progress)))


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
