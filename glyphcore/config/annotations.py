"""Settings of what people say about glyphs, and of the labels that they should look at."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from glyphcore.config.base import CACHE, DATASET, PROJECT

ANNOTATIONS = Path(os.environ.get("GLYPHCORE_ANNOTATIONS", PROJECT / "annotations.db"))
"""Tags, notes and saved views; nothing that is built or evaluated ever touches it."""


@dataclass(frozen=True)
class TagsConfig:
    """A file of annotations and the database whose glyphs they are about."""

    annotations: Path = ANNOTATIONS
    db: Path = DATASET / "glyphs.db"


@dataclass(frozen=True)
class NoiseConfig:
    """Whose results to doubt labels by."""

    model: Path
    """A results file, or a checkpoint that was evaluated on ``db``."""
    db: Path = DATASET / "glyphs.db"
    results: Path = CACHE / "results"
    """Folder of the results files."""
    cache: Path = CACHE
    """Folder for rasters read from ``db``."""
    out: Path | None = None
    """CSV file; None writes to standard output."""
    again: bool = False
    """Look anew although the queue is there."""
