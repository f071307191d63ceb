"""PDF files that commands are given, and what came of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glyphcore.config.pdf import PdfConfig
from glyphcore.errors import GlyphError, MissingExtraError, PdfError
from glyphcore.pdf.child import Child
from glyphcore.progress import Progress, counted


def pdf_files(paths: Sequence[Path]) -> list[Path]:
    """Files as they are named, and those in folders and the folders in them that end in ``.pdf``, sorted.

    Raises PdfError for a path that does not exist and a folder without any.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix.lower() == ".pdf" and file.is_file())
            if not inside:
                raise PdfError(f"{path} holds no .pdf file.", subject=path)
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise PdfError(f"{path} does not exist.", subject=path, remedy="Check the path.")
    return list(dict.fromkeys(found))


@dataclass
class Outcome:
    """What came of a run over files."""

    read: int = 0
    unread: int = 0
    lying: int = 0
    """Files with a font that lies."""
    partly: int = 0
    """Files of which a part is damaged and could not be read."""
    skipped: int = 0
    """Files whose result was there already."""


def each_file(
    config: PdfConfig, progress: Progress, do: Callable[[Child, Path], dict[str, Any] | None], outcome: Outcome
) -> Iterator[dict[str, Any]]:
    """Answers for all files in turn. ``do``: asks about one, None where there is nothing to do.

    A file that cannot be read is said and counted; it ends the rest only where it is the only one: then the error is
    raised.
    """
    files = pdf_files(config.inputs)
    with Child(config.checkpoint, config.seconds, config.megabytes) as child:
        for path in files if len(files) == 1 else progress.track(files, total=len(files), what="PDFs"):
            try:
                answer = do(child, path)
            except GlyphError as error:
                if len(files) == 1 or isinstance(error, MissingExtraError):
                    raise
                outcome.unread += 1
                progress.say(str(error))
                continue
            if answer is None:
                outcome.skipped += 1
                continue
            outcome.read += 1
            outcome.lying += bool(answer["lies"])
            outcome.partly += not answer["whole"]
            if answer["damage"]:
                progress.say(f"{path} is {answer['damage']}")
            for remark in answer.get("unheard", ()):
                progress.say(remark)
            yield answer
    if outcome.unread:
        progress.say(f"{outcome.unread:,} of {counted(len(files), 'file')} not read")
    if outcome.skipped:
        were = "was" if outcome.skipped == 1 else "were"
        progress.say(f"{counted(outcome.skipped, 'file')} {were} there already")
