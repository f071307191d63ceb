"""A font file → outlines, and outlines with the labels that the font itself gives them.

fontTools opens the containers (TTF, OTF, TTC, WOFF, WOFF2) and reads names, metrics and ``cmap``; HarfBuzz shapes and
draws. HarfBuzz's outlines are used for building a database and for reading a font alike, so both see the same pixels.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import uharfbuzz as hb
from fontTools.ttLib import TTFont, TTLibError

from glyphcore.data.containers import SUFFIXES, FontFile, fonts_in, read_file, unpacked
from glyphcore.data.labels import LabelMap
from glyphcore.data.outline import CUBIC, MAX_POINTS, ON, QUADRATIC, Outline, canonical_each
from glyphcore.errors import FontError, GlyphError, OutlineError

ZERO_WIDTH_JOINER = "\u200d"
JOINING_FORMS = {"_isol": ("", ""), "_init": ("", ZERO_WIDTH_JOINER), "_fina": (ZERO_WIDTH_JOINER, "")}
JOINING_FORMS["_medi"] = (ZERO_WIDTH_JOINER, ZERO_WIDTH_JOINER)

MOST = MAX_POINTS + 1
"""Points of a glyph that are looked at: one more than it may have."""
TOGETHER = 250_000
"""Points that are held as Python's numbers at a time; a font of usual glyphs has fewer in 256 of them."""
START = 3
"""Tag of an on-curve point that starts a contour, while drawing."""
_draw = hb.DrawFuncs()  # each point becomes three numbers at the end of a list: x, y, tag
_draw.set_move_to_func(lambda x, y, to: to.extend((x, y, START)))
_draw.set_line_to_func(lambda x, y, to: to.extend((x, y, ON)))
_draw.set_quadratic_to_func(lambda cx, cy, x, y, to: to.extend((cx, cy, QUADRATIC, x, y, ON)))
_draw.set_cubic_to_func(lambda ax, ay, bx, by, x, y, to: to.extend((ax, ay, CUBIC, bx, by, CUBIC, x, y, ON)))


@dataclass(frozen=True)
class Metrics:
    """A font's vertical metrics and names; lengths in font units, None where the font has no such value."""

    upem: int
    ascent: int | None
    descent: int | None
    typo_ascent: int | None
    typo_descent: int | None
    x_height: int | None
    cap_height: int | None
    family: str
    style: str
    weight: int | None
    licence: str


@dataclass(frozen=True)
class LabelledGlyph:
    """One row for ``glyphs.db``: a glyph, and the label that the font's own mapping gives it."""

    label: str
    gid: int
    name: str
    advance: int
    outline: Outline


