"""Settings of the jobs that use a checkpoint on a database, from ``evaluate`` to ``inspect``, or describe it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from glyphcore.config.base import (
    CACHE,
    DATASET,
    DEFAULT_CHECKPOINT,
    LABELS,
    PROJECT,
    require,
    require_cluster,
    require_sendable,
)

CRITERIA = ("label", "unicode", "twin")
"""Criteria of a correct answer (:data:`glyphcore.analysis.criteria.CRITERIA`)."""


@dataclass(frozen=True)
class EvaluateConfig:
    """One checkpoint on one database."""

    checkpoint: Path = DEFAULT_CHECKPOINT
    """Checkpoint file."""
    db: Path = DATASET / "glyphs.db"
    """Glyph database, made by glyphcore or by other programs."""
    results: Path = CACHE / "results"
    """Folder of results."""
    cache: Path = CACHE
    """Folder for rasters read from the database."""
    rasters: Path | None = None
    """Folder of <glyph_id>.png to read instead of outlines."""
    out: Path | None = None
    """JSON file for the figures."""
    again: bool = False
    """Predict again even if there are results."""
    shard: tuple[int, int] = (1, 1)
    """Only the K-th of N parts of the database; 'merge' joins their results."""
    cluster: str = ""
    """Hand shards to workers and merge their results: local:N for N processes, or the tcp://HOST:PORT of a Dask
    scheduler whose workers see the same files; needs [cluster]."""
    send_files: bool = False
    """Send the glyphs to the workers and fetch their results: no shared folder is needed. The model must be one that
    ships, by its name."""
    parts: int = 0
    """Shards for --cluster and --parquet; 0: one for each 10,000 glyphs."""
    parquet: Path | None = None
    """Folder for all rows as Parquet, one file for each shard; needs [parquet]."""

    def __post_init__(self) -> None:
        number, of = self.shard
        require(1 <= number <= of, "shard", "K/N with K from 1 to N", f"{number}/{of}")
        require_cluster(self.cluster)
        require(not self.cluster or of == 1, "cluster", "given without --shard", self.cluster)
        require_sendable(self.send_files, self.cluster, self.checkpoint)
        require(not (self.send_files and self.rasters), "send-files", "given without --rasters", True)
        require(self.parts >= 0, "parts", "0 or more", self.parts)


@dataclass(frozen=True)
class MergeConfig:
    """Results of the parts of one database, for merging."""

    shards: tuple[Path, ...]
    """Results of 'evaluate --shard': all files, or their folder."""
    results: Path = CACHE / "results"
    """Folder of results, for the merged file."""
    db: Path | None = None
    """The database; without it: the path that the shards contain."""
    link: bool = False
    """Leave the rows in the shards, which stay in the folder 'shards' of the results: no second copy on disk."""

    def __post_init__(self) -> None:
        require(bool(self.shards), "shards", "at least one file", self.shards)


@dataclass(frozen=True)
class CompareConfig:
    """Checkpoints on the same glyphs, from their results."""

    models: tuple[Path, ...]
    """Evaluated checkpoints or results files, two or more; the first is the reference."""
    db: Path = DATASET / "glyphs.db"
    """The database of the results."""
    results: Path = CACHE / "results"
    """Folder of results."""
    split: str = ""
    """Only this split: train, val or test; without it: all fonts that no checkpoint was trained on."""
    cache: Path = CACHE
    """Folder for rasters read from the database."""
    where: str = ""
    """Only glyphs of a selection: its words as in a link, 'char_class=digit&not=family:Kalam', or a whole link;
    prediction, confidence and cells are those of the first model."""
    out: Path | None = None
    """JSON file for everything."""
    flips: Path | None = None
    """CSV file: the predictions of the first two models, glyph by glyph."""
    kind: str = ""
    """With --flips: only broken, fixed, both_wrong or both_right."""
    right_by: str = "label"
    """With --flips: criterion of a correct answer: label, unicode or twin."""

    def __post_init__(self) -> None:
        require(len(self.models) >= 2, "models", "two or more", " ".join(map(str, self.models)))
        require(self.split in ("", "train", "val", "test"), "split", "train, val or test", self.split)
        kinds = ("", "broken", "fixed", "both_wrong", "both_right")
        require(self.kind in kinds, "kind", "broken, fixed, both_wrong or both_right", self.kind)
        require(self.right_by in CRITERIA, "right-by", "label, unicode or twin", self.right_by)


@dataclass(frozen=True)
class ReportConfig:
    """One checkpoint's results, for a report."""

    model: Path = DEFAULT_CHECKPOINT
    """Evaluated checkpoint or results file."""
    db: Path = DATASET / "glyphs.db"
    """The database of the results."""
    results: Path = CACHE / "results"
    """Folder of results."""
    cache: Path = CACHE
    """Folder of the rasters that the ceiling and the sizes of marks are taken from."""
    split: str = ""
    """train, val, test, or unseen (fonts that it was not trained on); without it: val if there is one, else unseen."""
    where: str = ""
    """Only glyphs of a selection: its words as in a link, 'char_class=digit&not=family:Kalam', or a whole link."""
    criterion: str = "label"
    """Criterion of a correct answer: label, unicode (form ignored) or twin (confusables count)."""
    threshold: float = 0.5
    """Abstain below this confidence."""
    rows: int = 12
    """Number of groups and confusions to list."""
    json: bool = False
    """Print everything as JSON."""
    out: Path | None = None
    """File to write; without it: standard output."""

    def __post_init__(self) -> None:
        require(self.split in ("", "unseen", "train", "val", "test"), "split", "unseen, train, val or test", self.split)
        require(self.criterion in CRITERIA, "criterion", "label, unicode or twin", self.criterion)
        require(0 <= self.threshold <= 1, "threshold", "in [0, 1]", self.threshold)
        require(self.rows > 0, "rows", "positive", self.rows)


