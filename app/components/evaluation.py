"""Nothing has been evaluated yet: say how, and offer to do it here.

The job runs in a process of its own. It needs torch, which the app must not load; it outlives a reload of the page; and
a run that was cut off goes on where it stopped.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import streamlit as st

from glyphcore.data.store import GlyphStore
from glyphcore.results.store import list_results

COMMAND = "import sys; from glyphcore.cli import main; sys.exit(main())"
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Evaluation:
    """A running or finished evaluation."""

    checkpoint: Path
    process: subprocess.Popen[bytes]
    errors: IO[bytes]
    """What it said, read when it has failed."""


def offer(
    checkpoints: Sequence[Path], database: Path, folder: Path, rasters: Path, running: dict[str, Evaluation]
) -> None:
    """Explain what is missing; with a checkpoint and a database, a button starts the evaluation and shows a bar.

    ``rasters`` is the folder of ``<glyph_id>.png`` that is read for a database without outlines.
    ``running`` is shared between sessions: it holds the one evaluation of ``folder`` under its path.
    """
    st.subheader("Nothing has been evaluated yet")
    if not database.is_file():
        st.write(f"There is no glyph database at `{database}`. Build one, or name yours in `GLYPHCORE_DB`.")
        st.code("glyphcore db build FONTS… --out FILE", language="shell")
        return
    if not checkpoints:
        st.write("There is no checkpoint yet. Train one, or drop a `.ckpt` file into `checkpoints/`.")
        st.code("glyphcore train", language="shell")
        return
    st.write("Browse shows what a checkpoint said about the glyphs of a database. Evaluate one here or in a terminal.")
    chosen = st.selectbox("Checkpoint", checkpoints, format_func=lambda path: path.stem, width=420)
    st.code(f"glyphcore evaluate {chosen.parent.name}/{chosen.name} --db {database}", language="shell")
    for file in list_results(folder):
        st.caption(f":orange[{file.problem}]")
    busy = str(folder) in running
    if st.button("Evaluate now", type="primary", disabled=busy) and not busy:
        running[str(folder)] = start(chosen, database, folder, rasters)
        busy = True
    if busy:
        _watch(database, folder, running)


def start(checkpoint: Path, database: Path, folder: Path, rasters: Path) -> Evaluation:
    """Start ``glyphcore evaluate`` in a process of its own."""
    command = [
        sys.executable,
        "-c",
        COMMAND,
        "evaluate",
        str(checkpoint),
        "--db",
        str(database),
        "--results",
        str(folder),
    ]
    if not GlyphStore(database).has_contours:
        command += ["--rasters", str(rasters)]
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
    return Evaluation(checkpoint, process, errors)


@st.fragment(run_every=1.0)
def _watch(database: Path, folder: Path, running: dict[str, Evaluation]) -> None:
    evaluation = running.get(str(folder))
    if evaluation is None:
        st.rerun()
    name = evaluation.checkpoint.stem
    code = evaluation.process.poll()
    if code is None:
        written = max((file.written for file in list_results(folder) if not file.complete), default=0)
        total = max(1, GlyphStore(database).count())
        words = f"{name}: {written:,} of {total:,} glyphs" if written else f"{name}: getting ready …"
        st.progress(min(1.0, written / total), words)
        if st.button("Stop", help="What is written stays; evaluating again goes on from there."):
            evaluation.process.terminate()
        return
    del running[str(folder)]
    if code == 0:
        st.rerun()
    evaluation.errors.seek(0)
    said = evaluation.errors.read().decode(errors="replace").strip()
    st.error(said.splitlines()[-1] if said else f"The evaluation ended with code {code}.", icon=":material/error:")
    with st.expander("Details"):
        st.code(said, language=None)
