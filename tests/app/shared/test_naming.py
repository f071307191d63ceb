"""Words and small pictures of the pages."""

from __future__ import annotations

import pytest

from app.browse.charts import confidence_bars
from app.shared.naming import readable_character, readable_label, verdict
from glyphcore.results.selection import FacetValue


@pytest.mark.parametrize(
    ("base", "label", "expected"),
    [
        ("ب", "beh_init", "ب\u200d"), ("ب", "beh_medi", "\u200dب\u200d"), ("ب", "beh_fina", "\u200dب"),
        ("ب", "beh_isol", "ب"), ("\u064e", "fatha_diacritic", "\u0640\u064e"), ("\u0301", "acute", "\u25cc\u0301"),
        ("A", "latin_capital_letter_a", "A"), ("\u00a0", "no_break_space", "␣"), ("\u200d", "joiner", ""), ("", "", ""),
    ],
)  # fmt: skip
def test_characters_are_shown_readably(base: str, label: str, expected: str) -> None:
    assert readable_character(base, label) == expected


def test_words() -> None:
    assert readable_label("beh_init") == "beh · initial"
    assert readable_label("fatha_diacritic") == "fatha · mark"
    assert [verdict(*each)[0] for each in ((1, 1, 1), (0, 1, 0), (0, 0, 1), (0, 0, 0))] == ["✓", "≈", "≈", "✗"]


def test_confidence_bars_fade_outside_the_range() -> None:
    html = confidence_bars([FacetValue("0.1", 10, 4), FacetValue("0.9", 5, 0)], 0.5, 1.0)
    assert html.count("faint") == 5
    assert "0.1 to 0.2: 10 glyphs, 4 wrong" in html
    assert "height:60.0%" in html
    assert "confidence-kept" not in html


def test_confidence_bars_say_what_a_threshold_lets_pass() -> None:
    values = [FacetValue("0.1", 10, 8, 6), FacetValue("0.5", 4, 2, 1), FacetValue("0.9", 5, 1, 1)]
    assert "of these with labels that the checkpoint does not know" in confidence_bars(values, 0.0, 1.0)
    assert "from 0.5 on: 64% of the known, 25% of 8 unknown labels" in confidence_bars(values, 0.0, 1.0)
    assert "from 0.9 on: 36% of the known, 12% of 8 unknown labels" in confidence_bars(values, 0.9, 1.0)
