"""Fixtures of the browser tests: the app served over the ``folder`` of a test module, a window, and a watched tab.

A module gets them by ``pytest_plugins = ["browser_fixtures"]`` and its own fixture ``folder``, with ``glyphs.db`` and
``results`` in it.
"""

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
from pathlib import Path
from urllib.parse import parse_qs, urlparse
from urllib.request import urlopen

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
# A busy machine is slow; the expected change must still happen within this time.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def port() -> int:
    """The port of all servers of this process, one after the other: to the browser they are one site, whose scripts it
    keeps compiled."""
    return free_port()


@pytest.fixture(scope="module")
def address(folder: Path, port: int) -> Iterator[str]:
    """The app, served on the loopback."""
    with served(folder, port) as address:
        yield address


def pages() -> dict[str, str]:
    """Return the address of each page of the navigation, Browse at the root, and its title."""
    main = (ROOT / "app" / "main.py").read_text(encoding="utf-8")
    found = {path: title for title, path in re.findall(r'title="(\w+)", url_path="(\w+)"', main)}
    return {"" if path == "browse" else path: title for path, title in found.items()}


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@contextmanager
def served(folder: Path, port: int = 0) -> Iterator[str]:
    """Serve the app over ``folder``, on a free port if none is given; yield its address, and stop the server at the
    end."""
    port = port or free_port()
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "GLYPHCORE_DB": str(folder / "glyphs.db"),
        "GLYPHCORE_RESULTS": str(folder / "results"),
        "GLYPHCORE_FONTS": str(folder / "fonts"),
        "GLYPHCORE_UPLOADS": str(folder / "uploads"),
        "GLYPHCORE_CONFIRMED": str(folder / "confirmed.db"),
        "GLYPHCORE_ANNOTATIONS": str(folder / "annotations.db"),
    }
    if (folder / "checkpoints").is_dir():
        environment["GLYPHCORE_CHECKPOINTS"] = str(folder / "checkpoints")
    command = [sys.executable, "-m", "streamlit", "run", "app/server.py", "--server.port", str(port)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(PATIENCE / 1000)


def wait_for(health: str) -> None:
    """Wait until a server answers; raises OSError when it does not within :data:`PATIENCE`."""
    end = time.monotonic() + PATIENCE / 1000
    while True:
        try:
            urlopen(health, timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the browser's profile, with the scripts that it keeps."""
    return tmp_path_factory.mktemp("profile")


@pytest.fixture(scope="module")
def window(chromium: str, address: str, profile: Path) -> Iterator[BrowserContext]:
    """A browser without stored state."""
    for stored in ("Local Storage", "Session Storage"):
        shutil.rmtree(profile / "Default" / stored, ignore_errors=True)
    with sync_playwright() as playwright:
        window = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium, args=FLAGS, viewport={"width": 1440, "height": 900}, base_url=address
        )
        window.clear_cookies()
        yield window
        window.close()


@pytest.fixture
def page(window: BrowserContext, address: str) -> Iterator[Page]:
    """Yield a tab of its own; an error in a script or a request to another host fails the test."""
    page = window.new_page()
    page.set_default_timeout(PATIENCE)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: _foreign(request.url, address) and problems.append(request.url))
    yield page
    page.close()
    assert problems == []


def _foreign(url: str, address: str) -> bool:
    return urlparse(url).scheme in ("http", "https") and not url.startswith(address)


def query(page: Page) -> dict[str, list[str]]:
    """Return the parameters of the tab's address."""
    return parse_qs(urlparse(page.url).query)


def show_keys(page: Page) -> None:
    """Press ``?`` once the overlay of keys listens: at that time it has named the parts of the page."""
    expect(page.locator("[data-testid=stMain][aria-label=Page]")).to_be_attached()
    page.keyboard.press("?")


def wait_query(page: Page, **wanted: str | None) -> None:
    """Wait until parameters of the tab's address have these values, None for an absent one.

    A page is shown before the server has answered, and the address follows the answer: on a slow machine, a single look
    right after a key or a click is too early.
    """
    values = {name: None if value is None else [value] for name, value in wanted.items()}

    def reached(url: str) -> bool:
        here = parse_qs(urlparse(url).query)
        return all(here.get(name) == value for name, value in values.items())

    page.wait_for_url(reached)


def focused(page: Page) -> str | None:
    """Return the accessible name of the focused element inside a component."""
    return page.evaluate("document.activeElement.shadowRoot?.activeElement?.getAttribute('aria-label') ?? null")
