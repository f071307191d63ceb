"""Open a results file to read: read-only, one connection a query, with errors that name the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from glyphcore.data import foreign
from glyphcore.errors import StoreError
from glyphcore.files import CORRUPT_FILE_ERRORS

EVALUATE_AGAIN = "Evaluate the checkpoint again; if it stays so, delete the file first."
TABLES = ("meta", "codebook", "predictions", "details", "columns")


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection for one query; it must not cross threads.

    Results may come from anybody and be damaged: every error while they are read and unpacked becomes a StoreError.
    """
    try:
        with closing(foreign.connect(path, TABLES)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise StoreError(f"{path.name} cannot be read: {error}.", subject=path, remedy=EVALUATE_AGAIN) from error
    except CORRUPT_FILE_ERRORS as error:
        raise StoreError(
            f"{path.name} is damaged ({type(error).__name__}).", subject=path, remedy=EVALUATE_AGAIN
        ) from error
