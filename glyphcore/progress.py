"""Progress of long work: a small protocol, so that a job can report to a terminal, to a program, or to nobody.

With ``GLYPHCORE_PROGRESS=json`` a command writes progress and remarks as JSON, one object per line of standard error
(:class:`JsonLines`), which :mod:`glyphcore.background` reads.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


def counted(n: int, what: str) -> str:
    """Return a number and its unit, such as ``1 glyph`` or ``2,000 glyphs``."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


class Progress(Protocol):
    """The protocol through which a job reports while it runs."""

    def track(self, items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        """Yield ``items`` unchanged; show ``what``, the number done of ``total``, the rate and the expected end."""
        ...

    def say(self, line: str, **numbers: int) -> None:
        """Print one line that stays: a count, a warning, the path of a result; ``numbers`` are the numbers in it, for
        programs."""
        ...


class Silent:
    """Prints nothing; the default of every job."""

    def track(self, items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        yield from items

    def say(self, line: str, **numbers: int) -> None:
        pass


class Recorded(Silent):
    """Records messages as plain data, so that another process can print them."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, int]]] = []

    def say(self, line: str, **numbers: int) -> None:
        self.said.append((line, numbers))


class Terminal:
    """Shows a progress bar on stderr (stdout stays free for data). When stderr is not a terminal, it prints plain lines
    every ten seconds or as often as ``GLYPHCORE_PROGRESS`` says. Work of less than a second shows no bar."""

    def track(self, items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        start, done, items = time.monotonic(), 0, iter(items)
        for item in items:
            yield item
            done += 1
            if time.monotonic() - start > 1:
                break
        else:
            return
        from tqdm import tqdm  # its import takes a tenth of the time of a small font

        interval = 0.1 if sys.stderr.isatty() else float(os.environ.get("GLYPHCORE_PROGRESS", 10))
        yield from tqdm(
            items, initial=done, total=total, desc=what, mininterval=interval, dynamic_ncols=True, file=sys.stderr
        )

    def say(self, line: str, **numbers: int) -> None:
        print(line, file=sys.stderr, flush=True)


class JsonLines:
    """Writes one object per line on stderr: ``{"what": "glyphs", "done": 512, "total": 3000}`` five times per second
    and at the end, ``{"say": "6 glyphs without an area skipped", "empty": 6}``, and ``{"error": "…"}`` last if the job
    failed."""

    INTERVAL = 0.2

    def track(self, items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        done, due = 0, 0.0
        for done, item in enumerate(items):
            if (now := time.monotonic()) >= due:
                self._write(what=what, done=done, total=total)
                due = now + self.INTERVAL
            yield item
        self._write(what=what, done=total, total=total)

    def say(self, line: str, **numbers: int) -> None:
        self._write(say=line, **numbers)

    def fail(self, error: str) -> None:
        """Write the error line that a user would read."""
        self._write(error=error)

    def _write(self, **fields: str | int) -> None:
        print(json.dumps(fields, ensure_ascii=False), file=sys.stderr, flush=True)


def chosen(*, quiet: bool) -> Progress:
    """Return the progress of a command line: silent, for a program, or for the terminal."""
    if quiet:
        return Silent()
    return JsonLines() if os.environ.get("GLYPHCORE_PROGRESS") == "json" else Terminal()


class Callback:
    """Passes ``(what, done, total)`` to a function; the app draws its own progress bar from it."""

    def __init__(self, update: Callable[[str, int, int], None]) -> None:
        self._update = update

    def track(self, items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        for done, item in enumerate(items):
            self._update(what, done, total)
            yield item
        self._update(what, total, total)

    def say(self, line: str, **numbers: int) -> None:
        self._update(line, 0, 0)
