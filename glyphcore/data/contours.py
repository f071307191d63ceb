"""Outlines: drawing commands as JSON in ``glyphs.db`` ↔ arrays in memory.

In memory an outline has FreeType's own layout (points, one tag a point, last point of each contour), so that drawing
one needs no conversion. Both ways into that layout, stored JSON and a font file, end in :func:`canonical`; this is what
makes their rasters equal pixel for pixel.

References: FreeType ``FT_Outline``; fontTools pen protocol for the command names and TrueType's implied points.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from glyphcore.errors import OutlineError

ON, QUADRATIC, CUBIC = 1, 0, 2
"""FreeType's point tags: on the curve, control point of a quadratic, control point of a cubic."""
MAX_POINTS = 32_000
"""FreeType counts points in 16 bits; real glyphs stay far below."""
MAX_COORDINATE = 1_000_000.0
"""Font units; the largest em of any font format is 16,384."""
MAX_STORED = 4_000_000
"""Bytes of an outline's JSON; one of ``MAX_POINTS`` points has a tenth to a half of that."""
DECIMALS = 2
"""Coordinates are kept to a hundredth of a font unit (composites may be scaled to fractions)."""


@dataclass(frozen=True)
class Outline:
    """A glyph's filled outline, y up."""

    points: np.ndarray
    """float64 [points, 2], font units."""
    tags: np.ndarray
    """uint8 [points]: ON, QUADRATIC or CUBIC."""
    ends: np.ndarray
    """int16 [contours]: index of each contour's last point."""

    @property
    def empty(self) -> bool:
        """Whether nothing would be filled."""
        return len(self.ends) == 0


class OutlineBuilder:
    """Collects pen commands; :meth:`outline` gives the canonical outline.

    The methods are the fontTools pen protocol, except that ``qCurveTo`` and ``curveTo`` take one sequence of points.
    """

    def __init__(self) -> None:
        self._points: list[tuple[float, float]] = []
        self._tags: list[int] = []
        self._ends: list[int] = []
        self._start = 0

    def move_to(self, point: tuple[float, float]) -> None:
        self.close()
        self._add(point, ON)

    def line_to(self, point: tuple[float, float]) -> None:
        self._add(point, ON)

    def quadratic_to(self, points: list[tuple[float, float]], *, closed: bool = False) -> None:
        """Control points, then the end point; ``closed`` says that all are control points of a whole contour."""
        if not closed:
            self._started()
        for point in points if closed else points[:-1]:
            self._add(point, QUADRATIC)
        if not closed:
            self._add(points[-1], ON)

    def cubic_to(self, points: list[tuple[float, float]]) -> None:
        """Two control points and the end point."""
        self._started()
        self._add(points[0], CUBIC)
        self._add(points[1], CUBIC)
        self._add(points[2], ON)

    def close(self) -> None:
        """End the contour."""
        if len(self._points) > self._start:
            self._start = len(self._points)
            self._ends.append(self._start - 1)

    def outline(self) -> Outline:
        """The outline so far. Raises OutlineError for coordinates or sizes that no real glyph has."""
        self.close()
        return canonical(
            np.array(self._points, dtype=np.float64).reshape(-1, 2),
            np.array(self._tags, dtype=np.uint8),
            np.array(self._ends, dtype=np.int64),
        )

    def _started(self) -> None:
        if len(self._points) == self._start:  # its first point would be anywhere on the curve
            raise OutlineError("Contours hold a curve that starts nowhere.")

    def _add(self, point: tuple[float, float], tag: int) -> None:
        self._points.append(point)
        self._tags.append(tag)


def canonical(points: np.ndarray, tags: np.ndarray, ends: np.ndarray) -> Outline:
    """One outline as it was drawn → its canonical form; raises OutlineError (see :func:`canonical_each`)."""
    (outline,) = canonical_each(points, tags, ends, np.array([[0, 0], [len(points), len(ends)]]))
    if isinstance(outline, OutlineError):
        raise outline
    return outline


