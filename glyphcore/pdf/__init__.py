"""PDFs: find fonts that lie, and read the text that is shown.

    from glyphcore import pdf

    pdf.inspect("in.pdf")["lies"]
    pdf.repair("in.pdf", "out.pdf")
    pdf.text("in.pdf")[0]

A font lies if its ToUnicode, or the text that PDF readers take instead, differs from the characters that its outlines
show. These functions read the PDF in the calling process. The commands read each file in a process of its own, so that
a hostile file cannot harm them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glyphcore.config import AUTO
from glyphcore.errors import PdfError
from glyphcore.files import overwrites


def inspect(path: str | Path, *, password: str = "", checkpoint: Path = AUTO) -> dict[str, Any]:
    """Judge every font of a PDF and return the record that ``glyphcore pdf inspect --json`` prints, as plain types.

    ``lies`` tells whether any font is not to be trusted. ``fonts`` has one verdict per font. ``pages`` has, per page,
    the share of glyphs of such fonts and their ranges in drawing order. Raises PdfError when the file cannot be read.
    """
    return _answer("inspect", path, checkpoint, password)


def repair(
    path: str | Path, out: str | Path, *, language: str = "auto", every: bool = False,
    confirmed: str | Path | None = None, unsure: str = "guess", ligatures: str = "presentation",
    report: str | Path | None = None, sheet: str | Path | None = None, signed: bool = False, password: str = "",
    checkpoint: Path = AUTO,
) -> dict[str, Any]:  # fmt: skip
    """Write a copy of a PDF in which lying fonts have a ``ToUnicode`` of the text that they show. Nothing else changes.

    The arguments are those of ``glyphcore pdf repair``; ``every`` is ``--all``, ``signed`` is ``--break-signatures``.
    Returns the record of :func:`inspect` with ``repaired``, the names of the fonts that were written. Raises PdfError,
    also where an output would overwrite the PDF.
    """
    for written in (out, report, sheet):
        if written and overwrites(Path(written), Path(path)):
            raise PdfError(
                f"{written} is the input and would be overwritten.", subject=path, remedy="Name another file."
            )
    named = {"confirmed": confirmed, "report": report, "sheet": sheet}
    return _answer(
        "repair", path, checkpoint, password, out=str(out), language=language, every=every, unsure=unsure,
        ligatures=ligatures, signed=signed, **{name: str(value) for name, value in named.items() if value is not None},
    )  # fmt: skip


def text(
    path: str | Path, *, language: str = "auto", every: bool = False, confirmed: str | Path | None = None,
    unsure: str = "guess", password: str = "", checkpoint: Path = AUTO,
) -> list[str]:  # fmt: skip
    """Return the text of each page of a PDF; fonts that lie are read from their outlines. Raises PdfError.

    The arguments are those of ``glyphcore pdf text``; ``every`` is ``--all``.
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
