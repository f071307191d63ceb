"""Type 3 fonts: the outline that a glyph's procedure fills, or the outline of the bitmap that it paints.

Paths are used as they are built; strokes and clips are ignored. An image mask becomes one rectangle for every run of
ink in a row. The unit is a thousandth of the text space (PDF 32000-1, 9.6.5).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pikepdf

from glyphcore.data.outline import Outline, OutlineBuilder
from glyphcore.errors import GlyphError, OutlineError
from glyphcore.pdf.encodings import Encoding
from glyphcore.pdf.objects import (
    FAULTS,
    IDENTITY,
    Matrix,
    content,
    elements,
    get,
    items,
    matrix,
    multiplied,
    name,
    number,
)

UPEM = 1000
OPERATIONS = 40_000
"""Largest number of operators of one procedure."""
LONGEST = 1 << 20
"""Largest number of bytes of one procedure."""
PIXELS = 4_000_000
"""Largest number of pixels of one image; a glyph of a scanned page has some thousands."""
POINTS = 31_000
PAINTED = "m l c v y h re cm q Q Do d0 d1 BI ID EI"


class Procedures:
    """The procedures of a Type 3 font as a font program; glyph indices are codes."""

    by = "Type 3 procedures"
    upem = UPEM

    def __init__(self, font: pikepdf.Object) -> None:
        self.matrix = matrix(get(font, "/FontMatrix")) if get(font, "/FontMatrix") is not None else _THOUSANDTH
        self._encoding = Encoding(get(font, "/Encoding"))
        self._procedures = dict(items(get(font, "/CharProcs")))
        self._resources = get(font, "/Resources")
        self._drawn: dict[int, tuple[Outline | OutlineError, float]] = {}

    @property
    def glyph_count(self) -> int:
        return 256

    def has(self, glyph_name: str) -> bool:
        """Whether there is a procedure of that name."""
        return bool(glyph_name) and f"/{glyph_name}" in self._procedures

    def advance(self, gid: int) -> float:
        """Return the advance width of a code in thousandths of the text space."""
        return self._draw(gid)[1]

    def outlines(self, gids: Sequence[int]) -> list[Outline | OutlineError]:
        """Return the outline of each code, or its error."""
        return [self._draw(gid)[0] for gid in gids]

    def _draw(self, code: int) -> tuple[Outline | OutlineError, float]:
        if code not in self._drawn:
            to_units = multiplied(self.matrix, (UPEM, 0, 0, UPEM, 0, 0))
            pen = _Pen(to_units, self._resources)
            procedure = self._procedures.get(f"/{self._encoding.name(code)}")
            try:
                pen.run(procedure)
                outline: Outline | OutlineError = pen.outline()
            except OutlineError as error:
                outline = error
            except (*FAULTS, GlyphError) as error:
                outline = OutlineError(f"The procedure cannot be read: {type(error).__name__}.")
            self._drawn[code] = outline, pen.advance
        return self._drawn[code]


_THOUSANDTH: Matrix = (0.001, 0, 0, 0.001, 0, 0)


class _Pen:
    """Interprets the operators of a procedure."""

    def __init__(self, to_units: Matrix, resources: Any) -> None:
        self.advance = 0.0
        self._resources = resources
        self._now = to_units
        self._kept: list[Matrix] = []
        self._builder = OutlineBuilder()
        self._current = (0.0, 0.0)
        self._points = 0
        self._started = False

    def outline(self) -> Outline:
        return self._builder.outline()

    def run(self, procedure: Any, depth: int = 0) -> None:
        """Run a procedure; raises any exception that a broken procedure causes."""
        if not isinstance(procedure, pikepdf.Stream) or depth > 4:
            return
        if len(content(procedure)) > LONGEST:
            raise OutlineError("The procedure is too long.")
        for count, instruction in enumerate(pikepdf.parse_content_stream(procedure, PAINTED)):
            if count > OPERATIONS or self._points > POINTS:
                raise OutlineError("The procedure has too many operators.")
            if isinstance(instruction, pikepdf.ContentStreamInlineImage):
                self._image(stencil(_inline(instruction.iimage)))
                continue
            operator = str(instruction.operator)
            if operator == "Do":
                self._painted(instruction.operands, depth)
            else:
                self._follow(operator, [number(operand) for operand in instruction.operands])

    def _follow(self, operator: str, v: list[float]) -> None:
        needs = {"m": 2, "l": 2, "c": 6, "v": 4, "y": 4, "re": 4, "cm": 6, "d0": 2, "d1": 6}.get(operator, 0)
        if len(v) < needs:
            return
        if operator in ("d0", "d1"):
            self.advance = v[0] * self._now[0]
        elif operator == "q" and len(self._kept) < 64:
            self._kept.append(self._now)
        elif operator == "Q" and self._kept:
            self._now = self._kept.pop()
        elif operator == "cm":
            self._now = multiplied((v[0], v[1], v[2], v[3], v[4], v[5]), self._now)
        elif operator == "m":
            self._move(v[0], v[1])
        elif operator == "re":
            self._rectangle(v[0], v[1], v[2], v[3])
        elif operator == "h":
            self._builder.close()
            self._started = False
        elif operator in ("l", "c", "v", "y"):
            self._curve(operator, v)

    def _curve(self, operator: str, v: list[float]) -> None:
        if not self._started:  # after a closed contour, the next contour starts at the same point
            self._move(*self._current)
        if operator == "l":
            self._builder.line_to(self._at(v[0], v[1]))
        elif operator == "c":
            self._builder.cubic_to([self._at(v[0], v[1]), self._at(v[2], v[3]), self._at(v[4], v[5])])
        elif operator == "v":
            self._builder.cubic_to([self._at(*self._current), self._at(v[0], v[1]), self._at(v[2], v[3])])
        else:
            self._builder.cubic_to([self._at(v[0], v[1]), self._at(v[2], v[3]), self._at(v[2], v[3])])
        self._current = v[-2], v[-1]
        self._points += 1 if operator == "l" else 3

    def _move(self, x: float, y: float) -> None:
        self._builder.move_to(self._at(x, y))
        self._current, self._started = (x, y), True
        self._points += 1

    def _rectangle(self, x: float, y: float, width: float, height: float) -> None:
        self._builder.move_to(self._at(x, y))
        for corner in ((x + width, y), (x + width, y + height), (x, y + height)):
            self._builder.line_to(self._at(*corner))
        self._builder.close()
        self._current, self._started = (x, y), False
        self._points += 4

    def _at(self, x: float, y: float) -> tuple[float, float]:
        m = self._now
        return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]

    def _painted(self, operands: Any, depth: int) -> None:
        """Draw an image or a form that the procedure names."""
        resources = get(self._resources, "/XObject")
        value = get(resources, str(operands[0])) if operands else None
        if name(get(value, "/Subtype")) == "Image":
            self._image(stencil(value))
        elif name(get(value, "/Subtype")) == "Form":
            kept = self._now
            form = matrix(get(value, "/Matrix")) if get(value, "/Matrix") is not None else IDENTITY
            self._now = multiplied(form, self._now)
            self.run(value, depth + 1)
            self._now = kept

    def _image(self, ink: np.ndarray) -> None:
        """Draw a stencil mask, which fills the unit square: one rectangle for each run of ink in a row."""
        height, width = ink.shape
        edges = np.diff(np.pad(ink.astype(np.int8), ((0, 0), (1, 1))), axis=1)
        for row in range(height):
            starts, stops = np.flatnonzero(edges[row] == 1), np.flatnonzero(edges[row] == -1)
            for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
                self._rectangle(start / width, 1 - (row + 1) / height, (stop - start) / width, 1 / height)
                if self._points > POINTS:
                    raise OutlineError("The procedure paints too large an image.")


def stencil(image: Any) -> np.ndarray:
    """Return the ink of a bilevel image, bool [height, width], first row on top: pixels where the mask lets paint
    through.

    Raises OutlineError for an image that is not bilevel or is too large.
    """
    width, height = int(number(get(image, "/Width"))), int(number(get(image, "/Height")))
    mask = get(image, "/ImageMask") is not None or number(get(image, "/BitsPerComponent"), 1) == 1
    if not mask or not 0 < width * height <= PIXELS:
        raise OutlineError("The procedure paints an image that is no bitmap.")
    filters = get(image, "/Filter")
    if "CCITTFaxDecode" in (name(filters), *(name(element) for element in elements(filters))):
        bits = np.asarray(pikepdf.PdfImage(image).as_pil_image(apply_decode_array=False).convert("L")) >= 128
    else:
        row = (width + 7) // 8
        data = np.frombuffer(content(image).ljust(row * height, b"\0")[: row * height], np.uint8)
        bits = np.unpackbits(data.reshape(height, row), axis=1)[:, :width] > 0
    inverted = number(next(iter(elements(get(image, "/Decode"), 2)), 0)) == 1
    return bits if inverted else ~bits


_KEYS = {"/W": "/Width", "/H": "/Height", "/IM": "/ImageMask", "/D": "/Decode", "/F": "/Filter", "/DP": "/DecodeParms",
         "/BPC": "/BitsPerComponent"}  # fmt: skip
_FILTERS = {"/AHx": "/ASCIIHexDecode", "/A85": "/ASCII85Decode", "/LZW": "/LZWDecode", "/Fl": "/FlateDecode",
            "/RL": "/RunLengthDecode", "/CCF": "/CCITTFaxDecode"}  # fmt: skip


def _inline(image: Any) -> pikepdf.Stream:
    """Return an inline image as a stream: pikepdf does not accept an image whose data touch its end mark."""
    tokens = list(image._image_object)
    described = {}
    for key, value in zip(tokens[::2], tokens[1::2], strict=False):
        whole = _KEYS.get(str(key), str(key))
        if whole == "/Filter":
            names = elements(value) if isinstance(value, pikepdf.Array) else [value]
            value = pikepdf.Array([pikepdf.Name(_FILTERS.get(str(name), str(name))) for name in names])
        if whole in _KEYS.values():
            described[whole] = value
    return pikepdf.Stream(_holder(), image.read_raw_bytes(), pikepdf.Dictionary(described))


@lru_cache(maxsize=1)
def _holder() -> pikepdf.Pdf:
    """Return the PDF that owns the streams that this module makes."""
    return pikepdf.new()
