"""A child process that reads PDFs for its parent: a hostile file can end the child and nothing else.

Requests and answers are lines of JSON (:mod:`glyphcore.pdf.worker`). The parent loads neither numpy nor pikepdf. One
child serves many files, one after the other; when a child has died, a new one is started.
"""

from __future__ import annotations

import contextlib
import json
import select
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from glyphcore.errors import GlyphError, MissingExtraError, PasswordError, PdfError

PATIENCE = 4.0
"""Seconds by the clock for each second of processor time that a file may take, because other work may share the
machine."""

KINDS: dict[str, type[GlyphError]] = {"extra": MissingExtraError, "password": PasswordError}
"""Kinds of errors that the child process names, in addition to errors of its input."""


class Child:
    """Answers requests about PDFs; the first request starts the child process."""

    def __init__(self, checkpoint: Path, seconds: int, megabytes: int) -> None:
        self._command = [sys.executable, "-m", "glyphcore.pdf.worker", str(checkpoint), str(seconds), str(megabytes)]
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Child:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            self._process.kill()
            self._leave(self._process)

    def _leave(self, process: subprocess.Popen[bytes]) -> int:
        """Wait until a process ends and close the pipes to it; return its exit code."""
        self._process = None
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):  # data that the process did not read is lost with it
                pipe.close()
        return process.wait()

    def ask(self, do: str, path: Path, **options: Any) -> dict[str, Any]:
        """Return the answer to one request. Raises PdfError when the file cannot be read or when it ends the
        process."""
        if self._process is None:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        request = {"do": do, "path": str(path), **options}
        try:
            process.stdin.write(json.dumps(request, default=str).encode() + b"\n")
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], PATIENCE * self._seconds)
            line = process.stdout.readline() if ready else b""
        except BrokenPipeError:
            line = b""
        if not line:
            raise PdfError(f"{path} could not be read: {self._end()}.", subject=path)
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            kind = KINDS.get(answer.get("kind", ""), PdfError)
            raise kind(answer["error"], subject=path, remedy=answer.get("remedy", ""))
        return answer

    def _end(self) -> str:
        """Return the reason why the process has ended, or end it now and return that reason."""
        process = self._process
        assert process is not None
        try:
            process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            process.kill()
            self._leave(process)
            return "it takes too long"
        code = self._leave(process)
        if code == -signal.SIGXCPU or code == -signal.SIGKILL:
            return f"it takes more than {self._seconds} s of processor time, or too much memory"
        return f"its reader ended with {signal.Signals(-code).name if code < 0 else f'exit code {code}'}"
