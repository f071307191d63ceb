"""Parcels: whole once, by name afterwards, neighbours only for a browser that says what it holds."""

from __future__ import annotations

from typing import Any

import pytest

from app.shared import prefetch as parcels
from app.shared.prefetch import holds, sent


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    state: dict[str, Any] = {}
    monkeypatch.setattr(parcels.st, "session_state", state)
    return state


def drawn(*keys: str) -> list[dict[str, Any]]:
    return parcels.parcels(keys, "grid", lambda i: {"page": i})


def test_a_browser_that_says_nothing_gets_what_is_shown_alone() -> None:
    assert drawn("a", "b") == [{"key": "a", "whole": {"page": 0}}]


def test_what_is_held_is_only_named() -> None:
    holds("grid", ["a", "c"])
    assert drawn("a", "b", "c") == [
        {"key": "a", "whole": None}, {"key": "b", "whole": {"page": 1}}, {"key": "c", "whole": None},
    ]  # fmt: skip
    sent("grid")
    assert drawn("a", "b") == [{"key": "a", "whole": {"page": 0}}]


@pytest.mark.parametrize("nonsense", [None, "a", {"a": 1}])
def test_nonsense_counts_as_holding_nothing(nonsense: object) -> None:
    holds("grid", nonsense)
    assert drawn("a", "b") == [{"key": "a", "whole": {"page": 0}}, {"key": "b", "whole": {"page": 1}}]


def test_components_do_not_hold_for_each_other() -> None:
    holds("inspector", ["a"])
    assert drawn("a")[0]["whole"] == {"page": 0}
