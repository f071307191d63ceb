"""Stored contours: real ones with numbers, commands and nesting that no outline has, and packed ones that unpack to
gigabytes."""

from __future__ import annotations

import json
import random
import sqlite3
import zlib
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from fuzzing import require
from fuzzing.bytewise import bomb, damaged
from glyphcore.config import DATASET
from glyphcore.data.contours import parse, serialise
from glyphcore.data.drawing import rasterize_each
from glyphcore.data.geometry import geometry_each
from glyphcore.data.raster import bounds, rasterize
from glyphcore.data.vector import path
from glyphcore.errors import GlyphError

HOSTILE = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e308",
    "-1e308",
    "1e-320",
    "1e400",
    "0",
    "-0.0",
    "null",
    "true",
    '"7"',
    "[]",
    "{}",
    "9" * 400,
    "9" * 5000,
    "999999.99",
    "1000000.01",
    "-1e9",
    "9223372036854775808",
    "0.005",
    "[1,2]",
    "[[3,4]]",
    "1e5",
    "32767.5",
    "65536",
    "1e6",
    "-1e6",
    "511.99",
)
PIECES = (b" ", b"[", b"0", b'["moveTo",[[0,0]]],')
SIZES = (1, 30, 300)
"""Megabytes of unpacked bombs."""
COUNTS = (1000, 1000, 1000, 16_000, 31_999, 32_001, 70_000, 1_000_000)
NAMES = (
    "moveTo",
    "lineTo",
    "qCurveTo",
    "curveTo",
    "cubicTo",
    "closePath",
    "endPath",
    "addComponent",
    "MoveTo",
    "",
    "\u0000",
)


