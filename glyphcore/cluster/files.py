"""Gives files to a cluster one by one and returns plain data in the order of the files; results are stored on disk.

A result is written when it arrives and read when its turn comes. So a slow file does not make other results wait in
memory, and a repeated command continues where a killed one stopped. The stored results are removed when all of them
have been read.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from glyphcore.cluster.engine import LOST, Lost, map_parts, version
from glyphcore.config import CACHE, model_path
from glyphcore.files import writing
from glyphcore.progress import Progress

FOLDER = CACHE / "cluster"
C = TypeVar("C")


def for_workers(config: C) -> C:
    """Return settings for workers: without a cluster, and with absolute paths where workers may have another working
    folder."""
    changes: dict[str, Any] = {"cluster": ""}
    if vars(config)["cluster"].startswith("tcp:"):
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
    holds: Callable[[Path], bool] = lambda _: True,
) -> Iterator[tuple[Path, Any | Lost]]:  # fmt: skip
    """Yield ``(file, job(file))`` in order; :data:`LOST` for a file that no worker survives.

    ``job`` returns data that JSON can hold. ``about`` is everything besides the files that the results depend on. Its
    ``repr`` and the size and time of each file decide which stored results are still valid; ``holds`` may reject a
    stored result. Raises the errors of :func:`glyphcore.cluster.engine.map_parts`.
    """
    folder = FOLDER / _digest(version(), about)
    kept = {file: folder / f"{_digest(*stamp(file))}.json" for file in files}
    left = [file for file, result in kept.items() if not (result.exists() and holds(file))]
    if there := len(kept) - len(left):
        progress.say(f"{there:,} of {len(kept):,} {what} exist already", there=there)
    lost: set[Path] = set()
    done = map_parts(address, job, left, progress, what=what)
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
