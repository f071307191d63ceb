"""PDF readers that are in common use."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path


def pdftotext(path: Path) -> str:
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", str(path), "-"], capture_output=True, timeout=120, check=False)
    return done.stdout.decode("utf-8", "replace")


def pypdf(path: Path) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


def pdfminer(path: Path) -> str:
    from pdfminer.high_level import extract_text

    return str(extract_text(str(path)))


def pdfium(path: Path) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


READERS: dict[str, Callable[[Path], str]] = {
    "pdftotext": pdftotext, "pypdf": pypdf, "pdfminer.six": pdfminer, "pypdfium2": pdfium,
}  # fmt: skip


def read(reader: str, path: Path) -> str:
    """Return the text; empty where a reader fails."""
    try:
        return READERS[reader](path)
    except Exception:
        return ""


OCR = {True: "Tesseract, language named", False: "Tesseract, ara+fas+eng"}
TESSERACT = {
    "en": "eng", "fr": "fra", "de": "deu", "es": "spa", "it": "ita", "pl": "pol", "cs": "ces", "hu": "hun", "ro": "ron",
    "tr": "tur", "vi": "vie", "pt": "por", "ar": "ara", "fa": "fas", "ur": "urd", "ps": "pus", "ug": "uig", "fi": "fin",
    "cy": "cym",
}  # fmt: skip
"""The project's names of languages → Tesseract's; a language without data in Tesseract is read as :data:`ALL`."""
ALL = "ara+fas+eng"


def ocr(path: Path, language: str, folder: Path) -> str:
    """Return Tesseract's text of the first page at 300 dpi; ``language`` is empty when it is unknown."""
    picture = folder / f"page-{os.getpid()}"
    subprocess.run(["pdftoppm", "-r", "300", "-png", "-singlefile", str(path), str(picture)], check=True)
    done = subprocess.run(
        ["tesseract", f"{picture}.png", "-", "-l", TESSERACT.get(language, ALL)], capture_output=True, check=False,
        timeout=300,
    )  # fmt: skip
    return done.stdout.decode("utf-8", "replace")
