"""Finds glyphs of a TrueType font that are composed of too many glyphs, before FreeType draws the parts one by one.

HarfBuzz limits the number of parts. FreeType draws composites of composites without a limit: ten nested glyphs of sixty
parts each would take years. Only fonts that HarfBuzz does not draw need this check.
"""

from __future__ import annotations

import struct

MOST = 2000
"""Largest number of glyphs that a composite may contain; real composites contain some ten."""
WORDS, SCALE, MORE, TWO_SCALES, MATRIX = 0x0001, 0x0008, 0x0020, 0x0040, 0x0080


def too_many(data: bytes, number: int = 0) -> frozenset[int]:
    """Return the indices of glyphs with more than :data:`MOST` parts or that contain themselves; none for data without
    ``glyf``.

    ``data``: plain tables, of face ``number`` of a collection.
    """
    try:
        parts = _parts(data, number)
    except struct.error:  # FreeType does not open a font that is cut off within its directory
        return frozenset()
    cost: dict[int, int] = {}
    for glyph in parts:
        waiting = [glyph]
        while waiting:
            at = waiting[-1]
            if at not in cost:
                cost[at] = MOST + 1  # the value until it is known; a glyph that contains itself keeps it
                waiting += [part for part in parts.get(at, ()) if part in parts and part not in cost]
            else:
                waiting.pop()
                cost[at] = min(MOST + 1, 1 + sum(cost.get(part, 1) for part in parts.get(at, ())))
    return frozenset(glyph for glyph, n in cost.items() if n > MOST)


def _parts(data: bytes, number: int) -> dict[int, list[int]]:
    """Return composite glyph → its parts."""
    start = struct.unpack_from(">I", data, 12 + 4 * number)[0] if data[:4] == b"ttcf" else 0
    tables: dict[bytes, bytes] = {}
    for i in range(struct.unpack_from(">H", data, start + 4)[0]):
        tag, _, offset, length = struct.unpack_from(">4sIII", data, start + 12 + 16 * i)
        tables.setdefault(tag, data[offset : offset + length])
    glyf, loca, head = (tables.get(tag, b"") for tag in (b"glyf", b"loca", b"head"))
    if not glyf or len(head) < 52:
        return {}
    if head[50:52] != b"\0\0":
        offsets = list(struct.unpack(f">{len(loca) // 4}I", loca[: len(loca) // 4 * 4]))
    else:
        offsets = [2 * half for half in struct.unpack(f">{len(loca) // 2}H", loca[: len(loca) // 2 * 2])]
    parts = {}
    for glyph, (at, end) in enumerate(zip(offsets, [*offsets[1:], len(glyf)], strict=True)):
        end = min(end, len(glyf)) if end >= at else len(glyf)  # FreeType does the same
        if at + 10 <= end and glyf[at] & 0x80:
            parts[glyph] = _of(glyf, at + 10, end)
    return parts


def _of(glyf: bytes, at: int, end: int) -> list[int]:
    components: list[int] = []
    while at + 4 <= end and len(components) <= MOST:
        flags, part = struct.unpack_from(">HH", glyf, at)
        components.append(part)
        at += 4 + (4 if flags & WORDS else 2)
        at += 2 if flags & SCALE else 4 if flags & TWO_SCALES else 8 if flags & MATRIX else 0
        if not flags & MORE:
            break
    return components
