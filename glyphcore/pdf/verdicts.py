"""Which fonts of a PDF lie: what readers make of their codes, held against what their outlines were read as.

A claim is judged where the outline was read surely and the claimed character is one that the model knows; a font
in a script that it does not know is never called wrong. One source is believed or not as a whole, by its agreement.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from math import exp

from glyphcore.data.labels import LabelMap
from glyphcore.pdf.fonts import Font
from glyphcore.pdf.glyphs import Glyph, Glyphs, look_alikes, plain

SURE = 0.8
"""Probability from which a reading judges a claim."""
PLAUSIBLE = 0.05
"""Probability from which a claim agrees though it is not the reading."""
ENOUGH = 3
"""Glyphs that must have judged before a source is disbelieved."""
STRANGER = 0.5
"""Probability from which a glyph counts as none of the labels."""
MOSTLY = 0.5
"""Share of a font's claims that must have been judged: barcodes and ornaments are read surely too, now and then."""
LEGIBLE = 0.5
"""Probability of a reading, and share of glyphs with one, from which a font can be read at all."""
DISBELIEVED = 0.45
"""Share of agreeing ones below which it is."""
BELIEVED = 0.6
"""Share from which it decides between candidates."""
COVERED = 0.5
"""Share of shown glyphs with a text below which a font's text counts as missing."""
WHOLE = 0.95
NARROW = 0.05
"""Em; what takes less room is part of another glyph's letter."""
SOME, SOME_SHARE = 12, 0.25
"""Glyphs that are read surely, in number and of all, from which a font of two scripts is read as far as it can be."""
DOTS = ".·•∙:…‥⁚∴∵˙¨"
"""What dots of letters are read as."""
BROKEN = ("wrong", "missing", "partly")
"""Verdicts of fonts that are repaired."""
SOURCES = ("tounicode", "actual", "encoding", "names", "cmap")
"""What may say what a glyph is: ToUnicode, ActualText of that glyph alone, the font's encoding, the program's names and
its ``cmap``."""


@dataclass
class Agreement:
    """How far a source agrees with outlines that were read surely; counts are of different glyphs."""

    claimed: int = 0
    judged: int = 0
    agreed: int = 0

    @property
    def rate(self) -> float:
        """Share of agreeing ones, with a doubt of one each way."""
        return (self.agreed + 1) / (self.judged + 2)


@dataclass
class Verdict:
    """What is to be thought of a font."""

    font: Font
    verdict: str
    """``right``; ``wrong``, ``missing``, ``partly`` for those that lie; ``unsure``, ``unknown script``,
    ``not embedded``, ``unreadable`` where nothing can be said."""
    shown: int
    """Glyphs as they are shown, repeated ones too."""
    covered: float
    """Share of them with a text; blanks apart."""
    agreements: dict[str, Agreement] = field(default_factory=dict)
    """By source; ``readers`` is what readers make of the font."""
    legible: bool = True
    """Whether most of its glyphs look like characters that the model knows; else nothing is written for it."""

    @property
    def lies(self) -> bool:
        """Whether its text is not to be trusted."""
        return self.verdict in BROKEN

    @property
    def mendable(self) -> bool:
        """Whether its glyphs can be read."""
        return self.font.program is not None and (self.legible or self.verdict == "partly")


@lru_cache(maxsize=4)
def _known(labels: LabelMap) -> frozenset[str]:
    """Characters that there are labels for, case and presentation form aside."""
    return frozenset(plain(base).casefold() for base in labels.base)


def same(a: str, b: str) -> bool:
    """Whether two texts of one glyph are the same but for case, form and what fonts draw alike."""
    a, b = plain(a), plain(b)
    if a.casefold() == b.casefold():
        return True
    return len(a) == 1 and any(b in look_alikes(a, joins) for joins in (None, (0, 0), (0, 1)))


def agrees(claim: str, glyph: Glyph) -> bool | None:
    """Whether a claim is what a glyph was read as, or plausible for it; None where it differs by its case alone, which
    says nothing: small capitals are drawn like large ones."""
    exact = sum(exp(candidate.log_p) for candidate in glyph.candidates if plain(candidate.text) == plain(claim))
    if exact >= PLAUSIBLE:
        return True
    if plain(claim).casefold() == plain(glyph.shape).casefold():
        return None if plain(claim) != plain(glyph.shape) else True
    return same(claim, glyph.shape)


