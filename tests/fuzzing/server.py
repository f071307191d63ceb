"""Runs cases in child processes that can be killed: a process that has loaded everything forks a child per some hundred
cases.

A case has limits of processor time, memory, and folders that it may write. A child that dies is a finding of its last
case, and the next child continues after that case.
"""

from __future__ import annotations

import json
import os
import random
import resource
import select
import shutil
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from glyphcore.errors import GlyphError

SECONDS = 10
"""Seconds of processor time of one case."""
MEGABYTES = 400
"""Memory of one case, beyond that of its process before."""
ADDRESSES = 3 << 30
"""Address space beyond that of the process before: stacks and arenas of threads are mostly never touched."""
PATIENCE = 90.0
"""Seconds by the clock before a silent child is killed: a deadlock uses no processor."""
AT_ONCE = 200
"""Number of cases of one child."""
STARTS_PROCESS = {"os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "socket.connect"}
CHANGES_FILE = {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.truncate"}
GOOD = ("read", "refused")


@dataclass(frozen=True)
class Outcome:
    """The outcome of one case."""

    kind: str
    number: int
    came: str
    """``read`` and ``refused`` are good; ``traceback``, ``wrong``, ``killed``, ``memory``, ``escaped`` are findings."""
    said: str
    seconds: float = 0.0
    megabytes: float = 0.0

    @property
    def good(self) -> bool:
        return self.came in GOOD


class Guard:
    """Records every file that Python opens for writing and every process that it starts."""

    def __init__(self) -> None:
        self.box = Path("/nowhere")
        self.seen: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in STARTS_PROCESS:
            self.seen.append(f"{event} {str(arguments[:2])[:200]}")
        elif event == "open" and isinstance(arguments[0], (str, bytes)):
            mode, flags = arguments[1] or "", arguments[2] or 0
            if set(mode) & set("wax+") or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self._note(event, os.fsdecode(arguments[0]))
        elif event in CHANGES_FILE:
            for path in arguments[:2]:
                if isinstance(path, (str, bytes, os.PathLike)):
                    self._note(event, os.fsdecode(path))
        elif event == "sqlite3.connect" and isinstance(arguments[0], (str, bytes, os.PathLike)):
            path = os.fsdecode(arguments[0])
            if not path.startswith("file:") and path != ":memory:":
                self._note(event, path)

    def _note(self, event: str, path: str) -> None:
        inside = os.path.realpath(path).startswith((str(self.box), "/dev/null", "/dev/shm/", "/proc/self/"))
        if not inside:
            self.seen.append(f"{event} {path[:200]}")


def serve(kind: str, module: ModuleType, seeds: Any, numbers: Sequence[int], seed: int, box: Path) -> Iterator[Outcome]:
    """Run cases in order; a child that dies is replaced."""
    left = list(numbers)
    while left:
        done = 0
        for outcome in _one_child(kind, module, seeds, left[:AT_ONCE], seed, box):
            done += 1
            yield outcome
        del left[:done]
        print(f"{kind}: {len(left):,} left", file=sys.stderr, flush=True)


def _one_child(
    kind: str, module: ModuleType, seeds: Any, numbers: Sequence[int], seed: int, box: Path
) -> Iterator[Outcome]:
    """Yield the outcomes of a child; if it was killed, the last outcome gives the reason."""
    receive, send = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if not child:
        os.close(receive)
        _work(kind, module, seeds, numbers, seed, box, send)
    os.close(send)
    waiting, buffer = list(numbers), b""
    stuck = False
    while waiting:
        ready, _, _ = select.select([receive], [], [], PATIENCE)
        block = os.read(receive, 1 << 16) if ready else b""
        if not block:
            stuck = not ready
            break
        *lines, buffer = (buffer + block).split(b"\n")
        for line in lines:
            waiting.pop(0)
            yield Outcome(**json.loads(line))
    os.close(receive)
    if stuck:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if waiting:
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        why = "stands still" if stuck else signal.Signals(number).name if number else f"exit {os.WEXITSTATUS(status)}"
        why = f"over {SECONDS} s of processor time" if why in ("SIGPROF", "SIGXCPU") else why
        yield Outcome(kind, waiting[0], "killed", f"{why}: {_tail(box)}")


def _work(kind: str, module: ModuleType, seeds: Any, numbers: Sequence[int], seed: int, box: Path, send: int) -> None:
    try:
        said = os.open(box.with_suffix(".said"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(said, 1)
        os.dup2(said, 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        size = _status("VmSize") * 1024 + ADDRESSES
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 29, 1 << 29))
        guard = Guard()
        for number in numbers:
            os.write(send, json.dumps(asdict(_try(kind, module, seeds, number, seed, box, guard))).encode() + b"\n")
    finally:
        os._exit(0)


def _try(kind: str, module: ModuleType, seeds: Any, number: int, seed: int, box: Path, guard: Guard) -> Outcome:
    guard.box = box.parent
    shutil.rmtree(box, ignore_errors=True)
    box.mkdir()
    os.chdir(box)
    guard.box = box
    guard.seen.clear()
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    guard.seen.clear()
    before, start = _status("VmRSS"), resource.getrusage(resource.RUSAGE_SELF)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        came, said = "read", str(module.case(seeds, random.Random(f"{seed}/{kind}/{number}"), box))
    except GlyphError as error:
        said = str(error)
        came = "refused" if said and "\n" not in said and len(said) < 700 else "wrong"
    except Exception as error:
        came = "wrong" if type(error).__name__ == "Wrong" else "traceback"
        where = [f"{Path(f.filename).name}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)][-5:]
        said = f"{type(error).__name__}: {str(error)[:200]} [{' '.join(where)}]"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = used.ru_utime + used.ru_stime - start.ru_utime - start.ru_stime
    megabytes = (_status("VmHWM") - before) / 1024
    if guard.seen and came in GOOD:
        came, said = "escaped", f"{guard.seen[:3]}; {said}"
    if megabytes > MEGABYTES and came in GOOD:
        came, said = "memory", f"{megabytes:.0f} MB; {said}"
    return Outcome(kind, number, came, said, round(seconds, 3), round(megabytes, 1))


def _status(name: str) -> int:
    """Return a line of this process's status, in kB."""
    return int(Path("/proc/self/status").read_text().partition(f"{name}:")[2].split()[0])


def _tail(box: Path) -> str:
    try:
        return box.with_suffix(".said").read_text(errors="replace").strip().replace("\n", " ")[-300:]
    except OSError:
        return ""
