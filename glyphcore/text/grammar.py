"""Cost of a string of candidates as a word: joining, script, case, digits, punctuation, and a language for each script.

All costs are in nats. Some rules hold for every language: an Arabic letter that joins its neighbour needs a neighbour
that joins back; scripts are not mixed within a word; three kinds of digits are not mixed either.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby, pairwise
from typing import NamedTuple

from glyphcore.text.languages import ARABIC, HEBREW, LATIN, RIGHT_TO_LEFT, SCRIPTS, Spelling, folded, script_of

Joins = tuple[int, int]
"""Whether a letter's form joins the letter before it and the letter after it."""
TATWEEL = "\u0640"
LETTER = 3.3
"""Cost of a letter where no language is known."""
DIGIT = 2.3
UNJOINED = 2.5
MIXED = 4.0
"""Cost of each letter of another script in a word, and of each place where letters and digits touch."""
MARK = 3.5
"""Cost of a vowel sign, which most texts do not write."""
PUNCTUATION = {
    ".": 1.5, ",": 1.6, "،": 1.6, "۔": 1.5, "؛": 3.5, ";": 3.8, ":": 2.8, "?": 3.5, "؟": 3.3, "!": 3.8, "-": 3.0,
    "(": 3.0, ")": 3.0, '"': 3.0, "«": 3.2, "»": 3.2, "'": 3.2, "’": 3.2, "“": 3.4, "”": 3.4, "„": 3.6, "–": 3.4,
    "—": 3.4, "/": 3.6, "%": 3.8, "٪": 4.0, "‘": 4.5, "[": 5.0, "]": 5.0, "…": 4.5, "¿": 4.5, "¡": 4.8,
}  # fmt: skip
RARE = 7.0
"""Cost of any other sign."""
OF_ARABIC, OF_OTHERS = "،؛؟۔٪٫٬", ",;?%"
"""Signs of Arabic, and of the other scripts."""
IN_WORDS, IN_NUMBERS = "'’-–@_/", ".,:/-–٫٬"
"""Signs that may stand between letters, and between digits."""
NOT_ARABIC = frozenset(SCRIPTS) - {ARABIC}
STRAY = 6.0
"""Cost of any other sign in these places."""
LONE = 3.0
"""Cost of a letter that stands alone, of a script without a language in a text with one."""
DIGITS = {"fa": "۰", "ur": "۰", "ps": "۰", "sd": "۰", "ar": "٠", "ckb": "٠"}
"""Language → the zero of its digits."""
FULL_STOP = {"ur": "۔"}


class Candidate(NamedTuple):
    """A candidate for a glyph."""

    text: str
    joins: Joins | None
    """Joining of the form; None for a character without forms."""
    log_p: float


@lru_cache(maxsize=8192)
def _kind(character: str) -> str:
    """Return the kind of a character: the script of a letter (that of Latin for all scripts without word lists), ``0``
    ``٠`` ``۰`` for digits by their zero, ``m`` for marks, ``p`` for all others."""
    if unicodedata.combining(character):
        return "m"
    if script := script_of(character):
        return script
    if "0" <= character <= "9":
        return "0"
    if "\u0660" <= character <= "\u0669":
        return "٠"
    if "\u06f0" <= character <= "\u06f9":
        return "۰"
    return LATIN if character.isalpha() else "p"


