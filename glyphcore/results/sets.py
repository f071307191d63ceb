"""Sets of glyphs that no filter describes, such as a lasso on the map: stored in small files, named in links by a hash.

Ten thousand ids do not fit into an address. A set is stored in ``sets/`` beside the results under the hash of its
content. So the same glyphs always give the same link, and the set of a link never changes.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np

from glyphcore.errors import StoreError
from glyphcore.files import CORRUPT_FILE_ERRORS, replacing

FOLDER = "sets"
KEY = re.compile("[0-9a-f]{12}")
LARGEST = 1_000_000


def save(results: Path, ids: Iterable[int]) -> str:
    """Store a set in the folder of results; return its key. Raises StoreError when it cannot be written."""
    chosen = np.unique(np.fromiter(ids, dtype="<i8"))
    if len(chosen) > LARGEST:
        raise StoreError(f"A set holds up to {LARGEST:,} glyphs, not {len(chosen):,}.", remedy="Choose fewer.")
    key = hashlib.sha256(chosen.tobytes()).hexdigest()[:12]
    path, content = results / FOLDER / f"{key}.npy", io.BytesIO()
    np.save(content, chosen)
    try:
        if not path.is_file() or path.read_bytes() != content.getbuffer():  # a damaged file is written again
            with replacing(path) as temporary:
                temporary.write_bytes(content.getbuffer())
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}.", subject=path) from error
    return key


@lru_cache(maxsize=16)
def load(results: Path, key: str) -> np.ndarray:
    """Return ids int64, ascending, of a set. Raises StoreError when there is no set with this key."""
    try:
        if not KEY.fullmatch(key):
            raise ValueError("no key")
        ids = np.load(results / FOLDER / f"{key}.npy", allow_pickle=False)
        if ids.dtype != np.int64 or ids.ndim != 1:
            raise ValueError("not ids")
    except CORRUPT_FILE_ERRORS as error:
        raise StoreError(
            f"The set of glyphs {key!r} of this link is not on this server.",
            subject=key,
            remedy="Choose the glyphs again.",
        ) from error
    return ids
