"""Values that were computed from results files, which are let go when a file is replaced or removed.

Their caches are keyed by the time of the file, so nobody sees an old value; but half a million glyphs keep 100 MB and
more until enough other values push them out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Cached = TypeVar("Cached", bound=Callable[..., Any])
_caches: list[Any] = []
_seen: dict[str, dict[str, int]] = {}
"""Folder → file → time of its last change, for complete results."""


def let_go_with_results(cached: Cached) -> Cached:
    """Decorate a function of ``st.cache_resource``: its values hold the columns of results, or tables made of them."""
    _caches.append(cached)
    return cached


def note(folder: str, complete: Mapping[str, int]) -> None:
    """Remember the complete results of a folder. If one that was there is gone or has another time, let go of all
    values: those of the other files are read again in a third of a second."""
    before = _seen.get(folder, {})
    _seen[folder] = dict(complete)
    if any(complete.get(path) != time for path, time in before.items()):
        for cached in _caches:
            cached.clear()
