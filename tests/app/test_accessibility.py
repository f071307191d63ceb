"""Every page, light and dark, checked with axe-core's rules: no serious fault in the app's own parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from app_fixtures import fake_results, page_file, tiny_database
from axe_playwright_python.sync_playwright import Axe
from browser_fixtures import FLAGS, ROOT, served
from playwright.sync_api import Browser, Page, sync_playwright

pytestmark = pytest.mark.browser
MAIN = ROOT / "app" / "main.py"
PAGES = ("", *(path for path in re.findall(r'url_path="(\w+)"', MAIN.read_text()) if path != "browse"))
"""Addresses of all pages in the navigation; Browse is at the root."""
SERIOUS = ("serious", "critical")
STREAMLITS = {"scrollable-region-focusable", "aria-allowed-attr", "nested-interactive"}
"""Rules that Streamlit's own widgets break, independent of the app."""

SETTLED = """() => {
  const app = document.querySelector('[data-testid=stApp]'), now = performance.now();
  const busy = app?.dataset.testScriptState !== 'notRunning' || document.querySelector('[data-stale=true]')
    || document.getAnimations().some((each) => each.playState === 'running');
  const inside = [...document.querySelectorAll('*')].map((each) => each.shadowRoot?.innerHTML.length ?? 0);
  const size = document.body.innerHTML.length + inside.reduce((a, b) => a + b, 0);
  if (busy || size !== window.lastSize) [window.lastSize, window.since] = [size, now];
  return now - window.since > 1500;
}"""
"""No script runs, nothing fades, and the page has not changed for a while: components draw after the script has ended,
and half-faded text has no contrast."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the app over two checkpoints' results, so that every page has content."""
    folder = tmp_path_factory.mktemp("axe")
    tiny_database(folder / "glyphs.db")
    for seed, name in enumerate(("first", "second")):
        fake_results(folder / "glyphs.db", folder / "results", name=name, seed=seed)
    with served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def chromium_window(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page_name", PAGES)
def test_nothing_serious_is_wrong_with_a_page(
    chromium_window: Browser, address: str, page_name: str, scheme: Any
) -> None:
    context = chromium_window.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{address}/{page_name}")
    page.wait_for_function(SETTLED, timeout=60_000)
    assert page.locator("[data-testid=stException]").count() == 0
    found = serious(page)
    context.close()
    assert found == []


def serious(page: Page) -> list[str]:
    """Return the faults that axe-core finds outside Streamlit's own widgets."""
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:160]} {node['failureSummary']}"
        for rule in Axe().run(page).response["violations"]
        if rule["impact"] in SERIOUS
        for node in rule["nodes"]
        if ours(node) or rule["id"] not in STREAMLITS
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_wrong_with_the_panel_of_evaluations(
    chromium_window: Browser, address: str, scheme: Any
) -> None:
    context = chromium_window.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    page.wait_for_function(SETTLED, timeout=60_000)
    page.locator(".st-key-evaluations button").click()
    page.locator(".st-key-bar_evaluations").wait_for()
    page.wait_for_function(SETTLED, timeout=60_000)
    found = serious(page)
    context.close()
    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_wrong_with_a_selection_and_what_it_excludes(
    chromium_window: Browser, address: str, scheme: Any
) -> None:
    context = chromium_window.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{address}/?split=all&char_class=digit&not=family:Lora")
    page.locator(".selection .chip.not").wait_for()
    page.locator(".choice[data-name=family] .chooser").click()
    page.locator("[role=option].not").wait_for()
    page.wait_for_function(SETTLED, timeout=60_000)
    found = serious(page)
    context.close()
    assert found == []


def ours(node: dict[str, Any]) -> bool:
    """Return whether a node lies in the app's own parts: in a shadow root, or in HTML of the app."""
    return any(isinstance(target, list) for target in node["target"]) or "glyphcore" in str(node["target"])


def test_the_rules_see_into_our_components(chromium_window: Browser, address: str) -> None:
    """Without this the tests above could pass because the rules see nothing."""
    page = chromium_window.new_page()
    page.goto(address)
    page.locator(".card").first.wait_for()
    page.locator(".glyphs").evaluate("root => root.append(document.createElement('button'))")
    found = Axe().run(page).response["violations"]
    page.close()
    assert any(rule["id"] == "button-name" and any(ours(node) for node in rule["nodes"]) for rule in found)


def test_every_page_of_the_app_is_looked_at() -> None:
    pages = {str(path.relative_to(ROOT / "app")) for path in (ROOT / "app").glob("*/page.py")}
    assert pages == {page_file(name or "browse") for name in PAGES}
