"""The app in a real browser: the time from a key or a click until the answer is painted and the app is idle again.

    python benchmarks/app.py [--db FILE --results FOLDER] [--clicks 20] [--only browse inspect …] [--people 5]
                             [--json FILE]

Chromium runs on the same machine as the server, so the figures hold for one person on one laptop; with ``people``
several persons turn pages at once. Medians, 95th percentiles and the server's memory are printed as a table.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from gestures import (
    CHANGED,
    CHROMIUM,
    CLICK,
    FLAGS,
    LASSO,
    OPENED,
    TAGGED,
    both,
    choose,
    idle,
    opened,
    press,
    take_away,
)  # fmt: skip
from playwright.async_api import Browser, Locator, Page, async_playwright
from served import memory, serve, stopped

from glyphcore.config import CACHE, DATASET

TARGETS = {
    "first paint, warm": 1500, "browse: next page": 150, "browse: search": 150, "browse: last page": 200,
    "browse: facet": 150, "browse: facet taken away": 150, "browse: exclusion": 150, "browse: glyph opened": 200,
    "browse: tag": 150, "inspect: next glyph": 150,
    "inspect: edit": 300, "dashboard: first": 700, "dashboard: other split": 250, "compare: first": 600,
    "compare: other flips": 250, "primitives: first": 500, "primitives: another one": 250, "browse: cells": 250,
    "dashboard: selection": 250, "compare: selection": 250, "primitives: selection": 250, "map: selection": 250,
    "map: first": 1500, "map: lasso": 300, "people: next page": 600,
}  # fmt: skip
"""Targets in milliseconds: for medians, and for the 95th percentile where several people use the app."""
LOOKING = 0.7
"""Seconds for which a person looks at a page when five people share a machine. Twenty browsers on its two cores would
otherwise measure themselves."""


async def first_paint(page: Page, clicks: int) -> dict[str, list[float]]:
    await opened(page, "/", ".card")
    return {"first paint, warm": [await opened(page, "/", ".card") for _ in range(min(clicks, 8))]}


async def browse(page: Page, clicks: int) -> dict[str, list[float]]:
    await opened(page, "/?split=all&outcome=all", ".card")
    turns = [await press(page, ".glyphs", "n", ".place") for _ in range(clicks)]
    deep = [await press(page, ".glyphs", key, ".place") for _ in range(clicks // 2) for key in (">", "<")]
    box = page.get_by_role("searchbox", name="Search")
    searches = [await searched(page, box, word) for word in (WORDS * clicks)[:clicks]]
    return both("browse: next page", turns) | both("browse: search", searches) | both("browse: last page", deep)


async def searched(page: Page, box: Locator, text: str) -> tuple[float, float]:
    """Return the milliseconds from Enter in a field to other glyphs and to idle."""
    await box.fill(text)
    before = await page.locator(".glyphs .place").inner_text()
    start = time.perf_counter()
    await page.keyboard.press("Enter")
    await page.wait_for_function(CHANGED, arg=[".glyphs", before])
    painted = time.perf_counter()
    await idle(page)
    return 1000 * (painted - start), 1000 * (time.perf_counter() - start)


async def facet(page: Page, clicks: int) -> dict[str, list[float]]:
    """Choose a class in the panel, whose list is opened first, and remove it again."""
    await opened(page, "/?split=all&outcome=all", ".card")
    chosen, taken = [], []
    for name in (CLASSES * clicks)[:clicks]:
        chosen.append(await choose(page, "char_class", name))
        taken.append(await take_away(page, "char_class", name))
    return both("browse: facet", chosen) | both("browse: facet taken away", taken)


async def exclude(page: Page, clicks: int) -> dict[str, list[float]]:
    """Exclude a class in the panel, and allow it again."""
    await opened(page, "/?split=all&outcome=all", ".card")
    excluded = []
    for name in (CLASSES * clicks)[:clicks]:
        excluded.append(await choose(page, "char_class", name, exclude=True))
        await take_away(page, "char_class", name)
    return both("browse: exclusion", excluded)


async def glyph_opened(page: Page, clicks: int) -> dict[str, list[float]]:
    """Click a card in Browse and wait until Inspect shows its glyph."""
    taken = []
    for i in range(clicks):
        await opened(page, "/?split=all&outcome=all", ".card")
        clicked = [f".card:nth-child({i % 8 + 1})", ".inspector .title"]
        taken.append(await page.locator(".glyphs").evaluate(OPENED, clicked))
    return both("browse: glyph opened", taken)


async def tag(page: Page, clicks: int) -> dict[str, list[float]]:
    """Set tags and remove them again; the file of tags is the benchmark's own."""
    await opened(page, "/?split=all&outcome=all", ".card")
    taken = []
    for _ in range(clicks + clicks % 2):
        taken.append(await page.locator(".marks").evaluate(TAGGED))
        await asyncio.sleep(0.1)
    return {"browse: tag": taken}


