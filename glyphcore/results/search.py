"""What somebody who types a word into the search field means by it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from glyphcore.data.labels import LabelMap


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
