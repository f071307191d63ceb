"""Opens a results file for reading: read-only, one connection per query, with errors that name the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from glyphcore.data import foreign
from glyphcore.errors import StoreError
from glyphcore.files import CORRUPT_FILE_ERRORS

EVALUATE_AGAIN = "Evaluate the checkpoint again; if the problem remains, delete the file first."
TABLES = ("meta", "codebook", "predictions", "details", "columns", "shards")


class CutOffError(StoreError):
    """The process that wrote the file was killed within a transaction; the next run rolls it back and goes on."""


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a read-only connection for one query; it must stay in its thread. Errors are those of :func:`explained`."""
    with explained(path), closing(foreign.connect(path, TABLES)) as connection:
        yield connection


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Raise StoreError for every error during reading and unpacking: results may come from an unknown source and be
    damaged."""
    try:
        yield
    except sqlite3.Error as error:
        if not path.exists():
            raise StoreError(
                f"{path.name} is missing.", subject=path, remedy="Put the file back, or evaluate the checkpoint again."
            ) from error
        if foreign.is_cut_off(error) or path.stat().st_size == 0:
            raise CutOffError(
                f"{path.name} is unfinished.", subject=path, remedy="Evaluate the checkpoint again to go on."
            ) from error
        raise StoreError(f"{path.name} cannot be read: {error}.", subject=path, remedy=EVALUATE_AGAIN) from error
    except CORRUPT_FILE_ERRORS as error:
        raise StoreError(
            f"{path.name} is damaged ({type(error).__name__}).", subject=path, remedy=EVALUATE_AGAIN
        ) from error
