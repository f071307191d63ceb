"""Where uploaded files lie, named by their hash."""

from __future__ import annotations

import os
from pathlib import Path

from glyphcore import config


def uploads() -> Path:
    """The folder of uploaded files."""
    return Path(os.environ.get("GLYPHCORE_UPLOADS", config.CACHE / "uploads"))
