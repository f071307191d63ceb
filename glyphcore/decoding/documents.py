"""Parts of fonts as documents use them, of which it is known what every glyph is: to learn from, and to measure with.

A document shows some glyphs of a font, in the order of the font or in none: letters of one script with a few digits,
letters of two, all of it. How strange a glyph is can only be judged beside the others, so the judges of
:mod:`.outside` are fitted to, and measured by, parts drawn by chance.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from glyphcore.data.glyph_mappings import GlyphMapping
from glyphcore.data.labels import LabelMap
from glyphcore.decoding.outside import KINDS

HELD_BACK = ("ARMENIAN", "DEVANAGARI", "ETHIOPIC", "GEORGIAN", "HEBREW", "TAMIL", "THAI")
"""Scripts that nothing is learned from, whatever font draws them, so that they can be measured with."""
UNKNOWN, LABEL = -1, 0
"""No telling what a glyph is; it is one of the labels. Above are the places in :data:`KINDS`."""
FORMS = {"<initial>", "<medial>", "<final>", "<isolated>"}
SIZES = (10, 20, 40, 80, 150, 300)
"""Glyphs of a document, on average."""
FEW = (0, 3, 8, 14)
"""Digits and signs beside the letters of a strange script."""
LARGEST = 1200
SHUFFLED = 0.25
"""Share of documents whose glyphs are in no order."""
WAYS = {"all": 0.15, "any": 0.2, "known": 0.25, "strange": 0.25, "mixed": 0.15}
"""What a document takes of a font, and how often: all glyphs, any, only labels, only strangers of one kind beside some
digits and signs, or both."""


@dataclass(frozen=True)
class Design:
    """The n glyphs of one design, read: all files of a family and weight, in the order of the fonts."""

    family: str
    trained: bool
    """Whether the model has seen its labels in training."""
    top: np.ndarray
    """int64 [n, k]: candidates, best first."""
    top_p: np.ndarray
    """float32 [n, k]."""
    geometry: np.ndarray
    """float32 [n, 6]."""
    kinds: np.ndarray
    """float32 [n, kinds]: log-probabilities."""
    truth: np.ndarray
    """int64 [n]: places in :data:`KINDS`, or :data:`UNKNOWN`."""
    mappings: tuple[GlyphMapping, ...]
    labels: LabelMap

    @cached_property
    def signs(self) -> np.ndarray:
        """bool [n]: whether the glyph is a digit or a sign that a label stands for."""
        signs = [self.labels.char_class[c.labels[0]] in ("digit", "punctuation", "symbol") if c.labels else False
                 for c in self.mappings]  # fmt: skip
        return np.array(signs, bool) & (self.truth == LABEL)

    @cached_property
    def script(self) -> np.ndarray:
        """Words [n]: the script of each stranger, ``Pictures`` for what is no character, empty for a label."""
        pairs_of_rows = zip(self.mappings, self.truth, strict=True)
        return np.array([script_of(mapping) if kind > LABEL else "" for mapping, kind in pairs_of_rows])

    @cached_property
    def accuracy(self) -> float:
        """Share of its labels whose character is right, each glyph alone; 1 where there are none."""
        labelled = np.flatnonzero(self.truth == LABEL)
        return float((self.outcome(labelled, self.top[labelled, 0]) == 0).mean()) if len(labelled) else 1.0

    def outcome(self, rows: np.ndarray, label: np.ndarray) -> np.ndarray:
        """int64 [m]: which of ``OUTCOMES`` came to pass when the glyphs ``rows`` [m] were read as ``label`` [m]; −1
        where nobody knows. What counts is the character, in whatever form."""
        found = np.full(len(rows), UNKNOWN)
        base = self.labels.base_index
        for i, (row, label_id) in enumerate(zip(rows, label, strict=True)):
            if self.truth[row] == LABEL:
                found[i] = 0 if base[label_id] in base[list(self.mappings[row].labels)] else 1
            elif self.truth[row] > LABEL:
                found[i] = 2
        return found


def kind_of(mapping: GlyphMapping, labels: LabelMap, pictures: bool) -> int:
    """What a glyph is by its font's word: a place in :data:`KINDS`, or :data:`UNKNOWN`. ``pictures``: whether all that
    its font draws are.

    Characters that look as one of the labels does by definition (presentation forms, compatibility characters) are not
    strangers, nor are they labels.
    """
    if mapping.labels:
        return LABEL
    if not mapping.characters:
        return KINDS.index("icon") if pictures else UNKNOWN
    return _kind(mapping.characters[0], pictures, _plain(labels))


@lru_cache(maxsize=1)
def _plain(labels: LabelMap) -> frozenset[str]:
    return frozenset(unicodedata.normalize("NFKC", base) for base in labels.base)


@lru_cache(maxsize=1 << 16)
def _kind(code: int, pictures: bool, plain: frozenset[str]) -> int:
    character, name = chr(code), unicodedata.name(chr(code), "")
    category = unicodedata.category(character)
    if category in ("Co", "Cn"):
        return KINDS.index("icon") if pictures else UNKNOWN
    looks = set(unicodedata.decomposition(character).split()[:1]) & FORMS
    if category[0] in "ZC" or looks or unicodedata.normalize("NFKC", character) in plain:
        return UNKNOWN
    first = name.partition(" ")[0]
    if first in HELD_BACK:
        return KINDS.index("script")
    if category[0] == "M":
        return KINDS.index("mark")
    if category[0] in "SPN" or "MATHEMATICAL" in name:
        return KINDS.index("symbol")
    named = {"CYRILLIC": "Cyrillic", "GREEK": "Greek", "COPTIC": "Greek", "LATIN": "Latin", "MODIFIER": "Latin"}
    return KINDS.index((named | {"ARABIC": "Arabic"}).get(first, "script"))


def script_of(mapping: GlyphMapping) -> str:
    """The script of the first character that a font maps, or what it is instead."""
    if not mapping.characters or unicodedata.category(chr(mapping.characters[0])) in ("Co", "Cn"):
        return "Pictures"
    character = chr(mapping.characters[0])
    if unicodedata.category(character)[0] in "SPN":
        return "Symbols"
    return unicodedata.name(character, "unnamed").partition(" ")[0].title()


def held_back(mapping: GlyphMapping) -> bool:
    """Whether a glyph is of a script that nothing is learned from."""
    return any(unicodedata.name(chr(code), "").partition(" ")[0] in HELD_BACK for code in mapping.characters)


def parts(design: Design, count: int, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Rows int64 [m] of up to ``count`` documents of a design."""
    rows = np.arange(len(design.truth))
    known, strange = rows[design.truth == LABEL], rows[design.truth > LABEL]
    for way in random.choice(list(WAYS), count, p=list(WAYS.values())):
        if way == "all":
            chosen = rows
        elif way == "any":
            chosen = _some(rows, random)
        elif way == "known":
            chosen = _some(known, random)
        elif way == "mixed":
            chosen = np.sort(np.concatenate([_some(strange, random), _some(known, random)]))
        elif len(strange):
            same_kind = design.truth[strange] == design.truth[random.choice(strange)]
            signs = rows[design.signs]
            few = random.permutation(signs)[: random.choice(FEW)]
            chosen = np.sort(np.concatenate([_some(strange[same_kind], random), few]))
        else:
            continue
        yield from _laid(chosen, way != "all", random)


