"""Parts of a job, worked on by the processes of a Dask cluster: some on this machine, or those behind a scheduler.

What is done to a part is a function that can be pickled; workers import this package and see the same files by the same
paths. As many parts are handed out as there are threads of workers, and not more: Dask blames a worker's death on every
task that it was given, those among them that it had not begun.

A part whose worker dies goes to another one. Dask gives it up when its workers died more often than the scheduler's
``allowed-failures``, whatever ``retries`` says; it then gets one more try when all other parts are done, alone, so that
no part is named for what another one does. A result lies in the memory of its worker until it is fetched and is lost
with it; then its part is worked on a second time. So a job must be one that may be repeated.

A scheduler takes pickles from whoever reaches its port and there is no TLS here: only for networks that are trusted. A
cluster of this machine listens on the loopback interface and on nothing else.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from glyphcore.errors import ClusterError
from glyphcore.progress import Progress, counted

if TYPE_CHECKING:  # it takes a second, and most commands run without
    from distributed import Client, Future

P = TypeVar("P")
R = TypeVar("R")
CONNECT = 60
"""Seconds that a scheduler has to answer, and its first worker to be there."""
GRACE = 10
"""Seconds that workers of this machine have to end."""
LOCAL = {
    "distributed.scheduler.allowed-failures": 1,  # twice, and twice alone: as many deaths as Dask would take by itself
    "distributed.scheduler.worker-saturation": 1.0,
}


@dataclass(frozen=True)
class Lost:
    """Comes in place of the result of a part that ended each worker that worked on it."""


LOST = Lost()


def map_parts(
    address: str, job: Callable[[P], R], parts: Sequence[P], progress: Progress, *, what: str
) -> Iterator[tuple[P, R | Lost]]:
    """``(part, job(part))`` for all parts, as they are done; :data:`LOST` for a part that no worker survives.

    ``address``: ``local``, ``local:N`` for N processes of one thread, or ``tcp://HOST:PORT`` of a scheduler. ``job``
    and parts are pickled. What ``job`` raises is raised here and ends the rest; so does leaving the loop. Raises
    ClusterError when no scheduler or worker answers, when one of them goes away, or when workers have another version.
    """
    if not parts:
        return
    with _client(address) as client:
        _meet(client, address)
        yield from progress.track(_done(client, address, job, parts), total=len(parts), what=what)


def _done(client: Client, address: str, job: Callable[[P], R], parts: Sequence[P]) -> Iterator[tuple[P, R | Lost]]:
    from distributed import KilledWorker, as_completed

    waiting, blamed = deque(parts), deque[P]()
    running: dict[Future, P] = {}
    done = as_completed()

    def hand_out(some: deque[P], limit: int) -> None:
        while some and len(running) < limit:
            part = some.popleft()
            future = client.submit(job, part, pure=False)
            running[future] = part
            done.add(future)

    try:
        while waiting or running or blamed:
            with _scheduler(address):
                hand_out(waiting, max(1, sum(client.nthreads().values())))
            alone = not running
            if alone:
                hand_out(blamed, 1)
            future = next(done)
            part = running.pop(future)
            if future.status == "error":
                error = future.exception()
                assert error is not None
                if not isinstance(error, KilledWorker):
                    raise error
                if alone:
                    yield part, LOST
                else:
                    blamed.append(part)
                continue
            with _scheduler(address):
                result = future.result()
            yield part, result
    finally:
        if client.status == "running":
            client.cancel(list(running))


def _meet(client: Client, address: str) -> None:
    """Wait for the first worker and see that all have this version."""
    try:
        client.wait_for_workers(1, timeout=CONNECT)
        with _scheduler(address):
            versions: dict[str, str] = client.run(version)
    except TimeoutError as error:
        raise ClusterError(
            f"The scheduler at {address} has no workers.", subject=address, remedy=f"Start some: dask worker {address}"
        ) from error
    except ClusterError:
        raise
    except Exception as error:  # no glyphcore, or one that has no such function: Dask wraps what a worker cannot load
        raise ClusterError(
            f"A worker of {address} cannot run this program: {error}.", subject=address,
            remedy="Install the same version of glyphcore there.",
        ) from error  # fmt: skip
    own = version()
    other = sorted(set(versions.values()) - {own})
    if other:
        raise ClusterError(
            f"Workers of {address} have glyphcore {', '.join(other)}, this is {own}.",
            subject=address,
            remedy="Install the same version there.",
        )


def version() -> str:
    """Of this package, where it is called. Importing it by name would close a circle: it offers what jobs do."""
    return str(sys.modules["glyphcore"].__version__)


@contextmanager
def _scheduler(address: str) -> Iterator[None]:
    """Raises ClusterError where what is asked of the scheduler fails because it is gone."""
    try:
        yield
    except (OSError, CancelledError) as error:
        if isinstance(error, TimeoutError):
            raise
        raise ClusterError(
            f"The scheduler at {address} went away.",
            subject=address,
            remedy="Start it again, with its workers, and give the same command: what is done is kept.",
        ) from error


@contextmanager
def _client(address: str) -> Iterator[Client]:
    """A client of the cluster; one of this machine ends with it."""
    import dask
    from distributed import Client, LocalCluster

    for name in filter(lambda name: name.startswith("distributed"), logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # deaths are told in our own words
    kind, _, count = address.partition(":")
    if kind == "local":
        # A scheduler has an HTTP server whatever is said: of its own accord on port 8787, and of all interfaces.
        here: dict[str, Any] = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
        here["silence_logs"] = logging.CRITICAL
        with (
            dask.config.set(LOCAL),
            LocalCluster(n_workers=0, **here) as scheduler,
            _workers(scheduler.scheduler_address, int(count) if count else os.cpu_count() or 1),
            Client(scheduler) as client,
        ):
            yield client
        return
    try:
        client = Client(address, timeout=CONNECT)
    except OSError as error:
        raise ClusterError(
            f"No scheduler answers at {address}.", subject=address, remedy="Start one: dask scheduler"
        ) from error
    with client:
        yield client


@contextmanager
def _workers(address: str, count: int) -> Iterator[None]:
    """Worker processes of this machine, each with a nanny that starts it again; they end with their scheduler, too.

    Not those of a LocalCluster: these would run the main module of whoever calls this a second time.
    """
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--host", "127.0.0.1"]
    command += ["--dashboard-address", "127.0.0.1:0"]
    # No limit of memory: Dask counts mapped rasters as memory, and would stop workers that only read.
    command += ["--nworkers", str(count), "--nthreads", "1", "--memory-limit", "0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def tell_lost(lost: Sequence[str], total: int, what: str) -> ClusterError:
    """The error that names parts which no worker survived, to be raised when all others are done."""
    return ClusterError(
        f"{len(lost):,} of {counted(total, what)} ended each worker that worked on them: {', '.join(lost)}.",
        subject=lost,
        remedy="The others are done and kept; the same command tries these again.",
    )
