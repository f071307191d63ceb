"""``glyphcore train``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from glyphcore.cli.base import add
from glyphcore.config import CHECKPOINTS
from glyphcore.config.recipe import load_recipe, setting_names
from glyphcore.progress import Progress


def declare(commands: Any) -> None:
    """Add it to the parser's commands."""
    train = add(commands, "train", _train, "Train a checkpoint by a recipe; the same command goes on after a kill.",
                "glyphcore train checkpoints/mixer.toml --set epochs=5 model.embedding=48")  # fmt: skip
    train.add_argument("recipe", type=Path, nargs="?", default=CHECKPOINTS / "mixer-geometry.toml",
                       help="TOML file of what differs from the defaults")  # fmt: skip
    train.add_argument("--db", type=Path, help="glyph database with splits; none: dataset/full.db")
    train.add_argument("--out", type=Path, help="checkpoint to write; none: checkpoints/RECIPE.ckpt")
    train.add_argument("--run", type=Path, help="folder for logs and resuming; none: runs/RECIPE")
    train.add_argument("--set", nargs="+", action="extend", default=[], metavar="NAME=VALUE",
                       help=f"settings: {', '.join(setting_names())}")  # fmt: skip
    train.add_argument("--fast-dev-run", action="store_true", help="one batch of everything, to see that it runs")


def _train(args: argparse.Namespace, progress: Progress) -> None:
    config = load_recipe(args.recipe, args.set, db=args.db, out=args.out, run=args.run)
    from glyphcore.jobs import train

    train.run(config, progress, fast_dev_run=args.fast_dev_run)
