"""Libraries that draw glyphs: HarfBuzz where it can, FreeType for other font programs in PDFs.

HarfBuzz supports TrueType and OpenType. FreeType opens a bare CFF, a Type 1 font, and tables that HarfBuzz treats as
broken. It is used only there, because it is native code that reads a whole file before the first glyph. A font is
loaded with as many pixels per em as it has units per em. So FreeType's coordinates are font units in 64ths, nothing is
rounded to integers, and both libraries give the same outlines (``tests/glyphcore/data/test_programs.py``).
:attr:`Program.by` still names the library.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Protocol

import freetype
import freetype.raw as ft
import numpy as np
import uharfbuzz as hb

from glyphcore.data.cff import cids_of
from glyphcore.data.containers import CFF, TYPE1
from glyphcore.data.outline import CUBIC, MAX_POINTS, ON, QUADRATIC, Outline, canonical_each
from glyphcore.errors import FontError, OutlineError

HARFBUZZ, FREETYPE = "HarfBuzz", "FreeType"
MOST = MAX_POINTS + 1
"""Number of points of a glyph that are read: one more than a glyph may have."""
TOGETHER = 250_000
"""Number of points that exist as Python numbers at the same time; 256 glyphs of a normal font have fewer."""
START = 3
"""Tag of an on-curve point that starts a contour, during drawing."""
GLYPHS = 65_535
"""Largest number of glyphs of a program; no format allows more."""
PATIENCE = 4.0, 0.002
"""Seconds of processor time in which FreeType must draw a program: a fixed part, and a part per glyph. A glyph takes 20
to 50 microseconds."""
MAGIC = b"%!PS-AdobeFont-1.0\n"
"""First bytes that FreeType needs in a Type 1 font; some fonts start with another comment, or with spaces."""


class Program(Protocol):
    """The protocol of an object that draws glyphs. A :class:`glyphcore.data.fonts.FontFace` implements it as well."""

    @property
    def by(self) -> str:
        """The library that draws the outlines: :data:`HARFBUZZ` or :data:`FREETYPE`."""

    @property
    def upem(self) -> int: ...

    @property
    def glyph_count(self) -> int: ...

    def advance(self, gid: int) -> float:
        """Return the advance width of a glyph in font units."""

    def outlines(self, gids: Sequence[int]) -> list[Outline | OutlineError]:
        """Return the outline of each glyph, or its error; several times faster than one by one."""


_draw = hb.DrawFuncs()  # each point becomes three numbers at the end of a list: x, y, tag
_draw.set_move_to_func(lambda x, y, to: to.extend((x, y, START)))
_draw.set_line_to_func(lambda x, y, to: to.extend((x, y, ON)))
_draw.set_quadratic_to_func(lambda cx, cy, x, y, to: to.extend((cx, cy, QUADRATIC, x, y, ON)))
_draw.set_cubic_to_func(lambda ax, ay, bx, by, x, y, to: to.extend((ax, ay, CUBIC, bx, by, CUBIC, x, y, ON)))


class HarfBuzzProgram:
    """TrueType or OpenType tables."""

    by = HARFBUZZ

    def __init__(self, data: bytes, number: int) -> None:
        """Open the tables; raises the errors of HarfBuzz. A font without glyphs or em has 0 of them."""
        self._face = hb.Face(data, number)
        self.font = hb.Font(self._face)
        self.upem: int = self._face.upem
        self.glyph_count: int = self._face.glyph_count

    def advance(self, gid: int) -> int:
        return self.font.get_glyph_h_advance(gid)

    def outlines(self, gids: Sequence[int]) -> list[Outline | OutlineError]:
        outlines: list[Outline | OutlineError] = []
        drawn: list[float] = []
        first = [0]
        for gid in gids:
            self.font.draw_glyph(gid, _draw, drawn)
            del drawn[3 * (first[-1] + MOST) :]  # composites of composites may exceed the memory
            first.append(len(drawn) // 3)
            if first[-1] > TOGETHER:
                outlines += _canonical(drawn, first)
                drawn.clear()
                first = [0]
        return outlines + _canonical(drawn, first)


def _canonical(drawn: list[float], first: list[int]) -> list[Outline | OutlineError]:
    """Return outlines from the points that HarfBuzz drew (x, y, tag) and the first point of each glyph."""
    points = np.array(drawn, dtype=np.float64).reshape(-1, 3)
    tags = points[:, 2].astype(np.uint8)
    starts = np.flatnonzero(tags == START)
    tags[starts] = ON
    ends = np.append(starts[1:], len(points))[: len(starts)] - 1
    return canonical_each(points[:, :2], tags, ends, np.stack([first, np.searchsorted(starts, first)], 1))


_lock = threading.RLock()  # a FreeType library opens one face at a time, and a face loads one glyph at a time


@lru_cache(maxsize=1)
def _library() -> ctypes.c_void_p:
    """Return a separate library: the library of :mod:`.drawing` fills outlines and opens nothing."""
    library = ft.FT_Library()
    if ft.FT_Init_FreeType(ctypes.byref(library)):
        raise FontError("FreeType does not start.")
    return library


class FreeTypeProgram:
    """A program that HarfBuzz cannot draw. Raises FontError when FreeType cannot open it either.

    FreeType's character maps are not used: for a bare CFF they are guessed from names, with errors. ``codes`` is the
    program's own encoding, ``names`` has its own names.
    """

    by = FREETYPE

    def __init__(self, data: bytes, number: int, kind: str) -> None:
        """``kind``: as returned by :func:`glyphcore.data.containers.kind_of`."""
        if kind == TYPE1:
            data = data if data[:1] == b"\x80" else data.lstrip(b"\0\t\n\f\r ")
            data = data if data[:1] == b"\x80" or data.startswith((b"%!PS-AdobeFont", b"%!FontType")) else MAGIC + data
        self.refused: frozenset[int] = frozenset()
        """Glyphs that are not loaded."""
        self.cids = (cids_of(data) or []) if kind == CFF else []
        """The character identifier of each glyph; empty for a program that names its glyphs."""
        self._data = data  # FreeType reads these data as long as the face is open
        self._face = ft.FT_Face()
        with _lock:
            fault = ft.FT_New_Memory_Face(_library(), data, len(data), number, ctypes.byref(self._face))
            if fault:
                self._face = None
                raise FontError(f"FreeType reports {_fault_text(fault)}")
            face = self._face.contents
            self.glyph_count: int = len(self.cids) or int(face.num_glyphs)
            self.upem: int = int(face.units_per_EM)
            scalable = face.face_flags & freetype.FT_FACE_FLAG_SCALABLE
            if not scalable or self.upem <= 0 or not 0 < self.glyph_count <= GLYPHS:
                raise FontError("it has no outlines" if not scalable else f"it has {self.glyph_count:,} glyphs")
            if fault := ft.FT_Set_Char_Size(self._face, 0, self.upem * 64, 72, 72):
                raise FontError(f"FreeType reports {_fault_text(fault)}")
            self._slot = face.glyph.contents
        self._widths: dict[int, int] = {}  # widths of loaded glyphs, in 64ths
        patience, seconds_a_glyph = PATIENCE
        self._left = patience + seconds_a_glyph * self.glyph_count

    def __del__(self) -> None:
        if getattr(self, "_face", None):
            with _lock:
                ft.FT_Done_Face(self._face)

    @property
    def family(self) -> str:
        """Family name in the program; empty where it has none."""
        name = self._face.contents.family_name
        return name.decode("latin-1")[:200].strip() if name else ""

    @property
    def names(self) -> list[str]:
        """Glyph names in glyph order, empty where there is none; ``cid123`` where glyphs have numbers as keys."""
        with _lock:
            if self.cids:
                return [f"cid{cid}" for cid in self.cids]
            if not ft.FT_Has_PS_Glyph_Names(self._face):
                return [""] * self.glyph_count
            return [self._name(gid) for gid in range(self.glyph_count)]

    def _name(self, gid: int) -> str:
        buffer = ctypes.create_string_buffer(128)
        fault = ft.FT_Get_Glyph_Name(self._face, gid, buffer, len(buffer))
        return "" if fault else buffer.value.decode("latin-1")

    @property
    def codes(self) -> dict[int, int]:
        """The program's own encoding: code of one byte → glyph index; empty where it has none."""
        with _lock:
            face, codes = self._face.contents, {}
            for i in range(face.num_charmaps):
                if face.charmaps[i].contents.platform_id != 7:  # 7 is Adobe: the program's own encoding
                    continue
                ft.FT_Set_Charmap(self._face, face.charmaps[i])
                gid = ctypes.c_uint()
                code = ft.FT_Get_First_Char(self._face, ctypes.byref(gid))
                while gid.value and code < 256 and code not in codes:
                    codes[int(code)] = int(gid.value)
                    code = ft.FT_Get_Next_Char(self._face, code, ctypes.byref(gid))
                break
            return {code: gid for code, gid in codes.items() if 0 < gid < self.glyph_count}

    def advance(self, gid: int) -> float:
        if gid not in self._widths:
            with _lock:
                self._load(gid)
        width = self._widths.get(gid, 0)
        return width / 64 if width % 64 else width // 64

    def outlines(self, gids: Sequence[int]) -> list[Outline | OutlineError]:
        outlines: list[Outline | OutlineError] = []
        loaded = _Loaded()
        with _lock:
            for gid in gids:
                fault = self._load(gid)
                loaded.add(fault, self._slot.outline)
                if len(loaded.tags) > TOGETHER:
                    outlines += loaded.outlines()
                    loaded = _Loaded()
        return outlines + loaded.outlines()

    def _load(self, gid: int) -> str:
        """Load a glyph; return its fault in one line, empty if there is none."""
        if self._left < 0:
            return "The program takes too long to draw."
        if gid in self.refused:
            return "The glyph has too many components."
        start = time.thread_time()
        number = self.cids[gid] if self.cids else gid
        fault = ft.FT_Load_Glyph(self._face, number, freetype.FT_LOAD_NO_HINTING | freetype.FT_LOAD_NO_BITMAP)
        self._left -= time.thread_time() - start
        if fault:
            return f"FreeType reports {_fault_text(fault)}."
        self._widths[gid] = int(self._slot.metrics.horiAdvance)
        return "" if self._slot.format == freetype.FT_GLYPH_FORMAT_OUTLINE else "The glyph has no outline."


