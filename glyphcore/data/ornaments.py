"""Ornaments that the glyphs of a font share: a tile, a frame or a tower around every letter. An ornament is recognised
because it is the same in many glyphs.

A contour is part of an ornament, not of a letter, if many glyphs have it (at any place) and if it fills, together with
similar contours, most of a glyph's box. Dots and accents are shared too, but are small beside their letter. Signs may
have another ornament than letters, shared by a few signs. A space is an ornament with nothing in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from glyphcore.data.outline import Outline
from glyphcore.errors import OutlineError

ENOUGH = 8
"""Number of glyphs of a font from which a contour can count as shared."""
MOST = 0.3
"""Share of these glyphs that have the contour. No other font of the corpus and of the outsiders has such contours."""
ONCE = 1.5
"""Largest number of times that a glyph has the contour, on average: the bars of a font that is made of bars are no
ornament."""
SAMPLE = 64
"""Number of glyphs that tell whether all glyphs of a font are worth a look."""
SEVERAL = 2
"""Number of glyphs that share another ornament in a font that already has one."""
LONG = 40
"""Number of points of a contour from which its sequence of curves and corners identifies it, in any size."""
LARGE = 2.0
"""In boxes of a letter: a larger contour is not a letter."""
FILLS = 0.5
"""Share of a glyph's box that its shared contours must fill."""
CAPITAL = 0.7
"""Em: height that most letters get after their ornament is removed; the em of their font fits the ornament."""
FLAT = 0.05
"""Em: if the remainders of most glyphs are lower than this, they are not letters."""
ROOM = 0.12
"""Em: space beside a letter without its ornament, whose advance is not meaningful."""
Contour = tuple[np.ndarray, np.ndarray]
"""Points [n, 2] and tags [n]."""


@dataclass(frozen=True)
class Bare:
    """The n glyphs of a font without their shared ornament."""

    outlines: list[Outline | OutlineError]
    """Outlines; empty for a glyph that was only ornament."""
    advances: list[float]
    bare: list[bool]
    """Whether a glyph had an ornament; its size then carries no information."""


def without_ornament(outlines: Sequence[Outline | OutlineError], advances: Sequence[float], upem: float) -> Bare:
    """Return outlines and advances of the same glyphs without shared ornaments; unchanged where there is none.

    Letters without their ornament are placed on the line of most of them. Errors in ``outlines`` stay.
    """
    parts = [_contours(outline) if isinstance(outline, Outline) else [] for outline in outlines]
    names = [[_name(*contour) for contour in its] for its in parts]
    drawn = [i for i, its in enumerate(names) if its]
    found, widths, bare = list(outlines), list(advances), [False] * len(outlines)
    left = _left(parts, names, drawn, MOST * len(drawn)) if len(drawn) >= ENOUGH else {}
    letters = [its for its in left.values() if its]
    if len(letters) < MOST * len(drawn) or not letters:
        return Bare(found, widths, bare)
    line = float(np.median([min(points[:, 1].min() for points, _ in its) for its in letters]))
    top = float(np.median([max(points[:, 1].max() for points, _ in its) for its in letters]))
    if top - line < FLAT * upem:  # lines and dots are not letters
        return Bare(found, widths, bare)
    letter = float(np.median([_box(points for points, _ in its) for its in letters]))
    ornament = {name for i in left for name in names[i]}
    left |= _left(parts, names, [i for i in drawn if i not in left], SEVERAL)
    left |= {i: [] for i in drawn if i not in left and ornament.intersection(names[i]) and _empty(parts[i], letter)}
    scale = CAPITAL * upem / (top - line)
    for i, its in left.items():
        found[i], bare[i] = _joined(its, line, scale), True
        if its:
            across = np.concatenate([points[:, 0] for points, _ in its])
            widths[i] = scale * float(across.max() - across.min()) + ROOM * upem
    return Bare(found, widths, bare)


def likely(sample: Sequence[Outline | OutlineError]) -> bool:
    """Return whether a font may have a shared ornament, by some of its glyphs."""
    parts = [_contours(outline) if isinstance(outline, Outline) else [] for outline in sample]
    names = [[_name(*contour) for contour in its] for its in parts]
    drawn = [i for i, its in enumerate(names) if its]
    least = max(MOST / 2 * len(drawn), SEVERAL)
    return len(drawn) >= ENOUGH and len(_left(parts, names, drawn, least)) >= least


def _left(
    parts: Sequence[Sequence[Contour]], names: Sequence[Sequence[bytes]], drawn: Sequence[int], least: float
) -> dict[int, list[Contour]]:
    """Return, for those glyphs of ``drawn`` that are filled by contours shared by ``least`` of them, the remaining
    contours."""
    count = Counter(name for i in drawn for name in set(names[i]))
    drawings = Counter(name for i in drawn for name in names[i])
    shared = {name for name, n in count.items() if n >= least and drawings[name] <= ONCE * n}
    return {
        i: [part for part, name in zip(parts[i], names[i], strict=True) if name not in shared]
        for i in drawn
        if shared.intersection(names[i]) and _fills(parts[i], names[i], shared)
    }


def _empty(contours: Sequence[Contour], letter: float) -> bool:
    """Whether a glyph has an empty window in place of the letter, whose box is ``letter``. A space may look like this,
    in an ornament that is drawn slightly differently."""
    small = [contour for contour in contours if _box([contour[0]]) < LARGE * letter]
    largest = sorted(small, key=lambda contour: -_box([contour[0]]))[:2]
    return len(small) < len(contours) and len(largest) == 2 and all(_is_rectangle(points) for points, _ in largest)


def _is_rectangle(points: np.ndarray) -> bool:
    return len(points) == 4 and len(set(points[:, 0])) == 2 and len(set(points[:, 1])) == 2


def _contours(outline: Outline) -> list[Contour]:
    """Return the contours that have points."""
    ends = (outline.ends.astype(np.int64) + 1).tolist()[:-1]
    contours = zip(np.split(outline.points, ends), np.split(outline.tags, ends), strict=True)
    return [(points, tags) for points, tags in contours if len(points)]


def _name(points: np.ndarray, tags: np.ndarray) -> bytes:
    """Return a name that is equal for contours that differ only by their place, to a unit; long contours may differ in
    size too."""
    return tags.tobytes() if len(points) >= LONG else np.rint(points - points.min(0)).astype(np.int64).tobytes()


def _fills(contours: Sequence[Contour], names: Sequence[bytes], shared: set[bytes]) -> bool:
    its = [points for (points, _), name in zip(contours, names, strict=True) if name in shared]
    return _box(its) >= FILLS * _box(points for points, _ in contours)


def _box(contours: Iterable[np.ndarray]) -> float:
    points = np.concatenate(list(contours))
    width, height = points.max(0) - points.min(0)
    return float(width * height)


def _joined(contours: Sequence[Contour], line: float, scale: float) -> Outline:
    if not contours:
        return Outline(np.zeros((0, 2)), np.zeros(0, np.uint8), np.zeros(0, np.int16))
    points, tags = (np.concatenate(arrays) for arrays in zip(*contours, strict=True))
    ends = np.cumsum([len(contour) for contour, _ in contours]) - 1
    return Outline((points - [0.0, line]) * scale, tags, ends.astype(np.int16))
