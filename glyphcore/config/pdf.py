"""Settings of the commands that read PDFs: ``pdf inspect``, ``pdf repair``, ``pdf text``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glyphcore.config.base import AUTO, SHIPPED, require, require_cluster

EXPORTED_MODEL = SHIPPED / "checkpoints" / "mixer-geometry.reader"
SECONDS = 300
MEGABYTES = 4000


@dataclass(frozen=True)
class PdfConfig:
    """PDFs to read, each in a process with limits."""

    inputs: tuple[Path, ...]
    """PDF files and folders of them."""
    checkpoint: Path = AUTO
    """Checkpoint or export (``.reader``), or a name: wide, or auto, which is mixer-geometry and for files of scripts
    that it does not know wide."""
    password: str = ""
    """Of encrypted files."""
    seconds: int = SECONDS
    """Processor time that a file may take."""
    megabytes: int = MEGABYTES
    """Memory that the process that reads may ask for."""
    cluster: str = ""
    """Hand files to workers: local:N for N processes, or the tcp://HOST:PORT of a Dask scheduler whose workers see the
    same files; needs [cluster]."""

    def __post_init__(self) -> None:
        require(bool(self.inputs), "inputs", "at least one file", self.inputs)
        require(self.seconds > 0, "seconds", "positive", self.seconds)
        require(self.megabytes > 0, "megabytes", "positive", self.megabytes)
        require_cluster(self.cluster)


@dataclass(frozen=True)
class PdfInspectConfig(PdfConfig):
    """Settings of the verdicts on fonts."""

    json: bool = False
    """One JSON line a file, with pages, instead of a line a font."""


@dataclass(frozen=True)
class PdfReadConfig(PdfConfig):
    """Settings of the conversion of glyphs to text; ``pdf text`` needs no others."""

    language: str = "auto"
    """Languages that the text may be in: ``auto`` for all that there are words of, ``none``, or some (``fa,en``)."""
    every: bool = False
    """Read all fonts anew, also those that are right."""
    confirmed: Path | None = None
    """CSV of what people say some glyphs are."""
    unsure: str = "guess"
    """What a glyph becomes that was not read surely: ``guess``, ``drop`` (no text) or ``mark`` (U+FFFD)."""
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
    """HTML file with the glyphs as they look."""
    signed: bool = False
    """Write signed files too; their signatures are then broken."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.out is not None, "out", "a file, or a folder for several", self.out)
        wishes = ("presentation", "logical")
        require(self.ligatures in wishes, "ligatures", "presentation or logical", self.ligatures)
