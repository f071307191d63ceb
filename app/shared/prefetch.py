"""Prefetch pages and glyphs: the server sends each of them once, and the next one before the user requests it.

A component that turns a page sends the keys that its browser has cached. The server sends only the key of a cached
page. On a cache miss the client asks again with an empty list of keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

Prefetched = dict[str, Any]
PREVIEW = "/api/preview"
"""Path of the route that previews the result of a choice of filters; ``app/server.py`` serves it."""


def prefetch(keys: Sequence[str], component: str, load: Callable[[int], dict[str, Any]]) -> list[Prefetched]:
    """Return one entry for each of ``keys``, the shown page first; ``load`` returns the content for an index.

    A browser that sent no list of cached keys gets only the first entry, so that the user does not wait for more. The
    browser requests the rest when it is idle.
    """
    cached = st.session_state.get(_cached(component))
    if cached is None:
        return [{"key": keys[0], "content": load(0)}]
    return [{"key": key, "content": None if key in cached else load(i)} for i, key in enumerate(keys)]


def note_cached_keys(component: str, keys: object) -> None:
    """Store, before a run, the keys that the browser of ``component`` has cached; a malformed list counts as empty."""
    st.session_state[_cached(component)] = frozenset(map(str, keys)) if isinstance(keys, list) else frozenset()


def forget_cached_keys(component: str) -> None:
    """Drop the stored keys: the next run may meet a newly mounted component, whose cache is empty."""
    st.session_state.pop(_cached(component), None)


def _cached(component: str) -> str:
    return f"{component}_cached"
