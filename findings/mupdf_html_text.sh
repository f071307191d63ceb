#!/usr/bin/env bash
# PyMuPDF 2.0 (MuPDF 1.28.5 as producer), read by pypdf 7.1.1 and by itself: what is written with insert_htmlbox reads
# back as other characters.
#
# Expected: the text that is put into a page can be searched for there, by any reader.
# Seen: the producer shapes, then asks the font which character a glyph belongs to. A font that gives one glyph to
# several characters answers with one of them: spaces become U+00A0, "office" has U+FB03 for its ffi, Arabic letters
# become presentation forms, in the order of the page. Neither pypdf nor MuPDF's own search, in the library that has
# just written them, finds "head office" or "bayt".
# Matters: here no entry is missing and no glyph misread, but a comparison character by character counts nearly
# everything as wrong: normalise (NFKC) both sides before any count.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: pymupdf==2.0 pypdf==7.1.1 fontpkg-tajawal==1.700
"$room/venv/bin/python" - <<'PYTHON'
import io
import unicodedata
from pathlib import Path

import fontpkg_tajawal
import pymupdf
from pypdf import PdfReader

folder = Path(fontpkg_tajawal.__file__).parent / "files"
WORDS = ["head office", "\u0628\u064a\u062a"]
style = "@font-face {font-family: T; src: url(Tajawal-Regular.ttf)} p {font-family: T; font-size: 30px}"
seen = {}
for word in WORDS:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_htmlbox(
        pymupdf.Rect(50, 50, 500, 200), f"<p>{word}</p>", css=style, archive=pymupdf.Archive(str(folder))
    )
    data = document.tobytes()
    text = PdfReader(io.BytesIO(data)).pages[0].extract_text().strip()
    own = len(pymupdf.open(stream=data, filetype="pdf")[0].search_for(word))
    seen[word] = word in text, sorted(unicodedata.normalize("NFKC", text)) == sorted(word), own
    print("written:", " ".join(f"{ord(c):04X}" for c in word))
    print("read:   ", " ".join(f"{ord(c):04X}" for c in text))
    print(
        f"   found by pypdf: {seen[word][0]}; same letters after NFKC: {seen[word][1]}; hits of MuPDF's own search: {own}"
    )
assert all(each == (False, True, 0) for each in seen.values()), seen
PYTHON
