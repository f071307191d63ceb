"""Maps from glyph to text in the format of PDF: a ``ToUnicode`` CMap (PDF 32000-1, 9.10.3; Adobe technical note 5411).

Codes are glyph indices in two bytes, as in a font embedded with ``Identity-H``, or the codes of the font
(:mod:`.codes`). Texts are UTF-16BE, so a ligature gives several characters and a character beyond the first plane gives
a surrogate pair. A block holds at most 100 entries.
"""

from __future__ import annotations

from collections.abc import Mapping

BLOCK = 100
"""Largest number of entries of a block (note 5411, 1.4.1)."""
LARGEST = 0xFFFF
"""Largest code of two bytes."""
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
<{first}> <{last}>
endcodespacerange
"""
TAIL = """endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def to_unicode(texts: Mapping[int, str], width: int = 2) -> str:
    """Return the CMap of code → text, ASCII; codes without text are left out. ``width``: bytes of a code, 1 or 2.

    Raises ValueError for a code that does not fit into ``width`` bytes, and for a text with half a surrogate pair.
    """
    lines = [f"<{_code(code, width)}> <{_utf16(text)}>" for code, text in sorted(texts.items()) if text]
    blocks = [lines[start : start + BLOCK] for start in range(0, len(lines), BLOCK)]
    body = "".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks)
    head = HEAD.replace("{first}", "00" * width).replace("{last}", "FF" * width)
    return head + body + TAIL


def _code(code: int, width: int) -> str:
    if not 0 <= code <= LARGEST >> 8 * (2 - width):
        raise ValueError(f"code {code} does not fit into {'two bytes' if width == 2 else 'one byte'}")
    return f"{code:0{2 * width}X}"


def _utf16(text: str) -> str:
    return text.encode("utf-16-be").hex().upper()
