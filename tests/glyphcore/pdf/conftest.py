"""Fonts of the tests and PDFs of every producer."""

from __future__ import annotations

from pathlib import Path

import pdf_files
import pytest
from pdf_files import ENGLISH, PERSIAN, PRODUCERS
from shipped_fonts import ARABIC, LATIN, build


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("shipped")
    found = {}
    for family in (LATIN, ARABIC):
        found[family] = folder / family / f"{family}.ttf"
        found[family].parent.mkdir()
        build(family, found[family])
    return found


@pytest.fixture(scope="module")
def made(fonts: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Make a PDF with each producer."""
    folder = tmp_path_factory.mktemp("made")
    found = {}
    for name, produce in PRODUCERS.items():
        found[name] = folder / f"{name}.pdf"
        produce(ENGLISH, fonts[LATIN], found[name])
    found["persian"] = folder / "persian.pdf"
    pdf_files.fpdf2(PERSIAN, fonts[ARABIC], found["persian"])
    return found


@pytest.fixture(scope="module")
def dejavu() -> Path:
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
