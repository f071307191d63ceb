"""``glyphcore train``, and settings given as ``NAME=VALUE``."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from glyphcore.cli.base import add
from glyphcore.config import ModelConfig, TrainConfig
from glyphcore.errors import ConfigError
from glyphcore.progress import Progress


def declare(commands: Any) -> None:
    """Add it to the parser's commands."""
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
