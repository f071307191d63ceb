"""PDFs for tests: by real producers with fonts of ``shipped_fonts.py``, their ToUnicode removed or permuted.

There are also single fonts of each kind, put into a page directly.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from pypdf import PdfReader

from glyphcore import cli
from glyphcore.audit.tounicode import to_unicode
from glyphcore.pdf import cmaps

POPPLER = shutil.which("pdftotext")
ENGLISH = "Quietly the vexed zebra jumped back from 20 foxes, 35 wolves and 1 hungry lamb; nobody laughed at all."
HARBOUR = (
    "The harbour master counted the boats twice before breakfast, because one of them had been missing. Nobody "
    "believed him, yet the ledger showed 47 names and only 46 ropes. So they walked up the quiet hill and found her."
)
PERSIAN = "پژواک گفت که ژاله در خانه نیست و فردا صبح با قطار به شیراز می رود، چون ثریا حال خوبی ندارد"


def fpdf2(text: str, font: Path, out: Path) -> None:
    from fpdf import FPDF

    pdf = FPDF()
    pdf.add_page()
    pdf.add_font("measured", fname=str(font))
    pdf.set_font("measured", size=12)
    pdf.set_text_shaping(True)
    pdf.multi_cell(0, 8, text)
    pdf.output(str(out))


def reportlab(text: str, font: Path, out: Path) -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(TTFont(font.stem, str(font)))
    canvas = Canvas(str(out))
    canvas.setFont(font.stem, 12)
    for i, start in enumerate(range(0, len(text), 70)):
        canvas.drawString(40, 700 - 20 * i, text[start : start + 70])
    canvas.save()


def typst(text: str, font: Path, out: Path) -> None:
    import typst as compiler
    from fontTools.ttLib import TTFont

    family = TTFont(font)["name"].getBestFamilyName()
    source = out.with_suffix(".typ")
    source.write_text(f'#set text(font: "{family}", fallback: false)\n#set smartquote(enabled: false)\n{text}\n')
    compiler.compile(source, output=out, font_paths=[str(font.parent)], ignore_system_fonts=True)


def matplotlib(text: str, font: Path, out: Path) -> None:
    import matplotlib as mpl

    mpl.use("pdf")
    import matplotlib.pyplot as plt
    from matplotlib.font_manager import FontProperties

    with mpl.rc_context({"pdf.fonttype": 3}):
        figure = plt.figure(figsize=(8.3, 4))
        for i, start in enumerate(range(0, len(text), 60)):
            line = text[start : start + 60]
            figure.text(0.05, 0.9 - 0.1 * i, line, fontproperties=FontProperties(fname=str(font)))
        figure.savefig(out)
        plt.close(figure)


PRODUCERS: dict[str, Callable[[str, Path, Path], None]] = {
    "fpdf2": fpdf2, "reportlab": reportlab, "typst": typst, "matplotlib": matplotlib,
}  # fmt: skip


def changed(source: Path, out: Path, change: Callable[[pikepdf.Pdf, Any, dict[int, str]], None]) -> Path:
    """Write a copy after a call of ``change`` with every font that has a ToUnicode, and its texts."""
    with pikepdf.open(source) as pdf:
        for value in pdf.objects:
            if isinstance(value, Dictionary) and value.get("/Type") == "/Font" and "/ToUnicode" in value:
                change(pdf, value, cmaps.parse(value["/ToUnicode"].read_bytes()).texts)
        pdf.save(out)
    return out


def stripped(source: Path, out: Path) -> Path:
    """Write a copy without ToUnicode; Type 3 glyphs also lose their names, which give the same characters."""

    def strip(pdf: pikepdf.Pdf, font: Any, texts: dict[int, str]) -> None:
        del font["/ToUnicode"]
        if font["/Subtype"] == "/Type3":
            unnamed(font)

    return changed(source, out, strip)


def unnamed(font: Any) -> None:
    """Rename the procedures of a Type 3 font to g0, g1 …"""
    names = {str(key): f"/g{i}" for i, key in enumerate(font["/CharProcs"].keys())}
    font["/CharProcs"] = Dictionary({names[str(key)]: value for key, value in font["/CharProcs"].items()})
    font["/Encoding"]["/Differences"] = Array(
        [Name(names[str(each)]) if isinstance(each, Name) and str(each) in names else each
         for each in font["/Encoding"]["/Differences"]]
    )  # fmt: skip


def permuted(source: Path, out: Path, seed: int = 0) -> Path:
    """Write a copy in which the texts of each ToUnicode are permuted."""

    def permute(pdf: pikepdf.Pdf, font: Any, texts: dict[int, str]) -> None:
        codes = [code for code, text in texts.items() if text.strip()]
        values = [texts[code] for code in codes]
        random.Random(seed).shuffle(values)
        texts |= dict(zip(codes, values, strict=True))
        font["/ToUnicode"] = pdf.make_stream(to_unicode(texts, 2 if font["/Subtype"] == "/Type0" else 1).encode())

    return changed(source, out, permute)


def one_page(pdf: pikepdf.Pdf, font: Any, shown: bytes, *, more: Dictionary | None = None) -> None:
    """Add a page that shows one string in one font."""
    page = pdf.add_blank_page(page_size=(600, 200))
    page.obj["/Resources"] = Dictionary({"/Font": Dictionary({"/F1": font})}) if more is None else more
    page.obj["/Contents"] = pdf.make_stream(b"BT /F1 20 Tf 20 100 Td <" + shown.hex().encode() + b"> Tj ET")


def embedded(pdf: pikepdf.Pdf, program: bytes, key: str, subtype: str = "", flags: int = 4) -> Any:
    """Return a font descriptor with a program."""
    stream = pdf.make_stream(program)
    if subtype:
        stream["/Subtype"] = Name("/" + subtype)
    return pdf.make_indirect(Dictionary({"/Type": Name.FontDescriptor, "/Flags": flags, key: stream}))


def simple(pdf: pikepdf.Pdf, kind: str, descriptor: Any, encoding: Any = None) -> Any:
    """Return a simple font with codes 0 to 255."""
    value = Dictionary({
        "/Type": Name.Font, "/Subtype": Name("/" + kind), "/BaseFont": Name("/ABCDEF+Tiny"), "/FirstChar": 0,
        "/LastChar": 255, "/Widths": Array([600] * 256), "/FontDescriptor": descriptor,
    })  # fmt: skip
    if encoding is not None:
        value["/Encoding"] = encoding
    return pdf.make_indirect(value)


def composite(pdf: pikepdf.Pdf, kind: str, descriptor: Any, encoding: Any = None, mapping: Any = None) -> Any:
    """Return a Type 0 font."""
    below = Dictionary({
        "/Type": Name.Font, "/Subtype": Name("/" + kind), "/BaseFont": Name("/ABCDEF+Tiny"), "/DW": 600,
        "/FontDescriptor": descriptor,
    })  # fmt: skip
    if mapping is not None:
        below["/CIDToGIDMap"] = mapping
    return pdf.make_indirect(Dictionary({
        "/Type": Name.Font, "/Subtype": Name.Type0, "/BaseFont": Name("/ABCDEF+Tiny"),
        "/Encoding": encoding or Name("/Identity-H"), "/DescendantFonts": Array([pdf.make_indirect(below)]),
    }))  # fmt: skip


def letters(text: str) -> str:
    """Return the characters that a comparison counts: no spaces, no joiners, no presentation forms."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(each for each in text if not each.isspace() and unicodedata.category(each) not in ("Cf", "Cc"))


def run(*words: object) -> int:
    return cli.main(["pdf", *(str(word) for word in words)])


def read_by_pypdf(path: Path) -> str:
    return letters("".join(page.extract_text() for page in PdfReader(path).pages))


def read_by_poppler(path: Path) -> str:
    assert POPPLER
    return letters(subprocess.run([POPPLER, str(path), "-"], capture_output=True, check=True, text=True).stdout)


def appearance(path: Path) -> bytes:
    """Return the pixels of all pages."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        return b"".join(page.render(scale=1).to_numpy().tobytes() for page in document)
    finally:
        document.close()
