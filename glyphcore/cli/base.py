"""What every command has: a word, one sentence, an example, and a function that runs it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from glyphcore.progress import Progress

Command = Callable[[argparse.Namespace, Progress], int | None]
"""Imports its job and runs it; returns the exit code, None for 0."""
PARTLY = 3
"""Exit code: some of the inputs could not be read, the others were."""


def add(group: Any, name: str, run: Command, text: str, example: str, *, codes: str = "") -> argparse.ArgumentParser:
    """A command of its own; ``codes`` tells its exit codes where they are more than 0 and 1."""
    command = group.add_parser(
        name,
        help=text,
        description=text,
        epilog=" ".join(filter(None, [f"example: {example}", codes and f"· exit codes: {codes}"])),
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    command.set_defaults(command=run)
    command.add_argument("-q", "--quiet", action="store_true", help="no progress, no remarks")
    return command


def add_group(commands: Any, name: str, text: str) -> Any:
    """A word with commands of its own below it."""
    its_parser = commands.add_parser(name, help=text, description=text)
    return its_parser.add_subparsers(metavar="COMMAND", title="commands", required=True)
