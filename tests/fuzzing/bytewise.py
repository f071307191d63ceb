"""Damage that can happen to any file: cut off, bits flipped, bytes overwritten, pieces moved."""

from __future__ import annotations

import random
import struct
import zlib
from functools import lru_cache

NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
"""Values at which counts, offsets and signs overflow."""


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Return the data with one to four kinds of damage."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        data = rng.choice((_cut, _flipped, _flipped, _set, _set, _filled, _moved, _grown))(data, rng)
    return data


@lru_cache(maxsize=24)
def bomb(start: bytes, piece: bytes, size: int) -> bytes:
    """Return Zlib data of a few kilobytes that unpacks to ``start`` and ``size`` bytes of ``piece``."""
    packing = zlib.compressobj(6)
    block = piece * ((1 << 20) // len(piece))
    return packing.compress(start) + b"".join(packing.compress(block) for _ in range(size >> 20)) + packing.flush()


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _flipped(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20))):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _set(data: bytes, rng: random.Random) -> bytes:
    width = rng.choice((1, 2, 4))
    if len(data) < width:
        return data
    at = rng.randrange(len(data) - width + 1)
    value = rng.choice(NUMBERS) & (256**width - 1)
    packed = struct.pack({1: "B", 2: ">H", 4: ">I"}[width], value)
    return data[:at] + (packed if rng.random() < 0.8 else packed[::-1]) + data[at + width :]


def _filled(data: bytes, rng: random.Random) -> bytes:
    at, length = rng.randrange(len(data) + 1), rng.choice((4, 16, 64, 512))
    return data[:at] + bytes([rng.choice((0, 0xFF, 0x41))]) * len(data[at : at + length]) + data[at + length :]


def _moved(data: bytes, rng: random.Random) -> bytes:
    start, to, length = rng.randrange(len(data) + 1), rng.randrange(len(data) + 1), rng.choice((2, 8, 32, 256))
    piece = data[start : start + length]
    return data[:to] + piece + data[to + (len(piece) if rng.random() < 0.5 else 0) :]


def _grown(data: bytes, rng: random.Random) -> bytes:
    return data + rng.randbytes(rng.choice((1, 4, 100, 5000)))
