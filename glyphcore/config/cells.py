"""Settings of the jobs that ask about cells: ``primitives`` and ``select``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glyphcore.config.base import CACHE, DATASET, require


@dataclass(frozen=True)
class PrimitivesConfig:
    """The codebook of one checkpoint's results."""

    model: Path
    """Results file, or a checkpoint (by file or name) that was evaluated on ``db``."""
    db: Path = DATASET / "glyphs.db"
    results: Path = CACHE / "results"
    """Folder of the results files."""
    cache: Path = CACHE
    """Folder for rasters read from ``db``."""
    rasters: Path | None = None
    """Folder of ``<glyph_id>.png`` to read instead of outlines."""
    split: str = ""
    """Only this split; empty takes all glyphs."""
    kind: str = ""
    """``dead``, ``duplicate`` or ``badly``; empty takes all primitives."""
    sort: str = "use"
    """``use``, ``accuracy``, ``recall``, ``purity``, ``ink`` or ``id``."""
    pairs: int = 30
    """Confusions named."""

    def __post_init__(self) -> None:
        require(self.pairs >= 0, "pairs", "0 or more", self.pairs)


@dataclass(frozen=True)
class SelectConfig:
    """Glyphs of one checkpoint's results, by what Browse filters by."""

    model: Path
    """Results file, or a checkpoint (by file or name) that was evaluated on ``db``."""
    db: Path = DATASET / "glyphs.db"
    results: Path = CACHE / "results"
    """Folder of the results files."""
    cache: Path = CACHE
    """Folder for rasters read from ``db``."""
    rasters: Path | None = None
    """Folder of ``<glyph_id>.png`` to read instead of outlines."""
    split: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    char_class: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    pred: tuple[str, ...] = ()
    """Predicted labels."""
    outcome: str = ""
    search: str = ""
    """A character, a code point, or part of a label."""
    cells: str = ""
    """A pattern of cells."""
    like: str = ""
    """``grid-17`` or ``embedding-17``."""
    size: str = ""
    """``0.15-0.2`` or ``0.4-``: longer side of the box in em."""
    sort: str = ""
    """Empty is worst first, and likest first with ``like``."""
    limit: int = 0
    """Glyphs written; 0 for all."""
    form: str = "csv"
    """``csv`` or ``jsonl``."""
    out: Path | None = None
    """File to write; None is standard output."""

    def __post_init__(self) -> None:
        require(self.limit >= 0, "limit", "0 or more", self.limit)
        require(self.form in ("csv", "jsonl"), "form", "csv or jsonl", self.form)
