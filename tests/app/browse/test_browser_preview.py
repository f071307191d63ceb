"""Choices whose page is shown before their run, in a real browser: the page is right in the end, even when answers come
late or not at all."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest
from browser_fixtures import wait_query
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]

PREVIEWS = re.compile(r"/api/preview\?")
NOW = """() => [...document.querySelectorAll('*')]
  .flatMap((each) => [...(each.shadowRoot?.querySelectorAll('.glyphs .card') ?? [])])
  .filter((card) => !card.hidden).map((card) => Number(card.dataset.id))"""
"""Glyph ids of the cards."""
DRAWN = 2000
"""Milliseconds in which cards of a finished run are drawn on a machine with other work."""


@pytest.fixture
def browse(page: Page) -> Page:
    return opened(page)


def opened(page: Page) -> Page:
    page.goto("/?split=all&outcome=all")
    expect(page.locator(".card:visible").first).to_be_visible()
    settled(page)
    return page


def settled(page: Page) -> None:
    """Wait until no script runs and the server has followed the shown choices."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_attached()
    expect(page.locator(".glyphs[data-following], .choices[data-pending]")).to_have_count(0)


def click(page: Page, name: str, *values: str) -> None:
    """Click on values of a facet's list, all in one turn of the event loop; then close the list."""
    page.locator(f".choice[data-name={name}] .chooser").click()
    page.locator("[role=listbox]:visible").evaluate(
        """(list, values) => {
          for (const value of values) [...list.children].find((each) => each.dataset.value === value).click();
        }""",
        list(values),
    )
    page.keyboard.press("Escape")


def take_away(page: Page, name: str, value: str) -> None:
    page.locator(f'.choice[data-name={name}] .chip[data-value="{value}"]').click()


def ids(store: ResultsStore, **filters: object) -> list[int]:
    """Return the glyphs of the first page of a selection."""
    return [row.glyph_id for row in store.export(Filters(**filters), "loss")][:96]  # type: ignore[arg-type]


def expect_selection(page: Page, store: ResultsStore, **filters: object) -> None:
    """Expect that the run shows a selection in the headline, and that the cards and the line above them show it too."""
    total = f"{store.count(Filters(**filters)):,}"  # type: ignore[arg-type]
    expect(page.locator(".headline b")).to_have_text(total)
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_attached()
    expect(page.locator(".card:visible").first).to_be_visible()  # after a reload the cards come last
    first_page = ids(store, **filters)
    page.wait_for_timeout(0 if page.evaluate(NOW) == first_page else DRAWN)
    assert page.evaluate(NOW) == first_page, "the run is over: there is nothing left to wait for but the drawing"
    expect(page.locator(".glyphs .place")).to_contain_text(f"of {total}")
    settled(page)
    expect(page.locator(".headline b")).to_have_text(total)


def test_whatever_is_chosen_counts_and_cards_agree(browse: Page, store: ResultsStore) -> None:
    asked: list[str] = []
    browse.on("request", lambda request: PREVIEWS.search(request.url) and asked.append(request.url))
    click(browse, "family", "Cairo")
    expect_selection(browse, store, family=("Cairo",))
    click(browse, "char_class", "latin")
    expect_selection(browse, store, family=("Cairo",), char_class=("latin",))
    take_away(browse, "family", "Cairo")
    expect_selection(browse, store, char_class=("latin",))
    click(browse, "family", "Amiri", "Cairo")  # the second choice comes before any answer to the first
    expect_selection(browse, store, char_class=("latin",), family=("Amiri", "Cairo"))
    wait_query(browse, char_class="latin")
    browse.go_back()
    expect_selection(browse, store, char_class=("latin",))
    browse.reload()
    expect_selection(browse, store, char_class=("latin",))
    click(browse, "outcome", "wrong")
    expect_selection(browse, store, char_class=("latin",), outcome="wrong")
    assert len(asked) >= 5, "these choices were to be shown ahead of their runs"


