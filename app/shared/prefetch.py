"""Pages and glyphs on their way to a browser: each is sent whole once, the next ones ahead of their being asked for.

A component that goes on says which keys it holds. What it holds is only named to it; what it turns out to have lost
it asks for again, holding nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

Parcel = dict[str, Any]


def parcels(keys: Sequence[str], component: str, whole: Callable[[int], dict[str, Any]]) -> list[Parcel]:
    """What is to be known under each of ``keys``, the one on show first; ``whole`` makes the one of a place in them.

    A browser that did not say what it holds gets that alone, so that nobody waits for more, and asks for the rest when
    it is idle.
    """
    held = st.session_state.get(_held(component))
    if held is None:
        return [{"key": keys[0], "whole": whole(0)}]
    return [{"key": key, "whole": None if key in held else whole(i)} for i, key in enumerate(keys)]


def holds(component: str, keys: object) -> None:
    """Note, before a run, which keys the browser of ``component`` holds; nonsense counts as none."""
    st.session_state[_held(component)] = frozenset(map(str, keys)) if isinstance(keys, list) else frozenset()


def sent(component: str) -> None:
    """Forget it: another run may meet a component that was mounted anew and holds nothing."""
    st.session_state.pop(_held(component), None)


def _held(component: str) -> str:
    return f"{component}_held"
