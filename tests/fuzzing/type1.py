"""Type 1 fonts: damaged bytewise, in the encrypted text, in charstrings that are encrypted once more, and made too
large. Changed parts are encrypted again, so that they reach the code behind."""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fontTools.misc.eexec import decrypt, encrypt
from tiny_fonts import DESIGNS
from tiny_programs import CHARSTRING, EEXEC, type1

from fuzzing.bytewise import NUMBERS, damaged
from fuzzing.fonts import judged
from glyphcore.config import CHECKPOINTS
from glyphcore.runtime.predictor import Predictor

ENCODING = {0x41: "A", 0x61: "a", 0xC1: "beh", 0xE9: "eacute"}
WORDS = (b"/Subrs", b"/CharStrings", b"/lenIV", b"/FontMatrix", b"/Encoding", b"/FontBBox", b"/BlueValues", b"/Private",
         b"/StdHW", b"/BlendAxisTypes", b"/WeightVector", b"/BlendDesignMap", b"/MMType1", b"/UniqueID", b"array",
         b"dict", b"def", b"put", b"RD", b"end", b"begin", b"eexec", b"closefile", b"StandardEncoding", b"[", b"]",
         b"{", b"}", b"(", b")", b"<", b">", b"%", b"16#FFFFFFFF", b"1e308", b"-1", b"99999999999")  # fmt: skip
OPERATORS = (*((each,) for each in (1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 21, 22, 30, 31)),
             *((12, each) for each in (0, 1, 2, 6, 7, 12, 16, 17, 33)))  # fmt: skip
"""Operators of charstrings, also those with an escape: seac, sbw, div, callothersubr, pop, setcurrentpoint among
them."""


@dataclass(frozen=True)
class Seeds:
    fonts: list[bytes]
    """Fonts as FontFile has them, binary and without segments."""
    predictor: Predictor


def prepare(folder: Path) -> Seeds:
    fonts = [type1(ENCODING, design, form="pdf") for design in DESIGNS if design.cubic]
    fonts.append(type1(ENCODING, names={"a": "uni0416", "b": "a.alt"}, form="pdf"))
    return Seeds(fonts, Predictor(CHECKPOINTS / "mixer-geometry.reader", threads=1))


def case(seeds: Seeds, rng: random.Random, box: Path) -> str:
    data = rng.choice(seeds.fonts)
    way = rng.random()
    if way < 0.2:
        data = damaged(data, rng)
    elif way < 0.45:
        data = _inside(data, rng, _worded)
    elif way < 0.8:
        data = _inside(data, rng, _drawn)
    else:
        data = rng.choice(MADE)(data, rng)
    data = _shaped(data, rng)
    path = box / rng.choice(("font.pfa", "font.pfb", "font", "font.ttf", "font.cff"))
    path.write_bytes(data)
    return judged(path, seeds.predictor, rng)


