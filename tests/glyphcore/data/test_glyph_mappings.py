"""The font's claims about its glyphs: mapped characters, shaped forms, presentation forms."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from tiny_fonts import DESIGNS, build

from glyphcore.data.fonts import FontFace
from glyphcore.data.glyph_mappings import GlyphMapping, glyph_mappings
from glyphcore.data.labels import LabelMap
from glyphcore.errors import FontError


def said(path: Path, labels: LabelMap) -> dict[str, tuple[tuple[int, ...], frozenset[str]]]:
    face = FontFace(path)
    return {
        name: (mapping.characters, frozenset(labels.labels[i] for i in mapping.labels))
        for name, mapping in zip(face.names, glyph_mappings(face, labels), strict=True)
    }


def mapping(path: Path, more: dict[int, str]) -> Path:
    """Write a font with more entries in its character map: code points and names of its glyphs."""
    builder = build(DESIGNS[0])
    for table in builder.font["cmap"].tables:
        table.cmap |= more
    builder.save(path)
    return path


def test_mapped_shaped_outside_and_silent(font_folder: Path, labels: LabelMap) -> None:
    found = said(font_folder / "TinySans-Regular.ttf", labels)
    assert found["a"] == ((0x61,), {"latin_small_letter_a"})
    assert found["beh"] == ((0x628,), {"beh_isol"})
    assert found["beh.init"] == ((), {"beh_init"})
    assert found["lam_alef"] == ((), {"lam_alef_isol"})
    assert found["shadda_fatha"] == ((), {"shadda_fatha_diacritic"})
    assert found["han"] == ((0x4E2D,), set()), "mapped, but no label stands for it"
    assert found["acute"] == ((), set()), "nothing leads there"


def test_a_presentation_form_says_its_form(tmp_path: Path, labels: LabelMap) -> None:
    found = said(mapping(tmp_path / "forms.ttf", {0xFE92: "acute", 0xFE71: "yeh.stem", 0xB2: "yeh.dots"}), labels)
    assert found["acute"] == ((0xFE92,), {"beh_medi"})
    assert found["yeh.stem"] == ((0xFE71,), set()), "a mark on a tatweel is not the mark"
    assert "digit_two" not in found["yeh.dots"][1], "a superscript is not the digit"


def test_the_mapped_glyph_is_claimed_though_shaping_replaces_it(tmp_path: Path, labels: LabelMap) -> None:
    """Shaping replaces the letter's glyph by another one; the font still claims the character of the mapped glyph."""
    characters, found = said(mapping(tmp_path / "two.ttf", {0x64F: "fatha"}), labels)["fatha"]  # damma, drawn as fatha
    assert characters == (0x64E, 0x64F)
    assert found == {"fatha_diacritic", "damma_diacritic"}


def test_half_a_surrogate_pair_is_no_character(tmp_path: Path, labels: LabelMap) -> None:
    """A text cannot contain it, so the output about a font cannot contain it either."""
    found = said(mapping(tmp_path / "halves.ttf", {0xD800: "acute", 0xDFFF: "han", 0xE000: "yeh.dots"}), labels)
    assert found["acute"] == ((), set())
    assert found["han"] == ((0x4E2D,), set())
    assert found["yeh.dots"] == ((0xE000,), set())


def test_a_broken_character_map_is_an_error(font_folder: Path, tmp_path: Path, labels: LabelMap) -> None:
    data = bytearray((font_folder / "TinySans-Regular.ttf").read_bytes())
    with TTFont(font_folder / "TinySans-Regular.ttf") as font:
        table = font.reader.tables["cmap"]
    data[table.offset : table.offset + table.length] = b"\xff" * table.length
    (tmp_path / "broken.ttf").write_bytes(data)
    with pytest.raises(FontError, match="character map"):
        glyph_mappings(FontFace(tmp_path / "broken.ttf"), labels)


def test_a_table_that_leads_beyond_the_last_glyph_says_nothing(font_folder: Path, labels: LabelMap) -> None:
    face = FontFace(font_folder / "TinySans-Regular.ttf")
    face.cmap[0x3B] = face.glyph_count  # semicolon
    face.shape = lambda text: [face.glyph_count + 7]  # type: ignore[method-assign]
    found = glyph_mappings(face, labels)
    assert len(found) == face.glyph_count
    assert all(labels.labels[i] != "semicolon" for mapping in found for i in mapping.labels)


def test_a_font_without_a_character_map_or_names_says_nothing(tmp_path: Path, labels: LabelMap) -> None:
    builder = build(DESIGNS[0])
    del builder.font["cmap"]
    builder.setupPost(keepGlyphNames=False)
    builder.save(tmp_path / "bare.ttf")
    assert set(said(tmp_path / "bare.ttf", labels).values()) == {((), frozenset())}


def test_nothing_said_is_two_empty_tuples() -> None:
    assert GlyphMapping() == GlyphMapping((), ())
