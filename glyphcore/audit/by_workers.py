"""Inputs of ``infer`` and ``audit`` that workers of a cluster read, with all messages and skipped inputs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from glyphcore.cluster.engine import Lost
from glyphcore.cluster.files import content_of, map_files
from glyphcore.data.sources import SkippedInputs
from glyphcore.errors import GlyphError
from glyphcore.progress import Progress, Recorded

Rows = list[Any]
"""Rows that JSON can hold."""


def reported(read: Callable[[Rows, SkippedInputs, Progress], None]) -> dict[str, Any]:
    """Return the report of a worker on an input: the rows that ``read`` adds, its messages and what it skipped."""
    progress, rows = Recorded(), Rows()
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
        for line, numbers in report["said"]:
            progress.say(line, **numbers)
        skipped.add(*report["skipped"])
        yield path, report["rows"]
