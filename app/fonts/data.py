"""The model's reading of a font, and the corrections that people confirmed.

Fonts are read in parallel with the pages, and one core stays free for the pages. A small font of the corpus is read in
a thread. A big font, and every uploaded font, is read in its own process, which ends when the font takes too much time
or memory.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import streamlit as st

from app.fonts import files
from app.fonts.files import Font
from app.shared import sources
from glyphcore import config
from glyphcore.audit import corrections, decisions
from glyphcore.audit.codes import OWN, cmap_of
from glyphcore.audit.corrections import Correction, CorrectionStore
from glyphcore.audit.findings import VERDICTS, Finding, summary, worst_first
from glyphcore.audit.font_predictions import FontReading, draw, load
from glyphcore.audit.model_choice import read_font_by
from glyphcore.audit.scripts import remarks
from glyphcore.audit.sheet import sheet
from glyphcore.background import LOW_PRIORITY, Job
from glyphcore.config.fonts import DUPLICATE_PENALTY, SHEET_ROWS, THRESHOLD
from glyphcore.data.sources import SkippedInputs, read_sources
from glyphcore.errors import FontError, GlyphError
from glyphcore.progress import Callback
from glyphcore.runtime.base import cores
from glyphcore.runtime.model_pair import Models

__all__ = ["THRESHOLD", "VERDICTS"]

MAX_CONCURRENT = 2
"""Most fonts that are read at the same time."""
SUBPROCESS_GLYPHS = 1500
"""Glyph count above which a font is read in its own process; a smaller font is read before a process has started."""
SECONDS, MEGABYTES = 60, 4000
"""Most processor time and address space for reading a font: a hundred times the needs of a font of 2,872 glyphs."""
WAIT_SECONDS = 1.0
"""Seconds that a page waits for a font before it shows a progress bar."""
PAGE = 96
"""Glyphs per page."""


def store() -> CorrectionStore:
    """Return the confirmed corrections of all fonts. They are not in the cache, because nothing can recreate them."""
    return CorrectionStore(Path(os.environ.get("GLYPHCORE_CONFIRMED", config.PROJECT / "confirmed.db")))


@dataclass
class ReadingTask:
    """The task of reading a font, running or finished."""

    done: int = 0
    total: int = 0
    losses: SkippedInputs = field(default_factory=SkippedInputs)
    reading: FontReading | None = None
    error: GlyphError | None = None
    finished: threading.Event = field(default_factory=threading.Event)


def start_reading(font: Font) -> ReadingTask:
    """Start reading a font, or return its running or finished task."""
    return _task(font.stamp, font)


@dataclass(frozen=True)
class Audit:
    """A font's reading, with verdicts."""

    reading: FontReading
    findings: list[Finding]
    """Findings, worst first."""
    counts: dict[str, int]
    """Counts: ``n``, and the number of glyphs for each verdict."""
    curve: decisions.Curve
    remarks: list[str]
    """Sentences on the font as a whole: other scripts, letters in parts."""

    def chosen(self, verdict: str, by_glyph: bool) -> list[Finding]:
        """Return the findings of a verdict, or all findings; worst first or in glyph order."""
        findings = [finding for finding in self.findings if not verdict or finding.verdict == verdict]
        return sorted(findings, key=lambda finding: finding.glyph_id) if by_glyph else findings

    def covered(self, threshold: float) -> int:
        """Return the number of glyphs that the model labels with at least this probability."""
        return sum(finding.p >= threshold and not finding.is_outside for finding in self.findings)


@dataclass(frozen=True)
class Page:
    """A page of findings, ready to be drawn, and the starts of the other pages."""

    findings: list[Finding]
    tiles: np.ndarray
    """Packed rasters uint8 [n, 2048]."""
    geometry: np.ndarray
    """Geometry float32 [n, 6]."""
    position: int
    total: int
    done: int
    """Number of confirmed findings of the shown verdict."""
    of: int
    """Number of findings of the shown verdict."""
    pages: dict[str, int | None]
    """The first glyph of the first, previous, next and last page."""


def is_read(font: Font) -> bool:
    """Return whether the font is read, after a short wait."""
    return start_reading(font).finished.wait(WAIT_SECONDS)


