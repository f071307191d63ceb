"""The jobs that ``faults.py`` disturbs: for each job its command, the required files after a kill, and its result."""

from __future__ import annotations

import hashlib
import mmap
import sqlite3
import struct
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import torch
from tiny_model import tiny_training

from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.store import Annotations, Change
from glyphcore.checkpoint import load_checkpoint
from glyphcore.config import BuildConfig, EvaluateConfig, RasterizeConfig
from glyphcore.data.store import GlyphStore
from glyphcore.jobs import db_build, evaluate, rasterize, train
from glyphcore.progress import Silent, T
from glyphcore.results.store import list_results

TAGGED = 300


class Counter(Silent):
    """Counts the items that a job has reported done, in memory that outlives its process."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 8)

    @property
    def done(self) -> int:
        return struct.unpack("q", self._memory[:])[0]

    @done.setter
    def done(self, value: int) -> None:
        self._memory[:] = struct.pack("q", value)

    def track(self, items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        self.done = 0
        for item in items:
            yield item
            self.done += what == "glyphs"


@dataclass(frozen=True)
class Job:
    """A job to disturb; ``folder`` is fresh for each try."""

    run: Callable[[Path, Counter], None]
    kept: Callable[[Path, int], str]
    """Return the fault of a folder after ``done`` items were reported done; empty for none."""
    result: Callable[[Path], str]
    """Return a text that is equal for equal results."""


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def built(data: Path) -> Job:
    def run(folder: Path, counter: Counter) -> None:
        db_build.run(BuildConfig(out=folder / "glyphs.db", fonts=(data / "fonts",)), counter)

    def kept(folder: Path, done: int) -> str:
        if not (folder / "glyphs.db").exists():
            return ""
        with closing(sqlite3.connect(folder / "glyphs.db")) as connection:
            (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
        return "" if sound == "ok" and GlyphStore(folder / "glyphs.db").count() else f"database is there and {sound}"

    return Job(run, kept, lambda folder: digest(folder / "glyphs.db"))


def rasterised(data: Path) -> Job:
    def files(folder: Path) -> dict[str, str]:
        return {path.name: digest(path) for path in sorted((folder / "png").glob("*.png"))}

    def run(folder: Path, counter: Counter) -> None:
        rasterize.run(RasterizeConfig(data / "glyphs.db", folder / "png"), counter)

    reference: dict[str, str] = {}

    def kept(folder: Path, done: int) -> str:
        if not reference:
            with tempfile.TemporaryDirectory() as other:
                run(Path(other), Counter())
                reference.update(files(Path(other)))
        bad = [name for name, content in files(folder).items() if reference.get(name) != content]
        return f"half-written: {bad[0]}" if bad else ""

    return Job(run, kept, lambda folder: repr(files(folder)))


def trained(data: Path) -> Job:
    def run(folder: Path, counter: Counter) -> None:
        train.run(tiny_training(data / "glyphs.db", folder, epochs=4), counter)

    def kept(folder: Path, done: int) -> str:
        for path in (folder / "run" / "last.ckpt", folder / "run" / "best.ckpt"):
            if path.exists():
                torch.load(path, weights_only=True)
        if (folder / "tiny.ckpt").exists():
            load_checkpoint(folder / "tiny.ckpt")
        return ""

    def result(folder: Path) -> str:
        checkpoint = load_checkpoint(folder / "tiny.ckpt")
        parts = [checkpoint.codebook.tobytes(), *(value.numpy().tobytes() for value in checkpoint.state.values())]
        return hashlib.sha256(b"".join(parts)).hexdigest()

    return Job(run, kept, result)


def evaluated(data: Path) -> Job:
    evaluate.CHUNK = 16  # many transactions of few glyphs

    def run(folder: Path, counter: Counter) -> None:
        config = EvaluateConfig(data / "tiny.ckpt", data / "glyphs.db", folder / "results", folder / "cache")
        evaluate.run(config, counter)

    def rows(folder: Path) -> list[tuple]:
        stored: list[tuple] = []
        for path in sorted((folder / "results").glob("*.db")):
            with closing(sqlite3.connect(path)) as connection:  # rolls back uncommitted rows
                if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    stored = connection.execute("SELECT * FROM predictions JOIN details USING (glyph_id)").fetchall()
        return stored

    def kept(folder: Path, done: int) -> str:
        count = len(rows(folder))
        for file in list_results(folder / "results"):
            if file.complete and count != GlyphStore(data / "glyphs.db").count():
                return f"marked complete with {count} glyphs"
        return "" if count >= done else f"{done} glyphs were reported done, {count} are there"

    def result(folder: Path) -> str:
        (file,) = list_results(folder / "results")
        return f"{file.complete} {hashlib.sha256(repr(rows(folder)).encode()).hexdigest()}"

    return Job(run, kept, result)


def tagged(data: Path) -> Job:
    def annotated(folder: Path) -> Annotated:
        store = GlyphStore(data / "glyphs.db")
        return Annotated(Annotations(folder / "annotations.db"), store.fingerprint, store)

    def run(folder: Path, counter: Counter) -> None:
        annotations = annotated(folder)
        counter.done = 0
        for glyph in range(1, TAGGED + 1):
            annotations.change([Change((glyph,), tag="mislabelled"), Change((glyph,), note=f"note {glyph}")])
            counter.done = glyph

    def kept(folder: Path, done: int) -> str:
        marks = annotated(folder).of_glyphs()
        lost = [glyph for glyph in range(1, done + 1) if glyph not in marks]
        half = [glyph for glyph, mark in marks.items() if not (mark.tags and mark.note)]
        return f"lost: {lost[:3]}" if lost else f"half a change: {half[:3]}" if half else ""

    return Job(run, kept, lambda folder: repr(annotated(folder).of_glyphs()))


JOBS: dict[str, Callable[[Path], Job]] = {
    "build": built, "rasterise": rasterised, "train": trained, "evaluate": evaluated, "tag": tagged,
}  # fmt: skip
