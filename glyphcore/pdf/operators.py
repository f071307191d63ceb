"""Operators of a content stream that show text, interpreted during parsing (PDF 32000-1, 9.3 and 9.4)."""

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
"""Largest number of operands of one operator."""


@dataclass(slots=True)
class Shown:
    """One glyph on a page."""

    font: Font
    code: int
    page: int
    x: float
    """Position along the text, in points; ``y`` is the position across it."""
    y: float
    advance: float
    """Distance to the next glyph in points, without the space that the text state adds between glyphs."""
    size: float
    """Font size in points."""
    angle: int
    """Rotation of the text on the page, in degrees."""
    actual: int = -1
    """Index into :attr:`Content.actual` of the text that the glyph belongs to; −1 for none."""
    made: tuple[int, ...] = ()
    """Positions in the drawing order of the glyphs that this glyph is composed of, the skeleton first."""
    at: tuple[Any, int, int, int] | None = None
    """Place in a content stream: the key of the stream, a number that changes where something other than text is shown
    or set, the number of the string, and the number of the glyph in the string (both from 0). None unless places were
    requested."""


@dataclass
class State:
    """Graphics and text state, as far as it is needed for text."""

    ctm: Matrix
    font: Font | None = None
    size: float = 1.0
    spacing: float = 0.0
    words: float = 0.0
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0


class Surroundings(Protocol):
    """Interface of the object that surrounds a content stream."""

    @property
    def actual(self) -> int:
        """Index of the ActualText around the current content; −1 for none."""

    def count(self, tokens: int) -> None:
        """Count the tokens of a stream so far; raises ValueError when there are too many."""

    def font(self, value: Any) -> Font | None:
        """Return the font of a dictionary, known or new."""

    def form(self, resources: Any, form: Any, state: State, depth: int) -> None:
        """Walk a form where it is painted."""

    def pattern(self, pattern: Any, depth: int) -> None:
        """Walk a tiling pattern."""

    def mark(self, properties: Any) -> None:
        """Begin marked content."""

    def unmark(self) -> None:
        """End marked content."""

    def show(self, shown: Shown) -> None:
        """Receive a glyph."""

    def lose(self) -> None:
        """Record a string that is shown in a missing font."""


class TextOperators(pikepdf.StreamParser):
    """Interprets the operators of one content stream during parsing."""

    def __init__(self, around: Surroundings, resources: Any, state: State, depth: int, key: Any = None) -> None:
        """``key`` of the stream is given if each glyph shall record its place in the stream."""
        super().__init__()
        self._key, self._strings, self._stretch = key, 0, 0
        self._around, self._resources, self._depth = around, resources, depth
        self._state, self._kept = state, list[State]()
        self._matrix = self._line = IDENTITY
        self._operands: list[Any] = []
        self._tokens = 0

    def handle_object(self, value: Any, offset: int, length: int) -> None:
        """Receive an operand, or an operator, which takes the operands before it."""
        self._tokens += 1
        self._around.count(self._tokens)
        if not isinstance(value, pikepdf.Operator):
            if len(self._operands) < OPERANDS:
                self._operands.append(value)
            return
        operands, self._operands = self._operands, []
        try:
            operator = str(value)
        except UnicodeDecodeError:  # damaged operator
            return
        self._stretch += operator not in TEXT
        if operator in ("Tj", "TJ", "'", '"'):
            self._show(operator, operands)
        elif (do := _DO.get(operator)) is not None:
            do(self, operands)

    def handle_eof(self) -> None:
        """Do nothing; no work is left."""

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
