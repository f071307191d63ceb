"""Datasette: pages that are written completely by the server, with links for facets; a plugin shows the pictures.

The columns used for filters and for sorting have an index. Facets get two seconds instead of a fifth of a second, so
that none is missing on a busy machine.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
from playwright.async_api import ElementHandle, Page

from benchmarks.peers.measures import CHOSEN, CLASSES, NEXT, SAMPLE, TAKEN, WRONG, Taken, Tool, environment
from benchmarks.served import Server, free_port, started

VERSION = "1.0a41"
FIRST = "/glyphs/glyphs?_facet=class&_facet=correct&_sort_desc=loss"
SAMPLES = "td.type-pk a"
GO = "(target) => { const start = performance.timeOrigin + performance.now(); target.click(); return start; }"
ARRIVED = """(start) => {
  const [page] = performance.getEntriesByType('navigation');
  const [paint] = performance.getEntriesByName('first-contentful-paint');
  if (performance.timeOrigin < start || !page?.loadEventEnd || !paint) return null;
  return performance.timeOrigin + Math.max(page.loadEventEnd, paint.startTime) - start;
}"""
"""Milliseconds from ``start`` (since the epoch) until another page was loaded and painted; null before."""


class Datasette(Tool):
    """The table of all glyphs, worst first; 60 per page."""

    name = "Datasette"
    version = VERSION

    def __init__(self, data: Path, folder: Path) -> None:
        self.database = folder / "glyphs.sqlite"
        with closing(sqlite3.connect(self.database)) as connection, connection:
            kinds = {"glyph_id": "INTEGER PRIMARY KEY", "image": "BLOB"}
            pd.read_parquet(data).to_sql("glyphs", connection, index=False, dtype=kinds)
            for column in ("class", "correct", "loss"):
                connection.execute(f"CREATE INDEX by_{column} ON glyphs({column})")
        needed = [f"datasette=={VERSION}", "datasette-render-images==0.4", "setuptools"]
        self.program = environment(f"datasette-{VERSION}", needed) / "datasette"

    def start(self) -> tuple[Server, str]:
        port = free_port()
        settings = ["--setting", "default_page_size", "60", "--setting", "facet_time_limit_ms", "2000"]
        command: list[str | Path] = [self.program, "serve", self.database, "--port", str(port), *settings]
        return started(command, port, "/-/versions.json", {}), f"http://127.0.0.1:{port}{FIRST}"

    async def shown(self, page: Page) -> None:
        await page.locator(SAMPLES).first.wait_for()
        await page.wait_for_load_state("load")

    async def make(self, page: Page, gesture: str, i: int) -> Taken:
        target = {
            CHOSEN: f"#facet-class a[data-facet-value={CLASSES[i % len(CLASSES)]}]",
            TAKEN: "#facet-class li .cross",
            WRONG: "#facet-correct a[data-facet-value=wrong]",
            NEXT: "//a[text()='Next page']",
            SAMPLE: f"{SAMPLES} >> nth={i % 3}",
        }[gesture]
        return await _gone(page, await page.locator(target).element_handle())

    async def undo(self, page: Page, gesture: str) -> None:
        if gesture == WRONG:
            await _gone(page, await page.locator("#facet-correct li .cross").element_handle())
        elif gesture == SAMPLE:
            await page.go_back()
            await self.shown(page)


async def _gone(page: Page, link: ElementHandle) -> Taken:
    """Time a link until its page is loaded and painted."""
    start = await link.evaluate(GO)
    arrived = await page.wait_for_function(ARRIVED, arg=start)
    taken = float(await arrived.json_value())
    return Taken(taken, taken)
