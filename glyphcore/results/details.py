"""How one glyph's prediction is packed into three small blobs, and unpacked again.

``top``
    Five class indices as little-endian uint16, best first, then their probabilities as float32: 30 bytes.
``cells``
    zlib over: 32 bytes of occupancy (one bit a cell, row-major, most significant bit first), then for the occupied
    cells, in that order, all predicted primitives (uint16), all runners-up (uint16), all probabilities (uint8, 255 is
    certain). Empty cells are decided by the pixels and cost nothing; about 350 bytes a glyph.
``embedding``
    The pooled embedding as float16.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from glyphcore.errors import StoreError

TOP = 5
CELLS = 256
LONGEST = CELLS // 8 + 5 * CELLS
"""Bytes of an unpacked grid at most."""


@dataclass(frozen=True)
class Details:
    """What a model said about one glyph, beyond the browsable row."""

    top: np.ndarray
    """uint16 [5]: class indices, best first."""
    top_p: np.ndarray
    """float32 [5]: their probabilities."""
    occupied: np.ndarray
    """bool [256]: cells with ink, row-major."""
    primitive: np.ndarray
    """uint16 [256]: predicted primitive; 0 (EMPTY) where there is no ink."""
    runner_up: np.ndarray
    """uint16 [256]: second choice; 0 where there is no ink."""
    primitive_p: np.ndarray
    """float32 [256]: probability of the predicted primitive in steps of 1/255; 1 where there is no ink."""
    embedding: np.ndarray
    """float16 [width]: pooled embedding."""


def pack_top(top: np.ndarray, p: np.ndarray) -> bytes:
    """Class indices int [5] and probabilities float [5] → the ``top`` blob."""
    return np.asarray(top, "<u2").tobytes() + np.asarray(p, "<f4").tobytes()


def pack_cells(occupied: np.ndarray, primitive: np.ndarray, runner_up: np.ndarray, p: np.ndarray) -> bytes:
    """Grids of 256 (bool, int, int, float) → the ``cells`` blob."""
    occupied = np.asarray(occupied, bool)
    plain = np.packbits(occupied).tobytes()
    plain += np.asarray(primitive)[occupied].astype("<u2").tobytes()
    plain += np.asarray(runner_up)[occupied].astype("<u2").tobytes()
    plain += np.rint(np.clip(np.asarray(p)[occupied], 0, 1) * 255).astype(np.uint8).tobytes()
    return zlib.compress(plain, 6)


def plain_cells(cells: bytes) -> bytes:
    """The ``cells`` blob without its packing. Raises ValueError, TypeError or zlib.error when it is damaged."""
    unpacking = zlib.decompressobj()
    plain = unpacking.decompress(cells, LONGEST + 1)
    if not unpacking.eof:
        raise ValueError("a grid is cut off, or has more cells than there are")
    return plain


def unpack(top: bytes, cells: bytes, embedding: bytes) -> Details:
    """The three blobs of a glyph → :class:`Details`. Raises StoreError when one of them is damaged."""
    try:
        plain = plain_cells(cells)
        occupied = np.unpackbits(np.frombuffer(plain, np.uint8, CELLS // 8)).astype(bool)
        count = int(occupied.sum())
        primitive, runner_up = np.zeros(CELLS, np.uint16), np.zeros(CELLS, np.uint16)
        primitive[occupied] = np.frombuffer(plain, "<u2", count, CELLS // 8)
        runner_up[occupied] = np.frombuffer(plain, "<u2", count, CELLS // 8 + 2 * count)
        primitive_p = np.ones(CELLS, np.float32)
        primitive_p[occupied] = np.frombuffer(plain, np.uint8, count, CELLS // 8 + 4 * count) / np.float32(255)
        return Details(
            top=np.frombuffer(top, "<u2", TOP),
            top_p=np.frombuffer(top, "<f4", TOP, 2 * TOP),
            occupied=occupied,
            primitive=primitive,
            runner_up=runner_up,
            primitive_p=primitive_p,
            embedding=np.frombuffer(embedding, "<f2"),
        )
    except (zlib.error, ValueError, TypeError) as error:
        raise StoreError(f"A stored prediction is damaged: {error}.", remedy="Evaluate it again.") from error
