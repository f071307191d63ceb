"""``glyphcore app``: serve the app over any database, from a checkout or an installed wheel.

Streamlit's own program replaces this process, so that it receives signals and no second process remains.
"""

from __future__ import annotations

import os
import socket
import sys
from importlib.util import find_spec
from pathlib import Path

from glyphcore.config import DATASET, SOURCE, AppConfig
from glyphcore.data.store import GlyphStore
from glyphcore.errors import ConfigError, GlyphError, StoreError
from glyphcore.progress import Progress, Silent

ADDRESS = "localhost"


def run(config: AppConfig, progress: Progress | None = None) -> None:
    """Serve until interrupted; return only on systems where a process cannot be replaced.

    Raises GlyphError when there is no database, when a folder does not exist, when the port is in use, or without
    Streamlit.
    """
    if find_spec("streamlit") is None:
        raise ModuleNotFoundError(name="streamlit")  # the command line names the extra that installs it
    environment = os.environ | places(config)
    database(environment)
    _free(config.port)
    server = SOURCE / "app" / "server.py"
    words = [sys.executable, "-m", "streamlit", "run", str(server), "--server.address", ADDRESS,
             "--server.port", str(config.port), "--server.headless", "true"]  # fmt: skip
    (progress or Silent()).say(f"http://{ADDRESS}:{config.port} (Ctrl-C ends it)")
    os.execve(sys.executable, words, environment)


def places(config: AppConfig) -> dict[str, str]:
    """Return the environment variables with the app's paths. Raises ConfigError for a folder that does not exist."""
    for name in ("checkpoints", "rasters"):
        folder = getattr(config, name)
        if folder is not None and not folder.is_dir():
            raise ConfigError(f"{folder} is not a folder.", subject=folder, remedy=f"Check --{name}.")
    named = {"DB": config.db, "CHECKPOINTS": config.checkpoints, "RESULTS": config.results, "RASTERS": config.rasters}
    path = os.pathsep.join(filter(None, [str(SOURCE), os.environ.get("PYTHONPATH", "")]))
    variables = {f"GLYPHCORE_{name}": str(location.resolve()) for name, location in named.items() if location}
    return {"PYTHONPATH": path} | variables


def database(environment: dict[str, str]) -> GlyphStore:
    """Return the database that the app shows. Raises StoreError when there is none or it cannot be read."""
    if "GLYPHCORE_DB" not in environment and not (DATASET / "glyphs.db").is_file():
        raise StoreError(
            "There is no glyph database to show.",
            remedy="Name one with --db, or make one: glyphcore db build FOLDER --out mine.db",
        )
    return GlyphStore(Path(environment.get("GLYPHCORE_DB", DATASET / "glyphs.db")))


def _free(port: int) -> None:
    """Raise GlyphError when another program listens on ``port``."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise GlyphError(
            f"Port {port} is in use or cannot be used.", subject=port, remedy="Choose another one: --port 8765"
        ) from error
