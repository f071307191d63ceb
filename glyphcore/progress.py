"""How long work shows itself: one small protocol, so that a job can report to a terminal, to the app, or to nobody."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """What a job may say while it runs."""

    def track(self, items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        """Yield ``items`` unchanged; show ``what``, how many of ``total``, the rate and the expected end."""
        ...

    def say(self, line: str) -> None:
        """One line that stays: a count, a warning, a result's place."""
        ...


class Silent:
    """Says nothing; the default of every job."""

    def track(self, items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        yield from items

    def say(self, line: str) -> None:
        pass


class Terminal:
    """A bar on stderr (stdout stays free for data); plain lines when stderr is not a terminal, every ten seconds or as
    often as ``GLYPHCORE_PROGRESS`` says."""

    def track(self, items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        from tqdm import tqdm

        interval = 0.1 if sys.stderr.isatty() else float(os.environ.get("GLYPHCORE_PROGRESS", 10))
        yield from tqdm(items, total=total, desc=what, mininterval=interval, dynamic_ncols=True, file=sys.stderr)

    def say(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)


class Callback:
    """Hands ``(what, done, total)`` to a function; the app draws its own bar from it."""

    def __init__(self, update: Callable[[str, int, int], None]) -> None:
        self._update = update

    def track(self, items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        for done, item in enumerate(items):
            self._update(what, done, total)
            yield item
        self._update(what, total, total)

    def say(self, line: str) -> None:
        self._update(line, 0, 0)
