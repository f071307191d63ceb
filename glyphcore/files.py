"""Writes files so that no reader sees an incomplete file: write beside the path, flush, rename."""

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
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "Get the permission, or name another path."),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "Free some space, then run the same command again."),
}
"""Remedies for errors of the operating system."""


def overwrites(path: Path, source: Path) -> bool:
    """Return whether writing ``path`` would overwrite the file ``source``."""
    return path.is_file() and source.exists() and path.samefile(source)


@contextmanager
def replacing(path: Path, *, flush: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success the file replaces ``path``, on an error it is removed.

    ``flush``: whether the file must be on disk by then; not needed for files that can simply be made again.
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
    """Return one line about an operating system error with a file, and its remedy."""
    name = "A file" if error.filename is None else str(error.filename)
    path = re.sub(
        r"\.([^/]+)\.\d+\.tmp$", r"\1", name
    )  # name the file itself, not the temporary file of :func:`replacing`
    remedy = REMEDIES.get(error.errno or 0, "")
    return f"{path}: {error.strerror or error}. {remedy}".strip()


@contextmanager
def alone(lock: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Run a block that only one process at a time may run, by a ``lock`` file; ``waiting`` is called if it must wait.

    A process that is killed leaves the block.
    """
    import fcntl  # not available on every system; only training and evaluating need it

    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def release(mapped: Any) -> None:
    """Release the pages of a memory-mapped array that were touched. The system keeps them in its cache and writes
    changes later; here they would count as memory. Any other array stays as it is."""
    if isinstance(mapped.base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.base.madvise(mmap.MADV_DONTNEED)


def fingerprint(path: Path) -> str:
    """Return a short hash of a file's content: 16 hex digits. Results are keyed by the hashes of checkpoint and
    database."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


@contextmanager
def writing(path: Path | None) -> Iterator[TextIO]:
    """Yield a UTF-8 text file that appears complete at the end; standard output for None."""
    if path is None:
        yield sys.stdout
        return
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        yield file


def spreadsheet(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield CSV line by line, with names in the first row. No cell is run as a formula. A byte order mark comes first;
    without it spreadsheets read the file as Latin-1."""
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
    changed. A single character is not a formula: the text of a hyphen is a hyphen."""
    return f"'{value}" if isinstance(value, str) and len(value) > 1 and FORMULA.match(value) else value


def plain(cell: str) -> str:
    """Return the original text of a cell from :func:`harmless`."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
