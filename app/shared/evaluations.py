"""Evaluations that were asked for in the app: one runs, the others wait for it.

Each runs in a process of its own. It needs torch, which the app must not load; it outlives a reload of the page; and a
run that was cut off goes on where it stopped.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from glyphcore.background import Job
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError


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
        if self.written >= self.total:
            return f"{done} · working out the figures …"
        if not self.rate:
            return done
        end = datetime.now() + timedelta(seconds=(self.total - self.written) / self.rate)
        return f"{done} · {self.rate:,.0f}/s · until {end:%H:%M:%S}"


@dataclass
class Evaluation:
    """A running or finished evaluation."""

    checkpoint: Path
    job: Job
    total: int
    """Glyphs of the database."""
    first: tuple[float, int] | None = None
    """When glyphs were first seen to be written, and how many there were: an earlier run may have left some."""

    def pace(self, written: int, now: float) -> Pace:
        """How far it is at ``now``, in seconds of a steady clock, with so many glyphs ``written``."""
        if written and self.first is None:
            self.first = now, written
        since, start = self.first or (now, written)
        return Pace(written, self.total, (written - start) / (now - since) if written > start else 0.0)


class Evaluations:
    """The evaluations of one database into one folder of results, shared between sessions.

    A thread waits for the one that runs and starts the next, so that the queue goes on while nobody looks.
    """

    def __init__(self, database: Path, folder: Path, rasters: Path) -> None:
        self.database = database
        self.folder = folder
        self.rasters = rasters
        self.running: Evaluation | None = None
        self.queue: list[Path] = []
        self.failed: dict[Path, str] = {}
        """What evaluations said that ended badly."""
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether one runs or is about to."""
        return self.running is not None or bool(self.queue)

    def has(self, checkpoint: Path) -> bool:
        """Whether a checkpoint runs or waits."""
        running = self.running
        return checkpoint in self.queue or (running is not None and running.checkpoint == checkpoint)

    def add(self, *checkpoints: Path) -> None:
        """Evaluate these after what runs and waits already; one that does is not added again."""
        with self._lock:
            for checkpoint in checkpoints:
                self.failed.pop(checkpoint, None)
                if not self.has(checkpoint):
                    self.queue.append(checkpoint)
            if self.queue and self._worker is None:
                self._next()
                self._worker = threading.Thread(target=self._work, daemon=True)
                self._worker.start()

    def drop(self, checkpoint: Path) -> None:
        """Take one out of the queue."""
        with self._lock:
            if checkpoint in self.queue:
                self.queue.remove(checkpoint)

    def stop(self) -> None:
        """Stop the one that runs; what it has written stays, and those that wait go on waiting for their turn."""
        running = self.running
        if running is not None:
            running.job.stop()

    def forget(self, checkpoint: Path) -> None:
        """Say no longer that one has failed."""
        self.failed.pop(checkpoint, None)

    def _work(self) -> None:
        while True:
            running = self.running
            if running is not None:
                running.job.wait()
            with self._lock:
                if running is not None and running.job.failed:
                    self.failed[running.checkpoint] = running.job.problem
                if not self._next():
                    self._worker = None
                    return

    def _next(self) -> bool:
        """Start the first that waits and can be started; whether there was one."""
        self.running = None
        while self.queue:
            checkpoint = self.queue.pop(0)
            try:
                self.running = _start(checkpoint, self.database, self.folder, self.rasters)
            except (GlyphError, OSError) as error:
                self.failed[checkpoint] = str(error)
            else:
                return True
        return False


def evaluations(database: Path, folder: Path, rasters: Path, running: dict[Any, Any]) -> Evaluations:
    """Those of ``database`` into ``folder``; ``running`` holds them for all sessions.

    ``rasters`` is the folder of ``<glyph_id>.png`` that is read for a database without outlines.
    """
    return running.setdefault((database, folder), Evaluations(database, folder, rasters))


def _start(checkpoint: Path, database: Path, folder: Path, rasters: Path) -> Evaluation:
    """Start ``glyphcore evaluate`` in a process of its own."""
    store = GlyphStore(database)
    words: list[str | Path] = ["evaluate", checkpoint, "--db", database, "--results", folder]
    job = Job(words if store.has_contours else [*words, "--rasters", rasters])
    return Evaluation(checkpoint, job, store.count())
