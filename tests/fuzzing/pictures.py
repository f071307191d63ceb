"""Rasters from other programs: every mode that a picture can have, damaged files, bombs."""

from __future__ import annotations

import io
import random
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from fuzzing import require
from fuzzing.bytewise import bomb, damaged
from glyphcore.config import DATASET
from glyphcore.data.cache import PngFolder
from glyphcore.data.raster import SIZE, png, rasterize, read_png, unpack, write_png
from glyphcore.data.sources import SkippedInputs, read_sources
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError
from glyphcore.progress import Silent

MODES = ("1", "L", "P", "LA", "RGB", "RGBA", "I;16", "I", "F", "CMYK", "La", "RGBa", "YCbCr", "HSV", "LAB")


@dataclass(frozen=True)
class Seeds:
    rasters: list[np.ndarray]


def prepare(folder: Path) -> Seeds:
    store, found = GlyphStore(DATASET / "glyphs.db"), []
    for row in store.glyphs(range(1, 20_000, 331)):
        try:
            found.append(rasterize(row.outline(), row.advance, row.upem))
        except GlyphError:
            continue
    return Seeds([each for each in found if 100 < unpack(each).sum() < 6000])


def case(seeds: Seeds, rng: random.Random, box: Path) -> str:
    packed = rng.choice(seeds.rasters)
    way = rng.randrange(6)
    path = box / "7.png"
    if way == 0:  # as the project writes it, and as a page gets it
        write_png(path, packed)
        if rng.random() < 0.5:
            path.write_bytes(png(packed))
    elif way == 1:
        _in_a_mode(packed, rng, path)
    elif way in (2, 3):
        write_png(path, packed)
        path.write_bytes(damaged(path.read_bytes(), rng))
    elif way == 4:
        path.write_bytes(_bomb(rng))
    else:
        path.write_bytes(_strange(packed, rng))
    right = way <= 1
    light = read_png(path)
    require(light.shape == (SIZE, SIZE) and light.dtype == np.uint8, "a picture has another shape")
    write_png(box / "8.png", packed)  # a neighbour, which tells the folder the side of the ink
    folder = PngFolder(box)
    if right:
        require((folder.packed(7) == packed).all() or folder.dark_ink != PngFolder(box).dark_ink, "other pixels")
    found = [glyph for _, glyphs in read_sources([box], SkippedInputs(), Silent()) for glyph in glyphs]
    require(all(len(each.packed) == 2048 for each in found), "rasters have another size")
    return f"{len(found)} read"


def _in_a_mode(packed: np.ndarray, rng: random.Random, path: Path) -> None:
    """Write dark or light ink in a random mode."""
    ink = unpack(packed).astype(bool)
    grey = np.where(ink, 255, 0).astype(np.uint8)
    mode = rng.choice(("1", "L", "P", "RGB", "RGBA", "LA", "I;16"))
    if mode == "I;16":
        image = Image.fromarray(grey.astype(np.uint16) * 257)
    elif mode == "P":
        image = Image.fromarray(np.where(ink, rng.choice((1, 200)), 0).astype(np.uint8), "P")
        palette = [0] * 768
        for at in (1, 200):
            palette[3 * at : 3 * at + 3] = [255, 255, 255]
        image.putpalette(palette)
    else:
        image = Image.fromarray(grey).convert(mode)
    image.save(path, format="PNG")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _bomb(rng: random.Random) -> bytes:
    """Return few bytes that unpack to more than 128×128 pixels need, or that claim to."""
    width = rng.choice((SIZE, SIZE, 1 << 15, 0x7FFFFFFF, 0, 60_000))
    depth, colour = rng.choice(((1, 0), (8, 0), (16, 6), (8, 3), (3, 7)))
    header = struct.pack(">IIBBBBB", width, width, depth, colour, 0, 0, rng.choice((0, 1)))
    big = bomb(b"", bytes(1024), rng.choice((1, 100)) << 20)
    chunks = [_chunk(b"IHDR", header)]
    if rng.random() < 0.5:
        kind, start = rng.choice(
            ((b"zTXt", b"a\0\0"), (b"iCCP", b"a\0\0"), (b"iTXt", b"a\0\1\0\0\0"), (b"fdAT", b"\0\0\0\1"))
        )
        chunks += [_chunk(kind, start + big)] * rng.choice((1, 20))
        big = zlib.compress(bytes(SIZE * (SIZE + 1)))
    if rng.random() < 0.3:
        chunks.append(_chunk(b"acTL", struct.pack(">II", rng.choice((1, 2, 1 << 31)), 0)))
        chunks.append(_chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, width, width, 0, 0, 1, 1, 0, 0)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + _chunk(b"IDAT", big) + _chunk(b"IEND", b"")


def _strange(packed: np.ndarray, rng: random.Random) -> bytes:
    """Return other formats under this name, animations, other sizes, every mode that Pillow writes."""
    image = Image.fromarray(unpack(packed) * 255)
    if rng.random() < 0.3:
        image = image.resize((rng.choice((1, 127, 129, 4000)), rng.choice((1, 128, 4000))))
    buffer = io.BytesIO()
    form = rng.choice(("PNG", "PNG", "GIF", "BMP", "TIFF", "JPEG", "WEBP", "ICO", "PPM", "EPS", "PDF", "TGA", "XBM"))
    try:
        frames = [image.rotate(90)] * rng.choice((1, 30))
        image = image.convert(rng.choice(MODES))
        image.save(
            buffer,
            format=form,
            **({"save_all": True, "append_images": frames} if form in ("PNG", "GIF", "TIFF") else {}),
        )
    except (OSError, ValueError, KeyError, TypeError):  # this format does not have the mode
        buffer = io.BytesIO(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 128 128\n(%pipe%touch here) (w) file\n")
    return buffer.getvalue()
