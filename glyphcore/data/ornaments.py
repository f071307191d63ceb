"""Remove ornament that the glyphs of a font share: a tile, a frame or a tower around every letter. The ornament is the
same in every glyph, the letter is not.

A contour that most glyphs have, at whatever place, and that together with others like it fills most of a glyph's box is
no part of a letter. Dots and accents are shared too, but are small beside their letter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from glyphcore.data.outline import Outline
from glyphcore.errors import OutlineError

ENOUGH = 8
"""Least number of glyphs of a font for shared contours to count."""
MOST = 0.5
"""Share of them that have the contour."""
FILLS = 0.5
"""Share of a glyph's box that its shared contours take."""
CAPITAL = 0.7
"""Em: height of most letters after their ornament is removed; the em of their font fits the ornament."""
FLAT = 0.05
"""Em: below this height the rest of most glyphs is no letters."""
ROOM = 0.12
"""Em beside a letter without its ornament, of which the advance says nothing."""


def without_ornament(
    outlines: Sequence[Outline | OutlineError], advances: Sequence[float], upem: float
) -> tuple[list[Outline | OutlineError], list[float]]:
    """Return outlines and advances of the same glyphs without their shared contours; unchanged where they share none.

    Letters without their ornament stand on the line on which most of them do. Errors in place of outlines stay.
    """
    parts = [_contours(outline) if isinstance(outline, Outline) else [] for outline in outlines]
    names = [[_name(points) for points, _ in glyph_parts] for glyph_parts in parts]
    drawn = sum(bool(glyph_parts) for glyph_parts in names)
    count = Counter(name for glyph_parts in names for name in set(glyph_parts))
    shared = {name for name, n in count.items() if drawn >= ENOUGH and n >= MOST * drawn}
    left = {
        i: [part for part, name in zip(glyph_parts, names[i], strict=True) if name not in shared]
        for i, glyph_parts in enumerate(parts)
        if shared.intersection(names[i]) and _fills(glyph_parts, names[i], shared)
    }
    left = {i: glyph_parts for i, glyph_parts in left.items() if glyph_parts}
    if len(left) < MOST * drawn or not left:
        return list(outlines), list(advances)
    line = float(np.median([min(points[:, 1].min() for points, _ in glyph_parts) for glyph_parts in left.values()]))
    top = float(np.median([max(points[:, 1].max() for points, _ in glyph_parts) for glyph_parts in left.values()]))
    if top - line < FLAT * upem:  # lines and dots are no letters
        return list(outlines), list(advances)
    scale = CAPITAL * upem / (top - line)
    plain, widths = list(outlines), list(advances)
    for i, glyph_parts in left.items():
        plain[i] = _joined(glyph_parts, line, scale)
        across = np.concatenate([points[:, 0] for points, _ in glyph_parts])
        widths[i] = scale * float(across.max() - across.min()) + ROOM * upem
    return plain, widths


def _contours(outline: Outline) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return points [n, 2] and tags [n] of each contour that has any."""
    ends = (outline.ends.astype(np.int64) + 1).tolist()[:-1]
    contours = zip(np.split(outline.points, ends), np.split(outline.tags, ends), strict=True)
    return [(points, tags) for points, tags in contours if len(points)]


def _name(points: np.ndarray) -> bytes:
    """Return a key that is equal for contours that differ by their position only, to a unit."""
    return np.rint(points - points.min(0)).astype(np.int64).tobytes()


def _fills(contours: Sequence[tuple[np.ndarray, np.ndarray]], names: Sequence[bytes], shared: set[bytes]) -> bool:
    whole = _box(np.concatenate([points for points, _ in contours]))
    box = _box(np.concatenate([part[0] for part, name in zip(contours, names, strict=True) if name in shared]))
    return box >= FILLS * whole


def _box(points: np.ndarray) -> float:
    width, height = points.max(0) - points.min(0)
    return float(width * height)


def _joined(contours: Sequence[tuple[np.ndarray, np.ndarray]], line: float, scale: float) -> Outline:
    points, tags = (np.concatenate(arrays) for arrays in zip(*contours, strict=True))
    ends = np.cumsum([len(contour) for contour, _ in contours]) - 1
    return Outline((points - [0.0, line]) * scale, tags, ends.astype(np.int16))
