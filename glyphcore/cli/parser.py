"""The parser of the command line. Options are added only for the chosen command, so that no command loads the settings
of the others."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from glyphcore import __version__
from glyphcore.cli.commands import COMMANDS, GROUPS, Command


class _Parser(argparse.ArgumentParser):
    """Parser of one command, empty until it parses."""

    command: Command | None = None

    def fill(self) -> None:
        if self.command is not None:
            self.add_argument("-q", "--quiet", action="store_true", help="no progress, no remarks")
            self.command.options.add_to(self, self.command.settings)
            self.set_defaults(command=self.command)
            self.command = None

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        self.fill()
        return super().parse_known_args(args, namespace)


def parser() -> argparse.ArgumentParser:
    """Return the parser. In its result, ``command`` is the :class:`Command` to run, None when none was given."""
    made = argparse.ArgumentParser(
        prog="glyphcore", description="Reads glyph outlines: the character, its form, and the reason."
    )
    made.add_argument("--version", action="version", version=__version__)
    made.set_defaults(command=None, quiet=False)
    places: dict[str, Any] = {"": made.add_subparsers(metavar="COMMAND", title="commands", parser_class=_Parser)}
    for command in COMMANDS:
        group, _, name = command.name.rpartition(" ")
        if group not in places:
            below = places[""].add_parser(group, help=GROUPS[group], description=GROUPS[group])
            places[group] = below.add_subparsers(metavar="COMMAND", title="commands", required=True)
        parts = [f"example: {command.example}", command.codes and f"· exit codes: {command.codes}"]
        its_parser = places[group].add_parser(
            name, help=command.text, description=command.text, epilog=" ".join(filter(None, parts))
        )
        its_parser.command = command
    return made
