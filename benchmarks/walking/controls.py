"""The app's controls as a user finds them: by roles and labels, one small adapter a kind.

Facets of Browse come in two kinds, which :func:`facets` tells apart by what is on the page: Streamlit's own boxes, and
the component whose facets carry ``data-facet``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from playwright.sync_api import Locator, Page

TYPING = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return Boolean(element?.matches("input, textarea"));
}"""
"""Whether keys are letters just now."""


class Facets(Protocol):
    """Filters of Browse that a value is chosen for, from a list."""

    def names(self) -> list[str]:
        """Those that are there."""

    def open(self, name: str) -> Locator:
        """Open its list; gives the options that are drawn."""

    def close(self) -> None:
        """Close the list that is open."""

    def chips(self, name: str) -> Locator:
        """What takes each of its chosen values away."""


class Boxes:
    """Streamlit's select boxes and multiselects, by label."""

    TITLES = {
        "outcome": "Outcome", "split": "Split", "char_class": "Class", "family": "Family", "base": "Character",
        "label": "Label", "pred": "Read as", "size": "Size", "tag": "Tags and notes",
    }  # fmt: skip

    def __init__(self, page: Page) -> None:
        self.page = page

    def names(self) -> list[str]:
        labels = self.page.locator("[data-testid=stSidebar] input[role=combobox]:visible")
        there = [each.get_attribute("aria-label") for each in labels.all()]
        return [name for name, title in self.TITLES.items() if title in there]

    def open(self, name: str) -> Locator:
        return open_box(self.page, self.TITLES[name], "[data-testid=stSidebar] ")

    def close(self) -> None:
        close_box(self.page)

    def chips(self, name: str) -> Locator:
        box = f"[data-testid=stMultiSelect]:has(.react-aria-ComboBox input[aria-label='{self.TITLES[name]}'])"
        return self.page.locator(f"{box} .react-aria-ComboBox [data-tag] button")


class Lists:
    """The component of facets: a button opens a list of options with a value each; chips take values away."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def names(self) -> list[str]:
        found = self.page.locator(".facets [data-facet]:visible").all()
        return list(dict.fromkeys(each.get_attribute("data-facet") or "" for each in found))

    def open(self, name: str) -> Locator:
        self.page.locator(f".facets [data-facet={name}] .chooser").click()
        return self.page.locator(".facets [role=option]:visible")

    def close(self) -> None:
        if self.page.locator(".facets [role=listbox]:visible").count():
            self.page.keyboard.press("Escape")

    def chips(self, name: str) -> Locator:
        return self.page.locator(f".facets [data-facet={name}] .chip:visible")


def facets(page: Page) -> Facets:
    """The facets that are on the page."""
    return Lists(page) if page.locator(".facets [data-facet]").count() else Boxes(page)


def open_box(page: Page, label: str, inside: str = "") -> Locator:
    """Open the select box of that label; gives its options."""
    box = page.locator(f"{inside}input[role=combobox][aria-label='{label}']:visible").first
    box.click()
    return page.locator("[role=listbox]:visible [role=option]")


def close_box(page: Page) -> None:
    """Close the box that is open."""
    if page.locator("[role=listbox]:visible").count():
        page.keyboard.press("Escape")


def boxes(page: Page, inside: str) -> list[str]:
    """Labels of the select boxes in a part of the page."""
    found = page.locator(f"{inside} input[role=combobox]:visible").all()
    return [each.get_attribute("aria-label") or "" for each in found]


def search(page: Page) -> Locator:
    """The search field of Browse."""
    return page.get_by_label("Search", exact=True).locator("visible=true").first


def first_words(text: str | None, most: int = 40) -> str:
    """A control's words, short enough for a line."""
    return " ".join((text or "").split())[:most]


def words_of(options: Sequence[str]) -> list[str]:
    """Options as a line has them."""
    return [first_words(each) for each in options]