def canonical_each(
    points: np.ndarray, tags: np.ndarray, ends: np.ndarray, first: np.ndarray
) -> list[Outline | OutlineError]:
    """Check many outlines and bring them into the one form, all together, for numpy takes its time to start.

    Coordinates are rounded. Last points that repeat the first are implied by closing and go; so does an on-curve point
    that its neighbours imply, and a contour left with fewer than three points, which encloses nothing. ``points`` float
    [P, 2], ``tags`` uint8 [P] and ``ends`` int [C] (counted through) hold what was drawn; ``first`` int [n + 1, 2] says
    where each outline's points and contours begin. An outline with coordinates or sizes that no real glyph has comes
    out as an OutlineError.
    """
    faults = _faults(points, first[:, 0])
    if not len(ends):
        return [fault or Outline(points[:0], tags[:0], np.zeros(0, np.int16)) for fault in faults]
    starts = np.concatenate(([0], ends[:-1] + 1))
    with np.errstate(all="ignore"):  # of outlines with faults
        points = np.round(points, DECIMALS)
        last = _before_closing(points, tags, starts, ends)
        keep = ~_implied(points, tags, starts, last)
    keep &= np.arange(len(points)) <= np.repeat(last, ends - starts + 1)
    solid = np.add.reduceat(keep, starts, dtype=np.int64) >= 3
    keep &= np.repeat(solid, ends - starts + 1)
    kept = np.concatenate(([0], np.cumsum(keep)))  # before each point
    points, tags, ends = points[keep], tags[keep], kept[last[solid] + 1] - 1
    first_point = kept[first[:, 0]].tolist()
    first_contour = np.concatenate(([0], np.cumsum(solid)))[first[:, 1]].tolist()
    return [
        fault or Outline(points[p:p_end], tags[p:p_end], (ends[c:c_end] - p).astype(np.int16))
        for fault, (p, p_end), (c, c_end) in zip(faults, pairwise(first_point), pairwise(first_contour), strict=True)
    ]


def _faults(points: np.ndarray, first: np.ndarray) -> list[OutlineError | None]:
    within = np.abs(points).max(1, initial=0) <= MAX_COORDINATE  # false for what is not a number, too
    outside = np.diff(np.concatenate(([0], np.cumsum(~within)))[first]).tolist()
    return [
        OutlineError("Outline has a coordinate that is not finite or beyond a million units.") if wrong
        else OutlineError(f"Outline has {count:,} points, more than {MAX_POINTS:,}.") if count > MAX_POINTS
        else None
        for wrong, count in zip(outside, np.diff(first).tolist(), strict=True)
    ]  # fmt: skip


