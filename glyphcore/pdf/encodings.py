"""Encodings of simple fonts: from codes to glyph names, and the character that a name or an encoding promises.

Source: PDF 32000-1, 9.6.6 and annex D. A name is believed if it is exact (:func:`glyphcore.data.mapping.character_of`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pikepdf

from glyphcore.data.mapping import character_of
from glyphcore.pdf.objects import elements, get, name, number

WIN, MAC, STANDARD = "WinAnsiEncoding", "MacRomanEncoding", "StandardEncoding"


@lru_cache(maxsize=4)
def base(encoding: str) -> dict[int, str]:
    """Return code → glyph name of one of the three base encodings; empty for any other name."""
    from fontTools.agl import UV2AGL
    from fontTools.encodings.MacRoman import MacRoman
    from fontTools.encodings.StandardEncoding import StandardEncoding

    if encoding == WIN:
        texts = {code: bytes([code]).decode("cp1252", "ignore") or "•" for code in range(32, 256)}
        found = {code: UV2AGL.get(ord(text), "") for code, text in texts.items()}
        return found | {0xA0: "space", 0xAD: "hyphen", 0xB5: "mu"}
    names = {MAC: MacRoman, STANDARD: StandardEncoding}.get(encoding, [])
    return {code: name for code, name in enumerate(names) if name != ".notdef"}


@lru_cache(maxsize=20_000)
def said_by(glyph_name: str) -> str:
    """Return the character that a glyph name stands for exactly; empty if there is none."""
    code = character_of(glyph_name)
    return chr(code) if code is not None else ""


class Encoding:
    """The encoding of a simple font as given in its dictionary."""

    def __init__(self, value: Any) -> None:
        self.base = name(value) or name(get(value, "/BaseEncoding"))
        if not base(self.base):
            self.base = ""
        self.differences: dict[int, str] = {}
        code = 0
        for element in elements(get(value, "/Differences"), 2000):
            if isinstance(element, pikepdf.Name):
                if 0 <= code < 256:
                    self.differences[code] = name(element)
                code += 1
            else:
                code = int(number(element))

    @property
    def given(self) -> bool:
        """Whether the font gives any information about its codes."""
        return bool(self.base or self.differences)

    def name(self, code: int, otherwise: str = "") -> str:
        """Return the glyph name of a code; ``otherwise`` is the base encoding for fonts that name none."""
        return self.differences.get(code) or base(self.base or otherwise).get(code, "")
