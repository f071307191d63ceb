"""Tiny fonts drawn by seeded code: the same on every machine, and small enough to be built for every test run.

Together they have the difficult cases of real fonts: implied on-curve points, composites (one of them scaled), an empty
glyph, one outline under two characters, contours that overlap, shaped Arabic forms, a form that becomes several glyphs
and one that becomes ``.notdef``, a letter whose forms all look isolated, a ligature of letters and one of marks, a
character that has no label.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.basePen import BasePen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection

Contour = list[tuple[int, int]]
LICENCE = "SIL Open Font License 1.1"
BLOBS = "abcdefgh"
"""Latin letters with 24 curve points each, enough to tell designs (and copies) apart."""
CHARACTERS = {
    **{letter: ord(letter) for letter in BLOBS},
    **{"A": 0x41, "O": 0x4F, "o": 0x6F, "zero": 0x30, "one": 0x31, "aacute": 0xE1, "eacute": 0xE9},
    **{"numbersign": 0x23, "period": 0x2E, "plus": 0x2B, "han": 0x4E2D},
    **{"alef": 0x627, "beh": 0x628, "teh": 0x62A, "lam": 0x644, "yeh": 0x64A},
    **{"fatha": 0x64E, "kasra": 0x650, "shadda": 0x651},
}
UNMAPPED = ["acute", "alef.fina", "beh.init", "beh.medi", "beh.fina", "lam.init", "lam.medi", "lam.fina"]
UNMAPPED += ["yeh.stem", "yeh.dots", "lam_alef", "lam_alef.fina", "shadda_fatha"]
MARKS = ("fatha", "kasra", "shadda", "shadda_fatha", "acute")
FEATURES = """
languagesystem DFLT dflt;
languagesystem arab dflt;
feature ccmp { sub shadda fatha by shadda_fatha; } ccmp;
feature init { sub beh by beh.init; sub lam by lam.init; sub yeh by yeh.stem yeh.dots; } init;
feature medi { sub beh by beh.medi; sub lam by lam.medi; sub yeh by yeh.stem yeh.dots; } medi;
feature fina { sub alef by alef.fina; sub beh by beh.fina; sub lam by lam.fina; sub yeh by .notdef; } fina;
feature rlig { sub lam.init alef.fina by lam_alef; sub lam.medi alef.fina by lam_alef.fina; } rlig;
"""
LABELS = (
    *(f"latin_small_letter_{letter}" for letter in BLOBS),
    *("latin_capital_letter_a", "latin_capital_letter_o", "latin_small_letter_o", "digit_zero", "digit_one"),
    *("latin_small_letter_a_acute", "latin_small_letter_e_acute", "number_sign", "full_stop"),
    *("alef_isol", "alef_fina", "beh_isol", "beh_init", "beh_medi", "beh_fina", "teh_isol", "yeh_isol"),
    *("lam_isol", "lam_init", "lam_medi", "lam_fina", "lam_alef_isol", "lam_alef_fina"),
    *("fatha_diacritic", "kasra_diacritic", "shadda_diacritic", "shadda_fatha_diacritic"),
)
"""Every label that each of the fonts has a glyph for."""
DROPPED = {"notdef": 1, "empty": 1, "several glyphs": 2, "equal to isolated": 3, "outside the label set": 1}
"""Numbers of a font's glyphs without a row, by reason: final yeh, plus sign, initial and medial yeh, teh's three forms,
the Han letter."""


@dataclass(frozen=True)
class Design:
    """One font: all its shapes follow from ``seed``, so two designs with one seed are copies of each other."""

    family: str
    file: str
    seed: str
    style: str = "Regular"
    upem: int = 1000
    cubic: bool = False
    shift: int = 0
    """Number of units by which a few points move: a copy that is not exact."""


DESIGNS = (
    Design("Tiny Sans", "TinySans-Regular.ttf", "sans"),
    Design("Tiny Sans", "TinySans-Bold.ttf", "sans bold", style="Bold"),
    Design("Tiny Copy", "TinyCopy.ttf", "sans", shift=3),
    Design("Tiny Serif", "TinySerif.ttf", "serif", upem=2048),
    Design("Tiny Cubic", "TinyCubic.otf", "cubic", cubic=True),
    Design("Tiny Web", "TinyWeb.woff2", "web"),
    Design("Tiny Kufi", "TinyKufi.woff", "kufi"),
    Design("Tiny First", "TinyPair.ttc", "first"),
    Design("Tiny Second", "TinyPair.ttc", "second"),
    Design("Tiny Naskh", "more/TinyNaskh.ttf", "naskh"),
)


def write_fonts(folder: Path) -> None:
    """Write every design into ``folder``; two share a collection, one lies in a subfolder."""
    collections: dict[str, TTCollection] = {}
    for design in DESIGNS:
        path = folder / design.file
        path.parent.mkdir(parents=True, exist_ok=True)
        builder = build(design)
        if path.suffix == ".ttc":
            collections.setdefault(design.file, TTCollection()).fonts.append(builder.font)
            continue
        if path.suffix.startswith(".woff"):
            builder.font.flavor = path.suffix[1:]
        builder.save(path)
    for file, collection in collections.items():
        collection.save(folder / file)


def build(design: Design) -> FontBuilder:
    """Build one font without saving it."""
    order = [".notdef", *CHARACTERS, *UNMAPPED]
    builder = FontBuilder(design.upem, isTTF=not design.cubic)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap({code: name for name, code in CHARACTERS.items()})
    contours = {name: _contours(design, name) for name in order}
    advances = {name: 0 if name in MARKS else design.upem * 6 // 10 for name in order}
    if design.cubic:
        pens = {name: T2CharStringPen(advances[name], None) for name in order}
    else:
        pens = {name: TTGlyphPen(dict.fromkeys(order)) for name in order}
    for name, pen in pens.items():
        for contour in contours[name]:
            _draw(pen, contour)
    if design.cubic:
        for name, base, scale in (("aacute", "a", 1), ("eacute", "e", 0.5)):
            for contour in [*contours[base], *contours["acute"]]:
                _draw(pens[name], [(round(x * scale), round(y * scale)) for x, y in contour])
        charstrings = {name: pen.getCharString() for name, pen in pens.items()}
        builder.setupCFF(design.family.replace(" ", ""), {}, charstrings, {})
    else:
        for name, base, scale in (("aacute", "a", 1), ("eacute", "e", 0.5)):
            pens[name].addComponent(base, (scale, 0, 0, scale, 0, 0))
            pens[name].addComponent("acute", (scale, 0, 0, scale, 0, 0))
        builder.setupGlyf({name: pen.glyph() for name, pen in pens.items()})
    lefts = {} if design.cubic else {name: getattr(builder.font["glyf"][name], "xMin", 0) for name in order}
    builder.setupHorizontalMetrics({name: (advances[name], lefts.get(name, 0)) for name in order})
    builder.setupHorizontalHeader(ascent=design.upem * 8 // 10, descent=-design.upem * 2 // 10)
    builder.setupNameTable({"familyName": design.family, "styleName": design.style, "licenseDescription": LICENCE})
    builder.setupOS2(
        sTypoAscender=design.upem * 8 // 10,
        sTypoDescender=-design.upem * 2 // 10,
        sxHeight=design.upem // 2,
        sCapHeight=design.upem * 7 // 10,
        usWeightClass=700 if design.style == "Bold" else 400,
    )
    builder.setupPost()
    addOpenTypeFeaturesFromString(builder.font, FEATURES)
    return builder


STRAIGHT: dict[str, list[tuple[int, int, int, int]]] = {
    "E": [(0, 0, 80, 700), (80, 0, 330, 80), (80, 310, 280, 80), (80, 620, 330, 80)],
    "F": [(0, 0, 80, 700), (80, 310, 280, 80), (80, 620, 330, 80)],
    "H": [(0, 0, 80, 700), (400, 0, 80, 700), (80, 310, 320, 80)],
    "L": [(0, 0, 80, 700), (80, 0, 330, 80)],
    "T": [(200, 0, 80, 620), (0, 620, 480, 80)],
}
"""Letters made of bars, unambiguous without curves: x, y, width, height."""


CYRILLIC: dict[str, list[tuple[int, int, int, int]]] = {
    "Н": STRAIGHT["H"],
    "П": [(0, 0, 80, 700), (400, 0, 80, 700), (80, 620, 320, 80)],
    "Г": [(0, 0, 80, 700), (80, 620, 330, 80)],
    "Ц": [(0, 0, 80, 700), (400, 0, 80, 700), (80, 0, 320, 80), (480, 0, 70, 80), (490, -150, 60, 150)],
    "Т": STRAIGHT["T"],
    "Ш": [(0, 0, 80, 700), (300, 0, 80, 700), (600, 0, 80, 700), (80, 0, 520, 80)],
    "Щ": [(0, 0, 80, 700), (300, 0, 80, 700), (600, 0, 80, 700), (80, 0, 670, 80), (690, -150, 60, 150)],
    "Д": [(60, 80, 80, 620), (400, 80, 80, 620), (140, 620, 260, 80), (-20, 0, 580, 80), (-20, -150, 70, 150),
          (490, -150, 70, 150)],
    "Е": STRAIGHT["E"],
    "Ъ": [(0, 620, 180, 80), (100, 0, 80, 620), (180, 320, 300, 80), (180, 0, 300, 80), (400, 80, 80, 240)],
    "Ю": [(0, 0, 80, 700), (80, 310, 120, 80), (200, 0, 80, 700), (480, 0, 80, 700), (280, 0, 200, 80),
          (280, 620, 200, 80)],
}  # fmt: skip
"""Letters of bars that are not in the label set, and three (Н, Т, Е) that look like Latin ones."""


def write_box_font(path: Path) -> None:
    """Write a font without a character map, as a PDF embeds it: :data:`STRAIGHT`, and a hollow box as glyph 0."""
    write_contours(path, STRAIGHT, [_bar(50, 0, 380, 700), _bar(110, 60, 260, 580)[::-1]])


def write_bars(
    path: Path, glyphs: dict[str, list[tuple[int, int, int, int]]], notdef: Sequence[tuple[int, int, int, int]] = ()
) -> None:
    """Write a font without a character map whose glyphs are bars; glyph 0 too, empty unless it is given."""
    write_contours(path, glyphs, [_bar(*bar) for bar in notdef])


def write_contours(path: Path, glyphs: dict[str, list[tuple[int, int, int, int]]], notdef: list[Contour]) -> None:
    """Write a font without a character map, and without names: bars, and the contours of glyph 0."""
    contours = {
        ".notdef": notdef,
        **{f"g{i}": [_bar(*bar) for bar in bars] for i, bars in enumerate(glyphs.values(), 1)},
    }
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(list(contours))
    pens = {name: TTGlyphPen(None) for name in contours}
    for name, pen in pens.items():
        for contour in contours[name]:
            _draw(pen, contour)
    builder.setupGlyf({name: pen.glyph() for name, pen in pens.items()})
    width = {name: max([x for contour in its for x, _ in contour], default=400) for name, its in contours.items()}
    builder.setupHorizontalMetrics({name: (each + 80, 0) for name, each in width.items()})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupPost(keepGlyphNames=False)
    builder.save(path)


def _draw(pen: BasePen, contour: Contour) -> None:
    """Draw a contour: few points are a polygon; many are the control points of a curve whose on-curve points are all
    implied."""
    if len(contour) > 8:
        pen.qCurveTo(*contour, None)
    else:
        pen.moveTo(contour[0])
        for point in contour[1:]:
            pen.lineTo(point)
    pen.closePath()


def _contours(design: Design, name: str) -> list[Contour]:
    """Return a glyph's contours, in units of the design's em."""
    em = design.upem
    if name in ("plus", "aacute", "eacute"):  # empty, and composites
        return []
    if name in (".notdef", "period"):  # the same in every family
        side = em // 10 if name == "period" else em // 2
        return [[(50, 0), (50, side), (50 + side, side), (50 + side, 0)]]
    if name == "numbersign":  # two bars, wound alike, that overlap: even-odd filling would leave a hole
        width = em // 10 + Random(design.seed).randrange(em // 10)
        return [_bar(0, em // 4, em // 2, width), _bar(em // 4, 0, width, em // 2)]
    if name == "A":  # a letter with a straight-edged counter
        return [
            [(0, 0), (em // 4, em * 7 // 10), (em // 2, 0)],
            [(em // 8, em // 20), (em * 3 // 8, em // 20), (em // 4, em // 2)],
        ]
    if name in MARKS:
        return [_blob(design, name, centre=em * 3 // 4, radius=em // 20)]
    if name in ("O", "zero"):  # one outline, two characters
        name = "O"
    contours = [_blob(design, name, centre=em // 4, radius=em // 4)]
    if name in ("O", "o", "lam_alef"):
        contours.append(_blob(design, name + " counter", centre=em // 4, radius=em // 10)[::-1])
    return contours


def _bar(x: int, y: int, width: int, height: int) -> Contour:
    return [(x, y), (x, y + height), (x + width, y + height), (x + width, y)]


def _blob(design: Design, name: str, centre: int, radius: int) -> Contour:
    """Return a wobbly clockwise ring of 24 control points: the letter gives the shape, the design bends it."""
    letter, bend = Random(name), Random(f"{design.seed}/{name}")
    points = []
    for step in range(24):
        angle = -math.tau * step / 24
        length = radius * letter.uniform(0.6, 1.2) * bend.uniform(0.75, 1.25)
        points.append((round(centre + length * math.cos(angle)), round(centre + length * math.sin(angle))))
    points[0] = (points[0][0] + design.shift, points[0][1])
    return points
