"""PDF files given to commands, and the outcome of each."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from glyphcore.cluster.engine import Lost
from glyphcore.cluster.files import Sent, content_of, for_workers, map_files, stamp
from glyphcore.config.base import model_path
from glyphcore.config.pdf import PdfConfig
from glyphcore.errors import GlyphError, MissingExtraError, PasswordError, PdfError
from glyphcore.files import replacing
from glyphcore.pdf.child import Child
from glyphcore.progress import Progress, counted


def pdf_files(paths: Sequence[Path]) -> list[Path]:
    """Return the given files, and all files in the given folders and their subfolders that end in ``.pdf``, sorted.

    Raises PdfError for a path that does not exist and for a folder without PDF files.
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
    """Counts of a run over files."""

    read: int = 0
    unread: int = 0
    lying: int = 0
    """Files with a font that lies."""
    partly: int = 0
    """Files that are damaged in part; that part could not be read."""
    skipped: int = 0
    """Files whose result existed already."""


Request = dict[str, Any]
"""A request about a file: ``do``, and its options (:mod:`glyphcore.pdf.answers`)."""


def each_file(
    config: PdfConfig, progress: Progress, request: Callable[[Path], Request | None], outcome: Outcome,
    holds: Callable[[Path], bool] = lambda _: True,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield the answers for all files in turn.

    ``request`` returns the request for a file, or None where there is nothing to do. With a cluster it is pickled and
    called by the workers. ``holds`` tells whether an answer from an interrupted run is still valid.

    A file that cannot be read is reported and counted, and the run goes on. If it is the only file, the error is
    raised.
    """
    files = pdf_files(config.inputs)
    answers = _by_workers(config, files, progress, request, holds) if config.cluster else _here(
        config, files, progress, request)  # fmt: skip
    for path, answer in answers:
        if isinstance(answer, GlyphError):
            if len(files) == 1 or isinstance(answer, MissingExtraError):
                raise answer
            outcome.unread += 1
            progress.say(str(answer))
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
        progress.say(f"{counted(outcome.skipped, 'file')} existed already")


def _here(
    config: PdfConfig, files: Sequence[Path], progress: Progress, request: Callable[[Path], Request | None]
) -> Iterator[tuple[Path, dict[str, Any] | GlyphError | None]]:
    with Child(config.checkpoint, config.seconds, config.megabytes) as child:
        for path in files if len(files) == 1 else progress.track(files, total=len(files), what="PDFs"):
            try:
                wanted = request(path)
                answer: dict[str, Any] | GlyphError | None = child.ask(path=path, **wanted) if wanted else None
            except GlyphError as error:
                answer = error
            yield path, answer


def _by_workers(
    config: PdfConfig,
    files: Sequence[Path],
    progress: Progress,
    request: Callable[[Path], Request | None],
    holds: Callable[[Path], bool],
) -> Iterator[tuple[Path, dict[str, Any] | GlyphError | None]]:
    seen = for_workers(config)
    if config.cluster.startswith("tcp:") and not config.send_files:
        files = [path.absolute() for path in files]
    settings = seen.checkpoint, config.seconds, config.megabytes
    sent: Callable[[Path], Sent] | None = None
    job: Callable[[Any], dict[str, Any] | None] = partial(_asked, *settings, request)
    if config.send_files:
        job, sent = partial(_asked_by_value, *settings), partial(_sent, request)
    about = type(config).__name__, replace(seen, inputs=(Path(),)), stamp(model_path(config.checkpoint))
    for path, found in map_files(
        config.cluster, job, files, progress, what="PDFs", about=about, holds=holds, sent=sent
    ):
        if found and not isinstance(found, Lost) and (copy := found.pop("copy", None)):
            _write(request(path), copy)
        if isinstance(found, Lost):
            yield path, PdfError(f"Each worker that read {path} crashed.", subject=path)
        elif found and "error" in found:
            kind = PasswordError if found["password"] else PdfError
            yield path, kind(found["error"], subject=path, remedy=found["remedy"])
        else:
            yield path, found


def _sent(request: Callable[[Path], Request | None], path: Path) -> Sent:
    """Return a file to send, with its request; a worker has no folder in which it could look for existing copies."""
    try:
        wanted = request(path)
        return content_of(path, wanted) if wanted else Sent(path, b"", (None,))
    except GlyphError as error:
        return Sent(path, b"", (_told(error),))


def _write(request: Request | None, copy: str) -> None:
    """Write the copy that a worker has sent back; without a request it exists already, from an interrupted run."""
    if request is None:
        return
    target = Path(request["out"])
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as temporary:
        temporary.write_bytes(base64.b64decode(copy))


_children = threading.local()
"""One child process per thread of a worker; it ends with the worker."""


def _asked(
    checkpoint: Path, seconds: int, megabytes: int, request: Callable[[Path], Request | None], path: Path
) -> dict[str, Any] | None:
    """Process one file in a worker: return the answer, a description of the fault, or None where there was nothing to
    do."""
    settings = checkpoint, seconds, megabytes
    if getattr(_children, "settings", None) != settings:
        _children.settings, _children.child = settings, Child(*settings)
    try:
        wanted = request(path)
        return _children.child.ask(path=path, **wanted) if wanted else None
    except MissingExtraError:
        raise
    except GlyphError as error:
        return _told(error)


def _asked_by_value(checkpoint: Path, seconds: int, megabytes: int, path: Path, wanted: Request | None) -> Any:
    """Do the same for a file that was sent, with the request that came with it; the answer has the repaired copy."""
    if wanted is None or "error" in wanted:
        return wanted
    made = path.parent / "repaired" / path.name
    answer = _asked(
        checkpoint, seconds, megabytes, lambda _: wanted | ({"out": str(made)} if "out" in wanted else {}), path
    )
    if answer is not None and made.exists():
        answer["copy"] = base64.b64encode(made.read_bytes()).decode()
        answer["out"] = wanted["out"]
    return answer


def _told(error: GlyphError) -> dict[str, Any]:
    """Return an error as plain data."""
    return {"error": error.problem, "remedy": error.remedy, "password": isinstance(error, PasswordError)}
