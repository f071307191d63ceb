"""The speed of a checkpoint, measured by ``glyphcore bench``: one small file per checkpoint, beside the results.

A speed depends on the machine as much as on the model. So it is stored with processor, cores, font and load, and two
speeds are compared only when these agree.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from glyphcore.files import CORRUPT_FILE_ERRORS, writing


@dataclass(frozen=True)
class Speed:
    """One measurement."""

    rate: float
    """Glyphs per second, rasters → labels, float32, the fastest of ``repeat`` runs."""
    glyphs: int
    """Number of glyphs in each run."""
    font: str
    """Font file of these glyphs."""
    repeat: int
    processor: str
    cores: int
    busy: float | None
    """Load average of the last minute before the run, all cores together; None where the system does not give it."""
    when: str
    """Date, ``2026-01-31``."""

    @property
    def machine(self) -> str:
        """The conditions that two speeds must share to be compared."""
        return f"{self.cores} cores of {self.processor}, {self.font}, {self.glyphs:,} glyphs"

    def words(self) -> str:
        """Return the conditions in one line."""
        load = "" if self.busy is None else f", load average {self.busy:.1f} before"
        how = f"rasters to labels in float32, best of {self.repeat}{load}"
        return f"glyphcore bench, {self.when}: {self.machine}, {how}"


def speed_path(folder: Path, checkpoint: str, fingerprint: str) -> Path:
    """Return the path of the speed file of a checkpoint, by its name and fingerprint."""
    return folder / f"{checkpoint}-{fingerprint}.speed.json"


def read_speed(folder: Path, checkpoint: str, fingerprint: str) -> Speed | None:
    """Return the speed of a checkpoint; None where it was not measured, or where the file has another format."""
    try:
        return Speed(**json.loads(speed_path(folder, checkpoint, fingerprint).read_text(encoding="utf-8")))
    except CORRUPT_FILE_ERRORS:
        return None


def write_speed(folder: Path, checkpoint: str, fingerprint: str, speed: Speed) -> None:
    """Store a speed; an earlier one is replaced."""
    with writing(speed_path(folder, checkpoint, fingerprint)) as out:
        out.write(json.dumps(asdict(speed), indent=1) + "\n")
