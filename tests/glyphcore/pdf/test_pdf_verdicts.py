"""The claims that are believed, the treatment of unsure glyphs, and the texts in a CMap."""

from __future__ import annotations

from math import log

import pytest

from glyphcore.data.labels import LabelMap
from glyphcore.pdf.fonts import Font
from glyphcore.pdf.glyphs import Glyph, Glyphs, look_alikes
from glyphcore.pdf.verdicts import Agreement, agreement, agrees
from glyphcore.pdf.write import DROP, GUESS, LOGICAL, MARK, UNKNOWN, spelled, texts_of
from glyphcore.text.grammar import Candidate


def glyph(text: str, p: float = 0.95, *others: tuple[str, float], joins: tuple[int, int] | None = None) -> Glyph:
    found = Glyph(candidates=[Candidate(each, joins, log(its)) for each, its in ((text, p), *others)], p=p, shape=text)
    found.p_alike = p
    found.read(found.candidates[0], "outline", p)
    return found


@pytest.mark.parametrize(
    ("claim", "shown", "expected"),
    [
        ("a", glyph("a"), True),
        ("ﻼ", glyph("لا"), True),
        ("b", glyph("a"), False),
        ("b", glyph("a", 0.9, ("b", 0.1)), True),
        ("A", glyph("a"), None),
        ("ی", glyph("ي"), True),
        ("’", glyph("'"), True),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_claim_agrees_where_it_is_plausible(claim: str, shown: Glyph, expected: bool | None) -> None:
    assert agrees(claim, shown) is expected


def test_only_sure_glyphs_judge_and_only_claims_that_the_model_knows(labels: LabelMap) -> None:
    claims = [("a", glyph("a")), ("b", glyph("c")), ("d", glyph("e", 0.5)), ("漢", glyph("a")), ("", glyph("a"))]
    assert agreement(claims, labels) == Agreement(claimed=4, judged=2, agreed=1)


def test_look_alikes_depend_on_the_form() -> None:
    assert "ی" in look_alikes("ى", (1, 0))
    assert "ې" in look_alikes("ي", (0, 1))
    assert "ې" not in look_alikes("ي", (1, 0))
    assert look_alikes("ع", (1, 0)) == set()


@pytest.mark.parametrize(
    ("text", "joins", "written"), [("لا", (0, 0), "ﻻ"), ("لا", (1, 0), "ﻼ"), ("fi", None, "fi"), ("ب", (0, 1), "ب")]
)
def test_an_arabic_ligature_is_one_character(text: str, joins: tuple[int, int] | None, written: str) -> None:
    assert spelled(text, joins) == written
    assert spelled(text, joins, LOGICAL) == text


@pytest.mark.parametrize(("unsure", "expected"), [(GUESS, {1: "a", 2: "b", 3: UNKNOWN}), (DROP, {1: "a"}),
                                                  (MARK, {1: "a", 2: UNKNOWN, 3: UNKNOWN})])  # fmt: skip
def test_what_is_not_sure_is_guessed_dropped_or_marked(unsure: str, expected: dict[int, str]) -> None:
    import pikepdf

    font = Font(pikepdf.Dictionary({"/Subtype": pikepdf.Name.Type1}))
    glyphs = Glyphs()
    for code, its in {1: glyph("a"), 2: glyph("b", 0.3), 3: Glyph(fault="broken")}.items():
        font.used[code] += 1
        glyphs.of[id(font), code] = its
    assert texts_of(font, glyphs, unsure=unsure) == expected
