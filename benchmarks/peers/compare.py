"""The app and another tool with the same glyphs, in the same browser, in turn, on the same machine.

    python -m benchmarks.peers.compare [--peer atlas|datasette] [--rounds 3] [--clicks 5] [--json FILE]
        [--db FILE --results FOLDER]

A round starts the app, opens it, makes every gesture and ends it; then it does the same with the other tool. So only
one server runs at a time, and other load of the machine falls on both. The first run installs the other tool outside
the repository.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, async_playwright

from benchmarks.gestures import CHROMIUM, FLAGS
from benchmarks.peers import data
from benchmarks.peers.atlas import Atlas
from benchmarks.peers.datasette import Datasette
from benchmarks.peers.measures import GESTURES, WATCH, Tool
from benchmarks.peers.ours import Ours
from benchmarks.served import memory, stopped
from glyphcore.config import CACHE, DATASET

PEERS: dict[str, Callable[[Path, Path], Tool]] = {"atlas": Atlas, "datasette": Datasette}
STARTED, OPENED, OWN, LARGEST = "command → first screen", "opened again", "its own", "with mapped files"
Figures = dict[str, list[float]]


async def one_round(browser: Browser, tool: Tool, clicks: int, figures: Figures, outside: set[str]) -> None:
    """Start a tool, make all gestures, end it; add the milliseconds, the megabytes and its requests to other hosts."""
    start = time.perf_counter()
    server, address = tool.start()
    try:
        for moment in (STARTED, OPENED):
            context = await browser.new_context(viewport={"width": 1440, "height": 900})
            await context.add_init_script(WATCH)
            page = await context.new_page()
            page.set_default_timeout(120_000)
            page.on("request", lambda request: outside.add(urlsplit(request.url).netloc))
            if moment == OPENED:
                start = time.perf_counter()
            await page.goto(address)
            await tool.shown(page)
            figures.setdefault(moment, []).append(1000 * (time.perf_counter() - start))
            if moment == STARTED:
                await context.close()
        for gestures in (GESTURES[:2], *((each,) for each in GESTURES[2:])):
            for i in range(clicks):
                for gesture in gestures:
                    taken = await tool.make(page, gesture, i)
                    figures.setdefault(f"{gesture}, painted", []).append(taken.painted)
                    figures.setdefault(f"{gesture}, idle", []).append(taken.idle)
                    await tool.undo(page, gesture)
        await context.close()
        for name, megabytes in ((OWN, "own"), (LARGEST, "largest")):
            figures.setdefault(name, []).append(memory(server.pid)[megabytes])
    finally:
        stopped(server)
    outside.discard(urlsplit(address).netloc)
    outside.discard("")  # data: and blob:


async def measure(tools: list[Tool], rounds: int, clicks: int) -> tuple[dict[str, Figures], dict[str, set[str]], str]:
    """Return the figures and other hosts of each tool, and the browser's version."""
    found: dict[str, Figures] = {tool.name: {} for tool in tools}
    outside: dict[str, set[str]] = {tool.name: set() for tool in tools}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for i in range(rounds):
            for tool in tools:
                print(f"round {i + 1} of {rounds}: {tool.name} …", file=sys.stderr, flush=True)
                await one_round(browser, tool, clicks, found[tool.name], outside[tool.name])
        version = browser.version
        await browser.close()
    return found, outside, version


def high(values: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def report(ours: Tool, peer: Tool, figures: dict[str, Figures]) -> str:
    """Return a Markdown table: medians and 95th percentiles of both, and the peer's median divided by the app's."""
    lines = [f"| | {ours.name} {ours.version} | 95 of 100 | {peer.name} {peer.version} | 95 of 100 | × ours |",
             "|---|---:|---:|---:|---:|---:|"]  # fmt: skip
    for name, mine in figures[ours.name].items():
        theirs, unit = figures[peer.name][name], "MB" if name in (OWN, LARGEST) else "ms"
        a, b = statistics.median(mine), statistics.median(theirs)
        title = f"server's memory, {name}" if unit == "MB" else name
        lines.append(f"| {title}, {unit} | {a:.0f} | {high(mine):.0f} | {b:.0f} | {high(theirs):.0f} | {b / a:.1f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", choices=PEERS, default="atlas")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clicks", type=int, default=5, help="gestures of each kind per round")
    parser.add_argument("--db", type=Path, default=DATASET / "glyphs.db")
    parser.add_argument("--results", type=Path, default=CACHE / "results")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "glyphs.parquet"
        glyphs = data.write(table, args.db, args.results)
        tools = [Ours(args.db, args.results, Path(folder)), PEERS[args.peer](table, Path(folder))]
        before = os.getloadavg()[0]
        figures, outside, browser = asyncio.run(measure(tools, args.rounds, args.clicks))
        after = os.getloadavg()[0]
    about: dict[str, Any] = {
        "glyphs": glyphs, "rounds": args.rounds, "clicks": args.clicks, "cores": os.cpu_count(), "chromium": browser,
        "load": [before, after], "versions": {tool.name: tool.version for tool in tools},
        "other hosts": {name: sorted(hosts) for name, hosts in outside.items()},
    }  # fmt: skip
    print(report(tools[0], tools[1], figures))
    print(f"\n{glyphs:,} glyphs, {args.rounds} rounds of {args.clicks} gestures each; {os.cpu_count()} cores,"
          f" Chromium {browser}, load {before:.1f} before and {after:.1f} after.")  # fmt: skip
    for name, hosts in outside.items():
        print(f"Hosts that pages of {name} asked besides their own: {', '.join(sorted(hosts)) or 'none'}.")
    if args.json:
        args.json.write_text(json.dumps(about | {"figures": figures}, indent=1))


if __name__ == "__main__":
    main()
