from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from tiny_fonts import CHARACTERS, DESIGNS, DROPPED, LABELS, LICENCE, UNMAPPED, build

from glyphcore.data.fonts import FontFace, font_files, open_faces
from glyphcore.data.labelled import labelled_glyphs
from glyphcore.data.labels import LabelMap
from glyphcore.data.outline import CUBIC
from glyphcore.data.raster import rasterize
from glyphcore.errors import FontError

NAMES = [".notdef", *CHARACTERS, *UNMAPPED]


@pytest.fixture(scope="module")
def sans(font_folder: Path) -> FontFace:
    return FontFace(font_folder / "TinySans-Regular.ttf")


def test_font_files_are_found_in_order_and_once(font_folder: Path) -> None:
    files = font_files([font_folder, font_folder / "TinyCopy.ttf"])
    assert [path.relative_to(font_folder).as_posix() for path in files] == sorted({d.file for d in DESIGNS})


def test_a_path_without_fonts_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(FontError, match=r"holds no \.ttf"):
        font_files([tmp_path])
    with pytest.raises(FontError, match=r"gone\.ttf does not exist"):
        font_files([tmp_path / "gone.ttf"])


def test_every_container_gives_the_same_glyphs(tmp_path: Path) -> None:
    """TTF, WOFF and WOFF2 of one design; WOFF2 encodes the outlines' table anew."""
    rasters = []
    for flavour in (None, "woff", "woff2"):
        builder = build(DESIGNS[0])
        builder.font.flavor = flavour
        path = tmp_path / f"font.{flavour or 'ttf'}"
        builder.save(path)
        face = FontFace(path)
        assert face.names == NAMES
        rasters.append([rasterize(face.outline(gid)) for gid in range(face.glyph_count) if not face.outline(gid).empty])
    assert len(rasters[0]) == len(NAMES) - 1
    assert np.array_equal(rasters[0], rasters[1])
    assert np.array_equal(rasters[0], rasters[2])


def test_a_collection_holds_each_face(font_folder: Path) -> None:
    first, second = open_faces(font_folder / "TinyPair.ttc")
    assert (first.metrics.family, second.metrics.family) == ("Tiny First", "Tiny Second")
    assert first.file_hash == second.file_hash
    a = first.cmap[ord("a")]
    assert not np.array_equal(first.outline(a).points, second.outline(a).points)


def test_metrics_and_names(font_folder: Path) -> None:
    metrics = FontFace(font_folder / "TinySans-Bold.ttf").metrics
    assert (metrics.family, metrics.style, metrics.weight, metrics.licence) == ("Tiny Sans", "Bold", 700, LICENCE)
    assert (metrics.upem, metrics.ascent, metrics.descent) == (1000, 800, -200)
    assert (metrics.typo_ascent, metrics.typo_descent, metrics.x_height, metrics.cap_height) == (800, -200, 500, 700)


def test_missing_tables_are_no_reason_to_refuse(tmp_path: Path) -> None:
    font = build(DESIGNS[0]).font
    for tag in ("name", "OS/2", "post"):
        del font[tag]
    font.save(tmp_path / "bare.ttf")
    face = FontFace(tmp_path / "bare.ttf")
    assert (face.metrics.family, face.metrics.style, face.metrics.licence) == ("bare", "Regular", "")
    assert (face.metrics.weight, face.metrics.x_height, face.metrics.ascent) == (None, None, 800)
    assert len(face.names) == face.glyph_count
    assert not face.outline(face.cmap[ord("a")]).empty