MAPPED = ".map .sampled:has-text('glyphs')"
WORDS = ["beh", "latin", "digit", "U+0628", "kaf", "small letter", "yeh", "mark", "dal", "noon"]
CLASSES = ["digit", "medi", "isol", "symbol", "final", "punctuation", "init", "diacritic", "ligature"]


async def inspect(page: Page, clicks: int) -> dict[str, list[float]]:
    await opened(page, "/inspect?split=all&outcome=all", ".inspector .title")
    return both("inspect: next glyph", [await press(page, ".inspector", "]", ".place") for _ in range(clicks)])


async def edit(page: Page, clicks: int) -> dict[str, list[float]]:
    """Set a cell to EMPTY and back; a first edit loads the model and does not count."""
    await opened(page, "/inspect?split=all&outcome=all&panel=edit", ".inspector .title")
    taken = []
    for _ in range(clicks + 1):
        await idle(page)
        taken.append((await press(page, ".inspector", "z" if len(taken) % 2 else "Delete", ".right-side"))[1])
        await page.locator(".right-side .waits").wait_for(state="detached")  # the model is loaded
    return {"inspect: edit": taken[1:]}


async def dashboard(page: Page, clicks: int) -> dict[str, list[float]]:
    splits = ['role=radio[name="test"]', 'role=radio[name="val"]']
    return await _pages(page, clicks, "dashboard", ".sheet", "other split", splits)


async def compare(page: Page, clicks: int) -> dict[str, list[float]]:
    kinds = ["[data-name=k-fixed]", "[data-name=k-broken]"]
    return await _pages(page, clicks, "compare", ".flips .card", "other flips", kinds)


async def primitives(page: Page, clicks: int) -> dict[str, list[float]]:
    """Measure the codebook's first drawing in an open session, other primitives, and searches by cells in Browse."""
    first = await turned_to(page, "Primitives", ".codebook .name", "Primitive")
    others = []
    for i in range(clicks):
        which = f".near .tile:nth-child({i % 5 + 2})"
        others.append((await page.locator(".codebook").evaluate(CLICK, [which, ".name"]))[1])
    await opened(page, "/?split=all&outcome=all", ".card")
    await page.get_by_text("Cells and similarity").click()
    box = page.get_by_role("textbox", name="Primitives in cells")
    searches = [await searched(page, box, f"any={1000 - 7 * i} 8,{i % 12}=*") for i in range(clicks)]
    return both("primitives: first", first) | {"primitives: another one": others} | both("browse: cells", searches)


async def _pages(
    page: Page, clicks: int, name: str, sign: str, what: str, choices: list[str]
) -> dict[str, list[float]]:
    """Measure a page's first drawing in a session that has the app open, until ``sign`` is there and the page is idle;
    then switch to and fro between two states of the page."""
    first = await turned_to(page, name.capitalize(), sign)
    later = []
    for i in range(clicks):
        choice, before = page.locator(choices[i % 2]).first, page.url
        start = time.perf_counter()
        await choice.click()
        await page.wait_for_function("before => location.href !== before", arg=before)
        await idle(page)
        later.append(1000 * (time.perf_counter() - start))
    return both(f"{name}: first", first) | {f"{name}: {what}": later}


async def turned_to(page: Page, name: str, sign: str, words: str = "") -> list[tuple[float, float]]:
    """Choose a page in the navigation after three seconds in Browse; wait until ``sign`` contains ``words``."""
    await opened(page, "/", ".card")
    await asyncio.sleep(3)
    return [await page.get_by_role("link", name=name).evaluate(OPENED, ["", sign, words])]


async def selection(page: Page, clicks: int) -> dict[str, list[float]]:
    shown = {"dashboard": ".sheet", "compare": ".flips .card", "primitives": ".codebook .name"}
    return {f"{name}: selection": await _conditions(page, clicks, name, sign) for name, sign in shown.items()}


