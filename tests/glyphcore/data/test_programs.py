"""Font programs as PDFs contain them: each is opened, drawn like its source font, and gives its kind."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import tiny_programs as tiny
from fontTools.ttLib import TTFont
from tiny_fonts import CHARACTERS, DESIGNS, build

from glyphcore import cli
from glyphcore.config import BuildConfig
from glyphcore.data import programs
from glyphcore.data.composites import too_many
from glyphcore.data.containers import CFF, SFNT, STRANGERS, TYPE1, fonts_in, kind_of
from glyphcore.data.drawing import rasterize_each
from glyphcore.data.fonts import FontFace, open_faces
from glyphcore.data.programs import FREETYPE, HARFBUZZ, FreeTypeProgram, HarfBuzzProgram, Program
from glyphcore.data.store import GlyphStore
from glyphcore.errors import FontError, OutlineError
from glyphcore.jobs import db_build

ENCODING = {0x41: "A", 0x61: "a", 0xC1: "beh"}


def face(tmp_path: Path, data: bytes, name: str = "program", number: int = 0) -> FontFace:
    path = tmp_path / name
    path.write_bytes(data)
    return open_faces(path, number)[0]


def pixels(drawer: Program) -> np.ndarray:
    gids = range(drawer.glyph_count)
    advances = [drawer.advance(gid) for gid in gids]
    return rasterize_each(drawer.outlines(gids), advances, drawer.upem)[0]


def cubic() -> HarfBuzzProgram:
    return HarfBuzzProgram(tiny.saved(build(tiny.CUBIC).font), 0)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (tiny.bare_cff(), CFF),
        (tiny.cid_keyed({7: "a"}), CFF),
        *((tiny.type1(ENCODING, form=form), TYPE1) for form in ("pfa", "pfb", "pdf")),
    ],
    ids=["CFF", "CID", "pfa", "pfb", "pdf"],
)
def test_a_program_is_told_by_its_content(tmp_path: Path, data: bytes, kind: str) -> None:
    assert kind_of(data) == kind
    found = face(tmp_path, data)
    assert found.by == FREETYPE
    assert found.remarks() == [f"{kind}, outlines as FreeType draws them"]


@pytest.mark.parametrize("form", ["pfa", "pfb", "pdf"])
def test_type_1_is_drawn_as_the_font_that_it_comes_from(tmp_path: Path, form: str) -> None:
    found, whole = face(tmp_path, tiny.type1(ENCODING, form=form)), cubic()
    assert found.names == TTFont(io.BytesIO(tiny.saved(build(tiny.CUBIC).font))).getGlyphOrder()
    assert (found.upem, found.metrics.family) == (1000, "TinyCubic")
    assert [found.advance(gid) for gid in range(found.glyph_count)] == [
        whole.advance(gid) for gid in range(whole.glyph_count)
    ]
    np.testing.assert_array_equal(pixels(found), pixels(whole))


@pytest.mark.parametrize("start", [b"\n\0 ", b"%!PS-Adobe-3.0 Resource-Font\n"])
def test_type_1_may_start_as_readers_of_pdfs_forgive(tmp_path: Path, start: bytes) -> None:
    data = tiny.type1(ENCODING)
    data = start + (data if start[:1] == b"\n" else data.partition(b"\n")[2])
    np.testing.assert_array_equal(pixels(face(tmp_path, data)), pixels(cubic()))


def test_a_bare_cff_is_drawn_as_the_font_that_it_comes_from(tmp_path: Path) -> None:
    found, whole = face(tmp_path, tiny.bare_cff()), cubic()
    for ours, theirs in zip(
        found.outlines(range(found.glyph_count)), whole.outlines(range(whole.glyph_count)), strict=True
    ):
        assert not isinstance(ours, OutlineError)
        assert not isinstance(theirs, OutlineError)
        assert all(np.array_equal(getattr(ours, part), getattr(theirs, part)) for part in vars(ours))
    np.testing.assert_array_equal(pixels(found), pixels(whole))


def test_freetype_draws_what_harfbuzz_draws_to_the_half_unit(font_folder: Path) -> None:
    """Implied points of TrueType lie on halves; FreeType would cut them to integers in font units."""
    halves = 0
    for name in ("TinySans-Regular.ttf", "TinySerif.ttf", "TinyCubic.otf"):
        data = (font_folder / name).read_bytes()
        one, other = HarfBuzzProgram(data, 0), FreeTypeProgram(data, 0, SFNT)
        assert (one.by, other.by) == (HARFBUZZ, FREETYPE)
        gids = range(one.glyph_count)
        for a, b in zip(one.outlines(gids), other.outlines(gids), strict=True):
            assert not isinstance(a, OutlineError)
            assert not isinstance(b, OutlineError)
            np.testing.assert_array_equal(a.points, b.points)
            np.testing.assert_array_equal(a.tags, b.tags)
            halves += int((a.points % 1 == 0.5).any())
        assert [one.advance(gid) for gid in gids] == [other.advance(gid) for gid in gids]
    assert halves > 20


@pytest.mark.parametrize("form", [2, 256])
def test_tables_that_only_freetype_draws(tmp_path: Path, form: int) -> None:
    found = face(tmp_path, tiny.long_locations(form))
    assert found.remarks() == ["outlines as FreeType draws them"]
    whole = HarfBuzzProgram(tiny.saved(build(tiny.SANS).font), 0)
    np.testing.assert_array_equal(pixels(found), pixels(whole))
    assert found.cmap[ord("a")] == 1, "its other tables are read as ever"
    assert found.shape("ب\u200d") == [found.shape("بب")[-1]]


@pytest.mark.parametrize("design", [tiny.SANS, tiny.CUBIC], ids=["TrueType", "CFF"])
@pytest.mark.parametrize("tags", [("cmap", "OS/2", "post", "name"), ("cmap", "OS/2", "post", "name", "GSUB", "hhea")])
def test_tables_that_pdfs_leave_out(tmp_path: Path, design, tags: tuple[str, ...]) -> None:
    found = face(tmp_path, tiny.without(*tags, design=design))
    whole = pixels(HarfBuzzProgram(tiny.saved(build(design).font), 0))
    drawn = pixels(found)
    assert sum(map(np.array_equal, drawn, whole)) >= len(whole) - 6, "marks are told by their advance"


def test_an_opentype_program_of_outlines_alone(tmp_path: Path) -> None:
    """FontFile3 of subtype OpenType may hold ``CFF `` and ``cmap`` and nothing else (PDF 32000-1, 9.9)."""
    others = ("head", "hhea", "hmtx", "maxp", "OS/2", "post", "name", "GSUB")
    found = face(tmp_path, tiny.without(*others, design=tiny.CUBIC))
    assert found.by == FREETYPE
    np.testing.assert_array_equal(pixels(found), pixels(cubic()))
    assert {code: found.names[gid] for code, gid in found.cmap.items()} == {v: k for k, v in CHARACTERS.items()}


def test_a_fork_holds_each_font(tmp_path: Path) -> None:
    data = [tiny.saved(build(design).font) for design in (DESIGNS[0], DESIGNS[3])]
    (tmp_path / "suitcase.dfont").write_bytes(tiny.fork(*data))
    first, second = open_faces(tmp_path / "suitcase.dfont")
    assert (first.metrics.family, second.metrics.family, first.by) == ("Tiny Sans", "Tiny Serif", HARFBUZZ)
    assert first.file_hash == second.file_hash
    for found, whole in zip((first, second), data, strict=True):
        np.testing.assert_array_equal(pixels(found), pixels(HarfBuzzProgram(whole, 0)))
    with pytest.raises(FontError, match=r"has no face 2: it has faces 0 to 1\. Count from 0"):
        open_faces(tmp_path / "suitcase.dfont", 2)


def test_a_fork_without_fonts_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty.dfont").write_bytes(tiny.fork(b"").replace(b"sfnt", b"FOND"))
    with pytest.raises(FontError, match="resource fork of 0 fonts"):
        open_faces(tmp_path / "empty.dfont")


def test_a_cid_keyed_program_has_its_numbers_as_codes(tmp_path: Path) -> None:
    found = face(tmp_path, tiny.cid_keyed({34: "a", 700: "beh"}))
    assert found.names == ["cid0", "cid34", "cid700"]
    assert found.codes() == (2, {34: 1, 700: 2})
    assert (found.character_map.characters, found.character_map.by) == ({}, ""), "numbers are no characters"
    whole = cubic()
    drawn = whole.outlines([1])[0]
    assert not isinstance(drawn, OutlineError)
    np.testing.assert_array_equal(found.outline(1).points, drawn.points)
    assert found.advance(1) == 600


def test_type_1_has_its_encoding_as_codes(tmp_path: Path) -> None:
    found = face(tmp_path, tiny.type1(ENCODING))
    assert found.codes() == (1, {code: found.names.index(name) for code, name in ENCODING.items()})


def test_a_font_of_many_families_of_names_is_known_by_the_exact_ones(tmp_path: Path) -> None:
    """FreeType would derive characters from more names: the reader does not use its map for such a program."""
    names = {"a": "Delta", "b": "uni0416", "c": "u1D538", "d": "g.alt", "e": "f_i", "f": "uni06270628", "g": "uniD800"}
    found = face(tmp_path, tiny.type1(ENCODING, names=names | {"h": "afii10017", "beh": "Asmall"}))
    said = {chr(code): found.names[gid] for code, gid in found.cmap.items()}
    assert {"∆": "Delta", "Ж": "uni0416", "𝔸": "u1D538", "А": "afii10017", "A": "A"}.items() <= said.items()
    assert not {"g.alt", "f_i", "uni06270628", "uniD800", "Asmall", "beh.init", ".notdef"} & set(said.values())
    assert found.character_map.by == "its glyph names"


def test_it_takes_too_long_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "PATIENCE", (-1.0, 0.0))
    with pytest.raises(OutlineError, match="takes too long to draw"):
        face(tmp_path, tiny.bare_cff()).outline(1)


def composites(*of: tuple[int, ...]) -> bytes:
    """Return a font whose glyphs are made of these others, and whose outlines HarfBuzz does not read."""
    glyphs = [b"".join(struct.pack(">HHbb", 0x0022 if i + 1 < len(parts) else 2, part, 0, 0)
                       for i, part in enumerate(parts)) for parts in of]  # fmt: skip
    glyphs = [struct.pack(">hhhhh", -1, 0, 0, 9, 9) + each if each else b"" for each in glyphs]
    places = [sum(map(len, glyphs[:i])) for i in range(len(glyphs) + 1)]
    tables = {
        b"glyf": b"".join(glyphs),
        b"loca": struct.pack(f">{len(places)}I", *places),
        b"head": bytes(50) + b"\1\0\0\0",
    }
    directory, body, start = b"", b"", 12 + 16 * len(tables)
    for tag, content in tables.items():
        directory += struct.pack(">4sIII", tag, 0, start + len(body), len(content))
        body += content
    return b"\0\1\0\0" + struct.pack(">HHHH", len(tables), 0, 0, 0) + directory + body


def test_what_is_made_of_too_many_others_is_not_drawn() -> None:
    sixty = tuple([0] * 60)
    assert too_many(composites((), sixty, (1,) * 30, (2,) * 60)) == {3}
    assert too_many(composites((1,), (0,), (0, 1), ())) == {0, 1, 2}, "a glyph that holds itself"
    assert too_many(b"OTTO" + bytes(40)) == too_many(b"") == frozenset()


@pytest.mark.parametrize("empty", [True, False], ids=["blank outlines", "no outlines"])
@pytest.mark.parametrize("tag", ["sbix", "CBDT", "SVG ", "COLR"])
def test_a_font_of_pictures_says_that_it_is_one(tmp_path: Path, tag: str, empty: bool) -> None:
    with pytest.raises(FontError, match=rf"^program holds pictures \({tag.strip()}\), no outlines\.$"):
        face(tmp_path, tiny.pictures(tag, empty=empty))


def test_a_font_with_pictures_and_outlines_is_read(tmp_path: Path) -> None:
    font = tiny.plain()
    font["SVG "] = tiny.DefaultTable("SVG ")
    font["SVG "].data = bytes(10)
    assert face(tmp_path, tiny.saved(font)).draws


@pytest.mark.parametrize(
    ("data", "forgiven"),
    [(tiny.bare_cff(), False), (tiny.type1(ENCODING, form="pdf"), True), (tiny.fork(tiny.long_locations()), False)],
    ids=["CFF", "Type 1", "fork"],
)
def test_a_program_cut_short_is_refused_or_loses_only_glyphs(tmp_path: Path, data: bytes, forgiven: bool) -> None:
    said = []
    for length in range(0, len(data), len(data) // 25):
        try:
            found = face(tmp_path, data[:length])
            assert len(pixels(found)) == len(found.names)
        except FontError as error:
            said.append(str(error))
    assert said
    assert not any("\n" in each for each in said)
    assert (len(said) < 25) == forgiven, "a Type 1 font may lack what comes after its glyphs"


def test_every_font_of_a_folder_is_read_or_named(tmp_path: Path, tiny_reader: Path, capsys) -> None:
    folder = tmp_path / "fonts"
    folder.mkdir()
    files = {
        "good.ttf": tiny.saved(build(tiny.SANS).font), "bare.cff": tiny.bare_cff(), "type1.pfa": tiny.type1(ENCODING),
        "font-12": tiny.type1(ENCODING, form="pdf"), "suitcase.dfont": tiny.fork(tiny.long_locations()),
        "pictures.ttf": tiny.pictures("sbix"), "screen.bdf": b"STARTFONT 2.1\n", "broken.cff": b"\1\0\4\1\0\1",
        "web.eot": bytes(90), "README.txt": b"%!PS-AdobeFont", "NOTES": b"plain words",
    }  # fmt: skip
    for name, data in files.items():
        (folder / name).write_bytes(data)
    out = tmp_path / "read.jsonl"
    assert cli.main(["infer", str(folder), "--checkpoint", str(tiny_reader), "--out", str(out)]) == 3
    said = capsys.readouterr().err
    read = {Path(json.loads(line)["file"]).name for line in out.read_text().splitlines()}
    assert read == {"good.ttf", "bare.cff", "type1.pfa", "font-12", "suitcase.dfont"}
    for name in sorted(set(files) - read - {"README.txt", "NOTES"}):
        assert name in said
    assert "4 inputs not read" in said
    assert "bare.cff: CFF, outlines as FreeType draws them" in said
    assert "holds bitmaps, no outlines" in said
    assert {path.name for path in fonts_in(folder)} == set(files) - {"README.txt", "NOTES"}
    assert ".bdf" in STRANGERS
    sources = {
        json.loads(line)["file"].rpartition("/")[2]: json.loads(line).get("outlines")
        for line in out.read_text().splitlines()
    }
    assert sources == dict.fromkeys(read, FREETYPE) | {"good.ttf": None}


def test_a_database_is_built_from_programs_and_knows_who_drew(tmp_path: Path) -> None:
    (tmp_path / "a.ttf").write_bytes(tiny.saved(build(tiny.SANS).font))
    (tmp_path / "b.cff").write_bytes(tiny.bare_cff())
    db_build.run(BuildConfig(out=tmp_path / "x.db", fonts=(tmp_path,)))
    store = GlyphStore(tmp_path / "x.db")
    assert list(store.fonts()["file"]) == ["a.ttf", "b.cff"]
    named = {row.label: row.name for row in store.rows() if row.f_id == 2}
    assert named["latin_small_letter_a"] == "a", "names are what a bare CFF says of its glyphs"
    with closing(sqlite3.connect(tmp_path / "x.db")) as database:
        ((said,),) = database.execute("SELECT value FROM meta WHERE key = 'fonts_drawn_by_freetype'").fetchall()
    assert json.loads(said) == [2]
