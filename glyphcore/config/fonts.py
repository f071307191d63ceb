"""Settings of the commands that read fonts: ``infer``, ``audit``, ``read``, ``bench``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glyphcore.config.base import (
    AUTO,
    CACHE,
    DEFAULT_CHECKPOINT,
    DEFAULT_EXPORTED,
    require,
    require_cluster,
    require_sendable,
)

DUPLICATE_PENALTY = 2.5
"""Chosen on val (``benchmarks/whole.py``)."""
SHEET_ROWS = 300
"""Number of glyphs per verdict in a sheet."""
THRESHOLD = 0.5
"""Probability from which a prediction becomes text: as likely right as wrong."""


@dataclass(frozen=True, kw_only=True)
class DecodingConfig:
    """Settings of the decoding of a font's glyphs and of their texts."""

    per_glyph: bool = False
    """Decode each glyph by itself, not together with the other glyphs of its font."""
    duplicate_penalty: float = DUPLICATE_PENALTY
    """Cost of a label that another glyph of the font has, in nats of log-probability."""
    confirmed: Path | None = None
    """CSV of corrections for glyphs of a font: columns glyph_id and one of codepoints, label, text."""
    tounicode: Path | None = None
    """Write a ToUnicode CMap of one font."""
    codes: str = ""
    """Codes of the CMap: a CSV of code and glyph_id, or the font's own encoding; without it: glyph indices in two
    bytes."""
    face: int | None = None
    """Only this face of collections, from 0; without it: all faces."""
    threshold: float = THRESHOLD
    """Probability from which a prediction becomes text; below it, only where the font maps the same character."""
    cluster: str = ""
    """Hand files to workers: local:N for N processes, or the tcp://HOST:PORT of a Dask scheduler whose workers see the
    same files; needs [cluster]."""
    send_files: bool = False
    """Send the files to the workers and fetch what they write: no shared folder is needed. The model must be one that
    ships."""

    def __post_init__(self) -> None:
        require(not self.codes or self.tounicode is not None, "codes", "given together with --tounicode", self.codes)
        require(self.face is None or self.face >= 0, "face", "0 or more", self.face)
        require(0 <= self.threshold <= 1, "threshold", "in [0, 1]", self.threshold)
        require(self.duplicate_penalty >= 0, "duplicate-penalty", "0 or more", self.duplicate_penalty)
        require_cluster(self.cluster)
        require_sendable(self.send_files, self.cluster, vars(self)["checkpoint"])
        one = self.confirmed is not None or self.tounicode is not None
        require(not (self.cluster and one), "cluster", "given without --confirmed and --tounicode", self.cluster)


@dataclass(frozen=True)
class InferConfig(DecodingConfig):
    """Glyphs of fonts, raster folders and databases, one JSON line each."""

    inputs: tuple[Path, ...]
    """Font file, folder of fonts, folder of <id>.png (128×128), glyph database."""
    checkpoint: Path = AUTO
    """Checkpoint or its export (.reader), or a name: wide or auto. auto is mixer-geometry, and wide for fonts with
    scripts that mixer-geometry does not know."""
    out: Path | None = None
    """JSON-lines file; without it: standard output."""
    topk: int = 5
    """Number of candidates for each glyph."""
    ok: float = 0.55
    """Probability from which the label of a glyph is flagged OK. A glyph is OUTSIDE where that is more probable than
    its label."""
    low: float = 0.30
    """Probability from which the label is flagged LOW_CONF; below it, VERY_LOW."""
    ambiguous: float = 0.05
    """Flag AMBIGUOUS as well where the lead over the other candidates is smaller than this."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require(1 <= self.topk <= 100, "topk", "1 to 100", self.topk)
        require(0 <= self.ok <= 1, "ok", "in [0, 1]", self.ok)
        require(0 <= self.low <= self.ok, "low", f"from 0 up to ok ({self.ok})", self.low)
        require(0 <= self.ambiguous <= 1, "ambiguous", "in [0, 1]", self.ambiguous)


@dataclass(frozen=True)
class AuditConfig(DecodingConfig):
    """Fonts whose mapping is compared with predictions for their outlines."""

    fonts: tuple[Path, ...]
    """Font files and folders."""
    checkpoint: Path = AUTO
    """Checkpoint or its export (.reader), or a name: wide or auto. auto is mixer-geometry, and wide for fonts with
    scripts that mixer-geometry does not know."""
    out: Path | None = None
    """JSON-lines file with one finding for each glyph."""
    sheet: Path | None = None
    """HTML file with the rasters."""
    rows: int = 20
    """Number of disagreements to list in the terminal."""
    sheet_rows: int = SHEET_ROWS
    """Largest number of glyphs of each verdict in the sheet."""
    csv: Path | None = None
    """CSV file of the findings, for a spreadsheet."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.rows >= 0, "rows", "0 or more", self.rows)
        require(self.sheet_rows > 0, "sheet_rows", "positive", self.sheet_rows)


@dataclass(frozen=True)
class ReadConfig:
    """One face of a font, predicted as arrays."""

    font: Path
    """Font file."""
    out: Path
    """.npz file to write."""
    checkpoint: Path = AUTO
    """Checkpoint or its export (.reader), or a name: wide or auto. auto is mixer-geometry, and wide for fonts with
    scripts that mixer-geometry does not know."""
    face: int = 0
    """Face of a collection, from 0."""
    threads: int = 0
    """CPU threads; 0 takes all cores."""
    seconds: int = 0
    """Limit of processor time in seconds, for an untrusted font; 0: no limit."""
    megabytes: int = 0
    """Limit of memory in megabytes; 0: no limit."""

    def __post_init__(self) -> None:
        for name in ("face", "threads", "seconds", "megabytes"):
            require(getattr(self, name) >= 0, name, "0 or more", getattr(self, name))


@dataclass(frozen=True)
class BenchConfig:
    """Model files and fonts to measure."""

    models: tuple[Path, ...] = (DEFAULT_EXPORTED, DEFAULT_CHECKPOINT)
    """Checkpoints and exports; stages are timed with the first."""
    fonts: tuple[Path, ...] = ()
    """Font files; without any: three fonts of the corpus."""
    out: Path | None = None
    """JSON file for everything."""
    repeat: int = 5
    """Number of runs; the fastest run counts."""
    cache: Path = CACHE
    """Folder of the fetched corpus."""
    results: Path = CACHE / "results"
    """Folder of results, which stores the speed for Compare in the app."""

    def __post_init__(self) -> None:
        require(bool(self.models), "models", "at least one file", self.models)
        require(self.repeat > 0, "repeat", "positive", self.repeat)
