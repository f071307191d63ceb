"""A key has the same meaning on every page that has it."""

from __future__ import annotations

import pytest

from app.shared.keys import KEYS

MEANS = {
    "n": "next",
    "p": "previous",
    "x": "next",
    "e": "type",
    "u": "back",
    "1": "candidate",
    "m": "mislabelled",
    "b": "browse",
    "g": "glyph",
    "r": "predicted patches",
    "c": "colour",
    "w": "cells",
}
"""A word in every row with the key, on any page."""
UNDOES = ("undo", "back")


def rows(key: str) -> list[tuple[str, str, str]]:
    """Return the page, printed keys and words of each row that has a key."""
    return [
        (page, printed, words) for page, table in KEYS.items() for printed, words in table if key in printed.split()
    ]


@pytest.mark.parametrize("key", MEANS)
def test_a_key_means_the_same_on_every_page(key: str) -> None:
    found = rows(key)
    assert found
    for page, printed, words in found:
        expected = UNDOES if key == "u" else (MEANS[key],)
        assert any(word in words for word in expected), (page, printed, words)


def test_digits_are_candidates_and_never_tags() -> None:
    for page, table in KEYS.items():
        for printed, words in table:
            if any(part.isdigit() and part != "0" for part in printed.split()):
                assert "candidate" in words, (page, printed, words)


@pytest.mark.parametrize("page", KEYS)
def test_no_page_has_a_key_twice(page: str) -> None:
    shared = {"←", "→", "↑", "↓", "Enter", "Esc", "…"}  # their meaning depends on the focused element
    printed = [key for row, _ in KEYS[page] for key in row.split() if key not in shared]
    assert sorted(printed) == sorted(set(printed))
