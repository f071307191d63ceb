"""``glyphcore read``: predict one face of a font and write all predictions as arrays, for the app and for notebooks."""

from __future__ import annotations

from glyphcore.audit.font_predictions import FontReading, save
from glyphcore.audit.model_choice import read_font_by
from glyphcore.config import ReadConfig
from glyphcore.data.sources import SkippedInputs, read_sources
from glyphcore.errors import FontError
from glyphcore.progress import Progress, Silent
from glyphcore.runtime.limits import bound
from glyphcore.runtime.model_pair import Models


def run(config: ReadConfig, progress: Progress | None = None) -> tuple[FontReading, SkippedInputs]:
    """Predict a face and write ``config.out``; return the predictions and the skipped glyphs.

    Raises FontError when the file is not a font, has no such face, or needs more memory than allowed.
    """
    progress = progress or Silent()
    bound(config.seconds, config.megabytes)
    try:
        return _read(config, progress)
    except MemoryError as error:
        raise FontError(f"{config.font.name} needs more memory than the limit.", subject=config.font) from error


def _read(config: ReadConfig, progress: Progress) -> tuple[FontReading, SkippedInputs]:
    if config.font.is_dir():
        raise FontError(f"{config.font} is a folder, and one font is read.", subject=config.font, remedy="Name a file.")
    models = Models(config.checkpoint, threads=config.threads)
    skipped = SkippedInputs(progress.say)
    ((source, glyphs),) = read_sources([config.font], skipped, progress, only_fonts=True, face=config.face)
    reading = read_font_by(models, source, glyphs)
    save(reading, config.out)
    skipped.tell(progress)
    return reading, skipped
