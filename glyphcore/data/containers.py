"""Font files as they lie on disk → the plain tables that HarfBuzz and fontTools read, within bounds.

A web font is packed, and a kilobyte may unpack to gigabytes: what it unpacks to is counted before fontTools unpacks it.
Formats: OpenType ``ttcf`` header; W3C WOFF 1.0 and WOFF 2.0.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import brotli
from fontTools.ttLib import TTFont

from glyphcore.errors import FontError

SUFFIXES = (".ttf", ".otf", ".ttc", ".otc", ".woff", ".woff2")
LARGEST = 256 << 20
"""Bytes of a font file; the largest collections in use have 200 million."""
UNPACKED = 96 << 20
"""Bytes of a web font's tables; the largest ones in use have 30 million."""
FACES = 256
"""Faces of a collection; the largest ones in use have some 70."""
TABLES = 1000
"""Tables of a font; OpenType knows about 60 kinds."""
BLOCK = 1 << 20


@dataclass(frozen=True)
class FontFile:
    """A font file that was read once, whatever the number of its faces."""

    path: Path
    data: bytes
    file_hash: str
    """SHA-256 of the file as it lies on disk."""
    faces: int


def fonts_in(folder: Path) -> list[Path]:
    """Font files of a folder and of those in it, by their suffix, in sorted order."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())


def read_file(path: Path) -> FontFile:
    """Read a file; raises FontError when it cannot be read or is larger than any font."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise FontError(f"{path.name} has {size >> 20:,} MB; a font has {LARGEST >> 20} at most.", subject=path)
        data = path.read_bytes()
    except OSError as error:
        raise FontError(f"{path} cannot be read: {error.strerror}.", subject=path) from error
    return FontFile(path, data, hashlib.sha256(data).hexdigest(), _faces(path, data))


def unpacked(data: bytes) -> bytes:
    """A WOFF or WOFF2 font as plain tables; other data as it is.

    Raises ValueError, struct.error or what zlib, Brotli and fontTools raise, for a font that is damaged or too large.
    """
    if data[:4] == b"wOFF":
        _bounded(_woff(data))
    elif data[:4] == b"wOF2":
        _bounded(_woff2(data))
    else:
        return data
    tables, plain = TTFont(io.BytesIO(data), lazy=True), io.BytesIO()
    tables.flavor = None
    tables.save(plain, reorderTables=False)
    return plain.getvalue()


def _faces(path: Path, data: bytes) -> int:
    if data[:4] != b"ttcf":
        return 1
    if len(data) < 12:
        raise FontError(f"{path.name} is not a readable font collection: it is cut off.", subject=path)
    (faces,) = struct.unpack_from(">I", data, 8)
    if not 0 < faces <= FACES:
        raise FontError(f"{path.name} is a collection of {faces:,} fonts; 1 to {FACES} can be read.", subject=path)
    return faces


def _bounded(sizes: list[int]) -> None:
    if sum(sizes) > UNPACKED:
        raise ValueError(f"it unpacks to more than {UNPACKED >> 20} MB")


def _woff(data: bytes) -> list[int]:
    """What each table unpacks to, counted only up to the bound."""
    (count,) = struct.unpack_from(">H", data, 12)
    if count > TABLES:
        raise ValueError(f"it has {count:,} tables")
    sizes: list[int] = []
    for i in range(count):
        _, offset, packed, told, _ = struct.unpack_from(">4sIIII", data, 44 + 20 * i)
        sizes.append(told)
        if packed < told:
            left = max(0, UNPACKED + 1 - sum(sizes[:-1]))
            sizes[-1] = max(told, len(zlib.decompressobj().decompress(data[offset : offset + packed], left + 1)))
        _bounded(sizes)
    return sizes


def _woff2(data: bytes) -> list[int]:
    """What its one stream unpacks to, block by block up to the bound, and what its tables say to have."""
    count, _, _, packed = struct.unpack_from(">HHII", data, 12)
    if count > TABLES:
        raise ValueError(f"it has {count:,} tables")
    at, told = 48, []
    for _ in range(count):
        flags = data[at]
        at += 5 if flags & 0x3F == 0x3F else 1
        size, at = _base128(data, at)
        told.append(size)
        glyphs = flags & 0x3F in (10, 11)  # glyf and loca are transformed as version 0, others as any but 0
        if (flags >> 6 == 0) if glyphs else (flags >> 6 != 0):
            _, at = _base128(data, at)
    _bounded(told)
    unpacking, size = brotli.Decompressor(), 0
    block = unpacking.process(data[at : at + packed], output_buffer_limit=BLOCK)
    while block and size <= UNPACKED:
        size += len(block)
        block = b"" if unpacking.is_finished() else unpacking.process(b"", output_buffer_limit=BLOCK)
    return [size]


def _base128(data: bytes, at: int) -> tuple[int, int]:
    """A number of at most five bytes, seven bits each, and where the next one starts."""
    value = 0
    for i in range(at, at + 5):
        value = value << 7 | data[i] & 0x7F
        if data[i] < 0x80:
            return value, i + 1
    raise ValueError("a table's length is malformed")
