"""The wider model reads a PDF in a script that the first model does not know, without an option of the user."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import pytest
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


def test_one_named_model_is_not_helped(bare: Path) -> None:
    wanted = set(RUSSIAN.lower()) - set(" .,")
    found = letters(bare, checkpoint=Path("mixer-geometry")).lower()
    assert len(wanted & set(found)) < 0.3 * len(wanted)
