"""The operators of a content stream that show text, followed as they are parsed (PDF 32000-1, 9.3 and 9.4)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Protocol

import pikepdf

from glyphcore.pdf.fonts import Font
from glyphcore.pdf.objects import IDENTITY, Matrix, elements, get, multiplied, name, number

TEXT = frozenset(["Tj", "TJ", "Td", "TD", "Tm", "T*", "Ts", "Tc", "Tw", "Tz", "TL"])
"""Operators that show text in one font, and move it."""
OPERANDS = 4096
"""Of one operator."""


@dataclass(slots=True)
class Shown:
    """One glyph on a page."""

    font: Font
    code: int
    page: int
    x: float
    """Along the text, in points, ``y`` across it."""
    y: float
    advance: float
    """Points to the next glyph, without what the text adds between glyphs."""
    size: float
    """Of the font, in points."""
    angle: int
    """Degrees by which the text is turned on the page."""
    actual: int = -1
    """Which of :attr:`Content.actual` it is part of; −1 for none."""
    made: tuple[int, ...] = ()
    """Places in the drawing order of the glyphs that it is put together from, the skeleton first."""
    at: tuple[Any, int, int, int] | None = None
    """Its content stream's key, a number that changes where something else than text is shown or set, and which glyph
    of which string of the stream it is, both from 0; None unless it was asked for."""


@dataclass
class State:
    """Graphics and text state, as far as text needs it."""

    ctm: Matrix
    font: Font | None = None
    size: float = 1.0
    spacing: float = 0.0
    words: float = 0.0
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0


class Surroundings(Protocol):
    """What a content stream is part of."""

    @property
    def actual(self) -> int:
        """The ActualText that content is part of now; −1 for none."""

    def count(self, tokens: int) -> None:
        """Tokens of a stream so far; raises ValueError when they are too many."""

    def font(self, value: Any) -> Font | None:
        """The font of a dictionary, known or new."""

    def form(self, resources: Any, form: Any, state: State, depth: int) -> None:
        """Walk a form where it is painted."""

    def pattern(self, pattern: Any, depth: int) -> None:
        """Walk a tiling pattern."""

    def mark(self, properties: Any) -> None:
        """Marked content begins."""

    def unmark(self) -> None:
        """Marked content ends."""

    def show(self, shown: Shown) -> None:
        """Take a glyph."""

    def lose(self) -> None:
        """A string is shown in a font that is missing."""


class TextOperators(pikepdf.StreamParser):
    """The operators of one content stream, followed as they are parsed."""

    def __init__(self, around: Surroundings, resources: Any, state: State, depth: int, key: Any = None) -> None:
        """``key`` of the stream, if each glyph shall say where in it it stands."""
        super().__init__()
        self._key, self._strings, self._stretch = key, 0, 0
        self._around, self._resources, self._depth = around, resources, depth
        self._state, self._kept = state, list[State]()
        self._matrix = self._line = IDENTITY
        self._operands: list[Any] = []
        self._tokens = 0

    def handle_object(self, value: Any, offset: int, length: int) -> None:
        """An operand, or the operator that takes those before it."""
        self._tokens += 1
        self._around.count(self._tokens)
        if not isinstance(value, pikepdf.Operator):
            if len(self._operands) < OPERANDS:
                self._operands.append(value)
            return
        operands, self._operands = self._operands, []
        try:
            operator = str(value)
        except UnicodeDecodeError:  # damage
            return
        self._stretch += operator not in TEXT
        if operator in ("Tj", "TJ", "'", '"'):
            self._show(operator, operands)
        elif (do := _DO.get(operator)) is not None:
            do(self, operands)

    def handle_eof(self) -> None:
        """Nothing is left to do."""

    def _named(self, kind: str, operands: Any) -> Any:
        return get(get(self._resources, kind), str(operands[-1])) if len(operands) and name(operands[-1]) else None

    def _save(self, operands: Any) -> None:
        if len(self._kept) < 500:
            self._kept.append(replace(self._state))

    def _restore(self, operands: Any) -> None:
        self._state = self._kept.pop() if self._kept else self._state

    def _concatenate(self, operands: Any) -> None:
        self._state.ctm = multiplied(_six(operands), self._state.ctm)

    def _begin(self, operands: Any) -> None:
        self._matrix = self._line = IDENTITY

    def _font(self, operands: Any) -> None:
        if len(operands) == 2:
            value = get(get(self._resources, "/Font"), str(operands[0])) if name(operands[0]) else None
            self._state.font, self._state.size = self._around.font(value), number(operands[1])

    def _graphics(self, operands: Any) -> None:
        font = elements(get(self._named("/ExtGState", operands), "/Font"), 2)
        if len(font) == 2:
            self._state.font, self._state.size = self._around.font(font[0]), number(font[1])

    def _set(self, key: str, operands: Any, factor: float = 1.0) -> None:
        if len(operands):
            setattr(self._state, key, number(operands[0]) * factor)

    def _move(self, operands: Any, leading: bool = False) -> None:
        if len(operands) >= 2:
            x, y = number(operands[0]), number(operands[1])
            if leading:
                self._state.leading = -y
            self._matrix = self._line = multiplied((1, 0, 0, 1, x, y), self._line)

    def _next_line(self, operands: Any) -> None:
        self._matrix = self._line = multiplied((1, 0, 0, 1, 0, -self._state.leading), self._line)

    def _place(self, operands: Any) -> None:
        self._matrix = self._line = _six(operands)

    def _paint(self, operands: Any) -> None:
        self._around.form(self._resources, self._named("/XObject", operands), self._state, self._depth)

    def _color(self, operands: Any) -> None:
        self._around.pattern(self._named("/Pattern", operands), self._depth)

    def _mark(self, operands: Any) -> None:
        properties = operands[-1] if len(operands) > 1 else None
        if isinstance(properties, pikepdf.Name):
            properties = get(get(self._resources, "/Properties"), str(properties))
        self._around.mark(properties)

    def _unmark(self, operands: Any) -> None:
        self._around.unmark()

    def _show(self, operator: str, operands: Any) -> None:
        if not len(operands):
            return
        if operator == '"' and len(operands) == 3:
            self._state.words, self._state.spacing = number(operands[0]), number(operands[1])
        if operator in "'\"":
            self._next_line(operands)
        state = self._state
        for element in elements(operands[0]) if operator == "TJ" else [operands[-1]]:
            if isinstance(element, pikepdf.String):
                self._string(bytes(element), state)
            else:
                shift = -number(element) / 1000 * state.size
                self._matrix = multiplied(self._step(state, shift), self._matrix)

    def _step(self, state: State, shift: float) -> Matrix:
        if state.font is not None and state.font.vertical:
            return (1, 0, 0, 1, 0, -shift)
        return (1, 0, 0, 1, shift * state.scale, 0)

    def _string(self, data: bytes, state: State) -> None:
        font = state.font
        self._strings += 1
        if font is None:
            self._around.lose()
            return
        for i, code in enumerate(font.codes(data)):
            font.used[code] += 1
            width = font.advance(code) * state.size
            spaced = width + state.spacing + (state.words if code == 32 and font.width == 1 else 0)
            base = multiplied(self._matrix, state.ctm)
            step = multiplied(self._step(state, width), base)
            shown = _placed(font, code, base, step, state, self._around.actual)
            if self._key is not None:
                shown.at = self._key, self._stretch, self._strings - 1, i
            self._around.show(shown)
            self._matrix = multiplied(self._step(state, spaced), self._matrix)


def _placed(font: Font, code: int, base: Matrix, step: Matrix, state: State, actual: int) -> Shown:
    along = math.atan2(base[1], base[0]) - (math.pi / 2 if font.vertical else 0)
    cosine, sine = math.cos(along), math.sin(along)
    x0, y0 = base[4] + base[2] * state.rise, base[5] + base[3] * state.rise
    dx, dy = step[4] - base[4], step[5] - base[5]
    size = math.hypot(base[2], base[3]) * abs(state.size)
    return Shown(font, code, 0, cosine * x0 + sine * y0, cosine * y0 - sine * x0, cosine * dx + sine * dy, size,
                 round(math.degrees(along)), actual)  # fmt: skip


def _six(operands: Any) -> Matrix:
    six = [number(operand) for operand in list(operands)[:6]]
    return (six[0], six[1], six[2], six[3], six[4], six[5]) if len(six) == 6 else IDENTITY


_T = TextOperators
_DO: dict[str, Any] = {
    "q": _T._save, "Q": _T._restore, "cm": _T._concatenate, "BT": _T._begin, "Tf": _T._font, "gs": _T._graphics,
    "Td": _T._move, "TD": lambda self, v: self._move(v, leading=True), "T*": _T._next_line, "Tm": _T._place,
    "Do": _T._paint, "scn": _T._color, "SCN": _T._color, "BDC": _T._mark,
    "BMC": lambda self, v: self._around.mark(None), "EMC": _T._unmark,
    "Tc": lambda self, v: self._set("spacing", v), "Tw": lambda self, v: self._set("words", v),
    "Tz": lambda self, v: self._set("scale", v, 0.01), "TL": lambda self, v: self._set("leading", v),
    "Ts": lambda self, v: self._set("rise", v),
}  # fmt: skip
