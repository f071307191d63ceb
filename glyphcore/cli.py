"""The command line: parses, then imports the one job that is asked for.

``--help`` loads neither torch nor numpy. Data goes to stdout, progress and remarks to stderr. Exit codes: 0 done, 1 the
input was at fault (one line says how), 2 the command line was, 130 interrupted.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from glyphcore import __version__
from glyphcore.config import (
    CACHE,
    CHECKPOINTS,
    DATASET,
    BuildConfig,
    EvaluateConfig,
    FetchConfig,
    InferConfig,
    ModelConfig,
    OverlayConfig,
    RasterizeConfig,
    ShipConfig,
    TrainConfig,
)
from glyphcore.errors import ConfigError, GlyphError
from glyphcore.progress import Progress, Silent, Terminal

Command = Callable[[argparse.Namespace, Progress], None]
DEFAULT_CHECKPOINT = CHECKPOINTS / "mixer-geometry.ckpt"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    args = _parser().parse_args(arguments)
    if args.command is None:
        _parser().print_help()
        return 2
    progress: Progress = Silent() if args.quiet else Terminal()
    try:
        args.command(args, progress)
    except GlyphError as error:
        print(f"glyphcore: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of stdout has left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"glyphcore: {error.filename or 'file'}: {error.strerror or error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("glyphcore: interrupted; the same command goes on from here.", file=sys.stderr)
        return 130
    return 0


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

    print(db_stats.run(args.db, args.labels))


def _rasterize(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import rasterize

    rasterize.run(RasterizeConfig(args.db, args.out), progress)


def _train(args: argparse.Namespace, progress: Progress) -> None:
    config = TrainConfig(db=args.db, out=args.out, run=args.run, model=_assigned(ModelConfig, args.set, "model."))
    config = dataclasses.replace(config, augment=_assigned(type(config.augment), args.set, "augment."))
    names = {f.name for f in dataclasses.fields(TrainConfig)}
    for setting in args.set:
        name = setting.partition("=")[0]
        if name not in names and not name.startswith(("model.", "augment.")):
            raise ConfigError(f"There is no setting {name!r}.", remedy="See 'glyphcore train --help'.")
    plain = [setting for setting in args.set if "." not in setting.partition("=")[0]]
    from glyphcore.jobs import train

    train.run(_assigned_to(config, plain), progress, fast_dev_run=args.fast_dev_run)


def _evaluate(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import evaluate

    config = EvaluateConfig(
        args.checkpoint, args.db, args.results, rasters=args.rasters, out=args.out, again=args.again
    )
    print(evaluate.report(evaluate.run(config, progress)))


def _infer(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import infer

    infer.run(InferConfig(tuple(args.fonts), args.checkpoint, args.out, args.topk), progress)


def _overlay(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import overlay

    config = OverlayConfig(args.checkpoint, tuple(args.glyphs), args.out, args.db, args.rasters, args.scale)
    overlay.run(config, progress)


def _prepare(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import prepare

    prepare.run(progress)


def _assigned(kind: type, settings: Sequence[str], prefix: str) -> Any:
    return _assigned_to(kind(), [s.removeprefix(prefix) for s in settings if s.startswith(prefix)])


def _assigned_to(config: Any, settings: Sequence[str]) -> Any:
    """``config`` with ``name=value`` settings, each value read as the type of the field's present one."""
    changed: dict[str, Any] = {}
    for setting in settings:
        name, separator, text = setting.partition("=")
        if not separator or not hasattr(config, name):
            raise ConfigError(f"{setting!r} names no setting.", remedy="Write NAME=VALUE; see --help for the names.")
        present = getattr(config, name)
        try:
            if isinstance(present, bool):
                changed[name] = {"true": True, "false": False}[text.lower()]
            elif isinstance(present, tuple):
                changed[name] = tuple(type(present[0])(part) for part in text.split(","))
            else:
                changed[name] = type(present)(text)
        except (KeyError, ValueError) as error:
            wanted = type(present).__name__
            raise ConfigError(f"{name}={text!r} is not {wanted}; the default is {present!r}.") from error
    return dataclasses.replace(config, **changed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="glyphcore", description="Reads glyph outlines: which character, which form, and why."
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.set_defaults(command=None, quiet=False)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")

    def add(group: Any, name: str, run: Command, text: str, example: str) -> argparse.ArgumentParser:
        command = group.add_parser(
            name,
            help=text,
            description=text,
            epilog=f"example: {example}",
            formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        )
        command.set_defaults(command=run)
        command.add_argument("-q", "--quiet", action="store_true", help="no progress, no remarks")
        return command

    def group(name: str, text: str) -> Any:
        its_parser = commands.add_parser(name, help=text, description=text)
        return its_parser.add_subparsers(metavar="COMMAND", title="commands", required=True)

    fonts = group("fonts", "the training corpus")
    fetch = add(fonts, "fetch", _fonts_fetch, "Bring the listed font packages into the cache; nothing is installed.",
                "glyphcore fonts fetch")  # fmt: skip
    fetch.add_argument("--corpus", type=Path, default=FetchConfig().corpus, help="list of families and hashes")
    fetch.add_argument("--cache", type=Path, default=FetchConfig().fonts, help="folder for the files")

    db = group("db", "glyph databases")
    build = add(db, "build", _db_build, "Read fonts into a glyph database: the corpus, or fonts of your own.",
                "glyphcore db build ~/fonts --out mine.db")  # fmt: skip
    build.add_argument("fonts", nargs="*", type=Path, help="font files and folders; none: the corpus")
    build.add_argument("--out", type=Path, required=True, help="database to write")
    build.add_argument("--corpus", action="store_true", help="read the corpus besides the given fonts")
    build.add_argument("--list", type=Path, default=DATASET / "fonts.json", help="the corpus list")
    build.add_argument("--cache", type=Path, default=CACHE / "fonts", help="folder of the fetched corpus")
    build.add_argument("--labels", type=Path, default=DATASET / "chars.csv", help="the label set")
    ship_defaults = ShipConfig()
    ship = add(db, "ship", _db_ship, "Take the part of a full database that may be handed on, with its attribution.",
               "glyphcore db ship")  # fmt: skip
    ship.add_argument("--db", type=Path, default=ship_defaults.db, help="the full database")
    ship.add_argument("--out", type=Path, default=ship_defaults.out, help="database to write")
    ship.add_argument("--attribution", type=Path, default=ship_defaults.attribution, help="Markdown file to write")
    ship.add_argument("--megabytes", type=float, default=ship_defaults.megabytes, help="largest size")
    stats = add(db, "stats", _db_stats, "Say what a database holds, as Markdown tables.", "glyphcore db stats")
    stats.add_argument("db", nargs="?", type=Path, default=DATASET / "glyphs.db", help="glyph database")
    stats.add_argument("--labels", type=Path, default=DATASET / "chars.csv", help="the label set")

    rasterize = add(commands, "rasterize", _rasterize, "Write a database's rasters as <glyph_id>.png; resumes.",
                    "glyphcore rasterize --out dataset/rasters")  # fmt: skip
    rasterize.add_argument("--db", type=Path, default=RasterizeConfig().db, help="glyph database")
    rasterize.add_argument("--out", type=Path, default=RasterizeConfig().out, help="folder to write")

    train_defaults = TrainConfig()
    train = add(commands, "train", _train, "Train a checkpoint; the same command goes on after a kill.",
                "glyphcore train --set epochs=5 model.embedding=48")  # fmt: skip
    train.add_argument("--db", type=Path, default=train_defaults.db, help="glyph database with splits")
    train.add_argument("--out", type=Path, default=train_defaults.out, help="checkpoint to write")
    train.add_argument("--run", type=Path, default=train_defaults.run, help="folder for logs and resuming")
    own_flags = ("db", "out", "run", "cache", "model", "augment")
    settings = [f.name for f in dataclasses.fields(TrainConfig) if f.name not in own_flags]
    settings += [f"model.{f.name}" for f in dataclasses.fields(ModelConfig)]
    settings += [f"augment.{f.name}" for f in dataclasses.fields(train_defaults.augment)]
    train.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", help=f"settings: {', '.join(settings)}")
    train.add_argument("--fast-dev-run", action="store_true", help="one batch of everything, to see that it runs")

    evaluate = add(commands, "evaluate", _evaluate, "Predict a database once, store it, and print how good it was.",
                   "glyphcore evaluate checkpoints/mixer-geometry.ckpt --db mine.db --out figures.json")  # fmt: skip
    evaluate.add_argument("checkpoint", type=Path, nargs="?", default=DEFAULT_CHECKPOINT, help="checkpoint file")
    evaluate.add_argument("--db", type=Path, default=DATASET / "glyphs.db", help="glyph database, ours or anybody's")
    evaluate.add_argument("--rasters", type=Path, help="folder of <glyph_id>.png to read instead of outlines")
    evaluate.add_argument("--out", type=Path, help="JSON file for the figures")
    evaluate.add_argument("--results", type=Path, default=CACHE / "results", help="folder of results")
    evaluate.add_argument("--again", action="store_true", help="predict anew although there are results")

    infer = add(commands, "infer", _infer, "Read the glyphs of fonts: one JSON line a glyph.",
                "glyphcore infer broken.ttf --out glyphs.jsonl")  # fmt: skip
    infer.add_argument("fonts", nargs="+", type=Path, help="font files and folders")
    infer.add_argument("--checkpoint", type=Path, default=DEFAULT_CHECKPOINT, help="checkpoint file")
    infer.add_argument("--topk", type=int, default=5, help="candidates a glyph")
    infer.add_argument("--out", type=Path, help="file to write; none: standard output")

    overlay = add(commands, "overlay", _overlay, "Draw the primitive grid over glyphs of a database.",
                  "glyphcore overlay 1200 1201 --out overlays")  # fmt: skip
    overlay.add_argument("glyphs", nargs="+", type=int, help="glyph ids")
    overlay.add_argument("--checkpoint", type=Path, default=DEFAULT_CHECKPOINT, help="checkpoint file")
    overlay.add_argument("--db", type=Path, default=DATASET / "glyphs.db", help="glyph database")
    overlay.add_argument("--rasters", type=Path, help="folder of <glyph_id>.png to read instead of outlines")
    overlay.add_argument("--out", type=Path, required=True, help="folder to write")
    overlay.add_argument("--scale", type=int, default=6, help="screen pixels a raster pixel")

    add(commands, "prepare", _prepare, "Make what the app needs and is missing; 'make app' calls it.",
        "glyphcore prepare")  # fmt: skip
    return parser


if __name__ == "__main__":
    sys.exit(main())
