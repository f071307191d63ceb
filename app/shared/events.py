"""Events of components in the browser, on their way to the functions that handle them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.shared import address


def on_event(key: str, event: str, action: Callable[[Any], object]) -> Callable[[], None]:
    """The callback for ``event`` of the component ``key``: ``action`` gets the event's value before the run.

    The user may leave a page while an event is on its way. The event is dropped then. An event that must not get lost
    is sent again until the server acknowledges it (``pendingEdits`` in ``common.js``).
    """

    def callback() -> None:
        if key in st.session_state:
            sent = st.session_state[key][event] or {}
            address.reconcile(sent)
            action(sent.get("value"))

    return callback


def event_value(sent: Any) -> Any:
    """The value of a message that a run reads for itself; None where nothing was sent."""
    return (sent or {}).get("value")
