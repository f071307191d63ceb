"""Embedding Atlas: cards with pictures below a map, beside bars that filter by a click.

The tool is given positions (``--x --y``), so that it needs no embedding model and no network; packages for embedding
(torch, transformers, UMAP) are not installed and would not be loaded. Chromium without a graphics card has no WebGPU,
so that the tool draws no map; everything else works, and has less to do.
"""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

from benchmarks.peers.measures import CHOSEN, CLASSES, NEXT, TAKEN, WRONG, Taken, Tool, clicked, environment
from benchmarks.served import Server, free_port, started

VERSION = "0.26.0"
NEEDED = ["click", "cryptography", "duckdb", "fastapi", "inquirer", "narwhals", "pandas", "platformdirs", "pyarrow",
          "tqdm", "uvicorn", "uvloop", "websockets"]  # fmt: skip
CARD = 'button:has(img[src^="data:"])'
TURN = "//div[starts-with(normalize-space(.), 'of ') and not(*)]/../following-sibling::button"


class Atlas(Tool):
    """The card view; 50 samples a page, in the order of the file."""

    name = "Embedding Atlas"
    version = VERSION

    def __init__(self, data: Path, folder: Path) -> None:
        self.data, self.folder = data, folder
        programs = environment(
            f"embedding-atlas-{VERSION}", NEEDED, ["--no-deps", f"embedding-atlas=={VERSION}"]
        )  # fmt: skip
        self.program = programs / "embedding-atlas"

    def start(self) -> tuple[Server, str]:
        port = free_port()
        listening = ["--host", "127.0.0.1", "--port", str(port), "--no-auto-port"]
        columns = ["--x", "x", "--y", "y", "--image", "image"]
        command: list[str | Path] = [self.program, self.data, *columns, *listening]
        alone = {"XDG_CACHE_HOME": str(self.folder), "HF_HUB_OFFLINE": "1"}
        return started(command, port, "/", alone), f"http://127.0.0.1:{port}"

    async def shown(self, page: Page) -> None:
        await page.get_by_title("Card view").click()
        await page.locator(CARD).first.wait_for()
        await page.locator("button[title=digit]").wait_for()
        await page.wait_for_function("window.flying === 0")

    async def make(self, page: Page, gesture: str, i: int) -> Taken:
        target = {
            CHOSEN: f"button[title={CLASSES[i % len(CLASSES)]}]",
            TAKEN: f"button[title={CLASSES[i % len(CLASSES)]}]",
            WRONG: "button[title=wrong]",
            NEXT: TURN,
        }.get(gesture)
        if target is None:
            cards = await page.locator(CARD).element_handles()
            return await clicked(page, cards[i % 3], None, "className")  # a card of the first row is only marked
        return await clicked(page, await page.locator(target).element_handle(), CARD)

    async def undo(self, page: Page, gesture: str) -> None:
        if gesture == WRONG:
            await self.make(page, WRONG, 0)