class Grammar:
    """Costs of words under one hypothesis: for each script a language, two languages or nothing."""

    def __init__(self, languages: Mapping[str, Spelling]) -> None:
        """``languages``: by script."""
        self._languages = dict(languages)
        name = languages[ARABIC].name if ARABIC in languages else ""
        self._zero, self._stop = DIGITS.get(name, ""), FULL_STOP.get(name, "")
        self._known: dict[tuple[str, str], float] = {}

    def knows(self, text: str) -> bool:
        """Return whether there is a language for the script of a word."""
        return any(_kind(character) in self._languages for character in text)

    def cost(self, candidates: Sequence[Candidate]) -> float:
        """Return the cost of a word with these readings of its glyphs, from left to right."""
        kinds = [_kind(candidate.text[0]) for candidate in candidates if candidate.text]
        letters = [kind for kind in kinds if kind in SCRIPTS]
        script = max(SCRIPTS, key=letters.count) if letters else ""
        total = MIXED * (len(letters) - letters.count(script))
        if script in RIGHT_TO_LEFT:
            candidates = candidates[::-1]
            total += MARK * kinds.count("m")
        if script == ARABIC:
            total += _joining(candidates)
        return total + self.text_cost("".join(candidate.text for candidate in candidates))

    def text_cost(self, text: str) -> float:
        """Return the cost of a word in reading order."""
        text = unicodedata.normalize("NFC", text)
        runs = [(kind, "".join(run)) for kind, run in groupby(text, _script_run)]
        total, letters = 0.0, [kind for kind, _ in runs]
        for i, (kind, run) in enumerate(runs):
            if kind in SCRIPTS:
                total += self._word(run, kind)
            elif kind == "p":
                total += self._signs(run, letters, letters[i - 1] if i else "", letters[i + 1 :][:1])
            else:
                total += DIGIT * len(run) + 0.7 + self._digits(kind)
        for a, b in pairwise(letters):
            if a != "p" and b != "p":
                total += MIXED
        return total

    def _digits(self, kind: str) -> float:
        if kind == "0":
            return 0.0
        if self._languages and ARABIC not in self._languages:
            return 6.0
        return 1.5 if self._zero and kind != self._zero else 0.0

    def _signs(self, run: str, kinds: Sequence[str], before: str, after: Sequence[str]) -> float:
        """Return the cost of signs in a word with runs of these ``kinds``; ``before`` and ``after`` are the kinds
        beside them."""
        inside = bool(before and after)
        within = IN_NUMBERS if inside and before not in SCRIPTS and after[0] not in SCRIPTS else IN_WORDS
        total = 0.0
        for sign in run:
            total += PUNCTUATION.get(sign, RARE)
            if (sign in OF_ARABIC and NOT_ARABIC.intersection(kinds)) or (sign in OF_OTHERS and ARABIC in kinds):
                total += 1.5
            if ARABIC in self._languages and sign in ".۔" and not inside:
                total += 1.5 * (sign != (self._stop or "."))
            if inside and sign not in within:
                total += STRAY
        return total

    def _word(self, run: str, kind: str) -> float:
        key = run, kind
        if key not in self._known:
            self._known[key] = self._spelled(run, self._languages.get(kind), kind)
        return self._known[key]

    def _spelled(self, run: str, language: Spelling | None, kind: str) -> float:
        composed = unicodedata.normalize("NFKC", run)
        plain = folded(composed)
        cost = language.of(composed) if language and plain else LETTER * len(plain)
        if len(plain) == 1 and not language and self._languages:
            cost += LONE
        if kind == ARABIC:
            stray = LETTER * run.count(TATWEEL) + 6.0 * (run.startswith(TATWEEL) or run.endswith(TATWEEL))
            return stray + cost if plain else 8.0
        return cost if kind == HEBREW else _case(run) + cost


@lru_cache(maxsize=8192)
def _script_run(character: str) -> str:
    """Return the script of a character; marks and joiners get the script of the letters beside them."""
    kind = _kind(character)
    if kind == "m":
        return ARABIC if "\u0600" <= character <= "\u08ff" else HEBREW if "\u0590" <= character < "\u0600" else LATIN
    return ARABIC if character == TATWEEL else kind


def _case(run: str) -> float:
    if run.islower() or run == run.lower():
        return 0.16
    if run[0].isupper() and (len(run) == 1 or run[1:].islower()):
        return 2.1
    return 3.7 if run.isupper() else 7.6


def _joining(candidates: Sequence[Candidate]) -> float:
    """Return the joining cost of the letters of a word in reading order: each letter must join the next exactly where
    the next joins back."""
    chain = [
        (1, 1) if candidate.text == TATWEEL else candidate.joins or (0, 0)
        for candidate in candidates
        if candidate.text and _kind(candidate.text[0]) != "m"
    ]
    if not chain:
        return 0.0
    gaps = sum(before[1] != after[0] for before, after in pairwise(chain))
    return UNJOINED * (gaps + chain[0][0] + chain[-1][1])
