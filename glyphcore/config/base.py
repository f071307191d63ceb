"""Where things lie, and the check that every setting goes through."""

from __future__ import annotations

import os
from pathlib import Path

from glyphcore.errors import ConfigError

PROJECT = Path(__file__).resolve().parents[2]
"""The checkout: shipped data and checkpoints lie here."""
CACHE = Path(os.environ.get("GLYPHCORE_CACHE", PROJECT / ".cache"))
"""Everything that can be made again: fetched fonts, rasters, results."""
DATASET = PROJECT / "dataset"
CHECKPOINTS = PROJECT / "checkpoints"


def require(ok: bool, field: str, wish: str, value: object) -> None:
    """Raises ConfigError naming ``field`` and what it must be, unless ``ok``."""
    if not ok:
        raise ConfigError(f"{field} must be {wish}, not {value!r}.", subject=field)


def shipped_checkpoints() -> list[Path]:
    """Checkpoint files in ``checkpoints/``, by name."""
    return sorted(CHECKPOINTS.glob("*.ckpt"))
