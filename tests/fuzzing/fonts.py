"""Font files: real and drawn ones, damaged bytewise and table by table, or made too large.

A mutated table gets its checksum again, so that it reaches the code behind the check.
"""

from __future__ import annotations

import io
import os
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from tiny_fonts import write_fonts

from fuzzing import require
from fuzzing.bytewise import NUMBERS, damaged
from fuzzing.manyfonts import MADE
from glyphcore.audit.codes import cmap_of
from glyphcore.audit.font_predictions import draw, load, read_font, save
from glyphcore.config import CACHE, CHECKPOINTS
from glyphcore.data.fonts import SUFFIXES
from glyphcore.data.sources import SkippedInputs, read_sources
from glyphcore.progress import Silent
from glyphcore.runtime.predictor import Predictor

REAL, LARGEST = 40, 25_000
"""Number of fonts from the corpus cache among the seeds, where there is a cache, and their largest size in bytes."""
TOLD = ("glyf", "loca", "CFF ", "cmap", "GSUB", "hmtx", "maxp", "head", "hhea", "post", "name", "OS/2", "gvar", "fvar")


@dataclass(frozen=True)
class Seeds:
    files: list[tuple[str, bytes]]
    plain: list[tuple[str, bytes]]
    """The same fonts as TrueType or OpenType files."""
    made: list[tuple[str, Callable[[random.Random], bytes]]]
    predictor: Predictor


def prepare(folder: Path) -> Seeds:
    write_fonts(folder)
    files = [path for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES]
    cached = [p for p in sorted((CACHE / "fonts").glob("*-*")) if p.suffix in SUFFIXES and p.stat().st_size < LARGEST]
    files += cached[:: max(1, len(cached) // REAL)]
    predictor = Predictor(CHECKPOINTS / "mixer-geometry.reader", threads=1)
    whole = [(path.suffix, path.read_bytes()) for path in files]
    return Seeds(whole, [_plain(*each) for each in whole], MADE, predictor)


def _plain(suffix: str, data: bytes) -> tuple[str, bytes]:
    """Return a web font with unpacked tables."""
    if suffix not in (".woff", ".woff2"):
        return suffix, data
    font, buffer = TTFont(io.BytesIO(data), lazy=True), io.BytesIO()
    font.flavor = None
    font.save(buffer, reorderTables=False)
    return ".ttf", buffer.getvalue()


def case(seeds: Seeds, rng: random.Random, box: Path) -> str:
    way = rng.random()
    suffix, data = rng.choice(seeds.files if way < 0.15 else seeds.plain)
    if way < 0.25:
        data = damaged(data, rng)
    elif way < 0.8:
        data = _tablewise(data, rng)
    else:
        suffix, make = rng.choice(seeds.made)
        data = make(rng)
        data = damaged(data, rng) if rng.random() < 0.3 else data
    path = box / f"font{suffix if rng.random() < 0.9 else rng.choice(SUFFIXES)}"
    path.write_bytes(data)
    return judged(path, seeds.predictor, rng)


def judged(path: Path, predictor: Predictor, rng: random.Random) -> str:
    """Have a font read as every command reads it, and check the results against each other."""
    box, glyphs = path.parent, rng.choice((1, 2, 2, 30))  # glyphs for the model; all are drawn
    losses = SkippedInputs()
    said = []
    for source, each in read_sources([path], losses, Silent(), only_fonts=True):
        found = []
        for glyph in each:
            require(np.isfinite(glyph.geometry).all(), "geometry is not finite")
            require(glyph.packed.any(), "a read glyph has no ink")
            require(glyph.box and np.isfinite(glyph.box).all() and glyph.box[0] < glyph.box[2], "a box is malformed")
            found.append(glyph)
        require(source.face is not None, "a font without a face")
        told = source.face.metrics  # type: ignore[union-attr]
        require(isinstance(told.family, str) and isinstance(source.face.names, list), "names are no texts")
        width, codes = source.face.codes()  # type: ignore[union-attr]
        require(all(0 <= code < 256**width and 0 < gid < source.count for code, gid in codes.items()), "odd codes")
        reading = read_font(source, iter(found[:glyphs]), predictor.predict, predictor.labels)
        require(np.isfinite(reading.top_p).all() and (reading.top_p.sum(1) <= 1.001).all(), "no probabilities")
        reading.findings(2.0)
        save(reading, box / "font.npz")
        require(load(box / "font.npz").names == reading.names, "writing and reading change a reading")
        drawn = draw(source.face, reading.glyph_id.tolist())  # type: ignore[arg-type]
        require(all((a == b.packed).all() for a, b in zip(drawn, found, strict=False)), "drawn twice, differently")
        texts = dict.fromkeys(reading.glyph_id.tolist(), "a")
        require(cmap_of(source.face, texts, {}).isascii(), "an odd CMap")  # type: ignore[arg-type]
        said.append(f"{len(found)} of {source.count}")
    os.unlink(path)
    return f"{', '.join(said)}; {' '.join(losses.summary())}"


def _tablewise(data: bytes, rng: random.Random) -> bytes:
    """Damage tables of a plain font and write it with valid checksums; other containers are damaged bytewise."""
    if data[:4] not in (b"\0\1\0\0", b"OTTO", b"true"):
        return damaged(data, rng)
    count = struct.unpack(">H", data[4:6])[0]
    tables = {}
    for i in range(count):
        tag, _, offset, length = struct.unpack(">4sIII", data[12 + 16 * i : 28 + 16 * i])
        tables[tag] = data[offset : offset + length]
    for _ in range(rng.choice((1, 1, 2, 4))):
        likely = [tag for tag in tables if tag.decode("latin-1") in TOLD]
        tag = rng.choice(likely if likely and rng.random() < 0.85 else list(tables))
        way = rng.random()
        if way < 0.75:
            tables[tag] = _damaged_table(tables[tag], rng)
        elif way < 0.83:
            del tables[tag]
            if not tables:
                return data[:12]
        elif way < 0.93:
            tables[tag] = tables[rng.choice(list(tables))]
        else:
            tables[tag] = tables[tag] * rng.choice((2, 50, 300))
    return sfnt(data[:4], tables, rng)


def _damaged_table(table: bytes, rng: random.Random) -> bytes:
    """Make many small changes of 16-bit numbers, because tables consist of them; else damage bytewise."""
    if rng.random() < 0.3 or len(table) < 4:
        return damaged(table, rng)
    changed = bytearray(table)
    head = min(len(table), rng.choice((12, 64, len(table))))
    for _ in range(rng.choice((1, 2, 5, 40))):
        at = rng.randrange(head - 1) & ~1 if head > 2 else 0
        value = rng.choice(NUMBERS) & 0xFFFF if rng.random() < 0.6 else rng.randrange(65536)
        changed[at : at + 2] = struct.pack(">H", value)
    return bytes(changed)


def sfnt(version: bytes, tables: dict[bytes, bytes], rng: random.Random | None = None) -> bytes:
    """Return a font file of these tables with right checksums; with ``rng``, its directory is sometimes wrong."""
    start = 12 + 16 * len(tables)
    directory, body = [], b""
    for tag, table in sorted(tables.items()):
        padded = table + b"\0" * (-len(table) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        offset, length = start + len(body), len(table)
        if rng and rng.random() < 0.01:
            offset, length = rng.choice(((offset, 0xFFFFFFFF), (0xFFFFFFF0, length), (0, length), (offset, 1 << 30)))
        directory.append(struct.pack(">4sIII", tag, total, offset, length))
        body += padded
    return version + struct.pack(">HHHH", len(tables), 0, 0, 0) + b"".join(directory) + body
