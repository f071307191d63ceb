"""Settings of what reads fonts: ``infer``, ``audit``, ``read``, ``bench``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glyphcore.config.base import CACHE, require

REUSE = 2.5
"""Chosen on val (``benchmarks/whole.py``)."""
THRESHOLD = 0.5
"""Probability from which a reading becomes text: as likely as not."""


def _check_texts(codes: str, tounicode: Path | None, face: int | None) -> None:
    require(not codes or tounicode is not None, "codes", "given together with --tounicode", codes)
    require(face is None or face >= 0, "face", "0 or more", face)


@dataclass(frozen=True)
class InferConfig:
    """Glyphs of fonts, raster folders and databases, one JSON line each."""

    inputs: tuple[Path, ...]
    """Font files, folders of fonts, folders of ``<id>.png``, glyph databases."""
    checkpoint: Path
    out: Path | None = None
    """JSON-lines file; None writes to standard output."""
    topk: int = 5
    """Candidates a glyph."""
    ok: float = 0.55
    """Probability from which the label that a glyph gets is flagged OK; it is OUTSIDE where none is likelier."""
    low: float = 0.30
    """Probability from which it is LOW_CONF; below, it is VERY_LOW."""
    ambiguous: float = 0.05
    """A lead over every other candidate below this is AMBIGUOUS."""
    alone: bool = False
    """Read each glyph by itself. Otherwise the glyphs of a font tell each other what it draws, how large and in
    what order, and those that want one label compete for it."""
    reuse: float = REUSE
    """What a label costs when another glyph of the font has it, in nats of log-probability."""
    confirmed: Path | None = None
    """CSV of what people say some glyphs are."""
    tounicode: Path | None = None
    """``ToUnicode`` CMap to write, for a single font."""
    threshold: float = THRESHOLD
    """Probability from which the model is believed in the CMap; below, only where the font says the same."""
    codes: str = ""
    """What its codes are: empty for glyph indices, ``font`` for the font's own encoding, or the path of a CSV."""
    face: int | None = None
    """Of collections only this face, from 0; None reads all."""

    def __post_init__(self) -> None:
        _check_texts(self.codes, self.tounicode, self.face)
        require(0 <= self.threshold <= 1, "threshold", "in [0, 1]", self.threshold)
        require(1 <= self.topk <= 100, "topk", "1 to 100", self.topk)
        require(0 <= self.low <= self.ok <= 1, "low", f"from 0 up to ok ({self.ok})", self.low)
        require(0 <= self.ambiguous <= 1, "ambiguous", "in [0, 1]", self.ambiguous)
        require(self.reuse >= 0, "reuse", "0 or more", self.reuse)


@dataclass(frozen=True)
class AuditConfig:
    """Fonts held against what their outlines look like."""

    fonts: tuple[Path, ...]
    """Font files and folders."""
    checkpoint: Path
    out: Path | None = None
    """JSON-lines file, a finding a glyph."""
    sheet: Path | None = None
    """HTML file with the rasters."""
    rows: int = 20
    """Disagreements listed in the terminal."""
    sheet_rows: int = 300
    """Glyphs shown of each verdict in the HTML file."""
    alone: bool = False
    """Read each glyph by itself, as :class:`InferConfig`."""
    reuse: float = REUSE
    confirmed: Path | None = None
    """CSV of what people say some glyphs are, for a single font."""
    csv: Path | None = None
    """The findings as a table for spreadsheets."""
    tounicode: Path | None = None
    """``ToUnicode`` CMap to write, for a single font."""
    threshold: float = THRESHOLD
    """Probability from which the model is believed; below, only where the font says the same."""
    codes: str = ""
    """As :class:`InferConfig`."""
    face: int | None = None
    """As :class:`InferConfig`."""

    def __post_init__(self) -> None:
        _check_texts(self.codes, self.tounicode, self.face)
        require(0 <= self.threshold <= 1, "threshold", "in [0, 1]", self.threshold)
        require(self.rows >= 0, "rows", "0 or more", self.rows)
        require(self.sheet_rows > 0, "sheet_rows", "positive", self.sheet_rows)
        require(self.reuse >= 0, "reuse", "0 or more", self.reuse)


@dataclass(frozen=True)
class ReadConfig:
    """One face of a font, read into arrays."""

    font: Path
    checkpoint: Path
    out: Path
    """``.npz`` file to write."""
    face: int = 0
    """Of a collection, from 0."""
    threads: int = 0
    """CPU threads; 0 takes all cores."""
    seconds: int = 0
    """Processor time after which the process ends itself, for a file that is not trusted; 0 is no bound."""
    megabytes: int = 0
    """Memory that it may ask for; 0 is no bound."""

    def __post_init__(self) -> None:
        for name in ("face", "threads", "seconds", "megabytes"):
            require(getattr(self, name) >= 0, name, "0 or more", getattr(self, name))


@dataclass(frozen=True)
class BenchConfig:
    """Model files and fonts to time."""

    models: tuple[Path, ...]
    """Checkpoints and exports; stages are timed with the first."""
    fonts: tuple[Path, ...] = ()
    """None: three of the corpus."""
    out: Path | None = None
    """JSON file for everything."""
    repeat: int = 5
    """Runs, of which the fastest counts."""
    cache: Path = CACHE
    results: Path = CACHE / "results"
    """Folder of results, where the speed of a checkpoint is kept."""

    def __post_init__(self) -> None:
        require(bool(self.models), "models", "at least one file", self.models)
        require(self.repeat > 0, "repeat", "positive", self.repeat)
