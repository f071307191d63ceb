"""A soak of the app: many people in a browser for a long time, while other work runs and the server is disturbed.

    python benchmarks/soak.py --db FILE --results FOLDER [--people 20] [--minutes 45] [--pdfs FOLDER] [--json FILE]

Each person has a window of Chromium with nothing in common with the others, turns pages, filters, opens glyphs and
other pages, and tags glyphs that nobody else tags. Meanwhile an evaluation that was started in the app runs, and
`glyphcore pdf repair` repairs PDFs again and again, both with low priority. After a third and two thirds of the time
the results on the screen are replaced by new files; after 80% the server is restarted, and nobody reloads a page.

A fault is a gesture without an answer in 20 s, an error on a page, in its console or in the server's log, and a tag
that was confirmed but is not stored. Gestures that the restart interrupts are counted apart, and how soon the page
answers again. The table has the time from the key to the painted next page, and the server's own memory.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

import psutil  # noqa: E402
from gestures import CHOOSE, CHROMIUM, FLAGS, OPENED, PRESS, TAG_CLICKED, idle, opened  # noqa: E402
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright  # noqa: E402
from playwright.async_api import Error as BrowserError  # noqa: E402
from served import memory  # noqa: E402
from walking.served import Served, prepare, served  # noqa: E402

from glyphcore.annotations.dataset import tags_of  # noqa: E402
from glyphcore.background import LOW_PRIORITY  # noqa: E402
from glyphcore.config import CACHE, SOURCE  # noqa: E402
from glyphcore.data.store import GlyphStore  # noqa: E402
from glyphcore.results.store import list_results  # noqa: E402

LOOKING = (20.0, 40.0)
"""Least and most seconds for which a person looks at a page."""
GLANCING = (1.0, 3.0)
"""The same for the glyphs that somebody has come back to, before the next page."""
SAMPLE = 15.0
"""Seconds between two looks at the server's memory."""
WINDOW = 300
"""Seconds of a row of the table."""
WARM = 600
"""Seconds after which the server's memory should be flat."""
SETTLING = 60.0
"""Seconds after a restart within which every page should answer again."""
CLASSES = ["digit", "medi", "isol", "symbol", "final", "punctuation", "init"]
EXPECTED = re.compile(r"404 \(Not Found\)|ERR_CONNECTION_REFUSED|WebSocket connection to|ERR_EMPTY_RESPONSE|"
                      r"ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING|Failed to fetch")  # fmt: skip
"""Errors in a console that Streamlit itself causes by looking for its server."""
TAG = "mislabelled"


class NoAnswer(Exception):
    """A gesture changed nothing on the page."""


@dataclass
class Soak:
    """What happened."""

    people: int
    minutes: float
    started: float = field(default_factory=time.monotonic)
    gestures: list[tuple[float, str, float]] = field(default_factory=list)
    """Second of the soak, name, milliseconds until it was painted."""
    megabytes: list[tuple[float, float]] = field(default_factory=list)
    """Second of the soak, own memory of the server."""
    faults: list[tuple[float, str]] = field(default_factory=list)
    events: list[tuple[float, str]] = field(default_factory=list)
    seconds: dict[int, tuple[str, float]] = field(default_factory=dict)
    """Process → group and processor seconds so far."""
    interrupted: int = 0
    """Gestures that the restart interrupted."""
    back_after: list[float] = field(default_factory=list)
    """Seconds from the restart until a page that it interrupted answered again."""
    tags: int = 0
    repaired: int = 0
    """PDFs that were repaired."""
    evaluated: int = 0
    """Glyphs that were evaluated meanwhile."""
    down: tuple[float, float] | None = None

    @property
    def now(self) -> float:
        return time.monotonic() - self.started

    def fault(self, words: str) -> None:
        self.faults.append((self.now, words))
        print(f"{self.now:6.0f} s  fault: {words}", flush=True)

    def event(self, words: str) -> None:
        self.events.append((self.now, words))
        print(f"{self.now:6.0f} s  {words}", flush=True)

    def disturbed(self, since: float) -> bool:
        """Whether the server was down, or just up again, at some time since the second ``since``."""
        return self.down is not None and since < self.down[1] + SETTLING and self.now > self.down[0]


