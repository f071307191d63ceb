"""Converts outlines between drawing commands as JSON in ``glyphs.db`` and :class:`glyphcore.data.outline.Outline`.

Reference: fontTools' recording pen for the names of the commands.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from glyphcore.data.outline import CUBIC, ON, Outline, OutlineBuilder, outline_each
from glyphcore.errors import OutlineError

MAX_STORED = 4_000_000
"""Largest number of bytes of an outline's JSON; an outline of 32,000 points has a tenth to a half of that."""


def parse(stored: str | bytes) -> Outline:
    """Convert stored contours to an outline. Text is JSON; bytes are JSON, usually compressed with zlib.

    Each command is ``[name, points]`` or ``[name, x, y, …]`` or ``{"type": name, "points": points}``, with the names
    moveTo, lineTo, qCurveTo, curveTo (or cubicTo) and closePath (or endPath). A qCurveTo may have any number of control
    points; if its last point is null, it has no point on the curve. Raises OutlineError for any other content; for data
    that would be larger than any outline, it is raised before unpacking.
    """
    return _recorded(stored).outline()


def parse_each(stored: Sequence[str | bytes]) -> list[Outline | OutlineError]:
    """Convert the contours of many glyphs, as :func:`parse` does; an error takes the place of its outline."""
    pens: list[OutlineBuilder | OutlineError] = []
    for contours in stored:
        try:
            pens.append(_recorded(contours))
        except OutlineError as error:
            pens.append(error)
    drawn = iter(outline_each([pen for pen in pens if isinstance(pen, OutlineBuilder)]))
    return [next(drawn) if isinstance(pen, OutlineBuilder) else pen for pen in pens]


def _recorded(stored: str | bytes) -> OutlineBuilder:
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
            raise OutlineError(f"Contours contain an unknown command: {command!r:.80}")
    return pen


def _unpacked(stored: bytes) -> bytes:
    """Decompress zlib data, but stop just above the bound: a kilobyte may unpack to gigabytes."""
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(stored, MAX_STORED + 1)
    if not unpacking.eof and len(content) <= MAX_STORED:
        raise OutlineError("Contours are cut off.")
    return content


def _command(command: Any) -> tuple[str, list[tuple[float, float]], bool]:
    """Return the name, the points, and whether the last point was null."""
    if type(command) is list and len(command) == 2 and type(command[1]) is list:
        points = _plain_points(command[1])  # the form that this package writes, many times faster to read
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
            raise OutlineError(f"Contours contain {str(item)[:40]!r} instead of a number.")
    if not isinstance(name, str) or len(numbers) % 2:
        raise OutlineError(f"Contours contain an unknown command: {command!r:.80}")
    return name, list(zip(numbers[::2], numbers[1::2], strict=True)), nulls > 0


def _plain_points(points: list[Any]) -> list[tuple[float, float]] | None:
    """Return ``[[x, y], …]`` of reasonable numbers as tuples; None for any other value."""
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
    """Convert an outline to the form in ``glyphs.db``: fontTools' recording-pen commands as JSON, compressed with
    zlib."""
    return zlib.compress(json.dumps(commands(outline), separators=(",", ":")).encode(), 9)


def commands(outline: Outline) -> list[list[Any]]:
    """Convert an outline to ``[name, [[x, y], …]]`` commands; whole coordinates become ints."""
    recorded: list[list[Any]] = []
    points = [[int(v) if v == int(v) else v for v in point] for point in outline.points.tolist()]
    tags = outline.tags.tolist()
    for start, end in pairwise([-1, *outline.ends.tolist()]):
        recorded.extend(_contour(points[start + 1 : end + 1], tags[start + 1 : end + 1]))
    return recorded


def _contour(points: list[list[float]], tags: list[int]) -> list[list[Any]]:
    first = next((i for i, tag in enumerate(tags) if tag == ON), None)
    if first is None:  # every point is a quadratic control point; the curve passes midway between them
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