class _Loaded:
    """Outlines in FreeType's form, copied one after the other."""

    def __init__(self) -> None:
        self.points, self.tags, self.ends = bytearray(), bytearray(), bytearray()
        self.first = [(0, 0)]
        self.faults: list[str] = []

    def add(self, fault: str, outline: ft.FT_Outline) -> None:
        """Add an outline. ``fault``: the fault of the glyph; the outline is then ignored."""
        n, contours = (0, 0) if fault else (outline.n_points, outline.n_contours)
        n, contours = (n, contours) if n > 0 and contours > 0 else (0, 0)
        if n:
            self.points += ctypes.string_at(outline.points, n * ctypes.sizeof(ft.FT_Vector))
            self.tags += ctypes.string_at(outline.tags, n)
            self.ends += ctypes.string_at(outline.contours, contours * ctypes.sizeof(ctypes.c_short))
        self.first.append((self.first[-1][0] + n, self.first[-1][1] + contours))
        self.faults.append(fault)

    def outlines(self) -> list[Outline | OutlineError]:
        """Return the canonical form of the outlines."""
        first = np.array(self.first)
        points = np.frombuffer(self.points, np.dtype(f"i{ctypes.sizeof(ctypes.c_long)}")).reshape(-1, 2) / 64
        flags = np.frombuffer(self.tags, np.uint8) & 3  # the other bits are about hinting
        tags = np.where(flags & ON, ON, flags).astype(np.uint8)
        ends = np.frombuffer(self.ends, np.int16) + np.repeat(first[:-1, 0], np.diff(first[:, 1]))
        outlines = canonical_each(*_started(points, tags, ends, first))
        return [OutlineError(fault) if fault else outline for fault, outline in zip(self.faults, outlines, strict=True)]


