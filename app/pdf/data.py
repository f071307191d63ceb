"""Uploaded PDFs, the process that reads each of them, and what people say of their glyphs.

A PDF lies in the folder of uploads under its hash, with its name and its corrections beside it. The corrections are the
CSV that ``glyphcore pdf repair --confirmed`` takes.
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
"""Megabytes of an uploaded PDF."""
MAX_UPLOADS = 20
"""Uploaded PDFs that stay on disk, the newest."""
WAIT_SECONDS = 0.4
"""Seconds that a run waits for a reading before it shows that it goes on."""
WIDTH = 1400
"""Pixels of a picture of a page."""
_writing = threading.Lock()


@dataclass(frozen=True)
class File:
    """An uploaded PDF."""

    key: str
    path: Path
    password: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """What it was called where it came from."""
        try:
            return self.path.with_suffix(".name").read_text(encoding="utf-8")
        except OSError:
            return "document.pdf"

    @property
    def corrections(self) -> Path:
        """CSV with the columns font, code, codepoints; it need not be there."""
        return self.path.with_suffix(".csv")


def keep(name: str, data: bytes) -> str:
    """Keep an uploaded PDF; returns its key. Raises PdfError when it is none or too large."""
    if len(data) > MAX_MEGABYTES * 10**6:
        raise PdfError(f"{name[:100]} has {len(data) / 1e6:,.0f} MB, the largest PDF taken has {MAX_MEGABYTES}.")
    if b"%PDF-" not in data[:1024]:
        raise PdfError(f"{name[:100]} is not a PDF.", remedy="Choose another file.")
    hashed = hashlib.sha256(data).hexdigest()
    path = uploads() / f"{hashed}.pdf"
    with replacing(path) as temporary:
        temporary.write_bytes(data)
    with writing(path.with_suffix(".name")) as file:
        file.write(name[:100])
    for old in sorted(uploads().glob("*.pdf"), key=lambda path: -path.stat().st_mtime_ns)[MAX_UPLOADS:]:
        for path in (old, old.with_suffix(".name")):  # corrections are people's work and stay
            path.unlink(missing_ok=True)
    return hashed[:12]


def recent() -> dict[str, str]:
    """Key → name of the PDFs that are here, the newest first."""
    paths = sorted(uploads().glob("*.pdf"), key=lambda path: -path.stat().st_mtime_ns)
    return {path.stem[:12]: File(path.stem[:12], path).name for path in paths}


def opened(key: str, password: str = "") -> File:
    """The PDF that a link means, to be opened by a password. Raises PdfError when it is not here."""
    if re.fullmatch("[0-9a-f]{12,64}", key):
        for path in uploads().glob(f"{key}*.pdf"):
            return File(key, path, password)
    raise PdfError("The PDF of this link is not here.", subject=key, remedy="Upload it again.")


class PdfProcess:
    """A process that reads one PDF, and what it answered last."""

    def __init__(self, path: Path, password: str) -> None:
        self.path, self._password = path, password
        self._child = Child(AUTO, SECONDS, MEGABYTES)
        self._one = ThreadPoolExecutor(1)
        self._lock = threading.Lock()
        self._overview: tuple[object, Future[Record]] | None = None

    def ask(self, do: str, **options: Any) -> Future[Record]:
        """Ask it; one question after the other."""
        return self._one.submit(self._child.ask, do, self.path, password=self._password, **options)

    def overview(self, corrections: Path) -> Future[Record]:
        """Fonts, glyphs and texts with these corrections; asked once for each state of their file."""
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
    """Whether the PDF is still being read after :data:`WAIT_SECONDS`."""
    pending = _process(file).overview(file.corrections)
    try:
        pending.exception(WAIT_SECONDS)
    except TimeoutError:
        return True
    return False


def overview(file: File) -> Record:
    """Fonts with verdicts, glyphs with candidates, texts. Raises GlyphError when the PDF cannot be read."""
    return _answer(file, _process(file).overview(file.corrections))


def locked(file: File) -> str:
    """What is wrong with the password of the PDF; empty where that is not what keeps it shut."""
    try:
        overview(file)
    except PasswordError as error:
        return str(error)
    except GlyphError:
        return ""
    return ""


def page(file: File, number: int) -> Record:
    """The picture of a page and where its glyphs are in it. Raises GlyphError when it cannot be drawn."""
    return _page(sources.stamp(file.path), number, file.password, file)


def export(file: File, kind: str) -> bytes:
    """``pdf`` (repaired), ``txt``, ``json`` (report), ``csv`` (corrections)."""
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
    """Keep what glyphs were said to be (by number; None takes it back); returns what meant nothing, by glyph."""
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
    """Who gives no password is not answered by the process of somebody who did."""
    return PdfProcess(Path(path), password)


@st.cache_data(max_entries=24, show_spinner=False)
def _page(stamp: tuple[str, int], number: int, password: str, _file: File) -> Record:
    return _answer(_file, _process(_file).ask("page", number=number, width=WIDTH))


def _answer(file: File, pending: Future[Record]) -> Record:
    """What a reader answers; an error names the file as its owner does."""
    try:
        return pending.result()
    except GlyphError as error:
        problem = error.problem.replace(str(file.path), file.name)
        problem = problem.replace(str(file.corrections), f"the corrections of {file.name}")
        raise type(error)(problem, remedy=error.remedy) from None  # what it came from names the stored file
