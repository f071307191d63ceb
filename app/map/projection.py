"""The map is not computed yet: say so, and offer to lay it out in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import streamlit as st

from app.shared.evaluations import ROOT
from app.shared.naming import near

BAR = re.compile(r"([\w ]+):\s+\d+%\D[^\r\n]*?(\d+)/(\d+) \[[^<\]]*<([\d:?]+)")
"""A line of progress: what, how many, of how many, and how long it still takes."""
LAST = 4000
"""Bytes of what it said that are looked at."""


@dataclass
class Layout:
    """A running or finished layout."""

    process: subprocess.Popen[bytes]
    errors: IO[bytes]

    def said(self) -> str:
        """The end of what it said; read without moving the place where the process writes."""
        size = os.fstat(self.errors.fileno()).st_size
        return os.pread(self.errors.fileno(), LAST, max(0, size - LAST)).decode(errors="replace")


def offer(results: Path, n: int, running: dict[str, Layout]) -> None:
    """Explain, and with a button start the layout and show a bar. ``running`` is shared between sessions."""
    st.subheader("The map of these results is not computed yet")
    st.write(
        f"It lays {n:,} glyphs out so that what the model finds alike lies together"
        + (", by a sample of 10,000" if n > 10_000 else "")
        + ". That takes a minute or two, once; you may leave the page meanwhile."
    )
    st.code(f"glyphcore map {near(results)}", language="shell")
    busy = str(results) in running
    if st.button("Compute now", type="primary", disabled=busy) and not busy:
        running[str(results)] = start(results)
        busy = True
    if busy:
        _watch(results, running)


def start(results: Path) -> Layout:
    """Start ``glyphcore map`` in a process of its own."""
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
    environment = os.environ | {"PYTHONPATH": str(ROOT), "GLYPHCORE_PROGRESS": "0.5"}
    command = [sys.executable, "-m", "glyphcore", "map", str(results)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
    return Layout(process, errors)


def progress(said: str) -> tuple[float, str] | None:
    """How far it is, in [0, 1], and a line for people; None before the first word."""
    bars = BAR.findall(said)
    if not bars:
        return None
    what, done, total, left = bars[-1]
    share = int(done) / max(1, int(total))
    return share, f"{what.strip()}: {int(done):,} of {int(total):,}, {left} to go"


@st.fragment(run_every=1.0)
def _watch(results: Path, running: dict[str, Layout]) -> None:
    layout = running.get(str(results))
    if layout is None:
        st.rerun()
    code = layout.process.poll()
    if code is None:
        share, words = progress(layout.said()) or (0.0, "getting ready …")
        st.progress(share, words)
        if st.button("Stop"):
            layout.process.terminate()
        return
    del running[str(results)]
    if code == 0:
        st.rerun()
    lines = layout.said().strip().splitlines()
    st.error(lines[-1] if lines else f"The layout ended with code {code}.", icon=":material/error:")