async def _conditions(page: Page, clicks: int, name: str, sign: str) -> list[float]:
    """Remove conditions of the selection from the line under the navigation of a page."""
    taken = []
    for i in range(clicks):
        if i % 2 == 0:
            await opened(page, f"/{name}?split=all&char_class=medi&not=family:Kalam", sign)
        chip, before = page.locator(".selection .chip").last, page.url
        start = time.perf_counter()
        await chip.click()
        await page.wait_for_function("before => location.href !== before", arg=before)
        await idle(page)
        taken.append(1000 * (time.perf_counter() - start))
    return taken


async def glyph_map(page: Page, clicks: int) -> dict[str, list[float]]:
    """Measure the map's first drawing in an open session, lassos and selections; the map must already be computed."""
    first = await turned_to(page, "Map", ".map .sampled", "glyphs")
    lassos = []
    for _ in range(clicks):
        lassos.append(await page.locator(".map").evaluate(LASSO))
        await asyncio.sleep(1)
        await page.locator(".map .stage").press("Escape")
        await asyncio.sleep(1)
    narrowed = await _conditions(page, clicks, "map", MAPPED)
    return both("map: first", first) | {"map: lasso": lassos, "map: selection": narrowed}


async def people(browser: Browser, address: str, clicks: int, crowd: int) -> dict[str, list[float]]:
    """Turn pages as several people at once, each in a window of their own."""
    here = asyncio.Barrier(crowd)

    async def one(number: int) -> list[tuple[float, float]]:
        context = await browser.new_context(viewport={"width": 1440, "height": 900}, base_url=address)
        page = await context.new_page()
        page.set_default_timeout(60_000)
        await asyncio.sleep(number)  # twenty browsers that start at once measure themselves
        await opened(page, "/?split=all&outcome=all", ".card")
        await here.wait()
        await asyncio.sleep(2 + 0.1 * number)
        taken = []
        for _ in range(clicks):
            taken.append(await press(page, ".glyphs", "n", ".place"))
            await asyncio.sleep(LOOKING * crowd / 5)
        await context.close()
        return taken

    found = await asyncio.gather(*(one(number) for number in range(crowd)))
    return both(f"{crowd} people: next page", [each for some in found for each in some])


PARTS: dict[str, Callable[[Page, int], Awaitable[dict[str, list[float]]]]] = {
    "paint": first_paint, "browse": browse, "facet": facet, "exclude": exclude, "open": glyph_opened,
    "inspect": inspect, "tag": tag, "edit": edit, "dashboard": dashboard, "compare": compare,
    "primitives": primitives, "selection": selection, "map": glyph_map,
}  # fmt: skip


async def measure(address: str, parts: list[str], clicks: int, crowd: int) -> dict[str, list[float]]:
    """Run the parts one after the other, each in a window of its own."""
    found: dict[str, list[float]] = {}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for part in parts:
            print(f"{part} …", file=sys.stderr, flush=True)
            if part == "people":
                found |= await people(browser, address, clicks, crowd)
                continue
            context = await browser.new_context(viewport={"width": 1440, "height": 900}, base_url=address)
            page = await context.new_page()
            page.set_default_timeout(60_000)
            found |= await PARTS[part](page, clicks)
            await context.close()
        await browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", type=Path, default=DATASET / "glyphs.db")
    parser.add_argument("--results", type=Path, default=CACHE / "results")
    parser.add_argument("--clicks", type=int, default=20)
    parser.add_argument("--only", nargs="+", choices=[*PARTS, "people"], default=[*PARTS, "people"])
    parser.add_argument("--people", type=int, default=5, help="number of people who turn pages at once")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server, address = serve(args.db, args.results, Path(folder))
        try:
            found = asyncio.run(measure(address, args.only, args.clicks, args.people))
            taken = memory(server.pid)
        finally:
            stopped(server)
    print("| click → painted and idle, ms | n | median | 95th percentile | target |\n|---|---:|---:|---:|---:|")
    for name, times in found.items():
        high = statistics.quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
        target = TARGETS[name.removesuffix(", idle").removesuffix(", painted").lstrip("0123456789 ")]
        print(f"| {name} | {len(times)} | {statistics.median(times):.0f} | {high:.0f} | {target} |")
    print(f"\nMemory of the server: {taken['own']:.0f} MB of its own, {taken['largest']:.0f} MB with mapped files")
    if args.json:
        args.json.write_text(json.dumps({"milliseconds": found, "megabytes": taken}))


if __name__ == "__main__":
    main()