class FontFace:
    """One face of a font file. Raises FontError when the file cannot be read."""

    def __init__(self, path: Path, number: int = 0, file: FontFile | None = None) -> None:
        """``file``: the file's content, where it was read before."""
        self.path = path
        self.number = number
        file = file or read_file(path)
        self.file_hash = file.file_hash
        try:
            data = unpacked(file.data)
            self._tables = TTFont(io.BytesIO(data), fontNumber=number, lazy=True)
            self._face = hb.Face(data, number)
            self._font = hb.Font(self._face)
            self.upem: int = self._face.upem
            self.glyph_count: int = self._face.glyph_count
        except Exception as error:  # fontTools raises whatever a broken table makes it raise
            if isinstance(error, MemoryError):
                raise
            reason = str(error) if isinstance(error, (TTLibError, ValueError)) else f"{type(error).__name__}: {error}"
            raise FontError(f"{path.name} is not a readable font: {reason[:120]}", subject=path) from error
        if self.upem <= 0 or self.glyph_count == 0:
            raise FontError(f"{path.name} has no glyphs.", subject=path)

    @cached_property
    def cmap(self) -> dict[int, int]:
        """Code point → glyph index; empty for a font without one, as they come out of PDFs.

        Halves of surrogate pairs, which damaged fonts map, are no characters and left out.
        """
        if "cmap" not in self._tables:
            return {}
        try:
            order = {name: i for i, name in enumerate(self.names)}
            best = self._tables.getBestCmap() or {}
            return {code: order[name] for code, name in best.items() if name in order and _is_character(code)}
        except Exception as error:
            raise FontError(f"{self.path.name} has a broken character map: {error}", subject=self.path) from error

    @cached_property
    def names(self) -> list[str]:
        """Glyph names in glyph order; ``gid123`` where the font has none."""
        try:
            names = list(self._tables.getGlyphOrder())
        except Exception:  # a name table is a convenience; its loss must lose neither outlines nor characters
            names = []
        names += [f"gid{i}" for i in range(len(names), self.glyph_count)]
        self._tables.setGlyphOrder(names)
        return names

    @cached_property
    def metrics(self) -> Metrics:
        """Metrics and names, read tolerantly: a missing or broken table gives None or an empty string."""

        def table(tag: str, field: str) -> int | None:
            try:
                return int(getattr(self._tables[tag], field))
            except Exception:
                return None

        def name(*identifiers: int) -> str:
            for identifier in identifiers:
                try:
                    found = self._tables["name"].getDebugName(identifier)
                except Exception:
                    found = None
                if found:
                    return str(found).strip()
            return ""

        return Metrics(
            upem=self.upem,
            ascent=table("hhea", "ascent"),
            descent=table("hhea", "descent"),
            typo_ascent=table("OS/2", "sTypoAscender"),
            typo_descent=table("OS/2", "sTypoDescender"),
            x_height=table("OS/2", "sxHeight"),
            cap_height=table("OS/2", "sCapHeight"),
            family=name(16, 1) or self.path.stem,
            style=name(17, 2) or "Regular",
            weight=table("OS/2", "usWeightClass"),
            licence=name(13)[:200],
        )

    def advance(self, gid: int) -> int:
        """Advance width of a glyph in font units."""
        return self._font.get_glyph_h_advance(gid)

    def outline(self, gid: int) -> Outline:
        """Outline of a glyph, composites resolved. Raises OutlineError when it is malformed."""
        (outline,) = self.outlines([gid])
        if isinstance(outline, OutlineError):
            raise outline
        return outline

    def outlines(self, gids: Sequence[int]) -> list[Outline | OutlineError]:
        """Outlines of many glyphs, or what is wrong with them: several times faster than one by one."""
        found: list[Outline | OutlineError] = []
        drawn: list[float] = []
        first = [0]
        for gid in gids:
            self._font.draw_glyph(gid, _draw, drawn)
            del drawn[3 * (first[-1] + MOST) :]  # composites of composites may come to more than memory holds
            first.append(len(drawn) // 3)
            if first[-1] > TOGETHER:
                found += _canonical(drawn, first)
                drawn.clear()
                first = [0]
        return found + _canonical(drawn, first)

    def shape(self, text: str) -> list[int]:
        """Arabic text → glyph indices, right to left, joiners removed and no dotted circle added for lone marks."""
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.direction, buffer.script, buffer.language = "rtl", "Arab", "ar"
        buffer.flags = hb.BufferFlags.REMOVE_DEFAULT_IGNORABLES | hb.BufferFlags.DO_NOT_INSERT_DOTTED_CIRCLE
        hb.shape(self._font, buffer)
        return [info.codepoint for info in buffer.glyph_infos]


def _is_character(code: int) -> bool:  # a Unicode scalar value (Unicode 3.9, D76)
    return 0 <= code < 0xD800 or 0xE000 <= code <= 0x10FFFF


def _canonical(drawn: list[float], first: list[int]) -> list[Outline | OutlineError]:
    """Outlines from what HarfBuzz drew (x, y, tag) and the point that each glyph starts at."""
    points = np.array(drawn, dtype=np.float64).reshape(-1, 3)
    tags = points[:, 2].astype(np.uint8)
    starts = np.flatnonzero(tags == START)
    tags[starts] = ON
    ends = np.append(starts[1:], len(points))[: len(starts)] - 1
    return canonical_each(points[:, :2], tags, ends, np.stack([first, np.searchsorted(starts, first)], 1))


def open_faces(path: Path) -> list[FontFace]:
    """All faces of a font file: several for a collection, else one. Raises FontError when it cannot be read."""
    file = read_file(path)
    return [FontFace(path, number, file) for number in range(file.faces)]


def font_files(paths: list[Path]) -> list[Path]:
    """Font files among ``paths``, folders searched recursively, in sorted order.

    Raises FontError for a path that does not exist or a folder without fonts.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = fonts_in(path)
            if not found:
                raise FontError(f"{path} holds no {', '.join(SUFFIXES)} file.", subject=path)
            files += found
        elif path.is_file():
            files.append(path)
        else:
            raise FontError(f"{path} does not exist.", subject=path, remedy="Check the path.")
    return list(dict.fromkeys(files))


def reached(face: FontFace, labels: LabelMap, dropped: Counter[str]) -> Iterator[tuple[str, int]]:
    """``(label, glyph index)`` wherever the face's own ``cmap`` and shaping reach a glyph for a label.

    What is not reached is counted in ``dropped`` under its reason: ``notdef``, ``several glyphs`` (a form drawn as base
    and dots), ``equal to isolated``.
    """
    yielded: set[tuple[str, int]] = set()
    for label, base, codepoint, kind in zip(
        labels.labels, labels.base, labels.codepoint, labels.char_class, strict=True
    ):
        gid = _glyph_for(face, label, base, _codes(codepoint), kind, dropped)
        if gid is None or (label, gid) in yielded:
            continue
        if not 0 < gid < face.glyph_count:  # a damaged table may lead to a glyph that is not there
            dropped["notdef"] += 1
            continue
        yielded.add((label, gid))
        yield label, gid


def labelled_glyphs(face: FontFace, labels: LabelMap, dropped: Counter[str]) -> Iterator[LabelledGlyph]:
    """Glyphs of a face with the labels that its own ``cmap`` and shaping give them.

    Every candidate that becomes no row is counted in ``dropped`` under its reason: those of :func:`reached`, ``empty``,
    ``broken outline``, ``outside the label set``.
    """
    for label, gid in reached(face, labels, dropped):
        try:
            outline = face.outline(gid)
        except GlyphError:
            dropped["broken outline"] += 1
            continue
        if outline.empty:
            dropped["empty"] += 1
            continue
        yield LabelledGlyph(label, gid, face.names[gid], face.advance(gid), outline)
    known = {code for codepoint in labels.codepoint for code in _codes(codepoint)}
    dropped["outside the label set"] += sum(code not in known for code in face.cmap)


def _codes(codepoint: str) -> list[int]:
    """``U+0644+U+0671`` → its numbers."""
    return [int(code, 16) for code in re.findall(r"U\+([0-9A-F]+)", codepoint)]


def _glyph_for(face: FontFace, label: str, base: str, codes: list[int], kind: str, dropped: Counter[str]) -> int | None:
    """Glyph index for a label; None when the font has no such form (not a loss) or it was counted in ``dropped``."""
    context = JOINING_FORMS.get(label[-5:])
    if len(base) == 1 and context is None:
        return face.cmap.get(codes[0]) if codes else None
    if len(base) > 1:  # a ligature, of letters or of marks: shaped, or mapped directly at its presentation form
        before, after = context or ("", "")
        if all(ord(character) in face.cmap for character in base):
            shaped = face.shape(before + base + after)
            if len(shaped) == 1:
                return shaped[0]
        return face.cmap.get(codes[0]) if len(codes) == 1 else None
    if ord(base) not in face.cmap or context is None:
        return None
    shaped = face.shape(context[0] + base + context[1])
    if len(shaped) != 1:
        dropped["several glyphs"] += 1
        return None
    if label.endswith("_isol"):
        return shaped[0]
    isolated = face.shape(base)
    if isolated == shaped:
        dropped["equal to isolated"] += 1
        return None
    return shaped[0]
