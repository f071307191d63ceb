"""The app as a process of its own for benchmarks, and the memory of a process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.request import urlopen

from glyphcore.config import PROJECT

Server = subprocess.Popen[bytes]
PATIENCE = 300
"""Seconds within which a server has to answer."""


def free_port() -> int:
    """Return a port of the loopback on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def started(
    command: Sequence[str | Path], port: int, path: str, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a server and wait until ``path`` answers. Raises SystemExit with the end of its log when it does not
    answer."""
    log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the server
    server = subprocess.Popen(command, cwd=PROJECT, env={**os.environ, **environment}, stdout=log, stderr=log)
    end = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < end:
        try:
            urlopen(f"http://127.0.0.1:{port}{path}", timeout=1).close()
            return server
        except OSError:
            time.sleep(0.1)
    stopped(server)
    log.seek(0)
    raise SystemExit(f"{command[0]} did not start: {log.read()[-500:].decode(errors='replace')}")


def stopped(server: Server) -> None:
    """End a server and wait until its process has ended."""
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def serve(database: Path, results: Path, folder: Path) -> tuple[Server, str]:
    """Start the app on a free port of the loopback; its tags go into ``folder``."""
    port = free_port()
    environment = {"PYTHONPATH": str(PROJECT), "GLYPHCORE_DB": str(database), "GLYPHCORE_RESULTS": str(results),
                   "GLYPHCORE_ANNOTATIONS": str(folder / "annotations.db")}  # fmt: skip
    command = [sys.executable, "-m", "streamlit", "run", "app/server.py", "--server.port", str(port)]
    return started(command, port, "/_stcore/health", environment), f"http://127.0.0.1:{port}"


def memory(process: int) -> dict[str, float]:
    """Return MB of a process: the peak so far with the mapped files, and its own memory at this moment."""
    entries = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    return {name: int(entries[key].split()[0]) / 1024 for name, key in (("largest", "VmHWM"), ("own", "RssAnon"))}
