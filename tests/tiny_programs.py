"""The fonts of ``tiny_fonts.py`` in the forms that PDFs contain: bare, in PostScript, in forks, with missing tables.

Each function returns the bytes of one program, drawn from a :class:`tiny_fonts.Design`.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping

from fontTools.cffLib import CFFFontSet
from fontTools.misc.eexec import encrypt
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from fontTools.ttLib.tables.DefaultTable import DefaultTable
from tiny_fonts import DESIGNS, Design, build

SANS = DESIGNS[0]
CUBIC = next(design for design in DESIGNS if design.cubic)
CHARSTRING, EEXEC = 4330, 55665
"""Keys of Adobe Type 1 Font Format, chapter 7."""


def saved(font: TTFont) -> bytes:
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def plain(design: Design = SANS, *, names: bool = True) -> TTFont:
    """Return a font, saved and opened again; without ``names`` its glyphs are numbered."""
    builder = build(design)
    if not names:
        builder.setupPost(keepGlyphNames=False)
    return TTFont(io.BytesIO(saved(builder.font)))


def table(data: bytes, tag: str) -> tuple[int, int, int]:
    """Return the positions of a table's entry, offset and end."""
    for i in range(struct.unpack_from(">H", data, 4)[0]):
        name, _, offset, length = struct.unpack_from(">4sIII", data, 12 + 16 * i)
        if name == tag.encode():
            return 12 + 16 * i, offset, offset + length
    raise KeyError(tag)


def bare_cff(design: Design = CUBIC) -> bytes:
    """Return FontFile3 of subtype Type1C: the table ``CFF `` and nothing else."""
    data = saved(build(design).font)
    _, start, end = table(data, "CFF ")
    return data[start:end]


def cid_keyed(cids: Mapping[int, str], design: Design = CUBIC) -> bytes:
    """Return FontFile3 of subtype CIDFontType0C: glyphs have numbers, here those of ``cids`` (number → glyph)."""
    data, kept = bare_cff(design), dict(sorted(cids.items()))
    cff = CFFFontSet()
    cff.decompile(io.BytesIO(data), None)
    strings = cff[0].CharStrings
    drawn = {}
    for number, name in {0: ".notdef", **kept}.items():
        pen = T2CharStringPen(600, None)
        strings[name].draw(pen)
        drawn[number] = bytes(pen.getCharString(private=cff[0].Private).bytecode or b"") or _compiled(pen)
    return _cid_keyed(drawn)


def _compiled(pen: T2CharStringPen) -> bytes:
    string = pen.getCharString()
    string.compile()
    return bytes(string.bytecode)


def _index(items: list[bytes]) -> bytes:
    """Return an INDEX of technical note 5176, section 5."""
    if not items:
        return b"\0\0"
    ends, at = b"", 1
    for item in [b"", *items]:
        at += len(item)
        ends += struct.pack(">I", at)
    return struct.pack(">HB", len(items), 4) + ends + b"".join(items)


def _number(value: int) -> bytes:
    """Return an integer of a DICT, always five bytes long, so that its value does not change the offsets."""
    return b"\x1d" + struct.pack(">i", value)


def _cid_keyed(drawn: Mapping[int, bytes]) -> bytes:
    """Return a CID-keyed CFF with these charstrings (technical note 5176, sections 18 and 19)."""
    head = b"\1\0\4\4" + _index([b"TinyKeyed"])
    strings, subroutines = _index([b"Adobe", b"Identity"]), _index([])
    charset = b"\0" + b"".join(struct.pack(">H", number) for number in drawn if number)
    select = b"\0" + bytes(len(drawn))
    glyphs = _index(list(drawn.values()))

    def top(charset_at: int, select_at: int, glyphs_at: int, array_at: int) -> bytes:
        ros = _number(391) + _number(392) + _number(0) + b"\x0c\x1e"
        count = _number(max(drawn) + 1) + b"\x0c\x22"
        places = _number(charset_at) + b"\x0f" + _number(select_at) + b"\x0c\x25" + _number(glyphs_at) + b"\x11"
        return _index([ros + count + places + _number(array_at) + b"\x0c\x24"])

    start = len(head) + len(top(0, 0, 0, 0)) + len(strings) + len(subroutines)
    charset_at, select_at = start, start + len(charset)
    glyphs_at = select_at + len(select)
    private_at = glyphs_at + len(glyphs)
    private = _number(600) + b"\x14"  # defaultWidthX
    array_at = private_at + len(private)
    array = _index([_number(len(private)) + _number(private_at) + b"\x12"])
    begin = head + top(charset_at, select_at, glyphs_at, array_at) + strings + subroutines
    return begin + charset + select + glyphs + private + array


