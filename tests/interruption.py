"""Progress for tests: an interruption after some work, as by Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from glyphcore.progress import Silent, T


class StopsAfter(Silent):
    """Progress that is interrupted after ``items`` items; 0 interrupts at the first one."""

    def __init__(self, items: int) -> None:
        self.left = items

    def track(self, items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        for item in items:
            if self.left == 0:
                raise KeyboardInterrupt
            self.left -= 1
            yield item
