"""Names that contain HTML, on every page, in a real browser: they are shown as text everywhere."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from app_fixtures import fake_results, tiny_database
from playwright.sync_api import Page, expect
from tiny_fonts import Design, build

from glyphcore.config import MapConfig
from glyphcore.jobs import map as job

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]
NAME = "<img src=x onerror=window.pwned=1>"
KEY = "0123456789ab"
SOON = 60_000
ELEMENTS = """() => {
  const found = [];
  const visit = (root) => root.querySelectorAll('*').forEach((e) => {
    if (e.matches('img[src="x"], [onerror]')) found.push(e.outerHTML);
    if (e.shadowRoot) visit(e.shadowRoot);
  });
  visit(document);
  return [found, window.pwned ?? null];
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    database = tiny_database(folder / "glyphs.db")
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE fonts SET family = ?, style = ? WHERE family = 'Cairo'", (NAME, NAME))
        connection.execute("UPDATE glyphs SET name = ?", (NAME,))
    job.run(MapConfig(fake_results(database, folder / "results")))
    (folder / "fonts").mkdir()
    build(Design(NAME, "x.ttf", "sans")).save(folder / "fonts" / f"{KEY}-x.ttf")
    return folder


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("/?split=all&outcome=all", ".glyphs .place"),
        ("/?split=all&outcome=all&layout=table", ".table .card"),
        ("/inspect?split=all&outcome=all&glyph=62", ".inspector"),
        ("/inspect?split=all&outcome=all&glyph=62&panel=families", ".inspector"),
        ("/dashboard", ".sheet"),
        ("/compare", "[data-testid=stMain]"),
        ("/map?find=62", ".map .sampled"),
        (f"/fonts?font={KEY}", ".fontsheet .card"),
    ],
)
def test_a_name_that_is_html_is_text(page: Page, link: str, shown: str) -> None:
    page.goto(link)
    expect(page.locator(shown).first).to_be_visible(timeout=SOON)
    page.wait_for_function("document.querySelector('[data-testid=stApp]').dataset.testScriptState !== 'running'")
    if "fonts" in link or "glyph=62" in link:
        expect(page.get_by_text(NAME).first).to_be_visible(timeout=SOON)
    assert page.evaluate(ELEMENTS) == [[], None]
