"""The last requested page is shown, and shown completely, for any order of messages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from app_fixtures import fake_results, tiny_database
from browser_fixtures import query, wait_query
from playwright.sync_api import Page, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from glyphcore.config import MapConfig
from glyphcore.jobs import map as map_job
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]
ALL = "/?split=all&outcome=all"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("history")
    tiny_database(folder / "glyphs.db")
    map_job.run(MapConfig(fake_results(folder / "glyphs.db", folder / "results")))
    return folder


def test_back_from_inspect_stands_on_the_glyph_that_was_opened(page: Page) -> None:
    page.goto(ALL)
    card = page.locator(".card").nth(3)
    glyph = card.get_attribute("data-id")
    card.click()
    page.locator(".inspector .title").wait_for()
    page.go_back()
    expect(page.locator(".card.active")).to_have_attribute("data-id", str(glyph))


def test_keys_pressed_at_the_last_glyph_do_not_take_a_later_back_back(page: Page, folder: Path) -> None:
    store = ResultsStore(next((folder / "results").glob("*.db")))
    one, last = [row.glyph_id for row in store.export(Filters(), "loss")][-2:]
    page.goto(f"/inspect?split=all&outcome=all&glyph={one}&panel=models")
    place = page.locator(".inspector .place")
    expect(place).to_contain_text(f"{len(store) - 1:,}")
    for _ in range(3):
        page.keyboard.press("]")
    wait_query(page, glyph=str(last))
    expect(page.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")
    page.go_back()
    wait_query(page, glyph=str(one))
    page.wait_for_timeout(1500)  # time for the run of Back and its messages
    assert query(page)["glyph"] == [str(one)]


class Mail:
    """The browser's messages, the server's answers, or only the addresses among the answers. They can be held back, and
    then arrive together."""

    def __init__(self, page: Page, *, answers: bool = False, addresses: bool = False) -> None:
        self.page = page
        self.answers = answers or addresses
        self.addresses = addresses
        self.held: list[Callable[[], None]] | None = None
        page.route_web_socket("**/_stcore/stream", self._connect)

    def _connect(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        sender, receiver = (server, socket) if self.answers else (socket, server)

        def pass_on(message: str | bytes) -> None:
            if self.held is None or (self.addresses and not _is_address(message)):
                receiver.send(message)
            else:
                self.held.append(lambda: receiver.send(message))

        sender.on_message(pass_on)

    def hold(self) -> None:
        self.held = []

    def wait(self, n: int) -> None:
        """Wait until ``n`` messages are held."""
        for _ in range(500):
            if len(self.held or ()) >= n:
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"{len(self.held or ())} of {n} messages")

    def release(self) -> None:
        waiting, self.held = self.held or [], None
        for send in waiting:
            send()


def _is_address(message: str | bytes) -> bool:
    return isinstance(message, bytes) and ForwardMsg.FromString(message).WhichOneof("type") == "page_info_changed"


@pytest.fixture
def outbox(page: Page) -> Mail:
    return Mail(page)


@pytest.fixture
def addresses(page: Page) -> Mail:
    return Mail(page, addresses=True)


SHOWS = {
    "Dashboard": ".sheet",
    "Compare": ".stMain h3",
    "Primitives": ".codebook .tile",
    "Inspect": ".inspector .title",
}


@pytest.mark.parametrize("to", SHOWS)
def test_a_page_fetched_ahead_and_a_change_of_page_arrive_together(page: Page, outbox: Mail, to: str) -> None:
    page.goto(ALL)
    expect(page.locator(".card:visible").first).to_be_visible()
    outbox.hold()
    outbox.wait(1)  # the page that is fetched ahead, a moment after this one is drawn
    page.get_by_role("link", name=to).click()
    outbox.wait(2)
    outbox.release()
    expect(page.locator(SHOWS[to]).first).to_be_visible()
    page.wait_for_url(f"**/{to.lower()}**")
    expect(page.locator(".glyphs")).to_have_count(0)


def rest(page: Page) -> None:
    """Wait until no script runs and the last step of the history is over."""
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning' && !glyphcoreBus.going"
    )


def test_pages_asked_for_in_a_row_end_at_the_last_one(page: Page, outbox: Mail) -> None:
    page.goto(ALL)
    expect(page.locator(".card:visible").first).to_be_visible()
    outbox.hold()
    for to in ("Inspect", "Dashboard", "Primitives"):
        page.get_by_role("link", name=to).click()
    outbox.wait(1)
    outbox.release()
    expect(page.locator(SHOWS["Primitives"]).first).to_be_visible()
    page.wait_for_url("**/primitives")
    rest(page)
    page.go_back()
    page.wait_for_url("**/inspect?**")
    expect(page.locator(SHOWS["Inspect"]).first).to_be_visible()
    rest(page)
    page.go_back()
    expect(page.locator(".card:visible").first).to_be_visible()
    assert query(page)["split"] == ["all"]


def test_a_lasso_is_there_again_after_its_glyphs_were_browsed(page: Page) -> None:
    page.goto("/map")
    expect(page.locator(".map .sampled")).to_contain_text("all 360 glyphs")
    page.locator(".map .stage").focus()
    for _ in range(3):
        page.keyboard.press("+")
    page.keyboard.press("Control+a")
    chosen = page.locator(".map .chosen")
    expect(chosen).to_contain_text("chosen ·")
    caught = chosen.inner_text()
    page.wait_for_url("**/map?**ids=**")
    stage = page.locator(".map .stage")
    expect(stage).to_have_attribute("data-faded", "")
    ids = query(page)["ids"]
    page.keyboard.press("b")
    expect(page.locator(".glyphs .place")).to_contain_text(f"of {caught.split()[0]}")
    assert query(page)["ids"] == ids
    page.go_back()
    page.wait_for_url("**/map?**ids=**")
    expect(chosen).to_have_text(caught)
    assert set(query(page)) <= {"ids", "at"}
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "ids=" not in url)
    page.go_back()
    expect(chosen).to_have_text(caught)


def test_a_set_that_is_gone_is_said_and_the_map_shows_all(page: Page) -> None:
    page.goto("/map?ids=0123456789ab")
    expect(page.get_by_text("is not on this server")).to_be_visible()
    expect(page.locator(".map .chosen")).to_have_text("Nothing chosen")


def choose_outcome(page: Page, value: str) -> None:
    page.locator(".choice[data-name=outcome] .chooser").click()
    page.locator(f'[role=option][data-value="{value}"]').click()
    page.keyboard.press("Escape")


def test_what_is_sent_under_an_older_address_takes_no_choice_back(page: Page, addresses: Mail) -> None:
    """Counts follow tags after a while, by a run of the page. The request for it has the address from before the
    choice."""
    page.goto(ALL)
    headline, card = page.locator(".headline b"), page.locator(".card:visible").first
    card.focus()
    addresses.hold()
    page.keyboard.press("a")
    choose_outcome(page, "wrong")
    addresses.wait(1)
    expect(headline).not_to_have_text("360")
    page.wait_for_timeout(3000)
    addresses.release()
    page.wait_for_timeout(500)
    expect(headline).not_to_have_text("360")
    expect(page.locator(".choice[data-name=outcome] .chooser")).to_contain_text("Wrong")
    assert query(page) == {"split": ["all"]}


def test_a_choice_taken_back_under_an_older_address(page: Page, addresses: Mail) -> None:
    """The browser sends its present address, which is also the address after the second choice."""
    page.goto("/?split=test")
    headline = page.locator(".headline b")
    expect(headline).to_be_visible()
    before = headline.inner_text()
    addresses.hold()
    choose_outcome(page, "right")
    expect(headline).not_to_have_text(before)
    choose_outcome(page, "wrong")
    expect(headline).to_have_text(before)
    addresses.release()
    page.wait_for_timeout(500)
    assert query(page) == {"split": ["test"]}
    page.reload()
    expect(headline).to_have_text(before)


@pytest.fixture
def answers(page: Page) -> Mail:
    return Mail(page, answers=True)


def test_back_over_a_slider_is_not_undone_by_a_message_with_its_older_value(answers: Mail, page: Page) -> None:
    """Every message contains the values of all widgets, here those from before the browser has drawn the step back."""
    page.goto(ALL)
    headline, slider = page.locator(".headline b"), page.locator("[data-testid=stSlider] input").last
    expect(headline).to_have_text("360")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(headline).not_to_have_text("360")
    wait_query(page, split="all", outcome="all", p="0-0.9")
    page.locator(".card:visible").first.focus()
    answers.hold()
    page.go_back()
    answers.wait(20)
    page.keyboard.press("a")
    page.wait_for_timeout(1000)
    answers.release()
    expect(headline).to_have_text("360")
    page.wait_for_timeout(1500)
    expect(headline).to_have_text("360")
    assert query(page) == {"split": ["all"], "outcome": ["all"]}
    page.go_forward()
    expect(headline).not_to_have_text("360")
    wait_query(page, split="all", outcome="all", p="0-0.9")
