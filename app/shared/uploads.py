"""Files that a user uploads: where they lie, named by their hash, and what is said of one that is not taken."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from glyphcore import config
from glyphcore.errors import GlyphError


def uploads() -> Path:
    """The folder of uploaded files."""
    return Path(os.environ.get("GLYPHCORE_UPLOADS", config.CACHE / "uploads"))


def take(widget: str, keep: Callable[[str, bytes], str], show: Callable[[str], None]) -> None:
    """Keep the file of the uploader ``widget`` and show it by its key; :func:`fault` says why one was refused."""
    st.session_state.pop(f"{widget}_fault", None)
    file = st.session_state[widget]
    if file is None:
        return
    try:
        show(keep(Path(file.name).name, file.getvalue()))
    except GlyphError as error:
        st.session_state[f"{widget}_fault"] = str(error)


def fault(widget: str) -> None:
    """Say under the uploader why its last file was refused."""
    if problem := st.session_state.get(f"{widget}_fault"):
        st.error(problem, icon=":material/error:")
