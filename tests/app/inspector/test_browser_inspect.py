"""Inspect in a real browser: an edited cell changes the candidates; panels by keys; links and the way back."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlparse
from xml.etree import ElementTree

import numpy as np
import pytest
from app_fixtures import fake_results
from browser_fixtures import wait_query
from playwright.sync_api import Page, expect

from glyphcore.analysis.terms import ENTROPY, LOSS
from glyphcore.analysis.verdict import causes_of_split, evidence_of, verdict
from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.store import Annotations
from glyphcore.config import EvaluateConfig
from glyphcore.data.cache import glyph_geometry, glyph_raster
from glyphcore.data.shapes import Shapes
from glyphcore.data.store import GlyphStore
from glyphcore.jobs import evaluate
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters
from glyphcore.results.inspection import inspect
from glyphcore.results.rows import pack_cells
from glyphcore.runtime.edits import edited, probabilities
from glyphcore.runtime.predictor import Predictor

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]
GLYPH = 40


@pytest.fixture(scope="module")
def folder(model_db: Path, tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser-inspect")
    shutil.copy(model_db, folder / "glyphs.db")
    evaluate.run(EvaluateConfig(tiny_checkpoint, folder / "glyphs.db", folder / "results", cache=folder / "cache"))
    fake_results(folder / "glyphs.db", folder / "results")
    return folder


@pytest.fixture(scope="module")
def store(folder: Path) -> ResultsStore:
    return ResultsStore(next((folder / "results").glob("tiny*.db")))


def go(page: Page, store: ResultsStore, glyph: int = GLYPH, **more: object) -> None:
    page.goto(
        "/inspect?" + urlencode({"results": store.path.name, "split": "all", "outcome": "all", "glyph": glyph, **more})
    )
    expect(page.locator(".board, .vector").locator("visible=true")).to_have_count(1)
    expect(page.locator(".right-side > *").first).to_be_visible()


def to_cell(page: Page, cell: int) -> None:
    """Move the cursor by keys only."""
    place = page.locator(".readout dd").first
    row, column = (int(part) for part in place.inner_text().split(","))
    page.locator(".board").focus()
    for _ in range(abs(cell // 16 - row)):
        page.keyboard.press("ArrowDown" if cell // 16 > row else "ArrowUp")
    for _ in range(abs(cell % 16 - column)):
        page.keyboard.press("ArrowRight" if cell % 16 > column else "ArrowLeft")
    expect(place).to_have_text(f"{cell // 16}, {cell % 16}")


def test_an_edit_moves_the_candidates(page: Page, store: ResultsStore, folder: Path, tiny_checkpoint: Path) -> None:
    details = store.details(GLYPH)
    first, second = details.occupied.nonzero()[0][[2, 7]].tolist()
    go(page, store)
    page.keyboard.press("E")
    expect(page.locator(".right-side")).to_contain_text("Choose a cell")
    to_cell(page, first)
    page.keyboard.press("Delete")
    moves = page.locator(".moves li")
    expect(moves.first).to_be_visible(timeout=60_000)
    wait_query(page, edit=f"{first}-0")
    grids = np.stack([details.primitive, edited(details.primitive, [(first, 0)], 32)])
    geometry = glyph_geometry(GlyphStore(folder / "glyphs.db").glyphs([GLYPH])[0])
    before, after = probabilities(Predictor(tiny_checkpoint), grids, geometry)
    best = int(after.argmax())
    expect(moves.first.locator(".p")).to_have_text(f"{before[best]:.3f} → {after[best]:.3f}")
    expect(moves.first.locator(".arrow")).to_have_text(re.compile("[▲▼=]"))

    to_cell(page, second)
    page.keyboard.press("Enter")
    page.get_by_label("Primitive ID").fill("7")
    page.keyboard.press("Enter")
    wait_query(page, edit=f"{first}-0.{second}-7")
    expect(page.locator(".edits li")).to_have_count(2)
    page.locator(".board").focus()
    page.keyboard.press("z")
    expect(page.locator(".edits li")).to_have_count(1)
    page.go_back()
    expect(page.locator(".edits li")).to_have_count(2)
    page.reload()
    expect(page.locator(".edits li")).to_have_count(2)
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".moves")).to_have_count(0)
    wait_query(page, edit=None)


def test_panels_by_keys_and_as_links(page: Page, store: ResultsStore) -> None:
    go(page, store)
    tabs = {
        "S": "Sensitivity",
        "F": "Fix",
        "M": "Models",
        "N": "Similar",
        "L": "Families",
        "E": "Edit",
        "q": "Candidates",
    }
    for key, tab in tabs.items():
        page.keyboard.press(key)
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true", timeout=60_000)
        expect(page.locator(".waits")).to_have_count(0, timeout=60_000)
        expect(page.get_by_role("tabpanel", name=tab)).to_be_visible()
    wait_query(page, panel=None)
    page.go_back()
    expect(page.get_by_role("tab", name="Edit")).to_have_attribute("aria-selected", "true")


def test_the_next_glyph_keeps_the_panel_and_drops_the_edits(page: Page, store: ResultsStore) -> None:
    go(page, store, panel="edit", edit="0-3")
    expect(page.locator(".edits li")).to_have_count(1, timeout=60_000)
    page.keyboard.press("]")
    expect(page.locator(".right-side")).to_contain_text("Choose a cell")
    wait_query(page, panel="edit", edit=None)


def test_masked_cells_are_said_in_words(page: Page, store: ResultsStore) -> None:
    go(page, store, panel="sensitivity")
    line = page.locator(".weights li").first
    expect(line).to_be_visible(timeout=60_000)
    line.get_by_role("button").click()
    expect(page.locator(".readout")).to_contain_text("without it")
    expect(page.locator("#spoken")).to_contain_text("without it")


def test_the_smallest_edit_can_be_applied(page: Page, store: ResultsStore) -> None:
    wrong = next(row for row in store.rows(range(1, 361)) if not row.correct)
    go(page, store, wrong.glyph_id, panel="fix")
    expect(page.locator(".right-side")).to_contain_text("Tested: runner-up, target and EMPTY", timeout=60_000)
    cells = page.locator(".edits li").count()
    assert 1 <= cells <= 4
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("tab", name="Edit")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".moves li").first).to_be_visible()
    expect(page.locator(".edits li")).to_have_count(cells)
    page.wait_for_url(lambda url: len(parse_qs(urlparse(url).query).get("edit", [""])[0].split(".")) == cells)


def test_checkpoints_side_by_side(page: Page, store: ResultsStore, folder: Path) -> None:
    go(page, store, panel="models")
    page.get_by_role("checkbox", name="fake").check()
    expect(page.locator(".opinion")).to_have_count(2)
    expect(page.locator(".opinion").nth(1)).to_contain_text("cells differ (another codebook")
    expect(page.get_by_role("checkbox", name="fake")).to_be_focused()
    page.get_by_role("button", name="Make first").click()
    other = next((folder / "results").glob("fake*.db")).name
    expect(page.locator(".opinion-head").first).to_contain_text("fake")
    wait_query(page, results=other, beside=store.path.name)


@pytest.mark.parametrize("panel", ["near", "families"])
def test_a_thumbnail_opens_its_glyph(page: Page, store: ResultsStore, panel: str) -> None:
    go(page, store, panel=panel)
    card = page.locator(".near-card:not([aria-current])").first
    glyph = (card.get_attribute("title") or "").rpartition("glyph ")[2]
    card.click()
    wait_query(page, glyph=glyph)
    page.go_back()
    wait_query(page, glyph=str(GLYPH))


@pytest.mark.parametrize("by", ["embedding", "grid"])
def test_all_of_the_likest_are_browsed(page: Page, store: ResultsStore, by: str) -> None:
    go(page, store, panel="near")
    page.get_by_role("button", name=by, exact=True).click()
    wait_query(page, like=f"{by}-{GLYPH}", results=store.path.name)
    expect(page.locator(".card:visible").first).to_have_attribute("data-id", str(GLYPH))


def test_the_outline_is_drawn_and_saved(page: Page, store: ResultsStore, folder: Path) -> None:
    outline = GlyphStore(folder / "glyphs.db").glyphs([GLYPH])[0].outline()
    go(page, store)
    page.keyboard.press("v")
    expect(page.locator(".vector svg .on")).to_have_count(int((outline.tags == 1).sum()))
    expect(page.locator(".vector svg .off")).to_have_count(int((outline.tags != 1).sum()))
    expect(page.locator(".vector")).to_contain_text("baseline")
    wait_query(page, outline="1")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save SVG").click()
    root = ElementTree.parse(Path(download.value.path())).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert download.value.suggested_filename.endswith(f"-{GLYPH}.svg")
    page.keyboard.press("g")
    expect(page.locator(".board")).to_be_visible()
    wait_query(page, outline=None)


def test_an_edit_that_changes_nothing_asks_nothing(page: Page, store: ResultsStore) -> None:
    empty = int((~store.details(GLYPH).occupied).nonzero()[0][0])
    go(page, store, panel="edit")
    to_cell(page, empty)
    page.keyboard.press("Delete")
    expect(page.locator(".inspector")).not_to_have_attribute("aria-busy", "true")
    page.keyboard.press("]")
    page.wait_for_url(lambda url: parse_qs(urlparse(url).query)["glyph"] != [str(GLYPH)])


def test_loss_and_entropy_say_what_a_nat_is(page: Page, store: ResultsStore) -> None:
    go(page, store)
    for name, meaning in (("loss", LOSS), ("entropy", ENTROPY)):
        assert "nats" in meaning
        expect(page.locator(".numbers dt", has_text=name)).to_have_attribute("title", meaning)


def unknown_to_the_results(store: ResultsStore, folder: Path) -> int:
    """Return a glyph with misread cells whose error the results alone cannot explain."""
    database = GlyphStore(folder / "glyphs.db")
    causes = causes_of_split(store, Shapes.of(database, folder / "cache"), "train")
    for row in database.glyphs(list(causes)):
        seen = inspect(store, row.glyph_id, glyph_raster(row))
        if verdict(evidence_of(store, seen, cause=causes[row.glyph_id]), store.labels).blame == "open":
            return row.glyph_id
    raise AssertionError("every error is explained")


def test_the_verdict_is_said_and_the_model_asked_for_what_only_it_knows(
    page: Page, store: ResultsStore, folder: Path, tiny_checkpoint: Path
) -> None:
    tiny_checkpoint.touch()  # another test may have loaded the model; a changed file is loaded anew
    go(page, store, unknown_to_the_results(store, folder))
    line = page.locator(".verdict-line p")
    expect(line).to_contain_text("only the model can tell")
    page.keyboard.press("A")
    expect(page.get_by_role("button", name="Ask the model")).to_be_hidden(timeout=60_000)
    expect(line).to_contain_text("The cause is")


def test_a_label_is_corrected_by_the_key_of_a_candidate_and_by_typing(
    page: Page, store: ResultsStore, folder: Path
) -> None:
    row = store.rows([GLYPH])[0]
    other = next(i for i, index in enumerate(store.details(GLYPH).top) if store.labels.labels[index] != row.label)
    label = store.labels.labels[store.details(GLYPH).top[other]]
    annotated = Annotated(Annotations(folder / "annotations.db"), store.meta.dataset_fingerprint, None)
    go(page, store)
    page.keyboard.press(str(other + 1))
    chip = page.locator(".marks .really")
    expect(chip).to_have_text(f"✎ corrected to {label.replace('_', ' ')}×")
    expect(page.locator(".marks")).not_to_have_attribute("data-sending", "")
    assert annotated.annotations.all()[next(iter(annotated.annotations.all()))].correction == label
    page.keyboard.press("u")
    expect(chip).to_have_count(0)
    page.keyboard.press("e")
    page.keyboard.type("no such label")
    page.keyboard.press("Enter")
    expect(page.locator(".marks .problem")).to_contain_text("No label is called")
    expect(chip).to_have_count(0)
    page.keyboard.press("e")
    page.keyboard.type("digit one" if row.label != "digit_one" else "digit two")
    page.keyboard.press("Enter")
    expect(page.locator(".marks")).not_to_have_attribute("data-sending", "")
    page.reload()
    expect(chip).to_contain_text("corrected to digit")
    page.keyboard.press("e")
    page.keyboard.type("digit three")  # replaces the label in the field
    page.keyboard.press("Enter")
    expect(chip).to_have_text("✎ corrected to digit three×")
    chip.get_by_role("button").click()
    expect(chip).to_have_count(0)


def test_where_no_cell_is_wrong_x_says_so(page: Page, store: ResultsStore, folder: Path) -> None:
    file = fake_results(folder / "glyphs.db", folder / "results", name="all right")
    packed = glyph_raster(GlyphStore(folder / "glyphs.db").glyphs([GLYPH])[0])
    target = inspect(ResultsStore(file), GLYPH, packed).target
    assert target is not None
    with closing(sqlite3.connect(file)) as connection, connection:
        cells = pack_cells(target != 0, target, target, np.ones(256))
        connection.execute("UPDATE details SET cells = ? WHERE glyph_id = ?", (cells, GLYPH))
    go(page, ResultsStore(file))
    page.keyboard.press("x")
    expect(page.locator(".score")).to_have_text("✓ no cell is wrong")


def test_others_with_a_primitive_in_a_cell_are_asked_for_on_the_board(page: Page, store: ResultsStore) -> None:
    details = store.details(GLYPH)
    cell = int(details.occupied.nonzero()[0][3])
    go(page, store)
    to_cell(page, cell)
    page.keyboard.press("b")
    wait_query(page, cells=f"{cell // 16},{cell % 16}={details.primitive[cell]}")
    expect(page.locator(".card:visible").first).to_be_visible()


def test_a_tag_that_the_selection_excludes_takes_the_glyph_out_of_it(page: Page, store: ResultsStore) -> None:
    go(page, store, **{"not": "tag:ambiguous"})
    place = page.locator(".inspector .place")
    total = store.count(Filters())
    expect(place).to_have_text(re.compile(rf"^\d+ of {total}$"))
    page.keyboard.press("a")
    expect(place).to_have_text(f"outside the selection of {total - 1}")
    page.keyboard.press("u")
    expect(place).to_have_text(re.compile(rf"^\d+ of {total}$"))
