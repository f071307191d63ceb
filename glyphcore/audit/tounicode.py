"""Glyph → text as a PDF wants it: a ``ToUnicode`` CMap (PDF 32000-1, 9.10.3; Adobe technical note 5411).

Codes are glyph indices in two bytes, as in a font embedded with ``Identity-H``; texts are UTF-16BE, so a ligature gives
several characters and a character beyond the first plane gives a surrogate pair. A block holds at most 100 entries.
"""

from __future__ import annotations

from collections.abc import Mapping

BLOCK = 100
"""Entries a block may have at most (note 5411, 1.4.1)."""
LARGEST = 0xFFFF
HEAD = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo
<< /Registry (Adobe)
/Ordering (UCS)
/Supplement 0
>> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
"""
TAIL = """endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def to_unicode(texts: Mapping[int, str]) -> str:
    """The CMap of glyph index → text, ASCII; glyphs without text are left out.

    Raises ValueError for a glyph index outside 0 to 65535 or a text with half a surrogate pair.
    """
    lines = [f"<{_code(glyph)}> <{_utf16(text)}>" for glyph, text in sorted(texts.items()) if text]
    blocks = [lines[start : start + BLOCK] for start in range(0, len(lines), BLOCK)]
    body = "".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks)
    return HEAD + body + TAIL


def _code(glyph: int) -> str:
    if not 0 <= glyph <= LARGEST:
        raise ValueError(f"glyph index {glyph} does not fit into two bytes")
    return f"{glyph:04X}"


def _utf16(text: str) -> str:
    return text.encode("utf-16-be").hex().upper()
