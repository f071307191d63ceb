"""The wider model reads a PDF in a script that the first model does not know, without an option of the user."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib
import pikepdf
import pytest
from fontTools.ttLib import TTFont
from pdf_files import fpdf2, stripped

import glyphcore.pdf as pdf

DEJAVU = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSerif.ttf"
RUSSIAN = (
    "Река поднялась ещё на сажень, и мост закрыли. Почтальон оставил лошадь у старой мельницы, взял сумку под плащ "
    "и пошёл вверх по течению, туда, где вода была уже и тише. К вечеру дождь перестал."
)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("russian")
    fpdf2(RUSSIAN, DEJAVU, folder / "whole.pdf")
    return stripped(folder / "whole.pdf", folder / "bare.pdf")


def letters(path: Path, **how: Path) -> str:
    return "".join("".join(page.split()) for page in pdf.text(path, **how))


def test_a_russian_pdf_without_tounicode_gives_its_text_back(bare: Path) -> None:
    wanted = "".join(RUSSIAN.split())
    found = letters(bare)
    assert len(found) == len(wanted)
    assert sum(a == b for a, b in zip(found, wanted, strict=True)) >= 0.95 * len(wanted)


def test_one_named_model_is_not_helped(bare: Path, tmp_path: Path) -> None:
    """It has the claims of the file, which Russian words support; without a ``cmap`` there are none."""
    wanted = set(RUSSIAN.lower()) - set(" .,")
    narrow = Path("mixer-geometry")
    assert wanted <= set(letters(bare, checkpoint=narrow).lower())
    found = letters(without_cmap(bare, tmp_path / "unnamed.pdf"), checkpoint=narrow).lower()
    assert len(wanted & set(found)) < 0.3 * len(wanted)


def without_cmap(source: Path, out: Path) -> Path:
    with pikepdf.open(source) as book:
        program = next(each for each in book.objects if isinstance(each, pikepdf.Dictionary) and "/FontFile2" in each)
        font, data = TTFont(io.BytesIO(program["/FontFile2"].read_bytes())), io.BytesIO()
        del font["cmap"]
        font.save(data)
        program["/FontFile2"] = book.make_stream(data.getvalue())
        book.save(out)
    return out
