"""The start of the server beside its first page, and its end."""

from __future__ import annotations

import json
import os
import pkgutil
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import streamlit
from browser_fixtures import ROOT, free_port, wait_for

import app

PREPARED = """
import json, sys
from app import server
server.DRAWING_SECONDS = 0
server.prepare()
from app.shared import sources
opened = [str(file.path) for file in sources.files()]
print(json.dumps([sorted(name for name in sys.modules if name.startswith("app.")), opened]))
"""


UPGRADE = (
    "GET /_stcore/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: c2l4dGVlbiBieXRlcyEhIQ==\r\n\r\n"
)

DOWNLOAD = "GET /static/js/{largest} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"


def prepared(folder: Path) -> tuple[set[str], list[str]]:
    """Return the modules of the app that are loaded in a new process, and the results that it sees."""
    environment = {
        **os.environ, "GLYPHCORE_DB": str(folder / "glyphs.db"), "GLYPHCORE_RESULTS": str(folder / "results"),
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", PREPARED], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded, opened = json.loads(done.stdout)
    return set(loaded), opened


def test_modules_of_all_pages_are_imported_and_no_page_is_drawn(folder: Path) -> None:
    loaded, _ = prepared(folder)
    modules = {module.name for module in pkgutil.walk_packages(app.__path__, "app.")}
    assert {"app.compare.data", "app.primitives.codebook", "app.pdf.page"} <= modules
    drawing = {name for name in modules if name.endswith(".page") or name == "app.main"}
    assert modules - loaded == drawing


def test_damaged_results_and_a_missing_database_are_left_to_the_page(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "results", tmp_path / "results")
    (file,) = (tmp_path / "results").glob("*.db")
    file.write_bytes(file.read_bytes()[:5000])
    loaded, opened = prepared(tmp_path)
    assert opened
    assert "app.compare.data" in loaded


def test_windows_that_do_not_answer_do_not_keep_the_server(folder: Path, tmp_path: Path) -> None:
    """The tabs of some windows sleep: their sockets are open, what they asked for is on its way, and nobody reads."""
    port = free_port()
    environment = {
        **os.environ, "GLYPHCORE_DB": str(folder / "glyphs.db"), "GLYPHCORE_RESULTS": str(folder / "results"),
    }  # fmt: skip
    command = [sys.executable, "-m", "streamlit", "run", "app/server.py", "--server.port", str(port)]
    scripts = Path(streamlit.__file__).parent / "static" / "static" / "js"
    largest = max(scripts.iterdir(), key=lambda path: path.stat().st_size).name
    with (tmp_path / "log").open("wb") as log, ExitStack() as windows:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            for request in [UPGRADE] * 10 + [DOWNLOAD] * 10:
                window = windows.enter_context(socket.socket())
                window.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # what is not read soon stops the sender
                window.settimeout(20)
                window.connect(("127.0.0.1", port))
                window.sendall(request.format(port=port, largest=largest).encode())
                assert window.recv(9) == b"HTTP/1.1 "
            server.terminate()
            server.wait(20)  # far more than it takes
        finally:
            server.kill()
            server.wait()
    assert "Traceback" not in (tmp_path / "log").read_text()
