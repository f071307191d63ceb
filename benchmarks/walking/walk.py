"""One seed: one gesture after the other, and the rules after each."""

from __future__ import annotations

import re
import time
from collections import Counter, deque
from collections.abc import Callable
from random import Random

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page

from glyphcore.errors import GlyphError
from walking import Broken, Fault, Walked
from walking import browse as _browse  # noqa: F401 - importing the gestures registers them
from walking import figures as _figures  # noqa: F401
from walking.screen import PATIENCE, SOON, WATCH, Seen, agreed, alike, differ, look
from walking.served import Served
from walking.truth import Truth
from walking.user import REACH, User, choose

COMMAND_EVERY = 150
"""Gestures on Browse between two comparisons with the real command."""
PROBED = re.compile(r"/\w+/_stcore/(health|host-config)$")
"""Message of the console that is no fault: Streamlit looks for its server below the page's own path first."""
KEEPS = re.compile(r"^/fonts\?(.*&)?left=1(&|$)")
"""Addresses of the unconfirmed glyphs of a font: a glyph just confirmed stays until the view is left, so a fresh
browser may show fewer."""
VIEWPORT = {"width": 1440, "height": 900}


class Tab:
    """A browser's context with one page; it records errors of scripts and of the console."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.context: BrowserContext = browser.new_context(viewport=VIEWPORT, base_url=address)  # type: ignore[arg-type]
        self.context.add_init_script(WATCH)
        self.context.set_default_timeout(REACH)
        self.context.set_default_navigation_timeout(PATIENCE)
        self.noise: list[str] = []
        self.context.on("weberror", lambda error: self.noise.append(str(error.error)))
        self.context.on("console", self._console)
        self.context.on("dialog", lambda dialog: dialog.accept())
        self.page: Page = self.context.new_page()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not PROBED.search(message.location.get("url", "")):
            self.noise.append(f"{message.text[:300]} ({message.location.get('url', '')[-80:]})")

    def heard(self) -> list[str]:
        lines, self.noise = self.noise, []
        return lines

    def open(self, address: str) -> None:
        """Open an address without stored state; files that the browser has fetched stay in its cache."""
        self.context.clear_cookies()
        self.page.goto(address, wait_until="commit")

    def forget(self) -> None:
        self.page.evaluate("localStorage.clear(); sessionStorage.clear()")


CHIPS = "chips => chips.map((chip) => chip.getAttribute('data-text'))"


class Walk:
    """A user of one seed in one browser, and a fresh browser for comparison."""

    def __init__(
        self, browser: Browser, served: Served, truth: Truth, seed: int, say: Callable[[str], None], *,
        every: bool = False,
    ) -> None:  # fmt: skip
        """Create a walk; ``say`` receives the broken gestures, and every gesture when ``every`` is set."""
        self.served, self.truth, self.seed, self.say, self.every = served, truth, seed, say, every
        self.own, self.fresh = Tab(browser, served.address), Tab(browser, served.address)
        self.user = User(self.own.page, Random(f"walk {seed}"), served.folder)
        self.last: deque[str] = deque(maxlen=10)
        self.opened = ""
        """Address that the fresh browser was sent to."""
        self.checked = ""
        """Address that the fresh browser opened last without a fault."""
        self.checks: Counter[str] = Counter()
        """Number of checks of each kind."""

    def run(self, gestures: int, *, evaluate: bool = False) -> Walked:
        """Walk; each broken gesture is reported at once, and the walk goes on from a fresh page."""
        start, broken, pages = time.perf_counter(), [], Counter[str]()
        self.start()
        for number in range(1, gestures + 1):
            if evaluate:
                self.served.evaluate()
            page = self.user.seen.page
            pages[page] += 1
            faults = self.step(evaluate)
            if self.every:
                self.say(f"{number} {self.last[-1]}: {self.user.seen.address}")
            if faults:
                here = self.own.page.url.removeprefix(self.served.address)
                broken.append(Broken(self.seed, number, here, tuple(faults), tuple(self.last)))
                self.say(told(broken[-1]))
                self.start()
        for tab in (self.own, self.fresh):
            tab.context.close()
        return Walked(self.seed, gestures, time.perf_counter() - start, tuple(broken), dict(pages), dict(self.checks))

    def start(self) -> None:
        """Start from a fresh page; a page that does not load is requested again."""
        for left in (2, 1, 0):
            try:
                self.own.open("/")
                self.user.page = self.own.page
                self.user.seen = look(self.own.page)
                break
            except Error:
                if not left:
                    raise
        self.own.heard()
        self.served.complaints()
        self.checked = ""
        self.last.append("a fresh page")

    def step(self, evaluate: bool) -> list[Fault]:
        """Make one gesture; return the faults after it."""
        user = self.user
        user.rest, user.found, user.tagged = 0, [], False
        try:
            before = user.seen = look(user.page)  # late changes belong to the last gesture
            words = self.act()
            away = before.url if words in ("Back", "Forward") else ""
            user.seen = look(user.page, rest=user.rest, elsewhere=away)
        except Error as error:
            return [*self.noises(), Fault("unreachable", _line(error.message))]
        try:
            return self.judged(before, words, evaluate)
        except Error as error:
            return [*self.noises(), Fault("stuck", _line(error.message))]
        except GlyphError as error:
            return [*self.noises(), Fault("count", _line(str(error)))]

    def judged(self, before: Seen, words: str, evaluate: bool) -> list[Fault]:
        """Return the rules that do not hold after a gesture."""
        user, after = self.user, self.user.seen
        self.truth.tags |= user.given
        faults = [Fault(kind, message) for kind, message in user.found]
        moving = evaluate and "results=" not in after.url
        if user.tagged or after.address != self.checked:
            self.open_fresh(after.url)
        faults += self.held(after, moving)
        if faults or moving:
            return faults
        if user.tagged or after.address != self.checked:
            faults += self.opened_fresh()
            if user.seen.address != after.address:
                faults += self.held(user.seen, moving)
            self.checked = user.seen.address
        moved = user.seen.address != before.address and words not in ("Back", "Forward", "reload")
        if moved and not user.tagged and not faults:
            faults += self.there_and_back(before, user.seen)
        return [*faults, *self.noises()]

    def act(self) -> str:
        """Do a gesture that is possible here; return its description."""
        another = choose(self.user)
        while True:
            name, act = another()
            self.last.append(f"{self.user.seen.page}: {name}")
            words = act()
            if words is not None:
                self.last[-1] = f"{self.user.seen.page}: {words}"
                return words
            self.last.pop()

    def noises(self) -> list[Fault]:
        """Return the messages of the consoles and of the server's log."""
        consoles = [Fault("console", message) for message in (*self.own.heard(), *self.fresh.heard())]
        return [*consoles, *(Fault("server", message) for message in self.served.complaints())]

    def held(self, seen: Seen, moving: bool) -> list[Fault]:
        """Return the broken rules of an idle page, independent of the gesture that led to it."""
        faults = [Fault("error", message) for message in seen.wrong]
        if seen.unsettled:
            faults.append(Fault("stuck", seen.unsettled))
        if not seen.shown:
            faults.append(Fault("blank", f"{seen.page}: {_line(seen.words) or 'nothing at all'}"))
        faults += [Fault("address", message) for message in self.truth.unknown(seen.address)]
        if not faults and seen.page == "browse" and not moving:
            faults += self.counts()
        if not faults and not moving:
            faults += self.selected()
        return [*faults, *self.noises()]

    def selected(self) -> list[Fault]:
        """Check that the line under the navigation shows the selection of the address, on every page with such a
        line."""
        end = time.monotonic() + SOON
        while True:
            seen = self.user.seen
            wanted = self.truth.chips(seen.address)
            chips = self.user.page.locator(".selection .chip").evaluate_all(CHIPS)
            if wanted is None or chips == wanted:
                return []
            if time.monotonic() > end:
                return [Fault("selection", f"{chips} is shown, {wanted} is expected")]
            self.user.seen = look(self.user.page, rest=100)

    def counts(self) -> list[Fault]:
        """Check that Browse counts the same glyphs as the selection code and, now and then, as the command."""
        end = time.monotonic() + SOON
        while True:
            seen = self.user.seen
            wanted = self.truth.count(seen.address)
            if seen.headline == (wanted.n, wanted.of, wanted.shown):
                break
            if time.monotonic() > end:
                return [Fault("count", f"{seen.headline} is shown, {wanted} is expected")]
            self.user.seen = look(self.user.page, rest=100)
        self.checks["count"] += 1
        if self.checks["count"] % COMMAND_EVERY == 1:
            answer = self.truth.command(seen.address)
            self.checks["command"] += answer is not None
            if answer not in (None, wanted.shown):
                return [Fault("count", f"glyphcore select counts {answer}, {wanted.shown} is shown")]
        return []

    def opened_fresh(self) -> list[Fault]:
        """Check that a fresh browser shows the same at this address."""
        self.checks["fresh"] += 1
        there, here = agreed(self.fresh.page, lambda: look(self.user.page))
        if here.url != self.opened:  # the address has changed late
            self.open_fresh(here.url)
            there, here = agreed(self.fresh.page, lambda: look(self.user.page))
        self.user.seen = here
        self.fresh.forget()
        if there.wrong:
            return [Fault("error", f"opened fresh: {message}") for message in there.wrong]
        if not there.shown:
            return [Fault("blank", f"opened fresh: {_line(there.words) or 'nothing at all'}")]
        if alike(there, here) or (KEEPS.search(here.address) and fewer(there.said, here.said)):
            return []
        return [Fault("fresh", differ(here.said, there.said))]

    def open_fresh(self, address: str) -> None:
        """Let the fresh browser begin to open an address."""
        self.opened = address
        self.fresh.open(address)

    def there_and_back(self, before: Seen, after: Seen) -> list[Fault]:
        """Check that Back returns to the previous state, and Forward to the present one."""
        pushes = after.pushes - before.pushes
        if pushes < 1:
            return []
        self.checks["back"] += 1
        faults = self.through("Back", "history.back()", after, before, pushes)
        return faults or self.through("Forward", "history.forward()", before, after, pushes)

    def through(self, name: str, script: str, start: Seen, goal: Seen, steps: int) -> list[Fault]:
        """Go through the history until the address is that of ``goal``, at most ``steps`` entries."""
        page, seen = self.user.page, start
        for _ in range(steps):
            page.evaluate(script)
            seen = look(page, elsewhere=seen.url)
            if seen.address == goal.address:
                break
        end = time.monotonic() + SOON
        while (seen.address, seen.said) != (goal.address, goal.said) and time.monotonic() < end and not seen.wrong:
            seen = look(page, rest=100)
        self.user.seen = seen
        if seen.wrong or not seen.shown:
            return [Fault("error" if seen.wrong else "blank", f"{name}: {seen.wrong or _line(seen.words)}")]
        if seen.address != goal.address:
            return [Fault("back", f"{name} from {start.address} is at {seen.address}, not at {goal.address}")]
        if seen.said != goal.said:
            return [Fault("back", f"{name} to {goal.address}: {differ(goal.said, seen.said)}")]
        return []


def fewer(one: str, other: str) -> bool:
    """Return whether two views of a font differ only in their place in the list, and the first has fewer glyphs."""
    (same, _, place), (kept, _, longer) = one.rpartition(" | "), other.rpartition(" | ")
    counts = [int(text.replace(",", "").rpartition(" of ")[2] or 0) for text in (place, longer)]
    return same == kept and counts[0] < counts[1]


def told(broken: Broken) -> str:
    """Return a broken gesture in some lines."""
    lines = [f"seed {broken.seed}, gesture {broken.number}, at {broken.address}"]
    lines += [f"  ✗ {fault.kind}: {fault.said}" for fault in broken.faults]
    return "\n".join([*lines, *(f"    {line}" for line in broken.last)])


def _line(text: str) -> str:
    return " ".join(text.split())[:240]
