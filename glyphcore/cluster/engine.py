"""Runs the parts of a job on the processes of a Dask cluster: processes of this machine, or the workers of a scheduler.

A job is a function that can be pickled. Workers import this package and see the same files under the same paths. The
number of parts that are handed out at a time is the number of worker threads. It is not larger, because Dask blames the
death of a worker on every task that the worker was given, even on tasks that it had not begun.

If the worker of a part dies, another worker gets the part. Dask gives a part up when its workers died more often than
``allowed-failures`` of the scheduler, whatever ``retries`` says. The part then gets one more try, alone, after all
other parts are done, so that no part is blamed for a fault of another. A result stays in the memory of its worker until
it is fetched. If it is lost with the worker, the part is done a second time. So a job must be safe to repeat.

A scheduler accepts pickles from anyone who reaches its port, and there is no TLS here: use it only in trusted networks.
A cluster of this machine listens on the loopback interface only.
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

if TYPE_CHECKING:  # the import takes a second, and most commands do not need it
    from distributed import Client, Future

P = TypeVar("P")
R = TypeVar("R")
CONNECT = 60
"""Seconds that a scheduler has to answer and to get its first worker."""
GRACE = 10
"""Seconds that workers of this machine have to stop."""
LOCAL = {
    # two deaths, then two alone: as many deaths as Dask accepts by default
    "distributed.scheduler.allowed-failures": 1,
    "distributed.scheduler.worker-saturation": 1.0,
}


@dataclass(frozen=True)
class Lost:
    """Takes the place of the result of a part that ended every worker that ran it."""


LOST = Lost()


def map_parts(
    address: str, job: Callable[[Any], R], parts: Sequence[P], progress: Progress, *, what: str,
    sent: Callable[[P], Any] | None = None,
) -> Iterator[tuple[P, R | Lost]]:  # fmt: skip
    """Yield ``(part, job(part))`` for all parts as they finish; :data:`LOST` for a part that no worker survives.

    ``address``: ``local``, ``local:N`` for N processes of one thread, or ``tcp://HOST:PORT`` of a scheduler. ``job``
    and the parts are pickled. With ``sent``, a worker gets ``sent(part)`` in place of the part; it is called when the
    part is handed out, so that only the content of the running parts is in memory. An exception of ``job`` is raised
    here and ends all other parts; leaving the loop ends them too. Raises ClusterError when no scheduler or worker
    answers, when a scheduler or worker goes away, or when workers have another version.
    """
    if not parts:
        return
    with _client(address) as client:
        _meet(client, address)
        yield from progress.track(_done(client, address, job, parts, sent), total=len(parts), what=what)


def _done(
    client: Client, address: str, job: Callable[[Any], R], parts: Sequence[P], sent: Callable[[P], Any] | None
) -> Iterator[tuple[P, R | Lost]]:
    from distributed import KilledWorker, as_completed

    waiting, blamed = deque(parts), deque[P]()
    running: dict[Future, P] = {}
    done = as_completed()

    def hand_out(some: deque[P], limit: int) -> None:
        while some and len(running) < limit:
            part = some.popleft()
            future = client.submit(job, part if sent is None else sent(part), pure=False)
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
    """Wait for the first worker and check that all workers have this version."""
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
    except Exception as error:
        # no glyphcore, or one without this function: Dask wraps the error of a worker that cannot load it
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
    """Return the version of this package in the process that calls the function. Importing the package by name would
    make an import cycle, because the package offers the jobs."""
    return str(sys.modules["glyphcore"].__version__)


@contextmanager
def _scheduler(address: str) -> Iterator[None]:
    """Raise ClusterError where a request to the scheduler fails because the scheduler is gone."""
    try:
        yield
    except (OSError, CancelledError) as error:
        if isinstance(error, TimeoutError):
            raise
        raise ClusterError(
            f"The connection to the scheduler at {address} was lost.",
            subject=address,
            remedy="Start it and its workers again, then run the same command; finished parts are kept.",
        ) from error


@contextmanager
def _client(address: str) -> Iterator[Client]:
    """Yield a client of the cluster; a cluster of this machine ends together with its client."""
    import dask
    from distributed import Client, LocalCluster

    for name in filter(lambda name: name.startswith("distributed"), logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # this module reports deaths in its own words
    kind, _, count = address.partition(":")
    if kind == "local":
        # A scheduler always has an HTTP server; by default it uses port 8787 and listens on all interfaces.
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
    """Run worker processes on this machine, each with a nanny that restarts it; they also end when their scheduler
    ends.

    A LocalCluster is not used because its workers would run the main module of the caller a second time.
    """
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--host", "127.0.0.1"]
    command += ["--dashboard-address", "127.0.0.1:0"]
    # There is no memory limit: Dask counts mapped rasters as memory, and would stop workers that only read them.
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
    """Return the error that names parts which no worker survived; it is raised when all other parts are done."""
    return ClusterError(
        f"Workers crashed on {len(lost):,} of {counted(total, what)}: {', '.join(lost)}.",
        subject=lost,
        remedy="The others are finished and stored; the same command tries these again.",
    )