def pairs(designs: Sequence[Design], count: int, random: np.random.Generator) -> Iterator[tuple[Design, np.ndarray]]:
    """Documents that draw their letters from one design and strangers from another, as fonts of two scripts do: a
    design of the two, and rows of it."""
    ours = [design for design in designs if not design.trained and (design.truth == LABEL).sum() >= 40]
    theirs = [design for design in designs if not design.trained and (design.truth > LABEL).sum() >= 10]
    for _ in range(count if ours and theirs else 0):
        one, other = ours[random.integers(len(ours))], theirs[random.integers(len(theirs))]
        known = _some(np.flatnonzero(one.truth == LABEL), random)
        strange = _some(np.flatnonzero(other.truth > LABEL), random) + len(one.truth)
        both = [known, strange] if random.random() < 0.5 else [strange, known]
        for rows in _laid(np.concatenate(both), True, random):
            yield joined([one, other]), rows


def joined(designs: Sequence[Design]) -> Design:
    """Some designs as one, in their order."""
    arrays = {name: np.concatenate([getattr(design, name) for design in designs])
              for name in ("top", "top_p", "geometry", "kinds", "truth")}  # fmt: skip
    mappings = tuple(mapping for design in designs for mapping in design.mappings)
    first = designs[0]
    trained = any(design.trained for design in designs)
    return Design(first.family, trained, mappings=mappings, labels=first.labels, **arrays)


def _some(rows: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Some of ``rows``, in their order; how many is drawn first."""
    return rows[random.random(len(rows)) < random.choice(SIZES) / max(len(rows), 1)]


def _laid(rows: np.ndarray, may_shuffle: bool, random: np.random.Generator) -> Iterator[np.ndarray]:
    """The rows as a document, if they are enough for one: no more than a font has, sometimes in no order."""
    if len(rows) < 4:
        return
    if len(rows) > LARGEST:
        start = random.integers(len(rows) - LARGEST)
        rows = rows[start : start + LARGEST]
    yield random.permutation(rows) if may_shuffle and random.random() < SHUFFLED else rows
