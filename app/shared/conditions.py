"""The conditions of a selection in words, one for each value, and the selection without each condition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.shared.naming import CLASSES, OUTCOMES, readable_base, readable_label, readable_size, readable_tag
from glyphcore.results.filters import Filters

TITLES = {
    "split": "split", "char_class": "class", "family": "family", "base": "character", "label": "label",
    "pred": "predicted as", "tag": "tagged", "size": "size", "outcome": "outcome",
}  # fmt: skip
"""Display names of the conditions, in display order."""
MAX_VALUES = 4
"""Most values of a field that get one condition each; more values are joined into one condition."""


@dataclass(frozen=True)
class Condition:
    """A property that a glyph must have, or must not have."""

    text: str
    without: dict[str, Any]
    """The fields of the filters that change when the user removes this condition."""
    excluded: bool = False


def conditions(filters: Filters) -> list[Condition]:
    """Return every condition of ``filters``: first the required properties, then the excluded ones."""
    found = [Condition("a chosen set", {"ids": ""})] if filters.ids else []
    if filters.search:
        found.append(Condition(f"search “{filters.search}”", {"search": ""}))
    for name in ("split", "char_class", "family", "base", "label", "pred", "tag"):
        values: tuple[str, ...] = getattr(filters, name)
        if len(values) > MAX_VALUES:
            found.append(Condition(f"{TITLES[name]}: any of {len(values)}", {name: ()}))
            continue
        for value in values:
            rest = tuple(other for other in values if other != value)
            found.append(Condition(_words(name, value), {name: rest}))
    if filters.size:
        found.append(Condition(_words("size", filters.size), {"size": ""}))
    if filters.outcome:
        found.append(Condition(_words("outcome", filters.outcome), {"outcome": ""}))
    if filters.pattern:
        found.append(Condition(f"cells {filters.pattern}", {"pattern": ""}))
    if filters.like:
        found.append(Condition(f"similar by {filters.like.replace('-', ' to ', 1)}", {"like": ""}))
    if (filters.p_min, filters.p_max) != (0.0, 1.0):
        found.append(
            Condition(f"confidence {filters.p_min:g} – {filters.p_max:g}", {"p_min": 0.0, "p_max": 1.0})
        )  # fmt: skip
    return [*found, *excluded_conditions(filters)]


def excluded_conditions(filters: Filters) -> list[Condition]:
    """Return the conditions for properties that a glyph must not have."""
    return [
        Condition(f"≠ {_words(*pair)}", {"excluded": tuple(other for other in filters.excluded if other != pair)}, True)
        for pair in filters.excluded
    ]


def _words(name: str, value: str) -> str:
    say: dict[str, Callable[[str], str]] = {
        "char_class": lambda word: CLASSES.get(word, word), "base": readable_base, "label": readable_label,
        "pred": readable_label, "tag": readable_tag, "size": readable_size, "outcome": OUTCOMES.__getitem__,
    }  # fmt: skip
    return f"{TITLES[name]} {say.get(name, str)(value) or 'unknown'}"
