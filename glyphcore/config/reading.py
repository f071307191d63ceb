"""Settings of the jobs that use a checkpoint on a database, from ``evaluate`` to ``inspect``, or describe it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glyphcore.config.base import CACHE, DATASET, LABELS, PROJECT, require

CRITERIA = ("label", "unicode", "twin")
"""What may count as right (:data:`glyphcore.analysis.criteria.CRITERIA`)."""


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
    shard: tuple[int, int] = (1, 1)
    """Which of how many parts of the database, counted from 1; ``merge`` puts their results together."""

    def __post_init__(self) -> None:
        number, of = self.shard
        require(1 <= number <= of, "shard", "K/N with K from 1 to N", f"{number}/{of}")


@dataclass(frozen=True)
class MergeConfig:
    """Results of the parts of one database, to become those of the whole."""

    shards: tuple[Path, ...]
    """Results files of ``evaluate --shard``, all of them, or their folder."""
    results: Path = CACHE / "results"
    """Folder for the merged file."""
    db: Path | None = None
    """The database; None is where the shards say it was."""

    def __post_init__(self) -> None:
        require(bool(self.shards), "shards", "at least one file", self.shards)


@dataclass(frozen=True)
class CompareConfig:
    """Checkpoints on the same glyphs, from their results."""

    models: tuple[Path, ...]
    """Results files, or checkpoints that were evaluated on ``db``; the first is the one to beat."""
    db: Path = DATASET / "glyphs.db"
    results: Path = CACHE / "results"
    """Folder of the results files."""
    split: str = ""
    """Only this split; empty takes every font that none of the checkpoints was trained on."""
    out: Path | None = None
    """JSON file for everything."""
    flips: Path | None = None
    """CSV file for the glyphs of the first two models, how each reads them and whether that was fixed or broken."""
    kind: str = ""
    """Only ``broken``, ``fixed``, ``both_wrong`` or ``both_right`` ones of them; empty takes all."""
    criterion: str = "label"
    """What counts as right there: ``label``, ``unicode`` or ``twin``."""

    def __post_init__(self) -> None:
        require(len(self.models) >= 2, "models", "two or more", self.models)
        require(self.split in ("", "train", "val", "test"), "split", "train, val or test", self.split)
        kinds = ("", "broken", "fixed", "both_wrong", "both_right")
        require(self.kind in kinds, "kind", "broken, fixed, both_wrong or both_right", self.kind)
        require(self.criterion in CRITERIA, "right-by", "label, unicode or twin", self.criterion)


@dataclass(frozen=True)
class ReportConfig:
    """One checkpoint's results, taken apart."""

    model: Path
    """Results file, or a checkpoint that was evaluated on ``db``."""
    db: Path = DATASET / "glyphs.db"
    results: Path = CACHE / "results"
    """Folder of the results files."""
    cache: Path = CACHE
    """Folder of the rasters that the ceiling and the sizes of marks are taken from."""
    split: str = ""
    """Only this split, or ``unseen`` for every font not trained on; empty: val if there is one, else unseen."""
    criterion: str = "label"
    """What counts as right: ``label``, ``unicode`` (form ignored) or ``twin`` (confusables count)."""
    threshold: float = 0.5
    """Confidence below which a reading is abstained from."""
    rows: int = 12
    """Groups and confusions listed."""
    json: bool = False
    """All of it as JSON instead of text."""
    out: Path | None = None
    """File to write; None: standard output."""

    def __post_init__(self) -> None:
        require(self.split in ("", "unseen", "train", "val", "test"), "split", "unseen, train, val or test", self.split)
        require(self.criterion in CRITERIA, "criterion", "label, unicode or twin", self.criterion)
        require(0 <= self.threshold <= 1, "threshold", "in [0, 1]", self.threshold)
        require(self.rows > 0, "rows", "positive", self.rows)


@dataclass(frozen=True)
class MapConfig:
    """Results whose embeddings are laid out on a plane."""

    results: Path
    """A results file, its name in ``folder``, or a checkpoint that was evaluated on ``db``."""
    folder: Path = CACHE / "results"
    """Folder of the results files."""
    points: int = 10_000
    """Glyphs on the map; of more, a sample. Many more do not fit on a screen and take minutes."""
    split: str = ""
    """Only this split; empty takes all."""
    seed: int = 0
    """Of the sample and the layout."""
    again: bool = False
    """Lay out anew although there is a map."""
    db: Path = DATASET / "glyphs.db"
    """The database of a checkpoint's results; a results file knows its own."""

    def __post_init__(self) -> None:
        require(1 <= self.points <= 50_000, "points", "1 to 50,000", self.points)
        require(self.seed >= 0, "seed", "0 or more", self.seed)


@dataclass(frozen=True)
class ExportConfig:
    """A checkpoint in another form."""

    checkpoint: Path
    out: Path | None = None
    """File to write; None puts it beside the checkpoint."""
    to: str = "reader"
    """``reader`` (for our own commands, without torch), ``onnx`` or ``torchscript``."""
    int8: bool = True
    """Whether a reader's mixer becomes 8-bit."""
    db: Path = DATASET / "glyphs.db"
    """Its train split calibrates the 8-bit ranges."""
    calibrate: int = 1024
    """Glyphs to calibrate on."""

    def __post_init__(self) -> None:
        require(self.to in ("reader", "onnx", "torchscript"), "to", "reader, onnx or torchscript", self.to)
        require(self.calibrate > 0, "calibrate", "positive", self.calibrate)


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
class InspectConfig:
    """Single glyphs, taken apart by asking the model again."""

    glyphs: tuple[int, ...]
    """Glyph ids."""
    checkpoint: Path
    db: Path = DATASET / "glyphs.db"
    rasters: Path | None = None
    """Folder of ``<glyph_id>.png`` to read instead of outlines."""
    edits: tuple[tuple[int, int], ...] = ()
    """Cells, counted row by row from 0, and the primitives that they are to get."""
    depth: int = 4
    """Cells that the smallest edit may have."""
    beside: tuple[Path, ...] = ()
    """Further checkpoints, each with what it says and the cells that it reads otherwise."""
    similar: int = 0
    """Nearest glyphs to name, and families with the same label; both are taken from the checkpoint's results."""
    results: Path = CACHE / "results"
    """Folder of the results files."""
    svg: Path | None = None
    """Folder for ``<glyph_id>.svg``."""

    def __post_init__(self) -> None:
        require(bool(self.glyphs), "glyphs", "at least one glyph id", self.glyphs)
        require(1 <= self.depth <= 6, "depth", "1 to 6", self.depth)
        require(0 <= self.similar <= 1000, "similar", "0 to 1000", self.similar)


@dataclass(frozen=True)
class CardConfig:
    """A checkpoint to be described beside it, from its results."""

    checkpoint: Path
    db: Path = DATASET / "glyphs.db"
    """The database of the results."""
    results: Path = CACHE / "results"
    """Folder of the results files."""


@dataclass(frozen=True)
class LabelsConfig:
    """What each output of a model means, as a file."""

    out: Path = PROJECT / "artifacts" / "label_map.json"
    checkpoint: Path | None = None
    """Whose label map; None takes that of ``labels``."""
    labels: Path = LABELS
    """The label set."""
