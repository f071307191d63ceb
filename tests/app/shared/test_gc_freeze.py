"""Loaded objects are hidden from the garbage collector once, and again only after more modules are loaded."""

from __future__ import annotations

import gc
import sys
import types

import pytest

from app.shared import gc_freeze


@pytest.fixture(autouse=True)
def thawed(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(gc_freeze, "_modules", 0)  # an earlier test may have opened the app in this process
    yield
    gc.unfreeze()


def test_loaded_objects_are_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [{"a": []} for _ in range(100)]
    gc_freeze.freeze()
    assert not {id(each) for each in kept} & {id(each) for each in gc.get_objects()}
    before, later = gc.get_freeze_count(), [[] for _ in range(100)]
    gc_freeze.freeze()
    assert gc.get_freeze_count() <= before, "no module came"
    assert {id(each) for each in later} <= {id(each) for each in gc.get_objects()}
    monkeypatch.setitem(sys.modules, "one_more", types.ModuleType("one_more"))
    gc_freeze.freeze()
    assert gc.get_freeze_count() > before + 100
