"""Ligatures that no label stands for, told by the words that they stand in."""

from __future__ import annotations

from itertools import product

from glyphcore.text.decipher import SPELLED, Solution
from glyphcore.text.grammar import LETTER
from glyphcore.text.languages import load

SEVERAL = 2
"""Different words of a glyph from which they say which letters it is."""
COMMONEST = 24
"""Letters of a language that may be one of a ligature's."""
RARE, CLEARLY = 4.0, 3.0
"""Nats of each letter that no outline speaks for, and by which the best must lead."""


def letters_of(solution: Solution, glyph: int, names: str) -> str:
    """One or two Latin letters that make words of a language of all words that a glyph stands in; empty where none do,
    or several would. ``names``: of the languages of a text, the first counts; empty for none."""
    name = names.partition(",")[0]
    words = solution.cipher.within.get(glyph, [])
    if not name or len(words) < SEVERAL:
        return ""
    letters = load(name).alphabet[:COMMONEST]
    texts = [*letters, *("".join(pair) for pair in product(letters, repeat=2))]
    costs = [cost + RARE * len(text) for cost, text in zip(solution.spell(glyph, texts), texts, strict=True)]
    first, second = sorted(range(len(texts)), key=lambda i: costs[i])[:2]
    tried = words[:SPELLED]
    others = sum(len(solution.text_of(other)) for word in tried for other in word if other != glyph)
    unknown = LETTER * (others + len(texts[first]) * len(tried))
    return texts[first] if costs[second] - costs[first] >= CLEARLY and costs[first] < unknown else ""
