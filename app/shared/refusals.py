"""Messages about refused input: each request for something that does not exist is ignored and reported in one line."""

from __future__ import annotations

import streamlit as st

SECONDS = 30
"""Time for which a message stays: whoever opens a link looks at the page first."""


def refuse(line: str) -> None:
    """Show a message on the page that something was left out; ``line`` says what, without a full stop."""
    st.toast(f"{line}.", icon=":material/block:", duration=SECONDS)
