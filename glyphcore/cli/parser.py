"""All commands in the order in which ``glyphcore --help`` lists them: as data travels."""

from __future__ import annotations

import argparse

from glyphcore import __version__
from glyphcore.cli import cells, data, fonts, judging, pdf, reading, serving, training, words


def parser() -> argparse.ArgumentParser:
    """The parser; ``command`` of what it parses is the function to call, None when no command was given."""
    made = argparse.ArgumentParser(
        prog="glyphcore", description="Reads glyph outlines: which character, which form, and why."
    )
    made.add_argument("--version", action="version", version=__version__)
    made.set_defaults(command=None, quiet=False)
    commands = made.add_subparsers(metavar="COMMAND", title="commands")
    data.declare(commands)
    training.declare(commands)
    reading.declare(commands)
    fonts.declare(commands)
    pdf.declare(commands)
    words.declare(commands)
    cells.declare(commands)
    judging.declare(commands)
    serving.declare(commands)
    return made
