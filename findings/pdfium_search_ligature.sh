#!/usr/bin/env bash
# PDFium (pypdfium2 5.15.2): the text that a PDF gives a glyph cannot be searched for, if it is a ligature or a
# presentation form.
#
# Expected: what ToUnicode says is what the text page holds: one glyph, one text; a search for that very character
# finds it.
# Seen: PDFium takes ligatures and Arabic presentation forms apart as it reads: U+FB01 becomes f, i; U+FEFB lam, alef;
# U+FDFA eighteen characters with three spaces, all with the same box. Neither the range nor the search has the
# character any more. Other compatibility characters (U+0132, U+2126, U+FF21) stay. pypdf 7.1.1, pdfminer.six and
# MuPDF 1.28.5 keep all of them.
# Matters: code that pairs the characters of a page with its glyphs by counting is off by seventeen after one U+FDFA,
# and one written mapping reads as two texts in two readers: compare after NFKC only.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: pikepdf==10.18.0 pypdfium2==5.15.2 pypdf==7.1.1
"$room/venv/bin/python" - <<'PYTHON'
import io

import pikepdf
import pypdfium2
from pikepdf import Dictionary, Name
from pypdf import PdfReader

HEAD = "begincmap /CMapName /T def /CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange\n"


def page(character):
    """Three glyphs: x, one that ToUnicode says is `character`, y."""
    pdf = pikepdf.new()
    sheet = pdf.add_blank_page(page_size=(300, 100))
    cmap = f"{HEAD}3 beginbfchar\n<61> <0078>\n<62> <{ord(character):04X}>\n<63> <0079>\nendbfchar\nendcmap\n"
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type1,
        BaseFont=Name.Helvetica,
        Encoding=Name.WinAnsiEncoding,
        ToUnicode=pdf.make_stream(cmap.encode()),
    )
    sheet.Resources = Dictionary(Font=Dictionary(F=pdf.make_indirect(font)))
    sheet.Contents = pdf.make_stream(b"BT /F 40 Tf 20 30 Td (abc) Tj ET")
    file = io.BytesIO()
    pdf.save(file)
    return file.getvalue()


seen = {}
for character in "\ufb01\ufefb\ufdfa\u0132\u2126\uff21":
    data = page(character)
    text = pypdfium2.PdfDocument(data)[0].get_textpage()
    count, found = text.count_chars(), text.search(character).get_next() is not None
    boxes = len({text.get_charbox(i) for i in range(count)})
    seen[f"U+{ord(character):04X}"] = count, found
    other = PdfReader(io.BytesIO(data)).pages[0].extract_text()
    assert other == f"x{character}y"
    print(
        f"U+{ord(character):04X}: {count} characters with {boxes} different boxes; found: {found}; pypdf: {len(other)} characters"
    )
assert seen == {
    "U+FB01": (4, False),
    "U+FEFB": (4, False),
    "U+FDFA": (20, False),
    "U+0132": (3, True),
    "U+2126": (3, True),
    "U+FF21": (3, True),
}, seen
PYTHON
