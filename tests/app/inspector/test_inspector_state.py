"""The view of a glyph, written to a link and read back."""

from __future__ import annotations

from typing import Any

import pytest

from app.inspector.state import (
    MAX_EDITS,
    NEAR,
    PANELS,
    InspectorState,
    beyond,
    decode,
    encode,
    leads_out,
    updated,
    without_edits,
)
from app.shared.view import View
from glyphcore.results.filters import Filters


def linked(state: InspectorState) -> dict[str, list[str]]:
    return {name: value if isinstance(value, list) else [value] for name, value in encode(state).items()}


@pytest.mark.parametrize(
    "state",
    [
        InspectorState(),
        *(InspectorState(panel=panel) for panel in PANELS),
        *(InspectorState(panel="near", near=near) for near in NEAR),
        InspectorState(panel="models", others=("b.db", "a.db"), outline=True),
        InspectorState(panel="edit", edits=((255, 0), (0, 1023), (17, 4))),
    ],
)
def test_every_look_is_a_link(state: InspectorState) -> None:
    assert decode(linked(state)) == state


def test_the_default_adds_nothing_to_a_link() -> None:
    assert encode(InspectorState()) == {}


@pytest.mark.parametrize(
    ("query", "state"),
    [
        ({"panel": ["<b>"], "near": ["x"], "outline": ["yes"]}, InspectorState()),
        ({"edit": ["256-1.-1-2.3-x.4.5-6-7.8-99999.٣-1"]}, InspectorState()),
        ({"edit": ["1-2.rubbish.3-4"]}, InspectorState(edits=((1, 2), (3, 4)))),
        ({"edit": [".".join(["1-2"] * 1000)]}, InspectorState(edits=((1, 2),) * MAX_EDITS)),
        ({"beside": ["a.db"] * 3 + ["b.db"]}, InspectorState(others=("a.db", "b.db"))),
        ({"edit": [], "panel": []}, InspectorState()),
    ],
)
def test_what_is_malformed_falls_back(query: dict[str, list[str]], state: InspectorState) -> None:
    assert decode(query) == state


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"panel": "fix"}, InspectorState(panel="fix", edits=((1, 2),), near="all")),
        ({"edits": [[3, 4], [5, 0]]}, InspectorState(panel="edit", edits=((3, 4), (5, 0)), near="all")),
        ({"edits": []}, InspectorState(panel="edit", near="all")),
        ({"edits": "rubbish", "panel": None, "others": 3}, InspectorState(panel="", edits=((1, 2),), near="all")),
        ({"edits": [[1], "x", [1, 2, 3], [7, 8]]}, InspectorState(panel="edit", edits=((7, 8),), near="all")),
        ({"outline": True, "others": ["a.db"], "near": ""}, InspectorState("edit", ("a.db",), ((1, 2),), True, "")),
        ({}, InspectorState(panel="edit", edits=((1, 2),), near="all")),
    ],
)
def test_changes_of_the_component(change: dict[str, Any], state: InspectorState) -> None:
    assert updated(InspectorState(panel="edit", edits=((1, 2),), near="all"), change) == state


def test_another_glyph_has_no_edits() -> None:
    assert without_edits(InspectorState("edit", ("a.db",), ((1, 2),), True, "all")) == InspectorState(
        "edit", ("a.db",), (), True, "all"
    )


@pytest.mark.parametrize(
    ("where", "query"),
    [
        ("back", {"outcome": "right", "glyph": "7"}),
        ("grid", {"like": "grid-7"}),
        ("cells 5,3=17", {"cells": "5,3=17"}),
        ("cells any=42>17", {"cells": "any=42>17"}),
    ],
)
def test_ways_out_to_browse(where: str, query: dict[str, str]) -> None:
    found = beyond(View("", Filters(outcome="right"), "loss", start=3, glyph=7), where)
    assert leads_out(where)
    assert query.items() <= found.items()
    assert not leads_out(7)
