"""One selection in a real browser: excluded by a sign, a key and a card, kept on other pages, dropped, undone and
redone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from app_fixtures import fake_results, tiny_database
from browser_fixtures import query, wait_query
from playwright.sync_api import Locator, Page, expect

from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("selection")
    tiny_database(folder / "glyphs.db")
    for seed, name in enumerate("ab"):
        fake_results(folder / "glyphs.db", folder / "results", name=name, seed=seed)
    return folder


@pytest.fixture(scope="module")
def store(folder: Path) -> ResultsStore:
    return ResultsStore(max((folder / "results").glob("*.db"), key=lambda path: path.stat().st_mtime_ns))


@pytest.fixture
def browse(page: Page) -> Page:
    page.goto("/?split=all&outcome=all")
    expect(page.locator(".card:visible").first).to_be_visible()
    return page


def option(page: Page, name: str, value: str) -> Locator:
    """Open a facet's list and return one of its options."""
    page.locator(f".choice[data-name={name}] .chooser").click()
    return page.locator(f'[role=option][data-value="{value}"]')


def chips(page: Page) -> Locator:
    return page.locator(".selection .chip")


def headline(page: Page, store: ResultsStore, **filters: object) -> None:
    expect(page.locator(".headline b")).to_have_text(f"{store.count(Filters(**filters)):,}")  # type: ignore[arg-type]


def of_split(store: ResultsStore, ids: list[int], split: str) -> list[int]:
    return [row.glyph_id for row in store.rows(ids) if row.split == split]


def to(page: Page, name: str) -> None:
    page.locator("[data-testid=stTopNavLink]", has_text=name).click()


def test_a_value_is_excluded_by_its_sign_by_alt_and_by_key(browse: Page, store: ResultsStore) -> None:
    option(browse, "char_class", "digit").locator(".sign").click()
    browse.keyboard.press("Escape")
    wait_query(browse, **{"not": "char_class:digit"})
    headline(browse, store, excluded=(("char_class", "digit"),))
    option(browse, "family", "Lora").click(modifiers=["Alt"])
    browse.keyboard.press("Escape")
    option(browse, "outcome", "beyond_top5").hover()
    browse.keyboard.press("Alt+Enter")
    browse.keyboard.press("Escape")
    both = (("char_class", "digit"), ("family", "Lora"), ("outcome", "beyond_top5"))
    headline(browse, store, excluded=both)
    expect(chips(browse)).to_have_text(["≠ class digit", "≠ family Lora", "≠ outcome ✗ Not in the top 5"])
    expect(browse.locator(".choice[data-name=family] .chip.not")).to_contain_text("Lora")
    option(browse, "family", "Lora").click()  # a chosen value is no longer excluded
    browse.keyboard.press("Escape")
    headline(browse, store, family=("Lora",), excluded=(both[0], both[2]))
    browse.go_back()
    headline(browse, store, excluded=both)
    browse.go_forward()
    headline(browse, store, family=("Lora",), excluded=(both[0], both[2]))
    browse.locator(".choice[data-name=outcome] .chip.not").click()
    chips(browse).filter(has_text="digit").click()
    headline(browse, store, family=("Lora",))
    browse.locator(".selection .clear").click()
    headline(browse, store)
    expect(browse.locator(".selection")).to_have_count(0)


def test_a_family_is_hidden_from_its_card(browse: Page, store: ResultsStore) -> None:
    first = store.page(Filters(), "loss", limit=1).rows[0]
    browse.locator(".glyphs .card.active").focus()
    browse.keyboard.press("h")
    expect(chips(browse)).to_have_text([f"≠ family {first.family}"])
    headline(browse, store, excluded=(("family", first.family),))
    wait_query(browse, **{"not": f"family:{first.family}"})


