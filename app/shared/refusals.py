"""What was asked for and does not exist is left out and said in one line, wherever in the app it is noticed."""

from __future__ import annotations

import streamlit as st


def refuse(line: str) -> None:
    """Say that something was left out, over the page that shows; ``line`` says what, without a full stop."""
    st.toast(f"{line}.", icon=":material/block:", duration="long")
