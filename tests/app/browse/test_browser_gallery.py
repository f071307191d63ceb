"""The gallery in a real browser: groups, the table, undo, card size, a selection sent as a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser_fixtures import query, wait_query
from playwright.sync_api import Page, expect

from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.locator(".card:visible").first).to_be_visible()
    return page


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f".choice[data-name={name}] .chooser").click()
    page.locator(f'[role=option][data-value="{value}"]').click()
    page.keyboard.press("Escape")


def shown(page: Page) -> list[int]:
    return [int(each.get_attribute("data-id") or 0) for each in page.locator(".card:visible").all()]


def first(store: ResultsStore, filters: Filters, sort: str = "loss", most: str = "") -> str:
    return str(next(iter(store.export(filters, sort, most=most))).glyph_id)


def test_the_last_card_of_a_family_opens_the_others(page: Page, store: ResultsStore) -> None:
    everything = Filters()
    opened(page, "/?split=all&outcome=all")
    choose(page, "most", "family:3")
    wait_query(page, most="family:3")
    expect(page.locator(".glyphs .place")).to_contain_text("of 18")
    assert shown(page) == [row.glyph_id for row in store.export(everything, most="family:3")]
    expect(page.locator(".headline .shown")).to_have_text("18 shown, at most 3 per family")
    last = page.locator(".card:visible:has(.more:not(:empty))").first
    (row,) = store.rows([int(last.get_attribute("data-id") or 0)])
    expect(last.locator(".more")).to_have_text("+57")
    last.locator(".more").click()
    wait_query(page, most=None, family=row.family)
    expect(page.locator(".headline b")).to_have_text("60")
    page.go_back()
    wait_query(page, most="family:3", family=None)
    expect(page.locator(".glyphs .place")).to_contain_text("of 18")
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_attached()
    page.locator(f'.card[data-id="{row.glyph_id}"]').focus()
    page.keyboard.press("+")
    wait_query(page, most=None, family=row.family)


def test_a_confusion_opens_to_its_glyphs(page: Page, store: ResultsStore) -> None:
    opened(page, "/?split=all&outcome=right&most=confusion:1&sort=id")
    card = page.locator(".card:visible").first
    (row,) = store.rows([int(card.get_attribute("data-id") or 0)])
    card.locator(".more").click()
    wait_query(page, most=None, label=row.label, pred=row.pred, sort="id")
    rest = Filters(label=(row.label,), pred=(row.pred,), outcome="right")
    expect(page.locator(".headline b")).to_have_text(f"{store.count(rest):,}")


def test_the_table_sorts_by_its_header_and_takes_tags(page: Page, store: ResultsStore) -> None:
    opened(page, "/?split=all&outcome=all&layout=table")
    row = page.locator(".table .card:visible").first
    box = row.locator(".glyph").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (40, 40)
    assert row.locator(".glyph").evaluate("glyph => getComputedStyle(glyph).maskImage").startswith("url(")
    header = page.get_by_role("button", name="Sort by margin")
    header.click()
    wait_query(page, sort="margin")
    expect(row).to_have_attribute("data-id", first(store, Filters(), "margin"))
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("margin")
    header.click()
    wait_query(page, sort="margin:down")
    expect(row).to_have_attribute("data-id", first(store, Filters(), "margin:down"))
    expect(page.locator(".choice[data-name=sort] .chooser")).to_contain_text("Largest margin first")
    row.focus()
    page.keyboard.press("a")
    expect(row.locator(".tags")).to_have_text("? ambiguous")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator(".table .card").nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("n")
    expect(page.locator(".glyphs .place")).to_have_text("97–192 of 360")
    page.keyboard.press("Enter")
    expect(page.locator(".inspector .title")).to_be_visible()


def test_a_selection_is_undone_and_redone_by_key(page: Page, store: ResultsStore) -> None:
    opened(page, "/?split=all&outcome=all")
    choose(page, "family", "Cairo")
    wait_query(page, family="Cairo")
    choose(page, "char_class", "latin")
    wait_query(page, char_class="latin")
    choose(page, "sort", "entropy:down")
    wait_query(page, sort="entropy:down")
    headline = page.locator(".headline b")
    expect(headline).to_have_text(f"{store.count(Filters(family=('Cairo',), char_class=('latin',))):,}")
    page.keyboard.press("Control+z")
    wait_query(page, sort=None, char_class="latin")
    page.keyboard.press("Control+z")
    wait_query(page, char_class=None, family="Cairo")
    expect(headline).to_have_text("60")
    page.get_by_role("link", name="Dashboard").click()
    expect(page.locator(".sheet").first).to_be_visible()
    wait_query(page, family="Cairo")
    page.keyboard.press("Control+z")
    wait_query(page, family=None)
    assert "/dashboard" in page.url
    page.keyboard.press("Control+Shift+Z")
    wait_query(page, family="Cairo")
    assert "char_class" not in query(page)


def test_cards_are_as_large_as_one_has_made_them(page: Page) -> None:
    opened(page, "/?split=all&outcome=all")
    glyph = page.locator(".card:visible .glyph").first
    slider = page.get_by_role("slider", name="Card size")
    slider.focus()
    page.keyboard.press("End")
    expect(glyph).to_have_css("width", "128px")
    expect(page.locator(".card.active")).to_have_attribute("data-id", str(shown(page)[0]))
    page.reload()
    expect(glyph).to_have_css("width", "128px")
    slider.focus()
    page.keyboard.press("Home")
    expect(glyph).to_have_css("width", "40px")


def test_a_sheet_to_send_is_beside_the_other_exports(page: Page, store: ResultsStore) -> None:
    opened(page, "/?sort=sure&most=family:2")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="HTML sheet").click()
    sheet = Path(waiting.value.path()).read_text(encoding="utf-8")
    wrong = Filters(split=("val",), outcome="wrong")
    assert f"{store.count(wrong):,}, 4 of them with at most 2 per family" in sheet
    places = [sheet.index(f"<td>{row.glyph_id}</td>") for row in store.export(wrong, "sure", most="family:2")]
    assert places == sorted(places)
    assert sheet.count("<img") == 4