def _charstring(operations: list[tuple[str, tuple]], advance: int) -> bytes:
    """Convert pen operations to a Type 1 charstring, encrypted (Adobe Type 1 Font Format, chapter 6)."""
    code, at = _operand(0) + _operand(advance) + b"\x0d", (0, 0)  # hsbw
    for name, points in operations:
        if name in ("closePath", "endPath"):
            code += b"\x09"
            continue
        operator = {"moveTo": b"\x15", "lineTo": b"\x05", "curveTo": b"\x08"}[name]
        for x, y in points:
            code += _operand(round(x) - at[0]) + _operand(round(y) - at[1])
            at = round(x), round(y)
        code += operator
    return encrypt(bytes(4) + code + b"\x0e", CHARSTRING)[0]


def _operand(value: int) -> bytes:
    if -107 <= value <= 107:
        return bytes([value + 139])
    if 108 <= abs(value) <= 1131:
        high, low = divmod(abs(value) - 108, 256)
        return bytes([high + (247 if value > 0 else 251), low])
    return b"\xff" + struct.pack(">i", value)


def type1(
    encoding: Mapping[int, str], design: Design = CUBIC, *, names: Mapping[str, str] | None = None, form: str = "pfa"
) -> bytes:
    """Return a Type 1 font: ``pfa`` as text, ``pfb`` in segments, ``pdf`` as in FontFile, binary and without segments.

    ``encoding``: code → glyph; ``names``: glyph → its other name.
    """
    font = TTFont(io.BytesIO(saved(build(design).font)))
    glyphs, called = font.getGlyphSet(), dict(names or {})
    entries = []
    for name in font.getGlyphOrder():
        pen = DecomposingRecordingPen(glyphs)
        glyphs[name].draw(pen)
        entries.append((called.get(name, name), _charstring(pen.value, round(glyphs[name].width))))
    lines = "".join(f"dup {code} /{called.get(name, name)} put\n" for code, name in sorted(encoding.items()))
    clear = (
        f"%!PS-AdobeFont-1.0: {design.family.replace(' ', '')}\n10 dict begin\n/FontType 1 def\n/PaintType 0 def\n"
        f"/FontName /{design.family.replace(' ', '')} def\n/FontMatrix [0.001 0 0 0.001 0 0] readonly def\n"
        "/FontBBox {-200 -200 1000 1000} readonly def\n/Encoding 256 array\n0 1 255 {1 index exch /.notdef put} for\n"
        f"{lines}readonly def\ncurrentdict end\ncurrentfile eexec\n"
    ).encode()
    private = (
        b"dup /Private 9 dict dup begin\n/RD {string currentfile exch readstring pop} executeonly def\n"
        b"/ND {noaccess def} executeonly def\n/NP {noaccess put} executeonly def\n/BlueValues [] def\n"
        b"/MinFeature {16 16} def\n/password 5839 def\n/lenIV 4 def\n2 index /CharStrings "
    )
    private += f"{len(entries)} dict dup begin\n".encode()
    private += b"".join(f"/{name} {len(code)} RD ".encode() + code + b" ND\n" for name, code in entries)
    private += (
        b"end\nend\nreadonly put\nnoaccess put\ndup /FontName get exch definefont pop\nmark currentfile closefile\n"
    )
    secret, zeros = encrypt(bytes(4) + private, EEXEC)[0], (b"0" * 64 + b"\n") * 8 + b"cleartomark\n"
    if form == "pfb":
        parts = ((1, clear), (2, secret), (1, zeros))
        return b"".join(b"\x80" + struct.pack("<BI", *(kind, len(part))) + part for kind, part in parts) + b"\x80\3"
    if form == "pdf":
        return clear + secret + zeros
    text = secret.hex().encode()
    return clear + b"\n".join(text[i : i + 64] for i in range(0, len(text), 64)) + b"\n" + zeros


