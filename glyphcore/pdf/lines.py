"""Layout of glyphs: the lines of a page, the words of a line, and their text.

Places count, not the order in which a producer draws, with one exception: a glyph that is drawn at the end of the one
before, but higher or lower, is of the same line. So the words of ruqaa, which rise from left to right, are read whole,
and raised numbers are read with their word. A line is cut where a column ends. Words end at blanks and at gaps. Marks
belong to the letter that they stand on. Lines of a right-to-left script are reversed, and their left-to-right parts are
reversed back.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from glyphcore.pdf.content import Content
from glyphcore.pdf.glyphs import Glyph, Glyphs
from glyphcore.pdf.operators import Shown
from glyphcore.text.decipher import is_rtl

SAME_LINE = 0.45
"""In font sizes: largest distance between baselines of one line."""
RISE, NEAR = 0.8, 0.25
"""In font sizes: largest step in height, and largest distance across, between two glyphs that are drawn in one go."""
COLUMN = 3.0
"""In font sizes: distance between two columns."""
GAP, GAP_WITHOUT_BLANKS = 0.30, 0.14
"""In font sizes: distance between two words, in lines with and without blank glyphs."""
NARROW = 0.05
"""Em; a blank that is narrower is not a space."""
MIRRORED = dict(zip("()[]{}<>«»‹›", ")(][}{><»«›‹", strict=True))


@dataclass(slots=True)
class Placed:
    """A glyph of a line."""

    shown: Shown
    glyph: Glyph | None
    order: int
    """Position of the glyph in the drawing order."""
    baseline: float
    """Height on the page of the lowest glyph that is drawn in one go with this one."""


Line = list[Placed]


def lines(content: Content, glyphs: Glyphs) -> list[Line]:
    """Return the lines of all pages, page by page, each from left to right as seen; lines are in the order of their
    first glyphs."""
    groups: dict[tuple[int, int], Line] = defaultdict(list)
    baselines = _heights(content.shown)
    for order, shown in enumerate(content.shown):
        glyph = glyphs.find(shown.font, shown.code)
        groups[shown.page, shown.angle].append(Placed(shown, glyph, order, baselines[order]))
    found_lines: list[Line] = []
    for group in groups.values():
        for line in _baselines(group):
            line.sort(key=lambda placed: (placed.shown.x, placed.order))
            found_lines += _columns(line)
    return sorted(found_lines, key=lambda line: (line[0].shown.page, min(placed.order for placed in line)))


def _heights(shown: Sequence[Shown]) -> list[float]:
    """Return a baseline for each glyph: that of the lowest glyph of those drawn in one go, each at the end of the one
    before. Marks on them and glyphs that share their ActualText have the same."""
    runs: list[int] = []
    widest: dict[int, int] = {}
    last = -1
    for i, glyph in enumerate(shown):
        if glyph.actual >= 0 and glyph.advance > shown[widest.setdefault(glyph.actual, i)].advance:
            widest[glyph.actual] = i
        follows = last >= 0 and _follows(glyph, shown[last])
        runs.append(runs[last] if follows else i)
        if glyph.advance > 0 or not follows:
            last = i
    runs = [runs[widest.get(glyph.actual, i)] for i, glyph in enumerate(shown)]
    lowest: dict[int, float] = {}
    for run, glyph in zip(runs, shown, strict=True):
        if glyph.advance > 0 or run not in lowest:
            lowest[run] = min(glyph.y, lowest.get(run, glyph.y))
    return [lowest[run] for run in runs]


def _follows(glyph: Shown, before: Shown) -> bool:
    """Whether a glyph is drawn at an end of the one before, or is a mark on it."""
    if (glyph.page, glyph.angle) != (before.page, before.angle):
        return False
    size = max(glyph.size, before.size)
    if abs(glyph.y - before.y) > RISE * size:
        return False
    right, near = before.x + before.advance, NEAR * size
    if glyph.advance <= 0:
        return before.x - near <= glyph.x <= right + near
    return abs(glyph.x - right) <= near or abs(glyph.x + glyph.advance - before.x) <= near


def _baselines(group: Line) -> Iterator[Line]:
    group.sort(key=lambda placed: -placed.baseline)
    line: Line = []
    for placed in group:
        if line and line[0].baseline - placed.baseline > SAME_LINE * max(line[0].shown.size, placed.shown.size, 1e-6):
            yield line
            line = []
        line.append(placed)
    if line:
        yield line


def _columns(line: Line) -> Iterator[Line]:
    part: Line = []
    right = 0.0
    for placed in line:
        if part and placed.shown.x - right > COLUMN * max(placed.shown.size, 1e-6):
            yield part
            part = []
        right = max(right, _right(placed)) if part else _right(placed)
        part.append(placed)
    if part:
        yield part


def _right(placed: Placed) -> float:
    return placed.shown.x + max(placed.shown.advance, 0.0)


def words(line: Line) -> list[Line]:
    """Return the words of a line from left to right as seen; blanks belong to no word."""
    blanks = any(_is_space(placed) for placed in line)
    wide = GAP if blanks else GAP_WITHOUT_BLANKS
    found_words: list[Line] = []
    word: Line = []
    right: float | None = None
    for placed in line:
        blank = placed.glyph is not None and placed.glyph.blank
        apart = right is not None and placed.shown.x - right > wide * placed.shown.size
        if word and (apart or (blank and _is_space(placed))):
            found_words.append(word)
            word = []
        if not blank:
            word.append(placed)
        right = _right(placed) if right is None else max(right, _right(placed))
    return [*found_words, word] if word else found_words


def _is_space(placed: Placed) -> bool:
    return placed.glyph is not None and placed.glyph.blank and placed.glyph.advance > NARROW


def page_texts(content: Content, glyphs: Glyphs) -> list[str]:
    """Return the text of each page, one string per page; lines end with a line feed."""
    found: list[list[str]] = [[] for _ in range(content.pages)]
    for line in lines(content, glyphs):
        text = " ".join(filter(None, _logical([_units(word, content, glyphs) for word in words(line)])))
        if text:
            found[line[0].shown.page].append(text)
    return ["".join(f"{line}\n" for line in page) for page in found]


def _units(word: Line, content: Content, glyphs: Glyphs) -> list[str]:
    """Return the texts of a word from left to right: those of glyphs with their marks, or the ActualText of a part."""
    found: list[tuple[float, float, str]] = []
    marks: list[tuple[float, str]] = []
    written_spans: set[int] = set()
    for placed in word:
        shown = placed.shown
        if shown.actual >= 0:
            if shown.actual in written_spans:
                continue
            written_spans.add(shown.actual)
            text = content.actual[shown.actual]
        else:
            text = glyphs.text(shown.font, shown.code)
        if text and all(unicodedata.combining(character) for character in text):
            marks.append((shown.x, text))
        elif text:
            found.append((shown.x, _right(placed), text))
    for x, mark in marks:
        if not found:
            found.append((x, x, ""))
        near = min(range(len(found)), key=lambda i: (_distance(x, *found[i][:2]), found[i][0]))
        left, right, text = found[near]
        found[near] = left, right, text + mark
    return [text for _, _, text in found]


def _distance(x: float, left: float, right: float) -> float:
    return 0.0 if left <= x <= right else min(abs(x - left), abs(x - right))


def _logical(line: list[list[str]]) -> list[str]:
    """Turn words from visual order into reading order."""
    if not is_rtl("".join(text for word in line for text in word)):
        return ["".join(_turned(word)) for word in line]
    read: list[str] = []
    waiting: list[str] = []
    for word in reversed(line):
        if _runs_right(word):
            waiting.insert(0, "".join(word))
        else:
            read += [*waiting, "".join(_turned(word))]
            waiting = []
    return read + waiting


def _turned(word: list[str]) -> list[str]:
    """Return the units of a word in reading order: right-to-left words are reversed, numbers and Latin in them are
    not."""
    if not is_rtl("".join(word)):
        return word
    found: list[str] = []
    run: list[str] = []
    for text in reversed(word):
        if any(_direction(character) in ("L", "EN", "AN") for character in text) or (
            run and all(_direction(character) in ("ES", "CS", "ET") for character in text)
        ):
            run.insert(0, text)
        else:
            found += [*run, MIRRORED.get(text, text)]
            run = []
    return found + run


def _direction(character: str) -> str:
    return unicodedata.bidirectional(character)


def _runs_right(word: Iterable[str]) -> bool:
    """Whether a word runs from left to right within a right-to-left line."""
    kinds = {_direction(character) for text in word for character in text}
    return bool(kinds & {"L"}) and not kinds & {"R", "AL"}
