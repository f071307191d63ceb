"""An outline as a vector picture: an SVG path with its points, in the em of its font.

The y axis of SVG points down and that of a font points up, so y is negated here, once; lengths stay in font units.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape

from glyphcore.data.contours import commands
from glyphcore.data.outline import Outline
from glyphcore.data.store import GlyphRow, GlyphStore

LINES = {"ascent": "ascender", "cap_height": "cap height", "x_height": "x-height", "descent": "descender"}
"""Columns of the fonts table that are heights, and their names."""
MARGIN = 0.06
"""Margin around a picture, as a share of its longer side."""


@dataclass(frozen=True)
class Vector:
    """An outline ready for drawing; y down."""

    path: str
    """SVG path data."""
    points: list[tuple[float, float, int]]
    """x, y and FreeType's tag (1 on the curve, 0 and 2 control points of quadratics and cubics), in drawing order."""
    ends: list[int]
    """Index of each contour's last point."""
    box: tuple[float, float, float, float]
    """x, y, width and height of the picture: outline, advance and lines, with a margin."""
    advance: float | None
    upem: float | None
    lines: dict[str, float] = field(default_factory=dict)
    """Heights by name, the baseline at 0; heights that the font does not have are left out."""


def heights(store: GlyphStore, f_id: int | str | None) -> dict[str, float]:
    """Return the heights in a font's metrics, font units, y up; empty when the font is unknown."""
    if f_id is None or store.font_key in (None, "rowid"):
        return {}
    fonts = store.fonts()
    font_row = fonts[fonts[store.font_key].astype(str) == str(f_id)]
    if not len(font_row):
        return {}
    heights_by_label = {}
    for column, name in LINES.items():
        with suppress(TypeError, ValueError):  # a column of a database from elsewhere may have any type
            if column in font_row and math.isfinite(height := float(font_row.iloc[0][column])):
                heights_by_label[name] = height
    return heights_by_label


def vector(outline: Outline, row: GlyphRow, lines: dict[str, float]) -> Vector:
    """Draw an outline with the metrics of its row and its font's :func:`heights`."""
    points = [(x, -y, int(tag)) for (x, y), tag in zip(outline.points.tolist(), outline.tags.tolist(), strict=True)]
    levels = {"baseline": 0.0} | {name: -height for name, height in lines.items()}
    across = [x for x, _, _ in points] + [0.0, *([] if row.advance is None else [row.advance])]
    down = [y for _, y, _ in points] + list(levels.values())
    left, top = min(across), min(down)
    width, height = max(across) - left, max(down) - top
    margin = MARGIN * max(width, height, 1.0)
    return Vector(
        path=path(outline),
        points=points,
        ends=outline.ends.tolist(),
        box=(left - margin, top - margin, width + 2 * margin, height + 2 * margin),
        advance=row.advance,
        upem=row.upem,
        lines=levels,
    )


def path(outline: Outline) -> str:
    """Return SVG path data; implied points of TrueType curves are written out."""
    written: list[str] = []
    for name, points in commands(outline):
        if name == "moveTo":
            written.append(f"M{_pair(points[0])}")
        elif name == "lineTo":
            written.append(f"L{_pair(points[0])}")
        elif name == "curveTo":
            written.append(f"C{' '.join(map(_pair, points))}")
        elif name == "qCurveTo":
            written += _quadratics(points)
        else:
            written.append("Z")
    return "".join(written)


def document(drawn: Vector, title: str) -> str:
    """Return a whole SVG file with only the filled outline."""
    x, y, width, height = drawn.box
    box = " ".join(_number(value) for value in (x, y, width, height))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"><title>{escape(title)}</title>'
        f'<path d="{drawn.path}" fill-rule="nonzero"/></svg>\n'
    )


def _quadratics(points: Sequence[Any]) -> list[str]:
    """Return the commands of a TrueType curve from its control points and end; a last point None means that all points
    of a contour are control points."""
    if points[-1] is None:
        controls = list(points[:-1])
        start = _middle(controls[-1], controls[0])
        opening, controls = [f"M{_pair(start)}"], [*controls, start]
    else:
        opening, controls = [], list(points)
    *off, end = controls
    stops = [_middle(a, b) for a, b in pairwise(off)] + [end]
    return opening + [f"Q{_pair(control)} {_pair(stop)}" for control, stop in zip(off, stops, strict=True)]


def _middle(a: Sequence[float], b: Sequence[float]) -> tuple[float, float]:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _pair(point: Sequence[float]) -> str:
    return f"{_number(point[0])},{_number(-point[1])}"


def _number(value: float) -> str:
    return f"{round(value, 3) + 0.0:g}" if abs(value) < 1e5 else f"{value:.0f}"
