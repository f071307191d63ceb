"""Makes the tables of :mod:`.languages` from word lists."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from glyphcore.errors import StoreError
from glyphcore.text.languages import BOUNDARY, SCRIPTS, UNITS, Language, folded, packed, script_of

LETTERS = 110
"""Largest number of letters of an alphabet; Vietnamese has 89."""
RARE = 1e-5
"""Share of a language's letters below which a letter is not part of the language, but of foreign names."""
LONGEST = 30
DAMPED = 0.5
"""Exponent of word frequencies in the trigrams: a compromise between the words of a list and the words of running
text."""
FLOOR = 1e-7
OWN = {
    "fa": str.maketrans("يىكة", "ییکه"),
    "ur": str.maketrans("يىك", "ییک"),
    "ckb": str.maketrans("يىك", "ییک"),
    "ps": str.maketrans("كگى", "کګی"),
    "ug": str.maketrans("کیه", "كىھ"),
}
"""Language → a map from letters of a related language, which people typed in its word lists, to its own letters."""
_SHARED = "ابتجخدرزسشغفقلمنوژپچئ"
FOREIGN = {
    "ps": re.compile(f"[^{_SHARED}ثحذصضطظعآأءؤةکهیيټځڅډړږښڼګېۍ]"),
    "ug": re.compile(f"[^{_SHARED}كگھىيەڭۇۆۈۋې]|^[اەوۇۆۈېى]"),
}
"""Language → a pattern of words that are not its own, where a word list also has words of other languages. No word of
Uyghur begins with a bare vowel."""

FINAL_SIGMA = re.compile("σ$")
"""Lists of words without case have σ at the end too."""
ENDINGS = {
    "ckb": ("ەکە", "ەکان", "ێک", "ی", "ان", "ە", "ەوە", "انی", "ەکەی", "م", "ت", "یان"),
    "ku": ("ê", "a", "ên", "an", "ek", "î", "in", "e"),
}
"""Language → endings of its words; a list of stems alone would not cover running text."""
ENDED = 0.25
"""Frequency of a stem with one of these endings, relative to the frequency of the stem alone."""


def ended(name: str, stems: Mapping[str, float]) -> dict[str, float]:
    """Return stems with their endings, if the word list of the language has stems."""
    counts = dict(stems)
    for ending in ENDINGS.get(name, ()):
        for stem, count in stems.items():
            counts[stem + ending] = counts.get(stem + ending, 0.0) + ENDED * count
    return counts


def language_of(name: str, frequencies: Mapping[str, float], most: int) -> Language:
    """Return the tables of a language from the frequencies of its words; the ``most`` commonest words are kept.

    Raises StoreError where there are too few words.
    """
    sums: dict[str, float] = defaultdict(float)
    for word, frequency in frequencies.items():
        plain = FINAL_SIGMA.sub("ς", folded(word, name).translate(OWN.get(name, {})))
        foreign = name in FOREIGN and FOREIGN[name].search(plain)
        if plain and not foreign and len(plain) <= LONGEST and all(script_of(letter) for letter in plain):
            sums[plain] += frequency
    script = _script(sums)
    sums = {word: count for word, count in sums.items() if {script_of(letter) for letter in word} == {script}}
    alphabet = _alphabet(sums)
    sums = {word: count for word, count in sums.items() if set(word) <= set(alphabet)}
    if len(sums) < 500:
        raise StoreError(f"{name}: {len(sums)} words are too few.", subject=name)
    trigrams = _trigrams(sums, alphabet)
    kept = sorted(sorted(sums, key=lambda word: (-sums[word], len(word), word))[:most])
    total = sum(sums.values())
    costs = np.array([-np.log(sums[word] / total) for word in kept])
    return Language(
        name, script, alphabet, trigrams, packed(kept), np.clip(np.rint(costs * 4), 0, 255).astype(np.uint8)
    )


def _script(sums: Mapping[str, float]) -> str:
    counts: dict[str, float] = dict.fromkeys(SCRIPTS, 0.0)
    for word, count in sums.items():
        counts[script_of(word[0])] += count
    return max(counts, key=lambda script: counts[script])


def _alphabet(sums: Mapping[str, float]) -> str:
    """Return the letters of the language without rare foreign letters, the commonest first."""
    shares: dict[str, float] = defaultdict(float)
    for word, count in sums.items():
        for letter in word:
            shares[letter] += count
    total = sum(shares.values()) or 1.0
    common = sorted((letter for letter in shares if shares[letter] / total >= RARE), key=lambda count: -shares[count])
    return "".join(common[:LETTERS])


def _trigrams(sums: Mapping[str, float], alphabet: str) -> np.ndarray:
    """Interpolate (Witten and Bell 1991) the counts after two letters, after one, and of single letters."""
    index = {letter: i + 1 for i, letter in enumerate(alphabet)}
    size = len(alphabet) + 1
    counts = np.zeros((size, size, size))
    for word, frequency in sums.items():
        codes = [BOUNDARY, BOUNDARY, *(index[letter] for letter in word), BOUNDARY]
        weight = frequency**DAMPED
        for a, b, c in zip(codes, codes[1:], codes[2:], strict=False):
            counts[a, b, c] += weight
    counts /= counts.max()
    p = counts.sum((0, 1))
    p = (p + FLOOR * p.sum()) / (p + FLOOR * p.sum()).sum()
    two = _mixed(counts.sum(0), np.broadcast_to(p, (size, size)))
    three = _mixed(counts, np.broadcast_to(two, (size, size, size)))
    return np.clip(np.rint(-np.log(np.maximum(three, FLOOR)) * UNITS), 0, 255).astype(np.uint8)


def _mixed(counts: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Return shares along the last axis, mixed with the lower order by the number of different letters seen."""
    total = counts.sum(-1, keepdims=True)
    kinds = (counts > 0).sum(-1, keepdims=True) * np.median(counts[counts > 0])
    return np.where(total > 0, (counts + kinds * below) / np.maximum(total + kinds, 1e-300), below)
