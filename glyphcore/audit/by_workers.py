"""Inputs of ``infer`` and ``audit`` that are read by workers of a cluster, or several at a time by threads of this
process.

A worker reports rows, messages and skipped inputs. They are repeated in the order of the inputs, so that nobody sees
who read them.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

from glyphcore.cluster.engine import Lost
from glyphcore.cluster.files import content_of, map_files
from glyphcore.data.sources import SkippedInputs
from glyphcore.errors import GlyphError
from glyphcore.progress import Progress, Recorded

T = TypeVar("T")
Rows = list[Any]
"""Rows; JSON can hold those of workers."""


class Stopped(Exception):
    """Raised in a thread whose rows nobody waits for any more."""


class Stoppable(Recorded):
    """Records messages, and ends its work at the next glyph after ``stop`` was set."""

    def __init__(self, stop: Event) -> None:
        super().__init__()
        self._stop = stop

    def track(self, items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        for item in items:
            if self._stop.is_set():
                raise Stopped
            yield item


def reported(read: Callable[[Rows, SkippedInputs, Progress], None], progress: Recorded | None = None) -> dict[str, Any]:
    """Return the report of a worker on an input: the rows that ``read`` adds, its messages and what it skipped."""
    progress, rows = progress or Recorded(), Rows()
    skipped = SkippedInputs(progress.say)
    try:
        read(rows, skipped, progress)
    except GlyphError as error:
        skipped.unread(error)
    return {"rows": rows, "said": progress.said, "skipped": [skipped.empty, skipped.broken, skipped.unreadable]}


def rows_by_workers(
    address: str, job: Callable[[Path], dict[str, Any]], inputs: Sequence[Path], skipped: SkippedInputs,
    progress: Progress, *, about: object, send: bool = False,
) -> Iterator[tuple[Path, Rows]]:  # fmt: skip
    """Yield each input with its rows, in order, after repeating the messages about it. ``job`` returns a report of
    :func:`reported`. With ``send`` the workers get the content of the inputs.

    Raises the errors of :func:`glyphcore.cluster.engine.map_parts`. An input that ended its workers counts as
    unreadable.
    """
    sent = content_of if send else None
    if send:  # a file that cannot be opened here must not end the others
        closed = [path for path in inputs if not os.access(path, os.R_OK)]
        for path in closed:
            skipped.unread(GlyphError(f"{path} cannot be read.", subject=path, remedy="Check its permissions."))
        inputs = [path for path in inputs if path not in closed]
    for path, report in map_files(address, job, inputs, progress, what="inputs", about=about, sent=sent):
        if isinstance(report, Lost):
            skipped.unread(GlyphError(f"Each worker that read {path} crashed.", subject=path))
            continue
        yield path, _rows(report, skipped, progress)


def rows_by_threads(
    job: Callable[[Path, Recorded], dict[str, Any]], inputs: Sequence[Path], skipped: SkippedInputs,
    progress: Progress, *, threads: int,
) -> Iterator[tuple[Path, Rows]]:  # fmt: skip
    """Yield the same, read by threads of this process: while the model runs for one font, Python does the rest of
    another. At most one font more than there are threads is read before its turn. When the rows are no longer asked for
    (Ctrl-C), threads end at their next glyphs. ``job`` gets the progress for :func:`reported`."""
    waiting: deque[Future[dict[str, Any]]] = deque()
    pool, stop = ThreadPoolExecutor(threads), Event()
    try:
        remaining = iter(inputs)
        waiting.extend(pool.submit(job, path, Stoppable(stop)) for path in islice(remaining, threads + 1))
        for path in progress.track(inputs, total=len(inputs), what="inputs"):
            report = waiting.popleft().result()
            waiting.extend(pool.submit(job, following, Stoppable(stop)) for following in islice(remaining, 1))
            yield path, _rows(report, skipped, progress)
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _rows(report: dict[str, Any], skipped: SkippedInputs, progress: Progress) -> Rows:
    """Repeat what a worker reported; return its rows."""
    for line, numbers in report["said"]:
        progress.say(line, **numbers)
    skipped.add(*report["skipped"])
    return report["rows"]
