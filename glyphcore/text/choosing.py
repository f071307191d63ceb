"""Language identification for a text with uncertain glyphs: readings and language are chosen together.

"None of these languages" is one of the hypotheses: under it, every letter is equally likely. The table of the right
language costs 1.7 to 2.4 nats per letter, that of a related language 2.8, and that of another language 3.8 to 6;
:data:`glyphcore.text.grammar.LETTER` is between them. So this hypothesis wins for a text in a language without a word
list, where a wrong list would do more harm than no list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from glyphcore.errors import GlyphError
from glyphcore.text.decipher import REPEATED, Cipher, Solution
from glyphcore.text.grammar import Grammar
from glyphcore.text.languages import (
    ARABIC,
    HEBREW,
    LATIN,
    SCRIPTS,
    Language,
    Languages,
    Spelling,
    folded,
    known,
    load,
    script_of,
    script_of_language,
)

ENOUGH = 8
"""Smallest number of letters of a script for identifying its language."""
CLOSE = 3
"""Number of languages in the second round."""
LOOKED_AT = 400
"""Number of different words that are used to identify languages."""
GAIN, SHARE, WELL = 0.2, 0.1, 2.9
"""Conditions for a text in two languages: the second language saves that many nats per letter over all words, has that
share of the letters, and explains its own words at that many nats per letter or fewer. In a text in one language any
second language gains 0.05; with a fifth in another language the gain is 0.29. A text in a language without a list may
gain more by two other languages, at 4 nats."""
AUTO, NONE = "auto", "none"


def wanted(names_text: str) -> tuple[str, ...] | None:
    """Convert ``auto`` to None, ``none`` to no language, ``fa,en`` to these. Raises GlyphError for a language without
    tables."""
    if names_text == AUTO:
        return None
    if not names_text.strip():
        raise GlyphError("No language is named.", subject=names_text, remedy=f"Name {AUTO}, {NONE} or languages.")
    names = tuple(word.strip() for word in names_text.split(",") if word.strip() and word.strip() != NONE)
    if AUTO in names:
        raise GlyphError(
            f"{AUTO} stands for all languages, so no other can be named beside it.", subject=names_text,
            remedy=f"Name {AUTO} alone, or only the others.",
        )  # fmt: skip
    if missing := [name for name in names if name not in known()]:
        raise GlyphError(
            f"There is no word list of {', '.join(missing)}.", subject=missing,
            remedy=f"Name some of {', '.join(known())}, auto or none.",
        )  # fmt: skip
    return names


def solved(cipher: Cipher, names: tuple[str, ...] | None) -> tuple[Solution, dict[str, str]]:
    """Return the best readings of a cipher, and the language of each script, or two languages with a comma; empty for
    none of these languages.

    ``names``: languages to choose from, None for all, empty to use no language.
    """
    plain = Solution(cipher, Grammar({})).solve()
    if names == ():
        return plain, {}
    words = _words(plain)
    hypotheses = {script: _closest(script, script_words, names) for script, script_words in words.items()}
    best, chosen = plain, dict[str, Spelling]()
    for script in sorted(hypotheses, key=lambda hypothesis: -_letters(words[hypothesis])):
        others = chosen
        for language in hypotheses[script]:
            best, chosen = _better(best, chosen, others | {script: language}, plain.chosen)
        first = chosen.get(script)  # a first language may lead to a second, whose words were misread before
        if isinstance(first, Language) and (pair := _pair(first, _listed(script, names), _words(best).get(script, ()))):
            best, chosen = _better(best, chosen, others | {script: pair}, best.chosen)
    return best, {script: chosen[script].name if script in chosen else "" for script in hypotheses}


def _better(
    best: Solution, chosen: Mapping[str, Spelling], languages: Mapping[str, Spelling],
    start: Sequence[int],
) -> tuple[Solution, dict[str, Spelling]]:  # fmt: skip
    """Return the better of two solutions: the given one, and the one with other languages."""
    solution = Solution(best.cipher, Grammar(languages), start).solve()
    return (solution, dict(languages)) if solution.cost < best.cost else (best, dict(chosen))


def _listed(script: str, names: tuple[str, ...] | None) -> list[Language]:
    return [load(name) for name in names or known() if script_of_language(name) == script]


def _words(solution: Solution) -> dict[str, list[tuple[str, float]]]:
    """Return the words of each script with their weights, decoded without a language."""
    words: dict[str, list[tuple[str, float]]] = {script: [] for script in SCRIPTS}
    for text, count in solution.texts()[:LOOKED_AT]:
        for script, run in groupby(text, _of_script):
            if script:
                words[script].append(("".join(run), count**REPEATED))
    return {script: script_words for script, script_words in words.items() if _letters(script_words) >= ENOUGH}


def _of_script(character: str) -> str:
    if "\u064b" <= character <= "\u0670":
        return ARABIC
    if "\u0591" <= character <= "\u05c7":
        return HEBREW
    return LATIN if "\u0300" <= character < "\u0370" else script_of(character)


def _letters(words: Sequence[tuple[str, float]]) -> float:
    return sum(len(word) * weight for word, weight in words)


def _closest(script: str, words: Sequence[tuple[str, float]], names: tuple[str, ...] | None) -> list[Spelling]:
    """Return the languages that explain the current words best; two languages where both have words."""
    languages = _listed(script, names)
    by_letters = {
        language.name: sum(w * language.spelled(folded(word, language.name)) for word, w in words)
        for language in languages
    }
    near = sorted(languages, key=lambda language: by_letters[language.name])[: 2 * CLOSE]
    whole: Mapping[str, float] = {language.name: sum(w * language.of(word) for word, w in words) for language in near}
    closest = sorted(near, key=lambda language: whole[language.name])[:CLOSE]
    pair = _pair(closest[0], languages, words) if closest else None
    return [*closest, *([pair] if pair else [])]


def _pair(first: Language, languages: Sequence[Language], words: Sequence[tuple[str, float]]) -> Languages | None:
    """Return a language together with the language that has most of the remaining words; None where there is none."""
    total = _letters(words)
    best, pair = GAIN * total, None
    costs = [first.of(word) for word, _ in words]
    for other in languages:
        saved = letters = cost = 0.0
        for (word, w), own in zip(words, costs, strict=True):
            if other is not first and (theirs := other.of(word)) < own:
                saved += w * (own - theirs)
                letters += w * len(word)
                cost += w * theirs
        if saved > best and letters >= SHARE * total and cost <= WELL * letters:
            best, pair = saved, Languages((first, other))
    return pair