def progress(font: Font) -> tuple[int, int, bool]:
    """Return the number of read glyphs, the number of all glyphs, and whether the reading is finished."""
    reading_task = start_reading(font)
    return reading_task.done, reading_task.total, reading_task.finished.is_set()


def notes(font: Font) -> list[str]:
    """Return notes: number of glyphs, unread glyphs, kind of outlines, and origin of the character mapping."""
    glyphs = f"{font.face.glyph_count:,} glyphs"
    return [glyphs, *start_reading(font).losses.summary(), *font.face.remarks(mapping=True)]


def has_own_codes(font: Font) -> bool:
    """Return whether the font has its own codes."""
    try:
        return bool(font.face.codes()[1])
    except GlyphError:  # an unreadable mapping; nothing else needs it here
        return False


def audit(font: Font, per_glyph: bool) -> Audit:
    """Return the verdicts of a font that was read. Raises the error of the reading, or FontError without glyphs."""
    reading_task = start_reading(font)
    if reading_task.error:
        raise reading_task.error
    if reading_task.reading is None or not len(reading_task.reading):
        raise FontError(f"{font.name} has no glyph with an outline that can be drawn.", remedy="Choose another font.")
    return _audit(font.stamp, per_glyph, reading_task.reading)


def page(
    font: Font, audited: Audit, verdict: str, by_glyph: bool, start: int | None, cursor: int | None, left: bool = False
) -> Page:
    """Return the page that starts at ``start``, else the page with ``cursor``, else the first page. ``left``: leave out
    the findings that were confirmed before the user turned to this page."""
    chosen, kept = audited.chosen(verdict, by_glyph), confirmed(font)
    done, of = sum(finding.glyph_id in kept for finding in chosen), len(chosen)
    if left:
        before = _confirmed_before((font.hash, verdict, by_glyph, start), kept)
        chosen = [finding for finding in chosen if finding.glyph_id not in before]
    ids = [finding.glyph_id for finding in chosen]
    position = ids.index(cursor) // PAGE * PAGE if cursor in ids else 0
    if start in ids:
        position = ids.index(start)
    findings = chosen[position : position + PAGE]
    rows = np.searchsorted(audited.reading.glyph_id, [finding.glyph_id for finding in findings])
    last = (len(ids) - 1) // PAGE * PAGE

    def at(index: int) -> int | None:
        return ids[index] if 0 <= index < len(ids) else None

    return Page(
        findings=findings,
        tiles=draw(font.face, [finding.glyph_id for finding in findings]),
        geometry=audited.reading.geometry[rows],
        position=position,
        total=len(ids),
        done=done,
        of=of,
        pages={"first": at(0), "previous": at(max(0, position - PAGE)) if position else None,
               "next": at(position + PAGE), "last": at(last)},
    )  # fmt: skip


def _confirmed_before(shown: tuple, kept: Mapping[int, Correction]) -> frozenset[int]:
    """Return the glyphs confirmed before the turn to this page: newer ones stay in view until the next page turn."""
    at, before = st.session_state.get("fonts_left", (None, frozenset()))
    if at != shown:
        before = frozenset(kept)
        st.session_state["fonts_left"] = (shown, before)
    return before


def confirmed(font: Font) -> dict[int, Correction]:
    """Return the corrections that people confirmed for this font."""
    return store().of(font.hash)


def confirm(font: Font, audited: Audit, edits: Mapping[int, str | None]) -> dict[int, str]:
    """Store typed or chosen corrections (None removes a correction). Return one line for each invalid correction."""
    parsed: dict[int, Correction | None] = {}
    problems: dict[int, str] = {}
    top = {int(glyph): row for row, glyph in enumerate(audited.reading.glyph_id)}
    for glyph, typed in edits.items():
        try:
            likely = audited.reading.top[top[glyph]].tolist()
            parsed[glyph] = None if typed is None else corrections.parse(typed, audited.reading.labels, likely)
        except KeyError:
            problems[glyph] = f"There is no glyph {glyph} to confirm."
        except GlyphError as error:
            problems[glyph] = str(error)
    if parsed:
        store().add(font.hash, parsed)
    return problems


