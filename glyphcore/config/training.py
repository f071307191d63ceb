"""Settings of the model, of the augmentation and of a training run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glyphcore.config.base import CACHE, CHECKPOINTS, DATASET, PROJECT, require


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
        require(self.classes > 0, "classes", "positive", self.classes)
        require(2 <= self.primitives <= 65536, "primitives", "2 to 65536", self.primitives)
        require(self.quantise in ("straight-through", "soft"), "quantise", "straight-through or soft", self.quantise)
        require(self.position in ("sinusoidal", "learned"), "position", "sinusoidal or learned", self.position)
        require(self.mixing in ("local", "token"), "mixing", "local or token", self.mixing)
        require(1 <= len(self.blocks) <= 4 and min(self.blocks) > 0, "blocks", "1 to 4 positive counts", self.blocks)
        side = 16 >> (len(self.blocks) - 1)
        require(self.pool > 0 and side % self.pool == 0, "pool", f"a divisor of the last grid's side {side}", self.pool)
        require(self.embedding > 0 and self.embedding % 4 == 0, "embedding", "a multiple of 4", self.embedding)
        require(0 <= self.dropout < 1, "dropout", "in [0, 1)", self.dropout)


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
            require(getattr(self, field) > 0, field, "positive", getattr(self, field))
        require(self.learning_rate > 0, "learning_rate", "positive", self.learning_rate)
        require(0 <= self.balance <= 1, "balance", "in [0, 1]", self.balance)
        require(0 <= self.label_smoothing < 1, "label_smoothing", "in [0, 1)", self.label_smoothing)
