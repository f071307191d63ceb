"""Codes of fonts without a Unicode character map, and CMaps for the codes in their PDFs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny_programs as tiny
from cmap_parser import parsed
from fontTools.ttLib import newTable

from glyphcore import cli
from glyphcore.audit.codes import cmap_of, read_codes
from glyphcore.audit.corrections import Correction
from glyphcore.config import AuditConfig, InferConfig
from glyphcore.data.fonts import FontFace
from glyphcore.data.glyph_mappings import GlyphMapping, glyph_mappings
from glyphcore.data.labels import LabelMap
from glyphcore.data.mapping import character_of
from glyphcore.data.spaces import spaces
from glyphcore.errors import ConfigError, GlyphError

GID = {name: gid for gid, name in enumerate(tiny.plain().getGlyphOrder())}
MACINTOSH = {0x41: "A", 0x61: "a", 0x87: "aacute", 0x11: "b", 0xF0: "O"}
"""Codes of MacRoman: 0x87 is á, 0x11 no character, 0xF0 Apple's sign."""
SYMBOL = {0xF041: "A", 0xF061: "a", 0xF0E1: "aacute", 0xF003: "b"}


def face(tmp_path: Path, data: bytes) -> FontFace:
    (tmp_path / "font.ttf").write_bytes(data)
    return FontFace(tmp_path / "font.ttf")


@pytest.mark.parametrize(
    ("data", "by", "codes"),
    [
        (tiny.mapped(1, 0, 0, MACINTOSH), "its Macintosh cmap (1,0)", MACINTOSH),
        (tiny.mapped(1, 0, 6, MACINTOSH), "its Macintosh cmap (1,0)", MACINTOSH),
        (tiny.mapped(3, 0, 4, SYMBOL), "its symbol cmap (3,0)", {code & 0xFF: name for code, name in SYMBOL.items()}),
        (tiny.mapped(3, 0, 4, {code & 0xFF: name for code, name in SYMBOL.items()}), "its symbol cmap (3,0)",
         {code & 0xFF: name for code, name in SYMBOL.items()}),
    ],
    ids=["Macintosh", "trimmed", "symbol", "symbol from 0"],
)  # fmt: skip
def test_codes_of_one_byte_are_compared(
    tmp_path: Path, labels: LabelMap, data: bytes, by: str, codes: dict[int, str]
) -> None:
    found = face(tmp_path, data)
    assert (found.character_map.by, found.character_map.sure, found.cmap) == (by, False, {})
    assert found.codes() == (1, {code: GID[name] for code, name in codes.items()})
    said = glyph_mappings(found, labels)
    assert said[GID["A"]] == GlyphMapping((0x41,), (labels.index["latin_capital_letter_a"],))
    assert said[GID["aacute"]].characters == (0xE1,)
    assert said[GID["b"]] == said[GID["O"]] == GlyphMapping(), "no character, or one that is nowhere else"


def test_codes_are_no_word_for_what_no_label_stands_for(tmp_path: Path, labels: LabelMap) -> None:
    """A Unicode map may name a character that the model does not know; a code may be any number."""
    said = glyph_mappings(face(tmp_path, tiny.mapped(1, 7, 0, {0x41: "A", 0x81: "b"})), labels)  # Cyrillic: 0x81 is Б
    assert said[GID["A"]].labels
    assert said[GID["b"]] == GlyphMapping()
    assert glyph_mappings(face(tmp_path, tiny.mapped(3, 1, 4, {0x411: "b"})), labels)[GID["b"]] == GlyphMapping(
        (0x411,), ()
    )


def test_names_are_the_word_of_a_font_without_a_map(tmp_path: Path, labels: LabelMap) -> None:
    found = face(tmp_path, tiny.without("cmap"))
    assert (found.character_map.by, found.character_map.sure) == ("its glyph names", True)
    said = glyph_mappings(found, labels)
    assert said[GID["A"]].labels == (labels.index["latin_capital_letter_a"],)
    assert said[GID["beh.init"]] == said[GID["lam_alef"]] == GlyphMapping()


