"""In which languages a text is, when its glyphs are not all known: the readings and the language are chosen together.

"None of these" is a hypothesis of its own: every letter is as likely as any other. A language's own table says 1.7 to
2.4 nats a letter, another one's 2.8 between sisters and 3.8 to 6 otherwise, and
:data:`glyphcore.text.grammar.LETTER` lies between. So it wins where a text is in a language without a list: there a
wrong list would do more harm than none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from glyphcore.errors import GlyphError
from glyphcore.text.decipher import REPEATED, Cipher, Solution
from glyphcore.text.grammar import Grammar
from glyphcore.text.languages import ARABIC, LATIN, Language, folded, known, load, script_of

ENOUGH = 8
"""Letters of a script from which its language is asked for."""
CLOSE = 3
"""Languages that are looked at closely."""
LOOKED_AT = 400
"""Different words that languages are told by."""
AUTO, NONE = "auto", "none"


def wanted(said: str) -> tuple[str, ...] | None:
    """``auto`` → None, ``none`` → nothing, ``fa,en`` → these. Raises GlyphError for a language without tables."""
    if said == AUTO:
        return None
    names = tuple(each.strip() for each in said.split(",") if each.strip() and each.strip() != NONE)
    if missing := [each for each in names if each not in known()]:
        raise GlyphError(
            f"There are no words of {', '.join(missing)}.", subject=missing,
            remedy=f"Name some of {', '.join(known())}, auto or none.",
        )  # fmt: skip
    return names


def solved(cipher: Cipher, names: tuple[str, ...] | None) -> tuple[Solution, dict[str, str]]:
    """The best readings of a cipher, and the language of each script; empty for none of these.

    ``names``: languages to choose from, None for all, empty to use no language.
    """
    plain = Solution(cipher, Grammar({})).solve()
    if names == ():
        return plain, {}
    words = _words(plain)
    hypotheses = {script: _closest(script, its, names) for script, its in words.items()}
    best, chosen = plain, dict[str, Language]()
    for script in sorted(hypotheses, key=lambda each: -_letters(words[each])):
        tried = {each.name: chosen | {script: each} for each in hypotheses[script]}
        for languages in tried.values():
            solution = Solution(cipher, Grammar(languages), plain.chosen).solve()
            if solution.cost < best.cost:
                best, chosen = solution, languages
    return best, {script: chosen[script].name if script in chosen else "" for script in hypotheses}


def _words(solution: Solution) -> dict[str, list[tuple[str, float]]]:
    """Words of each script, as they are read without a language, with their weight."""
    found: dict[str, list[tuple[str, float]]] = {ARABIC: [], LATIN: []}
    for text, count in solution.texts()[:LOOKED_AT]:
        for script, run in groupby(text, _of_script):
            if script:
                found[script].append(("".join(run), count**REPEATED))
    return {script: its for script, its in found.items() if _letters(its) >= ENOUGH}


def _of_script(character: str) -> str:
    if "\u064b" <= character <= "\u0670":
        return ARABIC
    return LATIN if "\u0300" <= character < "\u0370" else script_of(character)


def _letters(words: Sequence[tuple[str, float]]) -> float:
    return sum(len(word) * weight for word, weight in words)


def _closest(script: str, words: Sequence[tuple[str, float]], names: tuple[str, ...] | None) -> list[Language]:
    """The languages that explain the words best as they are read now."""
    languages = [each for name in (known() if names is None else names) if (each := load(name)).script == script]
    by_letters = {each.name: sum(w * each.spelled(folded(word, each.name)) for word, w in words) for each in languages}
    near = sorted(languages, key=lambda each: by_letters[each.name])[: 2 * CLOSE]
    whole: Mapping[str, float] = {
        each.name: sum(w * each.cost(folded(word, each.name)) for word, w in words) for each in near
    }
    return sorted(near, key=lambda each: whole[each.name])[:CLOSE]
