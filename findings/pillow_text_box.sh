#!/usr/bin/env bash
# Pillow 13.0.0: the "bounding box" of a text is its ink from top to bottom and something else from left to right.
#
# Expected: ImageDraw.textbbox() is the box of the pixels that text() paints; a glyph cropped by it touches all four
# sides.
# Seen: top and bottom are those of the ink. Left and right take in the pen as well: the box begins where the pen
# starts and ends where it stops, so that none of 54 letters of Latin and Arabic touches both sides; an alef of 10
# pixels has a box of 32.
# Matters: glyphs cut out by it and scaled to a square sit at another place and in another size than those cut by
# their ink, by the side bearings of each font: the difference looks like style. Image.getbbox() of the painted
# picture is the ink.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: pillow==13.0.0 fontpkg-tajawal==1.700
"$room/venv/bin/python" - <<'PYTHON'
from pathlib import Path

import fontpkg_tajawal
from PIL import Image, ImageDraw, ImageFont

font = ImageFont.truetype(Path(fontpkg_tajawal.__file__).parent / "files/Tajawal-Regular.ttf", 128)
LETTERS = "abcdefghijklmnopqrstuvwxyz" + "".join(
    map(chr, (0x627, 0x628, *range(0x62A, 0x63B), *range(0x641, 0x649), 0x64A))
)


def boxes(text):
    image = Image.new("L", (600, 600))
    draw = ImageDraw.Draw(image)
    draw.text((200, 200), text, fill=255, font=font)
    return image.getbbox(), draw.textbbox((200, 200), text, font=font)


upright = level = 0
for letter in LETTERS:
    ink, box = boxes(letter)
    upright += ink[1::2] == box[1::2]
    level += ink[::2] == box[::2]
print(f"{len(LETTERS)} letters: top and bottom are the ink's in {upright}, left and right in {level}")
for letter in "l", "\u0627", "\u0628":
    ink, box = boxes(letter)
    print(
        f"U+{ord(letter):04X}: ink {ink[0]} to {ink[2]}, box {box[0]} to {box[2]}, advance {font.getlength(letter):.0f}"
    )
assert upright >= len(LETTERS) - 1 and level == 0
PYTHON
