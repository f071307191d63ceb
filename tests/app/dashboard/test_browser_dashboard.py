"""The Dashboard in a real browser: click a figure, see its glyphs, come back to the same page."""

from __future__ import annotations

import re

import pytest
from browser_fixtures import wait_query
from playwright.sync_api import Page, expect

from glyphcore.analysis.confusions import class_matrix, confusions, matrix
from glyphcore.analysis.evaluation_slice import evaluation_slice
from glyphcore.results.browse import ResultsStore

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]


def count(page: Page, n: int) -> None:
    """Expect that Browse shows a selection of n glyphs."""
    expect(page.locator(".glyphs .place")).to_have_text(re.compile(rf" of {n}$"))


def test_a_confusion_leads_to_its_glyphs_and_back(page: Page, store: ResultsStore) -> None:
    first = confusions(evaluation_slice(store, None, "val"), "label")[0]
    page.goto("/dashboard")
    pair = page.locator(".confused a").first
    expect(pair.locator(".amount b")).to_have_text(str(first["n"]))
    expect(pair.locator(".thumb").first).to_have_css("mask-image", re.compile(r'^url\("blob:'))
    pair.click()
    count(page, first["n"])
    wait_query(page, label=store.labels.labels[first["truth"]], pred=store.labels.labels[first["pred"]])
    page.go_back()
    expect(page.locator(".confused a").first).to_be_visible()
    page.wait_for_url(lambda url: url.partition("?")[0].endswith("/dashboard"))


def test_a_cell_of_the_matrix_leads_to_its_glyphs(page: Page, store: ResultsStore) -> None:
    grid = matrix(evaluation_slice(store, None, "val"), "label")
    page.goto("/dashboard?part=confusions")
    cell = page.locator(".cells:not(.classes) tbody tr").last.locator("td a, td button").last
    expect(cell).to_be_visible()
    others = next(n for n in reversed(grid["counts"][-1]) if n)
    expect(cell).to_have_text(str(others))
    cell.click()
    count(page, others)


def test_a_cell_between_classes_leads_to_its_glyphs(page: Page, store: ResultsStore) -> None:
    between = class_matrix(evaluation_slice(store, None, "val"), "label")
    row = next(i for i, counts in enumerate(between["counts"]) if any(counts))
    page.goto("/dashboard?part=confusions")
    cells = page.locator(".classes tbody tr").nth(row).locator("td.hit a, td.hit button")
    expect(cells.first).to_have_text(str(next(filter(None, between["counts"][row]))))
    cells.first.click()
    count(page, next(filter(None, between["counts"][row])))
    wait_query(page, char_class=between["classes"][row])


def test_a_grouping_is_chosen_by_keyboard_and_kept_in_the_url(page: Page) -> None:
    page.goto("/dashboard")
    page.get_by_role("button", name="Class", exact=True).focus()
    page.keyboard.press("Enter")
    chosen = page.locator('.tabs [aria-pressed="true"]')
    expect(chosen).to_have_text("Class")
    wait_query(page, by="class")
    expect(chosen).to_be_focused()
    page.get_by_role("button", name="glyphs", exact=True).click()
    expect(page.locator('th[aria-sort="descending"]')).to_have_text("glyphs")
    page.reload()
    expect(page.locator('th[aria-sort="descending"]')).to_have_text("glyphs")
    expect(chosen).to_have_text("Class")
    page.go_back()
    expect(page.locator('th[aria-sort="ascending"]')).to_have_text("right")
    expect(chosen).to_have_text("Class")


def test_a_grouping_that_is_chosen_already_is_no_wait(page: Page) -> None:
    page.goto("/dashboard?by=class")
    page.locator('.tabs [aria-pressed="true"]').click()
    expect(page.locator(".sheet[aria-busy]")).to_have_count(0, timeout=5000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_are_drawn_in_the_text_colour(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto("/dashboard?part=confidence")
    charts = page.locator(".js-plotly-plot .main-svg")
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    expect(charts.first).to_be_visible()
    ink = page.locator(".js-plotly-plot .xtick text").first.evaluate("e => getComputedStyle(e).fill")
    level = sum(int(part) for part in re.findall(r"\d+", ink)[:3]) / 3
    assert (level < 150) if scheme == "light" else (level > 150)


def test_hostile_links_draw_the_default(page: Page) -> None:
    page.goto("/dashboard?by=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E&part=%22%3E&threshold=1e9")
    expect(page.locator('.tabs [aria-pressed="true"]')).to_have_text("Family")
    assert page.locator("img[src=x]").count() == 0
