"""The app itself, driven by the same gestures as the tools beside it: Browse with all splits and all outcomes."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

from benchmarks.gestures import CLICK, OPENED, choose, idle, take_away
from benchmarks.peers.measures import CHOSEN, CLASSES, NEXT, TAKEN, WRONG, Taken, Tool
from benchmarks.served import Server, serve
from glyphcore import __version__

FIRST = "/?split=all&outcome=all"


class Ours(Tool):
    """Browse; 96 glyphs per page on this screen, worst first."""

    name = "glyphcore"
    version = __version__

    def __init__(self, database: Path, results: Path, folder: Path) -> None:
        self.database, self.results, self.folder = database, results, folder

    def start(self) -> tuple[Server, str]:
        server, address = serve(self.database, self.results, self.folder)
        self.address = address + FIRST
        return server, self.address

    async def shown(self, page: Page) -> None:
        await page.locator(".card").first.wait_for()
        await idle(page)

    async def make(self, page: Page, gesture: str, i: int) -> Taken:
        name = CLASSES[i % len(CLASSES)]
        if gesture == CHOSEN:
            return Taken(*await choose(page, "char_class", name))
        if gesture == TAKEN:
            return Taken(*await take_away(page, "char_class", name))
        if gesture == WRONG:
            return Taken(*await choose(page, "outcome", "wrong"))
        if gesture == NEXT:
            return await self._clicked(page, CLICK, "button[data-page=next]", ".place")
        return await self._clicked(page, OPENED, f".card:nth-child({i % 3 + 1})", ".inspector .title")

    async def undo(self, page: Page, gesture: str) -> None:
        if gesture == WRONG:
            await choose(page, "outcome", "")
        elif gesture not in (CHOSEN, TAKEN, NEXT):
            await page.goto(self.address)
            await self.shown(page)

    async def _clicked(self, page: Page, script: str, button: str, inside: str) -> Taken:
        painted, at_rest = await page.locator(".glyphs").evaluate(script, [button, inside])
        if painted is None or at_rest is None:
            raise SystemExit(f"A click on {button} changed nothing in 20 s.")
        return Taken(painted, at_rest)
