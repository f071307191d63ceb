"""A font's characters by its own tables and names: Unicode, glyph names, or codes of one byte.

A Unicode ``cmap`` comes first. A third of the TrueType programs in PDFs have only a symbol ``cmap`` (3,0) or a
Macintosh one (1,0); bare CFF and Type 1 have names and an encoding. A name counts only if it is exact: ``uni0628``,
``u1D538``, or a name that the Adobe Glyph List has as a whole for one character. The list's rule for parts of names
(``a.alt``, ``f_i``, ``g|2``) would turn internal glyph names into Latin letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

EXACT = re.compile("uni([0-9A-F]{4})|u([0-9A-F]{4,6})")
SYMBOL = (0x0000, 0xF000, 0xF100, 0xF200)
"""First codes of the one-byte ranges in a symbol ``cmap`` (PDF 32000-1, 9.6.6.4)."""


@dataclass(frozen=True)
class CharacterMap:
    """A font's own characters and codes."""

    characters: dict[int, int] = field(default_factory=dict)
    """Code point → glyph index."""
    sure: bool = True
    """Whether codes are characters: codes of one byte may be characters, or only numbers that a PDF uses."""
    by: str = ""
    """Source of the characters, for people; empty for a Unicode ``cmap``, and where there is no source."""


def is_character(code: int) -> bool:
    """Return whether a number is a Unicode scalar value (Unicode 3.9, D76), not half of a surrogate pair."""
    return 0 <= code < 0xD800 or 0xE000 <= code <= 0x10FFFF


def character_of(name: str) -> int | None:
    """Return the one character that a glyph name stands for exactly; None for any other name."""
    if exact := EXACT.fullmatch(name):
        code = int(exact[1] or exact[2], 16)
        return code if is_character(code) and not _private(code) else None
    if not re.fullmatch("[A-Za-z0-9]+", name):
        return None
    from fontTools.agl import LEGACY_AGL2UV  # a list of 4,281 names, which few fonts need

    codes = LEGACY_AGL2UV.get(name, ())
    return codes[0] if len(codes) == 1 and not _private(codes[0]) else None


@dataclass(frozen=True)
class Codes:
    """A subtable of ``cmap`` whose codes are not Unicode."""

    symbol: bool
    """Whether the subtable is (3,0); otherwise it is a Macintosh subtable (1,n)."""
    encoding: str
    """Python's name of the encoding of the codes."""
    by: str
    """Source of the characters, for people."""
    glyphs: dict[int, int]
    """Code → glyph index, without glyph 0."""


def choose_mapping(table: Codes | None, names: Sequence[str]) -> CharacterMap:
    """Return the characters of a font without a Unicode ``cmap``: by names or by codes, whichever covers more glyphs.

    ``names``: names that are in the font, in glyph order, empty where there is none.
    """
    named: dict[int, int] = {}
    for gid, name in enumerate(names):
        code = character_of(name) if gid else None
        if code is not None:
            named.setdefault(code, gid)
    coded: dict[int, int] = {}
    for code, gid in one_byte(table).items():
        text = chr(code) if code > 255 else bytes([code]).decode(table.encoding, "ignore") if table else ""
        if len(text) == 1 and text.isprintable() and is_character(ord(text)) and not _private(ord(text)):
            coded.setdefault(ord(text), gid)
    if table is None or len(set(named.values())) >= len(set(coded.values())):
        return CharacterMap(named, True, "its glyph names" if named else "")
    return CharacterMap(coded, False, table.by)


def one_byte(table: Codes | None) -> dict[int, int]:
    """Return codes as in a PDF → glyph index; for a symbol ``cmap`` the low byte, where 0xF000 was added."""
    if table is None:
        return {}
    if not table.symbol:
        return table.glyphs
    codes: dict[int, int] = {}
    for code, gid in sorted(table.glyphs.items(), key=lambda item: (item[0] < 0xF000, item[0])):
        codes.setdefault(code & 0xFF if code & ~0xFF in SYMBOL else code, gid)
    return codes


def codes_of(subtables: Iterable[Any], order: Mapping[str, int]) -> Codes | None:
    """Return the symbol subtable of fontTools' ``cmap`` subtables, else a Macintosh subtable; None for neither.

    ``order``: glyph name → index. Raises the errors of fontTools for a broken subtable.
    """
    tables: list[Codes] = []
    for table in subtables:
        symbol = (table.platformID, table.platEncID) == (3, 0)
        if symbol or table.platformID == 1:
            glyphs = {code: order[name] for code, name in table.cmap.items() if order.get(name)}
            by = f"its {'symbol' if symbol else 'Macintosh'} cmap ({table.platformID},{table.platEncID})"
            if not symbol:
                glyphs = {code: gid for code, gid in glyphs.items() if 0 <= code < 256}
            if glyphs:
                tables.append(Codes(symbol, "cp1252" if symbol else _macintosh(table), by, glyphs))
    return min(tables, key=lambda table: not table.symbol, default=None)


def _macintosh(table: Any) -> str:
    """Return the encoding of a Macintosh subtable; Roman where fontTools knows no other encoding of one byte."""
    name = table.getEncoding("mac_roman")
    try:
        return name if len(bytes(range(0x20, 0x7F)).decode(name)) == 0x5F else "mac_roman"
    except (LookupError, UnicodeDecodeError, TypeError):
        return "mac_roman"


def _private(code: int) -> bool:
    return 0xE000 <= code < 0xF900 or code >= 0xF0000
