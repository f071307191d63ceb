"""Random parts of fonts, as documents use them, with known truth for every glyph: for fitting and for measuring.

A document shows some glyphs of a font, in the order of the font or in none: letters of one script with a few digits,
letters of two scripts, or the whole font. Only the other glyphs tell how strange a glyph is. So the judges of
:mod:`.outside` are fitted to, and measured on, random parts.
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
"""Scripts that are left out of fitting, in every font, so that they can be used for measuring."""
UNKNOWN, LABEL = -1, 0
"""UNKNOWN: the truth of a glyph is not known. LABEL: the glyph is one of the labels. Larger numbers are indices into
:data:`KINDS`."""
FORMS = {"<initial>", "<medial>", "<final>", "<isolated>"}
SIZES = (10, 20, 40, 80, 150, 300)
"""Average numbers of glyphs of a document."""
FEW = (0, 3, 8, 14)
"""Numbers of digits and signs beside the letters of a strange script."""
LARGEST = 1200
SHUFFLED = 0.25
"""Share of documents whose glyphs are in random order."""
WAYS = {"all": 0.15, "any": 0.2, "known": 0.25, "strange": 0.25, "mixed": 0.15}
"""Parts of a font that a document takes, and their frequencies: all glyphs, any glyphs, only labels, only strangers of
one kind with some digits and signs, or both."""


@dataclass(frozen=True)
class Design:
    """The n glyphs of one design, with their predictions: all files of a family and weight, in the order of the
    fonts."""

    family: str
    trained: bool
    """Whether the model has seen the labels of the design in training."""
    top: np.ndarray
    """int64 [n, k]: candidates, best first."""
    top_p: np.ndarray
    """float32 [n, k]."""
    geometry: np.ndarray
    """float32 [n, 6]."""
    kinds: np.ndarray
    """float32 [n, kinds]: log-probabilities."""
    truth: np.ndarray
    """int64 [n]: indices into :data:`KINDS`, or :data:`UNKNOWN`."""
    mappings: tuple[GlyphMapping, ...]
    labels: LabelMap

    @cached_property
    def signs(self) -> np.ndarray:
        """bool [n]: whether the glyph is a digit or a sign that has a label."""
        signs = [self.labels.char_class[c.labels[0]] in ("digit", "punctuation", "symbol") if c.labels else False
                 for c in self.mappings]  # fmt: skip
        return np.array(signs, bool) & (self.truth == LABEL)

    @cached_property
    def script(self) -> np.ndarray:
        """Text [n]: the script of each stranger, ``Pictures`` for a glyph that is not a character, empty for a
        label."""
        pairs_of_rows = zip(self.mappings, self.truth, strict=True)
        return np.array([script_of(mapping) if kind > LABEL else "" for mapping, kind in pairs_of_rows])

    @cached_property
    def accuracy(self) -> float:
        """Share of the labelled glyphs whose character is right, each glyph decoded alone; 1 where there are none."""
        labelled = np.flatnonzero(self.truth == LABEL)
        return float((self.outcome(labelled, self.top[labelled, 0]) == 0).mean()) if len(labelled) else 1.0

    def outcome(self, rows: np.ndarray, label: np.ndarray) -> np.ndarray:
        """Return int64 [m]: the index into ``OUTCOMES`` when the glyphs ``rows`` [m] were read as ``label`` [m]; −1
        where the truth is unknown. Only the character counts, not its form."""
        found = np.full(len(rows), UNKNOWN)
        base = self.labels.base_index
        for i, (row, label_id) in enumerate(zip(rows, label, strict=True)):
            if self.truth[row] == LABEL:
                found[i] = 0 if base[label_id] in base[list(self.mappings[row].labels)] else 1
            elif self.truth[row] > LABEL:
                found[i] = 2
        return found


def kind_of(mapping: GlyphMapping, labels: LabelMap, pictures: bool) -> int:
    """Return the kind of a glyph according to its font: an index into :data:`KINDS`, or :data:`UNKNOWN`. ``pictures``:
    whether all glyphs of the font are pictures.

    Characters that by definition look like a label (presentation forms, compatibility characters) count neither as
    strangers nor as labels.
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
    """Return the script of the first character that a font maps to the glyph, or another name for its kind."""
    if not mapping.characters or unicodedata.category(chr(mapping.characters[0])) in ("Co", "Cn"):
        return "Pictures"
    character = chr(mapping.characters[0])
    if unicodedata.category(character)[0] in "SPN":
        return "Symbols"
    return unicodedata.name(character, "unnamed").partition(" ")[0].title()


def held_back(mapping: GlyphMapping) -> bool:
    """Whether a glyph belongs to a script that is left out of fitting."""
    return any(unicodedata.name(chr(code), "").partition(" ")[0] in HELD_BACK for code in mapping.characters)


def parts(design: Design, count: int, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield rows int64 [m] of up to ``count`` documents of a design."""
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
    """Yield documents that take their letters from one design and strangers from another, like fonts of two scripts: a
    design that joins both, and rows of it."""
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
    """Join several designs into one, in their order."""
    arrays = {name: np.concatenate([getattr(design, name) for design in designs])
              for name in ("top", "top_p", "geometry", "kinds", "truth")}  # fmt: skip
    mappings = tuple(mapping for design in designs for mapping in design.mappings)
    first = designs[0]
    trained = any(design.trained for design in designs)
    return Design(first.family, trained, mappings=mappings, labels=first.labels, **arrays)


def _some(rows: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return a random part of ``rows``, in order; its expected size is drawn first."""
    return rows[random.random(len(rows)) < random.choice(SIZES) / max(len(rows), 1)]


def _laid(rows: np.ndarray, may_shuffle: bool, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield the rows as a document if there are enough: not more than a font has, and sometimes in random order."""
    if len(rows) < 4:
        return
    if len(rows) > LARGEST:
        start = random.integers(len(rows) - LARGEST)
        rows = rows[start : start + LARGEST]
    yield random.permutation(rows) if may_shuffle and random.random() < SHUFFLED else rows
