"""The page of fonts as Streamlit runs it: links to fonts, uploads, stored corrections, exports."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_programs
from cmap_parser import parsed
from components import chosen, offered
from streamlit.testing.v1 import AppTest

from app.fonts import data as fonts
from app.fonts import files as fontfiles
from app.fonts.charts import threshold_curve
from app.fonts.glyph_grid import SIGNS
from glyphcore.audit.corrections import Correction, CorrectionStore
from glyphcore.audit.findings import VERDICTS
from glyphcore.data.programs import FreeTypeProgram
from glyphcore.errors import FontError

ROOT = Path(__file__).resolve().parents[3]
MAIN = str(ROOT / "app" / "main.py")
FONTS = "fonts/page.py"
BAD = {"empty": b"", "rubbish": b"nothing of a font" * 9, "collection of nothing": b"ttcf" + bytes(40)}


@pytest.fixture
def places(tmp_path: Path, font_folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A corpus cache, uploads and confirmed characters for this test alone; name → key of the fonts in the cache."""
    cache = tmp_path / "fonts"
    cache.mkdir()
    keys = {}
    for name in ("TinySans-Regular.ttf", "TinyWeb.woff2", "TinyPair.ttc"):
        data = (font_folder / name).read_bytes()
        keys[name] = hashlib.sha256(data).hexdigest()[:12]
        (cache / f"{keys[name]}-{name}").write_bytes(data)
    (tmp_path / "secret.ttf").write_bytes((font_folder / "TinySerif.ttf").read_bytes())
    for variable, value in (
        ("FONTS", "fonts"), ("UPLOADS", "uploads"), ("CONFIRMED", "confirmed.db"), ("DB", "no.db"), ("RESULTS", "none")
    ):  # fmt: skip
        monkeypatch.setenv(f"GLYPHCORE_{variable}", str(tmp_path / value))
    monkeypatch.setattr(fonts, "WAIT_SECONDS", 60.0)
    return keys


def opened(query: dict[str, Any]) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=90)
    app.run()
    app.switch_page(FONTS)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def drawn(app: AppTest) -> dict[str, Any]:
    (sheet,) = [each for each in app.get("bidi_component") if each.key == "fontsheet"]
    return json.loads(sheet.proto.json)


def test_without_a_font_the_page_says_what_it_is_for(places: dict[str, str]) -> None:
    app = opened({})
    assert not app.exception
    assert app.subheader[0].value == "Which glyph is which character?"
    assert len(offered(app, "fonts_known", "font")) == 3
    assert chosen(app, "fonts_known", "font") == [], "nothing is chosen: the first one can be"


def test_a_link_opens_a_font_worst_first(places: dict[str, str]) -> None:
    app = opened({"font": places["TinySans-Regular.ttf"]})
    assert not app.exception
    assert not app.error
    sheet = drawn(app)
    order = [VERDICTS.index(item["verdict"]) for item in sheet["items"]]
    assert order == sorted(order)
    assert sheet["total"] == len(sheet["items"]) > 20
    assert sheet["sprite"].startswith("data:image/png;base64,")
    by_glyph = [
        item["id"] for item in drawn(opened({"font": places["TinySans-Regular.ttf"], "sort": "glyph"}))["items"]
    ]
    assert by_glyph == sorted(by_glyph)
    worst = sheet["items"][0]["verdict"]
    only = drawn(opened({"font": places["TinySans-Regular.ttf"], "verdict": worst}))["items"]
    assert {item["verdict"] for item in only} == {worst}


@pytest.mark.parametrize(
    "query",
    [
        {"t": "x", "verdict": "<b>", "sort": "?", "at": "-1", "glyph": "999999", "model": "../x", "face": "77"},
        {"t": "7", "at": "9" * 40, "alone": "maybe", "face": "-1"},
    ],
)
def test_malformed_parameters_fall_back(places: dict[str, str], query: dict[str, str]) -> None:
    app = opened({"font": places["TinyWeb.woff2"], **query})
    assert not app.exception
    assert not app.error
    assert drawn(app)["position"] == 0
    assert app.slider(key="fonts_t").value == fonts.THRESHOLD


