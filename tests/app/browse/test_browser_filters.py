"""Choices in a real browser: every facet, in any order, in quick succession, and undone. AppTest and links make no
choices."""

from __future__ import annotations

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
    folder = tmp_path_factory.mktemp("filters")
    tiny_database(folder / "glyphs.db")
    for seed in (1, 2):
        fake_results(folder / "glyphs.db", folder / "results", name=f"run{seed}", seed=seed)
    return folder


@pytest.fixture(scope="module")
def store(folder: Path) -> ResultsStore:
    return ResultsStore(max((folder / "results").glob("*.db"), key=lambda path: path.stat().st_mtime_ns))


@pytest.fixture
def browse(page: Page) -> Page:
    page.goto("/?split=all&outcome=all")
    expect(page.locator(".card:visible").first).to_be_visible()
    return page


def facet(page: Page, name: str) -> Locator:
    return page.locator(f".choice[data-name={name}]")


def choose(page: Page, name: str, value: str) -> None:
    """Open a facet's list, choose a value, close the list."""
    facet(page, name).locator(".chooser").click()
    page.locator(f'[role=option][data-value="{value}"]').click()
    page.keyboard.press("Escape")


def headline(page: Page) -> Locator:
    return page.locator(".headline b")


def total(store: ResultsStore, **filters: object) -> str:
    return f"{store.count(Filters(**filters)):,}"  # type: ignore[arg-type]


def test_the_first_filter_of_the_first_visit(page: Page, store: ResultsStore) -> None:
    page.goto("/")
    expect(page.locator(".card:visible").first).to_be_visible()
    choose(page, "char_class", "latin")
    wait_query(page, char_class="latin")
    expect(headline(page)).to_have_text(total(store, split=("val",), outcome="wrong", char_class=("latin",)))
    assert set(query(page)) == {"char_class"}, "a choice writes itself and nothing else"


def test_a_search_and_then_one_for_nothing(browse: Page, store: ResultsStore) -> None:
    search = browse.get_by_label("Search", exact=True)
    search.fill("latin")
    search.press("Enter")
    expect(headline(browse)).to_have_text(total(store, search="latin"))
    search.fill("zzzz")
    search.press("Enter")
    expect(browse.get_by_text("No glyph passes all filters")).to_be_visible()
    browse.get_by_role("button", name="Remove search").click()
    expect(headline(browse)).to_have_text("360")
    expect(search).to_have_value("")


def test_several_values_of_several_facets_all_count(browse: Page, store: ResultsStore) -> None:
    choose(browse, "char_class", "isol")
    choose(browse, "family", "Cairo")
    choose(browse, "char_class", "latin")
    expect(headline(browse)).to_have_text(total(store, char_class=("isol", "latin"), family=("Cairo",)))
    browse.wait_for_url("**char_class=isol**char_class=latin**family=Cairo**")
    facet(browse, "char_class").get_by_role("button", name="isolated").click()
    expect(headline(browse)).to_have_text(total(store, char_class=("latin",), family=("Cairo",)))
    browse.get_by_role("button", name="Reset filters").click()
    expect(facet(browse, "family").locator(".chip")).to_have_count(0)
    wait_query(browse, char_class=None, family=None, split=None, outcome=None)


def test_two_choices_within_one_moment_both_count(browse: Page, store: ResultsStore) -> None:
    facet(browse, "family").locator(".chooser").click()
    options = browse.locator("[role=option]")
    expect(options.first).to_be_visible()
    # Both clicks in one turn of the event loop: the second message overtakes the answer to the first.
    options.first.evaluate("""(option) => {
      const all = option.parentElement;
      for (const family of ["Cairo", "Amiri"]) [...all.children].find((each) => each.dataset.value === family).click();
    }""")
    expect(headline(browse)).to_have_text(total(store, family=("Cairo", "Amiri")))
    browse.wait_for_url("**family=Cairo**family=Amiri**")


def test_back_and_forward_restore_address_and_view(browse: Page, store: ResultsStore) -> None:
    choose(browse, "char_class", "latin")
    wait_query(browse, char_class="latin")
    choose(browse, "outcome", "wrong")
    wait_query(browse, outcome=None, char_class="latin")
    wrong = total(store, char_class=("latin",), outcome="wrong")
    expect(headline(browse)).to_have_text(wrong)
    browse.go_back()
    expect(headline(browse)).to_have_text(total(store, char_class=("latin",)))
    browse.go_back()
    expect(headline(browse)).to_have_text("360")
    expect(facet(browse, "char_class").locator(".chip")).to_have_count(0)
    browse.go_forward()
    browse.go_forward()
    expect(headline(browse)).to_have_text(wrong)
    expect(facet(browse, "outcome").locator(".chooser")).to_contain_text("Wrong")


def test_an_order_is_chosen_taken_back_and_chosen_again(browse: Page, store: ResultsStore) -> None:
    worst, sure = (str(next(iter(store.export(Filters(), sort))).glyph_id) for sort in ("loss", "sure"))
    first = browse.locator(".card").first
    choose(browse, "sort", "sure")
    expect(first).to_have_attribute("data-id", sure)
    wait_query(browse, sort="sure")
    for _ in range(3):
        browse.go_back()
        wait_query(browse, sort=None)
        expect(first).to_have_attribute("data-id", worst)
        browse.go_forward()
        wait_query(browse, sort="sure")
        expect(first).to_have_attribute("data-id", sure)


