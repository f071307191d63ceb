"""The positions of glyphs in the picture of a page."""

from __future__ import annotations

import io
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from pdf_files import ENGLISH, changed, fpdf2, matplotlib, permuted, stripped
from PIL import Image
from shipped_fonts import LATIN, build

from glyphcore.audit.tounicode import to_unicode
from glyphcore.config import AUTO, DEFAULT_CHECKPOINT
from glyphcore.pdf.view import View
from glyphcore.runtime.model_pair import Models

TEXT = "Four boxes"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("view")
    build(LATIN, folder / "font.ttf")
    fpdf2(TEXT, folder / "font.ttf", folder / "made.pdf")
    return stripped(folder / "made.pdf", folder / "plain.pdf")


@pytest.fixture(scope="module")
def models() -> Models:
    return Models(AUTO)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("cut", [False, True])
def test_all_ink_of_a_page_lies_in_the_boxes_of_its_glyphs(
    plain: Path, models: Models, turned: int, cut: bool, tmp_path: Path
) -> None:
    with pikepdf.open(plain) as pdf:
        pdf.pages[0].obj["/Rotate"] = turned
        if cut:
            left, bottom, right, top = (float(each) for each in pdf.pages[0].mediabox)
            pdf.pages[0].obj["/CropBox"] = pikepdf.Array([left + 10, bottom + 40, right - 30, top - 5])
        pdf.save(tmp_path / "turned.pdf")
    view = View.of(tmp_path / "turned.pdf", models, "")
    found = view.page(0, 800)
    picture = Image.open(io.BytesIO(b64decode(found["picture"].partition(",")[2]))).convert("L")
    assert picture.size == (found["width"], found["height"])
    ink = np.asarray(picture) < 128
    boxes = np.zeros_like(ink)
    for _, left, top, width, height in found["shown"]:
        x, y, w, h = left * picture.width, top * picture.height, width * picture.width, height * picture.height
        box = boxes[max(0, int(y) - 1) : int(y + h) + 2, max(0, int(x) - 1) : int(x + w) + 2]
        box[:] = True
    assert len(found["shown"]) == len(TEXT.replace(" ", ""))
    assert ink.any()
    assert not (ink & ~boxes).any()
    assert boxes.mean() < 0.1


def test_only_what_the_pdf_says_itself_counts_as_its_own_text(plain: Path, models: Models, tmp_path: Path) -> None:
    """A healthy font without a text for one glyph; a font whose procedures have names made up by a producer."""
    fpdf2(ENGLISH, plain.parent / "font.ttf", tmp_path / "whole.pdf")

    def leave_one_out(pdf: pikepdf.Pdf, font: Any, texts: dict[int, str]) -> None:
        some = {code: said for code, said in texts.items() if said != "x"}
        font["/ToUnicode"] = pdf.make_stream(to_unicode(some, 2).encode())

    most = View.of(changed(tmp_path / "whole.pdf", tmp_path / "most.pdf", leave_one_out), models, "").overview()
    assert [font["verdict"] for font in most["fonts"]] == ["right"]
    assert {each["text"] for each in most["glyphs"] if each["trust"] != "font" and not each["blank"]} == {"x"}
    matplotlib(ENGLISH, plain.parent / "font.ttf", tmp_path / "procedures.pdf")
    unnamed = View.of(stripped(tmp_path / "procedures.pdf", tmp_path / "unnamed.pdf"), models, "").overview()
    assert "font" not in {each["trust"] for each in unnamed["glyphs"]}


def test_a_page_that_only_qpdf_can_mend_is_drawn(plain: Path, models: Models, tmp_path: Path) -> None:
    whole = plain.read_bytes()
    (tmp_path / "cut.pdf").write_bytes(whole[: whole.index(b"xref\n") + 5])
    found = View.of(tmp_path / "cut.pdf", models, "")
    assert found.page(0, 400)["picture"] == View.of(plain, models, "").page(0, 400)["picture"]
    assert "its end is missing" in found.overview()["damage"]


def test_a_correction_changes_the_text_and_taking_it_back_restores_it(
    plain: Path, models: Models, tmp_path: Path
) -> None:
    view = View.of(plain, models, "")
    before = view.overview()
    assert before["texts"][0].strip() == TEXT
    glyph = next(each for each in before["glyphs"] if each["text"] == "o")
    font, code = glyph["uses"][0]
    (tmp_path / "said.csv").write_text(f"font,code,codepoints\n{before['fonts'][font]['font']},{code},U+00F6\n")
    after = view.overview(str(tmp_path / "said.csv"))
    assert after["texts"][0].strip() == TEXT.replace("o", "ö")
    said = next(each for each in after["glyphs"] if each["text"] == "ö")
    assert said["trust"] == "confirmed"
    assert said["candidates"] == glyph["candidates"]
    assert view.overview() == before


def test_a_font_that_words_make_legible_is_judged_anew_each_time(tmp_path: Path) -> None:
    """Words change the judgement of glyphs in one view, also of another script; the next view must not use it."""
    mpl = Path(pytest.importorskip("matplotlib").get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    fpdf2(f"{ENGLISH} Съешь ещё этих мягких французских булок", mpl, tmp_path / "whole.pdf")
    view = View.of(permuted(tmp_path / "whole.pdf", tmp_path / "false.pdf"), Models(DEFAULT_CHECKPOINT), "")
    before = view.overview()
    font, code = before["glyphs"][3]["uses"][0]
    said = tmp_path / "said.csv"
    said.write_text(f"font,code,codepoints\n{before['fonts'][font]['font']},{code},U+00F6\n")
    for _ in range(2):
        assert view.overview(str(said)) == view.overview(str(said)) != before
        assert view.overview() == before
