"""Uploaded PDFs, the process that reads each of them, and the corrections of their glyphs.

A PDF is stored in the folder of uploads under its hash. Its name and its corrections are stored next to it. The
corrections are a CSV file for ``glyphcore pdf repair --confirmed``.
"""

from __future__ import annotations

import csv
import hashlib
import re
import tempfile
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from app.shared import sources
from app.shared.uploads import uploads
from glyphcore import config
from glyphcore.audit.corrections import csv_rows, parse
from glyphcore.config import AUTO
from glyphcore.config.pdf import MEGABYTES, SECONDS
from glyphcore.data.labels import LabelMap, codepoints, load_labels
from glyphcore.errors import GlyphError, PasswordError, PdfError
from glyphcore.files import replacing, writing
from glyphcore.pdf.child import Child

Record = dict[str, Any]
__all__ = ["PasswordError"]

MAX_MEGABYTES = 200
"""Most megabytes of an uploaded PDF."""
MAX_UPLOADS = 20
"""Most uploaded PDFs kept on disk; the newest stay."""
WAIT_SECONDS = 0.4
"""Seconds that a run waits for the reading before it shows a progress bar."""
WIDTH = 1400
"""Width in pixels of a page's picture."""
_writing = threading.Lock()


@dataclass(frozen=True)
class File:
    """An uploaded PDF."""

    key: str
    path: Path
    password: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """The name of the uploaded file."""
        try:
            return self.path.with_suffix(".name").read_text(encoding="utf-8")
        except OSError:
            return "document.pdf"

    @property
    def corrections(self) -> Path:
        """The CSV file of corrections, with the columns font, code, codepoints; the file may be missing."""
        return self.path.with_suffix(".csv")


def keep(name: str, data: bytes) -> str:
    """Store an uploaded PDF. Return its key. Raises PdfError for an invalid or too large file."""
    if len(data) > MAX_MEGABYTES * 10**6:
        raise PdfError(f"{name[:100]} has {len(data) / 1e6:,.0f} MB; a PDF may have at most {MAX_MEGABYTES} MB.")
    if not data:
        raise PdfError(f"{name[:100]} is empty.", remedy="Choose another file.")
    if b"%PDF-" not in data[:1024]:
        raise PdfError(f"{name[:100]} is not a PDF.", remedy="Choose another file.")
    hashed = hashlib.sha256(data).hexdigest()
    path = uploads() / f"{hashed}.pdf"
    with replacing(path) as temporary:
        temporary.write_bytes(data)
    with writing(path.with_suffix(".name")) as file:
        file.write(name[:100])
    for old in sorted(uploads().glob("*.pdf"), key=lambda path: -path.stat().st_mtime_ns)[MAX_UPLOADS:]:
        for path in (old, old.with_suffix(".name")):  # keep the corrections: they are the work of people
            path.unlink(missing_ok=True)
    return hashed[:12]


def recent() -> dict[str, str]:
    """Return key → name of the stored PDFs, the newest first."""
    paths = sorted(uploads().glob("*.pdf"), key=lambda path: -path.stat().st_mtime_ns)
    return {path.stem[:12]: File(path.stem[:12], path).name for path in paths}


def opened(key: str, password: str = "") -> File:
    """Return the PDF of a link, with the password that opens it. Raises PdfError if the PDF is not stored."""
    if re.fullmatch("[0-9a-f]{12,64}", key):
        for path in uploads().glob(f"{key}*.pdf"):
            return File(key, path, password)
    raise PdfError("The PDF of this link is not on this server.", subject=key, remedy="Upload it again.")


class PdfProcess:
    """A process that reads one PDF, and its last overview."""

    def __init__(self, path: Path, password: str) -> None:
        self.path, self._password = path, password
        self._child = Child(AUTO, SECONDS, MEGABYTES)
        self._one = ThreadPoolExecutor(1)
        self._lock = threading.Lock()
        self._overview: tuple[object, Future[Record]] | None = None

    def ask(self, do: str, **options: Any) -> Future[Record]:
        """Send a question to the process; it answers one question at a time."""
        return self._one.submit(self._child.ask, do, self.path, password=self._password, **options)

    def overview(self, corrections: Path) -> Future[Record]:
        """Return fonts, glyphs and texts with these corrections; requested once for each version of their file."""
        stamp = corrections.stat().st_mtime_ns if corrections.exists() else 0
        with self._lock:
            if self._overview is None or self._overview[0] != stamp:
                options = {"confirmed": str(corrections)} if stamp else {}
                self._overview = stamp, self.ask("overview", **options)
            return self._overview[1]

    def close(self) -> None:
        """End the process."""
        self._one.shutdown(wait=False, cancel_futures=True)
        self._child.__exit__(None, None, None)


