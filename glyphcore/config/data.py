"""Settings of the jobs from fonts to rasters: ``fonts``, ``db``, ``rasterize``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glyphcore.config.base import CACHE, CORPUS, DATASET, LABELS, OUTSIDERS, require


@dataclass(frozen=True)
class FetchConfig:
    """Where the corpus is listed and where its files go."""

    corpus: Path = CORPUS
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
    corpus: Path | None = CORPUS
    """The listed corpus, taken from ``cache``; None leaves it out."""
    cache: Path = CACHE / "fonts"
    """Folder of the fetched corpus."""
    labels: Path = LABELS
    """The label set."""

    def __post_init__(self) -> None:
        require(bool(self.fonts) or self.corpus is not None, "fonts", "given, or the corpus used", self.fonts)


@dataclass(frozen=True)
class ShipConfig:
    """The part of a full database that may be handed on."""

    db: Path = DATASET / "full.db"
    out: Path = DATASET / "glyphs.db"
    attribution: Path = DATASET / "ATTRIBUTION.md"
    """Generated list of families and licences."""
    megabytes: float = 20.0
    """Largest size of ``out``, in 10^6 bytes."""


@dataclass(frozen=True)
class StatsConfig:
    """A database to be described."""

    db: Path = DATASET / "glyphs.db"
    labels: Path = LABELS
    """The label set; it knows the classes."""


@dataclass(frozen=True)
class DesignsConfig:
    """What fonts draw together, how large and in what order, learned from a train split."""

    db: Path = DATASET / "full.db"
    out: Path = DATASET / "designs.npz"
    labels: Path = LABELS


@dataclass(frozen=True)
class OutsideConfig:
    """What lies outside the labels, learned from fonts."""

    checkpoint: Path
    """The model whose answers are judged, or its export."""
    corpus: Path = CORPUS
    outsiders: Path = OUTSIDERS
    """The list of further fonts, with scripts and pictures that no label stands for."""
    fonts: Path = CACHE / "fonts"
    """Folder of what both lists name, fetched."""
    db: Path = DATASET / "glyphs.db"
    """Says which families are val and test."""
    cache: Path = CACHE
    """Where what was read is kept."""
    out: Path = DATASET / "outside.npz"


@dataclass(frozen=True)
class CheckConfig:
    """A database to look over."""

    db: Path = DATASET / "glyphs.db"
    rasters: Path | None = None
    """Folder of ``<glyph_id>.png`` to look at besides."""
    labels: Path = LABELS
    """The label set."""


@dataclass(frozen=True)
class RasterizeConfig:
    """A database's rasters as PNG files."""

    db: Path = DATASET / "glyphs.db"
    out: Path = DATASET / "rasters"
