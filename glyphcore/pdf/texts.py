"""The words of a PDF as evidence: which reading of its glyphs makes a text of them."""

from __future__ import annotations

from collections import Counter

from glyphcore.pdf.glyphs import Glyph
from glyphcore.pdf.lines import lines, words
from glyphcore.pdf.reading import Reading
from glyphcore.text.choosing import solved
from glyphcore.text.decipher import Cipher

LONGEST = 40
"""Glyphs of a word; what is longer is none, and read in pieces."""


def decipher(reading: Reading, names: tuple[str, ...] | None) -> list[str]:
    """Choose every glyph's reading by the words that all of them make; returns the languages.

    ``names``: languages to choose from, None for all; empty for what needs no language (joining, scripts, case).
    Glyphs that are known stay as they are. Nothing is done where every glyph is.
    """
    glyphs = [each for each in reading.glyphs.each if each.candidates and not each.blank]
    if all(len(each.candidates) < 2 for each in glyphs):
        return []
    number = {id(each): i for i, each in enumerate(glyphs)}
    cipher = Cipher(
        [each.candidates for each in glyphs], [each.uses[0][0].family for each in glyphs], _words(reading, number)
    )
    solution, told = solved(cipher, names)
    for i in cipher.free:
        choice = solution.chosen[i]
        odds = solution.odds(i)
        if choice or odds > glyphs[i].sure:
            _take(glyphs[i], choice, odds)
    return sorted(name for names in told.values() for name in names.split(",") if name)


def _take(glyph: Glyph, choice: int, odds: float) -> None:
    glyph.read(glyph.candidates[choice], "text" if choice else glyph.source, odds)
    glyph.candidates = [glyph.candidates[choice], *(c for i, c in enumerate(glyph.candidates) if i != choice)]


def _words(reading: Reading, number: dict[int, int]) -> Counter[tuple[int, ...]]:
    found: Counter[tuple[int, ...]] = Counter()
    for line in lines(reading.content, reading.glyphs):
        for word in words(line):
            its = tuple(
                [number[id(each.glyph)] for each in word if each.glyph is not None and id(each.glyph) in number]
            )
            for start in range(0, len(its), LONGEST):
                found[its[start : start + LONGEST]] += 1
    return found