def agreement(claims: Iterable[tuple[str, Glyph]], labels: LabelMap) -> Agreement:
    """Judge claims of different glyphs."""
    found = Agreement()
    known = _known(labels)
    for claim, glyph in claims:
        if not claim:
            continue
        found.claimed += 1
        if glyph.blank or glyph.fault or glyph.p < SURE or plain(claim).casefold() not in known:
            continue
        judged = agrees(claim, glyph)
        found.judged += judged is not None
        found.agreed += bool(judged)
    return found


def judge(font: Font, glyphs: Glyphs, labels: LabelMap) -> Verdict:
    """The verdict on a font."""
    its = glyphs.of_font(font)
    shown = font.used.total()
    inked = [(code, glyph) for code, glyph in its if not glyph.blank]
    covered = _covered(font, inked)
    agreements = {"readers": agreement(((font.shown_by_readers(code), glyph) for code, glyph in its), labels)}
    for source in SOURCES:
        found = agreement(((font.claims_of(code).get(source, ""), glyph) for code, glyph in its), labels)
        if found.claimed:
            agreements[source] = found
    known = sum(glyph.p >= LEGIBLE for _, glyph in inked)
    verdict = _verdict(font, inked, covered, agreements, labels)
    return Verdict(font, verdict, shown, covered, agreements, legible(known, len(inked)))


def legible(known: int, glyphs: int) -> bool:
    """Whether a font can be read of whose ``glyphs`` so many are ``known``."""
    mixed = known >= SOME and known >= SOME_SHARE * glyphs  # the others are known to be none of the labels
    return mixed or known >= LEGIBLE * glyphs


def told(font: Font, code: int, glyph: Glyph) -> str:
    """What readers make of a code; empty where only an encoding says so that the font does not name, and the outline is
    something else."""
    text = font.shown_by_readers(code)
    judged = glyph.none > STRANGER or glyph.p >= SURE
    if text and judged and font.assumed(code) and agrees(text, glyph) is False:
        return ""
    return text


def _covered(font: Font, inked: list[tuple[int, Glyph]]) -> float:
    """Share of shown glyphs with a text. Dots and marks need none, their letter has it; nor does what ActualText speaks
    for."""
    covered = total = 0
    for code, glyph in inked:
        times = font.used[code] - font.enclosed[code]
        means = _means(told(font, code, glyph))
        if means or not is_part(glyph):
            covered += times * means
            total += times
    return covered / total if total else 1.0


def is_part(glyph: Glyph) -> bool:
    """Whether a glyph without a text may be a dot or a mark of another one's letter: it takes no room, or looks like
    dots or a mark; or bears such marks, one of which has the text."""
    if any(2 * font.enclosed[code] > font.used[code] for font, code in glyph.uses):
        return True
    return glyph.advance <= NARROW or all(
        unicodedata.combining(character) or character in DOTS for character in glyph.shape
    )


def _verdict(
    font: Font, inked: list[tuple[int, Glyph]], covered: float, agreements: dict[str, Agreement], labels: LabelMap
) -> str:  # fmt: skip
    if font.program is None:
        return "not embedded" if font.snag == "not embedded" else "unreadable"
    if not inked:
        return "right" if not font.snag else "unreadable"
    if covered < COVERED:
        return "missing"
    readers = agreements["readers"]
    judged = readers.judged >= max(ENOUGH, MOSTLY * readers.claimed)
    if readers.judged >= ENOUGH and readers.agreed < DISBELIEVED * readers.judged and (judged or _witness(agreements)):
        return "wrong"
    if _foreign(font, inked, labels):
        return "unknown script"
    if covered < WHOLE:
        return "partly"
    return "right" if readers.judged >= ENOUGH else "unsure"


def _witness(agreements: dict[str, Agreement]) -> bool:
    """Whether a source agrees with the same outlines that readers contradict: then these are read rightly."""
    return any(its.judged >= ENOUGH and its.agreed >= BELIEVED * its.judged for its in agreements.values())


def _foreign(font: Font, inked: list[tuple[int, Glyph]], labels: LabelMap) -> bool:
    """Whether most of what a font says is in scripts that there are no labels for."""
    known = _known(labels)
    said = [plain(font.shown_by_readers(code)).casefold() for code, _ in inked]
    letters = [text for text in said if text and any(character.isalpha() for character in text)]
    return len([letter for letter in letters if letter not in known]) * 2 > max(len(said), 1)


def _means(text: str) -> bool:
    """Whether a text is one that somebody can search for: private characters are not."""
    return bool(text) and not all(0xE000 <= ord(character) < 0xF900 or ord(character) >= 0xF0000 for character in text)
