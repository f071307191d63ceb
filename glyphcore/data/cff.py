"""The character identifiers of a bare CID-keyed CFF, in glyph order (Adobe technical note 5176).

FreeType loads the glyphs of such a program by identifier and counts up to the largest identifier, so its glyph indices
are not those of the program. This module reads only the parts that give these indices.
"""

from __future__ import annotations

import struct

CHARSTRINGS, CHARSET, ROS = 17, 15, (12, 30)
"""Operators of a Top DICT, section 9."""


def cids_of(data: bytes) -> list[int] | None:
    """Return the identifier of each glyph; None for a program that names its glyphs, or that is too damaged."""
    try:
        names = _index(data, data[2])
        tops = _index(data, names[-1])
        top = _dictionary(data[tops[0] : tops[1]])
        if ROS not in top:
            return None
        glyphs = struct.unpack_from(">H", data, _offset(top, CHARSTRINGS))[0]
        return _charset(data, _offset(top, CHARSET), glyphs)
    except (struct.error, LookupError, ValueError):
        return None


def _index(data: bytes, at: int) -> list[int]:
    """Return the start of each item of an INDEX, and the end of the last item (section 5)."""
    (count,) = struct.unpack_from(">H", data, at)
    if not count:
        return [at + 2]
    size = data[at + 2]
    start = at + 3 + (count + 1) * size
    table = data[at + 3 : start]
    if not 1 <= size <= 4 or len(table) < start - at - 3:
        raise ValueError("INDEX")
    return [start - 1 + int.from_bytes(table[i * size : (i + 1) * size]) for i in range(count + 1)]


def _dictionary(data: bytes) -> dict[int | tuple[int, int], list[int]]:
    """Return operator → operands (section 4); real numbers are only counted as operands."""
    entries: dict[int | tuple[int, int], list[int]] = {}
    operands: list[int] = []
    at = 0
    while at < len(data):
        b = data[at]
        at += 1
        if b <= 21:
            key: int | tuple[int, int] = b
            if b == 12:
                key = 12, data[at]
                at += 1
            entries[key], operands = operands, []
        elif b == 28:
            operands.append(struct.unpack_from(">h", data, at)[0])
            at += 2
        elif b == 29:
            operands.append(struct.unpack_from(">i", data, at)[0])
            at += 4
        elif b == 30:  # two digits per byte, up to the terminating digit
            while data[at] & 0xF != 0xF and data[at] >> 4 != 0xF:
                at += 1
            at += 1
            operands.append(0)
        elif b <= 246:
            operands.append(b - 139)
        else:
            operands.append((b - 247) * 256 + data[at] + 108 if b <= 250 else -(b - 251) * 256 - data[at] - 108)
            at += 1
    return entries


def _offset(top: dict[int | tuple[int, int], list[int]], key: int) -> int:
    offset = top.get(key, [0])[-1]
    if offset < 0 or (key == CHARSTRINGS and not offset):
        raise ValueError("offset")
    return offset


def _charset(data: bytes, at: int, glyphs: int) -> list[int]:
    """Read the charset (section 13); in a predefined charset the identifier of a glyph is its index."""
    if at <= 2:
        return list(range(glyphs))
    form, identifiers = data[at], [0]
    at += 1
    while len(identifiers) < glyphs:
        (first,) = struct.unpack_from(">H", data, at)
        left = 0 if form == 0 else data[at + 2] if form == 1 else struct.unpack_from(">H", data, at + 2)[0]
        at += 2 + min(form, 2)
        identifiers += range(first, first + left + 1)
    return identifiers[:glyphs]