@pytest.mark.parametrize(
    "font",
    [
        "/etc/passwd",
        "../secret.ttf",
        "..",
        "/",
        "fonts/../../secret.ttf",
        "\x00",
        "0" * 12,
        "a" * 300,
        "*",
        "secret.ttf",
    ],
)
def test_a_link_opens_nothing_but_fonts_of_the_cache(places: dict[str, str], font: str) -> None:
    app = opened({"font": font})
    assert not app.exception
    assert len(app.error) == 1
    assert "link" in app.error[0].value
    assert not [each for each in app.get("bidi_component") if each.key == "fontsheet"]


def test_a_link_may_name_a_path_in_the_cache(places: dict[str, str], tmp_path: Path) -> None:
    name = f"{places['TinyWeb.woff2']}-TinyWeb.woff2"
    assert fontfiles.path_of(name) == (tmp_path / "fonts" / name).resolve()
    (tmp_path / "fonts" / "out.ttf").symlink_to(tmp_path / "secret.ttf")
    with pytest.raises(FontError, match="corpus cache only"):
        fontfiles.path_of("out.ttf")


def test_an_upload_is_kept_by_its_hash_and_never_by_its_name(places: dict[str, str], font_folder: Path) -> None:
    data = (font_folder / "TinySerif.ttf").read_bytes()
    key = fontfiles.keep("../../../evil.ttf", data)
    assert [path.name for path in fontfiles.uploads().iterdir()] == [f"{hashlib.sha256(data).hexdigest()}.font"]
    assert fontfiles.path_of(key).read_bytes() == data
    assert drawn(opened({"font": key}))["total"] > 20


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_upload_is_one_line_and_leaves_nothing(places: dict[str, str], kind: str) -> None:
    said = "is not a font that can be read" if BAD[kind] else "is empty"
    with pytest.raises(FontError, match=rf"my font\.ttf {said}.*\. Choose another file\.") as error:
        fontfiles.keep("my font.ttf", BAD[kind])
    assert "\n" not in str(error.value)
    assert ".font" not in str(error.value), "the name of the temporary file is nobody's business"
    assert not list(fontfiles.uploads().glob("*"))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("name", ["TinySerif.ttf", "TinyCubic.otf"])
def test_a_font_that_was_cut_off_is_read_as_far_as_it_goes_or_refused_in_a_line(
    places: dict[str, str], font_folder: Path, name: str, share: float
) -> None:
    data = (font_folder / name).read_bytes()
    try:
        key = fontfiles.keep(name, data[: int(len(data) * share)])
    except FontError:
        return
    app = opened({"font": key})
    assert not app.exception
    assert len(app.error) == 1 or drawn(app)["items"]


def test_an_upload_has_a_largest_size_and_old_ones_go(
    places: dict[str, str], font_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FontError, match="at most"):
        fontfiles.keep("big.ttf", bytes(fontfiles.MAX_MEGABYTES * 10**6 + 1))
    monkeypatch.setattr(fontfiles, "MAX_UPLOADS", 2)
    names = ("TinySerif.ttf", "TinyCubic.otf", "TinyKufi.woff", "TinyWeb.woff2")
    keys = [fontfiles.keep(name, (font_folder / name).read_bytes()) for name in names]
    assert {path.name[:12] for path in fontfiles.uploads().iterdir()} == set(keys[2:])


def test_an_uploaded_file_goes_into_the_link(places: dict[str, str], font_folder: Path) -> None:
    app = opened({})
    data = (font_folder / "TinyCubic.otf").read_bytes()
    app.file_uploader(key="fonts_upload_0").upload("TinyCubic.otf", data, "font/otf").run()
    assert not app.exception
    assert app.query_params["font"] == hashlib.sha256(data).hexdigest()[:12]
    assert drawn(app)["total"] > 20
    app.file_uploader(key="fonts_upload_1").upload("bad.ttf", b"bad", "font/ttf").run()
    assert not app.exception
    assert app.error[0].value.startswith("bad.ttf is not a font")


