"""Every page, light and dark, checked with axe-core's rules: no serious fault in the app's own parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from app_fixtures import fake_results, page_file, tiny_database
from axe_playwright_python.sync_playwright import Axe
from browser_fixtures import ROOT, pages
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]
PAGES = tuple(pages())
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
  return now - window.since > 800;
}"""
"""No script runs, nothing fades, and the page has not changed for a while: components draw after the script has ended,
and half-faded text has no contrast."""

SCHEME = """scheme => {
  const [red, green, blue] = getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor
    .match(/\\d+/g).map(Number);
  return (red + green + blue > 382) === (scheme === 'light');
}"""
"""The background is bright in the light scheme, and dark in the dark one."""
ADD = """(root, scheme) => {
  const part = document.createElement(scheme === 'light' ? 'button' : 'p');
  if (scheme === 'dark') [part.textContent, part.style.color] = ['unreadable', '#222'];
  root.append(part);
}"""
"""Add a button without a name, or words that cannot be read on a dark background."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of two checkpoints, so that every page has content."""
    folder = tmp_path_factory.mktemp("axe")
    tiny_database(folder / "glyphs.db")
    for seed, name in enumerate(("first", "second")):
        fake_results(folder / "glyphs.db", folder / "results", name=name, seed=seed)
    return folder


def serious(page: Page) -> list[str]:
    """Return the faults that axe-core finds outside Streamlit's own widgets; in the dark, where only colours change,
    those of contrast alone."""
    found = []
    for scheme, options in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_function(SCHEME, arg=scheme)
        page.wait_for_function(SETTLED, polling=150)
        found += [
            f"{scheme}: {rule['id']} ({rule['impact']}): {node['target']} {node['html'][:160]} {node['failureSummary']}"
            for rule in Axe().run(page, options=options).response["violations"]
            if rule["impact"] in SERIOUS
            for node in rule["nodes"]
            if ours(node) or rule["id"] not in STREAMLITS
        ]
    return found


@pytest.mark.parametrize("page_name", PAGES)
def test_nothing_serious_is_wrong_with_a_page(page: Page, page_name: str) -> None:
    page.goto(f"/{page_name}")
    page.wait_for_function(SETTLED, polling=150)
    assert page.locator("[data-testid=stException]").count() == 0
    assert serious(page) == []


def test_nothing_serious_is_wrong_with_the_panel_of_evaluations(page: Page) -> None:
    page.goto("/")
    page.wait_for_function(SETTLED, polling=150)
    page.locator(".st-key-evaluations button").click()
    page.locator(".st-key-bar_evaluations").wait_for()
    assert serious(page) == []


def test_nothing_serious_is_wrong_with_a_selection_and_what_it_excludes(page: Page) -> None:
    page.goto("/?split=all&char_class=digit&not=family:Lora")
    page.locator(".selection .chip.not").wait_for()
    page.locator(".choice[data-name=family] .chooser").click()
    page.locator("[role=option].not").wait_for()
    assert serious(page) == []


def ours(node: dict[str, Any]) -> bool:
    """Return whether a node lies in the app's own parts: in a shadow root, or in HTML of the app."""
    return any(isinstance(target, list) for target in node["target"]) or "glyphcore" in str(node["target"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_rules_see_into_our_components(page: Page, scheme: str) -> None:
    """Without this the tests above could pass because the rules see nothing."""
    page.goto("/")
    page.locator(".card").first.wait_for()
    page.locator(".glyphs").evaluate(ADD, scheme)
    rule = {"light": "light: button-name", "dark": "dark: color-contrast"}[scheme]
    assert any(fault.startswith(rule) for fault in serious(page))


def test_every_page_of_the_app_is_looked_at() -> None:
    files = {str(path.relative_to(ROOT / "app")) for path in (ROOT / "app").glob("*/page.py")}
    assert files == {page_file(name or "browse") for name in PAGES}
