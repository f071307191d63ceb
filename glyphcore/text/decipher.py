"""A text as a cipher over glyphs: each glyph has one reading for all its occurrences, chosen by the words that it
makes.

A text of known shapes is a substitution cipher with a strong prior: the model's prediction for each outline. The cost
of a choice is the cost of the shapes plus the cost of all words. Coordinate descent lowers it glyph by glyph, and then
by pairs of glyphs within one word, until nothing changes. It ends in a local optimum close to its start. That is
intended, because nine of ten predictions are correct.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import exp

from glyphcore.text.grammar import LETTER, Candidate, Grammar

WEIGHT = 0.3
"""Weight of a word relative to the shapes of its glyphs: neighbouring words are not independent evidence."""
REPEATED = 0.7
"""Exponent of a word's count."""
REACH = 9.0
"""Nats below a glyph's best candidate from which another candidate is not tried."""
TRIED = 10
"""Number of candidates of a glyph that are tried."""
DUPLICATE_PENALTY = 2.0
"""Cost in nats of a reading that another glyph of the same font has."""
WORDS = 2_000
"""Number of different words that count; more words add no information."""
OF_A_GLYPH = 150
"""Number of different words that count for one glyph, the commonest ones."""
SPELLED = 20
"""Number of different words that are tried with other letters for one glyph."""
SWEEPS = 6
UNSURE = 4.0
"""Nats between the two best candidates below which a glyph is tried together with other glyphs."""
PAIRS = 150
Word = tuple[int, ...]
"""Numbers of glyphs, from left to right."""


@dataclass
class Cipher:
    """Glyphs with their candidates, and the words that they make."""

    candidates: list[list[Candidate]]
    """Candidates of each glyph; the current reading is first."""
    fonts: list[Hashable]
    """Font of each glyph; glyphs of one font compete for readings."""
    words: Counter[Word]

    def __post_init__(self) -> None:
        self.words = Counter(dict(self.words.most_common(WORDS)))
        self.candidates = [
            [candidate for candidate in candidates[:TRIED] if candidate.log_p >= candidates[0].log_p - REACH]
            for candidates in self.candidates
        ]
        self.weight = {word: WEIGHT * count**REPEATED for word, count in self.words.items()}
        self.within: dict[int, list[Word]] = defaultdict(list)
        for word, _ in self.words.most_common():
            for glyph in set(word):
                if len(self.within[glyph]) < OF_A_GLYPH:
                    self.within[glyph].append(word)
        self.free = sorted(
            (
                glyph
                for glyph, candidates in enumerate(self.candidates)
                if len(candidates) > 1 and self.within.get(glyph)
            ),
            key=lambda glyph: self.candidates[glyph][0].log_p - self.candidates[glyph][1].log_p,
        )


