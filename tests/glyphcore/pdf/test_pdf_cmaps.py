"""CMaps of PDFs, as producers write them and with damage."""

from __future__ import annotations

import pytest

from glyphcore.audit.tounicode import to_unicode
from glyphcore.pdf import cmaps

HEAD = b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange\n"


@pytest.mark.parametrize("width", [1, 2])
def test_what_we_write_is_read_back(width: int) -> None:
    texts = {1: "a", 2: "fi", 7: "\U0001d538", 255: "لا"}
    found = cmaps.parse(to_unicode(texts, width).encode())
    assert found.texts == texts
    assert found.width == width


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        (b"1 beginbfrange <0001> <0003> <0041> endbfrange", {1: "A", 2: "B", 3: "C"}),
        (b"1 beginbfrange <0001> <0002> [<0041> <00660069>] endbfrange", {1: "A", 2: "fi"}),
        (b"1 beginbfrange <00FE> <0101> <00FF> endbfrange", {0xFE: "ÿ", 0xFF: "Ā", 0x100: "ā", 0x101: "Ă"}),
        (b"2 beginbfchar <0001> <0000> <0002> <FFFD> endbfchar", {1: "", 2: ""}),
        (b"1 beginbfchar <0001> <00 41> % a comment <0002>\nendbfchar", {1: "A"}),
        (b"1 beginbfrange <0001> <FFFFFFFF> <0041> endbfrange", None),
        (b"1 beginbfchar <0001> endbfchar 1 beginbfchar <0002> <0042> endbfchar", {2: "B"}),
    ],
)
def test_entries(body: bytes, texts: dict[int, str] | None) -> None:
    found = cmaps.parse(HEAD + body).texts
    if texts is None:
        assert len(found) == cmaps.RANGE, "a range is as long as codes of two bytes, whatever it says"
    else:
        assert found == texts


def test_codes_of_one_and_two_bytes_stand_side_by_side() -> None:
    found = cmaps.parse(b"2 begincodespacerange <00> <7F> <8140> <9FFC> endcodespacerange")
    assert found.codes(b"A\x81\x41B") == [0x41, 0x8141, 0x42]


def test_identifiers() -> None:
    found = cmaps.parse(
        b"1 begincidrange <20> <22> 100 endcidrange 1 begincidchar <41> 7 endcidchar /Identity-H usecmap"
    )
    assert found.cids == {0x20: 100, 0x21: 101, 0x22: 102, 0x41: 7}
    assert found.uses == "Identity-H"


def test_a_string_that_is_cut_off_gives_whole_codes() -> None:
    assert cmaps.parse(HEAD).codes(b"\0\1\0") == [1]


def test_strings_of_codes_of_several_lengths_cannot_be_cut_by_counting() -> None:
    assert cmaps.CMap([(2, 0, 0xFFFF)]).uniform
    assert not cmaps.CMap([(1, 0, 0x80), (2, 0x8100, 0xFFFF)]).uniform
