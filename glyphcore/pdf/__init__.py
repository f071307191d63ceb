"""PDFs: which of their fonts lie, and the text that they show.

    from glyphcore import pdf

    pdf.inspect("in.pdf")["lies"]
    pdf.repair("in.pdf", "out.pdf")
    pdf.text("in.pdf")[0]

A font lies where its ToUnicode, or what readers take instead, is not what its outlines show. These functions read in
this process; the commands read each file in one of its own, which a hostile file cannot harm.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glyphcore.config import AUTO


def inspect(path: str | Path, *, password: str = "", checkpoint: Path = AUTO) -> dict[str, Any]:
    """Judge every font of a PDF: what ``glyphcore pdf inspect --json`` prints of a file, as plain types.

    ``lies`` says whether any font is not to be trusted, ``fonts`` has a verdict each, and ``pages`` the share of glyphs
    of such fonts with the ranges that they take in drawing order. Raises PdfError when the file cannot be read.
    """
    return _answer("inspect", path, checkpoint, password)


def repair(
    path: str | Path, out: str | Path, *, language: str = "auto", every: bool = False,
    confirmed: str | Path | None = None, unsure: str = "guess", ligatures: str = "presentation",
    report: str | Path | None = None, sheet: str | Path | None = None, signed: bool = False, password: str = "",
    checkpoint: Path = AUTO,
) -> dict[str, Any]:  # fmt: skip
    """Write a copy of a PDF whose lying fonts have a ``ToUnicode`` of what they show; nothing else of it changes.

    Arguments are those of ``glyphcore pdf repair``; ``every`` is ``--all``, ``signed`` is ``--break-signatures``.
    Returns what :func:`inspect` does, with ``repaired``, the names of the fonts that were written. Raises PdfError.
    """
    named = {"confirmed": confirmed, "report": report, "sheet": sheet}
    return _answer(
        "repair", path, checkpoint, password, out=str(out), language=language, every=every, unsure=unsure,
        ligatures=ligatures, signed=signed, **{name: str(value) for name, value in named.items() if value is not None},
    )  # fmt: skip


def text(
    path: str | Path, *, language: str = "auto", every: bool = False, confirmed: str | Path | None = None,
    unsure: str = "guess", password: str = "", checkpoint: Path = AUTO,
) -> list[str]:  # fmt: skip
    """The text of each page of a PDF, fonts that lie read from their outlines. Raises PdfError.

    Arguments are those of ``glyphcore pdf text``; ``every`` is ``--all``.
    """
    named = {"confirmed": str(confirmed)} if confirmed is not None else {}
    pages: list[str] = _answer(
        "text", path, checkpoint, password, language=language, every=every, unsure=unsure, **named
    )["pages"]
    return pages


def _answer(do: str, path: str | Path, checkpoint: Path, password: str, **options: Any) -> dict[str, Any]:
    from glyphcore.errors import missing_extra

    try:
        from glyphcore.pdf import answers
    except ModuleNotFoundError as error:
        raise missing_extra(error.name) or error from error
    return answers.answer({"do": do, "path": str(path), "password": password, **options}, checkpoint)
