"""Ligatures that have no label, identified by the words that contain them."""

from __future__ import annotations

from itertools import product

from glyphcore.text.decipher import SPELLED, Solution
from glyphcore.text.grammar import LETTER
from glyphcore.text.languages import load

SEVERAL = 2
"""Number of different words of a glyph from which they identify its letters."""
COMMONEST = 24
"""Number of letters of a language that a ligature may consist of, the commonest ones."""
RARE, CLEARLY = 4.0, 3.0
"""Cost in nats of each letter without evidence from an outline; and the lead in nats that the best text needs."""


def letters_of(solution: Solution, glyph: int, names: str) -> str:
    """Return one or two Latin letters that turn all words with a glyph into words of a language. Empty where no letters
    do, or several could. ``names``: languages of a text, of which the first is used; empty for none."""
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
