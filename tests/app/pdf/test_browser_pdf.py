"""The page of PDFs in a real browser: a PDF with a wrong text is read, corrected, and downloaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser_fixtures import query
from pdf_files import ENGLISH, letters, permuted, typst
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from shipped_fonts import LATIN, build

pytestmark = pytest.mark.browser
pytest_plugins = ["browser_fixtures"]
SOON = 90_000
"""Milliseconds that reading a PDF may take on a busy machine."""


@pytest.fixture(scope="module")
def lying(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make two pages of English whose ToUnicode gives other letters."""
    folder = tmp_path_factory.mktemp("lying")
    (folder / "font").mkdir()
    build(LATIN, folder / "font" / "font.ttf")
    typst(f"{ENGLISH}\n#pagebreak()\nThe second page of it.", folder / "font" / "font.ttf", folder / "made.pdf")
    return permuted(folder / "made.pdf", folder / "lying.pdf")


@pytest.fixture
def opened(page: Page, lying: Path) -> Page:
    page.goto("/pdf")
    page.locator("input[type=file]").set_input_files(lying)
    expect(page.locator(".pdf .place")).to_have_text("page 1 of 2", timeout=SOON)
    return page


def test_a_font_that_lies_is_named_and_the_text_is_what_is_seen(opened: Page) -> None:
    page = opened
    expect(page.locator(".headline")).to_contain_text("1 of 1 font has wrong or missing text")
    expect(page.locator(".pdf-font.wrong")).to_contain_text("wrong")
    expect(page.locator(".pdf .legend")).to_contain_text("read")
    assert letters(page.locator(".pdf .text").inner_text()) == letters(ENGLISH)
    page.locator(".pdf .sheet").focus()
    page.keyboard.press("n")
    page.wait_for_url("**page=2**")
    expect(page.locator(".pdf .text")).to_contain_text("second page")


def test_a_correction_counts_wherever_the_glyph_is_shown_and_in_the_file(opened: Page, folder: Path) -> None:
    page = opened
    page.locator(".pdf .sheet").focus()
    page.keyboard.press("ArrowRight")  # the u of "Quietly"
    expect(page.locator(".pdf .title")).to_contain_text("U+0075")
    assert query(page)["glyph"]
    page.keyboard.press("e")
    page.keyboard.type("ü")
    page.keyboard.press("Enter")
    changed = letters(ENGLISH.replace("u", "ü"))
    page.wait_for_function(
        "wanted => [...document.querySelectorAll('*')].some((each) => each.shadowRoot?.querySelector('.pdf .text')"
        "?.textContent.replace(/\\s/g, '') === wanted)",
        arg=changed,
    )
    expect(page.locator(".pdf .trust")).to_contain_text("confirmed")
    expect(page.locator(".pdf .legend")).to_contain_text("confirmed")
    (kept,) = (folder / "uploads").glob("*.csv")
    assert "U+00FC" in kept.read_text()

    page.reload()
    expect(page.locator(".pdf .title")).to_contain_text("U+00FC", timeout=SOON)  # the link names the glyph
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF with restored text").click()
    assert letters(PdfReader(download.value.path()).pages[0].extract_text()) == changed
    page.keyboard.press("Escape")
    page.locator(".pdf .sheet").focus()
    page.keyboard.press("u")
    expect(page.locator(".pdf .title")).to_contain_text("U+0075")
    expect(page.locator(".pdf .legend")).not_to_contain_text("confirmed")


def test_what_means_no_character_is_said_at_the_glyph(opened: Page) -> None:
    page = opened
    page.locator(".pdf .sheet").focus()
    page.keyboard.press("e")
    page.keyboard.type("no such label")
    page.keyboard.press("Enter")
    expect(page.locator(".pdf .fault")).to_contain_text("No label is called")


def test_a_file_that_is_no_pdf_and_a_link_to_nothing_are_one_line_each(page: Page, tmp_path: Path) -> None:
    page.goto("/pdf")
    (tmp_path / "no.pdf").write_text("no PDF at all")
    page.locator("input[type=file]").set_input_files(tmp_path / "no.pdf")
    expect(page.get_by_text("no.pdf is not a PDF.")).to_be_visible()
    page.goto("/pdf?pdf=0123456789ab")
    expect(page.get_by_text("The PDF of this link is not on this server.")).to_be_visible()


def test_a_damaged_pdf_is_one_line(page: Page, tmp_path: Path) -> None:
    page.goto("/pdf")
    (tmp_path / "damaged.pdf").write_bytes(b"%PDF-1.7\n" + b"nothing that could be read " * 50)
    page.locator("input[type=file]").set_input_files(tmp_path / "damaged.pdf")
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("damaged.pdf", timeout=SOON)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
