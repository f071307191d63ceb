"""Lines of a page whose glyphs stand at several heights, and words of which the PDF gives some letters itself."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pdf_files import HARBOUR, permuted, stripped
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from shipped_fonts import LATIN

from glyphcore import pdf

SIZE = 12.0
FIRST = "the harbour master counted every boat"
SECOND = "twice before breakfast on Tuesday"


@pytest.fixture
def width(fonts: dict[str, Path]) -> Callable[[str], float]:
    pdfmetrics.registerFont(TTFont("F", str(fonts[LATIN])))
    return lambda text: pdfmetrics.stringWidth(text, "F", SIZE)


def drawn(out: Path, places: Sequence[tuple[float, float, str]]) -> Path:
    canvas = Canvas(str(out), pagesize=(600, 300))
    canvas.setFont("F", SIZE)
    for x, y, text in places:
        canvas.drawString(x, y, text)
    canvas.save()
    return out


def rising(line: str, y: float, step: float, width: Callable[[str], float]) -> list[tuple[float, float, str]]:
    """Return the places of glyphs of a line whose words rise by ``step`` font sizes a letter, as ruqaa does."""
    x, places = 40.0, []
    for word in line.split():
        for i, letter in enumerate(word):
            places.append((x, y + i * step * SIZE, letter))
            x += width(letter)
        places.append((x, y, " "))
        x += width(" ")
    return places


@pytest.mark.parametrize("step", [0.0, 0.15, 0.3])
def test_words_that_rise_stay_in_their_line(step: float, width: Callable[[str], float], tmp_path: Path) -> None:
    """The last letters of a word stand above the line by up to twice its height, beside the line before."""
    places = rising(FIRST, 200, step, width) + rising(SECOND, 150, step, width)
    assert pdf.text(stripped(drawn(tmp_path / "whole.pdf", places), tmp_path / "a.pdf"))[0].splitlines() == [
        FIRST,
        SECOND,
    ]


def test_raised_numbers_belong_to_their_word_and_fractions_do_not(
    width: Callable[[str], float], tmp_path: Path
) -> None:
    end = 40 + width("twice")
    places = [(40, 200, "twice"), (end, 206, "2"), (40, 100, "boat"), (41, 110, "over")]
    read = pdf.text(drawn(tmp_path / "a.pdf", places))[0]
    assert read.splitlines() == ["twice2", "boat", "over"] or read.splitlines() == ["twice2", "over", "boat"]


def test_letters_with_an_actual_text_are_evidence_for_the_words_around_them(
    width: Callable[[str], float], tmp_path: Path
) -> None:
    """No outline makes a word, because half of the letters are drawn as an x, but the language is found."""
    canvas = Canvas(str(tmp_path / "whole.pdf"), pagesize=(600, 300))
    canvas.setFont("F", SIZE)
    chance, y = random.Random(1), 250.0
    for start in range(0, len(HARBOUR.split()), 8):
        x = 40.0
        for letter in " ".join(HARBOUR.split()[start : start + 8]):
            hidden = letter.isalpha() and chance.random() < 0.5
            if hidden:
                canvas._code.append(f"/Span <</ActualText ({letter})>> BDC")
            canvas.drawString(x, y, "x" if hidden else letter)
            if hidden:
                canvas._code.append("EMC")
            x += width("x" if hidden else letter)
        y -= 20
    canvas.save()
    broken = permuted(tmp_path / "whole.pdf", tmp_path / "broken.pdf")
    assert pdf.repair(broken, tmp_path / "out.pdf")["languages"] == ["en"]
