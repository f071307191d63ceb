"""Reads the font programs in font files, within bounds, with their kinds and offsets.

The content of a file decides its kind, because fonts extracted from PDFs have arbitrary names. A web font is
compressed, and a kilobyte may unpack to gigabytes: the unpacked size is computed before fontTools unpacks the font.
Formats: OpenType ``ttcf`` header; W3C WOFF 1.0 and WOFF 2.0; resource forks (Inside Macintosh: More Macintosh Toolbox,
1-121); Adobe technical note 5176 (CFF) and Adobe Type 1 Font Format, with the segments of technical note 5040 (PFB) or
without.
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

SUFFIXES = (".ttf", ".otf", ".ttc", ".otc", ".woff", ".woff2", ".cff", ".pfa", ".pfb", ".dfont")
"""Suffixes of readable fonts; other containers of fonts are recognised by :data:`STRANGERS` or by their content."""
STRANGERS = {
    **dict.fromkeys((".bdf", ".pcf", ".fnt", ".fon", ".otb"), "holds bitmaps, no outlines"),
    ".eot": "is a packed web font of another kind (EOT)",
    ".pfr": "is a portable font resource",
}
"""Fonts that are not read: suffix → kind of file, or its content."""
NAMELESS = ("", ".bin", ".cid", ".dat", ".font", ".t1")
"""Suffixes of font programs extracted from PDFs; in a folder their content decides."""
SFNT, CFF, TYPE1 = "sfnt", "CFF", "Type 1"
"""Kinds of programs: TrueType or OpenType tables, a bare CFF, PostScript."""
LARGEST = 256 << 20
"""Largest number of bytes of a font file; the largest collections in use have 200 million."""
UNPACKED = 96 << 20
"""Largest number of bytes of a web font's tables; the largest ones in use have 30 million."""
FACES = 256
"""Largest number of faces of a collection; the largest ones in use have some 70."""
TABLES = 1000
"""Largest number of tables of a font; OpenType knows about 60 kinds."""
BLOCK = 1 << 20
HEAD = 1024
"""Number of first bytes that decide the kind of a file."""
OPENTYPE = (b"\0\1\0\0", b"OTTO", b"true", b"typ1", b"ttcf", b"wOFF", b"wOF2")


@dataclass(frozen=True)
class FontFile:
    """The content of a font file, read once for all its faces."""

    path: Path
    data: bytes
    file_hash: str
    """SHA-256 of the file as it is on disk."""
    faces: int
    kind: str = SFNT
    """:data:`SFNT`, :data:`CFF` or :data:`TYPE1`."""
    resources: tuple[tuple[int, int], ...] = ()
    """For a resource fork, start and end of each program."""

    def program(self, number: int) -> tuple[bytes, int]:
        """Return the program that holds a face, and the number of the face in it."""
        if self.resources:
            begin, end = self.resources[number]
            return self.data[begin:end], 0
        return self.data, number


def fonts_in(folder: Path) -> list[Path]:
    """Return the font files of a folder and its subfolders, by suffix or by content, in sorted order.

    Files of kinds that are not read are included, so that each of them can be named.
    """
    return sorted(path for path in folder.rglob("*") if path.is_file() and _is_font(path))


