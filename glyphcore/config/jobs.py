"""Settings of every other job, one class a verb."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glyphcore.config.base import CACHE, DATASET, require


@dataclass(frozen=True)
class FetchConfig:
    """Where the corpus is listed and where its files go."""

    corpus: Path = DATASET / "fonts.json"
    """The list of families, packages and hashes."""
    fonts: Path = CACHE / "fonts"
    """Folder for the fetched files."""


@dataclass(frozen=True)
class BuildConfig:
    """What a glyph database is built from."""

    out: Path
    """The database to write."""
    fonts: tuple[Path, ...] = ()
    """Font files and folders of your own; they get splits and licences like the corpus does."""
    corpus: Path | None = DATASET / "fonts.json"
    """The listed corpus, taken from ``cache``; None leaves it out."""
    cache: Path = CACHE / "fonts"
    """Folder of the fetched corpus."""
    labels: Path = DATASET / "chars.csv"
    """The label set."""

    def __post_init__(self) -> None:
        require(bool(self.fonts) or self.corpus is not None, "fonts", "given, or the corpus used", self.fonts)


@dataclass(frozen=True)
class EvaluateConfig:
    """One checkpoint on one database."""

    checkpoint: Path
    db: Path = DATASET / "glyphs.db"
    results: Path = CACHE / "results"
    """Folder of the results files."""
    cache: Path = CACHE
    """Folder for rasters read from ``db``."""
    rasters: Path | None = None
    """Folder of ``<glyph_id>.png`` to read instead of outlines."""
    out: Path | None = None
    """JSON file for the figures."""
    again: bool = False
    """Predict anew although there are results."""


@dataclass(frozen=True)
class InferConfig:
    """Glyphs of font files, read one by one."""

    fonts: tuple[Path, ...]
    """Font files and folders."""
    checkpoint: Path
    out: Path | None = None
    """JSON-lines file; None writes to standard output."""
    topk: int = 5
    """Candidates a glyph."""

    def __post_init__(self) -> None:
        require(1 <= self.topk <= 100, "topk", "1 to 100", self.topk)


@dataclass(frozen=True)
class RasterizeConfig:
    """A database's rasters as PNG files."""

    db: Path = DATASET / "glyphs.db"
    out: Path = DATASET / "rasters"


@dataclass(frozen=True)
class OverlayConfig:
    """Pictures of primitive grids."""

    checkpoint: Path
    glyphs: tuple[int, ...]
    """Glyph ids."""
    out: Path
    """Folder for ``<glyph_id>.png``."""
    db: Path = DATASET / "glyphs.db"
    rasters: Path | None = None
    """Folder of ``<glyph_id>.png`` to read instead of outlines."""
    scale: int = 6
    """Screen pixels a raster pixel."""

    def __post_init__(self) -> None:
        require(bool(self.glyphs), "glyphs", "at least one glyph id", self.glyphs)
        require(1 <= self.scale <= 16, "scale", "1 to 16", self.scale)


@dataclass(frozen=True)
class ShipConfig:
    """The part of a full database that may be handed on."""

    db: Path = DATASET / "full.db"
    out: Path = DATASET / "glyphs.db"
    attribution: Path = DATASET / "ATTRIBUTION.md"
    """Generated list of families and licences."""
    megabytes: float = 20.0
    """Largest size of ``out``, in 10^6 bytes."""
