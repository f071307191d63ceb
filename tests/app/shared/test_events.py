"""Messages of a component on a page that was left in the meantime have no effect."""

from __future__ import annotations

import pytest
import streamlit as st

from app.shared.events import on_event


def test_what_was_sent_is_handed_on_while_its_component_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[object] = []
    state: dict[str, object] = {"grid": {"turn": {"value": 7}, "ahead": None}}
    monkeypatch.setattr(st, "session_state", state)
    on_event("grid", "turn", got.append)()
    on_event("marks", "change", got.append)()
    assert got == [7]
    del state["grid"]
    on_event("grid", "turn", got.append)()
    assert got == [7]
