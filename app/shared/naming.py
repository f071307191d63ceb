"""How things are named and shown: the same words and signs on every page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from glyphcore.annotations.store import NOTED
from glyphcore.data.labels import codepoints, readable_character, readable_label
from glyphcore.results.browse import ResultRow

OUTCOMES = {
    "": "Everything",
    "wrong": "✗ Wrong",
    "right": "✓ Right",
    "unicode_wrong": "✗ Wrong character",
    "form_wrong": "≈ Wrong form only",
    "twin": "≈ Taken for a confusable",
    "twin_wrong": "✗ Wrong, confusables aside",
    "beyond_top5": "✗ Not in the top 5",
    "noise": "? Label noise",
}
SORTS = {
    "loss": "Worst first", "loss:up": "Best first", "unsure": "Least sure first", "sure": "Surest first",
    "margin": "Smallest margin first", "margin:down": "Largest margin first", "noise": "Most doubtful label first",
    "similar": "Likest first", "rank": "Truth highest first", "rank:down": "Truth lowest first",
    "entropy": "Smallest entropy first", "entropy:down": "Largest entropy first", "cells": "Fewest cells right first",
    "cells:down": "Most cells right first", "size": "Smallest first", "size:down": "Largest first",
    "outcome": "Right ones first", "outcome:down": "Wrong ones first",
    "label": "By label", "label:down": "By label, Z to A", "base": "By character",
    "base:down": "By character, last first", "pred": "By label read", "pred:down": "By label read, Z to A",
    "char_class": "By class", "char_class:down": "By class, Z to A", "family": "By family",
    "family:down": "By family, Z to A", "split": "By split", "split:down": "By split, Z to A",
    "id": "By glyph id", "id:down": "By glyph id, last first",
}  # fmt: skip
"""Every sort (:data:`glyphcore.results.filters.SORTS`) in words."""
FIGURES = {
    "loss": ("loss", "{:.2f}"), "p": ("p", "{:.3f}"), "margin": ("margin", "{:.3f}"), "entropy": ("entropy", "{:.2f}"),
    "rank": ("rank", "{:.0f}"), "cells": ("cells", "{:.0%}"), "size": ("size", "{:.3f} em"),
    "noise": ("doubt", "{:.2f}"), "similar": ("like", "{:.3f}"), "id": ("#", "{:.0f}"),
}  # fmt: skip
"""What the numbers are called that glyphs are sorted by, and how they are written."""
TAG_SIGNS = {"mislabelled": "!", "ambiguous": "?", "design outlier": "◇"}
CLASSES = {"init": "initial", "medi": "medial", "isol": "isolated"}


def facet_options(words: Mapping[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    """For every facet of the results' own words, each value and how it is shown."""
    say: dict[str, Callable[[str], str]] = {
        "split": str, "char_class": lambda name: CLASSES.get(name, name), "family": str, "base": readable_base,
        "label": readable_label, "pred": readable_label,
    }  # fmt: skip
    return {name: {word: say[name](word) or "unknown" for word in words[name]} for name in say}


def readable_base(base: str) -> str:
    """A character and its code points."""
    return f"{readable_character(base, '')}  {codepoints(base)}"


def short_path(path: Path) -> str:
    """A path as short as it can be typed where the app was started."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def readable_tag(tag: str) -> str:
    """A tag with its sign, as in the grid; having a note counts as one."""
    return "✎ has a note" if tag == NOTED else f"{TAG_SIGNS.get(tag, '#')} {tag}"


def readable_size(size: str) -> str:
    """``0.15-0.2`` → ``0.15 – 0.2 em``; ``1-`` → ``1 em and more``."""
    low, _, high = size.partition("-")
    return f"{low} – {high} em" if high else f"{low} em and more"


def sorted_by(by: str, value: float | None, row: ResultRow) -> str:
    """What stands on a card: the number or the word that its order goes by; ``p`` where the card shows that anyway."""
    if by in FIGURES:
        word, form = FIGURES[by]
        return f"{word} {'unknown' if value is None else form.format(value)}".replace("# ", "#")
    words = {"family": row.family, "char_class": CLASSES.get(row.char_class, row.char_class), "split": row.split}
    return words.get(by) or f"p {row.p1:.3f}"


def readable_most(most: str) -> str:
    """``family:3`` → ``at most 3 a family``."""
    group, _, n = most.partition(":")
    return f"{'one' if n == '1' else f'at most {n}'} a {group}"


def verdict(correct: object, unicode_correct: object, twin_correct: object) -> tuple[str, str, str]:
    """Sign, kind for the style sheet, and words for an outcome."""
    if correct:
        return "✓", "right", "right"
    if unicode_correct:
        return "≈", "near", "right character, wrong form"
    if twin_correct:
        return "≈", "near", "taken for a confusable"
    return "✗", "wrong", "wrong"
