"""The codebook in a real browser: keys choose a primitive, one more step shows its glyphs."""

from __future__ import annotations

import pytest
from browser_fixtures import wait_query
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]


def opened(page: Page, address: str = "/primitives") -> None:
    page.goto(address)
    expect(page.locator(".codebook .name")).to_contain_text("Primitive")


def test_keys_choose_and_enter_browses(page: Page) -> None:
    opened(page)
    name = page.locator(".codebook .name")
    before = name.inner_text()
    page.locator(".codebook .board").focus()
    page.keyboard.press("ArrowRight")
    expect(name).not_to_have_text(before)
    which = name.inner_text().removeprefix("Primitive ")
    wait_query(page, id=which)
    page.keyboard.press("Enter")
    expect(page.locator(".glyphs .card:visible").first).to_be_visible()
    wait_query(page, cells=f"any={which}")


def test_an_example_opens_in_inspect(page: Page) -> None:
    opened(page)
    example = page.locator(".codebook .example").first
    glyph = (example.get_attribute("aria-label") or "").split()[1].rstrip(",")
    example.click()
    expect(page.locator(".inspector .title")).to_be_visible()
    wait_query(page, glyph=glyph)


def test_a_confusion_shows_its_glyphs(page: Page) -> None:
    opened(page, "/primitives?show=pairs")
    line = page.locator(".codebook .pairs .confusion").first
    words = (line.get_attribute("aria-label") or "").split()
    line.click()
    expect(page.locator(".glyphs .card:visible").first).to_be_visible()
    wait_query(page, cells=f"any={words[0]}>{words[3].rstrip(',')}")


def test_the_heat_map_leads_to_the_glyphs_with_it_in_that_cell(page: Page) -> None:
    opened(page)
    which = page.locator(".codebook .name").inner_text().removeprefix("Primitive ")
    page.locator(".codebook .heat").focus()
    for key in ("ArrowLeft", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    row, column = (each.split()[1] for each in page.locator(".codebook .spot").inner_text().split(":")[0].split(", "))
    page.keyboard.press("Enter")
    wait_query(page, cells=f"{row},{column}={which}")
    chip = page.locator("[data-testid=stSidebar]").get_by_role("button", name=f"{row},{column}={which}")
    expect(chip).to_be_visible()
    chip.click()
    expect(chip).to_have_count(0)
    wait_query(page, cells=None)


def test_all_patches_are_drawn_and_a_click_chooses(page: Page) -> None:
    opened(page, "/primitives?sort=id")
    canvas = page.locator(".codebook .board canvas")
    page.wait_for_function(
        """canvas => { const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        return data.some((value, i) => i % 4 === 3 && value > 150); }""",
        arg=canvas.element_handle(),
    )
    canvas.click(position={"x": 60, "y": 12})
    name = page.locator(".codebook .name")
    expect(name).not_to_have_text("Primitive 1")
    which = name.inner_text().removeprefix("Primitive ")
    assert int(which) in range(2, 6)
    wait_query(page, id=which)
    page.go_back()
    expect(name).to_have_text("Primitive 1")


def test_nothing_of_a_kind_says_so(page: Page) -> None:
    page.goto("/primitives?kind=dead")
    expect(page.locator(".codebook .nothing")).to_contain_text("There are no primitives of this kind")
