"""Settings of the commands that read PDFs: ``pdf inspect``, ``pdf repair``, ``pdf text``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glyphcore.config.base import AUTO, SHIPPED, require, require_cluster, require_sendable
from glyphcore.errors import ConfigError

EXPORTED_MODEL = SHIPPED / "checkpoints" / "mixer-geometry.reader"
SECONDS = 300
MEGABYTES = 4000
LEAST_MEGABYTES = 800
"""Memory limit below which the program itself may not fit: it takes some 600."""


@dataclass(frozen=True)
class PdfConfig:
    """PDFs to read, each in a process with limits."""

    inputs: tuple[Path, ...]
    """PDF files and folders of them."""
    checkpoint: Path = AUTO
    """Checkpoint or its export (.reader), or a name: wide or auto. auto is mixer-geometry, and wide for files with
    scripts that mixer-geometry does not know."""
    password: str = ""
    """Password of encrypted files."""
    seconds: int = SECONDS
    """Limit of processor time for each file, in seconds."""
    megabytes: int = MEGABYTES
    """Memory limit of the process that reads a file, in megabytes."""
    cluster: str = ""
    """Hand files to workers: local:N for N processes, or the tcp://HOST:PORT of a Dask scheduler whose workers see the
    same files; needs [cluster]."""
    send_files: bool = False
    """Send the files to the workers and fetch what they write: no shared folder is needed. The model must be one that
    ships."""

    def __post_init__(self) -> None:
        require(bool(self.inputs), "inputs", "at least one file", self.inputs)
        require(self.seconds > 0, "seconds", "positive", self.seconds)
        require(self.megabytes >= LEAST_MEGABYTES, "megabytes", f"at least {LEAST_MEGABYTES}", self.megabytes)
        require_cluster(self.cluster)
        require_sendable(self.send_files, self.cluster, self.checkpoint)


@dataclass(frozen=True)
class PdfInspectConfig(PdfConfig):
    """Settings of the verdicts on fonts."""

    json: bool = False
    """Print one JSON line for each file, with its pages, instead of one line for each font."""


@dataclass(frozen=True)
class PdfReadConfig(PdfConfig):
    """Settings of the conversion of glyphs to text; ``pdf text`` needs no others."""

    language: str = "auto"
    """Languages of the text: auto (all languages with a word list), none, or some of them (fa,en)."""
    every: bool = False
    """Read all fonts again, also fonts with correct text."""
    confirmed: Path | None = None
    """CSV of corrections: the characters of some glyphs."""
    unsure: str = "guess"
    """Text of a glyph that was read with low confidence: guess, drop (no text) or mark (U+FFFD)."""
    out: Path | None = None
    """File or folder to write."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.unsure in ("guess", "drop", "mark"), "unsure", "guess, drop or mark", self.unsure)


@dataclass(frozen=True)
class PdfRepairConfig(PdfReadConfig):
    """PDFs whose lying fonts get the text that they show."""

    ligatures: str = "presentation"
    """How an Arabic ligature is spelled: one ``presentation`` form, or its letters in ``logical`` order."""
    report: Path | None = None
    """JSON file: fonts, and every glyph with its candidates."""
    sheet: Path | None = None
    """HTML file with pictures of the glyphs."""
    signed: bool = False
    """Write signed files too; their signatures are then broken."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.out is None:
            raise ConfigError(
                "The repaired copy needs a name: --out FILE, or a folder for several files.", subject="out"
            )
        wishes = ("presentation", "logical")
        require(self.ligatures in wishes, "ligatures", "presentation or logical", self.ligatures)
