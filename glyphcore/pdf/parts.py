"""Letters that a font draws in parts, a skeleton and dots as glyphs of their own, put together before they are read.

No text of a skeleton is right, nor of a dot: ب ت ث are one skeleton. So each letter as it stands on the page is drawn
from its parts, read as a glyph is, and is a glyph from then on, with a code that the font does not have. Its text goes
into the file as ``ActualText`` (:mod:`.spans`).
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
"""Skeletons without dots, which hardly any text has, from which a font draws letters in parts."""
YEH, JOINED = "ى", ((0, 1), (1, 1))
"""What most skeletons look like within a word; no language but Uyghur writes it there."""
LIKELY = 0.3
"""Probability from which one counts."""
NARROW = 0.05
"""Em; a dot takes no more room."""
VOWELS = frozenset(map(chr, (*range(0x64B, 0x653), 0x670)))
"""Signs that stand on letters and are no part of them."""
SURELY = 0.8
"""Probability from which a glyph is such a sign."""
NEAR = 0.1
"""Em beside a skeleton where dots are its own."""
STEP = 0.04
"""Em: places of dots that are no further apart are the same."""
MOST = 4
"""Dots of a letter."""
MOST_LETTERS = 2_000
"""Different letters that are put together; the rest stay as they are."""
MOST_POINTS = 32_000
"""Of a letter."""
Cluster = tuple[int, list[int]]
"""Places in the drawing order: of a skeleton, and of the dots right before and behind it."""


def compose(
    content: Content, glyphs: Glyphs, fonts: Sequence[Font], predict: Predict, labels: LabelMap,
    outside: Outside | None = None,
) -> None:  # fmt: skip
    """Put the letters of those ``fonts`` together that draw them in parts: they become glyphs of ``glyphs``, and what
    ``content`` shows."""
    fonts = [font for font in fonts if font.cmap.uniform]  # else a string cannot be cut by counting
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
    """Whether a font draws skeletons without dots, and shows dots more often than letters that have theirs."""
    likely = [glyph for _, glyph in its if glyph.p >= LIKELY]
    bowls = [glyph for glyph in likely if glyph.shape in BOWLS or (glyph.shape == YEH and glyph.joins in JOINED)]
    if len(bowls) < ENOUGH:
        return False
    codes = _dots(its)
    dots = sum(glyph.count for code, glyph in its if code in codes)
    return dots >= max(sum(glyph.count for glyph in likely if glyph.shape in DOTTED), 1)


def _dots(its: Sequence[tuple[int, Glyph]]) -> set[int]:
    """Codes of what takes no room and is no vowel."""
    return {
        code
        for code, glyph in its
        if glyph.packed is not None
        and abs(glyph.advance) <= NARROW
        and not (glyph.shape in VOWELS and glyph.p >= SURELY)
    }


def _boxes(font: Font, glyphs: Glyphs) -> dict[int, tuple[float, float]]:
    """Code → left and right of what it draws, in em."""
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
    """Skeletons with the dots that stand beside them in the drawing order and on them on the page."""
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
    """Give dots to the skeleton behind them, or to the one before them where they stand on that one only: what is
    shaped from right to left is drawn from left to right, dots first."""

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
    """A letter of its parts; None where one cannot be drawn."""
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
