"""Writes docs/commands.md: every command with its options, as ``--help`` says them; a test holds the page in step.

python docs/commands.py
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from glyphcore.cli.commands import COMMANDS, Command
from glyphcore.config.base import CACHE, PROJECT, SHIPPED

PAGE = Path(__file__).with_name("commands.md")
OPENING = """# All commands

Made from the settings by `python docs/commands.py`; a command's `--help` says the same. Data goes to standard output,
progress and remarks to standard error: `-q` leaves these out, `GLYPHCORE_PROGRESS=json` writes them as JSON lines. Exit
codes: 0 all good, 1 the input or a value was at fault, 2 the command line could not be parsed, 130 interrupted; others
are named.
"""


def text() -> str:
    """The whole page."""
    return "\n".join([OPENING, *(line for command in COMMANDS for line in _entry(command))])


def _entry(command: Command) -> Iterator[str]:
    yield f"## glyphcore {command.name}\n"
    yield f"{command.text}\n"
    yield f"    {command.example}\n"
    if command.codes:
        yield f"Exit codes: {command.codes}.\n"
    yield "| | |\n|---|---|"
    parser = argparse.ArgumentParser(add_help=False)
    command.options.add_to(parser, command.settings)
    for action in parser._actions:
        need = " Must be given." if action.required and action.option_strings else ""
        yield f"| `{_usage(action)}` | {_cell(action.help or '')}{need} |"
    yield ""


def _usage(action: argparse.Action) -> str:
    """An option and what stands for its values."""
    choices = "\\|".join(filter(None, action.choices or ()))
    value = choices or str(action.metavar or action.dest.upper()).replace("|", "\\|")
    many = " …" if action.nargs in ("+", "*") else ""
    return " ".join([*action.option_strings, *([] if action.nargs == 0 else [f"{value}{many}"])])


def _cell(help_text: str) -> str:
    """Help as a cell of a table, with no place of this machine in it."""
    for folder, name in ((CACHE, ".cache"), (PROJECT, ""), (SHIPPED, "")):
        help_text = help_text.replace(f"{folder}/", f"{name}/" if name else "")
    return help_text.replace("%%", "%").replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