def prepare(folder: Path) -> list[list[Any]]:
    with closing(sqlite3.connect(f"file:{DATASET / 'glyphs.db'}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT contours FROM glyphs WHERE glyph_id % 97 = 0 LIMIT 500").fetchall()
    for piece in PIECES:  # bombs are made before the fork, so that all children share them
        for size in SIZES:
            bomb(b"[", piece, size << 20)
    for count in COUNTS:
        _points(count)
    return [json.loads(zlib.decompress(row[0])) for row in rows]


def case(seeds: list[list[Any]], rng: random.Random, box: Path) -> str:
    stored = _stored(seeds, rng)
    outline = parse(stored)
    require(np.isfinite(outline.points).all(), "a point is not finite")
    require(len(outline.points) <= 32_000 and len(outline.tags) == len(outline.points), "points and tags differ")
    require(
        not len(outline.ends) or outline.ends[-1] == len(outline.points) - 1, "contours do not end at the last point"
    )
    require((np.diff(outline.ends.astype(int)) > 0).all(), "contours overlap")
    again = parse(serialise(outline))
    path(outline)
    advance, upem = rng.choice(((None, None), (600, 1000), (0, 1000), (10, 16384)))
    fast, boxes, faults = rasterize_each([outline, again], [advance] * 2, upem)
    require(fast[0].tobytes() == fast[1].tobytes() or faults[0], "writing and reading change the pixels")
    try:
        slow = rasterize(outline, advance, upem)
    except GlyphError as error:
        require(faults[0] is not None and str(faults[0]) == str(error), f"two drawings: {faults[0]} / {error}")
        raise
    require(faults[0] is None, f"drawn alone, not together: {faults[0]}")
    require(slow.tobytes() == fast[0].tobytes(), "two ways of drawing differ")
    require(slow.any(), "an outline with an area has no ink")
    require(np.allclose(boxes[0], bounds(outline)), "two boxes differ")
    require(
        np.isfinite(geometry_each(boxes[:1], np.array([advance or 0.0]), upem or 1000)).all(), "geometry not finite"
    )
    return "read"


def _stored(seeds: list[list[Any]], rng: random.Random) -> str | bytes:
    commands = rng.choice(seeds)
    way = rng.randrange(14)
    if way < 5:
        return _packed(_hostile_numbers(commands, rng), rng)
    if way < 8:
        return _packed(json.dumps(_other_commands(commands, rng)), rng)
    if way == 8:
        return damaged(json.dumps(commands).encode(), rng).decode("utf-8", "replace")
    if way == 9:
        return damaged(zlib.compress(json.dumps(commands).encode()), rng)
    if way == 10:
        return _packed(_many(rng), rng)
    if way == 11:
        return _packed(_nested(rng), rng)
    if way == 12 and rng.random() < 0.3:  # a bomb
        return bomb(b"[", rng.choice(PIECES), rng.choice(SIZES) << 20)
    return rng.choice(
        (
            "",
            "[]",
            "{}",
            "null",
            "[[]]",
            '[["moveTo"]]',
            "\ufeff[]",
            "[[[[",
            b"",
            b"[",
            b"\xff\xfe[\x00]\x00",
            '[["qCurveTo",[null]]]',
            '[["qCurveTo",[[1,2],null]]]',
            '[["closePath",[]]]',
            b"[\x00",
            '[{"type":"moveTo","points":[[0,0]]}]',
            '[["lineTo",0,0],["lineTo",9,0],["lineTo",9,9]]',
        )
    )


def _packed(text: str, rng: random.Random) -> str | bytes:
    way = rng.randrange(3)
    return text if way == 0 else text.encode() if way == 1 else zlib.compress(text.encode())


def _hostile_numbers(commands: list[Any], rng: random.Random) -> str:
    """Replace some numbers in the text, where JSON can hold values that Python's numbers cannot."""
    parts = json.dumps(commands).split(" ")
    for _ in range(rng.choice((1, 1, 2, 10))):
        i = rng.randrange(len(parts))
        digits = parts[i].strip("[],")
        if digits.lstrip("-").replace(".", "").isdigit():
            parts[i] = parts[i].replace(digits, rng.choice(HOSTILE))
    return " ".join(parts)


def _other_commands(commands: list[Any], rng: random.Random) -> list[Any]:
    """Rename, drop, double or reorder commands, or write them in another form."""
    changed = json.loads(json.dumps(commands))
    for _ in range(rng.choice((1, 2, 5))):
        i = rng.randrange(len(changed)) if changed else 0
        way = rng.randrange(8)
        if not changed:
            break
        if way == 0:
            if isinstance(changed[i], list) and changed[i]:
                changed[i][0] = rng.choice((*NAMES, None, 7, ["moveTo"]))
        elif way == 1:
            del changed[i]
        elif way == 2:
            changed.insert(i, json.loads(json.dumps(rng.choice(changed))))
        elif way == 3:
            rng.shuffle(changed)
        elif way == 4 and isinstance(changed[i], list) and len(changed[i]) > 1 and isinstance(changed[i][1], list):
            points = changed[i][1]
            changed[i] = rng.choice(
                (
                    {"type": changed[i][0], "points": points},
                    {"cmd": changed[i][0], "args": [v for p in points if p for v in p]},
                    [changed[i][0], *[v for p in points if p for v in p]],
                    [changed[i][0], [{"x": 1, "y": 2}]],
                    [changed[i][0], points[:1] * 3],
                    [changed[i][0], points[:-1]],
                    {"type": changed[i][0]},
                )
            )
        elif way == 5:
            changed[i] = rng.choice((None, [], {}, "moveTo", 7, [[]], ["moveTo", None], ["qCurveTo", [None, None]]))
        elif way == 6:  # all points at one place, on a line, or far away
            x, y = rng.choice(((0, 0), (1, 0), (1e-3, 1), (40, 40)))
            changed = [[c[0], [[p[0] * x + 9e5 * (x == 40), p[1] * y] if p else p for p in c[1]]] for c in commands]
        else:
            changed = changed[i:]
    return changed


def _many(rng: random.Random) -> str:
    count = rng.choice(COUNTS)
    if rng.random() < 0.3:  # the count as contours of three points
        return "[" + ",".join(['["moveTo",[[0,0]]],["lineTo",[[9,0]]],["lineTo",[[9,9]]]'] * (count // 3)) + "]"
    points = _points(count)
    if rng.random() < 0.5:
        return f'[["qCurveTo",[{points},null]],["closePath",[]]]'
    return f'[["moveTo",[[0,0]]],["qCurveTo",[{points}]],["closePath",[]]]'


@lru_cache(maxsize=len(COUNTS))
def _points(count: int) -> str:
    return ",".join(f"[{i * 7919 % 1000},{i * 104729 % 1000}]" for i in range(count))


def _nested(rng: random.Random) -> str:
    depth = rng.choice((10, 900, 1100, 100_000))
    inner = rng.choice(("", "1,2", '"moveTo"'))
    text = rng.choice(("[", '{"type":')) * depth + inner
    return text + "]" * rng.choice((0, depth)) if rng.random() < 0.5 else f'[["moveTo",{"[" * depth}1,2{"]" * depth}]]'
