"""Evaluations that are started in the app: one after another, stopped, removed from the queue, failed."""

from __future__ import annotations

import os
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from app_fixtures import fake_results, tiny_database

from app.shared import evaluations as module
from app.shared.evaluations import Evaluations, evaluations
from glyphcore import background
from glyphcore.results.standing import problem_of, standing
from glyphcore.results.store import ResultsFile

FAKE = """
import sys, time
from pathlib import Path
checkpoint = Path(sys.argv[2])
with checkpoint.with_name("started").open("a") as log:
    log.write(checkpoint.stem + "\\n")
if checkpoint.stem == "bad":
    sys.exit("it cannot be read")
while not checkpoint.with_suffix(".end").exists():
    time.sleep(0.02)
"""
"""A command that runs until a file ``<checkpoint>.end`` exists: the tests check the order of the evaluations."""


@pytest.fixture
def its(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Evaluations:
    (tmp_path / "glyphcore").mkdir()
    (tmp_path / "glyphcore" / "__init__.py").touch()
    (tmp_path / "glyphcore" / "__main__.py").write_text(FAKE)
    monkeypatch.setattr(background, "SOURCE", tmp_path)
    return Evaluations(tiny_database(tmp_path / "glyphs.db"), tmp_path / "results", tmp_path)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def started(folder: Path) -> list[str]:
    log = folder / "started"
    return log.read_text().split() if log.exists() else []


def test_one_runs_and_the_others_wait_for_it(its: Evaluations, tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{name}.ckpt" for name in ("first", "second", "third"))
    its.add(first, second, third)
    its.add(second)
    until(lambda: started(tmp_path) == ["first"])
    assert its.queue == [second, third]
    its.drop(second)
    first.with_suffix(".end").touch()
    until(lambda: started(tmp_path) == ["first", "third"])
    assert not its.queue
    third.with_suffix(".end").touch()
    until(lambda: not its.busy)
    assert not its.failed


@pytest.mark.skipif(not background.LOW_PRIORITY, reason="this system has no nice")
def test_it_gives_way_to_the_pages(its: Evaluations, tmp_path: Path) -> None:
    its.add(tmp_path / "first.ckpt")
    until(lambda: started(tmp_path) == ["first"])
    assert its.running is not None
    assert os.getpriority(os.PRIO_PROCESS, its.running.job.pid) > os.getpriority(os.PRIO_PROCESS, 0)
    its.stop()
    until(lambda: not its.busy)


def test_a_stop_stops_only_the_one_that_runs(its: Evaluations, tmp_path: Path) -> None:
    first, second = tmp_path / "first.ckpt", tmp_path / "second.ckpt"
    its.add(first, second)
    until(lambda: started(tmp_path) == ["first"])
    its.stop()
    until(lambda: started(tmp_path) == ["first", "second"])
    assert its.has(second)
    assert not its.has(first)
    assert not its.failed
    its.stop()
    until(lambda: not its.busy)


def test_a_stop_reaches_an_evaluation_that_is_being_started(
    its: Evaluations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stops = []

    def slow(command: list, **options: Any) -> background.Job:
        job = background.Job(command, **options)
        until(lambda: bool(started(tmp_path)))
        stops.append(threading.Thread(target=its.stop))
        stops[0].start()
        stops[0].join(0.2)  # it waits for the end of the start
        return job

    monkeypatch.setattr(module, "Job", slow)
    its.add(tmp_path / "first.ckpt")
    stops[0].join()
    until(lambda: not its.busy)
    assert not its.failed


def test_it_is_always_found_while_it_starts(its: Evaluations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = tmp_path / "first.ckpt"
    while_starting = []

    def slow(command: list, **options: Any) -> background.Job:
        job = background.Job(command, **options)
        until(lambda: bool(started(tmp_path)))
        while_starting.append(its.has(first))
        return job

    monkeypatch.setattr(module, "Job", slow)
    its.add(first)
    assert while_starting == [True]
    assert not its.queue
    its.stop()
    until(lambda: not its.busy)


def test_a_failure_is_kept_and_the_queue_goes_on(its: Evaluations, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.ckpt", tmp_path / "good.ckpt"
    good.with_suffix(".end").touch()
    its.add(bad, good)
    until(lambda: not its.busy)
    assert its.failed == {bad: "it cannot be read"}
    its.add(bad)
    assert not its.failed, "tried again"
    until(lambda: not its.busy)
    its.forget(bad)
    assert not its.failed


def test_a_database_that_is_gone_fails_by_name(its: Evaluations, tmp_path: Path) -> None:
    its.database.unlink()
    its.add(tmp_path / "first.ckpt")
    until(lambda: not its.busy)
    assert "glyphs.db" in its.failed[tmp_path / "first.ckpt"]


def test_all_sessions_share_them(tmp_path: Path) -> None:
    running: dict = {}
    one = evaluations(tmp_path / "a.db", tmp_path, tmp_path, running)
    assert evaluations(tmp_path / "a.db", tmp_path, tmp_path, running) is one
    assert evaluations(tmp_path / "b.db", tmp_path, tmp_path, running) is not one


def file(name: str, checkpoint: str, dataset: str, *, complete: bool = True, written: int = 0) -> ResultsFile:
    return ResultsFile(Path(name), complete, checkpoint, "glyphs.db", dataset, "" if complete else "why", written)


def test_checkpoints_stand_as_their_results_say() -> None:
    files = [
        file("done-c0-d.db", "done", "d"),
        file("half-c1-d.db", "half", "d", complete=False, written=7),
        file("new-c2-other.db", "new", "other"),
        file("gone-c3-d.db", "gone", "d", complete=False),
        file("broken.db", "broken", "", complete=False),
    ]
    checkpoints = {Path(f"{name}.ckpt"): (f"c{i}", "") for i, name in enumerate(("done", "half", "new"))}
    found = standing(files, {**checkpoints, Path("junk.ckpt"): ("c9", "junk")}, "d")
    assert [each.path.name for each in found.done] == ["done-c0-d.db"]
    assert found.left == [Path("half.ckpt"), Path("new.ckpt")], "results of another database do not count"
    assert found.written == {Path("half.ckpt"): 7}
    assert list(found.unusable) == ["junk.ckpt", "gone-c3-d.db", "broken.db"]
    assert "gone" in found.unusable["gone-c3-d.db"]


def test_a_checkpoint_that_has_changed_is_evaluated_again(tmp_path: Path) -> None:
    path = fake_results(tiny_database(tmp_path / "glyphs.db"), tmp_path / "results", name="net", seed=1)
    dataset = path.stem.rsplit("-", 1)[1]
    files = [file(path.name, "net", dataset)]
    assert standing(files, {Path("net.ckpt"): (f"{1:08x}", "")}, dataset).left == []
    assert standing(files, {Path("net.ckpt"): (f"{2:08x}", "")}, dataset).left == [Path("net.ckpt")]


def test_what_cannot_be_a_checkpoint_is_known_without_loading_it(tmp_path: Path) -> None:
    (tmp_path / "junk.ckpt").write_bytes(b"junk" * 100)
    with zipfile.ZipFile(tmp_path / "may_be.ckpt", "w") as members:
        members.writestr("data", "x")
    assert problem_of(tmp_path / "junk.ckpt") == "junk.ckpt is not a checkpoint, or a damaged one."
    assert problem_of(tmp_path / "may_be.ckpt") == ""
