"""The map in a real browser: points become pictures, a lasso leads to Browse, and everything works by keyboard."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from app_fixtures import fake_results, tiny_database
from browser_fixtures import wait_query
from PIL import Image
from playwright.sync_api import Page, expect

from glyphcore.config import MapConfig
from glyphcore.jobs import map as job

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("map_page")
    tiny_database(folder / "glyphs.db")
    job.run(MapConfig(fake_results(folder / "glyphs.db", folder / "results")))
    return folder


@pytest.fixture
def stage(page: Page):
    page.goto("/map")
    stage = page.locator(".map .stage")
    expect(page.locator(".map .sampled")).to_contain_text("all 360 glyphs")
    return stage


DRAWN = """canvas => new Set(new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
    .data.buffer)).size > 3"""
"""Whether a canvas has more than a few colours."""


def test_a_lasso_leads_to_its_glyphs(page: Page, stage) -> None:
    page.wait_for_function(DRAWN, arg=page.locator(".map .stage > .points").element_handle())
    box = stage.bounding_box()
    page.get_by_role("button", name="Lasso").click()
    x, y, w, h = box["x"], box["y"], box["width"], box["height"]
    page.mouse.move(x + 5, y + 60)
    page.mouse.down()
    for to in ((x + w / 2, y + 60), (x + w / 2, y + h - 5), (x + 5, y + h - 5)):
        page.mouse.move(*to, steps=4)
    page.mouse.up()
    chosen = page.locator(".map .chosen")
    expect(chosen).to_contain_text("chosen ·")
    n = int(chosen.inner_text().split()[0])
    assert 0 < n < 360
    page.get_by_role("button", name="Browse").click()
    page.wait_for_url("**ids=**")
    expect(page.locator(".glyphs .place")).to_contain_text(f"of {n}")


def test_the_same_by_keyboard(page: Page, stage) -> None:
    stage.focus()
    page.keyboard.press("ArrowRight")
    tip = page.locator(".map .tip")
    expect(tip).to_be_visible()
    first = tip.inner_text()
    page.keyboard.press("ArrowRight")
    expect(tip).not_to_have_text(first)
    for _ in range(3):
        page.keyboard.press("+")
    page.keyboard.press("Control+a")
    n = int(page.locator(".map .chosen").inner_text().split()[0])
    assert 0 < n < 360
    page.keyboard.press("b")
    page.wait_for_url("**ids=**")
    expect(page.locator(".glyphs .place")).to_contain_text(f"of {n}")


def test_colour_highlight_and_section_are_in_the_link(page: Page, stage) -> None:
    page.locator(".map .colour").select_option("family")
    wait_query(page, colour="family")
    page.locator(".map .find").fill("Cairo")
    expect(page.locator(".map .found")).to_have_text("60 of 360 points")
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_url("**at=**")
    wait_query(page, find="Cairo", colour="family")
    page.reload()
    expect(page.locator(".map .found")).to_have_text("60 of 360 points")
    expect(page.locator(".map .colour")).to_have_value("family")


def test_enter_inspects_the_glyph_under_the_cursor(page: Page, stage) -> None:
    stage.focus()
    page.keyboard.press("ArrowDown")
    glyph = page.locator(".map .tip .dim").last.inner_text().rpartition("#")[2]
    page.keyboard.press("Enter")
    wait_query(page, glyph=glyph)
    expect(page.locator(".inspector .title")).to_be_visible()


def test_pictures_come_once_they_are_looked_at(page: Page, stage) -> None:
    stage.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".map .tip canvas")).to_be_visible()
    before = page.locator(".map .marks").screenshot()
    for _ in range(3):
        page.keyboard.press("+")
    page.wait_for_timeout(1500)
    assert page.locator(".map .marks").screenshot() != before


@pytest.mark.parametrize("webgl", [True, False])
def test_points_are_drawn_with_webgl_and_without(page: Page, webgl: bool) -> None:
    # The renderer gets another name, because the page does without WebGL when there is no graphics card.
    page.add_init_script(
        """const get = WebGL2RenderingContext.prototype.getParameter;
        WebGL2RenderingContext.prototype.getParameter = function (name) {
            return WEBGL && name === 0x9246 ? "a card" : get.call(this, name);
        };""".replace("WEBGL", str(webgl).lower())
    )
    if webgl and not page.evaluate("Boolean(document.createElement('canvas').getContext('webgl2'))"):
        pytest.skip("this browser has no WebGL")
    page.goto("/map?colour=family")
    expect(page.locator(".map .sampled")).to_contain_text("all 360 glyphs")
    page.locator(".map .found").wait_for(state="attached")
    expect(page.locator(".map .stage")).to_have_attribute("data-drawn-by", "webgl" if webgl else "canvas")
    page.wait_for_timeout(500)
    # Remove the text on the map, so that only points have colours.
    page.evaluate("document.querySelectorAll('.tools, .sampled').forEach((element) => element.remove())")
    colours = Image.open(io.BytesIO(page.locator(".map .stage").screenshot())).convert("RGB").getcolors(1 << 20)
    lively = sum(n for n, (red, green, blue) in colours or () if max(red, green, blue) - min(red, green, blue) > 60)
    assert lively > 1000, "360 points of a few pixels each"


def look_at_browse_and_back(page: Page, meanwhile: str) -> None:
    """Go to Browse, run a script there, and go back to the map."""
    page.locator("[data-testid=stTopNavLink]", has_text="Browse").click()
    page.locator(".card:visible").first.wait_for()
    page.evaluate(meanwhile)
    page.go_back()


def test_points_stay_in_the_tab_while_other_pages_are_looked_at(page: Page, stage) -> None:
    stage.focus()
    page.keyboard.press("+")
    page.wait_for_url("**at=**")
    look_at_browse_and_back(page, "window.glyphcoreBus.mapPoints.about.method = 'kept in this tab'")
    expect(page.locator(".map .sampled")).to_contain_text("kept in this tab")


def test_points_that_the_tab_has_lost_come_again_with_the_glyphs_that_are_chosen(page: Page, stage) -> None:
    stage.focus()
    page.keyboard.press("Control+a")
    expect(page.locator(".map .chosen")).to_contain_text("360 chosen")
    page.wait_for_url("**ids=**")
    look_at_browse_and_back(page, "window.glyphcoreBus.mapPoints.version = 'another'")
    expect(page.locator(".map .sampled")).to_contain_text("all 360 glyphs")
    expect(page.locator(".map .chosen")).to_contain_text("360 chosen")