def is_reading(file: File) -> bool:
    """Return whether the PDF is still being read after :data:`WAIT_SECONDS`."""
    pending = _process(file).overview(file.corrections)
    try:
        pending.exception(WAIT_SECONDS)
    except TimeoutError:
        return True
    return False


def overview(file: File) -> Record:
    """Return fonts with verdicts, glyphs with candidates, and texts. Raises GlyphError for an unreadable PDF."""
    return _answer(file, _process(file).overview(file.corrections))


def locked(file: File) -> str:
    """Return the problem with the PDF's password; empty if the password is not the problem."""
    try:
        overview(file)
    except PasswordError as error:
        return str(error)
    except GlyphError:
        return ""
    return ""


def page(file: File, number: int) -> Record:
    """Return the picture of a page and the positions of its glyphs. Raises GlyphError if it cannot be drawn."""
    return _page(sources.stamp(file.path), number, file.password, file)


def export(file: File, kind: str) -> bytes:
    """Return an export: ``pdf`` (repaired), ``txt``, ``json`` (report), ``csv`` (corrections)."""
    if kind == "csv":
        return file.corrections.read_bytes() if file.corrections.exists() else b"font,code,codepoints\r\n"
    options = {"confirmed": str(file.corrections)} if file.corrections.exists() else {}
    if kind == "txt":
        return "\f".join(_answer(file, _process(file).ask("text", **options))["pages"]).encode()
    with tempfile.TemporaryDirectory() as folder:
        out, report = Path(folder) / "out.pdf", Path(folder) / "report.json"
        _answer(file, _process(file).ask("repair", out=str(out), report=str(report), **options))
        return (out if kind == "pdf" else report).read_bytes()


def confirm(file: File, edits: Mapping[str, str | None]) -> dict[str, str]:
    """Store corrections by glyph number (None removes a correction). Return the faults of invalid ones, by glyph."""
    report = overview(file)
    names = [font["font"] for font in report["fonts"]]
    problems: dict[str, str] = {}
    changes: dict[tuple[str, str], str | None] = {}
    for number, text in edits.items():
        try:
            uses = report["glyphs"][int(number)]["uses"]
            text = None if text is None else codepoints(parse(text, _labels()).text)
        except (ValueError, IndexError):
            problems[number] = "There is no such glyph."
        except GlyphError as error:
            problems[number] = str(error)
        else:
            changes |= {(names[font], code): text for font, code in uses}
    if changes:
        _write(file.corrections, changes)
    return problems


def _write(path: Path, changes: Mapping[tuple[str, str], str | None]) -> None:
    with _writing:
        rows: dict[tuple[str, str], str | None] = {}
        if path.exists():
            rows = {(row["font"], row["code"]): row["codepoints"] for row in csv_rows(path)[1]}
        rows |= changes
        with writing(path) as out:
            table = csv.writer(out)
            table.writerow(("font", "code", "codepoints"))
            table.writerows((*key, text) for key, text in rows.items() if text is not None)


@cache
def _labels() -> LabelMap:
    return load_labels(config.LABELS)


def _process(file: File) -> PdfProcess:
    return _processes(str(file.path), file.password)


@st.cache_resource(max_entries=3, show_spinner=False, on_release=lambda reader: reader.close())
def _processes(path: str, password: str) -> PdfProcess:
    """Keyed by password too: a user without the password gets no answer from the process of a user with it."""
    return PdfProcess(Path(path), password)


@st.cache_data(max_entries=24, show_spinner=False)
def _page(stamp: tuple[str, int], number: int, password: str, _file: File) -> Record:
    return _answer(_file, _process(_file).ask("page", number=number, width=WIDTH))


def _answer(file: File, pending: Future[Record]) -> Record:
    """Return the process's answer; an error shows the file's uploaded name."""
    try:
        return pending.result()
    except GlyphError as error:
        problem = error.problem.replace(str(file.path), file.name)
        problem = problem.replace(str(file.corrections), f"the corrections of {file.name}")
        raise type(error)(problem, remedy=error.remedy) from None  # the original error names the stored file