def _parts(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the clear text, the decrypted part, and the zeros at the end."""
    clear, _, rest = data.partition(b"currentfile eexec\n")
    secret, zeros = rest[: rest.rindex(b"0" * 64 + b"\n", 0, rest.index(b"0" * 64) + 66)], rest[rest.index(b"0" * 64) :]
    return clear + b"currentfile eexec\n", decrypt(secret, EEXEC)[0][4:], zeros


def _inside(data: bytes, rng: random.Random, change: Callable[[bytes, random.Random], bytes]) -> bytes:
    clear, private, zeros = _parts(data)
    if rng.random() < 0.3:
        clear = _worded(clear, rng)
    return clear + encrypt(bytes(4) + change(private, rng), EEXEC)[0] + zeros


def _worded(text: bytes, rng: random.Random) -> bytes:
    """Change, double or drop numbers and words of PostScript; or damage bytes."""
    if rng.random() < 0.3:
        return damaged(text, rng)
    for _ in range(rng.choice((1, 2, 5))):
        places = [each.span() for each in re.finditer(rb"-?[0-9][0-9.]*|/?[A-Za-z]{2,}|[\[\]{}]", text)]
        if not places:
            break
        start, end = rng.choice(places)
        new = rng.choice((b"", text[start:end] * 2, str(rng.choice(NUMBERS)).encode(), rng.choice(WORDS)))
        text = text[:start] + new + text[end:]
    return text


def _drawn(private: bytes, rng: random.Random) -> bytes:
    """Change some charstrings or make them up."""

    def changed(found: re.Match[bytes]) -> bytes:
        name, length = found[1], int(found[2])
        code = decrypt(private[found.end() : found.end() + length], CHARSTRING)[0][4:]
        code = damaged(code, rng) if rng.random() < 0.6 else _program(rng)
        secret = encrypt(bytes(4) + code, CHARSTRING)[0]
        told = len(secret) if rng.random() < 0.95 else rng.choice(NUMBERS)
        return b"/%s %d RD " % (name, told) + secret

    out, at = b"", 0
    for found in re.finditer(rb"/([^ ]+) ([0-9]+) RD ", private):
        if found.start() < at or rng.random() < 0.7:
            continue
        out += private[at : found.start()] + changed(found)
        at = found.end() + int(found[2])
    return out + private[at:]


def _program(rng: random.Random) -> bytes:
    code = b""
    for _ in range(rng.choice((5, 40, 400))):
        if rng.random() < 0.6:
            value = rng.choice((rng.randrange(-100, 100), rng.randrange(-(2**15), 2**15), rng.choice(NUMBERS)))
            code += b"\xff" + struct.pack(">I", value & 0xFFFFFFFF)
        else:
            code += bytes(rng.choice(OPERATORS))
    return code


def _shaped(data: bytes, rng: random.Random) -> bytes:
    """Return a PFB in some cases, with segments that may be wrong."""
    if rng.random() < 0.7 or b"eexec\n" not in data:
        return data
    clear, _, rest = data.partition(b"eexec\n")
    parts = [(1, clear + b"eexec\n"), (2, rest), (1, b"cleartomark\n")]
    told = [len(part) if rng.random() < 0.9 else rng.choice(NUMBERS) for _, part in parts]
    return b"".join(
        b"\x80" + struct.pack("<BI", kind, size) + part for (kind, part), size in zip(parts, told, strict=True)
    )


def _subroutines(data: bytes, rng: random.Random) -> bytes:
    """Add subroutines that call each other, or ten others, or a missing one; each glyph calls one."""
    calls, depth = rng.choice((1, 2, 20, 200)), rng.choice((2, 9, 15, 300))
    line = b"".join(_called(b, 5) for b in ((100, 100),) * 40)
    bodies = [b"".join(_called((i + 1,), 10) for _ in range(calls)) + b"\x0b" for i in range(depth)]
    bodies[-1] = line + b"\x0b" if rng.random() < 0.7 else _called((0,), 10)
    told = depth if rng.random() < 0.8 else rng.choice(NUMBERS)
    table = b"/Subrs %d array\n" % told
    for i, body in enumerate(bodies):
        secret = encrypt(bytes(4) + body, CHARSTRING)[0]
        table += b"dup %d %d RD " % (i, len(secret)) + secret + b" NP\n"
    call = encrypt(
        bytes(4) + _called((0, 500), 13) + _called((0, 0), 21) + _called((0,), 10) + b"\x09\x0e", CHARSTRING
    )[0]

    def with_subroutines(private: bytes, _: random.Random) -> bytes:
        private = private.replace(b"2 index /CharStrings", table + b"ND\n2 index /CharStrings")
        found = list(re.finditer(rb"/([^ ]+) ([0-9]+) RD ", private[private.index(b"/CharStrings") :]))[3:6]
        start = private.index(b"/CharStrings")
        for each in reversed(found):
            at, end = start + each.start(), start + each.end() + int(each[2])
            private = private[:at] + b"/%s %d RD " % (each[1], len(call)) + call + private[end:]
        return private

    return _inside(data, rng, with_subroutines)


def _called(operands: tuple[int, ...], operator: int) -> bytes:
    return b"".join(b"\xff" + struct.pack(">i", each) for each in operands) + bytes([operator])


def _counts(data: bytes, rng: random.Random) -> bytes:
    """Write encodings, glyphs and arrays with counts of millions."""
    count = rng.choice((0, 257, 65_536, 10_000_000, 2**31 - 1, 2**32))
    clear, private, zeros = _parts(data)
    if rng.random() < 0.5:
        clear = re.sub(rb"/Encoding 256", b"/Encoding %d" % count, clear)
    else:
        private = re.sub(rb"/CharStrings [0-9]+", b"/CharStrings %d" % count, private)
    return clear + encrypt(bytes(4) + private, EEXEC)[0] + zeros


def _many(data: bytes, rng: random.Random) -> bytes:
    """Add thousands of glyphs of one kind."""

    def more(private: bytes, _: random.Random) -> bytes:
        found = list(re.finditer(rb"/([^ ]+) ([0-9]+) RD ", private))[3]
        body = private[found.start() : found.end() + int(found[2])] + b" ND\n"
        n = rng.choice((3000, 15_000))
        glyphs = b"".join(body.replace(found[1], b"m%d" % i, 1) for i in range(n))
        private = re.sub(rb"/CharStrings [0-9]+", b"/CharStrings %d" % (n + 41), private)
        at = private.rindex(b"end\nend\n")
        return private[:at] + glyphs + private[at:]

    return _inside(data, rng, more)


def _designs(data: bytes, rng: random.Random) -> bytes:
    """Write multiple masters whose axes and weights do not fit each other."""
    axes, designs = rng.choice((0, 1, 4, 5, 100)), rng.choice((0, 1, 2, 16, 17, 1000))
    words = (
        b"/BlendAxisTypes [%s] def\n/BlendDesignPositions [%s] def\n/BlendDesignMap [%s] def\n/WeightVector [%s] def\n"
        % (b"/Weight " * axes, b"[0] " * designs, b"[[0 0][999 1]] " * axes, b"0.5 " * designs)
    )
    return data.replace(b"/PaintType", words + b"/PaintType", 1)


MADE: tuple[Callable[[bytes, random.Random], bytes], ...] = (_subroutines, _subroutines, _counts, _many, _designs)