def test_words_in_place_of_a_value_are_refused_in_one_line(browse: Page) -> None:
    facet(browse, "char_class").locator(".chooser").click()
    browse.locator("[role=listbox]:visible").evaluate(  # options are drawn anew when their counts come
        """(list) => {
          const option = [...list.children].find((one) => one.dataset.value === 'latin');
          option.dataset.value = 'Latin · 111';
          option.click();
        }"""
    )
    browse.keyboard.press("Escape")
    expect(browse.get_by_text("Class has no option “Latin · 111”.")).to_be_visible()
    expect(headline(browse)).to_have_text("360")
    assert "char_class" not in query(browse)
    expect(facet(browse, "char_class").locator(".chip")).to_have_count(0)


def test_the_list_by_keyboard(browse: Page, store: ResultsStore) -> None:
    chooser = facet(browse, "label").locator(".chooser")
    chooser.focus()
    browse.keyboard.press("ArrowDown")
    find = browse.get_by_role("combobox", name="Find in Label")
    expect(find).to_be_focused()
    browse.keyboard.type("capital letter a")
    browse.keyboard.press("ArrowDown")
    browse.keyboard.press("ArrowUp")
    browse.keyboard.press("Enter")
    browse.keyboard.press("Escape")
    expect(chooser).to_be_focused()
    chip = facet(browse, "label").locator(".chip")
    expect(chip).to_have_count(1)
    label = chip.get_attribute("data-value")
    expect(headline(browse)).to_have_text(total(store, label=(label,)))
    chip.press("Enter")
    expect(headline(browse)).to_have_text("360")


SCROLL_AND_CLICK = """(chooser) => {
  chooser.scrollIntoView({ block: "center" });
  chooser.click();  // the browser sends the scroll event after this
}"""


def test_a_list_opened_while_the_page_scrolls_stays_open_at_its_button(browse: Page) -> None:
    browse.set_viewport_size({"width": 1280, "height": 420})
    chooser, menu = facet(browse, "tag").locator(".chooser"), browse.locator(".choices .menu:visible")
    facet(browse, "split").locator(".chooser").scroll_into_view_if_needed()
    chooser.evaluate(SCROLL_AND_CLICK)
    browse.wait_for_timeout(200)
    expect(menu).to_have_count(1)
    box = menu.evaluate("(menu) => menu.getBoundingClientRect()")
    above, below = chooser.evaluate("(button) => (({ top, bottom }) => [top, bottom])(button.getBoundingClientRect())")
    assert min(abs(box["top"] - below), abs(box["bottom"] - above)) < 6
    browse.locator("[data-testid=stSidebarContent]").evaluate("(side) => side.scrollTo(0, 0)")
    assert chooser.evaluate("(button) => button.getBoundingClientRect().top") > 420, "it has left the screen"
    expect(menu).to_have_count(0)


def test_a_filter_by_a_tag_that_comes_and_goes(browse: Page) -> None:
    browse.locator(".card:visible").first.focus()
    browse.keyboard.press("a")
    expect(browse.locator(".card:visible .tags").first).to_have_text("?")
    choose(browse, "outcome", "wrong")
    choose(browse, "outcome", "")
    choose(browse, "tag", "ambiguous")
    expect(headline(browse)).to_have_text("1")
    browse.locator(".card:visible").first.focus()
    browse.keyboard.press("a")
    browse.reload()
    expect(browse.get_by_text("No glyph passes all filters")).to_be_visible()
    facet(browse, "tag").locator(".chip").click()
    expect(headline(browse)).to_have_text("360")


def test_results_are_chosen_by_their_file(browse: Page, folder: Path) -> None:
    chooser = browse.locator(".choice[data-name=results] .chooser")
    first = chooser.inner_text()
    chooser.click()
    browse.locator("[role=option]:not([aria-selected=true])").click()
    browse.wait_for_url("**results=run**")
    expect(chooser).not_to_have_text(first)
    assert (folder / "results" / query(browse)["results"][0]).is_file()


def test_primitives_of_a_kind(page: Page) -> None:
    page.goto("/primitives")
    kinds = page.locator(".choice[data-name=kind]")
    kinds.get_by_role("radio", name="Near duplicates").click()
    wait_query(page, kind="duplicate")
    expect(kinds.get_by_role("radio", name="Near duplicates")).to_be_checked()
    kinds.get_by_role("radio", name="All").click()
    wait_query(page, kind=None)


def test_a_comparison_keeps_two_checkpoints(page: Page) -> None:
    page.goto("/compare")
    chips = page.locator(".choice[data-name=files] .chip")
    expect(chips).to_have_count(2)
    chips.first.click()
    expect(page.get_by_text("A comparison needs two checkpoints")).to_be_visible()
    expect(chips).to_have_count(2)


def test_back_from_the_glyphs_of_a_figure_finds_the_dashboard_as_it_was(page: Page) -> None:
    page.goto("/dashboard?by=class")
    count = page.locator('.sheet a[href^="/?"]').first
    count.click()
    expect(page.locator(".card:visible").first).to_be_visible()
    assert "by" not in query(page)
    page.go_back()
    page.wait_for_url("**/dashboard?by=class")
    expect(page.locator(".sheet").first).to_be_visible()
    page.go_forward()
    expect(page.locator(".card:visible").first).to_be_visible()


def test_the_navigation_is_a_step_of_the_history(browse: Page, store: ResultsStore) -> None:
    choose(browse, "family", "Cairo")
    wait_query(browse, family="Cairo")
    browse.get_by_role("link", name="Inspect").click()
    expect(browse.locator(".inspector .title")).to_be_visible()
    wait_query(browse, family="Cairo")
    glyph = query(browse)["glyph"]
    browse.get_by_role("link", name="Dashboard").click()
    expect(browse.locator(".sheet").first).to_be_visible()
    browse.go_back()
    expect(browse.locator(".inspector .title")).to_be_visible()
    assert query(browse)["glyph"] == glyph
    browse.go_back()
    expect(headline(browse)).to_have_text(total(store, family=("Cairo",)))
    assert "glyph" not in query(browse)
