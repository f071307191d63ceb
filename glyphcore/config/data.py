"""Settings of the jobs from fonts to rasters: ``fonts``, ``db``, ``rasterize``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glyphcore.config.base import (
    CACHE,
    CORPUS,
    DATASET,
    DEFAULT_EXPORTED,
    LABELS,
    OUTSIDERS,
    WIDER,
    require,
    require_cluster,
)


@dataclass(frozen=True)
class FetchConfig:
    """The list of the corpus and the folder for its files."""

    corpus: Path = CORPUS
    """List of families, packages and hashes."""
    cache: Path = CACHE / "fonts"
    """Folder for the files."""


@dataclass(frozen=True)
class BuildConfig:
    """The inputs of a glyph database."""

    out: Path
    """Database to write."""
    fonts: tuple[Path, ...] = ()
    """Font files and folders; without any, the corpus is read. They get splits and licences like the corpus."""
    corpus: bool = False
    """Read the corpus in addition to the given fonts."""
    list: Path = CORPUS
    """The corpus list."""
    cache: Path = CACHE / "fonts"
    """Folder of the fetched corpus."""
    labels: Path = LABELS
    """The label set."""
    wider: Path | None = None
    """A second list, of families with further scripts. Families of the corpus list keep their splits, without further
    styles; of the second list those with the role ``measure`` are never in train."""
    splits: Path = DATASET / "glyphs.db"
    """With a second list: the database that says which families of the corpus list are in val and test."""
    per_label: int = 0
    """At most this many train glyphs of a label, spread over its families; 0 keeps all."""
    corrections: Path | None = None
    """CSV file of 'tags export': a glyph with a corrected label gets the corrected label."""
    cluster: str = ""
    """Hand the fonts to workers: local:N for N processes, or the tcp://HOST:PORT of a Dask scheduler whose workers see
    the same files; needs [cluster]."""
    send_files: bool = False
    """Send the fonts to the workers: no shared folder is needed. The label set must be one that ships."""

    def __post_init__(self) -> None:
        require_cluster(self.cluster)
        require(bool(self.cluster) or not self.send_files, "send-files", "given together with --cluster", True)
        ships = self.labels.absolute().parent == DATASET.absolute()
        require(ships or not self.send_files, "labels", "a label set that ships where files are sent", str(self.labels))
        require(self.per_label >= 0, "per_label", "0 or more", self.per_label)

    @property
    def reads_corpus(self) -> bool:
        """Whether the corpus is one of the inputs."""
        return self.corpus or not self.fonts


@dataclass(frozen=True)
class GrowConfig:
    """A label set extended by characters that enough families draw."""

    out: Path
    """CSV file to write."""
    labels: Path = LABELS
    """The label set that is extended; its labels come first."""
    lists: tuple[Path, ...] = (CORPUS, WIDER)
    """Lists of the corpus."""
    cache: Path = CACHE / "fonts"
    """Folder of the fetched corpus."""
    families: int = 8
    """Least number of families that draw a character."""

    def __post_init__(self) -> None:
        require(self.families > 0, "families", "positive", self.families)


@dataclass(frozen=True)
class TwinsConfig:
    """Labels that most fonts draw identically."""

    labels: Path
    """The label set; empty cells of its column twin_of are filled."""
    db: Path = DATASET / "glyphs-wide.db"
    """The database whose fonts are counted."""
    share: float = 0.7
    """Least share of the families with both labels that draw them identically."""
    families: int = 5
    """Least number of families with both labels."""
    known: Path | None = None
    """Label set whose labels are left as they are."""

    def __post_init__(self) -> None:
        require(0 < self.share <= 1, "share", "in (0, 1]", self.share)
        require(self.families > 0, "families", "positive", self.families)


@dataclass(frozen=True)
class SubsetConfig:
    """The redistributable part of a full database."""

    db: Path = DATASET / "full.db"
    """The full database."""
    out: Path = DATASET / "glyphs.db"
    """Database to write."""
    attribution: Path = DATASET / "ATTRIBUTION.md"
    """Markdown file to write: families and licences."""
    megabytes: float = 20.0
    """Largest size of the database, in 10^6 bytes."""


@dataclass(frozen=True)
class StatsConfig:
    """A database for statistics."""

    db: Path = DATASET / "glyphs.db"
    """Glyph database."""
    labels: Path = LABELS
    """The label set, which contains the classes."""


@dataclass(frozen=True)
class FontPriorsConfig:
    """Font priors: labels that fonts draw together, their sizes and their order, learned from a train split."""

    db: Path = DATASET / "full.db"
    """Glyph database with a train split."""
    out: Path = DATASET / "font_priors.npz"
    """.npz file to write."""
    labels: Path = LABELS
    """The label set."""


@dataclass(frozen=True)
class OutsideConfig:
    """Glyphs outside the label set, learned from fonts."""

    checkpoint: Path = DEFAULT_EXPORTED
    """The model whose answers are judged, or its export."""
    corpus: Path = CORPUS
    """The corpus list."""
    outsiders: Path = OUTSIDERS
    """The list of further fonts, with scripts and pictures that have no label."""
    fonts: Path = CACHE / "fonts"
    """Folder of the fetched files of both lists."""
    db: Path = DATASET / "glyphs.db"
    """The database that says which families are val and test."""
    cache: Path = CACHE
    """Folder of kept predictions."""
    out: Path = DATASET / "outside.npz"
    """.npz file to write."""


@dataclass(frozen=True)
class CheckConfig:
    """A database to check."""

    db: Path = DATASET / "glyphs.db"
    """Glyph database, made by glyphcore or by other programs."""
    rasters: Path | None = None
    """Folder of <glyph_id>.png to check as well."""
    labels: Path = LABELS
    """The label set."""
    json: bool = False
    """Print everything as JSON."""


@dataclass(frozen=True)
class RasterizeConfig:
    """A database's rasters as PNG files."""

    db: Path = DATASET / "glyphs.db"
    """Glyph database."""
    out: Path = DATASET / "rasters"
    """Folder to write."""
    cluster: str = ""
    """Hand parts of the database to workers: local:N for N processes, or the tcp://HOST:PORT of a Dask scheduler whose
    workers see the same files; needs [cluster]."""

    def __post_init__(self) -> None:
        require_cluster(self.cluster)
