"""Settings of the model, of the augmentation and of a training run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glyphcore.config.base import CACHE, DATASET, LABELS, PROJECT, require

CHOICES = {
    "stem_sees": ("cell", "raster"),
    "quantise": ("straight-through", "soft", "gumbel", "argmax"),
    "position": ("sinusoidal", "sinusoidal-trained", "learned"),
    "mixing": ("local", "token", "hourglass", "conv"),
}


@dataclass(frozen=True)
class ModelConfig:
    """GlyphNet's shape. The defaults are the shipped ``mixer-geometry``."""

    classes: int = 1216
    """Labels."""
    primitives: int = 1024
    """Codebook entries, EMPTY (0) included."""
    stem: tuple[int, int] = (64, 128)
    """Channels of the stem's two convolutions."""
    stem_sees: str = "cell"
    """``cell``: each 8×8 cell alone, so that equal cells are equal primitives and are read once;
    ``raster``: the whole raster, so that a primitive may depend on a margin around its cell."""
    stem_residual: bool = True
    """Whether a residual pair of convolutions follows."""
    embedding: int = 64
    """Width E of a token: the embedding of a primitive."""
    quantise: str = "straight-through"
    """Primitive → token in training: ``straight-through`` (hard forward, soft gradient), ``soft``, ``gumbel`` or
    ``argmax`` (no gradient). Inference is always hard."""
    position: str = "sinusoidal"
    """``sinusoidal`` (fixed, 2D), ``sinusoidal-trained`` (starts there) or ``learned`` (starts at random)."""
    mixing: str = "local"
    """``local``: depthwise 5×5, then channels. ``token``: the MLP-Mixer's mixing of all tokens, then channels.
    ``hourglass``: relative positions, then E → 256 → 64 → E. ``conv``: residual dense 3×3, the old second phase."""
    blocks: tuple[int, ...] = (1, 3, 5)
    """Mixer blocks of each stage; between stages tokens are merged 2×2."""
    widths: tuple[int, ...] = (128, 256)
    """Widths of the stages after the first, whose width is ``embedding``."""
    expansion: float = 2.0
    """Hidden width of the channel mixing, relative to its input."""
    token_expansion: float = 0.5
    """Hidden width of the token mixing, relative to the number of tokens."""
    pool: int = 2
    """The last grid is averaged to pool × pool: 1 is the mean over all tokens, 0 a learned class token instead."""
    head: int = 256
    """Width of the pooled embedding before the label layer; 0 leaves the layer between them out."""
    rank: int = 0
    """Width between the embedding and the labels, of a label layer that is a product of two; 0: one layer."""
    dropout: float = 0.1
    geometry: bool = True
    """Whether size, place and advance in the em are a second input; unknown ones are masked."""
    subsets: int = 0
    """Outputs of a second head that says what kind of character it is (mark, class); 0 leaves it out.
    ``glyphcore.data.labels.LabelMap.subsets`` lists them."""

    def __post_init__(self) -> None:
        require(self.classes > 0, "classes", "positive", self.classes)
        require(2 <= self.primitives <= 65536, "primitives", "2 to 65536", self.primitives)
        for field, choices in CHOICES.items():
            require(getattr(self, field) in choices, field, " or ".join(choices), getattr(self, field))
        require(1 <= len(self.blocks) <= 4 and min(self.blocks) > 0, "blocks", "1 to 4 positive counts", self.blocks)
        require(
            len(self.widths) == len(self.blocks) - 1 and min(self.widths, default=1) > 0,
            "widths", "one positive width for each stage after the first", self.widths,
        )  # fmt: skip
        side = 16 >> (len(self.blocks) - 1)
        require(
            self.pool >= 0 and side % max(self.pool, 1) == 0,
            "pool",
            f"0 or a divisor of the last grid's side {side}",
            self.pool,
        )
        require(self.embedding > 0 and self.embedding % 4 == 0, "embedding", "a multiple of 4", self.embedding)
        require(0 <= self.dropout < 1, "dropout", "in [0, 1)", self.dropout)
        require(min(self.stem) > 0, "stem", "positive channels", self.stem)
        require(min(self.head, self.subsets) >= 0, "head and subsets", "0 or more", (self.head, self.subsets))
        require(self.rank >= 0, "rank", "0 or more", self.rank)
        require(min(self.expansion, self.token_expansion) > 0, "expansion", "positive", self.expansion)


