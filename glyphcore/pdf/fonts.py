"""Fonts of a PDF: the codes of a string, the glyph of the font program for each code, and the PDF's claims about it.

Each kind of font has its own rules from codes to glyphs (PDF 32000-1, 9.6 and 9.7). Type 0 uses a CMap and
``CIDToGIDMap``, or the numbers of a CID-keyed CFF. Simple TrueType uses an encoding or its symbol and Macintosh maps.
Type 1 uses glyph names. Type 3 uses the names of its procedures.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf

from glyphcore.data.containers import file_of
from glyphcore.data.fonts import FontFace
from glyphcore.errors import GlyphError
from glyphcore.pdf import cmaps
from glyphcore.pdf.cmaps import CMap
from glyphcore.pdf.encodings import MAC, STANDARD, WIN, Encoding, said_by
from glyphcore.pdf.objects import content, elements, get, name, number
from glyphcore.pdf.type3 import Procedures

SUBSET = re.compile("^[A-Z]{6}\\+")
PROGRAMS = (("/FontFile2", "TrueType"), ("/FontFile3", "CFF"), ("/FontFile", "Type 1"))
COMPOSED = 1 << 33
"""Codes from here on belong to letters that are composed of several glyphs of the font; no string contains them."""
SYMBOLIC = 4
"""The flag "symbolic" of a font descriptor."""
NOT_EMBEDDED = "not embedded"
UNICODE_CMAP = re.compile("Uni.*-(UCS2|UTF16)-[HV]")
"""Predefined CMaps whose codes are characters."""


class Font:
    """A font of a PDF. ``used`` counts the codes that are shown; everything else is read once."""

    def __init__(self, value: pikepdf.Object) -> None:
        self.values = [value]
        """Dictionaries of the font; several where a PDF repeats one as a direct object."""
        self.used: Counter[int] = Counter()
        self.actual: dict[int, Counter[str]] = {}
        """ActualText of single glyphs, by code."""
        self.enclosed: Counter[int] = Counter()
        """Code → how often it is shown within ActualText, with or without other glyphs."""
        self.kind = name(get(value, "/Subtype"))
        self.name = name(get(value, "/BaseFont")) or name(get(value, "/Name")) or "unnamed"
        self.family = SUBSET.sub("", self.name)
        self.snag = ""
        """Reason why the glyphs of the font cannot be read; empty where they can."""
        self.vertical = False
        stream = get(value, "/ToUnicode")
        self.tounicode: dict[int, str] = cmaps.parse(content(stream)).texts if stream is not None else {}
        self.widths: dict[int, float] = {}
        self.encoding = Encoding(None)
        self.cmap = CMap([(1, 0, 255)])
        self._cid_to_glyph: np.ndarray | None = None
        self.default_width = 0.0
        descendant = next(iter(elements(get(value, "/DescendantFonts"), 1)), None)
        self._own = descendant if self.kind == "Type0" else value
        self.descriptor = get(self._own, "/FontDescriptor")
        if self.kind == "Type0":
            self._composite(value)
        else:
            self._simple(value)

    def _composite(self, value: pikepdf.Object) -> None:
        encoding = get(value, "/Encoding")
        self.default_width = number(get(self._own, "/DW"), 1000.0)
        if isinstance(encoding, pikepdf.Stream):
            self.cmap = cmaps.parse(content(encoding))
            self.vertical = number(get(encoding, "/WMode")) == 1
            if not self.cmap.spaces:
                self.cmap.spaces = [(2, 0, 0xFFFF)]
        else:
            self.cmap = CMap([(2, 0, 0xFFFF)])
            self.vertical = name(encoding).endswith("-V")
            if name(encoding) not in ("Identity-H", "Identity-V"):
                self.snag = f"predefined CMap {name(encoding) or '(none)'}"
        mapping = get(self._own, "/CIDToGIDMap")
        if isinstance(mapping, pikepdf.Stream):
            data = content(mapping)
            self._cid_to_glyph = np.frombuffer(data[: len(data) // 2 * 2], ">u2")
        self.widths = _cid_widths(elements(get(self._own, "/W")))

    def _simple(self, value: pikepdf.Object) -> None:
        first = int(number(get(value, "/FirstChar")))
        self.widths = {first + i: number(width) for i, width in enumerate(elements(get(value, "/Widths"), 256))}
        self.encoding = Encoding(get(value, "/Encoding"))
        self.default_width = number(get(self.descriptor, "/MissingWidth"))

    # codes that strings show

    def codes(self, data: bytes) -> list[int]:
        """Return the codes of a shown string."""
        return self.cmap.codes(data)

    @property
    def width(self) -> int:
        """Number of bytes of a code."""
        return self.cmap.width

    def advance(self, code: int) -> float:
        """Return the advance of a code, in text space of font size 1."""
        width = self.widths.get(self.cid(code) if self.kind == "Type0" else code, self.default_width)
        if self.kind == "Type3":
            return width * self.procedures.matrix[0]
        if self.vertical:
            return 1.0
        if not self.widths and self.kind != "Type0":
            return 0.5  # one of the standard 14 fonts, whose widths a PDF may leave out
        return width / 1000

    def cid(self, code: int) -> int:
        """Return the character identifier of a code of a Type 0 font."""
        if not self._mapped:
            return code
        return self.cmap.cids.get(code, code if self.cmap.uses.startswith("Identity") else 0)

    @cached_property
    def _mapped(self) -> bool:
        """Whether the PDF embeds a CMap that maps codes to identifiers."""
        return isinstance(get(self.values[0], "/Encoding"), pikepdf.Stream)

    # meanings of codes

    @cached_property
    def procedures(self) -> Procedures:
        """The procedures of a Type 3 font."""
        return Procedures(self.values[0])

    @cached_property
    def face(self) -> FontFace | None:
        """The embedded program. None where there is none or it cannot be opened; ``snag`` then has the reason."""
        for key, what in PROGRAMS:
            stream = get(self.descriptor, key)
            if stream is None:
                continue
            try:
                data = content(stream)
                return FontFace(Path(self.family or "font"), 0, file_of(data, Path(self.family or "font")))
            except GlyphError as error:
                self.snag = self.snag or f"{what} program: {error.problem}"
                return None
        self.snag = self.snag or ("" if self.kind == "Type3" else NOT_EMBEDDED)
        return None

    @cached_property
    def program(self) -> Procedures | FontFace | None:
        """The object that draws the glyphs; None where there is none."""
        if self.kind == "Type3":
            return self.procedures
        face = self.face
        return None if self.snag else face

    def program_may_be_lost(self) -> None:
        """State that the file is not complete: a missing program of a subset, which is always embedded, is lost."""
        if self.program is None and self.snag == NOT_EMBEDDED and SUBSET.match(self.name):
            self.snag = "its program is in the missing part of the file"

    @property
    def described(self) -> str:
        """Kind and program of the font, for people."""
        if self.kind == "Type3":
            return "Type 3"
        embedded = next((what for key, what in PROGRAMS if get(self.descriptor, key) is not None), "")
        subtype = name(get(get(self.descriptor, "/FontFile3"), "/Subtype"))
        program = subtype if embedded == "CFF" and subtype == "OpenType" else embedded
        kind = "Type 0" if self.kind == "Type0" else "simple"
        lost = self.snag and self.snag != NOT_EMBEDDED
        return f"{kind}, {program}" if program else kind if lost else f"{kind}, {NOT_EMBEDDED}"

    def glyph(self, code: int) -> int | None:
        """Return the glyph index of a code; None where nothing draws it. Glyph indices of a Type 3 font are its
        codes."""
        if self.kind == "Type3":
            return code if self.procedures.has(self.encoding.name(code)) else None
        if (face := self.face) is None or self.snag:
            return None
        if self.kind == "Type0":
            found = self._glyph_of_cid(face, self.cid(code))
        elif face.has_tables and get(self.descriptor, "/FontFile3") is None:  # encodings use the names of a CFF
            found = self._glyph_of_truetype(face, code)
        else:
            found = self._glyph_of_name(code)
        return found if 0 <= found < face.glyph_count else None

    def _glyph_of_cid(self, face: FontFace, cid: int) -> int:
        if self._cid_to_glyph is not None:
            return int(self._cid_to_glyph[cid]) if cid < len(self._cid_to_glyph) else 0
        if self._keyed:
            return self._keyed.get(cid, 0)
        return cid

    @cached_property
    def _keyed(self) -> dict[int, int]:
        width, codes = self.face.codes() if self.face else (1, {})
        return codes if width == 2 and get(self.descriptor, "/FontFile3") is not None else {}

    def _glyph_of_truetype(self, face: FontFace, code: int) -> int:
        """Return the glyph index by PDF 32000-1, 9.6.6.4, and by the rules that readers add to it."""
        names, own = self.encoding, self._own_codes
        symbolic = int(number(get(self.descriptor, "/Flags"))) & SYMBOLIC and not names.base
        if names.given and not symbolic:
            glyph_name = names.name(code, STANDARD)
            characters = said_by(glyph_name)
            if characters and (glyph := face.cmap.get(ord(characters), 0)):
                return glyph
            if glyph := self._mac.get(glyph_name, 0):
                return glyph
            if glyph := self._names.get(glyph_name, 0):
                return glyph
        if glyph := own.get(code, 0):
            return glyph
        characters = said_by(names.name(code, STANDARD))
        return face.cmap.get(ord(characters), 0) if characters else face.cmap.get(code, 0)

    @cached_property
    def _own_codes(self) -> dict[int, int]:
        try:
            return self.face.codes()[1] if self.face else {}
        except GlyphError:
            return {}

    @cached_property
    def _mac(self) -> dict[str, int]:
        """Glyph name → glyph index by the Macintosh codes of the program."""
        by_name = Encoding(pikepdf.Name("/" + MAC))
        return {by_name.name(code): glyph for code, glyph in self._own_codes.items() if by_name.name(code)}

    @cached_property
    def _names(self) -> dict[str, int]:
        """Glyph name → glyph index of the program."""
        found: dict[str, int] = {}
        for glyph, glyph_name in enumerate(self.face.names if self.face else ()):
            found.setdefault(glyph_name, glyph)
        return found

    def _glyph_of_name(self, code: int) -> int:
        named = self.encoding.name(code)
        if not named and code in self._own_codes and self.face and self.face.codes()[0] == 1:
            return self._own_codes[code]
        return self._names.get(named or self.encoding.name(code, STANDARD), 0)

    # claims of the PDF

    def claims_of(self, code: int) -> dict[str, str]:
        """Return the claims of the file about a code, by source (:data:`glyphcore.pdf.verdicts.SOURCES`)."""
        if code >= COMPOSED:
            return {}
        found = {"tounicode": self.tounicode.get(code, ""), "actual": self._actual_text(code)}
        if self.kind != "Type0":
            found["encoding"] = said_by(self.encoding.name(code))
        elif UNICODE_CMAP.fullmatch(name(get(self.values[0], "/Encoding"))):
            found["encoding"] = chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code < 0x10FFFF else ""
        if self.kind != "Type3" and (glyph := self.glyph(code)) and self.face:
            names = self.face.names
            found["names"] = said_by(names[glyph]) if self._has_names and glyph < len(names) else ""
            found["cmap"] = self._characters.get(glyph, "")
        return {source: text for source, text in found.items() if text}

    def _actual_text(self, code: int) -> str:
        """Return the ActualText of a code; empty where a PDF gives one glyph several texts."""
        actual_text = self.actual.get(code)
        text, count = actual_text.most_common(1)[0] if actual_text else ("", 0)
        return text if actual_text and 2 * count > actual_text.total() else ""

    @cached_property
    def _has_names(self) -> bool:
        return self.face is not None and any(said_by(name) for name in self.face.own_names)

    @cached_property
    def _characters(self) -> dict[int, str]:
        """Glyph index → the first character that the program's Unicode ``cmap`` maps to it."""
        found: dict[int, str] = {}
        try:
            for code, glyph in sorted(self.face.cmap.items() if self.face and not self.face.character_map.by else ()):
                found.setdefault(glyph, chr(code))
        except GlyphError:
            return {}
        return found

    def assumed(self, code: int) -> bool:
        """Whether readers take the text from an encoding that the font does not name; other readers may take none."""
        return self.kind != "Type0" and not self.tounicode.get(code) and not self.encoding.name(code)

    def shown_by_readers(self, code: int) -> str:
        """Return the text that readers give for a code: from ToUnicode, else from the encoding; empty where they print
        codes."""
        if code >= COMPOSED:
            return ""
        if text := self.tounicode.get(code, ""):
            return text
        if self.kind == "Type0":
            return self.claims_of(code).get("encoding", "")
        return said_by(self.encoding.name(code, _OTHERWISE.get(self.kind, STANDARD)))


_OTHERWISE = {"Type3": "", "TrueType": WIN}
"""Kind of a simple font → the encoding that readers take where the font names none. The standard encoding,
which readers take for Type 1, would turn an apostrophe into a quotation mark."""


def _cid_widths(array: list[Any]) -> dict[int, float]:
    """Return the widths of the ``W`` array (9.7.4.3) by character identifier."""
    found: dict[int, float] = {}
    at = 0
    while at + 1 < len(array) and len(found) < 100_000:
        first = int(number(array[at]))
        if isinstance(array[at + 1], pikepdf.Array):
            found |= {first + i: number(width) for i, width in enumerate(elements(array[at + 1], 65_536))}
            at += 2
        elif at + 2 < len(array):
            last = min(int(number(array[at + 1])), first + 65_535)
            found |= dict.fromkeys(range(first, last + 1), number(array[at + 2]))
            at += 3
        else:
            break
    return found
