"""Commands in the background: each runs in its own process and reports progress as JSON lines.

For the app and for notebooks. A :class:`Job` knows the progress of its command, its messages, and the reason of a
failure, without parsing a progress bar or an English sentence.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from glyphcore.config.base import SOURCE
from glyphcore.errors import PARTLY

KEPT = 200
"""Number of messages of a command that its job keeps."""
LOW_PRIORITY = ("nice", "-n", "10") if shutil.which("nice") else ()
"""Command prefix for work that must not slow down the pages of the app."""


@dataclass(frozen=True)
class Step:
    """Progress of the current part of a command."""

    what: str = ""
    """The counted unit: ``glyphs``, ``iterations``; empty before the first event."""
    done: int = 0
    total: int = 0
    started: float = 0.0
    """Time of the first event, in seconds of :func:`time.monotonic`."""
    first: int = 0
    """Number of items that were done at the first event."""
    last_event: float = 0.0
    """Time of the last event, in seconds of :func:`time.monotonic`."""

    @property
    def share(self) -> float:
        """Share of items that are done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def rate(self) -> float:
        """Items per second; 0 while it is unknown."""
        seconds = self.last_event - self.started
        return (self.done - self.first) / seconds if seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the end; None while they are unknown."""
        return (self.total - self.done) / self.rate if self.rate else None

    def words(self) -> str:
        """Return a text such as ``glyphs: 12,000 of 46,579, 0:24 to go``."""
        if not self.what:
            return "starting …"
        left = self.seconds_left
        end = "" if left is None else f", {int(left) // 60}:{int(left) % 60:02d} to go"
        return f"{self.what}: {self.done:,} of {self.total:,}{end}"


class Job:
    """A ``glyphcore`` command in its own process; it can be used from several threads."""

    def __init__(self, words: Sequence[str | os.PathLike[str]], *, before: Sequence[str] = ()) -> None:
        """Start ``glyphcore`` with ``words``; ``before`` is a command prefix such as :data:`LOW_PRIORITY`."""
        self.step = Step()
        self.numbers: dict[str, int] = {}
        """Numbers in the messages, by name: ``empty`` glyphs, ``written`` glyphs."""
        self.error = ""
        """Error message for the user; empty if there is none."""
        self._said: deque[str] = deque(maxlen=KEPT)
        self._stopped = False
        path = os.pathsep.join(filter(None, [str(SOURCE), os.environ.get("PYTHONPATH", "")]))
        self._process = subprocess.Popen(
            [*before, sys.executable, "-P", "-m", "glyphcore", *(os.fspath(word) for word in words)],
            env=os.environ | {"PYTHONPATH": path, "GLYPHCORE_PROGRESS": "json"}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace",
        )  # fmt: skip
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def messages(self) -> list[str]:
        """The last messages, without progress."""
        return list(self._said)

    @property
    def ended(self) -> bool:
        """Whether the command has ended and all its output was read."""
        return self._process.poll() is not None and not self._listener.is_alive()

    @property
    def code(self) -> int | None:
        """Exit code; negative where a signal ended the command, None while it runs."""
        return self._process.poll()

    @property
    def failed(self) -> bool:
        """Whether the command ended without a result. A stopped command, and a command that left out a part, did not
        fail."""
        return self.code not in (None, 0, PARTLY) and not self._stopped

    @property
    def problem(self) -> str:
        """Reason of the failure, in one line."""
        if not self.failed:
            return ""
        last = self._said[-1] if self._said else ""
        return self.error or last or f"The command ended with code {self.code}."

    def stop(self) -> None:
        """Stop the command. Its results so far stay, and the same command continues from there."""
        self._stopped = True
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the command has ended, at most ``seconds``; return whether it has ended."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self._listener.join(seconds)
        return self.ended

    def _listen(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                self._hear(line.rstrip("\n"))

    def _hear(self, line: str) -> None:
        """Process one line of output: JSON of this package, or a message that a library printed."""
        try:
            last_event: Any = json.loads(line)
        except ValueError:
            last_event = None
        match last_event:
            case {"what": str(what), "done": int(done), "total": int(total)}:
                self._advance(what, done, total)
            case {"say": str(said), **numbers}:
                self._said.append(said)
                self.numbers |= {str(name): value for name, value in numbers.items() if isinstance(value, int)}
            case {"error": str(error)}:
                self._said.append(error)
                self.error = error
            case _:
                self._said.append(line)

    def _advance(self, what: str, done: int, total: int) -> None:
        now, step = time.monotonic(), self.step
        if step.what != what or done < step.done:
            step = Step(what, done, total, now, done)
        self.step = replace(step, done=done, total=total, last_event=now)