def test_what_covers_more_glyphs_counts(tmp_path: Path) -> None:
    assert face(tmp_path, tiny.mapped(1, 0, 0, {0x41: "a"}, names=True)).character_map.by == "its glyph names"
    assert face(tmp_path, tiny.mapped(1, 0, 0, MACINTOSH)).character_map.by == "its Macintosh cmap (1,0)"


def test_a_unicode_map_is_never_second_guessed(tmp_path: Path) -> None:
    found = face(tmp_path, tiny.mapped(3, 1, 4, {0x5A: "a"}, names=True))
    assert (found.character_map.by, found.cmap) == ("", {0x5A: GID["a"]})
    assert found.codes() == (1, {})


@pytest.mark.parametrize(
    ("name", "code"),
    [("a", 0x61), ("uni0628", 0x628), ("u1D538", 0x1D538), ("afii57409", 0x621), ("Omega", 0x2126), ("space", 0x20),
     ("a.alt", None), ("f_i", None), ("g|2", None), ("uni06280627", None), ("unid800", None), ("uniD800", None),
     ("uniE001", None), ("g17", None), ("", None), (".notdef", None), ("dalethatafpatah", None), ("u110000", None)],
)  # fmt: skip
def test_only_exact_names_are_characters(name: str, code: int | None) -> None:
    assert character_of(name) == code


def blank(tmp_path: Path, *, cmap: bool = True) -> FontFace:
    """Return a font in which ``A`` and ``a`` have no outlines, and ``b`` has no outline and no advance."""
    font = tiny.plain(names=False)
    for name in ("A", "a", "b"):
        font["glyf"][font.getGlyphOrder()[GID[name]]] = type(font["glyf"][font.getGlyphOrder()[0]])()
    font["hmtx"][font.getGlyphOrder()[GID["b"]]] = (0, 0)
    if cmap:
        for table in font["cmap"].tables:
            table.cmap |= {0xA0: font.getGlyphOrder()[GID["a"]]}
            table.cmap.pop(0x61, None)
    else:
        font["cmap"] = newTable("cmap")
        font["cmap"].tableVersion, font["cmap"].tables = 0, []
    return face(tmp_path, tiny.saved(font))


def test_blank_glyphs_that_take_room_are_spaces(tmp_path: Path) -> None:
    """``plus`` is blank in every tiny font: when it is mapped to a plus sign, it is no space."""
    assert spaces(blank(tmp_path, cmap=False)) == {GID[name]: " " for name in ("A", "a", "plus")}
    assert spaces(blank(tmp_path)) == {GID["a"]: "\u00a0"}
    assert spaces(blank(tmp_path, cmap=False), read={GID["a"]}) == {GID["A"]: " ", GID["plus"]: " "}


def test_a_cmap_has_the_codes_that_are_asked_for(tmp_path: Path) -> None:
    found = face(tmp_path, tiny.mapped(3, 0, 4, SYMBOL))
    texts = {GID["A"]: "A", GID["a"]: "а", GID["O"]: "O"}
    assert parsed(cmap_of(found, texts, {})) == texts | {GID["plus"]: " "}
    assert parsed(cmap_of(found, texts, {GID["plus"]: Correction("+")}))[GID["plus"]] == "+"
    assert parsed(cmap_of(found, texts, {}, "font"), width=1) == {0x41: "A", 0x61: "а"}
    path = tmp_path / "codes.csv"
    path.write_text(f"code,glyph_id\n1,{GID['A']}\n<02>,{GID['O']}\n0x03,{GID['plus']}\n4,{GID['b']}\n")
    assert parsed(cmap_of(found, texts, {}, str(path)), width=1) == {1: "A", 2: "O", 3: " "}
    path.write_text(f"code,glyph_id\n<0001>,{GID['A']}\n")
    assert parsed(cmap_of(found, texts, {}, str(path))) == {1: "A"}


