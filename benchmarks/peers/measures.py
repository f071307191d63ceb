"""Gestures that every tool has to make, and the timing of a gesture in any page."""

from __future__ import annotations

import os
import subprocess
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import ElementHandle, Page

from benchmarks.served import Server

CHOSEN, TAKEN, WRONG, NEXT, SAMPLE = (
    "a class chosen", "and taken away", "only the wrong", "next page", "a sample opened"
)  # fmt: skip
GESTURES = (CHOSEN, TAKEN, WRONG, NEXT, SAMPLE)
CLASSES = ("digit", "medi", "isol", "symbol", "final", "punctuation", "init", "diacritic", "ligature")
"""Classes, none of which is the first one in the file: the first card has to change."""

WATCH = """(() => {
  window.flying = 0;
  const ask = window.fetch, done = () => { window.flying -= 1; };
  window.fetch = (...all) => {
    const answer = ask(...all);
    window.flying += 1;
    answer.then(done, done);
    return answer;
  };
})()"""
"""Counts unanswered requests; the script is put into a page before the page's own scripts."""

CLICK = """async ([target, card, sign]) => {
  const frame = () => new Promise(requestAnimationFrame);
  const state = () => (card ? document.querySelector(card) : target)?.[sign];
  const ready = () => [...document.querySelectorAll('img')].every((each) => each.complete);
  const before = state(), start = performance.now();
  target.click();
  while (state() === before || !state() || !ready()) {
    if (performance.now() - start > 20000) return [null, null];
    await frame();
  }
  await frame();
  const painted = performance.now() - start;
  let busy = performance.now();
  while (performance.now() - busy < 150) {
    if (window.flying) busy = performance.now();
    if (busy - start > 20000) return [painted, null];
    await frame();
  }
  return [painted, Math.max(painted, busy - start)];
}"""
"""Click ``target`` and wait until the content of the first ``card`` changes and all pictures are decoded (painted),
then until no request was sent to the server for 150 ms, which are not counted (idle)."""


@dataclass(frozen=True)
class Taken:
    """Milliseconds of a gesture."""

    painted: float
    idle: float


class Tool(ABC):
    """One tool: how it is started, what its first screen is, and its gestures."""

    name: str
    version: str

    @abstractmethod
    def start(self) -> tuple[Server, str]:
        """Start a server on a free port of the loopback; return it and its address when it answers."""

    @abstractmethod
    async def shown(self, page: Page) -> None:
        """Wait until the first samples are on the screen and nothing is under way."""

    @abstractmethod
    async def make(self, page: Page, gesture: str, i: int) -> Taken:
        """Make a gesture of :data:`GESTURES` for the ``i``-th time; :data:`TAKEN` removes the chosen value."""

    @abstractmethod
    async def undo(self, page: Page, gesture: str) -> None:
        """Bring the first screen back after a gesture that the next one does not undo."""


async def clicked(page: Page, target: ElementHandle, card: str | None, sign: str = "textContent") -> Taken:
    """Time a click on ``target`` until ``sign`` of the first ``card``, or of ``target`` without a card, has changed.

    Raises SystemExit after 20 s.
    """
    painted, idle = await page.evaluate(CLICK, [target, card, sign])
    if painted is None or idle is None:
        raise SystemExit(f"A click changed nothing of {card} in 20 s, or the page does not come to rest.")
    return Taken(painted, idle)


def environment(name: str, *steps: list[str]) -> Path:
    """Return the folder of programs of an environment outside the repository. The first run creates it; each step is a
    list of pip's arguments."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "glyphcore-peers" / name
    stamp = home / ".installed"
    if not stamp.exists():
        print(f"Installing {name} into {home} …", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        for step in steps:
            subprocess.run([home / "bin" / "python", "-m", "pip", "install", "-qq", *step], check=True)
        stamp.touch()
    return home / "bin"
