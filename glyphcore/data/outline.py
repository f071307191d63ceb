"""Outlines as arrays in memory, built from drawing commands and converted to one canonical form.

An outline has FreeType's own layout (points, one tag per point, last point of each contour), so that drawing needs no
conversion. Both sources of outlines, stored JSON (:mod:`glyphcore.data.contours`) and a font file, end in
:func:`canonical`; so their rasters are equal pixel for pixel.

References: FreeType ``FT_Outline``; fontTools pen protocol for the command names and TrueType's implied points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from glyphcore.errors import OutlineError

ON, QUADRATIC, CUBIC = 1, 0, 2
"""FreeType's point tags: on the curve, control point of a quadratic, control point of a cubic."""
MAX_POINTS = 32_000
"""FreeType counts points in 16 bits; real glyphs have far fewer."""
MAX_COORDINATE = 1_000_000.0
"""Font units; the largest em of any font format is 16,384."""
DECIMALS = 2
"""Coordinates are rounded to a hundredth of a font unit (composites may be scaled to fractions)."""


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
        """Whether there is nothing to fill."""
        return len(self.ends) == 0


class OutlineBuilder:
    """Collects pen commands; :meth:`outline` returns the canonical outline.

    The methods follow the fontTools pen protocol, except that ``qCurveTo`` and ``curveTo`` take one sequence of points.
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
        """Add control points, then the end point; ``closed`` means that all points are control points of a whole
        contour."""
        if not closed:
            self._started()
        for point in points if closed else points[:-1]:
            self._add(point, QUADRATIC)
        if not closed:
            self._add(points[-1], ON)

    def cubic_to(self, points: list[tuple[float, float]]) -> None:
        """Add two control points and the end point."""
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
        """Return the outline so far. Raises OutlineError for coordinates or sizes that no real glyph has."""
        self.close()
        return canonical(
            np.array(self._points, dtype=np.float64).reshape(-1, 2),
            np.array(self._tags, dtype=np.uint8),
            np.array(self._ends, dtype=np.int64),
        )

    def _started(self) -> None:
        if len(self._points) == self._start:  # the first point could be anywhere on the curve
            raise OutlineError("Contours contain a curve without a start point.")

    def _add(self, point: tuple[float, float], tag: int) -> None:
        self._points.append(point)
        self._tags.append(tag)


def outline_each(pens: Sequence[OutlineBuilder]) -> list[Outline | OutlineError]:
    """Return the outlines of many pens, or errors in their place, as :meth:`OutlineBuilder.outline` makes each."""
    points: list[tuple[float, float]] = []
    tags: list[int] = []
    ends: list[int] = []
    first = [(0, 0)]
    for pen in pens:
        pen.close()
        ends += [len(points) + end for end in pen._ends]
        points += pen._points
        tags += pen._tags
        first.append((len(points), len(ends)))
    return canonical_each(
        np.array(points, np.float64).reshape(-1, 2), np.array(tags, np.uint8), np.array(ends, np.int64), np.array(first)
    )


def canonical(points: np.ndarray, tags: np.ndarray, ends: np.ndarray) -> Outline:
    """Convert one drawn outline to its canonical form. Raises OutlineError (see :func:`canonical_each`)."""
    (outline,) = canonical_each(points, tags, ends, np.array([[0, 0], [len(points), len(ends)]]))
    if isinstance(outline, OutlineError):
        raise outline
    return outline


def canonical_each(
    points: np.ndarray, tags: np.ndarray, ends: np.ndarray, first: np.ndarray
) -> list[Outline | OutlineError]:
    """Check many outlines and convert them to the canonical form, all together because of numpy's overhead per call.

    Coordinates are rounded. Removed are last points that repeat the first point, on-curve points that their neighbours
    imply, and contours with fewer than three remaining points, which enclose nothing. The drawn outlines are in
    ``points`` float [P, 2], ``tags`` uint8 [P] and ``ends`` int [C] (counted through all outlines); ``first`` int [n +
    1, 2] has the start of each outline's points and contours. An outline with coordinates or sizes that no real glyph
    has becomes an OutlineError.
    """
    faults = _faults(points, first[:, 0])
    if not len(ends):
        return [fault or Outline(points[:0], tags[:0], np.zeros(0, np.int16)) for fault in faults]
    starts = np.concatenate(([0], ends[:-1] + 1))
    with np.errstate(all="ignore"):  # for outlines with faults
        points = np.round(points, DECIMALS)
        last = _before_closing(points, tags, starts, ends)
        keep = ~_implied(points, tags, starts, last)
    keep &= np.arange(len(points)) <= np.repeat(last, ends - starts + 1)
    solid = np.add.reduceat(keep, starts, dtype=np.int64) >= 3
    keep &= np.repeat(solid, ends - starts + 1)
    kept = np.concatenate(([0], np.cumsum(keep)))  # number of kept points before each point
    points, tags, ends = points[keep], tags[keep], kept[last[solid] + 1] - 1
    first_point = kept[first[:, 0]].tolist()
    first_contour = np.concatenate(([0], np.cumsum(solid)))[first[:, 1]].tolist()
    return [
        fault or Outline(points[p:p_end], tags[p:p_end], (ends[c:c_end] - p).astype(np.int16))
        for fault, (p, p_end), (c, c_end) in zip(faults, pairwise(first_point), pairwise(first_contour), strict=True)
    ]


def _faults(points: np.ndarray, first: np.ndarray) -> list[OutlineError | None]:
    within = np.abs(points).max(1, initial=0) <= MAX_COORDINATE  # false for NaN, too
    outside = np.diff(np.concatenate(([0], np.cumsum(~within)))[first]).tolist()
    return [
        OutlineError("Outline has a coordinate that is not finite or beyond a million units.") if wrong
        else OutlineError(f"Outline has {count:,} points, more than {MAX_POINTS:,}.") if count > MAX_POINTS
        else None
        for wrong, count in zip(outside, np.diff(first).tolist(), strict=True)
    ]  # fmt: skip


def _before_closing(points: np.ndarray, tags: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return int [C]: each contour's last point, without a last point that only repeats the first."""
    # true for everything that this package stores
    if not ((points[starts] == points[ends]).all(1) & (starts < ends)).any():
        return ends
    first = np.repeat(starts, ends - starts + 1)
    repeats = (tags == ON) & (tags[first] == ON) & (points == points[first]).all(1)
    repeats[starts] = False
    return np.maximum.reduceat(np.where(repeats, -1, np.arange(len(points))), starts)


def _implied(points: np.ndarray, tags: np.ndarray, starts: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return bool [P]: on-curve points midway between two quadratic control points; a contour keeps its first point."""
    before, after = np.arange(-1, len(points) - 1), np.arange(1, len(points) + 1)
    after[last] = starts
    implied = (tags == ON) & (tags[before] == QUADRATIC) & (tags[np.minimum(after, len(points) - 1)] == QUADRATIC)
    implied[starts] = False
    at = np.flatnonzero(implied)
    middle = (points[before[at]] + points[after[at]]) / 2
    implied[at] = (np.abs(points[at] - middle) < 0.5 * 10**-DECIMALS).all(1)
    return implied