def _before_closing(points: np.ndarray, tags: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """int [C]: each contour's last point, but for those that only come back to its first."""
    if not ((points[starts] == points[ends]).all(1) & (starts < ends)).any():  # as in all that we store
        return ends
    first = np.repeat(starts, ends - starts + 1)
    repeats = (tags == ON) & (tags[first] == ON) & (points == points[first]).all(1)
    repeats[starts] = False
    return np.maximum.reduceat(np.where(repeats, -1, np.arange(len(points))), starts)


def _implied(points: np.ndarray, tags: np.ndarray, starts: np.ndarray, last: np.ndarray) -> np.ndarray:
    """bool [P]: on-curve points midway between two quadratic control points; a contour keeps its first point."""
    before, after = np.arange(-1, len(points) - 1), np.arange(1, len(points) + 1)
    after[last] = starts
    implied = (tags == ON) & (tags[before] == QUADRATIC) & (tags[np.minimum(after, len(points) - 1)] == QUADRATIC)
    implied[starts] = False
    at = np.flatnonzero(implied)
    middle = (points[before[at]] + points[after[at]]) / 2
    implied[at] = (np.abs(points[at] - middle) < 0.5 * 10**-DECIMALS).all(1)
    return implied


def parse(stored: str | bytes) -> Outline:
    """Stored contours → outline. Text is JSON; bytes are JSON, as a rule compressed with zlib.

    Each command is ``[name, points]`` or ``[name, x, y, …]`` or ``{"type": name, "points": points}``, with the names
    moveTo, lineTo, qCurveTo, curveTo (or cubicTo) and closePath (or endPath). A qCurveTo may hold any number of control
    points; one whose last point is null has no point on the curve. Raises OutlineError for anything else, and before
    it is unpacked for what would be larger than any outline.
    """
    try:
        if isinstance(stored, bytes) and not stored.startswith(b"["):
            stored = _unpacked(stored)
        if len(stored) > MAX_STORED:
            raise OutlineError(f"Contours have more than {MAX_STORED // 10**6} MB of JSON.")
        commands = json.loads(stored)
    except (ValueError, TypeError, zlib.error, RecursionError) as error:
        raise OutlineError(f"Contours are not JSON: {str(error)[:80]}") from error
    if not isinstance(commands, list):
        raise OutlineError("Contours are not a list of commands.")
    pen = OutlineBuilder()
    for command in commands:
        name, points, closed = _command(command)
        if name == "moveTo" and len(points) == 1:
            pen.move_to(points[0])
        elif name == "lineTo" and len(points) == 1:
            pen.line_to(points[0])
        elif name == "qCurveTo" and points:
            pen.quadratic_to(points, closed=closed)
        elif name in ("curveTo", "cubicTo") and len(points) == 3:
            pen.cubic_to(points)
        elif name in ("closePath", "endPath") and not points:
            pen.close()
        else:
            raise OutlineError(f"Contours hold a command that is not understood: {command!r:.80}")
    return pen.outline()


def _unpacked(stored: bytes) -> bytes:
    """What zlib packed, but no more than just over the bound: a kilobyte may unpack to gigabytes."""
    unpacking = zlib.decompressobj()
    found = unpacking.decompress(stored, MAX_STORED + 1)
    if not unpacking.eof and len(found) <= MAX_STORED:
        raise OutlineError("Contours are cut off.")
    return found


def _command(command: Any) -> tuple[str, list[tuple[float, float]], bool]:
    """Name, points, and whether the last point was null."""
    if type(command) is list and len(command) == 2 and type(command[1]) is list:
        points = _plain_points(command[1])  # the form that we write ourselves, many times faster to read
        if points is not None:
            return command[0], points, False
    arguments: Any
    if isinstance(command, dict):
        name = next((command[key] for key in ("type", "command", "cmd", "op") if key in command), None)
        arguments = next((command[key] for key in ("points", "pts", "args") if key in command), [])
    elif isinstance(command, list) and command:
        name, arguments = command[0], command[1:]
    else:
        name, arguments = None, []
    numbers: list[float] = []
    nulls = 0
    pending = [arguments]
    while pending:
        item = pending.pop()
        if isinstance(item, (list, tuple)):
            pending.extend(reversed(item))
        elif item is None:
            nulls += 1
        elif isinstance(item, (int, float)) and not isinstance(item, bool):
            numbers.append(float(item) if abs(item) < 1e300 else float("inf"))
        else:
            raise OutlineError(f"Contours hold {str(item)[:40]!r} where a number belongs.")
    if not isinstance(name, str) or len(numbers) % 2:
        raise OutlineError(f"Contours hold a command that is not understood: {command!r:.80}")
    return name, list(zip(numbers[::2], numbers[1::2], strict=True)), nulls > 0


def _plain_points(points: list[Any]) -> list[tuple[float, float]] | None:
    """``[[x, y], …]`` of reasonable numbers as tuples; None for anything else."""
    plain = []
    for point in points:
        if type(point) is not list or len(point) != 2:
            return None
        x, y = point
        if type(x) not in (int, float) or type(y) not in (int, float) or not (-1e9 < x < 1e9 and -1e9 < y < 1e9):
            return None
        plain.append((x, y))
    return plain


def serialise(outline: Outline) -> bytes:
    """Outline → what ``glyphs.db`` stores: fontTools' recording-pen commands as JSON, compressed with zlib."""
    return zlib.compress(json.dumps(commands(outline), separators=(",", ":")).encode(), 9)


def commands(outline: Outline) -> list[list[Any]]:
    """Outline → ``[name, [[x, y], …]]`` commands; whole coordinates become ints."""
    recorded: list[list[Any]] = []
    points = [[int(v) if v == int(v) else v for v in point] for point in outline.points.tolist()]
    tags = outline.tags.tolist()
    for start, end in pairwise([-1, *outline.ends.tolist()]):
        recorded.extend(_contour(points[start + 1 : end + 1], tags[start + 1 : end + 1]))
    return recorded


def _contour(points: list[list[float]], tags: list[int]) -> list[list[Any]]:
    first = next((i for i, tag in enumerate(tags) if tag == ON), None)
    if first is None:  # every point is a quadratic control point, the curve passes midway between them
        return [["qCurveTo", [*points, None]], ["closePath", []]]
    points = points[first:] + points[: first + 1]
    tags = tags[first:] + tags[: first + 1]
    recorded: list[list[Any]] = [["moveTo", [points[0]]]]
    controls: list[list[float]] = []
    kind = ON
    for point, tag in zip(points[1:], tags[1:], strict=True):
        if tag != ON:
            controls.append(point)
            kind = tag
            continue
        name = "lineTo" if not controls else "curveTo" if kind == CUBIC else "qCurveTo"
        recorded.append([name, [*controls, point]])
        controls = []
    if recorded[-1][0] == "lineTo":  # closing draws that line
        recorded.pop()
    recorded.append(["closePath", []])
    return recorded
