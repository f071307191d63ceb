"""Bare CFF, named and CID-keyed, resource forks, and tables that only FreeType draws: damaged, with wrong counts and
offsets, too large."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fontTools.misc.psCharStrings import T2CharString
from tiny_programs import bare_cff, cid_keyed, fork, long_locations, table, without

from fuzzing.bytewise import NUMBERS, damaged
from fuzzing.fonts import judged
from fuzzing.manyfonts import _composites, _cycle, _points, _subroutines
from glyphcore.config import CHECKPOINTS
from glyphcore.runtime.predictor import Predictor

OPERATORS = (1, 3, 4, 5, 6, 7, 8, 10, 11, 14, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 29, 30, 31)
TABLES = ("head", "hhea", "hmtx", "maxp", "OS/2", "post", "name", "GSUB", "cmap")


@dataclass(frozen=True)
class Seeds:
    programs: list[bytes]
    tables: list[bytes]
    """Whole fonts that HarfBuzz does not draw or open."""
    predictor: Predictor


def prepare(folder: Path) -> Seeds:
    named = bare_cff()
    keyed = cid_keyed({1: "a", 34: "b", 35: "O", 700: "beh", 65_000: "lam"})
    cubic = next(design for design in _designs() if design.cubic)
    tables = [long_locations(), long_locations(2), without(*TABLES[:8], design=cubic), without(*TABLES, design=cubic)]
    return Seeds([named, keyed], tables, Predictor(CHECKPOINTS / "mixer-geometry.reader", threads=1))


def _designs():  # DESIGNS of the tests
    from tiny_fonts import DESIGNS

    return DESIGNS


def case(seeds: Seeds, rng: random.Random, box: Path) -> str:
    way = rng.random()
    if way < 0.45:
        data = (
            _counted(rng.choice(seeds.programs), rng)
            if rng.random() < 0.5
            else damaged(rng.choice(seeds.programs), rng)
        )
    elif way < 0.6:
        data = damaged(rng.choice(seeds.tables), rng)
    elif way < 0.75:
        data = fork(*(rng.choice(seeds.tables) for _ in range(rng.choice((1, 1, 2, 300)))))
        data = _lying(data, rng) if rng.random() < 0.6 else damaged(data, rng)
    else:
        data = rng.choice(MADE)(rng)
        data = damaged(data, rng) if rng.random() < 0.3 else data
    path = box / rng.choice(("font.cff", "font.dfont", "font", "font.otf"))
    path.write_bytes(data)
    return judged(path, seeds.predictor, rng)


def _counted(data: bytes, rng: random.Random) -> bytes:
    """Change numbers of the header, of the INDEXes and of the DICTs, which all are at the beginning."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 2, 5))):
        at = rng.randrange(min(len(changed), rng.choice((16, 80, 400))) - 1)
        if rng.random() < 0.5:
            changed[at] = rng.choice((0, 1, 2, 4, 5, 12, 13, 14, 15, 17, 18, 28, 29, 30, 34, 36, 37, 255))
        else:
            changed[at : at + 2] = struct.pack(">H", rng.choice(NUMBERS) & 0xFFFF)
    return bytes(changed)


def _lying(data: bytes, rng: random.Random) -> bytes:
    """Change offsets, lengths and counts of a fork."""
    changed = bytearray(data)
    (index,) = struct.unpack_from(">I", data, 4)
    places = [0, 4, 8, 12, index + 24, index + 28, index + 30, index + 36, *range(index + 38, len(data) - 3, 4)]
    for _ in range(rng.choice((1, 1, 3))):
        at = rng.choice(places)
        changed[at : at + 4] = struct.pack(">I", rng.choice((*NUMBERS, 256, len(data), rng.randrange(len(data)))))
    return bytes(changed)


def _plain(data: bytes) -> bytes:
    _, start, end = table(data, "CFF ")
    return data[start:end]


def _strings(rng: random.Random) -> bytes:
    """Return a font with charstrings of random operators and numbers."""
    glyphs = []
    for _ in range(rng.choice((1, 3, 200))):
        code = b""
        for _ in range(rng.choice((5, 60, 600))):
            if rng.random() < 0.65:
                code += b"\x1c" + struct.pack(
                    ">h", rng.choice((rng.randrange(-99, 99), rng.randrange(-(2**15), 2**15)))
                )
            elif rng.random() < 0.2:
                code += bytes([12, rng.randrange(38)])
            else:
                code += bytes([rng.choice(OPERATORS)])
        glyphs.append(code + b"\x0e")
    return keyed(glyphs, rng)


def keyed(glyphs: list[bytes], rng: random.Random) -> bytes:
    """Return a CID-keyed program of these charstrings; some of its numbers occur twice."""
    from tiny_programs import _cid_keyed

    numbers = [0, *(rng.randrange(65_536) if rng.random() < 0.5 else i + 1 for i in range(len(glyphs)))]
    return _cid_keyed(dict(zip(numbers, [b"\x0e", *glyphs], strict=True)))


def _bomb(rng: random.Random) -> bytes:
    """Return a font with the largest number of operators that a charstring may hold, in every glyph."""
    one = T2CharString(program=[0, 0, "rmoveto", *([3, 5, "rlineto"] * rng.choice((1000, 16_000))), "endchar"])
    one.compile()
    return keyed([bytes(one.bytecode)] * rng.choice((2, 100)), rng)


def _unread(data: bytes) -> bytes:
    """Change a font so that HarfBuzz does not draw it."""
    changed = bytearray(data)
    _, head, _ = table(data, "head")
    long = struct.unpack_from(">h", data, head + 50)[0]
    struct.pack_into(">h", changed, head + 50, 256 if long else 0)
    return bytes(changed)


MADE: tuple[Callable[[random.Random], bytes], ...] = (
    _strings,
    _strings,
    _bomb,
    lambda rng: _plain(_subroutines(rng.choice((1, 3, 20, 200)))),
    lambda rng: _unread(_composites(*rng.choice(((5, 2, 4), (60, 1, 4), (30, 2, 4), (12, 8, 40), (7, 60, 4))))),
    lambda rng: _unread(_cycle(rng.choice((1, 2, 50)))),
    lambda rng: _unread(_points(*rng.choice(((4, 3), (31_999, 2), (60_000, 2))))),
    lambda rng: fork(_points(4, 3), _composites(5, 2, 4)),
)