@dataclass(frozen=True)
class AugmentConfig:
    """Variation of a training outline before it is fitted; every amount is the limit of a uniform draw."""

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
    warp: float = 0.03
    """Smooth distortion along each axis: bowls, stems and descenders grow against each other; share of the extent."""
    parts: float = 0.15
    """Natural log of the scale of a dot or another separate part about its own centre; it also moves by a fifth of it,
    as a share of the extent."""
    blur: float = 0.0
    """Share of the rasters that are blurred and thresholded again: corners round off, gaps close."""
    hollow: float = 0.0
    """Share of the glyphs of which only a line along their edges is left, as in outlined display faces."""
    inverse: float = 0.0
    """Share of the glyphs that are cut out of a black tile."""
    cell_noise: float = 0.0
    """Share of the non-empty cells whose primitive is replaced by a random one."""
    probability: float = 0.8
    """Share of the glyphs that are varied at all."""
    geometry_drop: float = 0.2
    """Share of the glyphs whose geometry is hidden, so that a raster alone still works."""
    geometry_scale: float = 0.12
    """Natural log of a common scale of all geometry: designs fill their em differently."""

    def __post_init__(self) -> None:
        for field in ("blur", "hollow", "inverse", "cell_noise", "probability", "geometry_drop"):
            require(0 <= getattr(self, field) <= 1, field, "a share, in [0, 1]", getattr(self, field))
        for field in ("slant", "aspect", "rotation", "weight", "noise", "warp", "parts", "geometry_scale"):
            require(getattr(self, field) >= 0, field, "0 or more", getattr(self, field))


