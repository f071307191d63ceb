"""Checkpoints are evaluated while the app is used: pages keep their content, the bar shows the progress.

The running evaluation waits for a lock that the test holds, and the test writes the results: so the test decides the
progress. Once the lock is free, the evaluation goes on by itself.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from app_fixtures import fake_batch, fake_codebook, fake_meta, fake_results
from browser_fixtures import query, wait_query
from playwright.sync_api import Locator, Page, expect

from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.store import Annotations, Change
from glyphcore.data.labels import load_labels
from glyphcore.data.store import GlyphRow, GlyphStore
from glyphcore.files import alone, fingerprint
from glyphcore.results.store import ResultsWriter, results_path

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]
TAGGED = (1, 2, 3, 4, 5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, model_db: Path, tiny_checkpoint: Path) -> Path:
    """Make results of one checkpoint, two checkpoints without results, and five glyphs with a tag."""
    folder = tmp_path_factory.mktemp("evaluate")
    shutil.copy(model_db, folder / "glyphs.db")
    fake_results(folder / "glyphs.db", folder / "results", name="known")
    (folder / "checkpoints").mkdir()
    for name in ("slow", "waiting"):
        shutil.copy(tiny_checkpoint, folder / "checkpoints" / f"{name}.ckpt")
    database = GlyphStore(folder / "glyphs.db")
    annotated = Annotated(Annotations(folder / "annotations.db"), database.fingerprint, database)
    annotated.change([Change(TAGGED, tag="odd")])
    return folder


@dataclass
class Slow:
    """The results of ``slow``, which the test writes."""

    writer: ResultsWriter
    rows: Iterator[GlyphRow]
    codebook: np.ndarray
    rng: np.random.Generator

    def write(self, n: int) -> None:
        """Write ``n`` more glyphs."""
        self.writer.append(fake_batch(list(islice(self.rows, n)), load_labels(), self.codebook, self.rng))


def slow(folder: Path) -> Slow:
    database, checkpoint = GlyphStore(folder / "glyphs.db"), folder / "checkpoints" / "slow.ckpt"
    meta = replace(fake_meta(database, "slow"), checkpoint_fingerprint=fingerprint(checkpoint))
    codebook = fake_codebook(database)
    writer = ResultsWriter.create_or_resume(place(folder), meta, codebook.reshape(-1, 8, 8))
    return Slow(writer, database.rows(), codebook, np.random.default_rng(0))


def place(folder: Path) -> Path:
    """Return the path of the results of ``slow``."""
    hashed = fingerprint(folder / "checkpoints" / "slow.ckpt")
    return results_path(folder / "results", "slow", hashed, GlyphStore(folder / "glyphs.db").fingerprint)


def bar(page: Page) -> Locator:
    return page.locator(".st-key-evaluations button").first


def panel(page: Page) -> Locator:
    return page.locator(".st-key-bar_evaluations")


def shown(page: Page, cards: int) -> None:
    expect(page.locator(".card:visible")).to_have_count(cards)
    expect(page.get_by_text("encountered an error")).to_be_hidden()


def test_pages_keep_what_they_show_while_an_evaluation_goes_on_and_ends(page: Page, folder: Path) -> None:
    lock = place(folder).with_name(f".{place(folder).stem}.lock")
    page.goto("/?split=all&outcome=all")
    expect(bar(page)).to_contain_text("2 not evaluated")
    with alone(lock):
        results = slow(folder)
        bar(page).click()
        panel(page).get_by_role("button", name="Evaluate all").click()
        expect(bar(page)).to_contain_text("slow 0% +1")
        expect(panel(page)).to_contain_text("waiting is waiting")
        panel(page).get_by_role("button", name="Remove").click()
        expect(bar(page)).to_contain_text(re.compile(r"slow 0%\s*$|slow 0%(?!.*\+1)"))
        page.keyboard.press("Escape")
        results.write(36)
        expect(bar(page)).to_contain_text("slow 10%")
        tags = page.get_by_role("button", name="Tags and notes: choose")
        tags.click()
        results.write(36)
        expect(bar(page)).to_contain_text("slow 20%")  # the app has read the progress while the list was open
        page.get_by_role("option", name=re.compile("odd")).click()
        wait_query(page, tag="odd")
        shown(page, len(TAGGED))
        page.keyboard.press("Escape")
        results.write(36)
        expect(bar(page)).to_contain_text("slow 30%")
        shown(page, len(TAGGED))
        assert query(page)["tag"] == ["odd"]
        expect(page.get_by_test_id("stSidebar")).not_to_contain_text("unfinished")
        page.get_by_role("link", name="Dashboard").click()  # the selection is kept, and none of its glyphs is in val
        expect(page.get_by_test_id("stMain")).to_contain_text("Remove tag odd")
        expect(bar(page)).to_contain_text("slow 30%")
        page.get_by_role("link", name="Browse").click()
        wait_query(page, tag="odd")
        shown(page, len(TAGGED))

        bar(page).click()
        expect(panel(page)).to_contain_text("keeps its results so far")
        panel(page).get_by_role("button", name="Stop").click()
        expect(panel(page)).to_contain_text("slow stopped after 108 glyphs")
        results.writer.close()
    go_on = page.locator(".st-key-bar_evaluations").get_by_role("button", name="Continue")
    go_on.click()
    expect(bar(page)).to_contain_text("1 not evaluated")
    expect(panel(page).get_by_role("link", name="slow")).to_be_visible()
    page.keyboard.press("Escape")
    shown(page, len(TAGGED))
    assert query(page)["tag"] == ["odd"]
    expect(page.locator(".choice[data-name=tag]")).to_contain_text("odd")
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(".models tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Evaluate another").click()
    beside = page.locator(".st-key-another_evaluations")
    expect(beside.get_by_role("button", name="Evaluate", exact=True)).to_be_visible()
    expect(beside).to_contain_text("glyphcore evaluate ")