def _started(points: np.ndarray, tags: np.ndarray, ends: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, ...]:
    """Make contours that start with a control point start on the curve, where HarfBuzz starts them."""
    starts = np.concatenate(([0], ends[:-1] + 1))[: len(ends)]
    if (tags[starts] == ON).all():
        return points, tags, ends, first
    contours = list(_contours(points, tags, starts, ends))
    total = np.cumsum([0, *(len(of) for _, of in contours)])
    first = np.stack([total[first[:, 1]], first[:, 1]], 1)
    return np.concatenate([xy for xy, _ in contours]), np.concatenate([of for _, of in contours]), total[1:] - 1, first


def _contours(
    points: np.ndarray, tags: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for start, end in zip(starts.tolist(), (ends + 1).tolist(), strict=True):
        xy, of = points[start:end], tags[start:end]
        if len(of) > 1 and of[0] == QUADRATIC:
            if of[-1] == ON:
                xy, of = np.roll(xy, 1, 0), np.roll(of, 1)
            else:  # midway between the last control point and the first
                xy = np.concatenate([(xy[-1:] + xy[:1]) / 2, xy])
                of = np.concatenate([np.array([ON], np.uint8), of])
        yield xy, of


def _fault_text(fault: int) -> str:
    return str(freetype.FT_Exception(fault)).partition("(")[2].rstrip(") ") or f"error {fault}"