PROGRAMS = {
    "bare.cff": (tiny_programs.bare_cff(), ["CFF, outlines as FreeType draws them", "characters from its glyph names"]),
    "type1.pfb": (tiny_programs.type1({0x41: "A"}, form="pfb"), ["Type 1, outlines as FreeType draws them"]),
    "suitcase.dfont": (tiny_programs.fork(tiny_programs.long_locations()), ["outlines as FreeType draws them"]),
    "symbol.ttf": (tiny_programs.mapped(3, 0, 4, {0xF041: "A"}), ["characters from its symbol cmap (3,0)"]),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_out_of_a_pdf_is_uploaded_and_said_to_be_one(
    places: dict[str, str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    data, remarks = PROGRAMS[name]
    read = []
    opens, reads = FreeTypeProgram.__init__, fonts._read_in_subprocess
    monkeypatch.setattr(FreeTypeProgram, "__init__", lambda *a: (read.append("opened"), opens(*a))[1])
    monkeypatch.setattr(fonts, "_read_in_subprocess", lambda *a: (reads(*a), read.append("read"))[0])
    app = opened({"font": fontfiles.keep(name, data)})
    assert not app.exception
    assert not app.error
    assert drawn(app)["total"] > 20
    assert read[0] == "read", "FreeType sees an upload in a process of its own first"
    headline = next(each for each in app.get("html") if "headline" in each.proto.body).proto.body
    for remark in remarks:
        assert remark in headline
    kinds = [each.label for each in app.get("download_button")]
    coded = name != "suitcase.dfont"
    assert any("own codes" in each for each in kinds) == coded


def test_an_upload_that_freetype_cannot_open_is_said_in_a_line(places: dict[str, str]) -> None:
    app = opened({"font": fontfiles.keep("cut.cff", tiny_programs.bare_cff()[:300])})
    assert not app.exception
    (error,) = app.error
    assert error.value.startswith("The font is not a readable font: FreeType reports")


def test_a_font_of_pictures_is_refused_as_one(places: dict[str, str]) -> None:
    with pytest.raises(FontError, match=r"^emoji\.ttf is not .* holds pictures \(CBDT\), no outlines"):
        fontfiles.keep("emoji.ttf", tiny_programs.pictures("CBDT", empty=False))
    app = opened({"font": fontfiles.keep("emoji.ttf", tiny_programs.pictures("sbix"))})
    assert app.error[0].value == "The font holds pictures (sbix), no outlines."


def test_codes_are_exported(places: dict[str, str]) -> None:
    key = fontfiles.keep("symbol.ttf", PROGRAMS["symbol.ttf"][0])
    font = fontfiles.Font(key, fontfiles.path_of(key), 0, fontfiles.models()[0])
    assert fonts.is_read(font)
    assert set(parsed(fonts.export(font, fonts.audit(font, per_glyph=True), 0.0, "codes").decode(), width=1)) == {0x41}


def test_a_collection_has_its_faces(places: dict[str, str]) -> None:
    app = opened({"font": places["TinyPair.ttc"], "face": "1"})
    assert not app.exception
    assert chosen(app, "fonts_reading", "face") == ["1"]
    hashes = {fontfiles.Font("", fontfiles.path_of(places["TinyPair.ttc"]), face, Path()).hash for face in (0, 1)}
    assert len(hashes) == 2, "what is confirmed of one face is not of the other"


@pytest.fixture
def audited(places: dict[str, str]) -> tuple[fontfiles.Font, fonts.Audit]:
    font = fontfiles.Font("", fontfiles.path_of(places["TinySans-Regular.ttf"]), 0, fontfiles.models()[0])
    assert fonts.is_read(font)
    return font, fonts.audit(font, per_glyph=True)


def test_confirmed_characters_survive_and_are_marked(
    places: dict[str, str], audited: tuple[fontfiles.Font, fonts.Audit]
) -> None:
    font, audit = audited
    first, second, third = (int(each) for each in audit.reading.glyph_id[:3])
    bad = fonts.confirm(font, audit, {first: "beh_medi", second: "beh_innit", third: "U+4E2D", 10**6: "a"})
    assert set(bad) == {second, 10**6}
    assert "Did you mean" in bad[second]
    assert CorrectionStore(fonts.store().path).of(font.hash) == {
        first: Correction("ب", "beh_medi"),
        third: Correction("中"),
    }
    items = {item["id"]: item for item in drawn(opened({"font": places["TinySans-Regular.ttf"]}))["items"]}
    assert items[first]["kept"]["codes"] == "U+0628"
    assert items[first]["source"] == "confirmed"
    assert items[third]["kept"]["codes"] == "U+4E2D"
    assert items[second]["kept"] is None
    fonts.confirm(font, audit, {first: None})
    assert set(fonts.confirmed(font)) == {third}


def test_exports_follow_threshold_and_corrections(audited: tuple[fontfiles.Font, fonts.Audit]) -> None:
    font, audit = audited
    glyph = int(audit.reading.glyph_id[0])
    fonts.confirm(font, audit, {glyph: "U+0644 U+0627"})
    everything = parsed(fonts.export(font, audit, 0.0, "cmap").decode())
    assert everything[glyph] == "لا"
    strange = {each.glyph_id for each in audit.findings if each.is_outside and each.verdict != "unlabelled"}
    assert set(everything) - {glyph} == set(audit.reading.glyph_id.tolist()) - strange - {glyph}
    assert len(parsed(fonts.export(font, audit, 0.999, "cmap").decode())) < len(everything)
    assert fonts.export(font, audit, 0.5, "confirmed").decode().splitlines()[1].startswith(f"{glyph},U+0644+U+0627,")
    lines = [json.loads(line) for line in fonts.export(font, audit, 0.5, "jsonl").decode().splitlines()]
    assert [line["glyph_id"] for line in lines] == [each.glyph_id for each in audit.findings]
    assert fonts.export(font, audit, 0.5, "csv").startswith(b"\xef\xbb\xbfglyph_id,")


def test_pages_turn_through_everything_once(
    audited: tuple[fontfiles.Font, fonts.Audit], monkeypatch: pytest.MonkeyPatch
) -> None:
    font, audit = audited
    monkeypatch.setattr(fonts, "PAGE", 7)
    seen: list[int] = []
    at: int | None = None
    while True:
        page = fonts.page(font, audit, "", False, at, None)
        assert len(page.tiles) == len(page.geometry) == len(page.findings)
        seen += [each.glyph_id for each in page.findings]
        if (at := page.pages["next"]) is None:
            break
    assert seen == [each.glyph_id for each in audit.findings]
    with_cursor = fonts.page(font, audit, "", False, None, seen[10])
    assert seen[10] in [each.glyph_id for each in with_cursor.findings]


def test_a_big_font_is_read_in_a_process_of_its_own_and_the_same(
    places: dict[str, str], audited: tuple[fontfiles.Font, fonts.Audit], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "SUBPROCESS_GLYPHS", 1)
    font, audit = audited
    task = fonts.ReadingTask(total=9)
    fonts._read_in_subprocess(font, task)
    assert task.reading is not None
    assert task.done == font.face.glyph_count
    assert task.losses.empty == fonts.start_reading(font).losses.empty > 0
    for name in ("glyph_id", "top", "claim_p"):
        np.testing.assert_array_equal(getattr(task.reading, name), getattr(audit.reading, name))
    assert task.reading.mappings == audit.reading.mappings
    assert task.reading.labels == audit.reading.labels
    missing = fontfiles.Font("", font.path, 7, font.model)
    with pytest.raises(FontError, match="has no face 7"):
        fonts._read_in_subprocess(missing, fonts.ReadingTask())


def test_every_verdict_has_a_sign() -> None:
    assert set(SIGNS) == set(VERDICTS)
    assert len(set(SIGNS.values())) == len(VERDICTS)


def test_the_curve_is_drawn(audited: tuple[fontfiles.Font, fonts.Audit]) -> None:
    made = threshold_curve(audited[1].curve, 0.3)
    covered, agrees = made.data
    assert covered.y[0] == 1
    assert (covered.y[:-1] >= covered.y[1:]).all()
    assert len(agrees.y) == 101
    assert made.layout.shapes[0].x0 == 0.3
