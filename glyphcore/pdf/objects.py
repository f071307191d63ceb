"""PDF files opened within bounds, and their values read without trust.

pikepdf (qpdf) does the parsing. A damaged or hostile file may hold a number in place of a dictionary, a stream of a
kilobyte that inflates to gigabytes, or a tree that contains itself. All functions here return a default instead of
raising, except :func:`open_pdf`.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import settings

from glyphcore.errors import PasswordError, PdfError

LARGEST = 512 << 20
"""Largest size in bytes of a PDF that is opened."""
INFLATED = 64 << 20
"""Bytes that one stream may inflate to; the largest programs and pages in use have some 30 million."""
DEEPEST = 50
"""Largest depth of the page tree, and of nested arrays."""
PAGES = 20_000
"""Largest number of pages that are read."""
Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
FAULTS = (
    pikepdf.PikepdfError, ValueError, TypeError, LookupError, AttributeError, RuntimeError, ArithmeticError,
    NotImplementedError,
)  # fmt: skip
"""Exceptions that pikepdf raises for values and streams of a wrong kind."""


@lru_cache(maxsize=1)
def _bounded() -> None:
    """Bound the memory that qpdf allocates, for the whole process: qpdf has one set of limits."""
    settings.set_qpdf_limits(
        flate_max_memory=INFLATED, png_max_memory=INFLATED, tiff_max_memory=INFLATED, run_length_max_memory=INFLATED,
        dct_max_memory=INFLATED, max_stream_filters=8, doc_max_warnings=20_000, parser_max_errors=1000,
        parser_max_nesting=100, parser_max_container_size=2_000_000,
    )  # fmt: skip


def open_pdf(path: Path, password: str = "") -> pikepdf.Pdf:
    """Open a PDF. Raises PdfError when the file cannot be read or is larger than :data:`LARGEST`, and PasswordError
    when it needs a password or another password."""
    _bounded()
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise PdfError(f"{path} has {size >> 20:,} MB; {LARGEST >> 20} are read at most.", subject=path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a password that the file does not need is no harm
            return pikepdf.open(path, password=password, inherit_page_attributes=False)
    except OSError as error:
        raise PdfError(f"{path} cannot be read: {error.strerror}.", subject=path, remedy="Check the path.") from error
    except pikepdf.PasswordError as error:
        problem = f"The password of {path} is wrong." if password else f"{path} needs a password."
        raise PasswordError(problem, subject=path, remedy="Give the password that opens it.") from error
    except FAULTS as error:
        if _is_pdf(path) and not _is_ended(path):
            problem = f"{path} is damaged, {CUT}: nothing of it can be read."
            raise PdfError(problem, subject=path, remedy=ANEW) from error
        raise PdfError(f"{path} is not a readable PDF: {_plain(error)}.", subject=path) from error


def damage(pdf: pikepdf.Pdf, path: Path) -> str:
    """Describe the damage that qpdf had to mend while it read the file; empty if there was none."""
    if not any(_MENDED.search(str(warning)) for warning in pdf.get_warnings()):
        return ""
    return "its table of objects is broken" if _is_ended(path) else CUT


_MENDED = re.compile("reconstruct cross-reference|treating stream as empty|Resources is missing")
CUT = "its end is missing"
ANEW = "Get another copy of the file."


def _is_pdf(path: Path) -> bool:
    with path.open("rb") as file:
        begin = file.read(4096)
    return b"%PDF-" in begin[:1024] and b" obj" in begin


def _is_ended(path: Path) -> bool:
    """Whether the file has the end mark of a PDF; 1,024 bytes may follow the mark, as Acrobat allows."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2048))
        return b"%%EOF" in file.read()


def promised_pages(pdf: pikepdf.Pdf) -> int:
    """Return the number of pages that the file declares; 0 where it declares none."""
    return int(number(get(get(pdf.Root, "/Pages"), "/Count")))


def _plain(error: BaseException) -> str:
    return str(error).rpartition(": ")[2].rstrip(". ")[:120] or type(error).__name__


def pages(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Yield the dictionaries of the pages in order, at most :data:`PAGES`; stop where the page tree cannot be
    walked."""
    try:
        for number, page in enumerate(pdf.pages):
            if number >= PAGES:
                return
            yield page.obj
    except FAULTS:
        return


def inherited(page: pikepdf.Object, key: str) -> Any:
    """Return a value of a page, which the page may inherit from the nodes above it; None if there is none."""
    node: Any = page
    for _ in range(DEEPEST):
        found = get(node, key)
        if found is not None:
            return found
        node = get(node, "/Parent")
        if node is None:
            return None
    return None


def get(holder: Any, key: str, default: Any = None) -> Any:
    """Return a value of a dictionary or of a stream's dictionary; ``default`` where there is none or ``holder`` is
    neither."""
    try:
        if not isinstance(holder, pikepdf.Object):
            return default
        found = holder.get(key)
    except FAULTS:
        return default
    return default if found is None else found


def is_dictionary(value: Any) -> bool:
    """Whether a value has keys, which dictionaries and streams have."""
    return isinstance(value, (pikepdf.Dictionary, pikepdf.Stream))


def items(holder: Any) -> list[tuple[str, Any]]:
    """Return the keys and values of a dictionary; empty for any other value."""
    try:
        return [(str(key), value) for key, value in holder.items()] if is_dictionary(holder) else []
    except FAULTS:
        return []


def elements(value: Any, most: int = 200_000) -> list[Any]:
    """Return the elements of an array, at most ``most``; empty for any other value."""
    try:
        return [value[i] for i in range(min(len(value), most))] if isinstance(value, pikepdf.Array) else []
    except FAULTS:
        return []


def number(value: Any, default: float = 0.0) -> float:
    """Return a finite number; ``default`` for any other value."""
    try:
        found = default if isinstance(value, (bool, str, bytes)) else float(value)
    except FAULTS:
        return default
    return found if abs(found) < 1e9 else default


def name(value: Any) -> str:
    """Return a name without its slash; empty for any other value."""
    try:
        return str(value)[1:] if isinstance(value, pikepdf.Name) else ""
    except FAULTS:
        return ""


def matrix(value: Any) -> Matrix:
    """Return a matrix of six numbers; the identity for any other value."""
    six = [number(element) for element in elements(value, 7)]
    return (six[0], six[1], six[2], six[3], six[4], six[5]) if len(six) == 6 else IDENTITY


def multiplied(a: Matrix, b: Matrix) -> Matrix:
    """Return the matrix that applies ``a`` first, then ``b`` (PDF 32000-1, 8.3.4)."""
    return (
        a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4], a[4] * b[1] + a[5] * b[3] + b[5],
    )  # fmt: skip


def content(stream: Any) -> bytes:
    """Return the decoded data of a stream; empty for any other value, a damaged stream, and data that inflate beyond
    :data:`INFLATED`."""
    try:
        return stream.read_bytes() if isinstance(stream, pikepdf.Stream) else b""
    except FAULTS:
        return b""


def identity(value: pikepdf.Object) -> tuple[int, int] | bytes:
    """Return the identity of an object: its number if it is indirect, its text if it is direct (all direct objects are
    0 0)."""
    try:
        return value.objgen if value.is_indirect else value.unparse()
    except FAULTS:
        return b""
