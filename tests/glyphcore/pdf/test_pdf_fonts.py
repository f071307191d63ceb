"""Fonts of every kind in PDFs: each code shows the outline that the program has for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from pdf_files import composite, embedded, one_page, simple
from pikepdf import Array, Dictionary, Name
from tiny_fonts import DESIGNS
from tiny_programs import CUBIC, bare_cff, cid_keyed, mapped, plain, saved, type1

from glyphcore.data.containers import file_of
from glyphcore.data.fonts import FontFace
from glyphcore.data.outline import Outline
from glyphcore.pdf.content import walk
from glyphcore.pdf.fonts import Font
from glyphcore.pdf.objects import open_pdf

SANS = DESIGNS[0]
WORD = "cabO"
"""The shown text, for any codes."""
OPEN: list[pikepdf.Pdf] = []


def drawn(design: Any = SANS) -> dict[str, Outline]:
    """Return character → outline of a whole font."""
    face = FontFace(Path("tiny"), 0, file_of(saved(plain(design)), Path("tiny")))
    return {each: face.outline(face.cmap[ord(each)]) for each in WORD}


def gid(character: str, design: Any = SANS) -> int:
    face = FontFace(Path("tiny"), 0, file_of(saved(plain(design)), Path("tiny")))
    return face.cmap[ord(character)]


def two(numbers: list[int]) -> bytes:
    return b"".join(number.to_bytes(2) for number in numbers)


def with_cid_map(pdf: pikepdf.Pdf) -> tuple[Any, bytes]:
    numbers = {5 + i: gid(each) for i, each in enumerate(WORD)}
    table = bytearray(40)
    for cid, glyph in numbers.items():
        table[2 * cid : 2 * cid + 2] = glyph.to_bytes(2)
    stream = pdf.make_stream(bytes(table))
    descriptor = embedded(pdf, saved(plain(names=False)), "/FontFile2")
    return composite(pdf, "CIDFontType2", descriptor, mapping=stream), two(list(numbers))


def with_embedded_cmap(pdf: pikepdf.Pdf) -> tuple[Any, bytes]:
    """Return a font with codes of one byte that an embedded CMap maps to identifiers."""
    entries = "".join(f"<{0x41 + i:02X}> {gid(each)}\n" for i, each in enumerate(WORD))
    cmap = pdf.make_stream(
        f"1 begincodespacerange <00> <FF> endcodespacerange\n4 begincidchar\n{entries}endcidchar".encode()
    )
    descriptor = embedded(pdf, saved(plain(names=False)), "/FontFile2")
    return composite(pdf, "CIDFontType2", descriptor, encoding=cmap), b"ABCD"


def identity(pdf: pikepdf.Pdf) -> tuple[Any, bytes]:
    descriptor = embedded(pdf, saved(plain(names=False)), "/FontFile2")
    return composite(pdf, "CIDFontType2", descriptor), two([gid(each) for each in WORD])


def opentype(pdf: pikepdf.Pdf) -> tuple[Any, bytes]:
    descriptor = embedded(pdf, saved(plain(CUBIC)), "/FontFile3", "OpenType")
    return composite(pdf, "CIDFontType0", descriptor), two([gid(each, CUBIC) for each in WORD])


def keyed_cff(pdf: pikepdf.Pdf) -> tuple[Any, bytes]:
    cids = {0: ".notdef"} | {100 + 7 * i: each for i, each in enumerate(WORD)}
    descriptor = embedded(pdf, cid_keyed(cids), "/FontFile3", "CIDFontType0C")
    return composite(pdf, "CIDFontType0", descriptor), two(list(cids)[1:])


def symbolic_truetype(pdf: pikepdf.Pdf) -> tuple[Any, bytes]:
    program = mapped(3, 0, 4, {0xF000 + 0x21 + i: each for i, each in enumerate(WORD)})
    return simple(pdf, "TrueType", embedded(pdf, program, "/FontFile2")), bytes(range(0x21, 0x25))


def macintosh_truetype(pdf: pikepdf.Pdf) -> tuple[Any, bytes]:
    program = mapped(1, 0, 0, {1 + i: each for i, each in enumerate(WORD)})
    return simple(pdf, "TrueType", embedded(pdf, program, "/FontFile2")), bytes([1, 2, 3, 4])


def encoded_truetype(pdf: pikepdf.Pdf) -> tuple[Any, bytes]:
    descriptor = embedded(pdf, saved(plain()), "/FontFile2", flags=32)
    return simple(pdf, "TrueType", descriptor, Name.WinAnsiEncoding), WORD.encode()


def differing_type1c(pdf: pikepdf.Pdf) -> tuple[Any, bytes]:
    encoding = Dictionary({"/Differences": Array([200, *(Name("/" + each) for each in WORD)])})
    return simple(pdf, "Type1", embedded(pdf, bare_cff(), "/FontFile3", "Type1C"), encoding), bytes(range(200, 204))


def built_in_type1(pdf: pikepdf.Pdf) -> tuple[Any, bytes]:
    program = type1({60 + i: each for i, each in enumerate(WORD)})
    return simple(pdf, "Type1", embedded(pdf, program, "/FontFile")), bytes(range(60, 64))


KINDS: dict[str, tuple[Callable[[pikepdf.Pdf], tuple[Any, bytes]], Any]] = {
    "Type 0, identity": (identity, SANS),
    "Type 0, CIDToGIDMap": (with_cid_map, SANS),
    "Type 0, embedded CMap": (with_embedded_cmap, SANS),
    "Type 0, OpenType": (opentype, CUBIC),
    "Type 0, CID-keyed CFF": (keyed_cff, CUBIC),
    "simple, symbol cmap": (symbolic_truetype, SANS),
    "simple, Macintosh cmap": (macintosh_truetype, SANS),
    "simple, WinAnsi": (encoded_truetype, SANS),
    "simple, Type 1C with Differences": (differing_type1c, CUBIC),
    "simple, Type 1 with an encoding of its own": (built_in_type1, CUBIC),
}


def shown(pdf: pikepdf.Pdf, tmp_path: Path) -> Font:
    path = tmp_path / "one.pdf"
    pdf.save(path)
    OPEN.append(open_pdf(path))  # a font's program is read on demand
    content = walk(OPEN[-1])
    assert not content.snags
    (font,) = content.fonts
    return font


@pytest.mark.parametrize("kind", KINDS)
def test_codes_show_the_outlines_of_their_program(kind: str, tmp_path: Path) -> None:
    make, design = KINDS[kind]
    pdf = pikepdf.new()
    font_value, string = make(pdf)
    one_page(pdf, font_value, string)
    font = shown(pdf, tmp_path)
    assert font.snag == ""
    expected = drawn(design)
    for character, code in zip(WORD, font.codes(string), strict=True):
        glyph = font.glyph(code)
        assert glyph, character
        assert font.program is not None
        (outline,) = font.program.outlines([glyph])
        assert isinstance(outline, Outline)
        assert np.allclose(np.sort(outline.points, 0), np.sort(expected[character].points, 0), atol=1), character


def type3(pdf: pikepdf.Pdf, *procedures: bytes, resources: Any = None) -> Any:
    value = Dictionary({
        "/Type": Name.Font, "/Subtype": Name.Type3, "/FontMatrix": Array([0.001, 0, 0, 0.001, 0, 0]),
        "/FontBBox": Array([0, 0, 1000, 1000]), "/FirstChar": 0, "/Widths": Array([600] * 256),
        "/CharProcs": Dictionary({f"/g{i}": pdf.make_stream(each) for i, each in enumerate(procedures)}),
        "/Encoding": Dictionary({"/Differences": Array([65, *(Name(f"/g{i}") for i in range(len(procedures)))])}),
    })  # fmt: skip
    if resources is not None:
        value["/Resources"] = resources
    return pdf.make_indirect(value)


def box(font: Font, code: int) -> tuple[float, ...]:
    assert font.program is not None
    (outline,) = font.program.outlines([code])
    assert isinstance(outline, Outline), outline
    return (*outline.points.min(0).tolist(), *outline.points.max(0).tolist())


def test_a_type_3_procedure_is_an_outline_in_thousandths(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    path = b"600 0 0 0 500 700 d1 q 2 0 0 2 10 20 cm 0 0 m 100 0 l 100 50 150 100 100 300 c h f Q"
    one_page(pdf, type3(pdf, path, b"500 0 d0 50 60 70 80 re f"), b"AB")
    font = shown(pdf, tmp_path)
    assert box(font, 65)[:2] == (10, 20)
    assert box(font, 66) == (50, 60, 120, 140)
    assert font.program is not None
    assert font.program.advance(65) == 600
    assert font.glyph(67) is None


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("inline", [False, True])
def test_a_bitmap_of_type_3_is_the_outline_of_its_ink(inverted: bool, inline: bool, tmp_path: Path) -> None:
    pdf = pikepdf.new()
    ink = np.zeros((60, 40), bool)
    ink[5:56, 5:16] = True
    data = np.packbits(ink if inverted else ~ink, axis=1).tobytes()
    decode = b"/D [1 0]" if inverted else b""
    place = b"500 0 0 0 400 600 d1 400 0 0 600 0 0 cm "
    if inline:
        font = type3(pdf, place + b"BI /W 40 /H 60 /IM true /BPC 1 " + decode + b" ID " + data + b" EI")
    else:
        image = pdf.make_stream(data)
        for key, value in {"/Subtype": Name.Image, "/Width": 40, "/Height": 60, "/ImageMask": True}.items():
            image[key] = value
        if inverted:
            image["/Decode"] = Array([1, 0])
        font = type3(pdf, place + b"/I Do", resources=Dictionary({"/XObject": Dictionary({"/I": image})}))
    one_page(pdf, font, b"A")
    assert box(shown(pdf, tmp_path), 65) == (50, 40, 160, 550)


def test_a_font_without_program_says_so(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    one_page(pdf, Dictionary({"/Type": Name.Font, "/Subtype": Name.Type1, "/BaseFont": Name.Helvetica}), b"Ab")
    font = shown(pdf, tmp_path)
    assert font.program is None
    assert font.snag == "not embedded"
    assert [font.shown_by_readers(code) for code in b"Ab"] == ["A", "b"]


def test_a_broken_program_says_so(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    one_page(pdf, composite(pdf, "CIDFontType2", embedded(pdf, b"\0\1\0\0rubbish", "/FontFile2")), b"\0\1")
    font = shown(pdf, tmp_path)
    assert font.program is None
    assert "not a readable font" in font.snag
