"""Evaluations that users start in the app: one evaluation runs, the others wait for it.

Each evaluation runs in its own process. It needs torch, which the app must not load. The process survives a reload of
the page, and an interrupted evaluation continues where it stopped.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from glyphcore.background import LOW_PRIORITY, Job
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError


@dataclass(frozen=True)
class Pace:
    """The progress of an evaluation."""

    written: int
    total: int
    rate: float
    """Glyphs per second since the app first looked at the evaluation; 0 while the rate is unknown."""

    @property
    def share(self) -> float:
        """The finished share, 0 to 1."""
        return min(1.0, self.written / max(1, self.total))

    def words(self) -> str:
        """Return the progress in words: ``12,000 of 46,579 glyphs · 1,450/s · until 14:03:20``."""
        if not self.written:
            return "starting …"
        done = f"{self.written:,} of {self.total:,} glyphs"
        if self.written >= self.total:
            return f"{done} · computing the figures …"
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
    """Number of glyphs in the database."""
    first: tuple[float, int] | None = None
    """Time and number of the first written glyphs that the app saw: an earlier run may have left some."""

    def pace(self, written: int, now: float) -> Pace:
        """Return the progress at ``now`` (seconds of a monotonic clock), when ``written`` glyphs are written."""
        if written and self.first is None:
            self.first = now, written
        since, start = self.first or (now, written)
        return Pace(written, self.total, (written - start) / (now - since) if written > start else 0.0)


class Evaluations:
    """The evaluations of one database into one folder of results, shared between sessions.

    A thread waits for the running evaluation and starts the next one, so that the queue continues while no page is
    open.
    """

    def __init__(self, database: Path, folder: Path, rasters: Path) -> None:
        self.database = database
        self.folder = folder
        self.rasters = rasters
        self.running: Evaluation | None = None
        self.queue: list[Path] = []
        self.failed: dict[Path, str] = {}
        """Error output of the failed evaluations."""
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether an evaluation runs or waits."""
        return self.running is not None or bool(self.queue)

    def has(self, checkpoint: Path) -> bool:
        """Return whether the evaluation of a checkpoint runs or waits."""
        running = self.running
        return checkpoint in self.queue or (running is not None and running.checkpoint == checkpoint)

    def add(self, *checkpoints: Path) -> None:
        """Append checkpoints to the queue; a checkpoint that runs or waits already is not added again."""
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
        """Remove a checkpoint from the queue."""
        with self._lock:
            if checkpoint in self.queue:
                self.queue.remove(checkpoint)

    def stop(self) -> None:
        """Stop the running evaluation. Its written results stay, and the queue stays."""
        with self._lock:  # an evaluation that is being started is stopped too
            if self.running is not None:
                self.running.job.stop()

    def forget(self, checkpoint: Path) -> None:
        """Forget that the evaluation of a checkpoint has failed."""
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
        """Start the first evaluation in the queue that can start. Return whether one started."""
        self.running = None
        while self.queue:
            checkpoint = self.queue[0]  # leaves the queue once it runs: other threads always find it in one of them
            try:
                self.running = _start(checkpoint, self.database, self.folder, self.rasters)
            except (GlyphError, OSError) as error:
                self.failed[checkpoint] = str(error)
            self.queue.pop(0)
            if self.running is not None:
                return True
        return False


def evaluations(database: Path, folder: Path, rasters: Path, running: dict[Any, Any]) -> Evaluations:
    """Return the evaluations of ``database`` into ``folder``; ``running`` holds them for all sessions.

    ``rasters`` is the folder of ``<glyph_id>.png`` files, used for a database without outlines.
    """
    return running.setdefault((database, folder), Evaluations(database, folder, rasters))


def _start(checkpoint: Path, database: Path, folder: Path, rasters: Path) -> Evaluation:
    """Start ``glyphcore evaluate`` in its own process, which gives way to the pages."""
    store = GlyphStore(database)
    words: list[str | Path] = ["evaluate", checkpoint, "--db", database, "--results", folder]
    job = Job(words if store.has_contours else [*words, "--rasters", rasters], before=LOW_PRIORITY)
    return Evaluation(checkpoint, job, store.count())
