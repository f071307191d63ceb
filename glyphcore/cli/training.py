"""Commands that make and describe a checkpoint: ``train``, ``card``, ``labels export``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from glyphcore.cli.base import add, add_group
from glyphcore.config import SHIPPED, CardConfig, LabelsConfig
from glyphcore.config.recipe import load_recipe, setting_names
from glyphcore.progress import Progress


def declare(commands: Any) -> None:
    """Add them to the parser's commands."""
    train = add(commands, "train", _train, "Train a checkpoint by a recipe; the same command goes on after a kill.",
                "glyphcore train checkpoints/mixer.toml --set epochs=5 model.embedding=48")  # fmt: skip
    train.add_argument("recipe", type=Path, nargs="?", default=SHIPPED / "checkpoints" / "mixer-geometry.toml",
                       help="TOML file of what differs from the defaults")  # fmt: skip
    train.add_argument("--db", type=Path, help="glyph database with splits; none: dataset/full.db")
    train.add_argument("--out", type=Path, help="checkpoint to write; none: checkpoints/RECIPE.ckpt")
    train.add_argument("--run", type=Path, help="folder for logs and resuming; none: runs/RECIPE")
    train.add_argument("--set", nargs="+", action="extend", default=[], metavar="NAME=VALUE",
                       help=f"settings: {', '.join(setting_names())}")  # fmt: skip
    train.add_argument("--fast-dev-run", action="store_true", help="one batch of everything, to see that it runs")

    card = add(commands, "card", _card, "Write a checkpoint's card beside it: recipe, data, cost, figures.",
               "glyphcore card checkpoints/mixer.ckpt")  # fmt: skip
    card.add_argument("checkpoint", type=Path, help="evaluated checkpoint file")
    card.add_argument("--db", type=Path, default=CardConfig.db, help="the database of the results")
    card.add_argument("--results", type=Path, default=CardConfig.results, help="folder of results")

    labels = add_group(commands, "labels", "the label set")
    export = add(labels, "export", _labels_export, "Write what each output of a model means, as JSON.",
                 "glyphcore labels export --out label_map.json")  # fmt: skip
    export.add_argument("--checkpoint", type=Path, help="take the label map of this file; none: that of --labels")
    export.add_argument("--labels", type=Path, default=LabelsConfig.labels, help="the label set")
    export.add_argument("--out", type=Path, default=LabelsConfig.out, help="file to write")


def _train(args: argparse.Namespace, progress: Progress) -> None:
    config = load_recipe(args.recipe, args.set, db=args.db, out=args.out, run=args.run)
    from glyphcore.jobs import train

    train.run(config, progress, fast_dev_run=args.fast_dev_run)


def _card(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import card

    card.run(CardConfig(args.checkpoint, args.db, args.results), progress)


def _labels_export(args: argparse.Namespace, progress: Progress) -> None:
    from glyphcore.jobs import labels_export

    labels_export.run(LabelsConfig(args.out, args.checkpoint, args.labels), progress)
