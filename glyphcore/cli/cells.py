"""Commands that ask about the cells of evaluated glyphs: ``primitives`` and ``select``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from glyphcore.cli.base import add
from glyphcore.config import CACHE, DATASET, PrimitivesConfig, SelectConfig
from glyphcore.progress import Progress

MODEL = "results file, or an evaluated checkpoint by file or name"


def declare(commands: Any) -> None:
    """Add them to the parser's commands."""
    primitives = add(commands, "primitives", _primitives, "Look at a codebook in use: dead, doubled, badly read codes.",
                     "glyphcore primitives mixer-geometry --kind badly --sort recall")  # fmt: skip
    _places(primitives)
    primitives.add_argument("--split", default="", help="only this split")
    primitives.add_argument("--kind", default="", choices=("", "dead", "duplicate", "badly"), help="only these")
    primitives.add_argument("--sort", default=PrimitivesConfig.sort, help="order of the primitives",
                            choices=("use", "accuracy", "recall", "purity", "ink", "id"))  # fmt: skip
    primitives.add_argument("--pairs", type=int, default=PrimitivesConfig.pairs, help="confusions named")
    form = primitives.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="everything as JSON")
    form.add_argument("--csv", action="store_true", help="the primitives as CSV")

    select = add(commands, "select", _select, "List evaluated glyphs by what Browse filters by, cells among it.",
                 "glyphcore select mixer-geometry --cells '5,3=* any=17>42' --outcome wrong")  # fmt: skip
    _places(select)
    for name, what in (("split", "splits"), ("family", "families"), ("char-class", "classes"), ("label", "labels"),
                       ("pred", "predicted labels")):  # fmt: skip
        select.add_argument(f"--{name}", nargs="+", default=[], help=f"only these {what}")
    select.add_argument(
        "--outcome", default="", help="right, wrong, unicode_wrong, form_wrong, twin, twin_wrong, beyond_top5, noise"
    )
    select.add_argument("--search", default="", help="a character, a code point, or part of a label")
    select.add_argument("--cells", default="", metavar="PATTERN",
                        help="row,column=ID or any=ID, spaces between; * any ink, 0 empty, 17>42 misread")  # fmt: skip
    select.add_argument("--like", default="", metavar="BY-ID", help="grid-17 or embedding-17: glyphs like glyph 17")
    select.add_argument(
        "--size", default="", metavar="FROM-TO", help="longer side in em: 0.15-0.2, or 0.4- for all above"
    )
    select.add_argument("--sort", default="", help="loss, unsure, sure, margin, label, id, similar; none: worst first")
    select.add_argument("--limit", type=int, default=0, help="glyphs written; 0 for all")
    select.add_argument("--jsonl", action="store_true", help="JSON lines instead of CSV")
    select.add_argument("--out", type=Path, help="file to write; none: standard output")


def _places(command: argparse.ArgumentParser) -> None:
    command.add_argument("model", type=Path, metavar="MODEL", help=MODEL)
    command.add_argument("--db", type=Path, default=DATASET / "glyphs.db", help="the database of the results")
    command.add_argument("--results", type=Path, default=CACHE / "results", help="folder of results")
    command.add_argument("--rasters", type=Path, help="folder of <glyph_id>.png that was evaluated")


def _primitives(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import primitives

    config = PrimitivesConfig(
        args.model, args.db, args.results, rasters=args.rasters, split=args.split, kind=args.kind, sort=args.sort,
        pairs=args.pairs,
    )  # fmt: skip
    if args.csv:
        print(primitives.as_csv(config, progress), end="")
        return
    figures = primitives.run(config, progress)
    print(primitives.as_json(figures) if args.json else primitives.report(figures))


def _select(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import select

    config = SelectConfig(
        args.model, args.db, args.results, rasters=args.rasters, split=tuple(args.split), family=tuple(args.family),
        char_class=tuple(args.char_class), label=tuple(args.label), pred=tuple(args.pred), outcome=args.outcome,
        search=args.search, cells=args.cells, like=args.like, size=args.size, sort=args.sort, limit=args.limit,
        form="jsonl" if args.jsonl else "csv", out=args.out,
    )  # fmt: skip
    select.run(config, progress)
