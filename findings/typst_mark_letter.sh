#!/usr/bin/env bash
# typst 0.15.2 and matplotlib 3.11.2, read by pypdf 7.1.1, pdfminer.six 20260107 and PDFium (pypdfium2 5.15.2): a
# vowel's glyph carries letters.
#
# Expected: in a healthy PDF of vowelled Arabic the glyph of a fatha maps to U+064E, that of a letter to the letter.
# Seen: both producers give the text of a cluster (letter and vowel) to *each* glyph of it, so that every vowelled
# letter is read twice. typst makes one entry a glyph, so the fatha keeps the letter that it was drawn with first: of
# the two words bayt and hal, with their vowels, drawn from the left, the fatha of hal brings its heh into bayt, which
# has none. pypdf and pdfminer read three heh and one beh where there is one of each; PDFium heeds typst's ActualText
# and reads two of each. matplotlib has an entry for each pair and doubles only.
# Matters: ToUnicode that is complete and consistent over a file, and wrong: comparing it with itself shows nothing,
# comparing it with outlines does (a mark whose text is a letter and a mark). It is no reference for measuring a
# reader on vowelled text.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: typst==0.15.2 matplotlib==3.11.2 pypdf==7.1.1 pdfminer.six==20260107 pypdfium2==5.15.2 fontpkg-tajawal==1.700
MPLCONFIGDIR="$room" MPLBACKEND=agg "$room/venv/bin/python" - "$room" <<'PYTHON'
import io
import sys
from pathlib import Path

import fontpkg_tajawal
import matplotlib.pyplot as plt
import pypdfium2
import typst
from matplotlib.font_manager import FontProperties
from pdfminer.high_level import extract_text
from pypdf import PdfReader

TEXT = "\u0628\u064e\u064a\u062a \u0647\u064e\u0644"  # beh fatha yeh teh, heh fatha lam
font = Path(fontpkg_tajawal.__file__).parent / "files/Tajawal-Regular.ttf"


def by_typst():
    source = Path(sys.argv[1]) / "page.typ"
    source.write_text('#set text(font: "Tajawal", lang: "ar", size: 30pt)\n' + TEXT)
    return typst.compile(str(source), font_paths=[str(font.parent)], ignore_system_fonts=True)


def by_matplotlib():
    plt.rcParams["pdf.fonttype"] = 42
    figure, file = plt.figure(), io.BytesIO()
    figure.text(0.1, 0.5, TEXT, fontproperties=FontProperties(fname=str(font), size=30))
    figure.savefig(file, format="pdf")
    return file.getvalue()


READERS = {
    "pypdf": lambda data: PdfReader(io.BytesIO(data)).pages[0].extract_text(),
    "pdfminer": lambda data: extract_text(io.BytesIO(data)),
    "PDFium": lambda data: pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range(),
}
BEH, HEH = "\u0628", "\u0647"
print("letters beh and heh in the text:", TEXT.count(BEH), TEXT.count(HEH))
seen = {}
for producer, make in (("typst", by_typst), ("matplotlib", by_matplotlib)):
    data = make()
    for reader, read in READERS.items():
        text = read(data)
        seen[producer, reader] = text.count(BEH), text.count(HEH)
        print(
            f"{producer:10} by {reader:8}: {seen[producer, reader]} in", " ".join(f"{ord(c):04X}" for c in text.strip())
        )
assert seen["typst", "pypdf"] == seen["typst", "pdfminer"] == (1, 3) and seen["typst", "PDFium"] == (2, 2), seen
assert all(seen["matplotlib", reader] == (2, 2) for reader in READERS), seen
PYTHON
