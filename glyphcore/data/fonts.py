"""Reads outlines, names, metrics and characters from a font file, or from a font program in a PDF.

fontTools opens the containers (TTF, OTF, TTC, WOFF, WOFF2, dfont) and reads names, metrics and ``cmap``; HarfBuzz
shapes and draws. HarfBuzz's outlines are used both for building a database and for reading a font, so both see the same
pixels. FreeType draws the programs that HarfBuzz cannot draw (:mod:`glyphcore.data.programs`); remarks mention it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import uharfbuzz as hb
from fontTools.ttLib import TTFont, TTLibError

from glyphcore.data.composites import too_many
from glyphcore.data.containers import SFNT, SUFFIXES, FontFile, fonts_in, read_file, unpacked
from glyphcore.data.font_metrics import Metrics, metrics_of
from glyphcore.data.mapping import CharacterMap, Codes, choose_mapping, codes_of, is_character, one_byte
from glyphcore.data.outline import Outline
from glyphcore.data.programs import HARFBUZZ, FreeTypeProgram, HarfBuzzProgram, Program
from glyphcore.errors import FontError, OutlineError

JOINER = "\u200d"
NOTDEF = 0
"""Index of the glyph that stands for all missing characters of a font (OpenType: ``.notdef``)."""
PICTURES = {"CBDT": "CBDT", "sbix": "sbix", "SVG ": "SVG", "COLR": "COLR", "EBDT": "EBDT", "bdat": "bdat"}
"""Tables that hold glyphs as pictures, and their names."""
OUTLINES = ("glyf", "CFF ", "CFF2")
PLAIN = (b"\0\1\0\0", b"\0\2\0\0", b"OTTO", b"true", b"typ1")
"""First bytes of tables that FreeType may open where fontTools or HarfBuzz failed; never a compressed font."""


class FontFace:
    """One face of a font file. Raises FontError when the file cannot be read."""

    def __init__(self, path: Path, number: int = 0, file: FontFile | None = None, *, open_now: bool = True) -> None:
        """``file``: the content of the file, if it was read before. Without ``open_now``, a font that needs FreeType is
        opened on first use, and any property may raise FontError."""
        self.path = path
        self.number = number
        self._file = file = file or read_file(path)
        self.file_hash = file.file_hash
        self._tables: TTFont | None = None
        self._harfbuzz: HarfBuzzProgram | None = None
        self._fault = ""
        if file.kind == SFNT:
            self._open_tables()
        if open_now and not self._harfbuzz:
            self.glyph_count  # noqa: B018  raises FontError

    def _open_tables(self) -> None:
        """Open the file with fontTools and HarfBuzz. Raises FontError where it has no outlines."""
        path, (data, number) = self.path, self._file.program(self.number)
        try:
            data = unpacked(data)
            self._tables = TTFont(io.BytesIO(data), fontNumber=number, lazy=True)
            self._harfbuzz = HarfBuzzProgram(data, number)
        except Exception as error:  # fontTools raises any kind of exception for a broken table
            if isinstance(error, MemoryError):
                raise
            reason = str(error) if isinstance(error, (TTLibError, ValueError)) else f"{type(error).__name__}: {error}"
            self._fault = f"{path.name} is not a readable font: {reason[:120]}"
        else:
            if self._harfbuzz.upem <= 0 or self._harfbuzz.glyph_count == 0:
                self._harfbuzz, self._fault = None, f"{path.name} has no glyphs."
            drawable = any(tag in self._tables for tag in OUTLINES)
            if not drawable and self.pictures:
                raise FontError(f"{path.name} holds pictures ({self.pictures}), no outlines.", subject=path)
        self._plain = data, number
        if not self._harfbuzz and not (data[:4] in PLAIN and re.search(rb"glyf|CFF ", data[: 12 + 16 * 64])):
            raise FontError(self._fault, subject=path)

    @cached_property
    def _program(self) -> Program:
        """HarfBuzz if it draws any glyph; else FreeType if it does; else HarfBuzz."""
        harfbuzz = self._harfbuzz
        if harfbuzz and _draws(harfbuzz):
            return harfbuzz
        data, number = self._plain if self._file.kind == SFNT else self._file.program(self.number)
        try:
            other = FreeTypeProgram(data, number, self._file.kind)
            if self._file.kind == SFNT:
                other.refused = too_many(data, number)
        except FontError as error:
            if harfbuzz:
                return harfbuzz
            fault = self._fault or f"{self.path.name} is not a readable font: {error.problem}"
            raise FontError(fault, subject=self.path) from error
        return other if not harfbuzz or (other.glyph_count == harfbuzz.glyph_count and _draws(other)) else harfbuzz

    @property
    def opened(self) -> bool:
        """Whether the drawing library has opened the font; otherwise FreeType will read the whole file at the next
        access."""
        return self._harfbuzz is not None or "_program" in vars(self)

    @property
    def draws(self) -> bool:
        """Whether there is any glyph to draw other than glyph 0."""
        return _draws(self._program, 1)

    @property
    def by(self) -> str:
        """The library that draws the outlines (:mod:`glyphcore.data.programs`)."""
        return self._program.by

    @cached_property
    def upem(self) -> int:
        """Font units per em."""
        return (self._harfbuzz or self._program).upem

    @cached_property
    def glyph_count(self) -> int:
        """Number of glyphs of the face."""
        return (self._harfbuzz or self._program).glyph_count

    @property
    def pictures(self) -> str:
        """Names of the tables that hold glyphs as pictures, for people; empty where there is none."""
        kinds = [name for tag, name in PICTURES.items() if self._tables is not None and tag in self._tables]
        return ", ".join(kinds)

    def remarks(self, *, mapping: bool = False) -> list[str]:
        """Return remarks on unusual fonts: the library that draws the outlines and, with ``mapping``, the source of the
        characters."""
        by = self.by
        kind = "" if self._file.kind == SFNT else f"{self._file.kind}, "
        remarks = [] if by == HARFBUZZ else [f"{kind}outlines as {by} draws them"]
        if mapping and self.character_map.by:
            remarks.append(f"characters from {self.character_map.by}")
        return remarks

    @cached_property
    def cmap(self) -> dict[int, int]:
        """Code point → glyph index, from a Unicode ``cmap`` or, without one, from exact glyph names; empty for many
        fonts extracted from PDFs. Raises FontError for a broken character map."""
        return self.character_map.characters if self.character_map.sure else {}

    @cached_property
    def character_map(self) -> CharacterMap:
        """The characters of the font by its own tables, including codes of one byte, which have no meaning in some
        PDFs.

        Halves of surrogate pairs, which damaged fonts map, are not characters and are left out.
        """
        if self._tables is not None and "cmap" in self._tables:
            try:
                order = {name: i for i, name in enumerate(self.names)}
                best = self._tables.getBestCmap() or {}
            except Exception as error:
                raise self._broken_map(error) from error
            characters = {code: order[name] for code, name in best.items() if name in order and is_character(code)}
            if characters:
                return CharacterMap(characters)
        return choose_mapping(self._codes, self.own_names)

    @cached_property
    def _codes(self) -> Codes | None:
        if self._tables is None or "cmap" not in self._tables:
            return None
        try:
            return codes_of(self._tables["cmap"].tables, {name: i for i, name in enumerate(self.names)})
        except Exception as error:
            raise self._broken_map(error) from error

    def _broken_map(self, error: Exception) -> FontError:
        return FontError(f"{self.path.name} has a broken character map: {error}", subject=self.path)

    def codes(self) -> tuple[int, dict[int, int]]:
        """Number of bytes of a code, and code → glyph index, by the font's own encoding: a symbol or Macintosh
        ``cmap``, the encoding of a Type 1 font or a bare CFF, or the numbers of a CID-keyed font; empty where there is
        none."""
        if cids := self._cids:
            return 2, {cid: gid for gid, cid in enumerate(cids) if gid}
        if isinstance(self._program, FreeTypeProgram) and self._tables is None:
            return 1, self._program.codes
        return 1, {code: gid for code, gid in one_byte(self._codes).items() if code < 256}

    @cached_property
    def _cids(self) -> list[int]:
        if self._tables is None:
            return self._program.cids if isinstance(self._program, FreeTypeProgram) else []
        if "CFF " not in self._tables:
            return []
        numbers = [re.fullmatch("cid([0-9]+)", name) for name in self.names]
        return [int(number[1]) if number else 0 for number in numbers] if any(numbers[1:]) else []

    @cached_property
    def names(self) -> list[str]:
        """Glyph names in glyph order; ``gid123`` where the font has none."""
        if self._tables is None:
            stored = self._program.names if isinstance(self._program, FreeTypeProgram) else []
            return [name or f"gid{i}" for i, name in enumerate(stored)]
        try:
            names = list(self._tables.getGlyphOrder())
        except Exception:  # names are optional; a broken table of names must not prevent reading outlines or characters
            names = []
        names += [f"gid{i}" for i in range(len(names), self.glyph_count)]
        self._tables.setGlyphOrder(names)
        return names

    @property
    def has_tables(self) -> bool:
        """Whether the font has TrueType or OpenType tables; otherwise it is a bare CFF or a Type 1 font."""
        return self._tables is not None

    @property
    def own_names(self) -> list[str]:
        """Names that are in the font; fontTools invents other names."""
        if self._tables is None or "CFF " in self._tables:
            return self.names
        try:
            form = self._tables["post"].formatType
        except Exception:
            return []
        return self.names if form == 2 or (form == 1 and self.glyph_count == 258) else []

    @cached_property
    def metrics(self) -> Metrics:
        """Metrics and names; for a program without tables only the family name of the program."""
        program = self._program if self._tables is None else None
        own = program.family if isinstance(program, FreeTypeProgram) else ""
        return metrics_of(self._tables, self.upem, own or self.path.stem)

    def advance(self, gid: int) -> float:
        """Return the advance width of a glyph in font units."""
        return (self._harfbuzz or self._program).advance(gid)

    def outline(self, gid: int) -> Outline:
        """Return the outline of a glyph with composites resolved. Raises OutlineError when it is malformed."""
        (outline,) = self.outlines([gid])
        if isinstance(outline, OutlineError):
            raise outline
        return outline

    def outlines(self, gids: Sequence[int]) -> list[Outline | OutlineError]:
        """Return the outline of each glyph, or its error; several times faster than one by one."""
        return self._program.outlines(gids)

    def shape(self, text: str) -> list[int]:
        """Shape Arabic text into glyph indices, right to left, without joiners and without dotted circles for single
        marks.

        A program without a Unicode ``cmap`` is not shaped: each character gives its glyph.
        """
        if not self._harfbuzz or self.character_map.by:
            return [self.cmap.get(ord(character), 0) for character in reversed(text) if character != JOINER]
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.direction, buffer.script, buffer.language = "rtl", "Arab", "ar"
        buffer.flags = hb.BufferFlags.REMOVE_DEFAULT_IGNORABLES | hb.BufferFlags.DO_NOT_INSERT_DOTTED_CIRCLE
        hb.shape(self._harfbuzz.font, buffer)
        return [info.codepoint for info in buffer.glyph_infos]


def _draws(program: Program, first: int = 0) -> bool:
    """Return whether a program draws any glyph from the ``first`` on; the first glyphs decide, except in fonts of
    spaces."""
    for start in range(first, program.glyph_count, 16):
        for outline in program.outlines(range(start, min(start + 16, program.glyph_count))):
            if isinstance(outline, OutlineError) or not outline.empty:
                return True
    return False


def open_faces(path: Path, number: int | None = None, *, open_now: bool = True) -> list[FontFace]:
    """Return all faces of a font file, several for a collection, or only the face of that ``number``.

    Raises FontError when the file cannot be read or has no such face. ``open_now``: as for :class:`FontFace`.
    """
    file = read_file(path)
    if number is not None and not 0 <= number < file.faces:
        last = f"faces 0 to {file.faces - 1}" if file.faces > 1 else "face 0 alone"
        raise FontError(f"{path.name} has no face {number}: it has {last}.", subject=path, remedy="Count from 0.")
    numbers = range(file.faces) if number is None else [number]
    faces = [FontFace(path, number, file, open_now=open_now) for number in numbers]
    if open_now and all(face.pictures and not face.draws for face in faces):
        raise FontError(f"{path.name} holds pictures ({faces[0].pictures}), no outlines.", subject=path)
    return faces


def font_files(paths: list[Path]) -> list[Path]:
    """Return the font files in ``paths``, with folders searched recursively, in sorted order.

    Raises FontError for a path that does not exist or a folder without fonts.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            fonts = fonts_in(path)
            if not fonts:
                raise FontError(f"{path} holds no {', '.join(SUFFIXES)} file.", subject=path)
            files += fonts
        elif path.is_file():
            files.append(path)
        else:
            raise FontError(f"{path} does not exist.", subject=path, remedy="Check the path.")
    return list(dict.fromkeys(files))
