"""Composition of letters that a font draws in parts, with a skeleton and dots as separate glyphs, before they are read.

No text of a skeleton alone is right, nor of a dot alone: ب ت ث have the same skeleton. So each letter, as it stands on
the page, is drawn from its parts and read like a glyph. From then on it is a glyph with a code that the font does not
have. Its text goes into the file as ``ActualText`` (:mod:`.spans`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from glyphcore.data.drawing import rasterize_each
from glyphcore.data.geometry import geometry_each
from glyphcore.data.labels import LabelMap
from glyphcore.data.outline import Outline
from glyphcore.decoding.outside import Outside
from glyphcore.decoding.parts import BOWLS, DOTTED
from glyphcore.errors import GlyphError
from glyphcore.pdf.content import Content
from glyphcore.pdf.fonts import COMPOSED, Font
from glyphcore.pdf.glyphs import Drawn, Glyph, Glyphs, Predict, read_family
from glyphcore.pdf.operators import Shown

ENOUGH = 2
"""Number of dotless skeletons from which a font counts as drawing letters in parts; hardly any text has such
skeletons."""
YEH, JOINED = "ى", ((0, 1), (1, 1))
"""Reading of most skeletons within a word; no language but Uyghur has this letter there."""
LIKELY = 0.3
"""Probability from which a skeleton counts."""
NARROW = 0.05
"""Em; largest advance of a dot."""
VOWELS = frozenset(map(chr, (*range(0x64B, 0x653), 0x670)))
"""Signs that stand on letters and are not part of them."""
SURELY = 0.8
"""Probability from which a glyph counts as such a sign."""
NEAR = 0.1
"""Em; distance from a skeleton within which dots belong to it."""
STEP = 0.04
"""Em; places of dots that are closer than this are the same."""
MOST = 4
"""Largest number of dots of a letter."""
MOST_LETTERS = 2_000
"""Largest number of different letters that are composed; other letters stay as they are."""
MOST_POINTS = 32_000
"""Largest number of points of a letter."""
Cluster = tuple[int, list[int]]
"""Positions in the drawing order: of a skeleton, and of the dots right before and after it."""


def compose(
    content: Content, glyphs: Glyphs, fonts: Sequence[Font], predict: Predict, labels: LabelMap,
    outside: Outside | None = None,
) -> None:  # fmt: skip
    """Compose the letters of those ``fonts`` that draw letters in parts. The letters become glyphs of ``glyphs`` and
    replace their parts in ``content``."""
    fonts = [font for font in fonts if font.cmap.uniform]  # otherwise a string cannot be cut by counting bytes
    dots = {id(font): _dots(its) for font in fonts if _in_parts(its := glyphs.of_font(font))}
    if not any(dots.values()):
        return
    boxes = {id(font): _boxes(font, glyphs) for font in fonts if dots.get(id(font))}
    clusters = [its for its in _clusters(content.shown, dots, boxes) if its[1]]
    letters: dict[tuple[object, ...], tuple[Drawn, int]] = {}
    families: dict[str, list[Drawn]] = {}
    gone: set[int] = set()
    for base, marks in clusters:
        shown = content.shown[base]
        beside = [content.shown[mark] for mark in marks]
        key = (id(shown.font), shown.code, *sorted(_place(mark, shown) for mark in beside))
        if key not in letters:
            found = _drawn(shown, beside) if len(letters) < MOST_LETTERS else None
            if found is None:
                continue
            letters[key] = found, COMPOSED + len(letters)
            families.setdefault(shown.font.family, []).append(found)
            glyphs.all.append(found.glyph)
            glyphs.of[id(shown.font), letters[key][1]] = found.glyph
            found.glyph.uses.append((shown.font, letters[key][1]))
        drawn, code = letters[key]
        drawn.glyph.count += 1
        shown.font.used[code] += 1
        for part in (shown, *beside):
            part.font.used[part.code] -= 1
            if (glyph := glyphs.find(part.font, part.code)) is not None:
                glyph.count -= 1
        content.shown[base] = replace(shown, code=code, made=(base, *marks))
        gone |= set(marks)
    content.shown = [shown for i, shown in enumerate(content.shown) if i not in gone]
    for family in families.values():
        read_family(family, predict, labels, outside, ordered=False)


def _in_parts(its: Sequence[tuple[int, Glyph]]) -> bool:
    """Whether a font draws dotless skeletons, and shows dots more often than letters that have their dots."""
    likely = [glyph for _, glyph in its if glyph.p >= LIKELY]
    bowls = [glyph for glyph in likely if glyph.shape in BOWLS or (glyph.shape == YEH and glyph.joins in JOINED)]
    if len(bowls) < ENOUGH:
        return False
    codes = _dots(its)
    dots = sum(glyph.count for code, glyph in its if code in codes)
    return dots >= max(sum(glyph.count for glyph in likely if glyph.shape in DOTTED), 1)


def _dots(its: Sequence[tuple[int, Glyph]]) -> set[int]:
    """Return the codes of glyphs that take no room and are not vowel signs."""
    return {
        code
        for code, glyph in its
        if glyph.packed is not None
        and abs(glyph.advance) <= NARROW
        and not (glyph.shape in VOWELS and glyph.p >= SURELY)
    }


def _boxes(font: Font, glyphs: Glyphs) -> dict[int, tuple[float, float]]:
    """Return code → left and right edge of its drawing, in em."""
    assert font.program is not None
    codes = [code for code, glyph in glyphs.of_font(font) if glyph.packed is not None]
    outlines = font.program.outlines([font.glyph(code) or 0 for code in codes])
    return {
        code: (
            float(outline.points[:, 0].min()) / font.program.upem,
            float(outline.points[:, 0].max()) / font.program.upem,
        )
        for code, outline in zip(codes, outlines, strict=True)
        if isinstance(outline, Outline) and not outline.empty
    }


def _clusters(
    shown: Sequence[Shown], dots: dict[int, set[int]], boxes: dict[int, dict[int, tuple[float, float]]]
) -> list[Cluster]:
    """Return skeletons with the dots that are beside them in the drawing order and on them on the page."""
    found: list[Cluster] = []
    waiting: list[int] = []
    for i, shown_glyph in enumerate(shown):
        box = boxes.get(id(shown_glyph.font), {}).get(shown_glyph.code)
        if box is not None and shown_glyph.actual < 0 and shown_glyph.code in dots[id(shown_glyph.font)]:
            waiting.append(i)
            continue
        before = found[-1] if found and waiting and found[-1][0] == waiting[0] - 1 else None
        after: Cluster | None = (i, []) if box is not None else None
        _share(shown, waiting, before, after, boxes)
        waiting = []
        if after is not None:
            found.append(after)
    if found and waiting and found[-1][0] == waiting[0] - 1:
        _share(shown, waiting, found[-1], None, boxes)
    return [(base, marks) for base, marks in found if len(marks) <= MOST]


def _share(
    shown: Sequence[Shown], marks: Sequence[int], before: Cluster | None, after: Cluster | None,
    boxes: dict[int, dict[int, tuple[float, float]]],
) -> None:  # fmt: skip
    """Assign dots to the skeleton after them, or to the skeleton before them where they stand on that skeleton only.
    Text that is shaped from right to left is drawn from left to right, dots first."""

    def stands(mark: Shown, cluster: Cluster | None) -> bool:
        if cluster is None:
            return False
        base = shown[cluster[0]]
        if (base.font, base.page, base.angle) != (mark.font, mark.page, mark.angle):
            return False
        left, right = (base.x + edge * base.size for edge in boxes[id(base.font)][base.code])
        ink = boxes[id(mark.font)][mark.code]
        middle = mark.x + (ink[0] + ink[1]) / 2 * mark.size
        return left - NEAR * base.size <= middle <= right + NEAR * base.size

    for n, i in enumerate(marks):
        if stands(shown[i], after):
            if after is not None:
                after[1].extend(marks[n:])
            return
        if before is not None and stands(shown[i], before):
            before[1].append(i)
        else:
            before = None


def _place(mark: Shown, base: Shown) -> tuple[int, int, int]:
    size = max(base.size, 1e-6)
    return mark.code, round((mark.x - base.x) / size / STEP), round((mark.y - base.y) / size / STEP)


def _drawn(base: Shown, marks: Sequence[Shown]) -> Drawn | None:
    """Return a letter drawn from its parts; None where a part cannot be drawn."""
    program = base.font.program
    gids = [base.font.glyph(part.code) for part in (base, *marks)]
    if program is None or None in gids:
        return None
    try:
        outlines = program.outlines([gid for gid in gids if gid is not None])
    except GlyphError:
        return None
    parts = [outline for outline in outlines if isinstance(outline, Outline)]
    if len(parts) < len(gids) or sum(len(part.points) for part in parts) > MOST_POINTS:
        return None
    size = max(base.size, 1e-6)
    moved = [(part.x - base.x, part.y - base.y) for part in (base, *marks)]
    points = [outline.points + np.array(by) / size * program.upem for outline, by in zip(parts, moved, strict=True)]
    starts = np.cumsum([0, *(len(outline.points) for outline in parts)])[:-1]
    ends = np.concatenate([outline.ends + start for outline, start in zip(parts, starts, strict=True)])
    letter = Outline(np.concatenate(points), np.concatenate([outline.tags for outline in parts]), ends.astype(np.int16))
    advance = float(program.advance(gids[0] or 0))
    packed, boxes, (problem,) = rasterize_each([letter], [advance], program.upem)
    if problem is not None:
        return None
    glyph = Glyph(advance=advance / program.upem, packed=packed[0])
    described = geometry_each(boxes, np.array([advance]), program.upem)
    return Drawn(gids[0] or 0, glyph, packed=packed[0], geometry=described[0])
