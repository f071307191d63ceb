"""Settings of the app's server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glyphcore.config.base import require


@dataclass(frozen=True)
class AppConfig:
    """What the app shows and where it answers; what is None is as the environment says, else as shipped."""

    db: Path | None = None
    """The glyph database."""
    checkpoints: Path | None = None
    """Folder of checkpoints to evaluate and to ask."""
    results: Path | None = None
    """Folder of results."""
    rasters: Path | None = None
    """Folder of ``<glyph_id>.png`` for a database without outlines."""
    port: int = 8501

    def __post_init__(self) -> None:
        require(0 < self.port < 65536, "port", "1 to 65535", self.port)
