"""Parcels: sent whole once, by name afterwards; neighbours only for a browser that names the parcels it holds."""

from __future__ import annotations

from typing import Any

import pytest

from app.shared import prefetch as prefetching
from app.shared.prefetch import forget_cached_keys, note_cached_keys


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    state: dict[str, Any] = {}
    monkeypatch.setattr(prefetching.st, "session_state", state)
    return state


def drawn(*keys: str) -> list[dict[str, Any]]:
    return prefetching.prefetch(keys, "grid", lambda i: {"page": i})


def test_a_browser_that_says_nothing_gets_what_is_shown_alone() -> None:
    assert drawn("a", "b") == [{"key": "a", "content": {"page": 0}}]


def test_what_is_held_is_only_named() -> None:
    note_cached_keys("grid", ["a", "c"])
    assert drawn("a", "b", "c") == [
        {"key": "a", "content": None}, {"key": "b", "content": {"page": 1}}, {"key": "c", "content": None},
    ]  # fmt: skip
    forget_cached_keys("grid")
    assert drawn("a", "b") == [{"key": "a", "content": {"page": 0}}]


@pytest.mark.parametrize("nonsense", [None, "a", {"a": 1}])
def test_nonsense_counts_as_holding_nothing(nonsense: object) -> None:
    note_cached_keys("grid", nonsense)
    assert drawn("a", "b") == [{"key": "a", "content": {"page": 0}}, {"key": "b", "content": {"page": 1}}]


def test_components_do_not_hold_for_each_other() -> None:
    note_cached_keys("inspector", ["a"])
    assert drawn("a")[0]["content"] == {"page": 0}
