"""How a glyph is looked at, as a link and back."""

from __future__ import annotations

from typing import Any

import pytest

from app.inspector.state import MOST_EDITS, NEAR, PANELS, Look, another, changed, decode, encode


def linked(look: Look) -> dict[str, list[str]]:
    return {name: value if isinstance(value, list) else [value] for name, value in encode(look).items()}


@pytest.mark.parametrize(
    "look",
    [
        Look(),
        *(Look(panel=panel) for panel in PANELS),
        *(Look(panel="near", near=near) for near in NEAR),
        Look(panel="models", beside=("b.db", "a.db"), outline=True),
        Look(panel="edit", edits=((255, 0), (0, 1023), (17, 4))),
    ],
)
def test_every_look_is_a_link(look: Look) -> None:
    assert decode(linked(look)) == look


def test_the_default_adds_nothing_to_a_link() -> None:
    assert encode(Look()) == {}


@pytest.mark.parametrize(
    ("query", "look"),
    [
        ({"panel": ["<b>"], "near": ["x"], "outline": ["yes"]}, Look()),
        ({"edit": ["256-1.-1-2.3-x.4.5-6-7.8-99999.٣-1"]}, Look()),
        ({"edit": ["1-2.rubbish.3-4"]}, Look(edits=((1, 2), (3, 4)))),
        ({"edit": [".".join(["1-2"] * 1000)]}, Look(edits=((1, 2),) * MOST_EDITS)),
        ({"beside": ["a.db"] * 3 + ["b.db"]}, Look(beside=("a.db", "b.db"))),
        ({"edit": [], "panel": []}, Look()),
    ],
)
def test_what_is_malformed_falls_back(query: dict[str, list[str]], look: Look) -> None:
    assert decode(query) == look


@pytest.mark.parametrize(
    ("change", "look"),
    [
        ({"panel": "fix"}, Look(panel="fix", edits=((1, 2),), near="all")),
        ({"edits": [[3, 4], [5, 0]]}, Look(panel="edit", edits=((3, 4), (5, 0)), near="all")),
        ({"edits": []}, Look(panel="edit", near="all")),
        ({"edits": "rubbish", "panel": None, "beside": 3}, Look(panel="", edits=((1, 2),), near="all")),
        ({"edits": [[1], "x", [1, 2, 3], [7, 8]]}, Look(panel="edit", edits=((7, 8),), near="all")),
        ({"outline": True, "beside": ["a.db"], "near": ""}, Look("edit", ("a.db",), ((1, 2),), True, "")),
        ({}, Look(panel="edit", edits=((1, 2),), near="all")),
    ],
)
def test_changes_of_the_component(change: dict[str, Any], look: Look) -> None:
    assert changed(Look(panel="edit", edits=((1, 2),), near="all"), change) == look


def test_another_glyph_has_no_edits() -> None:
    assert another(Look("edit", ("a.db",), ((1, 2),), True, "all")) == Look("edit", ("a.db",), (), True, "all")
