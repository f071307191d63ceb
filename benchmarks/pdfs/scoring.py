"""The share of a text that a PDF gives back: 1 − edit distance / length, without characters that do not matter."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict

IN_ORDER = 0.97
"""Score of a reader on the untouched file below which it does not read the file in order; then the score counts
characters in any order."""


def normal(text: str) -> str:
    """Replace compatibility forms by their letters; remove white space, controls and format characters."""
    text = unicodedata.normalize("NFKC", text)
    kept = (c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc"))
    return unicodedata.normalize("NFKC", "".join(kept))


def distance(a: str, b: str) -> int:
    """Return Levenshtein's distance, computed a column at a time in the bits of one number (Myers 1999, Hyyrö 2003)."""
    if not a or not b:
        return len(a) + len(b)
    places: dict[str, int] = defaultdict(int)
    for i, character in enumerate(a):
        places[character] |= 1 << i
    whole, last = (1 << len(a)) - 1, 1 << (len(a) - 1)
    up, down, column = whole, 0, len(a)
    for character in b:
        here = places.get(character, 0)
        equal = here | down
        diagonal = (((equal & up) + up) ^ up) | equal
        right, left = down | ~(diagonal | up) & whole, up & diagonal
        column += bool(right & last) - bool(left & last)
        right, left = (right << 1 | 1) & whole, (left << 1) & whole
        up, down = left | ~(diagonal | right) & whole, right & diagonal
    return column


def accuracy(truth: str, got: str) -> float:
    """Return the share of correct characters, in order; 0 to 1."""
    truth, got = normal(truth), normal(got)
    return max(0.0, 1 - distance(truth, got) / max(len(truth), 1))


def bag(truth: str, got: str) -> float:
    """Return the share of correct characters, in any order; 0 to 1."""
    a, b = Counter(normal(truth)), Counter(normal(got))
    return max(0.0, 1 - max((a - b).total(), (b - a).total()) / max(a.total(), 1))


def score(truth: str, got: str, untouched: float) -> float:
    """Return the score of ``got``; ``untouched`` is :func:`accuracy` of the same reader on the file of the producer."""
    in_order = accuracy(truth, got)
    return in_order if untouched >= IN_ORDER else max(in_order, bag(truth, got))
