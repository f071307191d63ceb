"""Uploaded files: their folder, their names (a hash), and the message about a refused file."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from glyphcore import config
from glyphcore.errors import GlyphError


def uploads() -> Path:
    """Return the folder of uploaded files."""
    return Path(os.environ.get("GLYPHCORE_UPLOADS", config.CACHE / "uploads"))


def uploader(
    label: str, kinds: str | Sequence[str], *, key: str, keep: Callable[[str, bytes], str],
    show: Callable[[str], None], largest: int,
) -> None:  # fmt: skip
    """Ask for a file of up to ``largest`` megabytes, keep the file and show it by its key; report a refused file.

    The page that shows the file prints its name. The uploader forgets the name of the file. Otherwise it would still
    show that name after the user has gone back to another file.
    """
    widget = f"{key}_{st.session_state.get(f'{key}_taken', 0)}"
    st.file_uploader(
        label, kinds, key=widget, on_change=_take, args=(key, widget, keep, show), max_upload_size=largest,
        help=f"Up to {largest} MB. It stays on this server; nothing is sent elsewhere.",
    )  # fmt: skip
    if problem := st.session_state.get(f"{key}_fault"):
        st.error(problem, icon=":material/error:")


def _take(key: str, widget: str, keep: Callable[[str, bytes], str], show: Callable[[str], None]) -> None:
    st.session_state.pop(f"{key}_fault", None)
    file = st.session_state[widget]
    if file is None:
        return
    st.session_state[f"{key}_taken"] = st.session_state.get(f"{key}_taken", 0) + 1
    try:
        show(keep(Path(file.name).name, file.getvalue()))
    except GlyphError as error:
        st.session_state[f"{key}_fault"] = str(error)
