"""Tags in a real browser: set by keys and clicks, shown at once, kept after a restart of the server, undone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser_fixtures import served, show_keys, wait_query
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.store import Annotations
from glyphcore.data.store import GlyphStore

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]
ALL = "/?split=all&outcome=all&sort=id"


@pytest.fixture
def annotated(folder: Path) -> Annotated:
    (folder / "annotations.db").unlink(missing_ok=True)
    database = GlyphStore(folder / "glyphs.db")
    return Annotated(Annotations(folder / "annotations.db"), database.fingerprint, database)


def open_grid(page: Page, address: str = ALL) -> None:
    page.goto(address)
    expect(page.locator(".card:visible").first).to_be_visible()
    expect(page.locator(".marks .chosen")).to_have_text("#1")
    page.wait_for_function("document.activeElement.shadowRoot?.activeElement?.className.includes('card')")


def stored(page: Page, annotated: Annotated, expected: dict[int, tuple[str, ...]]) -> None:
    for _ in range(100):
        if {glyph: mark.tags for glyph, mark in annotated.of_glyphs().items()} == expected:
            return
        page.wait_for_timeout(100)
    assert {glyph: mark.tags for glyph, mark in annotated.of_glyphs().items()} == expected


def test_tags_by_keys_are_seen_at_once_kept_and_undone(page: Page, annotated: Annotated) -> None:
    open_grid(page)
    first = page.locator('.card[data-id="1"]')
    page.evaluate("window.kept = document.activeElement.shadowRoot.activeElement")
    for key in ("m", "ArrowRight", "a", "d", "ArrowRight", "m"):  # faster than the server answers
        page.keyboard.press(key)
    expect(first.locator(".tags")).to_have_text("!")
    expect(first).to_have_attribute("aria-label", re.compile("tagged mislabelled"))
    stored(page, annotated, {1: ("mislabelled",), 2: ("ambiguous", "design outlier"), 3: ("mislabelled",)})
    assert page.evaluate("window.kept.isConnected && window.kept.dataset.id === '1'"), "the grid was redrawn"
    page.keyboard.press("u")
    page.keyboard.press("u")
    stored(page, annotated, {1: ("mislabelled",), 2: ("ambiguous",)})
    page.keyboard.press("t")
    page.keyboard.type("thin stem 1")
    page.keyboard.press("Enter")
    page.keyboard.press("o")
    page.keyboard.type("see 2")
    page.keyboard.press("Enter")
    stored(page, annotated, {1: ("mislabelled",), 2: ("ambiguous",), 3: ("thin stem 1",)})
    expect(page.locator(".marks .said")).to_contain_text("see 2")
    open_grid(page, ALL)
    expect(first.locator(".tags")).to_have_text("!")
    expect(page.locator('.card[data-id="3"] .tags')).to_have_text("#✎")


def test_many_are_tagged_at_once_and_filtered(page: Page, annotated: Annotated) -> None:
    open_grid(page)
    page.keyboard.press("Space")
    page.locator('.card[data-id="4"]').click(modifiers=["Shift"])
    expect(page.locator(".marks .chosen")).to_have_text("4 chosen")
    page.keyboard.press("m")
    stored(page, annotated, dict.fromkeys((1, 2, 3, 4), ("mislabelled",)))
    page.keyboard.press("Control+a")
    expect(page.locator(".marks .chosen")).to_have_text("96 chosen")
    page.keyboard.press("Escape")
    expect(page.locator(".card.chosen")).to_have_count(0)
    page.goto(f"{ALL}&tag=mislabelled")
    expect(page.locator(".glyphs .place")).to_have_text("1–4 of 4")


def test_counts_in_the_filter_follow_when_the_tagging_stops(page: Page, annotated: Annotated) -> None:
    open_grid(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("m")
    stored(page, annotated, {2: ("mislabelled",)})
    page.get_by_role("button", name="Tags and notes: choose").click()
    expect(page.get_by_role("option", name=re.compile(r"! mislabelled\s*1\b"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".card.active")).to_have_attribute("data-id", "2")


def test_tags_outlive_the_server(window: BrowserContext, annotated: Annotated, folder: Path) -> None:
    page = window.new_page()
    with served(folder) as address:
        open_grid(page, f"{address}{ALL}")
        page.keyboard.press("a")
        expect(page.locator(".marks")).not_to_have_attribute("data-sending", "")
        expect(page.locator('.card[data-id="1"] .tags')).to_have_text("?")
        page.goto("about:blank")
    with served(folder) as address:
        open_grid(page, f"{address}{ALL}")
        expect(page.locator('.card[data-id="1"] .tags')).to_have_text("?")
    page.close()


TAG_AND_LEAVE = """link => {
  document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'm', bubbles: true, composed: true, cancelable: true }));
  [...document.querySelectorAll('a')].find(e => e.textContent.includes(link)).click();
}"""
"""In one turn of the event loop, as a quick user would do it."""


@pytest.mark.parametrize(("to", "drawn"), [("Dashboard", "without sampling"), ("Primitives", "perplexity")])
def test_a_page_is_left_with_a_tag_on_its_way(page: Page, annotated: Annotated, to: str, drawn: str) -> None:
    for glyph in (1, 2, 3):  # either of the two can come first
        page.goto(f"{ALL}&glyph={glyph}")
        expect(page.locator(".marks .chosen")).to_have_text(f"#{glyph}")
        page.wait_for_timeout(1500)  # the next page of glyphs is fetched ahead
        page.evaluate(TAG_AND_LEAVE, to)
        page.wait_for_url(f"**/{to.lower()}**")
        expect(page.get_by_test_id("stMain")).to_contain_text(drawn)
        page.get_by_role("link", name="Browse").click()
        expect(page.locator(".marks .chosen")).to_be_visible()
        expect(page.get_by_text("encountered an error")).to_be_hidden()
        stored(page, annotated, {each: ("mislabelled",) for each in range(1, glyph + 1)})


def test_a_server_that_is_slow_hears_nothing_of_a_page_that_was_left(page: Page, annotated: Annotated) -> None:
    held: list[str | bytes] | None = None

    def route(browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()
        browser.on_message(lambda message: server.send(message) if held is None else held.append(message))

    page.route_web_socket("**/_stcore/stream", route)
    open_grid(page)
    held = []
    page.evaluate(TAG_AND_LEAVE, "Dashboard")
    page.wait_for_timeout(1000)
    sent = len(held)
    page.wait_for_timeout(4500)  # unanswered changes are sent again after four seconds
    assert len(held) == sent > 0


def test_inspect_has_the_same_keys(page: Page, annotated: Annotated) -> None:
    page.goto("/inspect?split=all&outcome=all&sort=id&glyph=5")
    expect(page.locator(".inspector .title")).to_be_visible()
    expect(page.locator(".marks .chosen")).to_have_text("#5")
    page.keyboard.press("a")
    expect(page.locator(".marks button[data-tag=ambiguous]")).to_have_attribute("aria-pressed", "true")
    stored(page, annotated, {5: ("ambiguous",)})
    page.keyboard.press("]")
    expect(page.locator(".marks .chosen")).to_have_text("#6")
    expect(page.locator(".marks button[data-tag=ambiguous]")).to_have_attribute("aria-pressed", "false")


def test_a_view_is_kept_under_a_name_and_opened(page: Page, annotated: Annotated) -> None:
    open_grid(page)
    page.get_by_role("button", name="Views").click()
    page.get_by_role("textbox", name="Save this view as").fill("all by id")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="all by id", exact=True)).to_be_visible()
    page.goto("/?outcome=right")
    expect(page.locator(".card:visible").first).to_be_visible()
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="all by id", exact=True).click()
    wait_query(page, split="all", outcome="all", sort="id")


def test_one_overlay_names_the_keys_of_every_page(page: Page) -> None:
    for address, title in (("/", "Browse"), ("/inspect", "Inspect")):
        page.goto(address)
        expect(page.locator(".marks .chosen")).to_contain_text("#")
        show_keys(page)
        dialog = page.get_by_role("dialog", name="Keys")
        expect(dialog).to_be_visible()
        assert dialog.locator("h3").first.inner_text() == title
        assert dialog.locator("h3").count() > 3
        page.keyboard.press("Escape")
        expect(dialog).not_to_be_visible()


def test_the_framed_glyph_can_be_tagged_in_a_table_and_in_a_grid_after_it(page: Page, annotated: Annotated) -> None:
    """One component appears before the other is removed: the removed one must not leave the tags without a glyph."""
    page.goto(f"{ALL}&char_class=digit")
    chosen = page.locator(".marks .chosen")
    expect(chosen).to_have_text(re.compile(r"^#\d+$"))
    page.wait_for_timeout(1000)  # the next page has been fetched ahead
    glyph = chosen.inner_text()
    page.locator(".choice[data-name=layout] button").last.click()
    wait_query(page, layout="table")
    page.wait_for_timeout(1000)
    expect(chosen).to_have_text(glyph)
    page.go_back()
    wait_query(page, layout=None)
    page.wait_for_timeout(1000)
    expect(chosen).to_have_text(glyph)
    page.locator(".marks [data-tag=ambiguous]").click()
    stored(page, annotated, {int(glyph[1:]): ("ambiguous",)})
