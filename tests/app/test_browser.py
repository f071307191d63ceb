"""Checks that need a real browser: components draw, keep the focus, react to keys, and send no request to other
hosts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser_fixtures import focused, query, show_keys, wait_query
from playwright.sync_api import Page, WebSocketRoute, expect

from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]
ALL = "/?split=all&outcome=all"


def open_grid(page: Page, address: str = "/") -> None:
    page.goto(address)
    expect(page.locator(".card:visible").first).to_be_visible()
    page.wait_for_function("document.activeElement.shadowRoot?.activeElement?.className.includes('card')")


def test_a_keyboard_only_walk(page: Page, store: ResultsStore) -> None:
    open_grid(page, ALL)
    place = page.locator(".glyphs .place")
    expect(place).to_have_text("1–96 of 360")
    page.keyboard.press("n")
    expect(place).to_have_text("97–192 of 360")
    second = [row.glyph_id for row in store.export(Filters(), "loss")][96:192]
    wait_query(page, at=str(second[0]))
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    title = page.locator(".inspector .title")
    expect(title).to_be_visible()
    wait_query(page, glyph=str(second[1]))
    expect(page.locator(".inspector .place")).to_have_text("98 of 360")
    page.keyboard.press("]")
    expect(page.locator(".inspector .place")).to_have_text("99 of 360")
    page.keyboard.press("k")
    page.keyboard.press("[")
    expect(page.locator(".inspector .place")).to_have_text("97 of 360")
    page.keyboard.press("Escape")
    expect(place).to_have_text("97–192 of 360")
    first = page.locator(f'.card[data-id="{second[0]}"]')
    expect(first).to_have_class("card active")
    expect(first).to_be_focused()


class Wire:
    """The app's connection; a test can hold back the server's answers."""

    def __init__(self, page: Page) -> None:
        self.held: list[str | bytes] | None = None
        page.route_web_socket(re.compile("_stcore/stream"), self._connect)

    def _connect(self, socket: WebSocketRoute) -> None:
        self.socket, server = socket, socket.connect_to_server()
        server.on_message(self._answer)

    def _answer(self, message: str | bytes) -> None:
        self.socket.send(message) if self.held is None else self.held.append(message)

    def hold(self) -> None:
        self.held = []

    def release(self) -> None:
        waiting, self.held = self.held or [], None
        for message in waiting:
            self.socket.send(message)


def test_the_next_page_and_the_next_glyph_are_shown_before_the_server_answers(page: Page, store: ResultsStore) -> None:
    wire = Wire(page)
    open_grid(page, ALL)
    order = [row.glyph_id for row in store.export(Filters(), "loss")]
    place, first = page.locator(".glyphs .place"), page.locator(".card").first
    page.wait_for_function(HELD, arg=[".glyphs", 2])
    wire.hold()
    page.keyboard.press("n")
    expect(place).to_have_text("97–192 of 360")
    expect(first).to_have_attribute("data-id", str(order[96]))
    assert "at" not in query(page)
    wire.release()
    wait_query(page, at=str(order[96]))
    page.wait_for_function(HELD, arg=[".glyphs", 3])
    wire.hold()
    page.keyboard.press("p")
    expect(place).to_have_text("1–96 of 360")
    wire.release()
    wait_query(page, at=str(order[0]))
    page.goto(f"/inspect?split=all&outcome=all&glyph={order[4]}")
    page.wait_for_function(HELD, arg=[".inspector", 3])
    wire.hold()
    page.keyboard.press("]")
    expect(page.locator(".inspector .place")).to_have_text("6 of 360")
    expect(page.locator(".marks .chosen")).to_have_text(f"#{order[5]}")
    expect(page.locator(".facts dd").first).to_have_text(str(order[5]))
    wire.release()
    wait_query(page, glyph=str(order[5]))


HELD = """([root, n]) => {
  const find = (node) => {
    for (const each of node.querySelectorAll('*')) {
      if (each.matches(root)) return each;
      const inside = each.shadowRoot && find(each.shadowRoot);
      if (inside) return inside;
    }
  };
  const found = find(document);
  return Number(found?.dataset.cached) >= n && !('following' in found.dataset) && !found.hasAttribute('aria-busy');
}"""
"""Whether a component holds n pages and is not waiting for another."""


def test_glyphs_are_drawn_in_the_text_colour(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        open_grid(page)
        glyph = page.locator(".card .glyph").first
        style = glyph.evaluate("e => [getComputedStyle(e).maskImage, getComputedStyle(e).backgroundColor]")
        assert style[0].startswith('url("blob:')
        ink = [int(part) for part in style[1].removeprefix("rgb(").removesuffix(")").split(",")]
        assert (max(ink) < 100) if scheme == "light" else (min(ink) > 150)


def test_focus_stays_when_the_page_turns_and_typing_is_left_alone(page: Page) -> None:
    open_grid(page, ALL)
    page.keyboard.press("n")
    expect(page.locator(".glyphs .place")).to_have_text("97–192 of 360")
    assert focused(page)
    search = page.get_by_role("searchbox", name="Search")
    search.focus()
    page.keyboard.type("latin")
    page.keyboard.press("Enter")
    wait_query(page, q="latin")
    expect(search).to_have_value("latin")


def test_back_and_reload_give_the_same_view(page: Page) -> None:
    open_grid(page)
    place = page.locator(".glyphs .place")
    expect(place).to_have_text("1–28 of 28")
    page.get_by_role("searchbox", name="Search").fill("beh")
    page.keyboard.press("Enter")
    expect(place).not_to_have_text("1–28 of 28")
    found = place.inner_text()
    page.wait_for_url("**q=beh**")  # a preview comes before the run that writes the address
    page.reload()
    expect(place).to_have_text(found)
    page.go_back()
    expect(place).to_have_text("1–28 of 28")
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("")


def test_the_keys_are_shown(page: Page) -> None:
    open_grid(page)
    show_keys(page)
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).not_to_be_visible()


def test_cells_are_read_with_keys_and_mouse(page: Page, store: ResultsStore) -> None:
    row = next(row for row in store.export(Filters(), "id") if 0 < row.cells_right < row.cells_total)
    details = store.details(row.glyph_id)
    page.goto(f"/inspect?split=all&outcome=all&glyph={row.glyph_id}")
    board = page.locator(".board")
    expect(board).to_be_focused()
    expect(page.locator(".score")).to_contain_text(f"{row.cells_right} of {row.cells_total} cells right")
    readout = page.locator(".readout")
    expect(readout).to_contain_text("✗ wrong")
    box = page.locator(".board canvas").bounding_box()
    assert box is not None
    cell = int(details.occupied.nonzero()[0][5])
    y, x = divmod(cell, 16)
    page.mouse.move(box["x"] + (x + 0.5) * box["width"] / 16, box["y"] + (y + 0.5) * box["height"] / 16)
    expect(readout.locator("dd").first).to_have_text(f"{y}, {x}")
    expect(readout.locator("dd").nth(2)).to_have_text(str(details.primitive[cell]))
    page.keyboard.press("ArrowDown" if y < 15 else "ArrowUp")
    expect(readout.locator("dd").first).to_have_text(f"{y + 1 if y < 15 else y - 1}, {x}")
    for key, button in {"i": "IDs", "c": "Colours", "w": "✗ Cells"}.items():
        before = page.get_by_role("button", name=button).get_attribute("aria-pressed")
        page.keyboard.press(key)
        assert page.get_by_role("button", name=button).get_attribute("aria-pressed") != before
    page.keyboard.press("r")
    assert page.get_by_role("radio", name="Predicted").get_attribute("aria-checked") == "true"


def test_the_board_shows_ink_where_the_glyph_has_it(page: Page, store: ResultsStore) -> None:
    row = store.page(Filters(), "id", limit=1).rows[0]
    details = store.details(row.glyph_id)
    page.emulate_media(color_scheme="light")
    page.goto(f"/inspect?split=all&outcome=all&glyph={row.glyph_id}")
    expect(page.locator(".board")).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.press("w")
    dark = page.locator(".board canvas").evaluate(
        """canvas => { const step = canvas.width / 16, context = canvas.getContext("2d");
        return Array.from({length: 256}, (_, i) => {
            const x = (i % 16) * step + 4, y = Math.floor(i / 16) * step + 4;
            const data = context.getImageData(x, y, step - 8, step - 8).data;
            return data.some((value, k) => k % 4 === 3 && value > 150); }); }"""
    )
    differing = [i for i in range(256) if dark[i] != bool(details.occupied[i])]
    assert len(differing) <= 12, "cells with a pixel at their very edge, and the cursor's neighbours"


def test_an_example_of_a_candidate_opens_it(page: Page) -> None:
    page.goto("/inspect?split=all&outcome=all")
    expect(page.locator(".candidates li")).to_have_count(5)
    example = page.locator(".example").first
    glyph = (example.get_attribute("title") or "").removeprefix("Inspect glyph ")
    example.click()
    wait_query(page, glyph=glyph)


def test_hostile_words_stay_words(page: Page) -> None:
    page.goto("/?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E")
    expect(page.get_by_role("button", name="Remove search")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("img[src=x]").count() == 0


def test_an_export_is_downloaded_whole(page: Page, store: ResultsStore) -> None:
    open_grid(page)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 1 + store.count(Filters(split=("val",), outcome="wrong"))
