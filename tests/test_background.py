"""Commands that print JSON lines, and a job that reads one: its progress, its messages, the reason of a failure."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tiny_model import tiny_training

from glyphcore.background import Job, Step
from glyphcore.config import MapConfig
from glyphcore.jobs import map as maps
from glyphcore.progress import JsonLines, Silent, Terminal, chosen
from glyphcore.results.browse import ResultsStore

PATIENCE = 120.0


def written(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_every_line_is_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    progress = JsonLines()
    assert list(progress.track("ab", total=2, what="glyphs")) == ["a", "b"]
    progress.say("6 empty ones\nskipped", empty=6)
    progress.fail("no good")
    first, last, said, failed = written(capsys)
    assert first == {"what": "glyphs", "done": 0, "total": 2}
    assert last == {"what": "glyphs", "done": 2, "total": 2}
    assert said == {"say": "6 empty ones\nskipped", "empty": 6}
    assert failed == {"error": "no good"}


def test_fast_work_writes_few_lines(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in JsonLines().track(range(100_000), total=100_000, what="glyphs"):
        pass
    lines = written(capsys)
    assert len(lines) < 100
    assert [line["done"] for line in lines] == sorted(line["done"] for line in lines)
    assert lines[-1]["done"] == 100_000


@pytest.mark.parametrize(("variable", "quiet", "kind"), [("json", False, JsonLines), ("json", True, Silent),
                                                        ("0.5", False, Terminal), (None, False, Terminal)])  # fmt: skip
def test_a_variable_chooses(monkeypatch: pytest.MonkeyPatch, variable: str | None, quiet: bool, kind: type) -> None:
    monkeypatch.delenv("GLYPHCORE_PROGRESS", raising=False)
    if variable is not None:
        monkeypatch.setenv("GLYPHCORE_PROGRESS", variable)
    assert type(chosen(quiet=quiet)) is kind


def test_a_command_says_its_losses_as_numbers(tiny_reader: Path, font_folder: Path, tmp_path: Path) -> None:
    """The font page needs these numbers."""
    words = ["read", font_folder / "TinySans-Regular.ttf", "--checkpoint", tiny_reader, "--out", tmp_path / "font.npz"]
    done = subprocess.run([sys.executable, "-m", "glyphcore", *map(str, words)], capture_output=True, text=True,
                          env=os.environ | {"GLYPHCORE_PROGRESS": "json"}, check=True)  # fmt: skip
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    bars = [line for line in lines if line.get("what") == "glyphs"]
    assert bars[-1]["done"] == bars[-1]["total"] > 10
    assert [line["empty"] for line in lines if "empty" in line] == [1]


def test_a_job_reads_a_font(tiny_reader: Path, font_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "font.npz"
    job = Job(["read", font_folder / "TinySans-Regular.ttf", "--checkpoint", tiny_reader, "--out", out])
    assert job.wait(PATIENCE)
    assert (job.code, job.failed, job.problem) == (0, False, "")
    assert job.step.what == "glyphs"
    assert job.step.share == 1
    assert job.numbers == {"empty": 1}
    assert job.messages == ["1 glyph without an area skipped"]
    assert out.exists()


def test_a_job_that_fails_says_why_in_one_line(tmp_path: Path) -> None:
    job = Job(["read", tmp_path / "none.ttf", "--out", tmp_path / "font.npz"])
    assert job.wait(PATIENCE)
    assert job.failed
    assert "none.ttf does not exist" in job.problem
    assert not job.problem.startswith("glyphcore: ")


def test_a_command_line_that_is_none_fails_too() -> None:
    job = Job(["reed"])
    assert job.wait(PATIENCE)
    assert job.failed
    assert "invalid choice: 'reed'" in job.problem


@pytest.fixture
def results(store: ResultsStore, tmp_path: Path) -> Path:
    """Copy the results, because a map is stored beside them."""
    return Path(shutil.copy(store.path, tmp_path))


def test_a_job_that_is_stopped_has_not_failed(results: Path) -> None:
    job = Job(["map", results, "--again"])
    assert not job.wait(0.01)
    assert job.code is None
    job.stop()
    assert job.wait(PATIENCE)
    assert job.ended
    assert not job.failed
    assert job.problem == ""


def test_a_map_says_how_far_it_is(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The map page needs these numbers; scikit-learn's own lines are left out."""
    maps.run(MapConfig(results, again=True), JsonLines())
    lines = written(capsys)
    assert [line["total"] for line in lines if line.get("what") == "iterations"][-1] == sum(maps.ITERATIONS)
    assert "say" in lines[-1]


def test_training_says_its_steps(model_db: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from glyphcore.jobs import train  # loads lightning

    train.run(tiny_training(model_db, tmp_path), JsonLines())
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    steps = [line for line in lines if line.get("what") == "steps"]
    assert steps[0]["done"] == 0
    assert steps[-1]["done"] == steps[-1]["total"] > 1


def test_words_of_a_step() -> None:
    start = time.monotonic()
    step = Step("glyphs", 1200, 4200, start, 200, start + 10)
    assert step.rate == pytest.approx(100)
    assert step.words() == "glyphs: 1,200 of 4,200, 0:30 to go"
    assert Step().words() == "starting …"
    assert Step("glyphs", 3, 9).words() == "glyphs: 3 of 9"
    assert Step().share == Step("glyphs", 0, 0).share == 0
    assert Step("glyphs", 9, 3).share == 1
