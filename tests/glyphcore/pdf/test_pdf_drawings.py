"""Letters that a font draws in towers or in parts, and the box that it draws for missing ones."""

from __future__ import annotations

import io
from pathlib import Path

import pdf_files
import pikepdf
import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from pdf_files import (
    ENGLISH,
    HARBOUR,
    PERSIAN,
    POPPLER,
    PRODUCERS,
    appearance,
    letters,
    permuted,
    read_by_poppler,
    run,
    stripped,
)
from shipped_fonts import ARABIC, LATIN
from towers import in_towers

from glyphcore import pdf
from glyphcore.data.fonts import FontFace


def test_the_box_of_a_missing_glyph_is_no_text(fonts: dict[str, Path], tmp_path: Path) -> None:
    pdf_files.reportlab(ENGLISH, fonts[LATIN], tmp_path / "whole.pdf")
    broken = permuted(tmp_path / "whole.pdf", tmp_path / "broken.pdf")
    with pikepdf.open(broken, allow_overwriting_input=True) as book:
        page = book.pages[0]
        page.Contents = book.make_stream(page.Contents.read_bytes() + b"BT /F2+0 12 Tf 40 400 Td <0102> Tj ET")
        program = next(each for each in book.objects if isinstance(each, pikepdf.Dictionary) and "/FontFile2" in each)
        program["/FontFile2"] = book.make_stream(boxed(program["/FontFile2"].read_bytes()))
        book.save(broken)
    assert letters(pdf.text(broken)[0]) == letters(ENGLISH) + 2 * "\ufffd"


def boxed(program: bytes) -> bytes:
    """Return a TrueType font whose glyph 0 is drawn as its ``o``, which the model could read."""
    font = TTFont(io.BytesIO(program))
    order, codes = font.getGlyphOrder(), font["cmap"].tables[0].cmap
    font["glyf"][order[0]] = font["glyf"][codes[ord("o")]]
    data = io.BytesIO()
    font.save(data)
    return data.getvalue()


@pytest.mark.parametrize(("harm", "producer"), [(stripped, "fpdf2"), (stripped, "typst"), (permuted, "typst")])
def test_letters_in_towers_are_read_by_their_words(harm, producer: str, fonts: dict[str, Path], tmp_path: Path) -> None:
    """All letters are capitals: words show their case, and that they are letters at all. Too few predictions are sure
    to call the font wrong, but names in its program agree with exactly these."""
    in_towers(fonts[LATIN], tmp_path / "towers.ttf")
    text = f"{HARBOUR} {HARBOUR.replace('harbour', 'school').replace('boats', 'children')}"
    PRODUCERS[producer](text, tmp_path / "towers.ttf", tmp_path / "whole.pdf")
    broken = harm(tmp_path / "whole.pdf", tmp_path / "broken.pdf")
    assert pdf.inspect(broken)["lies"]
    read, meant = letters(pdf.text(broken)[0]), letters(text)
    assert len(read) == len(meant)
    assert sum(a == b for a, b in zip(read, meant, strict=True)) >= 0.93 * len(meant)


def in_parts(source: Path, out: Path) -> dict[int, tuple[int, int]]:
    """Write a font whose dots are separate glyphs; return glyph → its dots and its skeleton."""
    font = TTFont(source)
    glyphs, order, found = font.getGlyphSet(), list(font.getGlyphOrder()), {}
    drawn, high = {}, 0.25 * font["head"].unitsPerEm
    for gid, name in enumerate(list(order)):
        whole = DecomposingRecordingPen(glyphs)
        glyphs[name].draw(whole)
        contours, areas, tall = [[]], [], []
        for operation in whole.value:
            contours[-1].append(operation)
            if operation[0] == "closePath":
                points = [point for _, its in contours[-1] for point in its if point]
                areas.append(
                    sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True))
                )
                tall.append(max(y for _, y in points) - min(y for _, y in points))
                contours.append([])
        main = max(range(len(areas)), key=lambda i: abs(areas[i]), default=0)
        dots = [i for i, area in enumerate(areas) if i != main and area * areas[main] > 0 and tall[i] < high]
        if not name.startswith("uni06") or not dots:
            continue
        for suffix, its in (("dots", dots), ("bowl", [i for i in range(len(areas)) if i not in dots])):
            pen = TTGlyphPen(None)
            for i in its:
                for operation, operands in contours[i]:
                    getattr(pen, operation)(*operands)
            drawn[f"{name}_{suffix}"] = pen.glyph(), 0 if suffix == "dots" else font["hmtx"][name][0]
            order.append(f"{name}_{suffix}")
        found[gid] = len(order) - 2, len(order) - 1
    font.setGlyphOrder(order)
    for name, (glyph, advance) in drawn.items():
        font["glyf"][name], font["hmtx"][name] = glyph, (advance, 0)
    font.save(out)
    return found


@pytest.mark.skipif(POPPLER is None, reason="needs poppler-utils")
def test_letters_drawn_in_parts_are_put_together_and_have_their_text(fonts: dict[str, Path], tmp_path: Path) -> None:
    """ToUnicode cannot give one skeleton several letters; ActualText can. Nothing moves on the page."""
    parts = in_parts(fonts[ARABIC], tmp_path / "parts.ttf")
    face = FontFace(fonts[ARABIC])
    gids = [part for gid in face.shape(PERSIAN) for part in parts.get(gid, (gid,))]
    advances = [int(1000 * TTFont(tmp_path / "parts.ttf")["hmtx"].metrics[name][0] / face.upem)
                for name in TTFont(tmp_path / "parts.ttf").getGlyphOrder()]  # fmt: skip
    book = pikepdf.new()
    descriptor = pdf_files.embedded(book, (tmp_path / "parts.ttf").read_bytes(), "/FontFile2")
    font = pdf_files.composite(book, "CIDFontType2", descriptor, mapping=pikepdf.Name.Identity)
    font["/DescendantFonts"][0]["/W"] = pikepdf.Array([0, pikepdf.Array(advances)])
    font["/DescendantFonts"][0]["/CIDSystemInfo"] = pikepdf.Dictionary(
        Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
    )
    pdf_files.one_page(book, font, b"".join(gid.to_bytes(2, "big") for gid in gids))
    book.pages[0].MediaBox = [0, 0, 1200, 200]
    book.save(tmp_path / "broken.pdf")
    assert letters(pdf.text(tmp_path / "broken.pdf")[0]) == letters(PERSIAN)
    assert run("repair", "-q", tmp_path / "broken.pdf", "--out", tmp_path / "out.pdf") == 0
    assert letters(read_by_poppler(tmp_path / "out.pdf")) == letters(PERSIAN)
    assert appearance(tmp_path / "out.pdf") == appearance(tmp_path / "broken.pdf")
