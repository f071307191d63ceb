"""Parts of a job on worker processes: their results, killed workers, a stopped scheduler."""

from __future__ import annotations

import contextlib
import sys
from functools import partial
from pathlib import Path

import psutil
import pytest
from cluster_jobs import ENVIRONMENT, absent, free_port, logged, mortal, scheduler, square, workers, wrong

from glyphcore.cluster import engine
from glyphcore.cluster.engine import LOST, map_parts
from glyphcore.errors import ClusterError, missing_extra
from glyphcore.progress import Callback, Silent

pytestmark = pytest.mark.cluster


@pytest.fixture(autouse=True)
def _workers_can_import_the_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])


def test_every_part_comes_back_once_with_its_result_and_progress_counts_them() -> None:
    heard: list[tuple[str, int, int]] = []
    progress = Callback(lambda *said: heard.append(said))
    found = list(map_parts("local:2", square, range(7), progress, what="numbers"))
    assert sorted(found) == [(number, number * number) for number in range(7)]
    assert heard[-1] == ("numbers", 7, 7)


def test_a_worker_killed_in_mid_run_loses_no_result_and_doubles_none(tmp_path: Path) -> None:
    found = list(map_parts("local:2", partial(logged, tmp_path), range(6), Silent(), what="numbers"))
    assert sorted(found) == [(number, number * number) for number in range(6)]
    assert len(set((tmp_path / "2.begun").read_text().split())) == 2, "another process took it over"


def test_a_part_that_ends_every_worker_is_named_and_the_rest_goes_on() -> None:
    found = dict(map_parts("local:2", mortal, range(8), Silent(), what="numbers"))
    assert found == {number: LOST if number == 3 else number * number for number in range(8)}


def test_a_cluster_of_this_machine_listens_on_loopback_alone_and_ends_with_its_work() -> None:
    before = set(psutil.Process().children(recursive=True))
    others = set(listening())
    running = map_parts("local:2", square, range(50), Silent(), what="numbers")
    next(running)
    started = set(psutil.Process().children(recursive=True)) - before
    found = [address for address in listening() if address not in others]
    found += [address for each_process in started for address in listening(each_process)]
    assert len(found) >= 3, "a scheduler and two workers"
    assert {host for host, _ in found} == {"127.0.0.1"}
    running.close()
    assert psutil.wait_procs(list(started), timeout=20)[1] == []


def listening(process: psutil.Process | None = None) -> list[tuple[str, int]]:
    with contextlib.suppress(psutil.NoSuchProcess):
        connections = (process or psutil.Process()).net_connections("inet")
        return [(found.laddr.ip, found.laddr.port) for found in connections if found.status == "LISTEN"]
    return []


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dask", None)
    with pytest.raises(ModuleNotFoundError) as raised:
        list(map_parts("local:1", square, [1], Silent(), what="numbers"))
    missing = missing_extra(raised.value.name)
    assert missing is not None
    assert "pip install 'glyphcore[cluster]'" in str(missing)


def test_what_a_job_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="is wrong"):
        list(map_parts("local:1", wrong, [1, 2], Silent(), what="numbers"))


def test_no_parts_need_no_cluster() -> None:
    assert list(map_parts("tcp://127.0.0.1:1", square, [], Silent(), what="numbers")) == []


def test_a_scheduler_that_is_not_there_or_has_no_workers_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "CONNECT", 1)
    port = free_port()
    with pytest.raises(ClusterError, match=f"No scheduler answers at tcp://127.0.0.1:{port}"):
        list(map_parts(f"tcp://127.0.0.1:{port}", square, [1], Silent(), what="numbers"))
    with scheduler(port), pytest.raises(ClusterError, match="has no workers"):
        list(map_parts(f"tcp://127.0.0.1:{port}", square, [1], Silent(), what="numbers"))


def test_workers_of_another_version_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glyphcore.__version__", "0.0.0")
    with pytest.raises(ClusterError, match=r"have glyphcore .*, this is 0\.0\.0"):
        list(map_parts("local:1", square, [1], Silent(), what="numbers"))


def test_workers_that_cannot_load_this_program_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "version", absent)
    with pytest.raises(ClusterError, match="cannot run this program: No module named 'glyphcore'"):
        list(map_parts("local:1", square, [1], Silent(), what="numbers"))


def test_the_end_of_the_scheduler_is_said_and_the_next_one_serves() -> None:
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    with scheduler(port) as first, workers(port):
        running = map_parts(address, square, range(100), Silent(), what="numbers")
        assert next(running)[1] is not LOST
        first.kill()
        with pytest.raises(ClusterError, match="was lost"):
            list(running)
    with scheduler(port), workers(port):
        assert len(list(map_parts(address, square, range(4), Silent(), what="numbers"))) == 4
