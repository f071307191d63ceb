"""Controls around the page of a PDF: choice of a file, its fonts by verdict, its exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from app.shared import address, parameters
from app.shared.choices import Choice, choices
from app.shared.uploads import uploader
from glyphcore.progress import counted

PREFIX = "pdf_"
SIGNS = {"right": "✓", "wrong": "✗", "missing": "✗", "partly": "✗"}
"""Sign by verdict of a font; a verdict without an entry gets a question mark."""
ORDER = ("wrong", "missing", "partly", "unsure", "unknown script", "unreadable", "not embedded", "right")
EXPORTS = (
    ("pdf", "-repaired.pdf", "PDF with restored text"), ("txt", ".txt", "Text of all pages"),
    ("json", ".json", "Report: fonts, glyphs, candidates"), ("csv", "-corrections.csv", "Confirmed glyphs only, CSV"),
)  # fmt: skip


def chooser(keep: Callable[[str, bytes], str], known: Mapping[str, str], key: str, largest: int) -> None:
    """Let the user upload a PDF or return to one of ``known`` (key → name)."""
    uploader("Your PDF", "pdf", key=f"{PREFIX}upload", keep=keep, show=_open, largest=largest)
    if known:
        recent = Choice("pdf", "or a recent PDF", known, (key,) if key in known else (), hint="choose a PDF")
        choices([recent], key=f"{PREFIX}recent", on_choose=lambda changes: _open("".join(changes["pdf"])),
                label="Recent PDFs")  # fmt: skip


def introduction() -> None:
    """Draw the page before a PDF is chosen."""
    st.subheader("Which fonts of a PDF have wrong text, and what is the correct text?")
    st.write(
        "Upload a PDF at the left. The model reads every glyph by its outline and compares it with the text of the "
        "PDF. A correction applies to all places of the glyph. Then export a PDF whose text can be copied."
    )
    st.code("glyphcore pdf inspect in.pdf\nglyphcore pdf repair in.pdf --out out.pdf", language="shell")


def password(name: str, problem: str, key: str) -> None:
    """Ask for the password of a PDF. :func:`passwords` keeps the typed password for the duration of the session."""
    st.error(problem, icon=":material/lock:")
    with st.form(f"{PREFIX}password", border=False, width=420):
        typed = st.text_input(
            f"Password of {name}", type="password", autocomplete="off",
            help="It is used to open the file while this page is open. It is not stored.",
        )  # fmt: skip
        if st.form_submit_button("Open") and typed:
            passwords()[key] = typed
            st.rerun()


def passwords() -> dict[str, str]:
    """Return the passwords typed in this session, by key of the PDF."""
    known: dict[str, str] = st.session_state.setdefault(f"{PREFIX}passwords", {})
    return known


@st.fragment(run_every=0.5)
def reading(name: str, waits: Callable[[], bool]) -> None:
    """Draw a progress bar while a PDF is read."""
    if not waits():
        address.rerun()
    st.progress(0.0, f"Reading {name} …")


def fonts(fonts_found: Sequence[Mapping[str, Any]]) -> None:
    """Draw the fonts with their verdicts, wrong fonts first."""
    rows = []
    for font in sorted(fonts_found, key=lambda font: (ORDER.index(font["verdict"]), -font["shown"])):
        kind = "wrong" if font["lies"] else "right" if font["verdict"] == "right" else "near"
        details = " · ".join(filter(None, (font["kind"], font["snag"])))
        rows.append(
            f'<div class="pdf-font {kind}" title="{escape(details)}">'
            f"<span>{SIGNS.get(font['verdict'], '?')}</span><b>{escape(font['font'])}</b>"
            f"<i>{escape(font['verdict'])} · {counted(font['glyphs'], 'glyph')}, "
            f"shown {counted(font['shown'], 'time')}</i></div>"
        )
    st.html("".join(rows) or "<p>No font shows any glyphs.</p>")


def headline(name: str, report: Mapping[str, Any]) -> None:
    """Draw the name of the file, and how many of its fonts have wrong text."""
    lying = sum(font["lies"] for font in report["fonts"])
    have = "has" if lying == 1 else "have"
    summary = (
        f"{lying} of {counted(len(report['fonts']), 'font')} {have} wrong or missing text"
        if lying
        else "no font has wrong text"
    )
    if not report["fonts"]:
        summary = "shows no text"
    damage = f'<span class="wrong">{escape(report["damage"])}</span>' if report["damage"] else ""
    pages = counted(len(report["pages"]), "page")
    languages = f"<span>{escape(', '.join(report['languages']))}</span>" if report["languages"] else ""
    st.html(
        f'<div class="headline" role="status"><b>{escape(name)}</b>{damage}<span>{summary}</span>'
        f"<span>{pages}</span>{languages}</div>",
        width="content",
    )


def exports(name: str, write: Callable[[str], bytes]) -> None:
    """Draw the downloads; ``write`` makes the file of a kind on request."""
    stem = Path(name).stem[:60] or "document"
    with st.popover("Export", icon=":material/download:"):
        for kind, suffix, words in EXPORTS:
            st.download_button(
                words, partial(write, kind), file_name=f"{stem}{suffix}", on_click="ignore", width="stretch",
                key=f"{PREFIX}{kind}",
            )  # fmt: skip


def _open(key: str) -> None:
    st.session_state.pop(f"{PREFIX}upload_fault", None)
    parameters.update(pdf=key, page=None, glyph=None)
