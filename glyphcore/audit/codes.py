"""Codes of a ToUnicode CMap: glyph indices, codes of the font's own encoding, or codes from a file.

A PDF shows text by codes. Only a font embedded with ``Identity-H`` has glyph indices as codes. A simple font has codes
of one byte, from its encoding or, if the PDF has ``Differences`` or a ``CIDToGIDMap``, from the PDF itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from glyphcore.audit.corrections import Correction, csv_rows
from glyphcore.audit.tounicode import LARGEST, to_unicode
from glyphcore.data.fonts import FontFace
from glyphcore.data.spaces import spaces
from glyphcore.errors import GlyphError

OWN = "font"
"""The value of ``--codes`` for the font's own encoding."""


def cmap_of(face: FontFace, texts: Mapping[int, str], confirmed: Mapping[int, Correction], codes: str = "") -> str:
    """Return the CMap of a font. ``texts``: glyph index → text of predicted glyphs; spaces are added to them.

    ``codes``: empty for glyph indices in two bytes, :data:`OWN`, or the path of a CSV. Raises GlyphError when the font
    has no codes of its own, or when the file cannot be used.
    """
    blank = spaces(face, frozenset(texts))
    blank |= {glyph: correction.text for glyph, correction in confirmed.items() if glyph in blank}
    whole = {**blank, **texts}
    if not codes:
        return to_unicode(whole)
    width, glyphs = face.codes() if codes == OWN else read_codes(Path(codes))
    if not glyphs:
        raise GlyphError(
            f"{face.path.name} has no codes of its own.",
            subject=face.path,
            remedy="Name a CSV of codes and glyph indices, or leave out --codes.",
        )
    return to_unicode({code: whole[glyph] for code, glyph in glyphs.items() if glyph in whole}, width)


def read_codes(path: Path) -> tuple[int, dict[int, int]]:
    """Return the number of bytes of a code, 1 or 2, and code → glyph index, from a CSV with the columns ``code`` and
    ``glyph_id``.

    A code is written as a number, or as in a PDF: ``<41>``, ``0x41``. Codes have two bytes when one of them is above
    255 or written with four digits. Raises GlyphError, which names the line.
    """
    fields, rows = csv_rows(path)
    if not {"code", "glyph_id"} <= set(fields):
        raise GlyphError(
            f"{path} needs the columns code and glyph_id.", subject=path, remedy="Name them in the first line."
        )
    codes: dict[int, int] = {}
    wide = False
    for line, row in enumerate(rows, 2):
        hexadecimal = re.fullmatch("(?:0[xX]|<)([0-9A-Fa-f]{1,4})>?", row["code"].strip())
        written = hexadecimal[1] if hexadecimal else row["code"].strip()
        if not hexadecimal and not re.fullmatch("[0-9]{1,5}", written):
            raise GlyphError(f"{path}, line {line}: {written[:40]!r} is not a code.", subject=path)
        code = int(written, 16 if hexadecimal else 10)
        glyph = row["glyph_id"].strip()
        if not re.fullmatch("[0-9]{1,5}", glyph) or code > LARGEST:
            what = (
                f"{glyph[:40]!r} is not a glyph index" if code <= LARGEST else f"code {code} takes more than two bytes"
            )
            raise GlyphError(f"{path}, line {line}: {what}.", subject=path)
        codes[code] = int(glyph)
        wide |= code > 255 or bool(hexadecimal and len(written) == 4)
    if not codes:
        raise GlyphError(f"{path} lists no codes.", subject=path)
    return 2 if wide else 1, codes
