"""Writes a repaired PDF: new ``ToUnicode`` CMaps for fonts that need one; all other objects stay as they are.

Every glyph that is shown gets an entry, because readers drop glyphs without an entry as soon as there is one entry.
Content streams stay as they are, except for letters that are drawn in parts (:mod:`.spans`), so a page looks as before.
Decisions about signed, encrypted and linearised files are made here and reported.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pikepdf

from glyphcore.audit.tounicode import to_unicode
from glyphcore.errors import PdfError
from glyphcore.files import replacing
from glyphcore.pdf.content import Content
from glyphcore.pdf.encodings import said_by
from glyphcore.pdf.fonts import COMPOSED, Font
from glyphcore.pdf.glyphs import Glyph, Glyphs
from glyphcore.pdf.objects import FAULTS, elements, get, items, name
from glyphcore.text.grammar import Joins

UNKNOWN = "\ufffd"
UNSURE = 0.5
"""Probability below which a reading is unsure."""
DROP, GUESS, MARK = "drop", "guess", "mark"
PRESENTATION, LOGICAL = "presentation", "logical"
_TAGS: dict[Joins | None, str] = {(0, 0): "<isolated>", (0, 1): "<initial>", (1, 1): "<medial>", (1, 0): "<final>"}


def _ligatures() -> dict[str, dict[str, str]]:
    """Return the letters of an Arabic ligature → form → its presentation form."""
    found: dict[str, dict[str, str]] = {}
    for code in (*range(0xFEF5, 0xFEFD), *range(0xFBEA, 0xFDFC)):
        form, *parts = unicodedata.decomposition(chr(code)).split() or [""]
        if form.startswith("<") and len(parts) > 1:
            found.setdefault("".join(chr(int(part, 16)) for part in parts), {}).setdefault(form, chr(code))
    return found


LIGATURES = _ligatures()


def spelled(text: str, joins: Joins | None, ligatures: str = PRESENTATION) -> str:
    """Return a glyph's text as it is written into a CMap.

    Some readers reverse a line of Arabic by character, some by glyph. So no order of two letters is read correctly by
    all readers, but a single presentation form is.
    """
    if ligatures == LOGICAL:  # also where the file has a presentation form
        return "".join(
            unicodedata.normalize("NFKC", character) if "\ufb50" <= character <= "\ufefc" else character
            for character in text
        )
    if len(text) < 2 or text not in LIGATURES:
        return text
    forms = LIGATURES[text]
    return forms.get(_TAGS.get(joins, "<isolated>")) or next(iter(forms.values()))


def texts_of(font: Font, glyphs: Glyphs, *, unsure: str = GUESS, ligatures: str = PRESENTATION) -> dict[int, str]:
    """Return code → text of every glyph that a font shows, without parts of letters; U+FFFD where the text is
    unknown."""
    found: dict[int, str] = {}
    for code in font.used:
        if code >= COMPOSED:
            continue  # no string contains it; :mod:`.spans` writes its text
        kept = glyphs.kept.get((id(font), code))
        text = _text(glyphs.find(font, code), unsure, ligatures) if kept is None else kept
        if text:
            found[code] = text
    return found


def composed(
    content: Content, glyphs: Glyphs, *, unsure: str = GUESS, ligatures: str = PRESENTATION
) -> dict[tuple[int, ...], str]:
    """Return the texts of composed letters: positions of the parts in the drawing order → text."""
    return {
        shown.made: _text(glyphs.find(shown.font, shown.code), unsure, ligatures)
        for shown in content.shown
        if shown.made
    }


def _text(glyph: Glyph | None, unsure: str, ligatures: str) -> str:
    if glyph is None or not glyph.text:
        return "" if unsure == DROP else UNKNOWN
    if glyph.sure < UNSURE and unsure != GUESS:
        return "" if unsure == DROP else UNKNOWN
    return spelled(glyph.text, glyph.joins, ligatures)


def put(pdf: pikepdf.Pdf, font: Font, texts: Mapping[int, str]) -> None:
    """Give a font a CMap with exactly these texts. Raises PdfError for codes that are longer than two bytes."""
    width = font.width
    if width > 2 or max(texts, default=0) >= 1 << 8 * width:
        raise PdfError(
            f"{font.name} has codes of {width} bytes; a CMap for such codes cannot be written.", subject=font.name
        )
    stream = pdf.make_stream(to_unicode(texts, width).encode("ascii"))
    for value in font.values:
        value["/ToUnicode"] = stream
    if font.kind == "Type3":
        _rename(font, texts)


def _rename(font: Font, texts: Mapping[int, str]) -> None:
    """Rename procedures after their letters where their names carry no meaning: poppler estimates the size of a Type 3
    font from the glyph that is called ``m``."""
    from fontTools.agl import UV2AGL

    value = font.values[0]
    differences, procedures = get(get(value, "/Encoding"), "/Differences"), get(value, "/CharProcs")
    if differences is None or any(said_by(difference) for difference in font.encoding.differences.values()):
        return
    new: dict[str, str] = {}
    for code, old in sorted(font.encoding.differences.items()):
        text = texts.get(code, "")
        wanted = UV2AGL.get(ord(text), f"uni{ord(text):04X}") if len(text) == 1 and ord(text) < 0x10000 else old
        if old not in new:
            new[old] = wanted if wanted not in new.values() else old
    if len(set(new.values())) < len(new):
        return
    try:
        renamed = pikepdf.Dictionary(
            {f"/{new.get(key[1:], key[1:])}": procedure for key, procedure in items(procedures)}
        )
        named = [pikepdf.Name(f"/{new.get(name(element), name(element))}") if name(element) else element
                 for element in elements(differences)]  # fmt: skip
        value["/CharProcs"] = renamed
        value["/Encoding"]["/Differences"] = pikepdf.Array(named)
    except FAULTS:  # a shared or read-only direct dictionary; names are only a convenience
        return


def remarks(pdf: pikepdf.Pdf) -> list[str]:
    """Return remarks for people on properties of a file that are decided on rather than copied."""
    found = []
    if pdf.is_encrypted:
        found.append("encrypted: written with the same encryption and permissions")
    if pdf.is_linearized:
        found.append("linearised: written linearised")
    if get(pdf.Root, "/MarkInfo") is not None or get(pdf.Root, "/StructTreeRoot") is not None:
        found.append("tagged: structure and ActualText are as they were")
    return found


def signed(pdf: pikepdf.Pdf) -> bool:
    """Whether a signature covers the file; any change breaks a signature."""
    form = get(pdf.Root, "/AcroForm")
    try:
        if int(get(form, "/SigFlags", 0)) & 1:
            return True
    except FAULTS:
        pass
    fields: list[Any] = elements(get(form, "/Fields"), 5000)
    return any(name(get(field, "/FT")) == "Sig" and get(field, "/V") is not None for field in fields)


def save(pdf: pikepdf.Pdf, path: Path) -> None:
    """Write a PDF beside ``path`` and rename it. Raises PdfError where qpdf cannot write it."""
    with replacing(path) as temporary:
        try:
            pdf.save(
                temporary, compress_streams=False,
                # qpdf decrypts streams while it writes and accepts no decode level for them
                stream_decode_level=None if pdf.is_encrypted else pikepdf.StreamDecodeLevel.none,
                object_stream_mode=pikepdf.ObjectStreamMode.preserve, linearize=pdf.is_linearized,
                encryption=True if pdf.is_encrypted else None, deterministic_id=not pdf.is_encrypted,
                fix_metadata_version=False,
                preserve_pdfa=False,  # object streams stay as they are anyway, and metadata are not read
            )  # fmt: skip
        except FAULTS as error:
            raise PdfError(f"{path} cannot be written: {str(error)[:120]}.", subject=path) from error
