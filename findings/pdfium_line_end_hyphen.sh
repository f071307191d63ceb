#!/usr/bin/env bash
# PDFium (pypdfium2 5.15.2): a hyphen at the end of a line is read as U+FFFE, a noncharacter, and the two lines become
# one word.
#
# Expected: a character that is drawn, and that the font maps to "-", is read as "-"; only a soft hyphen (U+00AD) may
# vanish.
# Seen: "Bu-" at the end of one line and "Ali" on the next come out as Bu, U+FFFE, Ali with no line break, and so does
# every word that is written with a hyphen by rights. Between digits hyphen and break stay, so "2019-" and "2026" are
# read as they are. A soft hyphen is treated like a hard one. pypdf 7.1.1 gives the hyphen and the break; MuPDF 1.28.5
# and pdfminer.six have the hyphen as well.
# Matters: a reading of glyphs that is compared with this text is "wrong" at every such hyphen, though it is on the
# page, and U+FFFE is refused by XML and by some databases. Put the hyphen back before any comparison.
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


def page(shown):
    pdf = pikepdf.new()
    sheet = pdf.add_blank_page(page_size=(300, 100))
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    sheet.Resources = Dictionary(Font=Dictionary(F=pdf.make_indirect(font)))
    sheet.Contents = pdf.make_stream(b"BT /F 20 Tf 20 60 Td " + shown + b" ET")
    file = io.BytesIO()
    pdf.save(file)
    return file.getvalue()


CASES = {
    "a range of years": b"(2019-) Tj 0 -24 Td (2026) Tj",
    "a name": b"(Bu-) Tj 0 -24 Td (Ali) Tj",
    "a soft hyphen": b"(out\\255) Tj 0 -24 Td (lines) Tj",
    "within a line": b"(Bu-Ali) Tj",
    "the last line": b"(Bu-) Tj",
}
seen = {}
for name, shown in CASES.items():
    data = page(shown)
    seen[name] = pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range()
    print(
        f"{name:18} PDFium: {ascii(seen[name]):20} pypdf: {ascii(PdfReader(io.BytesIO(data)).pages[0].extract_text())}"
    )
assert list(seen.values()) == ["2019-\r\n2026", "Bu\ufffeAli", "out\ufffelines", "Bu-Ali", "Bu-"], seen
PYTHON
