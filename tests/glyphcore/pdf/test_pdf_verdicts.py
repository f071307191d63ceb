"""The claims that are believed, the treatment of unsure glyphs, and the texts in a CMap."""

from __future__ import annotations

from dataclasses import replace
from math import log
from types import SimpleNamespace

import pikepdf
import pytest

from glyphcore.data.labels import LabelMap
from glyphcore.pdf.fonts import Font
from glyphcore.pdf.glyphs import Glyph, Glyphs, look_alikes
from glyphcore.pdf.verdicts import Agreement, agreement, agrees, judge
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
    doubtful = replace(glyph("e", 0.5), none=0.4)
    claims = [("a", glyph("a")), ("b", glyph("c")), ("d", doubtful), ("漢", glyph("a")), ("", glyph("a"))]
    assert agreement(claims, labels) == Agreement(claimed=4, judged=2, agreed=1)


@pytest.mark.parametrize(
    ("claim", "shown", "judged", "agreed"),
    [
        ("ح", glyph("ج", 0.4, ("ح", 0.3), ("خ", 0.3)), 1, 1),
        ("ل", glyph("ج", 0.4, ("ح", 0.3), ("خ", 0.3)), 1, 0),
        ("ل", glyph("ج", 0.4, ("ح", 0.3), ("ل", 0.02)), 0, 0),
        ("ل", glyph("█", 0.4, ("▉", 0.3), ("▊", 0.3)), 0, 0),
    ],
)
def test_a_letter_that_is_one_of_a_few_tells_surely_about_any_other(
    claim: str, shown: Glyph, judged: int, agreed: int, labels: LabelMap
) -> None:
    assert agreement([(claim, shown)], labels) == Agreement(1, judged, agreed)


@pytest.mark.parametrize(("read_as", "verdict"), [("bcdefa", "wrong"), ("bbbbbb", "unsure")])
def test_glyphs_that_all_look_like_one_character_prove_nothing(read_as: str, verdict: str, labels: LabelMap) -> None:
    """An ornament around each letter may look like a letter."""
    font, glyphs = Font(pikepdf.Dictionary({"/Subtype": pikepdf.Name.Type1})), Glyphs()
    font.program = SimpleNamespace()  # type: ignore[assignment]
    for code, (claim, text) in enumerate(zip("abcdef", read_as, strict=True)):
        font.tounicode[code] = claim
        font.used[code] += 1
        glyphs.of[id(font), code] = glyph(text)
    assert judge(font, glyphs, labels).verdict == verdict


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
    font = Font(pikepdf.Dictionary({"/Subtype": pikepdf.Name.Type1}))
    glyphs = Glyphs()
    for code, its in {1: glyph("a"), 2: glyph("b", 0.3), 3: Glyph(fault="broken")}.items():
        font.used[code] += 1
        glyphs.of[id(font), code] = its
    assert texts_of(font, glyphs, unsure=unsure) == expected