@dataclass(frozen=True)
class TrainConfig:
    """One training run."""

    db: Path = DATASET / "full.db"
    """The glyph database; its train split is trained on, its val split watched."""
    out: Path = PROJECT / "checkpoints" / "mixer-geometry.ckpt"
    """The self-describing checkpoint to write at the end."""
    run: Path = PROJECT / "runs" / "mixer-geometry"
    """Folder for logs and for the checkpoints that a killed run resumes from."""
    rasters: Path | None = None
    """Folder of ``<glyph_id>.png`` to read instead of outlines; they are not varied."""
    cache: Path = CACHE
    """Folder for rasters and outlines read from ``db``."""
    model: ModelConfig = ModelConfig()
    augment: AugmentConfig = AugmentConfig()
    labels: Path = LABELS
    epochs: int = 12
    batch: int = 64
    learning_rate: float = 2e-3
    """Peak of AdamW's rate, reached after ``warmup``, then a cosine down to 1%."""
    weight_decay: float = 0.05
    warmup: float = 0.03
    """Share of all steps."""
    label_smoothing: float = 0.05
    init: Path | None = None
    """Checkpoint to start from: every weight whose name and shape agree is taken over, and what its label layer knows
    of labels that both have."""
    frozen: int = 0
    """Train only what comes after the mixer, on this many drawings of each glyph, read once; 0 trains all."""
    keep_primitives: bool = False
    """Keep the stem and the primitives of ``init``: a token is the likeliest primitive, as in inference, and only what
    follows the primitives learns. A step takes three quarters of the time."""
    primitive_weight: tuple[float, ...] = (1.0, 0.3, 0.3)
    """Weight α of the primitive loss at equally spaced points of the run, linear between them."""
    primitive_share: float = 0.25
    """Share of the non-empty cells of a batch that the primitive loss looks at; neighbours teach the same."""
    primitive_focal: float = 0.0
    """Exponent γ of the focal loss (arXiv:1708.02002) on primitives; 0 is plain cross entropy."""
    quantise_temperature: tuple[float, ...] = (1.0,)
    """Temperature of ``soft`` and ``gumbel`` at equally spaced points of the run; a falling one hardens them."""
    online_codebook: bool = False
    """Learn the primitives while training, by k-means over cell features, instead of clustering pixels beforehand."""
    online_share: float = 0.7
    """Share of the run in which an online codebook moves; then it stays, and the rest of the model settles on it."""
    usage_entropy: float = 0.1
    """Weight of the entropy regularisation of an online codebook: sure of each cell, evenly spread over all of them."""
    teachers: tuple[Path, ...] = ()
    """Checkpoints to distil from; several are averaged."""
    distill_weight: float = 1.0
    """Weight λ of the divergence from the teachers."""
    distill_temperature: float = 3.0
    subset_weight: float = 0.1
    """Weight of the loss of the subset head, where the model has one."""
    ema: float = 0.998
    """Decay per step of the average of the weights that is validated and kept; 0 keeps the weights themselves."""
    balance: float = 0.3
    """Labels are drawn with probability ∝ count^(1 − balance): 0 is natural, 1 uniform over labels."""
    patience: int = 5
    """Epochs without a better validation accuracy before the run stops."""
    precision: str = "bf16-mixed"
    """Lightning's precision setting."""
    threads: int = 0
    """CPU threads; 0 leaves it to torch."""
    seed: int = 7
    accelerator: str = "auto"
    """Lightning's accelerator: ``auto``, ``cpu``, ``gpu`` …"""
    devices: int = 1
    """Processes or devices to train on; more than one uses Lightning's DDP, each with a batch of its own."""
    raster_cache: str = "memmap"
    """``memmap``: rasters and outlines in files in ``cache``; ``fifo``: from the database, nothing is written."""
    fifo_share: float = 0.1
    """Share of the glyphs that ``fifo`` keeps in memory."""
    log_every: int = 50
    """Steps between two lines of the log, gradient norms included."""
    limit: int = 0
    """Train on this many glyphs only (a check that everything runs); 0 takes all."""

    def __post_init__(self) -> None:
        for field in ("epochs", "batch", "patience", "log_every"):
            require(getattr(self, field) > 0, field, "positive", getattr(self, field))
        require(self.learning_rate > 0, "learning_rate", "positive", self.learning_rate)
        require(0 <= self.balance <= 1, "balance", "in [0, 1]", self.balance)
        require(0 <= self.label_smoothing < 1, "label_smoothing", "in [0, 1)", self.label_smoothing)
        require(0 < self.primitive_share <= 1, "primitive_share", "in (0, 1]", self.primitive_share)
        require(0 <= self.online_share <= 1, "online_share", "a share, in [0, 1]", self.online_share)
        require(0 <= self.ema < 1, "ema", "in [0, 1)", self.ema)
        require(0 <= self.warmup < 1, "warmup", "in [0, 1)", self.warmup)
        require(min(self.primitive_weight, default=-1) >= 0, "primitive_weight", "points of 0 or more",
                self.primitive_weight)  # fmt: skip
        require(min(self.quantise_temperature, default=0) > 0, "quantise_temperature", "positive points",
                self.quantise_temperature)  # fmt: skip
        require(self.distill_temperature > 0, "distill_temperature", "positive", self.distill_temperature)
        for field in ("weight_decay", "primitive_focal", "usage_entropy", "distill_weight", "subset_weight", "threads",
                      "limit", "frozen"):  # fmt: skip
            require(getattr(self, field) >= 0, field, "0 or more", getattr(self, field))
        require(self.raster_cache in ("memmap", "fifo"), "raster_cache", "memmap or fifo", self.raster_cache)
        require(0 <= self.fifo_share <= 1, "fifo_share", "in [0, 1]", self.fifo_share)
        require(not self.frozen or self.init is not None, "init", "a checkpoint where frozen is set", self.init)
        require(not self.keep_primitives or (self.init is not None and not self.online_codebook), "init",
                "a checkpoint with a codebook where keep_primitives is set", self.init)  # fmt: skip
        require(self.devices > 0, "devices", "positive", self.devices)
