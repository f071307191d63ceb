"""The CMap, read back by a parser that accepts only files that follow the specification."""

from __future__ import annotations

import re

import pytest
from cmap_parser import parsed

from glyphcore.audit.tounicode import to_unicode


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {3: " "},
        {0: "A", 0xFFFF: "é"},
        {7: "لا", 5: "\u0651\u064e", 6: "ffi"},
        {1: "\U0001d538", 2: "a\U0010fffd"},
        {i: chr(0x4E00 + i) for i in range(1, 301)},
    ],
)
def test_what_is_written_is_read_back(texts: dict[int, str]) -> None:
    assert parsed(to_unicode(texts)) == texts


def test_blocks_are_full_and_the_last_one_has_the_rest() -> None:
    cmap = to_unicode({i: "x" for i in range(201)})
    assert re.findall(r"(\d+) beginbfchar", cmap) == ["100", "100", "1"]


def test_a_glyph_without_text_is_left_out() -> None:
    assert parsed(to_unicode({1: "", 2: "b"})) == {2: "b"}


def test_codes_of_one_byte() -> None:
    texts = {0: "A", 0x41: "لا", 0xFF: " "}
    assert parsed(to_unicode(texts, 1), width=1) == texts


@pytest.mark.parametrize(("texts", "width"), [({-1: "a"}, 2), ({65536: "a"}, 2), ({1: "\ud800"}, 2), ({256: "a"}, 1)])
def test_what_cannot_be_written_is_refused(texts: dict[int, str], width: int) -> None:
    with pytest.raises(ValueError, match=r"two bytes|one byte|surrogate"):
        to_unicode(texts, width)


def test_the_strict_reader_is_strict() -> None:
    good = to_unicode({1: "a", 2: "b"})
    for bad in (good.replace("2 beginbfchar", "3 beginbfchar"), good.replace("<0061>", "<61>"), good + "x"):
        with pytest.raises((AssertionError, ValueError)):
            parsed(bad)