def fork(*programs: bytes) -> bytes:
    """Return a resource fork whose ``sfnt`` resources are these programs, as in ``.dfont`` files."""
    bodies = [struct.pack(">I", len(each)) + each for each in programs]
    places = [256 + sum(map(len, bodies[:i])) - 256 for i in range(len(bodies))]
    body = b"".join(bodies)
    kinds = struct.pack(">H4sHH", 0, b"sfnt", len(programs) - 1, 10)
    references = b"".join(struct.pack(">hhII", 128 + i, -1, at, 0) for i, at in enumerate(places))
    size = 28 + len(kinds) + len(references)
    head = struct.pack(">IIII", 256, 256 + len(body), len(body), size)
    return head + bytes(240) + body + head + bytes(8) + struct.pack(">HH", 28, size) + kinds + references


def long_locations(form: int = 256) -> bytes:
    """Return a program whose ``indexToLocFormat`` is ``form`` although its offsets are 32 bits long: FreeType draws it,
    HarfBuzz draws nothing."""
    data = bytearray(saved(plain(names=False)))
    (_, head, _), (entry, start, end) = table(bytes(data), "head"), table(bytes(data), "loca")
    if struct.unpack_from(">h", data, head + 50)[0] == 0:
        short = struct.unpack_from(f">{(end - start) // 2}H", data, start)
        struct.pack_into(">II", data, entry + 8, len(data), 4 * len(short))
        data += struct.pack(f">{len(short)}I", *(2 * each for each in short))
    struct.pack_into(">h", data, head + 50, form)
    return bytes(data)


def mapped(platform: int, encoding: int, form: int, codes: Mapping[int, str], *, names: bool = False) -> bytes:
    """Return a font whose only ``cmap`` is this one; without ``names`` its glyphs are numbered."""
    font = plain()
    order = font.getGlyphOrder()
    sub = CmapSubtable.newSubtable(form)
    sub.platformID, sub.platEncID, sub.language = platform, encoding, 0
    sub.cmap = {**(dict.fromkeys(range(256), ".notdef") if form == 0 else {}), **codes}
    font["cmap"] = cmap = newTable("cmap")
    cmap.tableVersion, cmap.tables = 0, [sub]
    if not names:
        font["post"].formatType = 3.0
    font.setGlyphOrder(order)
    return saved(font)


def without(*tags: str, design: Design = SANS) -> bytes:
    """Return a font without some tables, as fonts in PDFs often are."""
    data = saved(build(design).font)
    kept = []
    for i in range(struct.unpack_from(">H", data, 4)[0]):
        tag, _, offset, length = struct.unpack_from(">4sIII", data, 12 + 16 * i)
        if tag.decode() not in tags:
            kept.append((tag, data[offset : offset + length]))
    directory, body = b"", b""
    for tag, content in kept:
        directory += struct.pack(">4sIII", tag, 0, 12 + 16 * len(kept) + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    return data[:4] + struct.pack(">HHHH", len(kept), 0, 0, 0) + directory + body


def pictures(tag: str, *, empty: bool = True) -> bytes:
    """Return a font with a table of pictures; its outlines are ``empty``, or it has no table of outlines at all."""
    font = plain()
    for name in font.getGlyphOrder() if empty else ():
        font["glyf"][name] = type(font["glyf"][name])()
    font[tag] = DefaultTable(tag)
    font[tag].data = b"\0\1\0\0\0\0\0\0"
    if not empty:
        for outlines in ("glyf", "loca"):
            del font[outlines]
    return saved(font)
