"""A seeded user: gestures that are possible on any page. Gestures of single pages are in ``browse.py`` and
``figures.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from playwright.sync_api import Error, Locator, Page

from walking.controls import first_words
from walking.screen import Seen, agreed, alike, differ, look

REACH = 15_000
"""Milliseconds within which a control must become usable."""


class User:
    """A user of a page who chooses at random."""

    def __init__(self, page: Page, rng: Random, folder: Path) -> None:
        self.page, self.rng = page, rng
        self.fonts, self.pdfs = (sorted((folder / name).iterdir()) for name in ("fonts", "pdfs"))
        self.seen: Seen
        self.rest = 0
        """Milliseconds for which a component waits after this gesture before it tells the server."""
        self.found: list[tuple[str, str]] = []
        """Faults that a gesture has detected itself: kind and words."""
        self.tagged = False
        """Whether tags have changed."""
        self.given: set[str] = set()
        """Tags that were typed in."""

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def some(self, selector: str, first: int = 0) -> Locator | None:
        """Return a random visible element, among the ``first`` ones if given; None where none is visible."""
        elements = self.page.locator(selector).locator("visible=true")
        count = elements.count()
        if not count:
            return None
        return elements.nth(self.rng.randrange(min(count, first) if first else count))

    def press(self, *keys: str) -> str:
        for key in keys:
            self.page.keyboard.press(key)
        return "press " + " ".join(keys)

    def into(self, selector: str) -> bool:
        """Put the focus on an element; return whether it is there."""
        element = self.page.locator(selector).locator("visible=true").first
        if not element.count():
            return False
        element.focus()
        return True

    def click(self, selector: str, words: str, first: int = 0) -> str | None:
        """Click a random visible element; return None where none is visible."""
        element = self.some(selector, first)
        if element is None:
            return None
        text = first_words(
            element.get_attribute("aria-label") or element.get_attribute("title") or element.inner_text()
        )
        element.click()
        return f"{words} {text!r}"


@dataclass(frozen=True)
class Gesture:
    """A gesture of a user; ``act`` returns its description, or None where it is not possible."""

    act: Callable[[User], str | None]
    page: str
    """Page of the gesture; several pages are separated by spaces; empty for every page."""
    weight: float


GESTURES: list[Gesture] = []


def gesture(page: str, weight: float) -> Callable[[Callable[[User], str | None]], Callable[[User], str | None]]:
    """Register a function as a gesture of a page, of several pages separated by spaces, or, when empty, of all
    pages."""

    def made(act: Callable[[User], str | None]) -> Callable[[User], str | None]:
        GESTURES.append(Gesture(act, page, weight))
        return act

    return made


def choose(user: User) -> Callable[[], tuple[str, Callable[[], str | None]]]:
    """Choose among the gestures of the user's page by their weights; each call returns the name and act of another
    one."""
    fit = [gesture for gesture in GESTURES if not gesture.page or user.seen.page in gesture.page.split()]

    def another() -> tuple[str, Callable[[], str | None]]:
        chosen = user.rng.choices(fit, [gesture.weight for gesture in fit])[0]
        return chosen.act.__name__, lambda: chosen.act(user)

    return another


TABS = ("Browse", "Inspect", "Dashboard", "Compare", "Primitives", "Map", "Fonts", "PDF")
WANTED = (8, 3, 5, 4, 4, 4, 4, 3)


@gesture("", 14)
def go_to_page(user: User) -> str | None:
    """Go to a page by the links at the top of every page."""
    title = user.rng.choices(TABS, WANTED)[0]
    link = user.page.locator("[data-testid=stTopNavLink]", has_text=title).first
    if title.lower() == user.seen.page or not link.count():
        return None
    link.click()
    return f"go to {title}"


@gesture("", 5)
def go_back(user: User) -> str | None:
    if not user.seen.back:
        return None
    user.page.evaluate("history.back()")
    return "Back"


@gesture("", 3)
def go_forward(user: User) -> str | None:
    if not user.seen.forward:
        return None
    user.page.evaluate("history.forward()")
    return "Forward"


@gesture("", 2)
def reload(user: User) -> str | None:
    before = user.seen
    user.page.reload(wait_until="commit")
    after, _ = agreed(user.page, lambda: before)
    if after.address != before.address or not alike(after, before):
        user.found.append(
            ("fresh", f"reload of {before.address}, then {after.address}: {differ(before.said, after.said)}")
        )
    return "reload"


@gesture("", 1.5)
def second_tab(user: User) -> str | None:
    """Open the same address in a second tab; gestures there must leave this tab unchanged."""
    with user.page.context.new_page() as tab:
        tab.goto(user.seen.url, wait_until="commit")
        there, here = agreed(tab, lambda: look(user.page))
        if there.wrong or not there.shown:
            user.found.append(("error", f"second tab: {there.wrong or there.words}"))
        elif not alike(there, here):
            user.found.append(("fresh", f"second tab: {differ(here.said, there.said)}"))
        if there.page in ("browse", "fonts", "compare"):
            tab.keyboard.press("n")
            look(tab)
    return "a second tab"


@gesture("", 1)
def show_keys(user: User) -> str | None:
    if not user.page.locator("[data-testid=stMain][aria-label=Page]").count():
        return None
    user.page.evaluate("document.activeElement?.blur()")
    user.press("?")
    dialog = user.page.locator("dialog[open]")
    try:
        dialog.wait_for(timeout=REACH)
    except Error:
        user.found.append(("unreachable", "the overlay of keys does not open by ?"))
        return "the keys"
    user.press("Escape")
    return "the keys"
