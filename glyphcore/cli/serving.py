"""The command that serves the app: ``app``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from glyphcore.cli.base import add
from glyphcore.config import CHECKOUT, AppConfig
from glyphcore.progress import Progress


def declare(commands: Any) -> None:
    """Add it to the parser's commands."""
    app = add(commands, "app", _app, "Serve the app in a browser, over the shipped glyphs or your own.",
              "glyphcore app --db mine.db --checkpoints mine")  # fmt: skip
    app.add_argument("--db", type=Path, help="glyph database, ours or anybody's; none: the shipped one")
    app.add_argument("--checkpoints", type=Path, help="folder of checkpoints and exports; none: the shipped ones")
    app.add_argument("--results", type=Path, help="folder of results; none: that of 'evaluate'")
    app.add_argument("--rasters", type=Path, help="folder of <glyph_id>.png, for a database without outlines")
    app.add_argument("--port", type=int, default=AppConfig.port, help="where it answers, on this machine only")


def _app(args: argparse.Namespace, progress: Progress) -> None:
    config = AppConfig(args.db, args.checkpoints, args.results, args.rasters, args.port)
    from glyphcore.jobs import app, prepare

    own = {"GLYPHCORE_DB", "GLYPHCORE_CHECKPOINTS", "GLYPHCORE_RESULTS"} & {*os.environ, *app.places(config)}
    if CHECKOUT and not own:  # what ships is evaluated before the first page
        prepare.run(progress)
    app.run(config, progress)