def test_a_cid_keyed_program_has_a_cmap_of_its_numbers(tmp_path: Path) -> None:
    found = face(tmp_path, tiny.cid_keyed({34: "a", 700: "beh"}))
    assert parsed(cmap_of(found, {1: "a", 2: "ب"}, {}, "font")) == {34: "a", 700: "ب"}


def test_a_font_without_codes_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(GlyphError, match=r"font\.ttf has no codes of its own\. Name a CSV"):
        cmap_of(face(tmp_path, tiny.without("cmap")), {1: "a"}, {}, "font")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "needs the columns"), ("glyph_id\n1\n", "needs the columns"), ("code,glyph_id\n", "lists no codes"),
        ("code,glyph_id\nA,1\n", "line 2: 'A' is not a code"), ("code,glyph_id\n1,1\n-1,2\n", "line 3"),
        ("code,glyph_id\n65536,1\n", "more than two bytes"), ("code,glyph_id\n1,x\n", "'x' is not a glyph index"),
        ("code,glyph_id\n<00041>,1\n", "not a code"), ('code,glyph_id\n"1,1\n', "as CSV"), ("code,glyph_id\n1\n", "''"),
        ("code,glyph_id\n\u0661,1\n", "not a code"),
    ],
)  # fmt: skip
def test_a_list_of_codes_that_cannot_be_used_names_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "codes.csv").write_text(text, encoding="utf-8")
    with pytest.raises(GlyphError, match=said):
        read_codes(tmp_path / "codes.csv")
    with pytest.raises(GlyphError, match="cannot be read"):
        read_codes(tmp_path / "gone.csv")


@pytest.mark.parametrize("config", [InferConfig, AuditConfig])
def test_codes_are_those_of_a_cmap(config) -> None:
    with pytest.raises(ConfigError, match="--tounicode"):
        config((Path("a.ttf"),), Path("m.reader"), codes="font")
    with pytest.raises(ConfigError, match="face"):
        config((Path("a.ttf"),), Path("m.reader"), face=-1)


@pytest.mark.parametrize("command", ["infer", "audit"])
def test_the_command_writes_codes_of_one_byte(tmp_path: Path, tiny_reader: Path, command: str) -> None:
    (tmp_path / "font.ttf").write_bytes(tiny.mapped(3, 0, 4, SYMBOL | {0xF02B: "plus"}))
    words = [command, tmp_path / "font.ttf", "--checkpoint", tiny_reader, "--out", tmp_path / "out.jsonl",
             "--tounicode", tmp_path / "font.cmap", "--codes", "font", "--threshold", "0"]  # fmt: skip
    assert cli.main(list(map(str, words))) == 0
    found = parsed((tmp_path / "font.cmap").read_text(), width=1)
    assert set(found) == {code & 0xFF for code in SYMBOL} | {0x2B}
    assert found[0x2B] == " ", "a blank glyph is a space, whatever number it has"


@pytest.mark.parametrize("command", ["infer", "audit"])
def test_one_face_of_a_collection_is_read(
    font_folder: Path, tmp_path: Path, tiny_reader: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    font, out, cmap = font_folder / "TinyPair.ttc", tmp_path / "out.jsonl", tmp_path / "font.cmap"
    words = [command, font, "--checkpoint", tiny_reader, "--out", out, "--tounicode", cmap, "--threshold", 0]
    assert cli.main(list(map(str, words))) == 1
    assert "one of its faces by --face" in capsys.readouterr().err
    assert cli.main([*map(str, words), "--face", "1"]) == 0
    assert {json.loads(line)["file"] for line in out.read_text().splitlines()} == {f"{font}#1"}
    assert parsed(cmap.read_text())
    assert cli.main([*map(str, words), "--face", "2"]) == 1
    assert "has no face 2: it has faces 0 to 1. Count from 0." in capsys.readouterr().err
