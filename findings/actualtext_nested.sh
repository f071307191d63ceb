#!/usr/bin/env bash
# PDFium (pypdfium2 5.15.2), PyMuPDF 2.0 (MuPDF 1.28.5), pypdf 7.1.1, pdfminer.six 20260107: ActualText cannot silence
# a glyph, and the outer one is repeated.
#
# Expected: ActualText replaces what is inside it (PDF 32000, 14.9.4): an empty one makes a decoration silent, and one
# around others stands for them all, so that a word can be given whole over spans that give letters.
# Seen: two readers know ActualText at all; pypdf and pdfminer read what is under it. Of the two, PDFium ignores an
# empty one and MuPDF makes a space of it. Nested, the outer text comes once before the inner one and again after it:
# "OUT" around "IN" is OUTINOUT in PDFium and, MuPDF taking letters off for glyphs shown, OUT INUT in MuPDF.
# Matters: ActualText is the way to say what ToUnicode cannot (a skeleton that is several letters, an order); it must
# be flat, never empty, and every glyph under it needs a ToUnicode text that is right for those who never look at it.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: pikepdf==10.18.0 pypdfium2==5.15.2 pymupdf==2.0 pypdf==7.1.1 pdfminer.six==20260107
"$room/venv/bin/python" - <<'PYTHON'
import io

import pikepdf
import pymupdf
import pypdfium2
from pdfminer.high_level import extract_text
from pikepdf import Dictionary, Name
from pypdf import PdfReader


def page(shown):
    pdf = pikepdf.new()
    sheet = pdf.add_blank_page(page_size=(300, 100))
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    sheet.Resources = Dictionary(Font=Dictionary(F=pdf.make_indirect(font)))
    sheet.Contents = pdf.make_stream(f"BT /F 40 Tf 20 30 Td {shown} ET".encode())
    file = io.BytesIO()
    pdf.save(file)
    return file.getvalue()


READERS = {
    "PDFium": lambda data: pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range(),
    "MuPDF": lambda data: pymupdf.open(stream=data, filetype="pdf")[0].get_text(),
    "pypdf": lambda data: PdfReader(io.BytesIO(data)).pages[0].extract_text(),
    "pdfminer": lambda data: extract_text(io.BytesIO(data)),
}
SPAN = "/Span <</ActualText %s>> BDC"
CASES = {
    "b is XY": f"(a) Tj {SPAN % '(XY)'} (b) Tj EMC (c) Tj",
    "b is nothing": f"(a) Tj {SPAN % '()'} (b) Tj EMC (c) Tj",
    "abc is OUT, b is IN": f"{SPAN % '(OUT)'} (a) Tj {SPAN % '(IN)'} (b) Tj EMC (c) Tj EMC",
}
print(f"{'abc is shown, and':20}", *(f"{reader:9}" for reader in READERS))
seen = {}
for name, shown in CASES.items():
    data = page(shown)
    seen[name] = [read(data).strip() for read in READERS.values()]
    print(f"{name:20}", *(f"{text:9}" for text in seen[name]))
assert seen == {
    "b is XY": ["aXYc", "aXYc", "abc", "abc"],
    "b is nothing": ["abc", "a c", "abc", "abc"],
    "abc is OUT, b is IN": ["OUTINOUT", "OUT INUT", "abc", "abc"],
}, seen
PYTHON
