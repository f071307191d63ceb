"""The preparations of the app before its first page."""

from __future__ import annotations

from pathlib import Path

import pytest

from glyphcore.config import EvaluateConfig, shipped_checkpoints
from glyphcore.errors import GlyphError
from glyphcore.jobs import evaluate, prepare


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Return the names of the evaluated checkpoints; results are written to a folder of the test."""
    asked: list[str] = []
    monkeypatch.setattr(prepare, "RESULTS", tmp_path)
    monkeypatch.setattr(evaluate, "run", lambda config, progress: asked.append(_name(config)))
    return asked


def _name(config: EvaluateConfig) -> str:
    return config.checkpoint.stem


def test_the_best_checkpoint_is_evaluated_and_the_others_wait(asked: list[str]) -> None:
    assert prepare.run() == 1
    assert asked == ["mixer-geometry"]


def test_all_of_them_when_asked(asked: list[str]) -> None:
    assert prepare.run(every=True) == len(shipped_checkpoints())
    assert asked == [path.stem for path in shipped_checkpoints()]


def test_what_is_there_is_not_done_again(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    found = type("Found", (), {"complete": True})
    monkeypatch.setattr(prepare, "list_results", lambda folder: [found])
    monkeypatch.setattr(prepare, "results_path", lambda *_: found.path)
    found.path = Path("results.db")  # type: ignore[attr-defined]
    assert prepare.run() == 0
    found.complete = False  # type: ignore[attr-defined]
    assert prepare.run() == 1
    assert asked == ["mixer-geometry"]


def test_no_checkpoint_at_all_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "shipped_checkpoints", list)
    with pytest.raises(GlyphError, match="no checkpoint"):
        prepare.run()
