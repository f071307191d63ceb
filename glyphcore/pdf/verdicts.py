"""Verdicts on the fonts of a PDF: texts that readers get from codes are compared with the readings of the outlines.

A claim is judged where the outline was read with certainty and the model knows the claimed character. A font in a
script that the model does not know is never called wrong. A source is believed or disbelieved as a whole, by its
agreement.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from math import exp

from glyphcore.data.labels import LabelMap
from glyphcore.pdf.fonts import NOT_EMBEDDED, Font
from glyphcore.pdf.glyphs import Glyph, Glyphs, look_alikes, plain

SURE = 0.8
"""Probability from which a reading judges a claim."""
PLAUSIBLE = 0.05
"""Probability from which a claim agrees although it is not the reading."""
IMPOSSIBLE = 0.002
"""Probability below which a claim is wrong whatever the glyph is."""
ENOUGH = 3
"""Number of judged glyphs that a source needs before it can be disbelieved."""
STRANGER = 0.5
"""Probability from which a glyph counts as none of the labels."""
MOSTLY = 0.4
"""Share of a font's claims that must have been judged: barcodes and ornaments are sometimes read with certainty too."""
VARIED = 0.6
"""Share of different readings among the glyphs that judge a font from which they are believed."""
LEGIBLE = 0.5
"""Probability of a reading, and share of glyphs with such a reading, from which a font can be read at all."""
DISBELIEVED = 0.45
"""Share of agreeing glyphs below which a source is disbelieved."""
BELIEVED = 0.6
"""Share of agreeing glyphs from which a source decides between candidates."""
COVERED = 0.5
"""Share of shown glyphs with a text below which the text of a font counts as missing."""
WHOLE = 0.95
NARROW = 0.05
"""Em; a glyph that takes less room is part of the letter of another glyph."""
SOME, SOME_SHARE = 12, 0.25
"""Number of glyphs that are read with certainty, and their share, from which a font of two scripts is read in part."""
DOTS = ".·•∙:…‥⁚∴∵˙¨"
"""Readings of glyphs that are dots of letters."""
BROKEN = ("wrong", "missing", "partly")
"""Verdicts of fonts that are repaired."""
SOURCES = ("tounicode", "actual", "encoding", "names", "cmap")
"""Sources of claims about a glyph: ToUnicode, ActualText of that glyph alone, the encoding of the font, the glyph names
of the program and its ``cmap``."""


@dataclass
class Agreement:
    """Agreement of a source with outlines that were read with certainty; counts are of different glyphs."""

    claimed: int = 0
    judged: int = 0
    agreed: int = 0

    @property
    def rate(self) -> float:
        """Share of agreeing glyphs, with one added agreement and one added disagreement."""
        return (self.agreed + 1) / (self.judged + 2)


@dataclass
class Verdict:
    """The verdict on a font."""

    font: Font
    verdict: str
    """``right``; ``wrong``, ``missing``, ``partly`` for fonts that lie; ``unsure``, ``unknown script``, ``not
    embedded``, ``unreadable`` where nothing can be decided."""
    shown: int
    """Number of shown glyphs, with repetitions."""
    covered: float
    """Share of shown glyphs with a text, without blank glyphs."""
    agreements: dict[str, Agreement] = field(default_factory=dict)
    """Agreement by source; ``readers`` stands for the texts that PDF readers use."""
    legible: bool = True
    """Whether most of its glyphs look like characters that the model knows; otherwise no text is written for the
    font."""

    @property
    def lies(self) -> bool:
        """Whether the text of the font is not to be trusted."""
        return self.verdict in BROKEN

    @property
    def mendable(self) -> bool:
        """Whether the glyphs of the font can be read."""
        return self.font.program is not None and (self.legible or self.verdict == "partly")


@lru_cache(maxsize=4)
def characters_of(labels: LabelMap) -> frozenset[str]:
    """Return the characters that have labels, without regard to case and presentation form."""
    return frozenset(plain(base).casefold() for base in labels.base)


def same(a: str, b: str) -> bool:
    """Whether two texts of one glyph differ only by case, form or characters that fonts draw alike."""
    a, b = plain(a), plain(b)
    if a.casefold() == b.casefold():
        return True
    return len(a) == 1 and any(b in look_alikes(a, joins) for joins in (None, (0, 0), (0, 1)))


def agrees(claim: str, glyph: Glyph) -> bool | None:
    """Whether a claim is the reading of a glyph, or plausible for it. None where it differs by case alone, which proves
    nothing: small capitals look like capitals."""
    exact = sum(exp(candidate.log_p) for candidate in glyph.candidates if plain(candidate.text) == plain(claim))
    if exact >= PLAUSIBLE:
        return True
    if plain(claim).casefold() == plain(glyph.shape).casefold():
        return None if plain(claim) != plain(glyph.shape) else True
    return plain(claim) in glyph.alike or same(claim, glyph.shape)


def agreement(claims: Iterable[tuple[str, Glyph]], labels: LabelMap) -> Agreement:
    """Judge claims about different glyphs."""
    found = Agreement()
    known = characters_of(labels)
    for claim, glyph in claims:
        if not claim:
            continue
        found.claimed += 1
        if not _judges(glyph, claim, known):
            continue
        judged = agrees(claim, glyph)
        found.judged += judged is not None
        found.agreed += bool(judged)
    return found


