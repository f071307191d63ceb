"""Works ahead of a loop: the next item is made while the current one is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterable[T]) -> Iterator[T]:
    """Yield the same items, made by another thread: always the same one, and one item before it is needed.

    That pays where numpy or a library works outside Python for most of the time. Errors come in the turn of their item.
    """
    remaining = iter(items)
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(lambda: list(islice(remaining, 1)))
        while item := following.result():
            following = pool.submit(lambda: list(islice(remaining, 1)))
            yield item[0]


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the items in lists of ``size``; the last list may be shorter."""
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk
