"""Labels that a typed word means, and glyphs that show best what a label looks like."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from glyphcore.data.labels import LabelMap

if TYPE_CHECKING:
    from glyphcore.results.selection import Columns


def matching(words: Iterable[str], labels: LabelMap, text: str) -> list[str]:
    """Labels among ``words`` that ``text`` means: by character, by code point, or by part of the name.

    ``labels`` knows the characters; labels that it does not have are found by name alone.
    """
    text = text.strip()
    code = re.fullmatch(r"(?:[uU]\+?|0x)?([0-9A-Fa-f]{4,6})", text)
    character = chr(int(code[1], 16)) if code and int(code[1], 16) <= 0x10FFFF else text
    written = f"U+{code[1].upper():0>4}" if code else ""
    part = text.lower().replace(" ", "_")
    found = []
    for label in words:
        i = labels.index.get(label)
        by_character = i is not None and (character in labels.base[i] or (written and written in labels.codepoint[i]))
        if by_character or (len(part) > 1 and part in label.lower()):
            found.append(label)
    return found


def examples(columns: Columns, label: str, exclude_family: str, n: int) -> list[int]:
    """Glyph ids of a label, at most one a family and none of ``exclude_family``: rightly and surely read first."""
    mask = columns.any_of("label", (label,))
    if exclude_family:
        mask = mask & ~columns.any_of("family", (exclude_family,))
    rows = np.flatnonzero(mask)
    rows = rows[np.lexsort((-columns.data["p1"][rows], 1 - columns.data["correct"][rows].astype(np.int8)))]
    if len(columns.words["family"]) > 1:
        rows = rows[np.sort(np.unique(columns.data["family"][rows], return_index=True)[1])]
    return columns.data["glyph_id"][rows[:n]].tolist()
