"""Jobs for tests of the cluster, in a module that its workers can import; and processes of a cluster to be ended."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from glyphcore.config import EvaluateConfig
from glyphcore.jobs import evaluate

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
PATIENCE = float(os.environ.get("GLYPHCORE_PATIENCE", 50))
"""Seconds that anything may take here; a machine that others use needs more."""


_SHARD = evaluate._shard


def square(number: int) -> int:
    return number * number


def mortal(number: int) -> int:
    """The square; 3 ends whoever works on it."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def logged(folder: Path, number: int) -> int:
    """The square of a number whose beginnings and ends are written down; the first to work on 2 is ended by SIGKILL."""
    with (folder / f"{number}.begun").open("a") as file:
        file.write(f"{os.getpid()}\n")
    if number == 2 and len((folder / "2.begun").read_text().split()) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    with (folder / f"{number}.done").open("a") as file:
        file.write(f"{os.getpid()}\n")
    return number * number


def noted(folder: Path, path: Path) -> dict[str, str]:
    """What a file says, and its name noted in ``folder``; a file that says ``deadly`` ends whoever reads it."""
    text = path.read_text()
    if text == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    with (folder / path.name).open("a") as note:
        note.write("x")
    return {"text": text}


def absent() -> str:
    """What a worker says that lacks the package."""
    raise ModuleNotFoundError("No module named 'glyphcore'", name="glyphcore")


def wrong(number: int) -> int:
    raise ValueError(f"{number} is wrong")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def process(*words: object) -> Iterator[subprocess.Popen]:
    """A Python with ``words``, in a group of processes that is ended with it."""
    started = subprocess.Popen(
        [sys.executable, *map(str, words)], env=ENVIRONMENT, start_new_session=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield started
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        started.communicate()


@contextlib.contextmanager
def scheduler(port: int) -> Iterator[subprocess.Popen]:
    """``dask scheduler`` on a port of the loopback interface."""
    words = ("-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
    with process(*words) as started:
        wait_until(lambda: answers(port))
        yield started


def workers(port: int, count: int = 2) -> contextlib.AbstractContextManager[subprocess.Popen]:
    """``dask worker``: processes of one thread."""
    words = ("--host", "127.0.0.1", "--nworkers", count, "--nthreads", 1, "--no-dashboard", "--memory-limit", 0)
    return process("-m", "distributed.cli.dask_worker", f"tcp://127.0.0.1:{port}", *words)


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def wait_until(condition: Callable[[], bool]) -> None:
    """Look again until it is so. Fails after :data:`PATIENCE`."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def deadly_shard(config: EvaluateConfig, of: int, number: int) -> None:
    """A shard as ever, but for the third, which ends whoever works on it."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    _SHARD(config, of, number)