class Solution:
    """Readings of a cipher's glyphs under a grammar; the start is the first candidates."""

    def __init__(self, cipher: Cipher, grammar: Grammar, start: Sequence[int] | None = None) -> None:
        self.cipher, self._grammar = cipher, grammar
        self.chosen = list(start) if start else [0] * len(cipher.candidates)
        self._known: dict[tuple[Word, tuple[int, ...]], float] = {}
        self._gains: dict[tuple[Word, tuple[int, ...]], float] = {}
        self._taken = Counter(self._reading(glyph, self.chosen[glyph]) for glyph in cipher.free)

    def solve(self) -> Solution:
        """Lower the cost until nothing changes."""
        for _ in range(SWEEPS):
            moved = [glyph for glyph in self.cipher.free if self._improve(glyph)]
            if not moved and not self._improve_pairs():
                break
        return self

    @property
    def cost(self) -> float:
        """Total cost of words and shapes."""
        words = sum(weight * self._word(word) for word, weight in self.cipher.weight.items())
        return words + sum(self._shape(glyph, self.chosen[glyph]) for glyph in self.cipher.free)

    def texts(self) -> list[tuple[str, int]]:
        """Return the current words in reading order, with right-to-left words reversed, and their counts."""
        texts = []
        for word, count in self.cipher.words.items():
            word_texts = [self.cipher.candidates[glyph][self.chosen[glyph]].text for glyph in word]
            texts.append(("".join(word_texts[::-1] if is_rtl("".join(word_texts)) else word_texts), count))
        return texts

    def odds(self, glyph: int) -> float:
        """Return the probability of a glyph's reading among its candidates, with the readings of all other glyphs
        fixed."""
        costs = [self._local(glyph, j) for j in range(len(self.cipher.candidates[glyph]))]
        best = costs[self.chosen[glyph]]
        return 1 / sum(exp(min(best - cost, 50.0)) for cost in costs)

    def text_of(self, glyph: int) -> str:
        """Return the current reading of a glyph."""
        return self.cipher.candidates[glyph][self.chosen[glyph]].text

    def spell(self, glyph: int, texts: Sequence[str]) -> list[float]:
        """Return for each of these texts the total cost of the different words of a glyph with that text, with other
        glyphs unchanged."""
        words = self.cipher.within.get(glyph, [])[:SPELLED]
        read = [[self.cipher.candidates[other][self.chosen[other]] for other in word] for word in words]
        found = []
        for text in texts:
            tried = Candidate(text, None, 0.0)
            cost = 0.0
            for word, others in zip(words, read, strict=True):
                pairs = zip(word, others, strict=True)
                cost += self._grammar.cost([tried if number == glyph else other for number, other in pairs])
            found.append(cost)
        return found

    def support(self, glyph: int) -> float:
        """Return the evidence of its words that a glyph is a letter, in nats: the cost of the words without a language
        minus their cost in the chosen language. Only words of a script whose language is known count."""
        return sum(self.cipher.weight[word] * self._gain(word) for word in self.cipher.within.get(glyph, ()))

    def fair_support(self, glyph: int, doubt: Sequence[float]) -> float:
        """Return the same, but share the evidence of a word that is none among its glyphs in proportion to ``doubt``,
        the probability of each glyph to be no letter: one stranger is enough for such a word."""
        evidence = 0.0
        for word in self.cipher.within.get(glyph, ()):
            gain = self._gain(word)
            part = 1.0 if gain >= 0 else doubt[glyph] / max(sum(doubt[other] for other in set(word)), 1e-9)
            evidence += self.cipher.weight[word] * gain * part
        return evidence

    def _gain(self, word: Word) -> float:
        key = word, tuple([self.chosen[glyph] for glyph in word])
        if key not in self._gains:  # each of its glyphs asks
            self._gains[key] = self._evidence(
                [self.cipher.candidates[glyph][choice] for glyph, choice in zip(word, key[1], strict=True)]
            )
        return self._gains[key]

    def _evidence(self, read: Sequence[Candidate]) -> float:
        """Return the evidence of one word. Signs around it and its capitals say nothing about its letters."""
        inner = [i for i, candidate in enumerate(read) if any(map(str.isalnum, candidate.text))]
        text = "".join(candidate.text for candidate in read)
        letters = sum(map(str.isalpha, text))
        if letters < 2 or not self._grammar.knows(text):
            return 0.0
        core = [candidate._replace(text=candidate.text.lower()) for candidate in read[inner[0] : inner[-1] + 1]]
        return LETTER * letters - self._grammar.cost(core)

    def _reading(self, glyph: int, choice: int) -> tuple[Hashable, str, object]:
        candidate = self.cipher.candidates[glyph][choice]
        return self.cipher.fonts[glyph], candidate.text, candidate.joins

    def _shape(self, glyph: int, choice: int) -> float:
        return -self.cipher.candidates[glyph][choice].log_p

    def _word(self, word: Word) -> float:
        key = word, tuple([self.chosen[glyph] for glyph in word])
        cost = self._known.get(key)
        if cost is None:
            candidates = [self.cipher.candidates[glyph][choice] for glyph, choice in zip(word, key[1], strict=True)]
            cost = self._known[key] = self._grammar.cost(candidates)
        return cost

    def _local(self, glyph: int, choice: int) -> float:
        """Return the part of the cost that depends on a glyph's reading."""
        was, self.chosen[glyph] = self.chosen[glyph], choice
        weight = self.cipher.weight
        total = sum(weight[word] * self._word(word) for word in self.cipher.within.get(glyph, ()))
        self.chosen[glyph] = was
        others = self._taken[self._reading(glyph, choice)] - (choice == was)
        return total + self._shape(glyph, choice) + (DUPLICATE_PENALTY if others > 0 else 0.0)

    def _improve(self, glyph: int) -> bool:
        was = self.chosen[glyph]
        costs = [self._local(glyph, choice) for choice in range(len(self.cipher.candidates[glyph]))]
        best = min(range(len(costs)), key=lambda choice: costs[choice])
        if costs[best] >= costs[was] - 1e-6:
            return False
        self._choose(glyph, best)
        return True

    def _choose(self, glyph: int, choice: int) -> None:
        self._taken[self._reading(glyph, self.chosen[glyph])] -= 1
        self.chosen[glyph] = choice
        self._taken[self._reading(glyph, choice)] += 1

    def _improve_pairs(self) -> bool:
        """Change two glyphs of one word at a time, where changing either alone would raise the cost."""
        cipher, moved = self.cipher, False
        unsure = [glyph for glyph in cipher.free if self._margin(glyph) < UNSURE]
        word_groups = [
            (a, b)
            for a, b in combinations(unsure, 2)
            if any(b in word for word in cipher.within[a]) or (cipher.fonts[a] == cipher.fonts[b] and self._swap(a, b))
        ]
        for a, b in word_groups[:PAIRS]:
            moved |= self._improve_pair(a, b)
        return moved

    def _margin(self, glyph: int) -> float:
        candidates = self.cipher.candidates[glyph]
        return candidates[0].log_p - candidates[1].log_p

    def _swap(self, a: int, b: int) -> bool:
        """Return whether two glyphs could exchange their readings."""
        ours = {candidate.text for candidate in self.cipher.candidates[a]}
        theirs = {candidate.text for candidate in self.cipher.candidates[b]}
        return self._reading(b, self.chosen[b])[1] in ours and self._reading(a, self.chosen[a])[1] in theirs

    def _improve_pair(self, a: int, b: int) -> bool:
        cipher = self.cipher
        words = dict.fromkeys([*cipher.within[a], *cipher.within[b]])
        was = self.chosen[a], self.chosen[b]

        def cost(i: int, j: int) -> float:
            self.chosen[a], self.chosen[b] = i, j
            same = DUPLICATE_PENALTY if self._reading(a, i) == self._reading(b, j) else 0.0
            total = sum(cipher.weight[word] * self._word(word) for word in words)
            return total + self._shape(a, i) + self._shape(b, j) + same

        choices = product(range(min(4, len(cipher.candidates[a]))), range(min(4, len(cipher.candidates[b]))))
        now = cost(*was)
        costs = {pair: cost(*pair) for pair in choices if pair[0] != was[0] and pair[1] != was[1]}
        self.chosen[a], self.chosen[b] = was
        best = min(costs, key=lambda pair: costs[pair], default=None)
        if best is None or costs[best] >= now - 1e-6:
            return False
        self._choose(a, best[0])
        self._choose(b, best[1])
        return True


def is_rtl(text: str) -> bool:
    """Return whether a text is written from right to left: at least half of its letters are."""
    directions = [unicodedata.bidirectional(character) for character in text]
    right = directions.count("R") + directions.count("AL")
    return right > 0 and right >= directions.count("L")
