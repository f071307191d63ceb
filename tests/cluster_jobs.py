"""Jobs for tests of the cluster, in a module that its workers can import; and cluster processes that tests can kill."""

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
"""Seconds that any step may take; a busy machine needs more."""


_SHARD = evaluate._shard


def square(number: int) -> int:
    return number * number


def mortal(number: int) -> int:
    """Return the square; 3 kills the worker."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def logged(folder: Path, number: int) -> int:
    """Return the square of a number and log its begin and end; the first worker that begins 2 is killed by SIGKILL."""
    with (folder / f"{number}.begun").open("a") as file:
        file.write(f"{os.getpid()}\n")
    if number == 2 and len((folder / "2.begun").read_text().split()) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    with (folder / f"{number}.done").open("a") as file:
        file.write(f"{os.getpid()}\n")
    return number * number


def noted(folder: Path, path: Path) -> dict[str, str]:
    """Return the text of a file and note its name in ``folder``; the text ``deadly`` kills the worker."""
    text = path.read_text()
    if text == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    with (folder / path.name).open("a") as note:
        note.write("x")
    return {"text": text}


def absent() -> str:
    """Raise the error of a worker that lacks the package."""
    raise ModuleNotFoundError("No module named 'glyphcore'", name="glyphcore")


def wrong(number: int) -> int:
    raise ValueError(f"{number} is wrong")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def process(*words: object) -> Iterator[subprocess.Popen]:
    """Start Python with ``words`` in a process group, and kill the group at the end."""
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
    """Start ``dask scheduler`` on a port of the loopback interface."""
    words = ("-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
    with process(*words) as started:
        wait_until(lambda: answers(port))
        yield started


def workers(port: int, count: int = 2) -> contextlib.AbstractContextManager[subprocess.Popen]:
    """Start ``dask worker`` with processes of one thread."""
    words = ("--host", "127.0.0.1", "--nworkers", count, "--nthreads", 1, "--no-dashboard", "--memory-limit", 0)
    return process("-m", "distributed.cli.dask_worker", f"tcp://127.0.0.1:{port}", *words)


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until ``condition`` is true. Fails after :data:`PATIENCE`."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def deadly_shard(config: EvaluateConfig, of: int, number: int) -> None:
    """Make a shard as usual; the third shard kills its worker."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    _SHARD(config, of, number)