class Person:
    """One of the people, in a window of their own."""

    def __init__(self, number: int, page: Page, soak: Soak, glyphs: list[int]) -> None:
        self.number, self.page, self.soak = number, page, soak
        self.glyphs = glyphs
        """Glyphs that only this person tags."""
        self.tagged: list[int] = []
        self.unsure: set[int] = set()
        """Glyphs whose tag the restart interrupted."""
        self.random = random.Random(number)
        page.on("pageerror", lambda error: soak.fault(f"page {number}: {error}"))
        page.on("console", self._console)

    def _console(self, message: ConsoleMessage) -> None:
        unexpected = message.type == "error" and not EXPECTED.search(message.text)
        if unexpected and not self.soak.disturbed(self.soak.now):
            self.soak.fault(f"console {self.number}: {message.text[:200]}")

    async def live(self, until: float) -> None:
        await self._begin()
        while self.soak.now < until:
            await asyncio.sleep(self.random.uniform(*LOOKING))
            name = self.random.choices(list(GESTURES), [weight for _, weight in GESTURES.values()])[0]
            begun = self.soak.now
            try:
                self.soak.gestures.append((begun, name, await GESTURES[name][0](self)))
                await self._no_error(name)
            except (BrowserError, NoAnswer) as error:
                await self._failed(name, begun, error)

    async def _failed(self, name: str, begun: float, error: Exception) -> None:
        if not self.soak.disturbed(begun):
            words = str(error).splitlines()[0][:200] if str(error) else ""
            self.soak.fault(f"person {self.number}, {name}: {words}")
            await self._begin()
            return
        self.soak.interrupted += 1
        assert self.soak.down is not None
        try:
            await self.page.wait_for_function(
                "document.querySelector('[data-testid=stApp]')?.dataset.testConnectionState === 'CONNECTED'"
            )
            await idle(self.page)
            self.soak.back_after.append(self.soak.now - self.soak.down[0])
        except BrowserError:
            self.soak.fault(f"person {self.number}: no answer after the restart")
            await self._begin()

    async def _no_error(self, name: str) -> None:
        errors = self.page.locator("[data-testid=stException], [data-testid=stAlertContentError]")
        if await errors.count():
            self.soak.fault(f"person {self.number}, {name}: {(await errors.first.inner_text())[:200]}")
            await self._begin()

    async def _begin(self) -> None:
        """Open some glyphs in Browse, again and again until they are there."""
        while True:
            address = f"/?split=all&outcome=all&char_class={self.random.choice(CLASSES)}"
            try:
                await opened(self.page, address, ".glyphs .card:visible")
                return
            except BrowserError:
                words = (await self.page.locator("body").inner_text()).replace("\n", " ")
                self.soak.fault(f"person {self.number}, {address}: no glyphs but {words[:200]!r}")

    async def _browsing(self) -> None:
        """Return to the cards, as somebody does who uses the link at the top."""
        if not await self.page.locator(".glyphs .card:visible").count():
            await self.page.get_by_role("link", name="Browse").click()
            await self.page.locator(".glyphs .card:visible").first.wait_for()
            await idle(self.page)
            await asyncio.sleep(self.random.uniform(*GLANCING))

    async def turn(self) -> float:
        await self._browsing()
        await self.page.locator(".glyphs .card.active").first.focus()
        return _painted(await self.page.locator(".glyphs").evaluate(PRESS, ["n", ".place"]))

    async def filter(self) -> float:
        """Choose another class in the panel and remove the one before."""
        await self._browsing()
        panel = self.page.locator(".choices").filter(has=self.page.locator(".choice[data-name=char_class]"))
        chips = panel.locator(".choice[data-name=char_class] .chip")
        before = await chips.first.get_attribute("data-value") if await chips.count() else None
        value = self.random.choice([name for name in CLASSES if name != before])
        if before:
            await self._in_panel(panel, [f'.choice[data-name=char_class] .chip[data-value="{before}"]'])
        opening = ".choice[data-name=char_class] .chooser"
        closed = not await panel.locator(f"{opening}[aria-expanded=true]").count()  # another click closes the list
        option = f'[role=option][data-value="{value}"]'
        return await self._in_panel(panel, [opening, option] if closed else [option])

    async def _in_panel(self, panel, clicks: list[str]) -> float:
        handle = await panel.element_handle()
        return _painted(await self.page.locator(".glyphs").evaluate(CHOOSE, [handle, clicks, ".place", False]))

    async def open_glyph(self) -> float:
        """Click a card, look at the glyph, and go back."""
        await self._browsing()
        card = f".card:nth-child({self.random.randint(1, 8)})"
        painted = _painted(await self.page.locator(".glyphs").evaluate(OPENED, [card, ".inspector .title"]))
        await asyncio.sleep(self.random.uniform(*LOOKING) / 2)
        await self.page.go_back()
        await self.page.locator(".glyphs .card:visible").first.wait_for()
        await idle(self.page)
        return painted

    async def tag(self) -> float:
        """Open a link to a glyph and tag it."""
        if not self.glyphs:
            return await self.turn()
        glyph = self.glyphs.pop()
        self.unsure.add(glyph)
        await opened(self.page, f"/inspect?split=all&outcome=all&glyph={glyph}", ".inspector .title")
        taken = await self.page.locator(".marks").evaluate(TAG_CLICKED)
        if taken is None:
            raise NoAnswer("a tag was not confirmed")
        self.unsure.discard(glyph)
        self.tagged.append(glyph)
        return float(taken)

    async def dashboard(self) -> float:
        return await self._page("Dashboard", ".sheet > *")

    async def primitives(self) -> float:
        return await self._page("Primitives", ".codebook .name:not(:empty)")

    async def map(self) -> float:
        return await self._page("Map", ".map .legend button")

    async def _page(self, name: str, sign: str) -> float:
        link = self.page.get_by_role("link", name=name, exact=True)
        begun = time.monotonic()
        await link.click()
        await self.page.locator(sign).first.wait_for()
        painted = 1000 * (time.monotonic() - begun)
        await idle(self.page)
        return painted

    async def reload(self) -> float:
        begun = time.monotonic()
        await self.page.reload()
        await idle(self.page)
        return 1000 * (time.monotonic() - begun)


