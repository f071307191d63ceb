"""Settings as options: the fields of a dataclass become the arguments of a command.

Name, type, choices and default of an option come from the field; its help is the sentence below the field. Only values
from the command line are passed to the dataclass, which has its own defaults and checks its values.
"""

from __future__ import annotations

import argparse
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from glyphcore.config.sentences import sentences


@dataclass(frozen=True)
class Options:
    """Properties of options that a dataclass cannot hold; each mapping is by field."""

    first: str = ""
    """Field that is given without a flag."""
    hidden: Sequence[str] = ()
    """Fields that are no option."""
    shown: Mapping[str, str] = field(default_factory=dict)
    """Placeholder of a value in help; default: the name."""
    read: Mapping[str, Callable[[str], Any]] = field(default_factory=dict)
    """How a text becomes a value, where the type does not say it."""
    more: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    """Text after the sentence."""
    flags: Mapping[str, str] = field(default_factory=dict)
    """Names of the flag, several words for several flags; default: the name of the field."""

    def add_to(self, parser: argparse.ArgumentParser, settings: type) -> None:
        """Add an argument for every field of the dataclass ``settings``, its own fields before those of its bases."""
        hints, help_texts = get_type_hints(settings), sentences(settings)
        for option in sorted(fields(settings), key=lambda field: field.name not in vars(settings)["__annotations__"]):
            name = option.name
            if name in self.hidden:
                continue
            kind = self._kind(name, hints[name], option.default is MISSING)
            text = help_texts.get(name, "").replace("``", "") + (self.more[name]() if name in self.more else "")
            if option.default is not MISSING and option.default not in (None, False, "", ()) and name not in self.read:
                text += f" (default: {_written(option.default)})"
            kind |= {"help": text.replace("%", "%%"), "default": None}
            if name == self.first:
                parser.add_argument(name, **kind)
            else:
                kind |= {"dest": name, "required": option.default is MISSING}
                flags = self.flags.get(name, name.replace("_", "-")).split()
                parser.add_argument(*(f"--{flag}" for flag in flags), **kind)

    def _kind(self, name: str, hint: Any, required: bool) -> dict[str, Any]:
        """Return how argparse parses the values of a field of type ``hint``."""
        if hint is bool:
            return {"action": "store_true"}
        if get_origin(hint) in (Union, types.UnionType):
            (hint,) = (option_type for option_type in get_args(hint) if option_type is not type(None))
        shown = {"metavar": self.shown[name]} if name in self.shown else {}
        many = get_origin(hint) is tuple and get_args(hint)[-1] is Ellipsis
        kind = get_args(hint)[0] if many else hint
        if get_origin(kind) is Literal:
            return {"choices": get_args(kind), **shown}
        arguments = {"type": self.read.get(name, _path if kind is Path else kind), **shown}
        if name == self.first:
            return arguments | {"nargs": ("+" if required else "*") if many else None if required else "?"}
        return arguments | ({"nargs": "+", "action": "extend"} if many else {})


def given(settings: type, args: argparse.Namespace) -> Any:
    """Return the dataclass with the values of the command line. Raises ConfigError for an invalid value."""
    values = {field.name: getattr(args, field.name, None) for field in fields(settings)}
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return settings(**{name: value for name, value in values.items() if value not in (None, ())})


def _path(text: str) -> Path:
    """Convert a word to a path; an empty one would mean the working folder."""
    if not text:
        raise argparse.ArgumentTypeError("a path is empty")
    return Path(text)


def _written(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def shard(text: str) -> tuple[int, int]:
    """Parse ``1/2`` as the first of two shards."""
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise argparse.ArgumentTypeError(f"{text!r} is not K/N with K from 1 to N")
    return int(number), int(of)


def cell_edit(text: str) -> tuple[int, int]:
    """Parse ``3,7=0`` as cell 55 and primitive 0."""
    cell, _, primitive = text.partition("=")
    row, _, column = cell.partition(",")
    if not (row.isdecimal() and column.isdecimal() and primitive.isdecimal() and int(row) < 16 and int(column) < 16):
        raise argparse.ArgumentTypeError(f"{text!r} is not ROW,COLUMN=ID with rows and columns from 0 to 15")
    return int(row) * 16 + int(column), int(primitive)


def word_list(text: str) -> tuple[str, Path]:
    """Parse ``ckb=words.tsv`` as a language and its file."""
    language, _, file = text.partition("=")
    if not (language and file):
        raise argparse.ArgumentTypeError(f"{text!r} is not LANGUAGE=FILE")
    return language, Path(file)
