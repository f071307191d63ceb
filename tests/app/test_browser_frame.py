"""The frame of every page: the bar with the links to all pages, and its height."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from app_fixtures import fake_results, tiny_database
from browser_fixtures import pages
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]
TITLES = pages()
PAGES = tuple(TITLES)
WITH_SIDEBAR = ("", "compare", "fonts")
WIDTHS = (1440, 1280, 800)
LINKS = "[data-testid=stTopNavLink]"
BOXES = """() => [...document.querySelectorAll('[data-testid=stTopNavLink]')].map((link) => {
  const { x, y, width, height } = link.getBoundingClientRect();
  const hit = document.elementFromPoint(x + width / 2, y + height / 2);
  return [link.textContent, x, y, width, height, link.contains(hit)];
})"""
"""For every link: its text, its box, and whether a click in its middle would reach it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frame")
    tiny_database(folder / "glyphs.db")
    for seed, name in enumerate(("mixer-geometry", "mixer-distilled", "online-codebook")):
        fake_results(folder / "glyphs.db", folder / "results", name=name, seed=seed)
    return folder


def settled(page: Page) -> None:
    """Wait until the links and the page below them are there."""
    expect(page.locator(LINKS)).to_have_count(len(PAGES))
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
    )
    expect(page.locator(".ask")).to_be_visible()


def boxes(page: Page) -> list[list[Any]]:
    return page.evaluate(BOXES)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_bar_is_the_same_on_every_page_whether_the_sidebar_is_open_or_not(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 720})
    seen: dict[str, list[list[Any]]] = {}
    for name in PAGES:
        page.goto(f"/{name}")
        settled(page)
        expect(page).to_have_title(f"{TITLES[name]} · glyphcore")
        seen[name] = boxes(page)
        if name in WITH_SIDEBAR:
            sidebar = page.get_by_test_id("stSidebar")
            page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
            expect(sidebar).to_have_attribute("data-collapsed", "true")
            page.wait_for_timeout(500)  # the sidebar slides
            seen[f"{name}, sidebar closed"] = boxes(page)
            page.get_by_test_id("stExpandSidebarButton").click()
            expect(sidebar).not_to_have_attribute("data-collapsed", "true")
            page.wait_for_timeout(500)
            seen[f"{name}, sidebar opened again"] = boxes(page)
    for where, links in seen.items():
        assert links == seen[""], where
    assert len(seen[""]) == len(PAGES)
    assert all(reached for *_, reached in seen[""])
    assert all(x >= 0 and x + box_width <= width for _, x, _, box_width, _, _ in seen[""])


def test_every_page_is_one_click_away_at_800_without_loading_the_app_again(page: Page) -> None:
    page.set_viewport_size({"width": 800, "height": 900})
    page.goto("/")
    settled(page)
    page.evaluate("window.kept = true")
    for i, name in enumerate(PAGES[1:], 1):
        link = page.locator(LINKS).nth(i)
        link.click()
        page.wait_for_url(f"**/{name}*")
        expect(link).to_have_attribute("aria-current", "page")
    assert page.evaluate("window.kept")


def test_links_are_links_for_the_keyboard_and_for_another_tab(page: Page, window: BrowserContext) -> None:
    page.goto("/")
    settled(page)
    dashboard = page.get_by_role("link", name="Dashboard")
    with window.expect_page() as opened:
        dashboard.click(modifiers=["ControlOrMeta"])
    assert opened.value.url.endswith("/dashboard")
    opened.value.close()
    assert "dashboard" not in page.url
    page.get_by_role("link", name="Inspect").focus()
    page.keyboard.press("Tab")
    expect(dashboard).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard*")


def test_glyphs_begin_high_on_the_screen(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto("/")
    first = page.locator(".card:visible").first
    expect(first).to_be_visible()
    settled(page)
    expect(page.locator(".choice[data-name=layout] button").first).to_be_visible()
    # The counts of a real database are wider than those of this one.
    page.locator(".headline").evaluate("""(line) => {
      line.querySelector("b").textContent = "46,579";
      line.querySelector("span").textContent = "wrong of 46,579 glyphs";
    }""")
    box = first.bounding_box()
    assert box is not None
    assert box["y"] <= 150


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_above_the_glyphs_lies_over_anything_else(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/")
    expect(page.locator(".card:visible").first).to_be_visible()
    settled(page)
    order = page.locator(".choice[data-name=sort] .chooser")
    parts = (page.get_by_test_id("stHeader"), page.locator(".headline"), order, page.locator(".marks"),
             page.locator(".pager"), page.locator(".card:visible").first)  # fmt: skip
    found = [each.bounding_box() for each in parts]
    for i, one in enumerate(found):
        for other in found[i + 1 :]:
            assert one is not None
            assert other is not None
            apart = (one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
                     or one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"])  # fmt: skip
            assert apart, (one, other)
            assert other["x"] + other["width"] <= width


@pytest.mark.parametrize(("width", "lines"), [(1280, [".marks", ".glyphs .pager"]), (800, [".glyphs .pager"])])
def test_the_lines_of_tools_stay_under_the_bar_when_glyphs_are_scrolled(
    page: Page, width: int, lines: list[str]
) -> None:
    page.set_viewport_size({"width": width, "height": 720})
    page.goto("/?split=all&outcome=all")
    expect(page.locator(".card:visible").first).to_be_visible()
    settled(page)
    page.get_by_test_id("stMain").evaluate("e => e.scrollTo(0, 300)")
    bar = page.get_by_test_id("stHeader").bounding_box()
    assert bar is not None
    bottom = bar["y"] + bar["height"]
    for line in lines:
        box = page.locator(line).bounding_box()
        assert box is not None
        assert box["y"] == pytest.approx(bottom, abs=1)
        bottom = box["y"] + box["height"]


def test_compare_shows_what_was_fixed_and_broken_at_1280_without_cutting(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto("/compare")
    table = page.locator(".models")
    expect(table.locator("tbody tr")).to_have_count(3)
    settled(page)
    frame = page.locator(".compare .scroll").bounding_box()
    assert frame is not None
    assert frame["x"] + frame["width"] <= 1280
    for cell in (page.get_by_role("columnheader", name="fixed, broken"), table.locator("tbody td:last-child").first):
        box = cell.bounding_box()
        assert box is not None
        assert frame["x"] <= box["x"]
        assert box["x"] + box["width"] <= frame["x"] + frame["width"]
    assert table.evaluate("e => e.parentElement.scrollWidth <= e.parentElement.clientWidth")


PARTS = tuple(f"dashboard?part={part}" for part in ("confusions", "marks", "confidence", "training"))


@pytest.mark.parametrize("name", [*PAGES, *PARTS])
def test_nothing_is_wider_than_the_window(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"/{name}")
    settled(page)
    main = page.get_by_test_id("stMain")
    for width in (1280, 1000, 800):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function("w => innerWidth === w", arg=width)
        assert main.evaluate("e => e.scrollWidth <= e.clientWidth"), width
        wide = "e => [...e.querySelectorAll('.wide')].every(t => t.scrollWidth <= t.clientWidth)"
        assert main.evaluate(wide), f"a table is cut at {width}"
