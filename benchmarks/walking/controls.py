"""The app's controls as a user sees them: by roles and labels, with one small adapter per kind.

Facets of Browse come in two kinds, which :func:`facets` tells apart by the content of the page: Streamlit's own boxes,
and the component of choices.
"""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import Locator, Page

TYPING = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return Boolean(element?.matches("input, textarea"));
}"""
"""Whether the keys type letters at the moment."""


TITLES = {
    "outcome": "Outcome", "split": "Split", "char_class": "Class", "family": "Family", "base": "Character",
    "label": "Label", "pred": "Predicted as", "size": "Size", "tag": "Tags and notes",
}  # fmt: skip
"""Labels of facets that are Streamlit's boxes."""


class Facets(Protocol):
    """Filters of Browse whose values are chosen from a list."""

    def names(self) -> list[str]:
        """Return the facets on the page."""

    def open(self, name: str) -> Locator:
        """Open the list of a facet; return the options that are drawn."""

    def close(self) -> None:
        """Close the list that is open."""

    def chips(self, name: str) -> Locator:
        """Return the buttons that remove chosen values of a facet."""


class Boxes:
    """Streamlit's select boxes and multiselects, by label."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def names(self) -> list[str]:
        labels = self.page.locator("[data-testid=stSidebar] input[role=combobox]:visible")
        there = [label.get_attribute("aria-label") for label in labels.all()]
        return [name for name, title in TITLES.items() if title in there]

    def open(self, name: str) -> Locator:
        return open_box(self.page, TITLES[name], "[data-testid=stSidebar] ")

    def close(self) -> None:
        close_box(self.page)

    def chips(self, name: str) -> Locator:
        box = f"[data-testid=stMultiSelect]:has(.react-aria-ComboBox input[aria-label='{TITLES[name]}'])"
        return self.page.locator(f"{box} .react-aria-ComboBox [data-tag] button")


class Lists:
    """The component of choices: a button opens a list of options with a value each; chips remove values."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def names(self) -> list[str]:
        return [name for name in listed(self.page) if name in TITLES]

    def open(self, name: str) -> Locator:
        return open_list(self.page, name)

    def close(self) -> None:
        close_list(self.page)

    def chips(self, name: str) -> Locator:
        return self.page.locator(f"{CHOICE}[data-name={name}] .chip:visible")


def facets(page: Page) -> Facets:
    """Return the facets on the page."""
    return Lists(page) if page.locator(CHOICE).count() else Boxes(page)


CHOICE = ".choices .choice"
MENU = ".choices .menu:visible"


def listed(page: Page, inside: str = "") -> list[str]:
    """Return the names of the choices with lists in a part of the page."""
    choices = page.locator(f"{inside} {CHOICE}[data-style=list]:visible").all()
    return [choice.get_attribute("data-name") or "" for choice in choices]


def open_list(page: Page, name: str) -> Locator:
    """Open the list of a choice; return its options."""
    page.locator(f"{CHOICE}[data-name={name}] .chooser:visible").first.click()
    page.locator(MENU).first.wait_for()
    return page.locator(f"{MENU} [role=option]")


def close_list(page: Page) -> None:
    """Close the list that is open."""
    if page.locator(MENU).count():
        page.keyboard.press("Escape")


OPEN = "[role=listbox]:visible"


def open_box(page: Page, label: str, inside: str = "") -> Locator:
    """Open the select box with that label; return its options."""
    box = page.locator(f"{inside}input[role=combobox][aria-label='{label}']:visible").first
    box.click()
    page.locator(OPEN).first.wait_for()
    return page.locator(f"{OPEN} [role=option]")


def close_box(page: Page) -> None:
    """Close the box that is open."""
    if page.locator(OPEN).count():
        page.keyboard.press("Escape")


def boxes(page: Page, inside: str) -> list[str]:
    """Return the labels of the select boxes in a part of the page."""
    inputs = page.locator(f"{inside} input[role=combobox]:visible").all()
    return [box.get_attribute("aria-label") or "" for box in inputs]


def search(page: Page) -> Locator:
    """Return the search field of Browse."""
    return page.locator("input[aria-label=Search]").locator("visible=true").first


def first_words(text: str | None, most: int = 40) -> str:
    """Return the first words of a control, short enough for a line."""
    return " ".join((text or "").split())[:most]