def _judges(glyph: Glyph, claim: str, known: frozenset[str]) -> bool:
    """Whether the outline was read with certainty, or is surely some letter and tells surely about the claimed one.

    A Hebrew letter is often one of three or four that fonts draw alike; a fifth one is wrong all the same. Shapes that
    are no letters tell nothing in that way: a blurred shadow of a letter looks like one of five blocks.
    """
    if glyph.blank or glyph.fault or plain(claim).casefold() not in known:
        return False
    if glyph.p_alike >= SURE:
        return True
    if not glyph.shape.isalpha():
        return False
    wanted = plain(claim).casefold()
    p = sum(exp(candidate.log_p) for candidate in glyph.candidates if plain(candidate.text).casefold() == wanted)
    return 1 - glyph.none >= SURE and not IMPOSSIBLE < p < PLAUSIBLE


def judge(font: Font, glyphs: Glyphs, labels: LabelMap) -> Verdict:
    """Return the verdict on a font."""
    its = glyphs.of_font(font)
    shown = font.used.total()
    inked = [(code, glyph) for code, glyph in its if not glyph.blank]
    covered = _covered(font, inked)
    agreements = {"readers": agreement(((font.shown_by_readers(code), glyph) for code, glyph in its), labels)}
    for source in SOURCES:
        found = agreement(((font.claims_of(code).get(source, ""), glyph) for code, glyph in its), labels)
        if found.claimed:
            agreements[source] = found
    known = sum(glyph.p_alike >= LEGIBLE for _, glyph in inked)
    verdict = _verdict(font, inked, covered, agreements, labels)
    return Verdict(font, verdict, shown, covered, agreements, legible(known, len(inked)))


def legible(known: int, glyphs: int) -> bool:
    """Whether a font can be read when ``known`` of its ``glyphs`` are known."""
    mixed = known >= SOME and known >= SOME_SHARE * glyphs  # the other glyphs are known to be none of the labels
    return mixed or known >= LEGIBLE * glyphs


def told(font: Font, code: int, glyph: Glyph) -> str:
    """Return the text that readers give for a code. Empty where only an encoding that the font does not name gives it,
    and the outline is another character."""
    text = font.shown_by_readers(code)
    judged = glyph.none > STRANGER or glyph.p_alike >= SURE
    if text and judged and font.assumed(code) and agrees(text, glyph) is False:
        return ""
    return text


def _covered(font: Font, inked: list[tuple[int, Glyph]]) -> float:
    """Return the share of shown glyphs with a text. Dots and marks need no text, since their letter has it; glyphs
    within ActualText need none either."""
    covered = total = 0
    for code, glyph in inked:
        times = font.used[code] - font.enclosed[code]
        means = _means(told(font, code, glyph))
        if means or not is_part(glyph):
            covered += times * means
            total += times
    return covered / total if total else 1.0


def is_part(glyph: Glyph) -> bool:
    """Whether a glyph without a text may be a dot or a mark of another glyph's letter. Such a glyph takes no room,
    looks like dots or a mark, or bears marks of which one has the text."""
    if any(2 * font.enclosed[code] > font.used[code] for font, code in glyph.uses):
        return True
    return glyph.advance <= NARROW or all(
        unicodedata.combining(character) or character in DOTS for character in glyph.shape
    )


def _verdict(
    font: Font, inked: list[tuple[int, Glyph]], covered: float, agreements: dict[str, Agreement], labels: LabelMap
) -> str:  # fmt: skip
    if font.program is None:
        return NOT_EMBEDDED if font.snag == NOT_EMBEDDED else "unreadable"
    if not inked:
        return "right" if not font.snag else "unreadable"
    if covered < COVERED:
        return "missing"
    readers = agreements["readers"]
    judged = readers.judged >= max(ENOUGH, MOSTLY * readers.claimed)
    disagrees = readers.judged >= ENOUGH and readers.agreed < DISBELIEVED * readers.judged
    if disagrees and (judged or _witness(agreements)) and _vary(font, inked, labels):
        return "wrong"
    if _foreign(font, inked, labels):
        return "unknown script"
    if covered < WHOLE or _lacks_letters(font, inked):
        return "partly"
    return "right" if readers.judged >= ENOUGH and not disagrees else "unsure"


def _lacks_letters(font: Font, inked: list[tuple[int, Glyph]]) -> bool:
    """Whether several glyphs that surely are letters have no text: umlauts are often less than a twentieth of it."""
    lacking = [
        glyph
        for code, glyph in inked
        if glyph.p_alike >= SURE and glyph.shape.isalpha() and not is_part(glyph) and not told(font, code, glyph)
    ]
    return len(lacking) >= ENOUGH


def _vary(font: Font, inked: list[tuple[int, Glyph]], labels: LabelMap) -> bool:
    """Whether the glyphs that judge the font were read as different characters: glyphs of an ornament that the model
    takes for letters look like the same few."""
    known = characters_of(labels)
    judges = [glyph for code, glyph in inked if _judges(glyph, font.shown_by_readers(code), known)]
    return len({(glyph.shape, glyph.joins) for glyph in judges}) >= VARIED * len(judges)


def _witness(agreements: dict[str, Agreement]) -> bool:
    """Whether a source agrees with the outlines that readers contradict: then the outlines are read correctly."""
    return any(its.judged >= ENOUGH and its.agreed >= BELIEVED * its.judged for its in agreements.values())


def _foreign(font: Font, inked: list[tuple[int, Glyph]], labels: LabelMap) -> bool:
    """Whether most texts of a font are in scripts that have no labels."""
    known = characters_of(labels)
    said = [plain(font.shown_by_readers(code)).casefold() for code, _ in inked]
    letters = [text for text in said if text and any(character.isalpha() for character in text)]
    return len([letter for letter in letters if letter not in known]) * 2 > max(len(said), 1)


def _means(text: str) -> bool:
    """Whether people can search for a text; private characters cannot be searched for."""
    return bool(text) and not all(0xE000 <= ord(character) < 0xF900 or ord(character) >= 0xF0000 for character in text)
