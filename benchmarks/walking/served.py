"""The app, served over a folder of its own: tags, uploads and caches of a walk change nothing else."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.request import urlopen

from pdf_files import ENGLISH, fpdf2, permuted, stripped
from shipped_fonts import LATIN, build
from tiny_fonts import write_fonts

from glyphcore.config import CHECKPOINTS, SOURCE
from glyphcore.data.cache import PackedRasters
from glyphcore.data.store import GlyphStore
from glyphcore.results.projection import map_path
from glyphcore.results.store import list_results

PATIENCE = 120
"""Seconds within which a server has to answer."""
LEAVING = 30
"""Seconds within which a server has to end."""
WRONG = re.compile(r"Traceback|\bERROR\b|\bCRITICAL\b|Exception|Uncaught|FATAL")
RAISED = re.compile(r"^[\w.]*(?:Error|Exception|Interrupt|Exit)\b.*", re.MULTILINE)


def prepare(database: Path, results: Path, cache: Path, folder: Path) -> None:
    """Prepare ``folder`` for walks: links to the results, rasters, maps, label doubts, some fonts.

    All results and caches are made once, so that walks do not wait for them.
    """
    (folder / "results").mkdir(parents=True)
    for path in sorted(results.iterdir()):
        if path.is_file():
            (folder / "results" / path.name).symlink_to(path.resolve())
    PackedRasters.of(GlyphStore(database), cache)
    for file in list_results(folder / "results"):
        if file.complete and not map_path(file.path).exists():
            _glyphcore("map", str(file.path), cache=cache)
        if file.complete:  # searches for doubtful labels unless they are stored
            _glyphcore("label-issues", str(file.path), "--db", str(database), cache=cache)
    (folder / "drawn").mkdir()
    (folder / "fonts").mkdir()
    write_fonts(folder / "drawn")
    for path in sorted((folder / "drawn").rglob("*.[ot]t[fc]")):  # names as in the corpus cache
        data = path.read_bytes()
        (folder / "fonts" / f"{sha256(data).hexdigest()[:12]}-{path.name}").write_bytes(data)
    (folder / "pdfs").mkdir()
    build(LATIN, folder / "drawn" / "shipped.ttf")
    made = folder / "drawn" / "made.pdf"
    for name, harm in (("lying", permuted), ("silent", stripped), ("right", None)):
        fpdf2(ENGLISH if name != "right" else "All of it is as it says.", folder / "drawn" / "shipped.ttf", made)
        out = folder / "pdfs" / f"{name}.pdf"
        if harm is None:
            shutil.copy(made, out)
        else:
            harm(made, out)


def _glyphcore(*arguments: str, cache: Path) -> None:
    command = [sys.executable, "-m", "glyphcore", *arguments]
    environment = os.environ | {"PYTHONPATH": str(SOURCE), "GLYPHCORE_CACHE": str(cache)}
    subprocess.run(command, cwd=SOURCE, env=environment, check=True, capture_output=True)


class Served:
    """A running server of the app over ``folder``."""

    def __init__(self, database: Path, cache: Path, folder: Path) -> None:
        self.database, self.cache, self.folder = database, cache, folder
        self.results = folder / "results"
        self.annotations = folder / "annotations.db"
        self.log = folder / "log"
        self._read = 0
        self._beside: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.address = f"http://localhost:{port}"
        self.environment = os.environ | {
            "PYTHONPATH": str(SOURCE), "GLYPHCORE_CACHE": str(cache), "GLYPHCORE_DB": str(database),
            "GLYPHCORE_RESULTS": str(self.results), "GLYPHCORE_FONTS": str(folder / "fonts"),
            "GLYPHCORE_UPLOADS": str(folder / "uploads"), "GLYPHCORE_CONFIRMED": str(folder / "confirmed.db"),
            "GLYPHCORE_ANNOTATIONS": str(self.annotations), "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        self._port = port
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "app/server.py", "--server.port", str(self._port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=SOURCE, env=self.environment, stdout=log, stderr=log)
        self._wait(f"http://127.0.0.1:{self._port}/_stcore/health")

    def restart(self) -> bool:
        """End the server and start it again at the same address; return whether it ended by itself."""
        self.process.terminate()
        try:
            self.process.wait(LEAVING)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False
        finally:
            self._start()
        return True

    def _wait(self, health: str) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                urlopen(health, timeout=1).close()
                return
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    self.stop()
                    raise
                time.sleep(0.1)

    def stop(self) -> None:
        """End the server, and the evaluation beside it."""
        for process in (self.process, self._beside):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(PATIENCE)

    def complaints(self) -> list[str]:
        """Return the lines at error level in the server's log since the last call: the exceptions, else the lines."""
        with self.log.open("rb") as log:
            log.seek(self._read)
            new_text = log.read()
            self._read += len(new_text)
        text = new_text.decode(errors="replace")
        if not WRONG.search(text):
            return []
        return RAISED.findall(text) or [line for line in text.splitlines() if WRONG.search(line)]

    def forget(self) -> None:
        """Delete the tags, confirmed labels and uploads, so that each seed begins with the same state."""
        for pattern in ("annotations.db*", "confirmed.db*"):
            for path in self.folder.glob(pattern):
                path.unlink(missing_ok=True)
        shutil.rmtree(self.folder / "uploads", ignore_errors=True)

    def evaluate(self) -> None:
        """Ensure that an evaluation runs beside the app: one checkpoint after the other until all are evaluated."""
        if self._beside is not None and self._beside.poll() is None:
            return
        done = {file.checkpoint for file in list_results(self.results) if file.complete}
        waiting = [path for path in sorted(CHECKPOINTS.glob("*.ckpt")) if path.stem not in done]
        if waiting:
            command = [sys.executable, "-m", "glyphcore", "evaluate", str(waiting[0]), "--db", str(self.database),
                       "--results", str(self.results)]  # fmt: skip
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            self._beside = subprocess.Popen(command, cwd=SOURCE, env=self.environment, **quiet)


@contextmanager
def served(database: Path, cache: Path, prepared: Path, folder: Path) -> Iterator[Served]:
    """Serve over a new ``folder`` with the files that :func:`prepare` made."""
    (folder / "results").mkdir(parents=True)
    for path in sorted((prepared / "results").iterdir()):
        (folder / "results" / path.name).symlink_to(path.resolve())
    for name in ("fonts", "pdfs"):
        shutil.copytree(prepared / name, folder / name)
    server = Served(database, cache, folder)
    try:
        yield server
    finally:
        server.stop()
