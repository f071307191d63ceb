"""Gives files to a cluster one by one and returns plain data in the order of the files; results are stored on disk.

A result is written when it arrives and read when its turn comes. So a slow file does not make other results wait in
memory, and a repeated command continues where a killed one stopped. The stored results are removed when all of them
have been read.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from glyphcore.cluster.engine import LOST, Lost, map_parts, version
from glyphcore.config import CACHE, model_path
from glyphcore.errors import ClusterError
from glyphcore.files import writing
from glyphcore.progress import Progress

FOLDER = CACHE / "cluster"
C = TypeVar("C")


@dataclass(frozen=True)
class Sent:
    """A file as it is sent to a worker."""

    path: Path
    """Its path here, which messages and answers name."""
    content: bytes | None
    """None for a file that vanished before it was sent: the job will say so."""
    more: tuple[Any, ...] = ()
    """Further arguments of the job."""


def content_of(path: Path, *more: Any) -> Sent:
    """Return a file to send. Raises ClusterError for a folder, and for a file that cannot be read."""
    if path.is_dir():
        raise ClusterError(
            f"{path} is a folder of rasters, and only files are sent.", subject=path, remedy="Leave out --send-files."
        )
    try:
        return Sent(path, path.read_bytes(), more)
    except FileNotFoundError:
        return Sent(path, None, more)
    except OSError as error:
        raise ClusterError(f"{path} cannot be read: {error.strerror}.", subject=path) from error


def on_copy(job: Callable[..., Any], sent: Sent) -> Any:
    """Return ``job(copy)`` for a copy in a temporary folder of a worker, or ``job(copy, more)`` where something was
    sent with the file; the result names the path of the file, not that of the copy."""
    with tempfile.TemporaryDirectory(prefix="glyphcore-") as folder:
        copy = Path(folder).resolve() / sent.path.name
        if sent.content is not None:
            copy.write_bytes(sent.content)
        result = json.dumps(job(copy, *sent.more), ensure_ascii=False)
    written, wanted = (json.dumps(str(path), ensure_ascii=False)[1:-1] for path in (copy, sent.path))
    return json.loads(result.replace(written, wanted))


def for_workers(config: C) -> C:
    """Return settings for workers: without a cluster, and with absolute paths where workers may have another working
    folder. Where files are sent, paths stay as they are: no worker opens them."""
    changes: dict[str, Any] = {"cluster": ""}
    if vars(config).get("send_files"):
        changes["send_files"] = False
    elif vars(config)["cluster"].startswith("tcp:"):
        for name, value in vars(config).items():
            if name == "checkpoint":
                changes[name] = model_path(value).absolute()
            elif isinstance(value, Path):
                changes[name] = value.absolute()
            elif isinstance(value, tuple) and value and isinstance(value[0], Path):
                changes[name] = tuple(path.absolute() for path in value)
    return replace(config, **changes)  # type: ignore[type-var]


def map_files(
    address: str, job: Callable[[Path], Any], files: Sequence[Path], progress: Progress, *, what: str, about: object,
    holds: Callable[[Path], bool] = lambda _: True, sent: Callable[[Path], Sent] | None = None,
) -> Iterator[tuple[Path, Any | Lost]]:  # fmt: skip
    """Yield ``(file, job(file))`` in order; :data:`LOST` for a file that no worker survives.

    ``job`` returns data that JSON can hold. ``about`` is everything besides the files that the results depend on. Its
    ``repr`` and the size and time of each file decide which stored results are still valid; ``holds`` may reject a
    stored result. With ``sent`` the workers get the content of the files (:func:`on_copy`). Raises the errors of
    :func:`glyphcore.cluster.engine.map_parts`.
    """
    folder = FOLDER / _digest(version(), about)
    kept = {file: folder / f"{_digest(*stamp(file))}.json" for file in files}
    left = [file for file, result in kept.items() if not (result.exists() and holds(file))]
    if there := len(kept) - len(left):
        progress.say(f"{there:,} of {len(kept):,} {what} exist already", there=there)
    lost: set[Path] = set()
    ready = job if sent is None else partial(on_copy, job)
    done = map_parts(address, ready, left, progress, what=what, sent=sent)
    pending = set(left)
    for file in files:
        while file in pending:
            got, result = next(done)
            pending.remove(got)
            if isinstance(result, Lost):
                lost.add(got)
            else:
                with writing(kept[got]) as out:
                    json.dump(result, out, ensure_ascii=False)
        yield file, LOST if file in lost else json.loads(kept[file].read_text(encoding="utf-8"))
    next(done, None)  # ends the progress bar and the cluster
    if not lost:
        shutil.rmtree(folder, ignore_errors=True)


def stamp(file: Path) -> tuple[str, int, int]:
    """Return what identifies an unchanged file: path, size, time."""
    found = file.stat()
    return str(file), found.st_size, found.st_mtime_ns


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]
