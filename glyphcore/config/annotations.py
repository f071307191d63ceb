"""Settings of annotations, and of the queue of label issues."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from glyphcore.config.base import CACHE, DATASET, DEFAULT_CHECKPOINT, PROJECT

ANNOTATIONS = Path(os.environ.get("GLYPHCORE_ANNOTATIONS", PROJECT / "annotations.db"))
"""Tags, notes and saved views; no build and no evaluation changes this file."""


@dataclass(frozen=True)
class TagsConfig:
    """A file of annotations, and the database of the annotated glyphs."""

    annotations: Path = ANNOTATIONS
    """File of annotations."""
    db: Path = DATASET / "glyphs.db"
    """Glyph database of the annotations."""


@dataclass(frozen=True, kw_only=True)
class TagsExportConfig(TagsConfig):
    """Annotations to export."""

    out: Path | None = None
    """File to write; without it: standard output."""


@dataclass(frozen=True, kw_only=True)
class TagsImportConfig(TagsConfig):
    """Annotations to import."""

    file: Path
    """CSV file as 'tags export' writes it."""


@dataclass(frozen=True)
class LabelIssuesConfig:
    """The results in which label issues are searched."""

    model: Path = DEFAULT_CHECKPOINT
    """Evaluated checkpoint or results file."""
    db: Path = DATASET / "glyphs.db"
    """The database of the results."""
    results: Path = CACHE / "results"
    """Folder of results."""
    cache: Path = CACHE
    """Folder for rasters read from the database."""
    out: Path | None = None
    """CSV file; without it: standard output."""
    annotations: Path = ANNOTATIONS
    """File of annotations: glyphs whose label was corrected are left out."""
    again: bool = False
    """Search again even if there is a queue."""
