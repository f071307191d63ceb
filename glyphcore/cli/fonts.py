"""Commands that read fonts: ``infer``, ``read``, ``audit``, ``bench``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from glyphcore.cli.base import DEFAULT_CHECKPOINT, DEFAULT_READER, PARTLY, add
from glyphcore.config import AuditConfig, BenchConfig, InferConfig, ReadConfig
from glyphcore.progress import Progress

CODES = f"0 all was read; 1 nothing was; {PARTLY} some inputs or glyphs could not be read (each is named), the rest was"


def declare(commands: Any) -> None:
    """Add them to the parser's commands."""
    infer = add(commands, "infer", _infer, "Read glyphs: one JSON line each, with candidates and flags.",
                "glyphcore infer broken.ttf --out glyphs.jsonl", codes=CODES)  # fmt: skip
    infer.add_argument("inputs", nargs="+", type=Path, metavar="INPUT",
                       help="font file, folder of fonts, folder of <id>.png (128×128), glyph database")  # fmt: skip
    infer.add_argument("--checkpoint", type=Path, default=DEFAULT_READER, help="checkpoint or its export (.reader)")
    infer.add_argument("--topk", type=int, default=InferConfig.topk, help="candidates a glyph")
    infer.add_argument("--out", type=Path, help="file to write; none: standard output")
    infer.add_argument("--ok", type=float, default=InferConfig.ok,
                       help="probability from which a label is flagged OK (OUTSIDE: rather none)")  # fmt: skip
    infer.add_argument("--low", type=float, default=InferConfig.low,
                       help="probability from which it is LOW_CONF; below, VERY_LOW")  # fmt: skip
    infer.add_argument("--ambiguous", type=float, default=InferConfig.ambiguous,
                       help="AMBIGUOUS too where it leads the other candidates by less")  # fmt: skip
    _add_alone(infer, "'assigned' is what a glyph gets")
    _add_texts(infer)

    read = add(commands, "read", _read, "Read one font into arrays: candidates, geometry, what the font says.",
               "glyphcore read broken.ttf --out broken.npz")  # fmt: skip
    read.add_argument("font", type=Path, help="font file")
    read.add_argument("--out", type=Path, required=True, help=".npz file to write")
    read.add_argument("--checkpoint", type=Path, default=DEFAULT_READER, help="checkpoint or its export (.reader)")
    read.add_argument("--face", type=int, default=0, help="face of a collection, from 0")
    read.add_argument("--threads", type=int, default=0, help="CPU threads; 0 takes all cores")
    read.add_argument("--seconds", type=int, default=0,
                      help="end at this much processor time, for a font that is not trusted")  # fmt: skip
    read.add_argument("--megabytes", type=int, default=0, help="the memory that it may ask for")

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
    _add_texts(audit)

    bench = add(commands, "bench", _bench, "Time the reading of fonts: each stage, cold and warm, by each model file.",
                "glyphcore bench broken.ttf --models mine.ckpt mine.reader")  # fmt: skip
    bench.add_argument("fonts", nargs="*", type=Path, metavar="FONT", help="font files; none: three of the corpus")
    bench.add_argument("--models", nargs="+", type=Path, default=[DEFAULT_READER, DEFAULT_CHECKPOINT],
                       help="checkpoints and exports; stages are timed with the first")  # fmt: skip
    bench.add_argument("--repeat", type=int, default=BenchConfig.repeat, help="runs, of which the fastest counts")
    bench.add_argument("--out", type=Path, help="JSON file for everything")
    bench.add_argument("--results", type=Path, default=BenchConfig.results,
                       help="where a checkpoint's speed is kept, for the app's Compare")  # fmt: skip


def _add_alone(command: argparse.ArgumentParser, then: str) -> None:
    command.add_argument("--alone", action="store_true",
                         help="read each glyph by itself, not with the rest of its font")  # fmt: skip
    command.add_argument("--reuse", type=float, default=InferConfig.reuse,
                         help=f"cost of a label that another glyph of the font has, in nats; {then}")  # fmt: skip


def _add_texts(command: argparse.ArgumentParser) -> None:
    command.add_argument("--confirmed", type=Path, metavar="CSV",
                         help="what people say: columns glyph_id and one of codepoints, label, text")  # fmt: skip
    command.add_argument("--tounicode", type=Path, metavar="FILE",
                         help="write a ToUnicode CMap of one font")  # fmt: skip
    command.add_argument("--codes", default="", metavar="FILE|font",
                         help="its codes: a CSV of code and glyph_id, or the font's own encoding; "
                              "none: glyph indices in two bytes")  # fmt: skip
    command.add_argument("--face", type=int, metavar="N", help="of collections only this face, from 0; none: all")
    command.add_argument(
        "--threshold", type=float, default=InferConfig.threshold,
        help="probability from which the model is believed; below, only where the font says the same",
    )  # fmt: skip


def _infer(args: argparse.Namespace, progress: Progress) -> int:
    config = InferConfig(
        tuple(args.inputs), args.checkpoint, args.out, args.topk, args.ok, args.low, args.ambiguous, args.alone,
        args.reuse, args.confirmed, args.tounicode, args.threshold, args.codes, args.face,
    )  # fmt: skip
    from glyphcore.jobs import infer

    return PARTLY if infer.run(config, progress).any else 0


def _read(args: argparse.Namespace, progress: Progress) -> int:
    from glyphcore.jobs import read

    config = ReadConfig(args.font, args.checkpoint, args.out, args.face, args.threads, args.seconds, args.megabytes)
    return PARTLY if read.run(config, progress)[1].any else 0


def _audit(args: argparse.Namespace, progress: Progress) -> int:
    config = AuditConfig(
        tuple(args.fonts), args.checkpoint, args.out, args.sheet, args.rows, args.sheet_rows, args.alone, args.reuse,
        args.confirmed, args.csv, args.tounicode, args.threshold, args.codes, args.face,
    )  # fmt: skip
    from glyphcore.jobs import audit

    table, losses = audit.run(config, progress)
    print(table)
    return PARTLY if losses.any else 0


def _bench(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import bench

    config = BenchConfig(tuple(args.models), tuple(args.fonts), args.out, args.repeat, results=args.results)
    print(bench.report(bench.run(config, progress)))
