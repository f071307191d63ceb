"""Chooser of results files. Every page uses the same titles, and each file has its own title."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import streamlit as st

from app.shared import address
from app.shared.choices import Choice, choices
from glyphcore.results.store import ResultsFile


def titles(files: Sequence[ResultsFile], *, database: bool = True) -> dict[str, str]:
    """Return the titles of all finished files: file name → checkpoint (and database).

    If two files would get the same title (a checkpoint before and after more training), a part of the checkpoint's
    fingerprint is added.
    """
    finished = [file for file in files if file.complete]
    plain = [f"{file.checkpoint}  ·  {Path(file.dataset).name}" if database else file.checkpoint for file in finished]
    count = Counter(plain)
    return {
        file.path.name: title if count[title] == 1 else f"{title}  ·  {fingerprint(file.path.name)}"
        for file, title in zip(finished, plain, strict=True)
    }


def fingerprint(name: str) -> str:
    """Return the last digits of the checkpoint's fingerprint in a results file's name; without one, the whole name."""
    parts = name.removesuffix(".db").rsplit("-", 2)
    return parts[1][-6:] if len(parts) == 3 else name


def results_chooser(
    files: Sequence[ResultsFile], current: ResultsFile, on_choose: Callable[[str], None], *, key: str,
    layout: Literal["panel", "line"] = "line",
) -> None:  # fmt: skip
    """Let the user choose among several results; name a single one. ``on_choose`` gets a file name, before the run.

    If the chooser is in a fragment, the fragment would continue with its old results, so the whole page is run.
    """
    names, noted = titles(files), f"{key}_chosen"
    if len(names) < 2:
        st.caption(names.get(current.path.name, current.path.name))
        return

    def chosen(changes: dict[str, tuple[str, ...]]) -> None:
        (name,) = changes["results"]
        st.session_state[noted] = name
        on_choose(name)

    choice = Choice("results", "Results", names, (current.path.name,))
    choices([choice], key=key, on_choose=chosen, label="Results", layout=layout)
    if st.session_state.pop(noted, current.path.name) != current.path.name:
        address.rerun()