@pytest.mark.parametrize(
    "content", [b"", b"no font at all", b"\0\1\0\0" + b"\xff" * 200, b"ttcf" + b"\0" * 20, b"wOF2" + b"\0" * 60]
)
@pytest.mark.parametrize("suffix", [".ttf", ".ttc", ".woff2"])
def test_what_is_no_font_is_refused_by_name(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"broken{suffix}"
    path.write_bytes(content)
    with pytest.raises(FontError, match=f"broken{suffix} ") as caught:
        open_faces(path)
    assert "\n" not in str(caught.value)


def test_a_font_cut_short_is_refused_or_loses_only_glyphs(font_folder: Path, labels: LabelMap, tmp_path: Path) -> None:
    whole = (font_folder / "TinySans-Regular.ttf").read_bytes()
    refused = 0
    for length in range(64, len(whole), 400):
        path = tmp_path / "cut.ttf"
        path.write_bytes(whole[:length])
        try:
            assert len(list(labelled_glyphs(FontFace(path), labels, Counter()))) <= len(LABELS)
        except FontError:
            refused += 1
    assert refused > 0


def test_missing_file() -> None:
    with pytest.raises(FontError, match=r"gone\.ttf cannot be read"):
        FontFace(Path("gone.ttf"))


def test_composites_are_resolved_and_scaled(sans: FontFace) -> None:
    a, aacute, acute = (sans.outline(sans.names.index(name)) for name in ("a", "aacute", "acute"))
    assert len(aacute.ends) == 2
    assert np.array_equal(aacute.points, np.concatenate([a.points, acute.points]))
    e, eacute = (sans.outline(sans.names.index(name)) for name in ("e", "eacute"))
    assert np.abs(eacute.points[: len(e.points)] - e.points / 2).max() <= 0.5


def test_cff_outlines_are_cubic(font_folder: Path) -> None:
    face = FontFace(font_folder / "TinyCubic.otf")
    assert CUBIC in face.outline(face.cmap[ord("a")]).tags


def test_empty_glyph_advance_and_cmap(sans: FontFace) -> None:
    assert sans.outline(sans.cmap[ord("+")]).empty
    assert sans.advance(sans.cmap[ord("a")]) == 600
    assert sans.advance(sans.cmap[0x64E]) == 0
    assert {code: sans.names[gid] for code, gid in sans.cmap.items()} == {v: k for k, v in CHARACTERS.items()}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ب", ["beh"]),
        ("ب\u200d", ["beh.init"]),
        ("\u200dب\u200d", ["beh.medi"]),
        ("\u200dب", ["beh.fina"]),
        ("لا", ["lam_alef"]),
        ("\u200dلا", ["lam_alef.fina"]),
        ("ي\u200d", ["yeh.dots", "yeh.stem"]),
        ("\u064e", ["fatha"]),
        ("\u0651\u064e", ["shadda_fatha"]),
    ],
)
def test_shaping_gives_forms_ligatures_and_lone_marks(sans: FontFace, text: str, names: list[str]) -> None:
    assert [sans.names[gid] for gid in sans.shape(text)] == names


def test_labels_come_from_the_font_s_own_mapping(font_folder: Path, labels: LabelMap) -> None:
    for path in font_files([font_folder]):
        for face in open_faces(path):
            dropped: Counter[str] = Counter()
            glyphs = {glyph.label: glyph for glyph in labelled_glyphs(face, labels, dropped)}
            assert set(glyphs) == set(LABELS), path.name
            assert dropped == DROPPED, path.name
            named = {
                "beh_medi": "beh.medi",
                "alef_isol": "alef",
                "alef_fina": "alef.fina",
                "lam_alef_isol": "lam_alef",
                "lam_alef_fina": "lam_alef.fina",
                "shadda_fatha_diacritic": "shadda_fatha",
                "digit_zero": "zero",
                "latin_small_letter_a_acute": "aacute",
            }
            assert {label: glyphs[label].name for label in named} == named, path.name


def test_ligature_without_shaping_is_taken_from_its_presentation_form(tmp_path: Path, labels: LabelMap) -> None:
    font = build(DESIGNS[0]).font
    del font["GSUB"]
    for table in font["cmap"].tables:
        table.cmap[0xFEFC] = "lam_alef.fina"
    font.save(tmp_path / "old.ttf")
    glyphs = {g.label: g.name for g in labelled_glyphs(FontFace(tmp_path / "old.ttf"), labels, Counter())}
    assert glyphs["lam_alef_fina"] == "lam_alef.fina"
    assert "lam_alef_isol" not in glyphs
    assert "beh_init" not in glyphs, "without shaping the letter has no forms"


def test_a_broken_character_map_is_named(tmp_path: Path) -> None:
    font = build(DESIGNS[0]).font
    font.save(tmp_path / "font.ttf")
    data = bytearray((tmp_path / "font.ttf").read_bytes())
    entry = TTFont(tmp_path / "font.ttf").reader.tables["cmap"]
    data[entry.offset : entry.offset + entry.length] = b"\xff" * entry.length
    (tmp_path / "font.ttf").write_bytes(data)
    with pytest.raises(FontError, match=r"font\.ttf has a broken character map"):
        _ = FontFace(tmp_path / "font.ttf").cmap