Gesture = Callable[[Person], Awaitable[float]]
GESTURES: dict[str, tuple[Gesture, int]] = {
    "next page": (Person.turn, 50), "filter": (Person.filter, 12), "glyph opened": (Person.open_glyph, 10),
    "tag": (Person.tag, 8), "Dashboard": (Person.dashboard, 6), "Primitives": (Person.primitives, 5),
    "Map": (Person.map, 3), "reload": (Person.reload, 3),
}  # fmt: skip
"""Name → gesture, weight."""


def _painted(measured: list[float | None]) -> float:
    painted, at_rest = measured
    if painted is None or at_rest is None:
        raise NoAnswer("nothing changed in 20 s")
    return painted


async def person(browser: Browser, number: int, server: Served, soak: Soak, until: float, glyphs: list[int]) -> Person:
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, base_url=server.address)
    page = await context.new_page()
    page.set_default_timeout(60_000)
    one = Person(number, page, soak, glyphs)
    await asyncio.sleep(2 * number)  # browsers that start at once measure themselves
    await one.live(until)
    await context.close()
    return one


async def evaluate_all(browser: Browser, server: Served, soak: Soak) -> None:
    """Start the evaluation of all other checkpoints in the app."""
    page = await browser.new_page(base_url=server.address)
    await opened(page, "/", ".card")
    bar = page.locator(".st-key-bar_evaluations, .st-key-evaluations").first
    await bar.get_by_role("button").first.click()
    start = page.get_by_role("button", name=re.compile("^(Evaluate all|Evaluate|Continue)$"))
    await start.first.click()
    soak.event(f"evaluation started: {(await bar.inner_text()).strip()}")
    await page.wait_for_timeout(2000)
    await page.close()


