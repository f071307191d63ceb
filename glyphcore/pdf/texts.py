"""Words of a PDF as evidence: the readings of its glyphs that make a meaningful text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from math import exp

from glyphcore.pdf.glyphs import FORMS, Glyph
from glyphcore.pdf.lines import Line, lines, words
from glyphcore.pdf.reading import Reading
from glyphcore.pdf.verdicts import LEGIBLE, STRANGER, legible
from glyphcore.text.choosing import solved
from glyphcore.text.decipher import Cipher, Solution
from glyphcore.text.grammar import Candidate
from glyphcore.text.languages import LATIN, script_of
from glyphcore.text.ligatures import letters_of

LONGEST = 40
"""Largest number of glyphs of a word; a longer run is not a word and is read in pieces."""
CLUSTER = 3
"""Largest number of letters of a part of a word with an ActualText; longer parts are words, read by their glyphs."""
MOST = 12.0
"""Largest number of nats that words may add to the odds that a glyph is a letter, or subtract from them."""
HEARD = 1.5
"""Number of nats of its words from which a glyph counts as known by its words."""
CLEARED = 0.8
"""Share of strange letters that words must have supported before the signs beside them are believed."""

Part = tuple[str, tuple[tuple[int, int], ...]]
"""ActualText of a part of a word, and its glyphs: ``id`` of the font and code."""


def decipher(reading: Reading, names: tuple[str, ...] | None) -> list[str]:
    """Choose the reading of every glyph by the words that all glyphs make; return the languages.

    ``names``: languages to choose from, None for all; empty to use only rules that need no language (joining, scripts,
    case). Glyphs that are known stay as they are. Nothing is done where all glyphs are known.
    """
    glyphs = _inked(reading)
    if all(len(glyph.candidates) < 2 for glyph in glyphs):
        return []
    cipher = _cipher(reading, glyphs)
    solution, told = solved(cipher, names)
    free = set(cipher.free)
    known: set[int] = set()
    spelled: dict[int, str] = {}
    doubt = [glyph.none for glyph in glyphs] + [0.0] * (len(cipher.candidates) - len(glyphs))
    strange = [i for i, glyph in enumerate(glyphs) if glyph.none > STRANGER and glyph.source == "outline"]
    for i, glyph in enumerate(glyphs):
        heard = solution.text_of(i).isalpha() and solution.support(i) >= HEARD
        if heard or glyph.p_alike >= LEGIBLE:
            known.add(id(glyph))
        if glyph.source != "outline":  # a glyph that the PDF names is not strange
            glyph.none = 0.0
        elif solution.text_of(i).isalpha():  # signs stand beside words of any script
            glyph.none = _still_none(glyph.none, solution.fair_support(i, doubt))
    _spare_letters_of_words(glyphs, solution, strange)
    _spare_others(glyphs, solution, strange)
    for i in strange:
        if glyphs[i].none > STRANGER and (text := letters_of(solution, i, told.get(LATIN, ""))):
            spelled[i] = text
    for i, glyph in enumerate(glyphs):
        if i in spelled:
            glyph.candidates.insert(0, Candidate(spelled[i], None, glyph.candidates[0].log_p))
            glyph.none = 0.0
            glyph.read(glyph.candidates[0], "text", LEGIBLE)
            continue
        choice = solution.chosen[i]
        odds = (1 - glyph.none) * (solution.odds(i) if i in free else 1.0)
        if choice or (i in free and odds > glyph.sure):
            _take(glyph, choice, odds)
    for verdict in reading.verdicts:
        inked = [glyph for _, glyph in reading.glyphs.of_font(verdict.font) if not glyph.blank]
        verdict.legible |= legible(sum(id(glyph) in known for glyph in inked), len(inked))
    return sorted(name for names in told.values() for name in names.split(",") if name)


def languages_of(reading: Reading) -> dict[str, str]:
    """Return the language of each script in which the glyphs make words, with an empty name for a script without one;
    the readings stay as they are."""
    return solved(_cipher(reading, _inked(reading)), None)[1]


def _inked(reading: Reading) -> list[Glyph]:
    return [glyph for glyph in reading.glyphs.all if glyph.candidates and not glyph.blank]


def _cipher(reading: Reading, glyphs: list[Glyph]) -> Cipher:
    """Return the words of a PDF as a cipher over ``glyphs``. A part of a word with an ActualText is one more glyph,
    after these: its text is known, and only how it joins its neighbours is left to choose."""
    number = {id(glyph): i for i, glyph in enumerate(glyphs)}
    families: list[Hashable] = [glyph.uses[0][0].family for glyph in glyphs]
    spans = _spans(reading)
    parts = {part: len(glyphs) + i for i, part in enumerate(dict.fromkeys(spans.values()))}
    numbers = {actual: parts[part] for actual, part in spans.items()}
    found: Counter[tuple[int, ...]] = Counter()
    for line in lines(reading.content, reading.glyphs):
        for word in words(line):
            its = tuple(_numbers(word, number, numbers))
            for start in range(0, len(its), LONGEST):
                found[its[start : start + LONGEST]] += 1
    candidates = [glyph.candidates for glyph in glyphs]
    candidates += [[Candidate(text, joins, 0.0) for joins in FORMS.values()] for text, _ in parts]
    return Cipher(candidates, [*families, *parts], found)


def _spans(reading: Reading) -> dict[int, Part]:
    """Return the short parts of words with an ActualText, by the number of that text."""
    glyphs: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for shown in reading.content.shown:
        if shown.actual >= 0:
            glyphs[shown.actual].append((id(shown.font), shown.code))
    texts = {actual: reading.content.actual[actual] for actual in glyphs}
    return {
        actual: (text, tuple(glyphs[actual]))
        for actual, text in texts.items()
        if 0 < len(text) <= CLUSTER and text.strip() == text
    }


def _numbers(word: Line, number: dict[int, int], parts: dict[int, int]) -> Iterator[int]:
    """Yield the numbers of the glyphs of a word from left to right; glyphs of one part with an ActualText have one."""
    seen: set[int] = set()
    for placed in word:
        actual = placed.shown.actual
        if actual in parts:
            if actual not in seen:
                yield parts[actual]
            seen.add(actual)
        elif placed.glyph is not None and id(placed.glyph) in number:
            yield number[id(placed.glyph)]


def _spare_letters_of_words(glyphs: list[Glyph], solution: Solution, strange: list[int]) -> None:
    """Lower ``none`` of a glyph that was read as a letter, with other letters of its script around it that are known.

    Letters that two alphabets draw alike are judged by their font as two halves.
    """
    unknown = {i for i in strange if glyphs[i].none > STRANGER}
    for i in unknown:
        text = solution.text_of(i)
        if glyphs[i].alike and text.isalpha():
            words = [
                word
                for word in solution.cipher.within.get(i, ())
                if len(around := set(word) - {i}) > 1
                and not around & unknown
                and all(script_of(solution.text_of(other)) == script_of(text) for other in around)
            ]
            glyphs[i].none = _still_none(glyphs[i].none, HEARD * len(words))


def _spare_others(glyphs: list[Glyph], solution: Solution, strange: list[int]) -> None:
    """Lower ``none`` of glyphs that words tell nothing about, in a family whose letters looked ``strange`` and turned
    out to be letters: such signs, and letters that stand alone, are probably what they look like. Each was judged
    together with the letters."""
    families: dict[str, list[int]] = defaultdict(list)
    for i in strange:
        families[glyphs[i].uses[0][0].family].append(i)
    for its in families.values():
        heard = [i for i in its if solution.text_of(i).isalpha() and solution.support(i)]
        if sum(glyphs[i].none <= STRANGER for i in heard) >= CLEARED * max(len(heard), 1):
            for i in set(its).difference(heard):
                glyphs[i].none = _still_none(glyphs[i].none, HEARD)


def _still_none(none: float, support: float) -> float:
    """Return the probability that a glyph is none of the labels, from its font and the words of the text."""
    return none / (none + (1 - none) * exp(min(max(support, -MOST), MOST))) if 0 < none < 1 else none


def _take(glyph: Glyph, choice: int, odds: float) -> None:
    glyph.read(glyph.candidates[choice], "text" if choice else glyph.source, odds)
    glyph.candidates = [glyph.candidates[choice], *(c for i, c in enumerate(glyph.candidates) if i != choice)]