def test_the_glyphs_are_there_before_the_server_runs(page: Page, store: ResultsStore) -> None:
    held: list[tuple[WebSocketRoute, str | bytes]] = []
    holding: list[bool] = []

    def between(browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()
        browser.on_message(lambda said: held.append((server, said)) if holding else server.send(said))

    page.route_web_socket(re.compile("_stcore/stream"), between)
    opened(page)
    before = page.locator(".headline b").inner_text()
    holding.append(True)
    click(page, "family", "Cairo")
    expect(page.locator(".glyphs .place")).to_contain_text(f"of {store.count(Filters(family=('Cairo',)))}")
    assert page.evaluate(NOW) == ids(store, family=("Cairo",))
    assert page.locator(".headline b").inner_text() == before
    holding.clear()
    for server, said in held:
        server.send(said)
    expect_selection(page, store, family=("Cairo",))


def test_an_answer_that_comes_after_the_run_changes_nothing(browse: Page, store: ResultsStore) -> None:
    late: list[Route] = []
    browse.route(PREVIEWS, lambda route: late.append(route))
    click(browse, "family", "Cairo")
    expect_selection(browse, store, family=("Cairo",))
    click(browse, "family", "Amiri")
    expect_selection(browse, store, family=("Cairo", "Amiri"))
    assert len(late) == 2
    for route in reversed(late):
        route.fulfill(status=200, json=other(browse, route, char_class=["latin"]))
    browse.wait_for_timeout(300)
    expect_selection(browse, store, family=("Cairo", "Amiri"))


def test_an_older_answer_does_not_replace_a_newer_one(browse: Page, store: ResultsStore) -> None:
    late: list[Route] = []

    def hold_first(route: Route) -> None:
        if late:
            route.continue_()
        else:
            late.append(route)

    browse.route(PREVIEWS, hold_first)
    click(browse, "family", "Cairo", "Amiri")
    expect(browse.locator(".glyphs .place")).to_contain_text(f"of {store.count(Filters(family=('Cairo', 'Amiri')))}")
    late[0].fulfill(status=200, json=other(browse, late[0], family=["Cairo"]))
    expect_selection(browse, store, family=("Cairo", "Amiri"))


@pytest.mark.parametrize("way", ["lost", "refused", "html", "nonsense"])
def test_without_an_answer_the_run_shows_the_page(browse: Page, store: ResultsStore, way: str) -> None:
    ways = {
        "lost": lambda route: route.abort(),
        "refused": lambda route: route.fulfill(status=400, json={"error": "no"}),
        "html": lambda route: route.fulfill(status=200, body="<html>", content_type="text/html"),
        "nonsense": lambda route: route.fulfill(status=200, body="{half", content_type="application/json"),
    }
    browse.route(PREVIEWS, ways[way])
    click(browse, "family", "Cairo")
    expect_selection(browse, store, family=("Cairo",))
    take_away(browse, "family", "Cairo")
    expect_selection(browse, store)


def test_the_run_replaces_a_preview_of_another_page(browse: Page, store: ResultsStore) -> None:
    browse.route(PREVIEWS, lambda route: route.fulfill(status=200, json=other(browse, route, char_class=["latin"])))
    click(browse, "family", "Cairo")
    expect_selection(browse, store, family=("Cairo",))


def test_a_page_that_was_left_meanwhile_is_not_drawn_into(browse: Page, store: ResultsStore) -> None:
    late: list[Route] = []
    browse.route(PREVIEWS, lambda route: late.append(route))
    click(browse, "family", "Cairo")
    expect_selection(browse, store, family=("Cairo",))
    click(browse, "char_class", "latin")
    browse.get_by_role("link", name="Dashboard").click()
    expect(browse.locator(".sheet").first).to_be_visible()
    late[-1].fulfill(status=200, json=other(browse, late[-1], char_class=["latin"]))
    browse.go_back()
    expect(browse.locator(".card:visible").first).to_be_visible()
    settled(browse)
    total = browse.locator(".headline b").inner_text()
    expect(browse.locator(".glyphs .place")).to_contain_text(f"of {total}")
    latin = ("latin",) if "char_class=latin" in browse.url else ()
    assert browse.evaluate(NOW) == ids(store, family=("Cairo",), char_class=latin)


def test_nothing_is_selected_and_something_again(browse: Page, store: ResultsStore) -> None:
    search = browse.get_by_label("Search", exact=True)
    search.fill("zzzz")
    search.press("Enter")
    expect(browse.get_by_text("No glyph passes all filters")).to_be_visible()
    settled(browse)
    search.fill("latin")
    search.press("Enter")
    expect_selection(browse, store, search="latin")


def test_a_table_follows_its_choices(page: Page, store: ResultsStore) -> None:
    page.goto("/?split=all&outcome=all&layout=table")
    asked: list[str] = []
    page.on("request", lambda request: PREVIEWS.search(request.url) and asked.append(request.url))
    expect(page.locator(".glyphs .place")).to_contain_text("of 360")
    click(page, "family", "Cairo")
    total = store.count(Filters(family=("Cairo",)))
    expect(page.locator(".headline b")).to_have_text(f"{total}")
    expect(page.locator(".glyphs .place")).to_have_text(f"1–{min(total, 96)} of {total}")
    assert asked == []


def other(page: Page, route: Route, **changes: list[str]) -> object:
    """Return the server's answer to other changes."""
    scheme, host, path, query, _ = urlsplit(route.request.url)
    asked = {name: values[-1] for name, values in parse_qs(query).items()} | {"changes": json.dumps(changes)}
    return page.request.get(urlunsplit((scheme, host, path, urlencode(asked), ""))).json()