def test_only_what_is_chosen_is_browsed_and_exported(browse: Page, store: ResultsStore) -> None:
    button = browse.locator("[data-do=only]")
    expect(button).to_be_disabled()
    ids = []
    for i in (0, 2, 3):
        card = browse.locator(".glyphs .card:visible").nth(i)
        ids.append(int(card.get_attribute("data-id") or 0))
        card.click(modifiers=["Control"])
    expect(button).to_be_enabled()
    browse.keyboard.press("b")
    expect(chips(browse)).to_have_text(["a chosen set"])
    expect(browse.locator(".headline b")).to_have_text("3")
    expect(browse.locator(".glyphs .card:visible")).to_have_count(3)
    browse.get_by_role("button", name="Export").click()
    expect(browse.get_by_text("3 glyphs, in this order")).to_be_visible()
    with browse.expect_download() as download:
        browse.get_by_text("JSON lines").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert [json.loads(line)["glyph_id"] for line in lines] == ids
    browse.keyboard.press("Escape")
    to(browse, "Dashboard")
    expect(browse.locator(".selection .count")).to_contain_text(f"{len(of_split(store, ids, 'val'))} glyph")
    browse.go_back()
    expect(browse.locator(".headline b")).to_have_text("3")
    browse.go_back()
    expect(chips(browse)).to_have_count(0)
    for i in (1, 4):
        browse.locator(".glyphs .card:visible").nth(i).click(modifiers=["Control"])
    button.click()
    expect(browse.locator(".headline b")).to_have_text("2")


def test_a_set_that_cannot_be_stored_is_said_and_changes_nothing(browse: Page, folder: Path) -> None:
    sets = folder / "results" / "sets"
    kept = sets.with_name("kept")
    if sets.exists():
        sets.rename(kept)
    sets.write_text("a file where the folder belongs")
    try:
        browse.locator(".glyphs .card:visible").nth(5).click(modifiers=["Control"])
        browse.keyboard.press("b")
        expect(browse.locator("[data-testid=stToast]")).to_contain_text("cannot be written")
        expect(chips(browse)).to_have_count(0)
    finally:
        sets.unlink()
        if kept.exists():
            kept.rename(sets)


def test_a_selection_goes_along_from_page_to_page_and_back(browse: Page, store: ResultsStore) -> None:
    browse.goto("/?char_class=digit&char_class=latin&not=family:Lora")
    said = ["class digit", "class latin", "≠ family Lora"]
    expect(chips(browse)).to_have_text(said)
    chosen = {"char_class": ("digit", "latin"), "excluded": (("family", "Lora"),)}
    to(browse, "Dashboard")
    n = store.count(Filters(("val",), **chosen))  # type: ignore[arg-type]
    expect(browse.locator(".selection .count")).to_have_text(f"{n:,} glyphs of val")
    wrong = store.count(Filters(("val",), outcome="wrong", **chosen))  # type: ignore[arg-type]
    expect(browse.locator(".score").first).to_contain_text(f"✗ {wrong} of {n}")
    for name, sign in (
        ("Compare", ".models tbody tr"),
        ("Primitives", ".codebook .name"),
        ("Inspect", ".inspector .title"),
    ):
        to(browse, name)
        expect(browse.locator(sign).first).to_be_visible()
        expect(chips(browse)).to_have_text(said)
        assert query(browse)["not"] == ["family:Lora"]
    to(browse, "Dashboard")
    expect(browse.locator(".score").first).to_be_visible()  # Inspect has the same chips
    expect(chips(browse)).to_have_text(said)
    chips(browse).first.click()
    expect(chips(browse)).to_have_text(said[1:])
    wait_query(browse, char_class="latin")
    browse.go_back()
    expect(chips(browse)).to_have_text(said)
    browse.go_forward()
    expect(chips(browse)).to_have_text(said[1:])
    to(browse, "Browse")
    expect(chips(browse)).to_have_text(said[1:])
    headline(browse, store, split=("val",), outcome="wrong", char_class=("latin",), excluded=chosen["excluded"])
    to(browse, "Dashboard")
    expect(browse.locator(".selection .count")).to_contain_text("glyphs of val")
    browse.locator(".selection .clear").click()
    expect(browse.locator(".selection")).to_have_count(0)
    to(browse, "Browse")
    headline(browse, store, split=("val",), outcome="wrong")


def test_a_click_on_what_moved_narrows_the_comparison(browse: Page) -> None:
    browse.goto("/compare?show=groups")
    row = browse.locator(".changes button").first
    expect(row).to_be_visible()
    row.click()
    expect(chips(browse)).to_have_count(1)
    expect(browse.locator(".selection .count")).to_contain_text("glyphs compared")
    expect(browse.locator(".flips .place")).to_be_visible()
    browse.go_back()
    expect(browse.locator(".changes button").first).to_be_visible()
    expect(browse.locator(".selection")).to_have_count(0)


def test_an_empty_selection_can_be_loosened_on_the_dashboard(browse: Page) -> None:
    browse.goto("/dashboard?char_class=digit&not=char_class:digit")
    browse.get_by_role("button", name="Remove ≠ class digit").click()
    expect(chips(browse)).to_have_text(["class digit"])
    expect(browse.locator(".score").first).to_be_visible()
