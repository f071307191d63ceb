"""Settings of the app's server, and of the evaluations before its first page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glyphcore.config.base import require


@dataclass(frozen=True)
class AppConfig:
    """The files that the app shows, and its port. A field that is None takes the value of the environment, else the
    shipped value."""

    db: Path | None = None
    """Glyph database, made by glyphcore or by other programs; without it: the shipped database."""
    checkpoints: Path | None = None
    """Folder of checkpoints and exports; without it: the shipped ones."""
    results: Path | None = None
    """Folder of results; without it: the folder of 'evaluate'."""
    rasters: Path | None = None
    """Folder of <glyph_id>.png, for a database without outlines."""
    port: int = 8501
    """Port of the app, which answers on this machine only."""

    def __post_init__(self) -> None:
        require(0 < self.port < 65536, "port", "1 to 65535", self.port)


@dataclass(frozen=True)
class PrepareConfig:
    """The evaluations that run before the app opens."""

    all: bool = False
    """Evaluate every checkpoint in checkpoints/, not only the best one."""