def export(font: Font, audited: Audit, threshold: float, kind: str) -> bytes:
    """Return an export: ``jsonl``, ``csv``, ``cmap`` (ToUnicode), ``codes`` (the same for the font's own codes),
    ``sheet`` (HTML with pictures), or ``confirmed`` (CSV for ``--confirmed``)."""
    kept, labels = confirmed(font), audited.reading.labels
    if kind == "confirmed":
        return corrections.to_csv(kept).encode()
    decided = decisions.decide(audited.findings, kept, threshold, labels)
    write: dict[str, Callable[[], str]] = {
        "jsonl": lambda: decisions.to_jsonl(decided, labels),
        "csv": lambda: decisions.to_csv(decided, labels),
        "cmap": lambda: cmap_of(font.face, decisions.texts(decided), kept),
        "sheet": lambda: sheet(
            audited.findings, lambda finding: draw(font.face, [finding.glyph_id])[0], labels, SHEET_ROWS
        ),
        "codes": lambda: cmap_of(font.face, decisions.texts(decided), kept, OWN),
    }
    return write[kind]().encode()


@st.cache_resource(max_entries=2, show_spinner=False)
def _models(path: str, stamp: int) -> Models:
    return Models(Path(path), threads=max(1, cores() - 1))


@st.cache_resource(max_entries=1, show_spinner=False)
def _slots() -> threading.Semaphore:
    return threading.Semaphore(MAX_CONCURRENT)


@st.cache_resource(max_entries=6, show_spinner=False)
def _task(stamp: tuple, _font: Font) -> ReadingTask:
    opened = _font.face.opened  # an unopened font is first opened in another process
    reading_task, slots = ReadingTask(total=_font.face.glyph_count if opened else 0), _slots()

    def count(_: str, done: int, total: int) -> None:
        reading_task.done = done

    def work() -> None:
        try:
            with slots:
                if not opened or reading_task.total > SUBPROCESS_GLYPHS or _font.path.parent == files.uploads():
                    _read_in_subprocess(_font, reading_task)
                    return
                models = _models(*sources.stamp(_font.model))
                for source, glyphs in read_sources([_font.path], reading_task.losses, Callback(count), only_fonts=True):
                    if source.face is not None and source.face.number == _font.number:
                        reading_task.reading = read_font_by(models, source, glyphs)
        except GlyphError as error:
            reading_task.error = error
        except Exception as error:  # a font that breaks a library: report it in one line, and keep the page working
            reading_task.error = FontError(f"The font cannot be read: {type(error).__name__}: {str(error)[:100]}.")
        finally:
            reading_task.finished.set()

    threading.Thread(target=work, daemon=True).start()
    return reading_task


def _read_in_subprocess(font: Font, reading_task: ReadingTask) -> None:
    """Read a big font by ``glyphcore read`` in its own process: here it would block every page for seconds."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "font.npz"
        words: list[str | Path] = [
            "read", font.path, "--out", out, "--face", str(font.number), "--checkpoint", font.model,
            "--threads", str(max(1, cores() - 1)), "--seconds", str(SECONDS), "--megabytes", str(MEGABYTES),
        ]  # fmt: skip
        job = Job(words, before=LOW_PRIORITY)
        ended = False
        while not ended:
            ended = job.wait(0.3)
            reading_task.done, reading_task.total = job.step.done, job.step.total
        if not out.exists():
            # If the process has no error line, the system has ended it at a limit, or it died inside a library.
            problem = job.error or (
                f"The font took more than {SECONDS} s or {MEGABYTES:,} MB, or ended the reader; nothing was read."
            )
            raise FontError(problem.replace(font.path.name, "The font"), subject=font.path)
        reading_task.reading = load(out)
        reading_task.losses.empty, reading_task.losses.broken = (
            job.numbers.get(name, 0) for name in ("empty", "broken")
        )


@st.cache_resource(max_entries=6, show_spinner=False)
def _audit(stamp: tuple, per_glyph: bool, _reading: FontReading) -> Audit:
    decoded = _reading.findings(None if per_glyph else DUPLICATE_PENALTY)
    findings = worst_first(decoded)
    counts, curve = summary(findings)[_reading.file], decisions.curve(findings)
    return Audit(_reading, findings, counts, curve, remarks(_reading, decoded))
