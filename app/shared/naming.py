"""How things are named and shown: the same words and signs on every page.

A lone mark is unreadable and an Arabic form needs its context, so characters are shown with a carrier and joiners.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from glyphcore.annotations.store import NOTED
from glyphcore.data.labels import codepoints

JOINER = "\u200d"
TATWEEL, DOTTED_CIRCLE = "\u0640", "\u25cc"
JOINED = {"_init": ("", JOINER), "_medi": (JOINER, JOINER), "_fina": (JOINER, "")}
FORMS = {"_isol": "isolated", "_init": "initial", "_medi": "medial", "_fina": "final"}

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
    "loss": "Worst first",
    "unsure": "Least sure first",
    "sure": "Surest first",
    "margin": "Smallest margin first",
    "noise": "Most doubtful label first",
    "label": "By label",
    "id": "By glyph id",
    "similar": "Likest first",
}
TAG_SIGNS = {"mislabelled": "!", "ambiguous": "?", "design outlier": "◇"}
CLASSES = {"init": "initial", "medi": "medial", "isol": "isolated"}


def readable_character(base: str, label: str) -> str:
    """A character as people can read it: its joining form, a lone mark on a carrier, nothing for what is invisible."""
    if not base or any(unicodedata.category(character)[0] in "ZC" for character in base):
        return "␣" if base and base.isspace() else ""
    if all(unicodedata.category(character).startswith("M") for character in base):
        arabic = any("ARABIC" in unicodedata.name(character, "") for character in base)
        return (TATWEEL if arabic else DOTTED_CIRCLE) + base
    before, after = JOINED.get(label[-5:], ("", ""))
    return before + base + after


def readable_label(label: str) -> str:
    """``beh_init`` → ``beh · initial``; ``fatha_diacritic`` → ``fatha · mark``."""
    for suffix, form in FORMS.items():
        if label.endswith(suffix):
            return f"{label.removesuffix(suffix).replace('_', ' ')} · {form}"
    if label.endswith("_diacritic"):
        return f"{label.removesuffix('_diacritic').replace('_', ' ')} · mark"
    return label.replace("_", " ")


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


def verdict(correct: object, unicode_correct: object, twin_correct: object) -> tuple[str, str, str]:
    """Sign, kind for the style sheet, and words for an outcome."""
    if correct:
        return "✓", "right", "right"
    if unicode_correct:
        return "≈", "near", "right character, wrong form"
    if twin_correct:
        return "≈", "near", "taken for a confusable"
    return "✗", "wrong", "wrong"
