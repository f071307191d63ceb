"""Write files so that no reader meets half of one: write beside, flush, rename."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import mmap
import os
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

CORRUPT_FILE_ERRORS = (
    OSError, ValueError, TypeError, LookupError, AttributeError, EOFError, MemoryError, RuntimeError, struct.error,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""Exceptions of numpy and zipfile for a file that is missing, cut off, damaged, or of another kind."""
FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""First characters of a cell that a spreadsheet runs as a formula, or that :func:`harmless` has escaped."""

REMEDIES = {
    errno.ENOENT: "Check the path.",
    errno.EISDIR: "Name a file instead of a folder.",
    errno.ENOTDIR: "Name a folder instead of a file.",
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "Ask for the right to it, or name another place."),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "Make room, and give the same command again."),
}
"""Remedies for errors of the system."""


@contextmanager
def replacing(path: Path, *, flush: bool = True) -> Iterator[Path]:
    """Give a temporary path beside ``path``; on success it takes ``path``'s place, on an error it is removed.

    ``flush``: whether it is on disk by then; not needed for one of many files that are simply made again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        if flush:
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def explained(error: OSError) -> str:
    """Return one line on an error of the system with a file, and its remedy."""
    name = "A file" if error.filename is None else str(error.filename)
    path = re.sub(
        r"\.([^/]+)\.\d+\.tmp$", r"\1", name
    )  # name the file itself, not the temporary one of :func:`replacing`
    remedy = REMEDIES.get(error.errno or 0, "")
    return f"{path}: {error.strerror or error}. {remedy}".strip()


@contextmanager
def alone(lock: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Wait until no other process is in such a block of the same ``lock`` file; ``waiting`` is called if it has to.

    A process that is killed leaves the block.
    """
    import fcntl  # not on every system; only training and evaluating need it

    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def release(mapped: Any) -> None:
    """Give back the pages of a memory-mapped array that were touched. The system keeps them, and writes what changed,
    as it likes; here they would count as memory. Any other array is left as it is."""
    if isinstance(mapped.base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.base.madvise(mmap.MADV_DONTNEED)


def fingerprint(path: Path) -> str:
    """Short hash of a file's content: 16 hex digits. Results are keyed by those of checkpoint and database."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


@contextmanager
def writing(path: Path | None) -> Iterator[TextIO]:
    """A UTF-8 text file that appears whole at the end; standard output for None."""
    if path is None:
        yield sys.stdout
        return
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        yield file


def spreadsheet(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """CSV line by line, its names in the first row: no cell is run as a formula, and a byte order mark comes first,
    without which spreadsheets take it for Latin-1."""
    line = io.StringIO()
    writer = csv.writer(line)
    line.write("\ufeff")
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def harmless(value: object) -> object:
    """Return a cell for a CSV file that no spreadsheet runs as a formula; :func:`plain` undoes it. Only text is
    changed, and one character alone is no formula: the text of a hyphen is a hyphen."""
    return f"'{value}" if isinstance(value, str) and len(value) > 1 and FORMULA.match(value) else value


def plain(cell: str) -> str:
    """Inverse of :func:`harmless` for text."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
