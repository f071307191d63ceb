"""Events from components in the browser, passed to the functions that handle them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.shared import address


def on_event(key: str, event: str, action: Callable[[Any], object]) -> Callable[[], None]:
    """Return the callback for ``event`` of the component ``key``: ``action`` gets the event's value before the run.

    The user may leave a page while an event is on its way. Then the event is dropped. The browser resends an event
    that must not get lost until the server acknowledges it (``pendingEdits`` in ``common.js``).
    """

    def callback() -> None:
        if key in st.session_state:
            sent = st.session_state[key][event] or {}
            address.reconcile(sent)
            action(sent.get("value"))

    return callback


def event_value(sent: Any) -> Any:
    """Return the value of a message that a run reads directly; None if no message was sent."""
    return (sent or {}).get("value")
