"""The page of fonts in a real browser: upload a font and read its audit, confirm by keyboard, and open the font
again."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from browser_fixtures import focused, query, wait_query
from playwright.sync_api import Page, expect

from glyphcore.audit.corrections import CorrectionStore

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]
SOON = 60_000
"""Milliseconds that reading a font may take on a busy machine."""


@pytest.fixture
def audit(page: Page, font_folder: Path) -> Page:
    """The page with a font that was just uploaded."""
    page.goto("/fonts")
    page.locator("input[type=file]").set_input_files(font_folder / "TinySans-Regular.ttf")
    expect(page.locator(".fontsheet .card:visible").first).to_be_visible(timeout=SOON)
    return page


def test_upload_confirm_and_export(audit: Page, folder: Path) -> None:
    page = audit
    page.wait_for_url(lambda url: [*parse_qs(urlparse(url).query)] == ["font"])
    expect(page.locator(".fontsheet .said")).to_have_text("nothing confirmed yet")
    cards = page.locator(".fontsheet .card:visible")
    glyphs = [int(cards.nth(i).get_attribute("data-id") or "") for i in range(4)]
    cards.nth(0).focus()
    page.keyboard.press("2")  # the second candidate, then the predicted one, then a typed one
    page.keyboard.press("Enter")
    page.keyboard.press("e")
    page.keyboard.type("U+4E2D")
    page.keyboard.press("Enter")
    expect(page.locator(".fontsheet .said")).to_have_text(re.compile("✎ 3 of \\d+ confirmed"))
    for i in range(3):
        expect(cards.nth(i)).to_have_attribute("data-kind", "kept")
    (file_hash,) = {path.stem for path in (folder / "uploads").glob("*.font")}
    kept = CorrectionStore(folder / "confirmed.db").of(file_hash)
    assert sorted(kept) == sorted(glyphs[:3])
    assert kept[glyphs[2]].text == "中"

    page.reload()
    expect(page.locator(".fontsheet .said")).to_have_text(re.compile("✎ 3 of \\d+ confirmed"), timeout=SOON)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="ToUnicode").click()
    cmap = Path(download.value.path()).read_text()
    assert f"<{glyphs[2]:04X}> <4E2D>" in cmap

    cards.nth(0).focus()
    page.keyboard.press("u")
    expect(page.locator(".fontsheet .said")).to_have_text(re.compile("✎ 2 of \\d+ confirmed"))


def test_the_page_is_left_with_a_confirmed_glyph_on_its_way(audit: Page, folder: Path) -> None:
    page = audit
    last = page.locator(".fontsheet .card:visible").last
    glyph = int(last.get_attribute("data-id") or "")
    last.focus()
    page.evaluate("""() => {
      document.activeElement.shadowRoot.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, composed: true, cancelable: true }));
      [...document.querySelectorAll('a')].find(e => e.textContent.includes('Dashboard')).click();
    }""")
    page.wait_for_url("**/dashboard**")
    page.go_back()
    expect(page.locator(f'.fontsheet .card[data-id="{glyph}"]')).to_have_attribute("data-kind", "kept", timeout=SOON)
    (file_hash,) = {path.stem for path in (folder / "uploads").glob("*.font")}
    for _ in range(100):
        if glyph in CorrectionStore(folder / "confirmed.db").of(file_hash):
            return
        page.wait_for_timeout(100)
    pytest.fail("it was not saved")


def test_what_cannot_be_understood_is_said_at_the_glyph(audit: Page) -> None:
    page = audit
    card = page.locator(".fontsheet .card:visible").nth(5)
    card.click()
    page.keyboard.press("e")
    page.keyboard.type("beh_innit")
    page.keyboard.press("Enter")
    expect(page.locator(".fontsheet .fault")).to_contain_text("Did you mean beh_init")
    expect(card).to_have_class(re.compile(r"\bactive\b"))  # the cursor has not moved to the next glyph
    for typed, said in (("U+ZZZZ", "'U+ZZZZ' is not a code point"), ("U+0628", "")):
        page.locator(".fontsheet .edit input").fill(typed)
        page.keyboard.press("Enter")
        if said:
            expect(page.locator(".fontsheet .fault")).to_contain_text(said)
    expect(page.locator(".fontsheet .card:visible").nth(6)).to_have_class(re.compile(r"\bactive\b"))
    expect(card).to_have_attribute("data-kind", "kept")


def test_take_back_right_after_confirming_takes_back_what_was_confirmed(audit: Page) -> None:
    page = audit
    cards = page.locator(".fontsheet .card:visible")
    cards.nth(8).focus()
    page.keyboard.press("Enter")
    expect(cards.nth(8)).to_have_attribute("data-kind", "kept")
    page.keyboard.press("u")
    expect(cards.nth(8)).not_to_have_attribute("data-kind", "kept")
    expect(cards.nth(8)).to_have_class(re.compile(r"\bactive\b"))


def test_the_uploader_names_no_font_but_the_one_that_is_shown(audit: Page) -> None:
    page = audit
    expect(page.locator(".headline b")).to_contain_text("Tiny Sans")
    expect(page.locator("[data-testid=stFileUploaderFile]")).to_have_count(0)


def test_keys_move_and_filters_are_links(audit: Page) -> None:
    page = audit
    first = page.locator(".fontsheet .card:visible").first
    first.focus()
    before = focused(page)
    page.keyboard.press("ArrowRight")
    assert focused(page) != before
    page.get_by_role("radio", name="∅ unknown").click()  # the tiny font's shapes are unlike letters
    wait_query(page, verdict="unknown")
    page.go_back()
    wait_query(page, verdict=None)


def test_a_bad_upload_is_one_line(page: Page, tmp_path: Path) -> None:
    (tmp_path / "<b>broken.ttf").write_bytes(b"no font at all")
    page.goto("/fonts")
    page.locator("input[type=file]").set_input_files(tmp_path / "<b>broken.ttf")
    expect(page.get_by_text("is not a font that can be read")).to_be_visible()
    assert query(page) == {}


def test_what_is_left_to_confirm_and_the_way_from_one_to_the_next(page: Page, font_folder: Path) -> None:
    page.goto("/fonts")
    page.locator("input[type=file]").set_input_files(font_folder / "TinySans-Bold.ttf")  # nothing is confirmed in it
    expect(page.locator(".fontsheet .card:visible").first).to_be_visible(timeout=SOON)
    cards = page.locator(".fontsheet .card:visible")
    first, second, third = (cards.nth(i).get_attribute("data-id") for i in range(3))
    n = cards.count()
    cards.nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".fontsheet .said")).to_have_text(f"✎ 1 of {n} confirmed")
    cards.nth(0).focus()
    page.keyboard.press("x")
    expect(page.locator(".fontsheet .card.active")).to_have_attribute("data-id", third)
    page.get_by_role("radio", name="Unconfirmed").click()
    wait_query(page, left="1")
    expect(cards.nth(1)).to_have_attribute("data-id", third)
    cards.nth(0).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".fontsheet .said")).to_have_text(f"✎ 2 of {n} confirmed")
    expect(page.locator(f'.fontsheet .card[data-id="{first}"]')).to_be_visible()  # until the user leaves the page
    page.locator(".choice[data-name=left]").get_by_role("radio", name="All").click()
    expect(page.locator(f'.fontsheet .card[data-id="{second}"]')).to_be_visible()


DROP = """([name, data]) => {
  const files = new DataTransfer();
  files.items.add(new File([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], name));
  document.querySelector("[data-testid=stMain]").dispatchEvent(
    new DragEvent("drop", { dataTransfer: files, bubbles: true, composed: true, cancelable: true }));
}"""


def test_a_font_is_dropped_anywhere_and_the_one_before_is_found_again(audit: Page, font_folder: Path) -> None:
    page, first = audit, query(audit)["font"][0]
    other = font_folder / "TinySans-Bold.ttf"
    page.evaluate(DROP, [other.name, base64.b64encode(other.read_bytes()).decode()])
    page.wait_for_url(lambda url: parse_qs(urlparse(url).query).get("font") not in (None, [first]))
    back = page.locator(f'.recent a[href*="{first}"]')  # until then the list shows the other font
    expect(back).to_contain_text("Tiny Sans", timeout=SOON)
    expect(page.locator(".recent a")).to_have_count(1)
    expect(page.locator(".fontsheet .card:visible").first).to_be_visible(timeout=SOON)
    back.click()
    wait_query(page, font=first)
    expect(page.locator(".fontsheet .card:visible").first).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="HTML sheet").click()
    assert "<title>Font audit</title>" in Path(download.value.path()).read_text()