@dataclass(frozen=True)
class MapConfig:
    """Results whose embeddings are laid out on a plane."""

    results: Path
    """Results file, its name, or an evaluated checkpoint or its name."""
    folder: Path = CACHE / "results"
    """Folder of results."""
    points: int = 1_000_000
    """Largest number of glyphs on the map; if there are more, a sample is drawn."""
    split: str = ""
    """Only this split: train, val or test."""
    seed: int = 0
    """Seed of the sample and the layout."""
    onto: Path | None = None
    """Other results of the same checkpoint, whose map stays unchanged: each glyph is placed beside its most similar
    glyphs on that map. So new glyphs of a database do not move the others."""
    again: bool = False
    """Compute the map again even if there is one."""
    db: Path = DATASET / "glyphs.db"
    """The database of a checkpoint's results; a results file knows its own."""

    def __post_init__(self) -> None:
        require(1 <= self.points <= 1_000_000, "points", "1 to 1,000,000", self.points)
        require(self.seed >= 0, "seed", "0 or more", self.seed)


@dataclass(frozen=True)
class ExportConfig:
    """A checkpoint in another form."""

    checkpoint: Path = DEFAULT_CHECKPOINT
    """Checkpoint file."""
    out: Path | None = None
    """File to write; without it: beside the checkpoint."""
    to: Literal["reader", "onnx", "torchscript"] = "reader"
    """reader: for infer and audit, by ONNX Runtime; onnx, torchscript: one graph."""
    float32: bool = False
    """Keep the mixer of a reader in float32 instead of 8-bit."""
    db: Path = DATASET / "glyphs.db"
    """Glyph database; its train split calibrates the 8-bit ranges."""
    calibrate: int = 1024
    """Glyphs to calibrate on."""

    def __post_init__(self) -> None:
        require(self.to in ("reader", "onnx", "torchscript"), "to", "reader, onnx or torchscript", self.to)
        require(self.calibrate > 0, "calibrate", "positive", self.calibrate)


@dataclass(frozen=True)
class OverlayConfig:
    """Pictures of primitive grids."""

    glyphs: tuple[int, ...]
    """Glyph ids."""
    out: Path
    """Folder to write, <glyph_id>.png in it."""
    checkpoint: Path = DEFAULT_CHECKPOINT
    """Checkpoint file."""
    db: Path = DATASET / "glyphs.db"
    """Glyph database."""
    rasters: Path | None = None
    """Folder of <glyph_id>.png to read instead of outlines."""
    scale: int = 6
    """Screen pixels for each raster pixel."""

    def __post_init__(self) -> None:
        require(bool(self.glyphs), "glyphs", "at least one glyph id", self.glyphs)
        require(1 <= self.scale <= 16, "scale", "1 to 16", self.scale)


@dataclass(frozen=True)
class InspectConfig:
    """Single glyphs, analysed by asking the model again."""

    glyphs: tuple[int, ...]
    """Glyph ids."""
    checkpoint: Path = DEFAULT_CHECKPOINT
    """Checkpoint or its export."""
    db: Path = DATASET / "glyphs.db"
    """Glyph database."""
    rasters: Path | None = None
    """Folder of <glyph_id>.png to read instead of outlines."""
    edit: tuple[tuple[int, int], ...] = ()
    """Replace the primitives of cells; rows and columns start at 0; ID 0 is EMPTY."""
    depth: int = 4
    """Largest number of cells of the smallest edit."""
    beside: tuple[Path, ...] = ()
    """Further checkpoints to show for the same glyph."""
    similar: int = 0
    """Number of nearest glyphs to show, from the results of the checkpoint."""
    results: Path = CACHE / "results"
    """Folder of results."""
    cache: Path = CACHE
    """Folder of the rasters that other fonts are compared by."""
    svg: Path | None = None
    """Folder for the outlines as <glyph_id>.svg."""
    json: bool = False
    """Print everything as JSON, one line for each glyph."""

    def __post_init__(self) -> None:
        require(bool(self.glyphs), "glyphs", "at least one glyph id", self.glyphs)
        require(1 <= self.depth <= 6, "depth", "1 to 6", self.depth)
        require(0 <= self.similar <= 1000, "similar", "0 to 1000", self.similar)


@dataclass(frozen=True)
class CardConfig:
    """A checkpoint whose card is written beside it, from its results."""

    checkpoint: Path
    """Evaluated checkpoint file."""
    db: Path = DATASET / "glyphs.db"
    """The database of the results."""
    results: Path = CACHE / "results"
    """Folder of results."""


@dataclass(frozen=True)
class LabelsConfig:
    """The label of each output of a model, as a file."""

    out: Path = PROJECT / "artifacts" / "label_map.json"
    """File to write."""
    checkpoint: Path | None = None
    """Export the label map of this checkpoint; without it: the label map of --labels."""
    labels: Path = LABELS
    """The label set."""
