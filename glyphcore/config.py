"""Every setting, its default and its unit, as plain dataclasses.

Each class checks itself when it is made, so a job never starts on a setting that cannot work. The error names the
field, which is also the command line's flag.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from glyphcore.errors import ConfigError

PROJECT = Path(__file__).resolve().parents[1]
"""The checkout: shipped data and checkpoints lie here."""
CACHE = Path(os.environ.get("GLYPHCORE_CACHE", PROJECT / ".cache"))
"""Everything that can be made again: fetched fonts, rasters, results."""
DATASET = PROJECT / "dataset"
CHECKPOINTS = PROJECT / "checkpoints"


def _require(ok: bool, field: str, wish: str, value: object) -> None:
    if not ok:
        raise ConfigError(f"{field} must be {wish}, not {value!r}.", subject=field)


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
        _require(bool(self.fonts) or self.corpus is not None, "fonts", "given, or the corpus used", self.fonts)


@dataclass(frozen=True)
class ModelConfig:
    """GlyphNet's shape. The defaults are the shipped ``mixer-geometry``."""

    classes: int = 1216
    """Labels."""
    primitives: int = 1024
    """Codebook entries, EMPTY (0) included."""
    stem: tuple[int, int] = (32, 64)
    """Channels of the stem's two convolutions."""
    embedding: int = 64
    """Width E of a token: the embedding of a primitive."""
    quantise: str = "straight-through"
    """Primitive → token in training: ``straight-through`` (hard forward, soft gradient) or ``soft``.
    Inference is always hard."""
    position: str = "sinusoidal"
    """``sinusoidal`` (fixed, 2D) or ``learned``."""
    mixing: str = "local"
    """``local``: depthwise 5×5, then channels, on a grid that merges 2×2 between stages.
    ``token``: the MLP-Mixer's mixing of all tokens, then channels."""
    blocks: tuple[int, ...] = (1, 2, 2)
    """Mixer blocks of each stage; between stages tokens are merged 2×2 and doubled in width."""
    expansion: float = 2.0
    """Hidden width of the channel mixing, relative to its input."""
    token_expansion: float = 0.5
    """Hidden width of the token mixing, relative to the number of tokens."""
    pool: int = 2
    """The last grid is averaged to pool × pool: 1 is the plain mean over all tokens."""
    head: int = 256
    """Width of the pooled embedding before the label layer."""
    dropout: float = 0.1
    geometry: bool = True
    """Whether size, place and advance in the em are a second input; unknown ones are masked."""

    def __post_init__(self) -> None:
        _require(self.classes > 0, "classes", "positive", self.classes)
        _require(2 <= self.primitives <= 65536, "primitives", "2 to 65536", self.primitives)
        _require(self.quantise in ("straight-through", "soft"), "quantise", "straight-through or soft", self.quantise)
        _require(self.position in ("sinusoidal", "learned"), "position", "sinusoidal or learned", self.position)
        _require(self.mixing in ("local", "token"), "mixing", "local or token", self.mixing)
        _require(1 <= len(self.blocks) <= 4 and min(self.blocks) > 0, "blocks", "1 to 4 positive counts", self.blocks)
        side = 16 >> (len(self.blocks) - 1)
        _require(
            self.pool > 0 and side % self.pool == 0, "pool", f"a divisor of the last grid's side {side}", self.pool
        )
        _require(self.embedding > 0 and self.embedding % 4 == 0, "embedding", "a multiple of 4", self.embedding)
        _require(0 <= self.dropout < 1, "dropout", "in [0, 1)", self.dropout)


@dataclass(frozen=True)
class AugmentConfig:
    """How a training outline is varied before it is fitted; every amount is the limit of a uniform draw."""

    slant: float = 0.18
    """Horizontal shear, tangent of the angle."""
    aspect: float = 0.15
    """Natural log of the horizontal stretch."""
    rotation: float = 2.5
    """Degrees."""
    weight: float = 1.3
    """Stroke weight added on each side, in pixels of the fitted raster; taken away at most half as much."""
    noise: float = 0.004
    """Standard deviation of the points, as a share of the longer side."""
    probability: float = 0.8
    """Share of the glyphs that are varied at all."""
    geometry_drop: float = 0.2
    """Share of the glyphs whose geometry is hidden, so that a raster alone still works."""
    geometry_scale: float = 0.12
    """Natural log of a common scale of all geometry: designs fill their em differently."""


@dataclass(frozen=True)
class TrainConfig:
    """One training run."""

    db: Path = DATASET / "full.db"
    """The glyph database; its train split is trained on, its val split watched."""
    out: Path = CHECKPOINTS / "mixer-geometry.ckpt"
    """The self-describing checkpoint to write at the end."""
    run: Path = PROJECT / "runs" / "mixer-geometry"
    """Folder for logs and for the checkpoints that a killed run resumes from."""
    cache: Path = CACHE
    """Folder for rasters and outlines read from ``db``."""
    model: ModelConfig = ModelConfig()
    augment: AugmentConfig = AugmentConfig()
    labels: Path = DATASET / "chars.csv"
    epochs: int = 12
    batch: int = 64
    learning_rate: float = 2e-3
    """Peak of AdamW's rate, reached after ``warmup``, then a cosine down to 1%."""
    weight_decay: float = 0.05
    warmup: float = 0.03
    """Share of all steps."""
    label_smoothing: float = 0.05
    primitive_weight: tuple[float, float] = (1.0, 0.3)
    """Weight α of the primitive loss at the first and from the middle step on; linear between."""
    balance: float = 0.3
    """Labels are drawn with probability ∝ count^(1 − balance): 0 is natural, 1 uniform over labels."""
    patience: int = 5
    """Epochs without a better validation accuracy before the run stops."""
    precision: str = "bf16-mixed"
    """Lightning's precision setting."""
    threads: int = 0
    """CPU threads; 0 leaves it to torch."""
    seed: int = 7
    limit: int = 0
    """Train on this many glyphs only (a check that everything runs); 0 takes all."""

    def __post_init__(self) -> None:
        for field in ("epochs", "batch", "patience"):
            _require(getattr(self, field) > 0, field, "positive", getattr(self, field))
        _require(self.learning_rate > 0, "learning_rate", "positive", self.learning_rate)
        _require(0 <= self.balance <= 1, "balance", "in [0, 1]", self.balance)
        _require(0 <= self.label_smoothing < 1, "label_smoothing", "in [0, 1)", self.label_smoothing)


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
        _require(1 <= self.topk <= 100, "topk", "1 to 100", self.topk)


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
        _require(bool(self.glyphs), "glyphs", "at least one glyph id", self.glyphs)
        _require(1 <= self.scale <= 16, "scale", "1 to 16", self.scale)


@dataclass(frozen=True)
class ShipConfig:
    """The part of a full database that may be handed on."""

    db: Path = DATASET / "full.db"
    out: Path = DATASET / "glyphs.db"
    attribution: Path = DATASET / "ATTRIBUTION.md"
    """Generated list of families and licences."""
    megabytes: float = 20.0
    """Largest size of ``out``, in 10^6 bytes."""


def shipped_checkpoints() -> list[Path]:
    """Checkpoint files in ``checkpoints/``, by name."""
    return sorted(CHECKPOINTS.glob("*.ckpt"))