async def repair(pdfs: Path, folder: Path, soak: Soak, until: float) -> None:
    """Repair all PDFs, again and again."""
    while soak.now < until - 1:
        out = folder / "repaired"
        shutil.rmtree(out, ignore_errors=True)
        process = await asyncio.create_subprocess_exec(
            *LOW_PRIORITY, sys.executable, "-m", "glyphcore", "pdf", "repair", str(pdfs), "--out", str(out),
            cwd=SOURCE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await asyncio.wait_for(process.wait(), until - soak.now)
        except TimeoutError:
            process.terminate()
            await process.wait()
        soak.repaired += len(list(out.glob("*.pdf"))) if out.is_dir() else 0


async def watch(server: Served, soak: Soak, until: float) -> None:
    """Look at the server's memory and log."""
    while soak.now < until:
        if server.process.poll() is None:
            soak.megabytes.append((soak.now, memory(server.process.pid)["own"]))
        soak.seconds |= processor_seconds(server.process.pid)
        for line in server.complaints():
            if not soak.disturbed(soak.now):
                soak.fault(f"server: {line[:200]}")
        await asyncio.sleep(SAMPLE)


def processor_seconds(server: int) -> dict[int, tuple[str, float]]:
    """Return group and processor seconds so far of every process of the soak."""
    found = {}
    for process in psutil.Process().children(recursive=True):
        try:
            times = process.cpu_times()
            group = (
                "the server"
                if process.pid == server
                else "work with low priority"
                if process.nice() >= 10
                else "windows"
            )
            found[process.pid] = group, times.user + times.system
        except psutil.Error:  # it has just ended
            continue
    return found


def processors(soak: Soak) -> str:
    """Return where the processors' time went, per cent of all."""
    all_of_it = 60 * soak.minutes * (os.cpu_count() or 1)
    total = Counter[str]()
    for group, seconds in soak.seconds.values():
        total[group] += seconds
    return ", ".join(f"{group} {100 * seconds / all_of_it:.0f}%" for group, seconds in total.most_common())


async def disturb(browser: Browser, server: Served, soak: Soak, until: float) -> None:
    """Replace the results twice, then restart the server and continue the evaluation."""
    shown = next(file.path for file in list_results(server.results) if file.complete)
    for share in (1 / 3, 2 / 3):
        await asyncio.sleep(max(0, share * until - soak.now))
        await asyncio.to_thread(replace, shown)
        soak.event(f"results replaced: {shown.name}")
    await asyncio.sleep(max(0, 0.8 * until - soak.now))
    begun = soak.now
    soak.down = (begun, until)
    if not await asyncio.to_thread(server.restart):
        soak.fault("the server did not end when it was asked to")
    soak.down = (begun, soak.now)
    soak.event(f"server restarted, {soak.now - begun:.1f} s")
    await evaluate_all(browser, server, soak)


def replace(results: Path) -> None:
    """Put new files, equal in content, in place of a results file and then of the files that belong to it, as an
    evaluation does: those that are older than the results count as those of other results."""
    paths = sorted(results.parent.glob(f"{results.stem}*"), key=lambda path: path.suffix != ".db")
    copies = [path.with_name(f".{path.name}.new") for path in paths]
    for path, new in zip(paths, copies, strict=True):
        shutil.copyfile(path, new)
    for path, new in zip(paths, copies, strict=True):
        os.replace(new, path)
        os.utime(path)


async def run(server: Served, soak: Soak, pdfs: Path, folder: Path) -> list[Person]:
    until = 60 * soak.minutes
    ids = sorted(GlyphStore(server.database).labels()["glyph_id"].tolist())
    each = len(ids) // soak.people
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        await evaluate_all(browser, server, soak)
        beside = [asyncio.create_task(work) for work in (
            repair(pdfs, folder, soak, until), watch(server, soak, until), disturb(browser, server, soak, until)
        )]  # fmt: skip
        people = await asyncio.gather(*(
            person(browser, number, server, soak, until, ids[number * each : number * each + 300])
            for number in range(soak.people)
        ))  # fmt: skip
        await asyncio.gather(*beside)
        await browser.close()
    return people


def table(soak: Soak) -> str:
    """Return the curve of the soak: a row for each five minutes."""
    lines = ["| minutes | gestures | next page, median ms | 95th percentile | all gestures, median | own memory, MB |",
             "|---|---:|---:|---:|---:|---:|"]  # fmt: skip
    end = 60 * soak.minutes
    for start in range(0, int(end), WINDOW):
        here = [(name, ms) for at, name, ms in soak.gestures if start <= at < start + WINDOW]
        turns = [ms for name, ms in here if name == "next page"]
        own = [mb for at, mb in soak.megabytes if start <= at < start + WINDOW]
        if len(turns) > 1 and own:
            lines.append(f"| {start // 60}–{min(start + WINDOW, end) / 60:.0f} | {len(here)} "
                         f"| {statistics.median(turns):.0f} | {high(turns):.0f} "
                         f"| {statistics.median(ms for _, ms in here):.0f} | {statistics.mean(own):.0f} |")  # fmt: skip
    lines += ["", "| gesture, painted | n | median ms | 95th percentile |", "|---|---:|---:|---:|"]
    for name in GESTURES:
        taken = [ms for _, kind, ms in soak.gestures if kind == name]
        if len(taken) > 1:
            lines.append(f"| {name} | {len(taken)} | {statistics.median(taken):.0f} | {high(taken):.0f} |")
    return "\n".join(lines)


def high(values: list[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def growth(soak: Soak) -> str:
    """Return the server's memory after the first ten minutes and at the end of the same process."""
    last = soak.down[0] if soak.down else soak.now
    flat = [mb for at, mb in soak.megabytes if WARM <= at < last]
    if len(flat) < 8:
        return "too short to say whether memory is flat"
    part = len(flat) // 4
    return (f"own memory from minute {WARM // 60} to the restart: first quarter {statistics.mean(flat[:part]):.0f} MB, "
            f"last quarter {statistics.mean(flat[-part:]):.0f} MB, most {max(flat):.0f} MB")  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", type=Path, required=True)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--pdfs", type=Path, help="folder of PDFs to repair; without it three small ones are made")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        prepare(args.db, args.results, CACHE, folder / "prepared")
        with served(args.db.resolve(), CACHE, folder / "prepared", folder / "app") as server:
            soak = Soak(args.people, args.minutes)
            people = asyncio.run(run(server, soak, args.pdfs or folder / "prepared" / "pdfs", folder))
            fingerprint = GlyphStore(args.db).fingerprint
            stored = set(tags_of(server.annotations, fingerprint, args.db).get(TAG, []))
            before = {path.name for path in (folder / "prepared" / "results").iterdir()}
            new = [file for file in list_results(server.results) if file.path.name not in before]
            soak.evaluated = sum(GlyphStore(args.db).count() if file.complete else file.written for file in new)
    tagged = {glyph for one in people for glyph in one.tagged}
    unsure = {glyph for one in people for glyph in one.unsure}
    soak.tags = len(tagged)
    for glyph in sorted(tagged - stored):
        soak.fault(f"the tag of glyph {glyph} is lost")
    for glyph in sorted(stored - tagged - unsure):
        soak.fault(f"glyph {glyph} has a tag that nobody gave")
    print(f"\n{table(soak)}\n")
    print(f"{len(soak.gestures):,} gestures of {soak.people} people in {soak.minutes:g} minutes, {len(soak.faults)} "
          f"faults; {soak.tags} tags, all looked for; {soak.evaluated:,} glyphs evaluated and {soak.repaired} PDFs "
          "repaired meanwhile.")  # fmt: skip
    if soak.back_after:
        print(f"The restart interrupted {soak.interrupted} gestures; the pages answered again after "
              f"{statistics.median(soak.back_after):.0f} s, the last after {max(soak.back_after):.0f} s.")  # fmt: skip
    print(f"{growth(soak)}.\nProcessor time, of {os.cpu_count()} cores: {processors(soak)}.")
    if args.json:
        args.json.write_text(json.dumps(asdict(soak)))
    return int(bool(soak.faults))


if __name__ == "__main__":
    sys.exit(main())
