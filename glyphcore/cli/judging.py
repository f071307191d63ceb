"""Commands about labels and what people say of them: ``noise``, ``tags``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from glyphcore.cli.base import add, add_group
from glyphcore.config import CACHE, DATASET, DEFAULT_CHECKPOINT, NoiseConfig, TagsConfig
from glyphcore.progress import Progress


def declare(commands: Any) -> None:
    """Add them to the parser's commands."""
    noise = add(commands, "noise", _noise, "Labels that the model and other fonts doubt, most doubtful first, as CSV.",
                "glyphcore noise checkpoints/mixer-geometry.ckpt --out doubtful.csv")  # fmt: skip
    noise.add_argument("model", type=Path, nargs="?", default=DEFAULT_CHECKPOINT,
                       help="evaluated checkpoint or results file")  # fmt: skip
    noise.add_argument("--db", type=Path, default=DATASET / "glyphs.db", help="the database of the results")
    noise.add_argument("--results", type=Path, default=CACHE / "results", help="folder of results")
    noise.add_argument("--out", type=Path, help="CSV file; none: standard output")
    noise.add_argument("--again", action="store_true", help="look anew although the queue is there")

    tags = add_group(commands, "tags", "tags and notes of glyphs")
    export = add(tags, "export", _export, "Write every tag and note as CSV.", "glyphcore tags export --out tags.csv")
    export.add_argument("--out", type=Path, help="file to write; none: standard output")
    take = add(tags, "import", _import, "Add tags and notes from CSV; a malformed file changes nothing.",
               "glyphcore tags import tags.csv")  # fmt: skip
    take.add_argument("file", type=Path, help="CSV file as 'tags export' writes it")
    listing = add(tags, "list", _list, "Say how many glyphs have each tag, and which views are saved.",
                  "glyphcore tags list")  # fmt: skip
    for command in (export, take, listing):
        command.add_argument("--annotations", type=Path, default=TagsConfig.annotations, help="file of annotations")
        command.add_argument("--db", type=Path, default=TagsConfig.db, help="glyph database that they are about")


def _noise(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import noise

    config = NoiseConfig(args.model, db=args.db, results=args.results, out=args.out, again=args.again)
    noise.run(config, progress)


def _export(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import tags

    tags.export(TagsConfig(args.annotations, args.db), args.out)


def _import(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import tags

    done = tags.take(TagsConfig(args.annotations, args.db), args.file)
    progress.say(f"{done.glyphs:,} glyphs taken")
    if done.unfit:
        lines = ", ".join(map(str, done.unfit))
        progress.say(f"{len(done.unfit):,} lines fit no glyph of {args.db} and were left out: {lines}")


def _list(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import tags

    print(tags.listing(TagsConfig(args.annotations, args.db)))
