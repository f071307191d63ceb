"""Names and signs of things in the app: the same on every page."""

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
    "twin": "≈ Predicted as a confusable",
    "twin_wrong": "✗ Wrong, except confusables",
    "beyond_top5": "✗ Not in the top 5",
    "noise": "? Label noise",
}
SORTS = {
    "loss": "Worst first", "loss:up": "Best first",
    "unsure": "Lowest confidence first", "sure": "Highest confidence first",
    "margin": "Smallest margin first", "margin:down": "Largest margin first", "noise": "Most doubtful label first",
    "outside": "Likeliest none of the labels first",
    "similar": "Most similar first", "rank": "Best rank first", "rank:down": "Worst rank first",
    "entropy": "Smallest entropy first", "entropy:down": "Largest entropy first", "cells": "Fewest cells right first",
    "cells:down": "Most cells right first", "size": "Smallest first", "size:down": "Largest first",
    "outcome": "Right glyphs first", "outcome:down": "Wrong glyphs first",
    "label": "By label", "label:down": "By label, Z to A", "base": "By character",
    "base:down": "By character, last first", "pred": "By predicted label", "pred:down": "By predicted label, Z to A",
    "char_class": "By class", "char_class:down": "By class, Z to A", "family": "By family",
    "family:down": "By family, Z to A", "split": "By split", "split:down": "By split, Z to A",
    "id": "By glyph id", "id:down": "By glyph id, last first",
}  # fmt: skip
"""Display text of every sort (:data:`glyphcore.results.filters.SORTS`)."""
FIGURES = {
    "loss": ("loss", "{:.2f}"), "p": ("p", "{:.3f}"), "margin": ("margin", "{:.3f}"), "entropy": ("entropy", "{:.2f}"),
    "rank": ("rank", "{:.0f}"), "cells": ("cells", "{:.0%}"), "size": ("size", "{:.3f} em"),
    "noise": ("doubt", "{:.2f}"), "outside": ("outside", "{:.3f}"), "similar": ("similar", "{:.3f}"),
    "id": ("#", "{:.0f}"),
}  # fmt: skip
"""Names and number formats of the sort keys."""
TAG_SIGNS = {"mislabelled": "!", "ambiguous": "?", "design outlier": "◇"}
CLASSES = {"init": "initial", "medi": "medial", "isol": "isolated"}


def facet_options(words: Mapping[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    """Return each value and its display text, for every facet of the results."""
    say: dict[str, Callable[[str], str]] = {
        "split": str, "char_class": lambda name: CLASSES.get(name, name), "family": str, "base": readable_base,
        "label": readable_label, "pred": readable_label,
    }  # fmt: skip
    return {name: {word: say[name](word) or "unknown" for word in words[name]} for name in say}


def readable_base(base: str) -> str:
    """Return a character and its code points."""
    return f"{readable_character(base, '')}  {codepoints(base)}"


def short_path(path: Path) -> str:
    """Return the shortest form of a path that works in the folder where the app was started."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def readable_tag(tag: str) -> str:
    """Return a tag with its sign, as in the grid; a note counts as a tag."""
    return "✎ has a note" if tag == NOTED else f"{TAG_SIGNS.get(tag, '#')} {tag}"


def readable_size(size: str) -> str:
    """Return the display text of a size: ``0.15-0.2`` → ``0.15 – 0.2 em``; ``1-`` → ``1 em and more``."""
    low, _, high = size.partition("-")
    return f"{low} – {high} em" if high else f"{low} em and more"


def sorted_by(by: str, value: float | None, row: ResultRow) -> str:
    """Return the sort value on a card: the number or the word; ``p`` if the card shows that value anyway."""
    if by in FIGURES:
        word, form = FIGURES[by]
        return f"{word} {'unknown' if value is None else form.format(value)}".replace("# ", "#")
    words = {"family": row.family, "char_class": CLASSES.get(row.char_class, row.char_class), "split": row.split}
    return words.get(by) or f"p {row.p1:.3f}"


def readable_most(most: str) -> str:
    """Return the display text of a limit: ``family:3`` → ``at most 3 per family``."""
    group, _, n = most.partition(":")
    return f"{'one' if n == '1' else f'at most {n}'} per {group}"


def verdict(correct: object, unicode_correct: object, twin_correct: object) -> tuple[str, str, str]:
    """Return the sign, the CSS kind, and the words for an outcome."""
    if correct:
        return "✓", "right", "right"
    if unicode_correct:
        return "≈", "near", "right character, wrong form"
    if twin_correct:
        return "≈", "near", "a confusable"
    return "✗", "wrong", "wrong"
