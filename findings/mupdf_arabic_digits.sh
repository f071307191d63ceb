#!/usr/bin/env bash
# PyMuPDF 2.0 (MuPDF 1.28.5) reads the year 2026, written in Arabic-Indic digits, as 6202; pypdf 7.1.1 does so between
# two Arabic words.
#
# Expected: numbers run from left to right in every script, so a reader that turns lines of Arabic round leaves digits
# alone (Unicode's bidirectional classes AN and EN); where it fails, it fails for all digits and in every place.
# Seen: MuPDF turns a run of Arabic-Indic digits (U+0660 to U+0669) round, even one that is the only text of its page,
# and a date as a whole: 12/2026 becomes 6202/21. Persian digits (U+06F0 to U+06F9), which look the same but for
# three, stay right. pypdf turns both kinds, but between two Arabic words only. ASCII digits are right in both; PDFium
# (pypdfium2 5.15.2) keeps all.
# Matters: another year, and a valid one: no dictionary and no reading of glyphs notices. Figures for the text of
# Arabic documents by these readers need digits checked apart; and which of two look-alike digits a glyph is called
# decides the order of a number.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: pikepdf==10.18.0 pymupdf==2.0 pypdfium2==5.15.2 pypdf==7.1.1
"$room/venv/bin/python" - <<'PYTHON'
import io
import re

import pikepdf
import pymupdf
import pypdfium2
from pikepdf import Dictionary, Name
from pypdf import PdfReader

HEAD = "begincmap /CMapName /T def /CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange\n"


def page(line):
    """A page that shows these characters from left to right, as a typesetter orders them: one glyph, one text."""
    codes = {character: 0x41 + i for i, character in enumerate(dict.fromkeys(line))}
    entries = "\n".join(f"<{code:02X}> <{ord(character):04X}>" for character, code in codes.items())
    cmap = f"{HEAD}{len(codes)} beginbfchar\n{entries}\nendbfchar\nendcmap\n"
    pdf = pikepdf.new()
    sheet = pdf.add_blank_page(page_size=(400, 100))
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type1,
        BaseFont=Name.Courier,
        Encoding=Name.WinAnsiEncoding,
        ToUnicode=pdf.make_stream(cmap.encode()),
    )
    sheet.Resources = Dictionary(Font=Dictionary(F=pdf.make_indirect(font)))
    shown = "".join(f"{codes[character]:02X}" for character in line)
    sheet.Contents = pdf.make_stream(f"BT /F 20 Tf 20 30 Td <{shown}> Tj ET".encode())
    file = io.BytesIO()
    pdf.save(file)
    return file.getvalue()


READERS = {
    "MuPDF": lambda data: pymupdf.open(stream=data, filetype="pdf")[0].get_text(),
    "pypdf": lambda data: PdfReader(io.BytesIO(data)).pages[0].extract_text(),
    "PDFium": lambda data: pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range(),
}
SEEN, TEM = "\u0629\u0646\u0633", "\u0645\u062a"  # sana ("year") and tamm, as they stand on a page, from the left
seen = {}
for script, zero in (("Arabic-Indic", 0x660), ("Persian", 0x6F0), ("ASCII", 0x30)):
    write = lambda digits: re.sub(r"\d", lambda digit: chr(zero + int(digit[0])), digits, flags=re.ASCII)
    for name, line in (
        ("alone", write("2026")),
        ("date", write("12/2026")),
        ("in a line", f"{TEM} {write('2026')} {SEEN}"),
    ):
        data = page(line)
        for reader, read in READERS.items():
            digits = "".join(
                str(ord(c) - zero) if 0 <= ord(c) - zero < 10 else c
                for c in read(data)
                if 0 <= ord(c) - zero < 10 or c == "/"
            )
            seen.setdefault((script, name), {})[reader] = digits
        print(f"{script:12} {name:9}", seen[script, name])
right = {"alone": "2026", "date": "12/2026", "in a line": "2026"}
wrong = {
    (script, name, reader): text
    for (script, name), each in seen.items()
    for reader, text in each.items()
    if text != right[name]
}
assert wrong == {
    ("Arabic-Indic", "alone", "MuPDF"): "6202",
    ("Arabic-Indic", "date", "MuPDF"): "6202/21",
    ("Arabic-Indic", "in a line", "MuPDF"): "6202",
    ("Arabic-Indic", "in a line", "pypdf"): "6202",
    ("Persian", "in a line", "pypdf"): "6202",
}, wrong
PYTHON
