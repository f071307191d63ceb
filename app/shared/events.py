"""What a component in the browser sends, on its way to who asked for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.shared import address


def heard(key: str, what: str, act: Callable[[Any], object]) -> Callable[[], None]:
    """The callback for ``what`` of the component ``key``: ``act`` gets what was sent, before the run.

    A page may be left while something is on its way. Then nothing happens, for what it was about is gone; what must not
    get lost is sent until it is acknowledged (``unsent`` in ``common.js``).
    """

    def call() -> None:
        if key in st.session_state:
            sent = st.session_state[key][what] or {}
            address.settle(sent)
            act(sent.get("value"))

    return call


def said(sent: Any) -> Any:
    """The value of a message that a run reads for itself; None where nothing was sent."""
    return (sent or {}).get("value")
