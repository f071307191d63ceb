#!/usr/bin/env bash
# PyMuPDF 2.0 (MuPDF 1.28.5), PDFium (pypdfium2 5.15.2), pypdf 7.1.1, pdfminer.six 20260107: no ToUnicode entry says
# "nobody knows this glyph".
#
# Expected: U+FFFD, which stands for "unknown" in Unicode, comes out as U+FFFD; an empty text comes out as nothing;
# and no entry gives nothing or a sign like "(cid:69)".
# Seen: MuPDF does not believe U+FFFD and gives the *code* as a character: glyph 69 is read as a plain "E". An empty
# text does the same in MuPDF and PDFium, and no entry in all but pdfminer. U+FFFF is kept by three, and becomes "E"
# in PDFium. Of these five only a private-use character is the same in all four.
# Matters: whoever writes ToUnicode for glyphs that it could only partly read must not leave the rest out, nor write
# U+FFFD: low codes are ASCII, so what is unknown becomes letters that look like text. A private-use character is
# honest in every reader.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: pikepdf==10.18.0 pymupdf==2.0 pypdfium2==5.15.2 pypdf==7.1.1 pdfminer.six==20260107 fontpkg-tajawal==1.700
"$room/venv/bin/python" - <<'PYTHON'
import io
from pathlib import Path

import fontpkg_tajawal
import pikepdf
import pymupdf
import pypdfium2
from pdfminer.high_level import extract_text
from pikepdf import Array, Dictionary, Name
from pypdf import PdfReader

PROGRAM = (Path(fontpkg_tajawal.__file__).parent / "files/Tajawal-Regular.ttf").read_bytes()
HEAD = "begincmap /CMapName /T def /CMapType 2 def 1 begincodespacerange <0000> <FFFF> endcodespacerange\n"


def page(entry):
    """Glyphs 68, 69 and 70: the first is an x, the last a y, and `entry` is what ToUnicode says of the other."""
    pdf = pikepdf.new()
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name("/AAAAAA+Tajawal"),
        Flags=4,
        FontBBox=[0, -300, 1000, 1000],
        ItalicAngle=0,
        Ascent=1000,
        Descent=-300,
        CapHeight=700,
        StemV=80,
        FontFile2=pdf.make_stream(PROGRAM, Length1=len(PROGRAM)),
    )
    program = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=descriptor.FontName,
        CIDToGIDMap=Name.Identity,
        DW=600,
        CIDSystemInfo=Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    entries = ["<0044> <0078>", "<0046> <0079>"] + ([] if entry is None else [f"<0045> <{entry}>"])
    cmap = f"{HEAD}{len(entries)} beginbfchar\n" + "\n".join(entries) + "\nendbfchar\nendcmap\n"
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=descriptor.FontName,
        Encoding=Name("/Identity-H"),
        DescendantFonts=Array([pdf.make_indirect(program)]),
        ToUnicode=pdf.make_stream(cmap.encode()),
    )
    sheet = pdf.add_blank_page(page_size=(300, 100))
    sheet.Resources = Dictionary(Font=Dictionary(F=pdf.make_indirect(font)))
    sheet.Contents = pdf.make_stream(b"BT /F 40 Tf 20 30 Td <004400450046> Tj ET")
    file = io.BytesIO()
    pdf.save(file)
    return file.getvalue()


READERS = {
    "MuPDF": lambda data: pymupdf.open(stream=data, filetype="pdf")[0].get_text(),
    "PDFium": lambda data: pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range(),
    "pypdf": lambda data: PdfReader(io.BytesIO(data)).pages[0].extract_text(),
    "pdfminer": lambda data: extract_text(io.BytesIO(data)),
}
ENTRIES = {"U+FFFD": "FFFD", "empty": "", "no entry": None, "U+FFFF": "FFFF", "U+E045": "E045"}
print("between x and y ", *(f"{reader:9}" for reader in READERS))
seen = {}
for name, entry in ENTRIES.items():
    data = page(entry)
    seen[name] = {reader: read(data).strip().removeprefix("x").removesuffix("y") for reader, read in READERS.items()}
    print(f"{name:16}", *(f"{text.encode('unicode_escape').decode():9}" for text in seen[name].values()))
expected = {
    "U+FFFD": ["E", "\ufffd", "\ufffd", "\ufffd"],
    "empty": ["E", "E", "", ""],
    "no entry": ["E", "E", "E", "(cid:69)"],
    "U+FFFF": ["\uffff", "E", "\uffff", "\uffff"],
    "U+E045": ["\ue045"] * 4,
}
assert {name: list(each.values()) for name, each in seen.items()} == expected, seen
PYTHON
