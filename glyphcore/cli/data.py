"""Commands from fonts to rasters: ``fonts``, ``db``, ``rasterize``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from glyphcore.cli.base import DEFAULT_READER, add, add_group
from glyphcore.config import (
    CACHE,
    CORPUS,
    LABELS,
    BuildConfig,
    CheckConfig,
    DesignsConfig,
    FetchConfig,
    OutsideConfig,
    RasterizeConfig,
    ShipConfig,
    StatsConfig,
)
from glyphcore.progress import Progress


def declare(commands: Any) -> None:
    """Add them to the parser's commands."""
    fonts = add_group(commands, "fonts", "the training corpus")
    fetch = add(fonts, "fetch", _fonts_fetch, "Bring the listed font packages into the cache; nothing is installed.",
                "glyphcore fonts fetch")  # fmt: skip
    fetch.add_argument("--corpus", type=Path, default=FetchConfig().corpus, help="list of families and hashes")
    fetch.add_argument("--cache", type=Path, default=FetchConfig().fonts, help="folder for the files")

    db = add_group(commands, "db", "glyph databases")
    build = add(db, "build", _db_build, "Read fonts into a glyph database: the corpus, or fonts of your own.",
                "glyphcore db build ~/fonts --out mine.db")  # fmt: skip
    build.add_argument("fonts", nargs="*", type=Path, help="font files and folders; none: the corpus")
    build.add_argument("--out", type=Path, required=True, help="database to write")
    build.add_argument("--corpus", action="store_true", help="read the corpus besides the given fonts")
    build.add_argument("--list", type=Path, default=CORPUS, help="the corpus list")
    build.add_argument("--cache", type=Path, default=CACHE / "fonts", help="folder of the fetched corpus")
    build.add_argument("--labels", type=Path, default=LABELS, help="the label set")
    ship_defaults = ShipConfig()
    ship = add(db, "ship", _db_ship, "Take the part of a full database that may be handed on, with its attribution.",
               "glyphcore db ship")  # fmt: skip
    ship.add_argument("--db", type=Path, default=ship_defaults.db, help="the full database")
    ship.add_argument("--out", type=Path, default=ship_defaults.out, help="database to write")
    ship.add_argument("--attribution", type=Path, default=ship_defaults.attribution, help="Markdown file to write")
    ship.add_argument("--megabytes", type=float, default=ship_defaults.megabytes, help="largest size")
    stats = add(db, "stats", _db_stats, "Say what a database holds, as Markdown tables.", "glyphcore db stats")
    stats.add_argument("db", nargs="?", type=Path, default=StatsConfig.db, help="glyph database")
    stats.add_argument("--labels", type=Path, default=StatsConfig.labels, help="the label set")

    designs = add(db, "designs", _db_designs, "Learn what fonts draw together, how large and in what order.",
                  "glyphcore db designs --db dataset/full.db")  # fmt: skip
    designs.add_argument("--db", type=Path, default=DesignsConfig.db, help="glyph database with a train split")
    designs.add_argument("--out", type=Path, default=DesignsConfig.out, help=".npz file to write")
    designs.add_argument("--labels", type=Path, default=DesignsConfig.labels, help="the label set")

    outside = add(db, "outside", _db_outside, "Learn what glyphs look like that are none of the labels.",
                  "glyphcore db outside")  # fmt: skip
    defaults = OutsideConfig(DEFAULT_READER)
    outside.add_argument("--checkpoint", type=Path, default=DEFAULT_READER, help="the model to judge, or its export")
    outside.add_argument("--corpus", type=Path, default=defaults.corpus, help="list of families and hashes")
    outside.add_argument("--outsiders", type=Path, default=defaults.outsiders, help="list of further fonts")
    outside.add_argument("--fonts", type=Path, default=defaults.fonts, help="folder of what both list, fetched")
    outside.add_argument("--db", type=Path, default=defaults.db, help="glyph database that knows val and test")
    outside.add_argument("--out", type=Path, default=defaults.out, help=".npz file to write")

    check = add(db, "check", _db_check, "Look a database over: orphans, broken outlines, doubtful labels, split leaks.",
                "glyphcore db check theirs.db", codes="0 nothing is wrong; 1 something is")  # fmt: skip
    check.add_argument("db", nargs="?", type=Path, default=CheckConfig.db, help="glyph database, anybody's")
    check.add_argument("--rasters", type=Path, help="folder of <glyph_id>.png to look at besides")
    check.add_argument("--labels", type=Path, default=CheckConfig.labels, help="the label set")
    check.add_argument("--json", action="store_true", help="everything as JSON")

    rasterize = add(commands, "rasterize", _rasterize, "Write a database's rasters as <glyph_id>.png; resumes.",
                    "glyphcore rasterize --out dataset/rasters")  # fmt: skip
    rasterize.add_argument("--db", type=Path, default=RasterizeConfig().db, help="glyph database")
    rasterize.add_argument("--out", type=Path, default=RasterizeConfig().out, help="folder to write")


def _fonts_fetch(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import fonts_fetch

    fonts_fetch.run(FetchConfig(corpus=args.corpus, fonts=args.cache), progress)


def _db_build(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import db_build

    use_corpus = args.corpus or not args.fonts
    config = BuildConfig(
        out=args.out, fonts=tuple(args.fonts), corpus=args.list if use_corpus else None, cache=args.cache,
        labels=args.labels,
    )  # fmt: skip
    db_build.run(config, progress)


def _db_ship(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import db_ship

    db_ship.run(ShipConfig(args.db, args.out, args.attribution, args.megabytes), progress)


def _db_stats(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import db_stats

    print(db_stats.run(StatsConfig(args.db, args.labels), progress))


def _db_designs(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import db_designs

    db_designs.run(DesignsConfig(args.db, args.out, args.labels), progress)


def _db_outside(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import db_outside

    config = OutsideConfig(args.checkpoint, args.corpus, args.outsiders, args.fonts, args.db, out=args.out)
    db_outside.run(config, progress)


def _db_check(args: argparse.Namespace, progress: Progress) -> int:
    from glyphcore.jobs import db_check

    health = db_check.run(CheckConfig(args.db, args.rasters, args.labels), progress)
    print(db_check.as_json(health) if args.json else db_check.report(health))
    return int(health.wrong)


def _rasterize(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import rasterize

    rasterize.run(RasterizeConfig(args.db, args.out), progress)
