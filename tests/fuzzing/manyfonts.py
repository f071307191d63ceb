"""Fonts made too large or invalid, each by a function of a random generator: endless composites, bombs, wrong sizes,
rare kinds."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

import brotli
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder
from fontTools.misc.psCharStrings import T2CharString
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent
from fontTools.ttLib.tables.DefaultTable import DefaultTable
from fontTools.ttLib.tables.TupleVariation import TupleVariation

from fuzzing.bytewise import bomb


def _start(names: list[str], *, cubic: bool = False) -> FontBuilder:
    builder = FontBuilder(1000, isTTF=not cubic)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({0x61 + i: name for i, name in enumerate(names[1:60])})
    builder.setupHorizontalMetrics({name: (600, 0) for name in names})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Too Much", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    return builder


def _square(points: int = 4) -> Glyph:
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for i in range(1, points):
        pen.lineTo((i * 37 % 900, i * 61 % 900))
    pen.closePath()
    return pen.glyph()


def _of(*names: str) -> Glyph:
    glyph = Glyph()
    glyph.numberOfContours = -1
    glyph.components = []
    for name in names:
        component = GlyphComponent()
        component.glyphName, component.x, component.y, component.flags = name, 10, 10, 0x0002
        glyph.components.append(component)
    return glyph


def _saved(builder: FontBuilder, glyphs: dict[str, Glyph] | None = None) -> bytes:
    font = builder.font
    font.recalcBBoxes = False
    if glyphs is not None:
        glyf = newTable("glyf")
        glyf.glyphs, glyf.glyphOrder = glyphs, list(glyphs)
        font["glyf"], font["loca"] = glyf, newTable("loca")
        for glyph in glyphs.values():
            for side in ("xMin", "yMin", "xMax", "yMax"):
                if not hasattr(glyph, side):
                    setattr(glyph, side, 0)
        font["maxp"].__dict__.update(
            dict.fromkeys(
                (
                    "maxPoints",
                    "maxContours",
                    "maxCompositePoints",
                    "maxCompositeContours",
                    "maxZones",
                    "maxTwilightPoints",
                    "maxStorage",
                    "maxFunctionDefs",
                    "maxInstructionDefs",
                    "maxStackElements",
                    "maxSizeOfInstructions",
                    "maxComponentElements",
                    "maxComponentDepth",
                ),
                0,
            )
        )
        font["maxp"].recalc = lambda _: None
        font["maxp"].tableVersion = 0x00010000
        font["maxp"].numGlyphs = len(glyphs)
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


@lru_cache(maxsize=12)
def _composites(depth: int, width: int, points: int) -> bytes:
    """Return a font in which each glyph is ``width`` times the one before: ``width ** depth`` squares."""
    names = [".notdef", "a", *(f"c{i}" for i in range(depth))]
    glyphs = {".notdef": _square(), "a": _square(points)}
    for before, name in pairwise(names[1:]):
        glyphs[name] = _of(*[before] * width)
    return _saved(_start(names), glyphs)


@lru_cache(maxsize=4)
def _cycle(length: int) -> bytes:
    names = [".notdef", *(f"c{i}" for i in range(length))]
    glyphs = {".notdef": _square()} | {
        name: _of(names[1 + (i + 1) % length], ".notdef") for i, name in enumerate(names[1:])
    }
    return _saved(_start(names), glyphs)


@lru_cache(maxsize=4)
def _points(count: int, glyphs: int) -> bytes:
    names = [".notdef", *(f"p{i}" for i in range(glyphs))]
    return _saved(_start(names), {name: _square(count) for name in names})


@lru_cache(maxsize=4)
def _subroutines(calls: int) -> bytes:
    """Return CFF whose glyph calls subroutines that call subroutines, ten deep."""
    builder = _start([".notdef", "a"], cubic=True)
    pen = T2CharStringPen(600, None)
    for x, y in ((0, 0), (0, 500), (500, 500), (500, 0)):
        (pen.moveTo if not (x or y) else pen.lineTo)((x, y))
    pen.closePath()
    string = pen.getCharString()
    builder.setupCFF("TooMuch", {}, {".notdef": string, "a": string}, {})
    cff = builder.font["CFF "].cff
    for level in range(9):
        program = [100, 100, "rlineto"] * 40 if level == 8 else [level + 1 - 107, "callgsubr"] * calls
        cff.GlobalSubrs.append(T2CharString(program=[*program, "return"]))
    cff[0].CharStrings["a"].program = [0, 0, "rmoveto", -107, "callgsubr", "endchar"]
    return _saved(builder)


@lru_cache(maxsize=1)
def _variable() -> bytes:
    names = [".notdef", "a", "b"]
    builder = _start(names)
    builder.setupGlyf({name: _square(6) for name in names})
    builder.setupFvar([("wght", 100, 400, 900, "Weight"), ("wdth", 50, 100, 200, "Width")], [])
    moved = [(30, 0)] * 10
    builder.setupGvar({name: [TupleVariation({"wght": (0, 1, 1)}, moved)] for name in names})
    return _saved(builder)


@lru_cache(maxsize=8)
def _strange(kind: str) -> bytes:
    """Return a bitmap-only or colour font, or a font with a table of gigabytes in an SVG."""
    names = [".notdef", "a"]
    builder = _start(names)
    builder.setupGlyf({name: _square() for name in names})
    if kind == "COLR":
        builder.setupCOLR({"a": [(".notdef", 0)]})
        builder.setupCPAL([[(1, 0, 0, 1)]])
    elif kind == "cycle of substitutions":
        rules = "sub a by a .notdef;"
        addOpenTypeFeaturesFromString(builder.font, f"feature ccmp {{ {rules} }} ccmp;")
    else:
        tags = {"bitmaps": ("EBDT", "EBLC"), "colour bitmaps": ("CBDT", "CBLC"), "sbix": ("sbix",), "SVG": ("SVG ",)}
        for tag in tags[kind]:
            table = DefaultTable(tag)
            table.data = b"\0\1\0\0\0\1" + b"\x1f\x8b\x08" + b"\0" * 400
            builder.font[tag] = table
        if kind != "SVG":
            for tag in ("glyf", "loca"):
                del builder.font[tag]
    return _saved(builder)


@lru_cache(maxsize=3)
def _zlib_zeros(size: int) -> bytes:
    return bomb(b"", bytes(1024), size)


def _woff(rng: random.Random) -> bytes:
    """Return WOFF whose table unpacks to more than its directory says, or to the same size."""
    size = rng.choice((1, 60, 600)) << 20
    told = rng.choice((size, 400, 0xFFFFFFFF))
    packed = _zlib_zeros(size)
    tag = rng.choice((b"glyf", b"head", b"name", b"cmap", b"zzzz"))
    table = struct.pack(">4sIIII", tag, 64, len(packed), told, 0)
    header = struct.pack(
        ">4s4sIHHIHHIIIII",
        b"wOFF",
        b"\0\1\0\0",
        64 + len(packed),
        1,
        0,
        12 + 16 + (told & 0xFFFFFF),
        1,
        0,
        0,
        0,
        0,
        0,
        0,
    )
    return header + table + packed


@lru_cache(maxsize=3)
def _brotli_zeros(size: int) -> bytes:
    packing = brotli.Compressor(quality=5)
    return b"".join(packing.process(bytes(1 << 20)) for _ in range(size >> 20)) + packing.finish()


def _woff2(rng: random.Random) -> bytes:
    packed = _brotli_zeros(rng.choice((1, 60, 600)) << 20)
    tables = rng.choice((1, 3, 60_000))
    entry = bytes([rng.choice((0x0A, 0x01, 0xCA, 0x03, 0x3F))])
    entry += b"zzzz" if entry == b"\x3f" else b""
    told = rng.choice((b"\x10", b"\x8f\xff\xff\xff\x7f", b"\x81\x80\x80\x00"))
    entries = (entry + told) * tables
    total = 48 + len(entries) + len(packed)
    header = struct.pack(
        ">4s4sIHHIIHHIIIII",
        b"wOF2",
        b"\0\1\0\0",
        total + (-total % 4),
        tables,
        0,
        400,
        len(packed),
        1,
        0,
        0,
        0,
        0,
        0,
        0,
    )
    return header + entries + packed + b"\0" * (-total % 4)


def _ttc(rng: random.Random) -> bytes:
    """Return collections: of endless faces, of one face many times, of themselves, of nothing."""
    font = _points(4, 3)
    count = rng.choice((0, 1, 40, 3000, 0x10000, 0xFFFFFFFF))
    written = min(count, 70_000) if rng.random() < 0.8 else 3
    start = 12 + 4 * written
    count_tables = struct.unpack(">H", font[4:6])[0]
    moved = bytearray(font)
    for i in range(count_tables):
        offset = struct.unpack(">I", font[20 + 16 * i : 24 + 16 * i])[0]
        moved[20 + 16 * i : 24 + 16 * i] = struct.pack(">I", offset + start)
    to = rng.choice((start, start, 0, 12, 0xFFFFFFF0))
    return (
        struct.pack(">4sII", b"ttcf", rng.choice((0x10000, 0x20000, 7)), count)
        + struct.pack(">I", to) * written
        + moved
    )


def _glyph_count(rng: random.Random) -> bytes:
    """Return a font that claims 65,535 glyphs."""
    font = TTFont(io.BytesIO(_points(4, 3)), lazy=True)
    data = bytearray(_points(4, 3))
    offset = font.reader.tables["maxp"].offset
    data[offset + 4 : offset + 6] = struct.pack(">H", rng.choice((0, 1, 3, 4, 5, 65535)))
    return bytes(data)


MADE: list[tuple[str, Callable[[random.Random], bytes]]] = [
    (
        ".ttf",
        lambda rng: _composites(*rng.choice(((5, 2, 4), (60, 1, 4), (300, 1, 4), (30, 2, 4), (12, 8, 40), (7, 60, 4)))),
    ),
    (".ttf", lambda rng: _cycle(rng.choice((1, 2, 50)))),
    (".ttf", lambda rng: _points(*rng.choice(((4, 3), (31_999, 2), (60_000, 2))))),
    (".otf", lambda rng: _subroutines(rng.choice((1, 3, 20, 200)))),
    (".ttf", lambda rng: _variable()),
    (
        ".ttf",
        lambda rng: _strange(
            rng.choice(("COLR", "bitmaps", "colour bitmaps", "sbix", "SVG", "cycle of substitutions"))
        ),
    ),
    (".woff", _woff),
    (".woff2", _woff2),
    (".ttc", _ttc),
    (".ttf", _glyph_count),
]
