"""Comparing checkpoints in a real browser: a link gives the same view, keys move among flips, Enter goes to Inspect."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from app_fixtures import fake_results, tiny_database
from browser_fixtures import focused, wait_query
from playwright.sync_api import Page, expect

from glyphcore.analysis import flips
from glyphcore.analysis.alignment import AlignedResults, load
from glyphcore.analysis.flips import Choice
from glyphcore.analysis.metrics import METRICS, figures
from glyphcore.data.store import GlyphStore
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters
from glyphcore.results.lookup import find_results

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]
NAMES = ("first", "second", "third")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser_compare")
    tiny_database(folder / "glyphs.db")
    for seed, name in enumerate(NAMES):
        fake_results(folder / "glyphs.db", folder / "results", name=name, seed=seed)
    return folder


@pytest.fixture(scope="module")
def compared(folder: Path) -> AlignedResults:
    database = GlyphStore(folder / "glyphs.db")
    stores = [ResultsStore(find_results(folder / "results", Path(name), database)) for name in NAMES]
    return load(stores, database)


def link(compared: AlignedResults, **values: str) -> str:
    """Return the address of first against second, all three in the table."""
    files = [store.path.name for store in compared.stores]
    return "/compare?" + urlencode({"with": files, "a": files[0], "b": files[1]} | values, doseq=True)


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".flips .card:visible").first).to_be_visible()


def chosen(compared: AlignedResults, kind: str, a: int = 0, b: int = 1) -> list[int]:
    return compared.glyph_id[flips.select(compared, Choice(a, b, kind=kind))].tolist()


def shown(page: Page) -> list[int]:
    """Return the glyphs on the screen, in their order."""
    return [int(card.get_attribute("data-id") or 0) for card in page.locator(".flips .card:visible").all()]


def test_a_link_reproduces_the_view(page: Page, compared: AlignedResults) -> None:
    opened(page, link(compared))
    page.get_by_role("button", name="both right, ").click()
    right = chosen(compared, "both_right")
    place = page.locator(".flips .place")
    expect(place).to_have_text(f"1–48 of {len(right)}")
    page.get_by_role("button", name="Next page").click()
    expect(place).to_have_text(f"49–96 of {len(right)}")
    page.locator(".flips .card").nth(3).click()
    wait_query(page, glyph=str(right[51]))
    title = page.locator(".flips .title").text_content() or ""
    assert f"#{right[51]} " in title
    address = page.url
    opened(page, "/compare")
    opened(page, address)
    expect(place).to_have_text(f"49–96 of {len(right)}")
    expect(page.locator(".flips .title")).to_have_text(title)
    assert shown(page) == right[48:96]
    expect(page.get_by_role("button", name="both right, ")).to_have_attribute("aria-pressed", "true")


def test_flips_obey_the_keys_and_enter_inspects(page: Page, compared: AlignedResults) -> None:
    opened(page, link(compared, flip="both_right"))
    right = chosen(compared, "both_right")
    page.keyboard.press("n")
    expect(page.locator(".flips .place")).to_have_text(f"49–96 of {len(right)}")
    page.locator(".flips .card").first.focus()
    page.keyboard.press("p")
    expect(page.locator(".flips .place")).to_have_text(f"1–48 of {len(right)}")
    assert focused(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    title, said = page.locator(".flips .title"), page.locator("#flip-cell")
    expect(title).to_contain_text(f"#{right[2]} ")
    a, b = (store.details(right[2]) for store in compared.stores[:2])
    differing = (a.primitive != b.primitive).nonzero()[0]
    expect(page.locator(".flips .score")).to_have_text(f"{len(differing)} of {a.occupied.sum()} cells differ")
    y, x = divmod(int(differing[0]), 16)
    expect(said).to_contain_text(f"Row {y}, column {x}: A {a.primitive[differing[0]]} ")
    page.keyboard.press("x")
    y, x = divmod(int(differing[1]), 16)
    expect(said).to_contain_text(f"Row {y}, column {x}: A {a.primitive[differing[1]]} ")
    page.keyboard.press("f")
    page.keyboard.press("ArrowDown" if y < 15 else "ArrowUp")
    expect(said).to_contain_text(f"Row {y + 1 if y < 15 else y - 1}, column {x}: ")
    page.keyboard.press("w")
    expect(page.get_by_role("button", name="Differing")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator(".inspector .title")).to_be_visible()
    wait_query(page, glyph=str(right[2]), results=compared.stores[1].path.name)
    page.go_back()
    expect(title).to_contain_text(f"#{right[2]} ")


def test_differing_cells_are_outlined_in_both_grids(page: Page, compared: AlignedResults) -> None:
    page.emulate_media(color_scheme="light")
    opened(page, link(compared, flip="broken"))
    glyph = chosen(compared, "broken")[0]
    a, b = (store.details(glyph) for store in compared.stores[:2])
    differing = set((a.primitive != b.primitive).nonzero()[0].tolist())
    script = """canvas => { const step = canvas.width / 16, context = canvas.getContext("2d");
        return Array.from({length: 256}, (_, i) => {
            const x = (i % 16) * step, y = Math.floor(i / 16) * step;
            const data = context.getImageData(x + 1, y + 1, step - 2, step - 2).data;
            let coloured = 0;
            for (let k = 0; k < data.length; k += 4)
              coloured += data[k + 3] > 120 && Math.abs(data[k] - data[k + 2]) > 60;
            return coloured > step; }); }"""
    canvases = page.locator(".flips .boards canvas")
    expect(canvases).to_have_count(2)
    for canvas in canvases.all():
        page.wait_for_function("canvas => canvas.width % 16 === 0", arg=canvas.element_handle())  # 300 before drawing
        outlined = {i for i, coloured in enumerate(canvas.evaluate(script)) if coloured}
        assert len(differing ^ outlined) <= 1, "the cursor's cell has an outline of its own"


def test_cells_of_the_matrix_choose_the_pair(page: Page, compared: AlignedResults) -> None:
    opened(page, link(compared, flip="fixed"))
    cell = page.locator('[data-at="2,0"]')
    cell.click()
    expected = chosen(compared, "fixed", 2, 0)
    expect(page.locator(".flips .place")).to_have_text(f"1–{min(48, len(expected))} of {len(expected)}")
    expect(cell).to_have_attribute("aria-pressed", "true")
    wait_query(page, a=compared.stores[2].path.name, b=compared.stores[0].path.name)
    expect(cell).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".meeting")).to_have_text("A third  →  B second")
    page.go_back()
    expect(page.locator(".meeting")).to_have_text("A third  →  B first")


def test_a_head_says_what_its_metric_means(page: Page, compared: AlignedResults) -> None:
    opened(page, link(compared, by="twin"))
    measured = figures(compared.slice(0))
    heads = page.locator(".models thead th")
    for metric in METRICS.values():
        size = f" ({measured[metric.size]:,})" if metric.of_some else ""
        expect(heads.get_by_text(f"{metric.short}{size}", exact=True)).to_have_attribute("title", metric.tooltip)
    expect(page.locator(".verdict .said")).to_have_text(re.compile(f"^{METRICS['twin'].title}: B second is "))


def test_what_moved_leads_to_its_flips(page: Page, compared: AlignedResults) -> None:
    page.goto(link(compared, show="groups"))
    families = flips.changes(compared, 0, 1, "label", "family")
    worst = families[0]
    assert worst.broken > worst.fixed
    page.locator(".changes button", has_text=worst.name).first.click()
    expect(page.locator(".flips .place")).to_contain_text(f"of {worst.broken}")
    wait_query(page, family=worst.name, flip=None)  # glyphs that B broke are shown unless a link selects others


@pytest.mark.parametrize("where", ["dashboard", "primitives"])
def test_other_results_are_shown_once_they_are_chosen(page: Page, compared: AlignedResults, where: str) -> None:
    first, second = compared.stores[:2]
    page.goto(f"/{where}?results={first.path.name}")
    chooser = page.get_by_role("button", name="Results: ")
    expect(chooser).to_contain_text("first")
    chooser.click()
    page.get_by_role("option", name=re.compile("^second")).click()
    wait_query(page, results=second.path.name)
    expect(chooser).to_contain_text("second")
    if where == "dashboard":
        wrong = {store: store.count(Filters(split=("val",), outcome="wrong")) for store in (first, second)}
        assert wrong[first] != wrong[second]
        expect(page.locator(".score").first).to_contain_text(f"✗ {wrong[second]} of")