def _is_font(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix in (*SUFFIXES, *STRANGERS) or suffix not in NAMELESS:
        return suffix in (*SUFFIXES, *STRANGERS)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError:
        return False
    return head[:4] in OPENTYPE or kind_of(head) != SFNT


def kind_of(data: bytes) -> str:
    """Return the kind of a font program in data that are not a resource fork."""
    if data[:2] == b"\1\0" and len(data) > 8 and 1 <= data[3] <= 4 and data[data[2] : data[2] + 2] == b"\0\1":
        return CFF  # version 1.0, length of the header, width of offsets; then exactly one font is named
    start = data[6:] if data[:2] == b"\x80\1" else data.lstrip(b"\0\t\n\f\r ")
    return TYPE1 if start.startswith((b"%!PS-AdobeFont", b"%!FontType", b"%!PS-Adobe-3.0 Resource-Font")) else SFNT


def read_file(path: Path) -> FontFile:
    """Read a file. Raises FontError when it cannot be read, is larger than any font, or is of a kind that is not
    read."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise FontError(f"{path.name} has {size >> 20:,} MB; a font has {LARGEST >> 20} at most.", subject=path)
        data = path.read_bytes()
    except OSError as error:
        raise FontError(f"{path} cannot be read: {error.strerror}.", subject=path) from error
    file = file_of(data, path)
    reason = STRANGERS.get(path.suffix.lower(), "")
    if reason and file.kind == SFNT and not file.resources and data[:4] not in OPENTYPE:
        raise FontError(f"{path.name} {reason}.", subject=path, remedy=f"Fonts are {', '.join(SUFFIXES)}.")
    return file


def file_of(data: bytes, path: Path) -> FontFile:
    """Return a font file from its content, or from a font program in a PDF; ``path`` is its name.

    Raises FontError for a collection with no face or with too many.
    """
    hashed = hashlib.sha256(data).hexdigest()
    resources = _resources(data)
    if resources is not None:
        if not 0 < len(resources) <= FACES:
            raise FontError(
                f"{path.name} is a resource fork of {len(resources):,} fonts; 1 to {FACES} can be read.", subject=path
            )
        return FontFile(path, data, hashed, len(resources), SFNT, tuple(resources))
    return FontFile(path, data, hashed, _faces(path, data), kind_of(data))


def unpacked(data: bytes) -> bytes:
    """Return a WOFF or WOFF2 font as plain tables; other data unchanged.

    Raises ValueError, struct.error or errors of zlib, Brotli and fontTools for a font that is damaged or too large.
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


def _resources(data: bytes) -> list[tuple[int, int]] | None:
    """Return start and end of the ``sfnt`` resources of a fork; None for data that are not a fork.

    Never raises: for a fork that is cut off or inconsistent, the readable resources are returned.
    """
    try:
        body, index, body_size, index_size = struct.unpack_from(">IIII", data)
        if body < 16 or index < body + body_size or index_size < 30 or index + index_size > len(data):
            return None
        kinds = index + struct.unpack_from(">H", data, index + 24)[0]
        (count,) = struct.unpack_from(">H", data, kinds)
        for i in range(min(count + 1 & 0xFFFF, TABLES)):
            kind, last, offset = struct.unpack_from(">4sHH", data, kinds + 2 + 8 * i)
            if kind == b"sfnt":
                break
        else:
            return []
        spans: list[tuple[int, int]] = []
        for i in range(min(last + 1, FACES + 1)):
            at = body + (struct.unpack_from(">I", data, kinds + offset + 12 * i + 4)[0] & 0xFFFFFF)
            (length,) = struct.unpack_from(">I", data, at)
            if at + 4 + length > body + body_size:
                return spans
            spans.append((at + 4, at + 4 + length))
    except struct.error:
        return None
    return spans


def _bounded(sizes: list[int]) -> None:
    if sum(sizes) > UNPACKED:
        raise ValueError(f"it unpacks to more than {UNPACKED >> 20} MB")


def _woff(data: bytes) -> list[int]:
    """Return the unpacked sizes of all tables, counted only up to the bound."""
    (count,) = struct.unpack_from(">H", data, 12)
    if count > TABLES:
        raise ValueError(f"it has {count:,} tables")
    sizes: list[int] = []
    for i in range(count):
        _, offset, packed, unpacked, _ = struct.unpack_from(">4sIIII", data, 44 + 20 * i)
        sizes.append(unpacked)
        if packed < unpacked:
            left = max(0, UNPACKED + 1 - sum(sizes[:-1]))
            sizes[-1] = max(unpacked, len(zlib.decompressobj().decompress(data[offset : offset + packed], left + 1)))
        _bounded(sizes)
    return sizes


def _woff2(data: bytes) -> list[int]:
    """Return the unpacked size of the single stream, counted block by block up to the bound, and the sizes that the
    tables declare."""
    count, _, _, packed = struct.unpack_from(">HHII", data, 12)
    if count > TABLES:
        raise ValueError(f"it has {count:,} tables")
    at, sizes = 48, []
    for _ in range(count):
        flags = data[at]
        at += 5 if flags & 0x3F == 0x3F else 1
        size, at = _base128(data, at)
        sizes.append(size)
        # glyf and loca are transformed as version 0, other tables as any version but 0
        glyphs = flags & 0x3F in (10, 11)
        if (flags >> 6 == 0) if glyphs else (flags >> 6 != 0):
            _, at = _base128(data, at)
    _bounded(sizes)
    unpacking, size = brotli.Decompressor(), 0
    block = unpacking.process(data[at : at + packed], output_buffer_limit=BLOCK)
    while block and size <= UNPACKED:
        size += len(block)
        block = b"" if unpacking.is_finished() else unpacking.process(b"", output_buffer_limit=BLOCK)
    return [size]


def _base128(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of at most five bytes with seven bits each, and the position after it."""
    value = 0
    for i in range(at, at + 5):
        value = value << 7 | data[i] & 0x7F
        if data[i] < 0x80:
            return value, i + 1
    raise ValueError("a table's length is malformed")
