"""Checkpoints that are not evaluated yet: offer to do it here, and show how far it is.

The job runs in a process of its own. It needs torch, which the app must not load; it outlives a reload of the page; and
a run that was cut off goes on where it stopped.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import streamlit as st

from glyphcore.data.store import GlyphStore
from glyphcore.results.store import list_results

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Evaluation:
    """A running or finished evaluation."""

    checkpoint: Path
    process: subprocess.Popen[bytes]
    errors: IO[bytes]
    """What it said, read when it has failed."""
    total: int
    """Glyphs of the database."""
    first: tuple[float, int] | None = None
    """When glyphs were first seen to be written, and how many there were: an earlier run may have left some."""

    @property
    def busy(self) -> bool:
        """Whether it is still running."""
        return self.process.poll() is None

    @property
    def failed(self) -> bool:
        """Whether it ended badly; being stopped is not bad."""
        return self.process.poll() not in (None, 0, -signal.SIGTERM)

    def said(self) -> str:
        """What it said of its failure."""
        self.errors.seek(0)
        said = self.errors.read().decode(errors="replace").strip()
        return said or f"The evaluation ended with code {self.process.poll()}."


@dataclass(frozen=True)
class Pace:
    """How far an evaluation is."""

    written: int
    total: int
    rate: float
    """Glyphs a second since it was first looked at; 0 while that is unknown."""

    @property
    def share(self) -> float:
        """0 to 1."""
        return min(1.0, self.written / max(1, self.total))

    def words(self) -> str:
        """``12,000 of 46,579 glyphs · 1,450/s · until 14:03:20``."""
        if not self.written:
            return "getting ready …"
        done = f"{self.written:,} of {self.total:,} glyphs"
        if not self.rate:
            return done
        end = datetime.now() + timedelta(seconds=(self.total - self.written) / self.rate)
        return f"{done} · {self.rate:,.0f}/s · until {end:%H:%M:%S}"


def pace(evaluation: Evaluation, folder: Path, now: float) -> Pace:
    """How far an evaluation is at ``now``, in seconds of a steady clock."""
    name = evaluation.checkpoint.stem
    unfinished = (file.written for file in list_results(folder) if not file.complete and file.checkpoint == name)
    written = max(unfinished, default=0)
    if written and evaluation.first is None:
        evaluation.first = now, written
    since, start = evaluation.first or (now, written)
    return Pace(written, evaluation.total, (written - start) / (now - since) if written > start else 0.0)


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
    evaluation = running.get(str(folder))
    busy = evaluation is not None and evaluation.busy
    if st.button("Evaluate now", type="primary", disabled=busy) and not busy:
        running[str(folder)] = evaluation = start(chosen, database, folder, rasters)
    if evaluation is not None:
        st.fragment(run_every=1.0 if evaluation.busy else None)(_watch)(evaluation, folder)


def start(checkpoint: Path, database: Path, folder: Path, rasters: Path) -> Evaluation:
    """Start ``glyphcore evaluate`` in a process of its own."""
    places = [str(checkpoint), "--db", str(database), "--results", str(folder)]
    command = [sys.executable, "-m", "glyphcore", "evaluate", *places]
    if not GlyphStore(database).has_contours:
        command += ["--rasters", str(rasters)]
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
    return Evaluation(checkpoint, process, errors, GlyphStore(database).count())


def background(
    waiting: Callable[[], list[Path]], database: Path, folder: Path, rasters: Path, running: dict[str, Evaluation]
) -> None:
    """In the bar at the top of every page: checkpoints without results, and how far the one is that gets them now.

    ``waiting`` finds these checkpoints; it is asked again and again, so that one that is dropped in shows by itself.
    """
    evaluation = running.get(str(folder))
    if evaluation is not None and not evaluation.busy and not evaluation.failed:
        del running[str(folder)]
        evaluation = None
    busy = evaluation is not None and evaluation.busy

    @st.fragment(run_every=1.0 if busy else 10.0)
    def line() -> None:
        now = running.get(str(folder))
        if (now is not None and now.busy) != busy:
            st.rerun()  # begun or ended, here or elsewhere
        left = [path for path in waiting() if not (busy and now is not None and path == now.checkpoint)]
        if now is None and not left:
            return
        with st.popover(_title(now, left, folder), width="content", key="evaluations"):
            if now is not None:
                _watch(now, folder)
            for path in left:
                with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                    st.write(f"**{path.stem}** is not evaluated yet")
                    if st.button("Evaluate", key=f"evaluate_{path.name}", disabled=busy):
                        running[str(folder)] = start(path, database, folder, rasters)
                        st.rerun()

    line()


def _title(evaluation: Evaluation | None, left: Sequence[Path], folder: Path) -> str:
    if evaluation is None:
        return f":material/play_circle: {len(left)} not evaluated"
    name = evaluation.checkpoint.stem
    if evaluation.failed:
        return f":material/error: {name} failed"
    return f":material/hourglass_top: {name} {pace(evaluation, folder, time.monotonic()).share:.0%}"


def _watch(evaluation: Evaluation, folder: Path) -> None:
    """How far an evaluation is, with a button to stop it; what went wrong when it has failed."""
    if evaluation.busy:
        at = pace(evaluation, folder, time.monotonic())
        st.progress(at.share, f"{evaluation.checkpoint.stem}: {at.words()}")
        if st.button("Stop", help="What is written stays; evaluating again goes on from there."):
            evaluation.process.terminate()
    elif evaluation.failed:
        said = evaluation.said()
        st.error(said.splitlines()[-1], icon=":material/error:")
        with st.expander("Details"):
            st.code(said, language=None)
    else:
        st.rerun()
