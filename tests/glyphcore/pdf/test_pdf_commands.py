"""``glyphcore pdf``: PDFs of real producers whose ToUnicode was removed or permuted, detected and repaired."""

from __future__ import annotations

import io
import json
import math
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pdf_files
import pikepdf
import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from pdf_files import ENGLISH, PERSIAN, PRODUCERS, letters, permuted, stripped
from pypdf import PdfReader
from shipped_fonts import ARABIC, LATIN, build

from glyphcore import cli, pdf
from glyphcore.audit.tounicode import to_unicode
from glyphcore.data.fonts import FontFace
from glyphcore.errors import PdfError
from glyphcore.pdf import cmaps

POPPLER = shutil.which("pdftotext")
WITH_LIGATURES = "Andika"
"""A family that draws ﬀ ﬁ ﬂ ﬃ ﬄ."""
CODES_ARE_TEXT = stripped, "reportlab"
"""The codes in ReportLab's English files are the characters themselves."""


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("shipped")
    found = {}
    for family in (LATIN, ARABIC):
        found[family] = folder / family / f"{family}.ttf"
        found[family].parent.mkdir()
        build(family, found[family])
    return found


@pytest.fixture(scope="module")
def made(fonts: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Make a PDF with each producer."""
    folder = tmp_path_factory.mktemp("made")
    found = {}
    for name, produce in PRODUCERS.items():
        found[name] = folder / f"{name}.pdf"
        produce(ENGLISH, fonts[LATIN], found[name])
    found["persian"] = folder / "persian.pdf"
    pdf_files.fpdf2(PERSIAN, fonts[ARABIC], found["persian"])
    return found


def run(*words: object) -> int:
    return cli.main(["pdf", *(str(word) for word in words)])


def read_by_pypdf(path: Path) -> str:
    return letters("".join(page.extract_text() for page in PdfReader(path).pages))


def read_by_poppler(path: Path) -> str:
    assert POPPLER
    return letters(subprocess.run([POPPLER, str(path), "-"], capture_output=True, check=True, text=True).stdout)


@pytest.mark.parametrize(
    ("harm", "producer"),
    [(harm, producer) for harm in (stripped, permuted) for producer in PRODUCERS if (harm, producer) != CODES_ARE_TEXT],
)
def test_lying_fonts_are_found_and_repaired(harm, producer: str, made: dict[str, Path], tmp_path: Path) -> None:
    broken, out = harm(made[producer], tmp_path / "broken.pdf"), tmp_path / "out.pdf"
    assert letters(ENGLISH) not in read_by_pypdf(broken), "it is broken"
    assert run("inspect", "-q", made[producer]) == 0
    assert run("inspect", "-q", broken) == 1
    assert run("repair", "-q", broken, "--out", out) == 0
    assert run("inspect", "-q", out) == 0
    assert read_by_pypdf(out) == letters(ENGLISH)
    if POPPLER:
        assert read_by_poppler(out) == letters(ENGLISH)


def test_a_font_whose_codes_are_its_characters_is_right_without_tounicode(
    made: dict[str, Path], tmp_path: Path
) -> None:
    harm, producer = CODES_ARE_TEXT
    plain = harm(made[producer], tmp_path / "plain.pdf")
    assert read_by_pypdf(plain) == letters(ENGLISH)
    assert [font["verdict"] for font in pdf.inspect(plain)["fonts"]] == ["right"]


def test_arabic_script_is_given_back(made: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = stripped(made["persian"], tmp_path / "broken.pdf")
    assert run("text", "-q", broken) == 0
    assert letters(capsys.readouterr().out) == letters(PERSIAN)


def test_the_text_of_a_healthy_file_is_what_it_says(made: dict[str, Path], tmp_path: Path) -> None:
    assert run("text", "-q", made["fpdf2"], "--out", tmp_path / "out.txt") == 0
    text = (tmp_path / "out.txt").read_text(encoding="utf-8")
    assert " ".join(text.split()) == ENGLISH
    assert text.endswith("\f")


def test_a_healthy_file_is_copied_byte_for_byte(made: dict[str, Path], tmp_path: Path) -> None:
    for producer in PRODUCERS:
        assert run("repair", "-q", made[producer], "--out", tmp_path / "out.pdf") == 0
        assert (tmp_path / "out.pdf").read_bytes() == made[producer].read_bytes(), producer


def test_nothing_but_the_cmap_changes(made: dict[str, Path], tmp_path: Path) -> None:
    broken, out = stripped(made["typst"], tmp_path / "broken.pdf"), tmp_path / "out.pdf"
    assert run("repair", "-q", broken, "--out", out) == 0
    with pikepdf.open(broken) as before, pikepdf.open(out) as after:
        assert len(before.pages) == len(after.pages)
        old, new = ([_flat(each) for each in one.objects] for one in (before, after))
        assert sorted(set(old) - set(new)) == [], "an object is gone or other than it was"
        added = set(new) - set(old)
        assert len(added) == 1
        assert b"begincmap" in next(iter(added))
    pictures = [_drawn(path) for path in (broken, out)]
    assert pictures[0] == pictures[1]


def _flat(value: pikepdf.Object) -> bytes:
    """Return an object without ToUnicode and without its references, which are numbered anew when a file is written."""
    import re

    data = value.read_raw_bytes() if isinstance(value, pikepdf.Stream) else b""
    if b"begincmap" in data or (isinstance(value, pikepdf.Stream) and b"begincmap" in value.read_bytes()):
        return b"begincmap"
    text = re.sub(rb"\d+ \d+ R", b"R", value.stream_dict.unparse() if data else value.unparse())
    return re.sub(rb"/Length \d+|/ToUnicode R", b"", text) + data


def _drawn(path: Path) -> bytes:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        return b"".join(page.render(scale=1).to_numpy().tobytes() for page in document)
    finally:
        document.close()


def test_inspect_tells_fonts_and_pages_apart(made: dict[str, Path], fonts: dict[str, Path], tmp_path: Path,
                                             capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    """One font of two is wrong; the pages give the share of its glyphs."""
    broken = stripped(made["persian"], tmp_path / "broken.pdf")
    with pikepdf.open(made["fpdf2"]) as both, pikepdf.open(broken) as other:
        both.pages.extend(other.pages)
        both.save(tmp_path / "both.pdf")
    assert run("inspect", "-q", tmp_path / "both.pdf", "--json") == 1
    answer = json.loads(capsys.readouterr().out)
    assert [font["verdict"] for font in answer["fonts"]] == ["right", "missing"]
    assert [page["share"] for page in answer["pages"]] == [0, 1]
    assert answer["pages"][1]["ranges"] == [[0, answer["pages"][1]["shown"]]]
    assert run("inspect", "-q", tmp_path / "both.pdf") == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "1 of 2 pages" in lines[-1]


def test_one_bad_file_does_not_end_the_rest(
    made: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    stripped(made["fpdf2"], folder / "a.pdf")
    (folder / "b.pdf").write_bytes(b"%PDF-1.7 rubbish")
    shutil.copy(made["reportlab"], folder / "c.pdf")
    assert run("repair", folder, "--out", out) == 3
    assert "b.pdf is not a readable PDF" in capsys.readouterr().err
    assert sorted(path.name for path in out.iterdir()) == ["a.pdf", "c.pdf"]
    assert read_by_pypdf(out / "a.pdf") == letters(ENGLISH)
    stamp = (out / "a.pdf").stat().st_mtime_ns
    assert run("repair", folder, "--out", out) == 3
    assert (out / "a.pdf").stat().st_mtime_ns == stamp, "what is there is not made again"
    assert "2 files existed already" in capsys.readouterr().err


def cut(source: Path, out: Path, mark: bytes) -> Path:
    """Write the part of a file before ``mark``."""
    whole = source.read_bytes()
    assert mark in whole
    out.write_bytes(whole[: whole.index(mark)])
    return out


def without_two_pages(source: Path, out: Path) -> Path:
    """Write the file with two more pages, whose contents are lost with the end of the file."""
    with pikepdf.open(source) as book:
        for page in (b"second", b"third"):
            book.pages.append(book.pages[0])
            book.pages[-1].Contents = book.make_stream(book.pages[0].Contents.read_bytes() + b" %" + page)
        book.save(out, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    whole = out.read_bytes()
    for page in (b" %second", b" %third"):
        start = whole.rindex(b"endobj\n", 0, whole.index(page))
        whole = whole[:start] + whole[whole.index(b"endobj\n", start + 1) :]
    out.write_bytes(whole[: whole.index(b"xref\n") + 5])
    return out


def test_a_file_that_is_cut_off_says_so_and_is_not_called_healthy(
    made: dict[str, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    gone = cut(made["fpdf2"], tmp_path / "gone.pdf", b"/BaseFont")
    for command in (("inspect", gone), ("text", gone), ("repair", gone, "--out", tmp_path / "out.pdf")):
        assert run(*command) == 1
        said = capfd.readouterr()
        assert said.err.count("\n") == 1
        assert "gone.pdf is damaged, its end is missing: no text of its pages can be read." in said.err
    assert not (tmp_path / "out.pdf").exists()


def test_a_file_that_lost_its_pages_says_what_is_missing(
    made: dict[str, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run("inspect", cut(made["reportlab"], tmp_path / "gone.pdf", b"/Catalog")) == 1
    assert "gone.pdf is damaged, its end is missing: nothing of it can be read." in capfd.readouterr().err


def test_what_can_be_read_of_a_damaged_file_is_read_and_the_rest_is_said(
    made: dict[str, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Without the table of objects everything is read. Without two of three pages one is read; the exit code is 3."""
    bare = cut(made["fpdf2"], tmp_path / "bare.pdf", b"xref\n")
    assert run("inspect", bare) == 0
    assert "damaged, its end is missing: all that its page shows could be read" in capfd.readouterr().err
    assert run("text", without_two_pages(made["reportlab"], tmp_path / "part.pdf")) == 3
    said = capfd.readouterr()
    assert "part.pdf is damaged" in said.err
    assert "1 of 3 pages could be read completely" in said.err
    assert letters(said.out) == letters(ENGLISH)


def test_a_program_in_the_lost_end_of_a_file_is_not_called_not_embedded(
    made: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pikepdf.open(made["fpdf2"]) as book:
        has_program = (each for each in book.objects if isinstance(each, pikepdf.Dictionary) and "/FontFile2" in each)
        mark = b"\n%d 0 obj\n" % next(has_program)["/FontFile2"].objgen[0]
    whole = made["fpdf2"].read_bytes()
    start = whole.index(mark)
    end = whole.index(b"endobj\n", start) + len(b"endobj\n")
    (tmp_path / "cut.pdf").write_bytes(whole[: start + 1] + whole[end : whole.index(b"xref\n") + 5])
    assert run("inspect", "-q", tmp_path / "cut.pdf", "--json") == 3
    (font,) = json.loads(capsys.readouterr().out)["fonts"]
    assert (font["verdict"], font["snag"]) == ("unreadable", "its program is in the missing part of the file")
    assert "embedded" not in font["kind"]


def test_a_wrong_password_is_told_from_a_missing_one(
    made: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pikepdf.open(made["fpdf2"]) as source:
        source.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(owner="o", user="u"))
    assert run("inspect", "-q", tmp_path / "locked.pdf") == 1
    assert "locked.pdf needs a password" in capsys.readouterr().err
    assert run("inspect", "-q", tmp_path / "locked.pdf", "--password", "x") == 1
    assert " is wrong" in capsys.readouterr().err
    assert run("inspect", "-q", tmp_path / "locked.pdf", "--password", "u") == 0


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("linear", [False, True])
def test_what_a_file_is_stays(linear: bool, encrypted: bool, made: dict[str, Path], tmp_path: Path) -> None:
    broken, odd, out = stripped(made["fpdf2"], tmp_path / "b.pdf"), tmp_path / "odd.pdf", tmp_path / "out.pdf"
    with pikepdf.open(broken) as source:
        encryption = pikepdf.Encryption(owner="o", user="") if encrypted else None
        source.save(odd, linearize=linear, encryption=encryption)
    answer = pdf.repair(odd, out)
    with pikepdf.open(out) as written:
        assert written.is_linearized == linear
        assert written.is_encrypted == encrypted
    assert len(answer["remarks"]) == linear + encrypted
    assert pdf.inspect(out)["lies"] is False


def test_a_signed_file_is_not_written_unless_asked(made: dict[str, Path], tmp_path: Path) -> None:
    broken, signed = stripped(made["fpdf2"], tmp_path / "b.pdf"), tmp_path / "signed.pdf"
    with pikepdf.open(broken) as source:
        source.Root["/AcroForm"] = pikepdf.Dictionary({"/SigFlags": 3, "/Fields": pikepdf.Array()})
        source.save(signed)
    with pytest.raises(PdfError, match="signed"):
        pdf.repair(signed, tmp_path / "out.pdf")
    assert not (tmp_path / "out.pdf").exists()
    pdf.repair(signed, tmp_path / "out.pdf", signed=True)
    assert pdf.inspect(tmp_path / "out.pdf")["lies"] is False


def test_what_people_say_comes_first_and_holds_everywhere(made: dict[str, Path], tmp_path: Path) -> None:
    broken, report = stripped(made["fpdf2"], tmp_path / "b.pdf"), tmp_path / "report.json"
    pdf.repair(broken, tmp_path / "first.pdf", report=report, sheet=tmp_path / "sheet.html")
    glyph = next(each for each in json.loads(report.read_text())["glyphs"] if each["text"] == "z")
    use = glyph["uses"][0]
    (tmp_path / "said.csv").write_text(f"font,code,text\n{use['font']},{use['code']},ж\n", encoding="utf-8")
    answer = run("repair", "-q", broken, "--out", tmp_path / "second.pdf", "--confirmed", tmp_path / "said.csv")
    assert answer == 0
    assert read_by_pypdf(tmp_path / "second.pdf") == letters(ENGLISH).replace("z", "ж")
    sheet = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert sheet.count("<img") > 20
    assert "<script" not in sheet


def test_every_glyph_that_is_shown_has_an_entry(made: dict[str, Path], tmp_path: Path) -> None:
    """After one entry, poppler drops the glyphs without an entry."""
    broken, out = permuted(made["reportlab"], tmp_path / "b.pdf"), tmp_path / "out.pdf"
    pdf.repair(broken, out)
    with pikepdf.open(out) as written:
        font = next(each for each in written.objects if isinstance(each, pikepdf.Dictionary) and "/ToUnicode" in each)
        texts = cmaps.parse(font["/ToUnicode"].read_bytes()).texts
    assert set("".join(texts.values())) == set(ENGLISH)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("repair", "in.pdf", "--out", "in.pdf"), "would overwrite"),
        (("repair", "in.pdf", "in.pdf", "--out", "x", "--report", "r"), "need a single file"),
        (("text", "none.pdf"), "does not exist"),
        (("inspect", "folder"), "holds no .pdf file"),
    ],
)
def test_mistakes_are_one_line(
    words: tuple[str, ...],
    said: str,
    made: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(made["fpdf2"], "in.pdf")
    (tmp_path / "folder").mkdir()
    assert run(*words) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю."


@pytest.fixture
def georgian(dejavu: Path, tmp_path: Path) -> Path:
    """Make a PDF without ToUnicode in a script that the first model has no labels for, and no words."""
    pdf_files.fpdf2(GEORGIAN, dejavu, tmp_path / "whole.pdf")
    return stripped(tmp_path / "whole.pdf", tmp_path / "georgian.pdf")


NARROW = ("--checkpoint", "mixer-geometry")
"""The first model alone: with the default, ``auto``, the wider model knows more scripts (``test_pdf_scripts.py``)."""


def test_a_font_of_another_script_gets_no_text_rather_than_letters_that_look_alike(
    georgian: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("inspect", "-q", *NARROW, georgian) == 1
    assert "its glyphs look like no known characters" in capsys.readouterr().out
    assert run("text", "-q", *NARROW, georgian) == 0
    assert set(letters(capsys.readouterr().out)) == {"\ufffd"}
    assert run("repair", "-q", *NARROW, georgian, "--out", tmp_path / "out.pdf") == 0
    assert (tmp_path / "out.pdf").read_bytes() == georgian.read_bytes()


def test_what_a_person_says_of_another_script_is_kept(
    georgian: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    font = pdf.inspect(georgian)["fonts"][0]["font"]
    (tmp_path / "said.csv").write_text(f"font,code,text\n{font},0001,ნ\n", encoding="utf-8")
    assert run("text", "-q", *NARROW, georgian, "--confirmed", tmp_path / "said.csv") == 0
    text = letters(capsys.readouterr().out)
    assert set(text) == {"\ufffd", "ნ"}
    assert (
        run("repair", "-q", *NARROW, georgian, "--confirmed", tmp_path / "said.csv", "--out", tmp_path / "o.pdf") == 0
    )
    assert read_by_pypdf(tmp_path / "o.pdf") == text, "the file says what the text says"


def test_what_a_person_says_of_a_healthy_font_is_written_and_the_rest_of_it_stays(
    made: dict[str, Path], tmp_path: Path
) -> None:
    whole, report = made["fpdf2"], tmp_path / "report.json"
    pdf.repair(whole, tmp_path / "first.pdf", report=report)
    glyph = next(each for each in json.loads(report.read_text())["glyphs"] if each["text"] == "z")
    use = glyph["uses"][0]
    (tmp_path / "said.csv").write_text(f"font,code,text\n{use['font']},{use['code']},ж\n", encoding="utf-8")
    pdf.repair(whole, tmp_path / "second.pdf", confirmed=tmp_path / "said.csv")
    assert read_by_pypdf(tmp_path / "second.pdf") == letters(ENGLISH).replace("z", "ж")


def test_lines_about_fonts_and_glyphs_that_are_not_there_are_said(
    made: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = stripped(made["fpdf2"], tmp_path / "b.pdf")
    font = pdf.inspect(broken)["fonts"][0]["font"]
    said = tmp_path / "said.csv"
    said.write_text(f"font,code,text\nCourier,0041,A\nCourier,0042,B\n{font},FFF0,x\n{font},0001,ж\n", encoding="utf-8")
    for command in (("text", broken), ("repair", broken, "--out", tmp_path / "out.pdf")):
        assert run(*command, "--confirmed", said) == 0
        errors = capsys.readouterr().err
        assert "2 lines ignored, because the PDF does not show their font (Courier)" in errors
        assert f"1 line ignored, because the PDF does not show their glyph ({font} FFF0)" in errors
    assert "1 font repaired" in errors


@pytest.mark.parametrize("ligatures", ["presentation", "logical"])
def test_latin_ligatures_are_their_letters(ligatures: str, tmp_path: Path) -> None:
    build(WITH_LIGATURES, tmp_path / "font.ttf")
    text = "The oﬃce of ﬁre and ﬂood is oﬀ; it was baﬄed, they say, by a quick brown fox that jumped over it."
    pdf_files.fpdf2(text, tmp_path / "font.ttf", tmp_path / "whole.pdf")
    broken = stripped(tmp_path / "whole.pdf", tmp_path / "broken.pdf")
    assert run("repair", "-q", broken, "--out", tmp_path / "out.pdf", "--ligatures", ligatures) == 0
    page = PdfReader(tmp_path / "out.pdf").pages[0].extract_text()
    assert " ".join(page.split()) == unicodedata.normalize("NFKC", text)
    assert " ".join(pdf.text(broken)[0].split()) == unicodedata.normalize("NFKC", text)


def test_an_apostrophe_of_a_font_without_an_encoding_stays_one(fonts: dict[str, Path], tmp_path: Path) -> None:
    """By StandardEncoding, which is not the encoding of a TrueType font, it would be a quotation mark."""
    text = "It isn't the dog's bone, is it? They weren't here at four o'clock; nobody knew where they'd gone."
    pdf_files.reportlab(text, fonts[LATIN], tmp_path / "whole.pdf")

    def thin_out(book: pikepdf.Pdf, font: object, texts: dict[int, str]) -> None:
        some = {code: said for code, said in texts.items() if said not in "'tn"}
        font["/ToUnicode"] = book.make_stream(to_unicode(some, 1).encode())

    partly = pdf_files.changed(tmp_path / "whole.pdf", tmp_path / "partly.pdf", thin_out)
    assert letters(pdf.text(partly)[0]) == letters(text)


def test_a_page_in_two_languages_names_both(
    fonts: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    english = "The harbour master counted the boats twice before breakfast, because one of them had been missing."
    french = "Le gardien du phare comptait les bateaux deux fois avant le déjeuner, car l'un d'eux avait disparu."
    pdf_files.fpdf2(f"{english} {french}", fonts[LATIN], tmp_path / "whole.pdf")
    broken = stripped(tmp_path / "whole.pdf", tmp_path / "broken.pdf")
    assert run("repair", broken, "--out", tmp_path / "out.pdf") == 0
    assert "language: en, fr" in capsys.readouterr().err


HARBOUR = (
    "The harbour master counted the boats twice before breakfast, because one of them had been missing. Nobody "
    "believed him, yet the ledger showed 47 names and only 46 ropes. So they walked up the quiet hill and found her."
)
GEORGIAN = "ნავსადგურის უფროსმა ნავები ორჯერ დათვალა საუზმემდე, რადგან ერთი აკლდა. სოფელში არავინ დაუჯერა."


@pytest.mark.parametrize(("second", "alike", "model"), [(RUSSIAN, "aeopcyx", "mixer-geometry"), (GEORGIAN, "", "auto")])
def test_a_second_script_in_a_font_does_not_become_letters(
    second: str, alike: str, model: str, dejavu: Path, tmp_path: Path
) -> None:
    """Words of the first script are no evidence for letters of the second one, except for shared glyphs."""
    pdf_files.reportlab(f"{HARBOUR} {second}", dejavu, tmp_path / "whole.pdf")
    text = pdf.text(stripped(tmp_path / "whole.pdf", tmp_path / "broken.pdf"), checkpoint=Path(model))[0]
    assert letters(text).startswith(letters(HARBOUR))
    strange = letters(text)[len(letters(HARBOUR)) :]
    assert sum(each.isalnum() and each not in alike for each in strange) <= 0.1 * len(strange)


TWO_MORE = "Они поднялись на холм мимо жёлтых домов и застали её за чтением старой книги о китах."
GREEK = "Κανείς στο χωριό δεν τον πίστευε, όμως το βιβλίο έγραφε ονόματα και τα σχοινιά ήταν δεμένα στον τοίχο."


@pytest.mark.parametrize("second", [f"{RUSSIAN} {TWO_MORE}", GREEK])
@pytest.mark.parametrize("producer", ["reportlab", "matplotlib"])
def test_words_tell_letters_that_two_alphabets_draw_alike(
    second: str, producer: str, dejavu: Path, tmp_path: Path
) -> None:
    """The font has Latin o, Cyrillic о and Greek ο as three glyphs with one outline."""
    text = f"{HARBOUR} {second}"
    PRODUCERS[producer](text, dejavu, tmp_path / "whole.pdf")
    assert letters(pdf.text(stripped(tmp_path / "whole.pdf", tmp_path / "broken.pdf"))[0]) == letters(text)


@pytest.fixture(scope="module")
def dejavu() -> Path:
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def test_the_box_of_a_missing_glyph_is_no_text(fonts: dict[str, Path], tmp_path: Path) -> None:
    pdf_files.reportlab(ENGLISH, fonts[LATIN], tmp_path / "whole.pdf")
    broken = permuted(tmp_path / "whole.pdf", tmp_path / "broken.pdf")
    with pikepdf.open(broken, allow_overwriting_input=True) as book:
        page = book.pages[0]
        page.Contents = book.make_stream(page.Contents.read_bytes() + b"BT /F2+0 12 Tf 40 400 Td <0102> Tj ET")
        program = next(each for each in book.objects if isinstance(each, pikepdf.Dictionary) and "/FontFile2" in each)
        program["/FontFile2"] = book.make_stream(boxed(program["/FontFile2"].read_bytes()))
        book.save(broken)
    assert letters(pdf.text(broken)[0]) == letters(ENGLISH) + 2 * "\ufffd"


def boxed(program: bytes) -> bytes:
    """Return a TrueType font whose glyph 0 is drawn as its ``o``, which the model could read."""
    font = TTFont(io.BytesIO(program))
    order, codes = font.getGlyphOrder(), font["cmap"].tables[0].cmap
    font["glyf"][order[0]] = font["glyf"][codes[ord("o")]]
    data = io.BytesIO()
    font.save(data)
    return data.getvalue()


def in_towers(source: Path, out: Path) -> None:
    """Write a font whose letters are all capitals in a tower, and whose space is another tower with an empty window."""
    font = TTFont(source)
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    drawn = {}
    for character in map(chr, range(0x20, 0x7F)):
        pen = TTGlyphPen(None)
        for sides, wide, high, up in ((50 if character == " " else 46, 600, 1200, 500), (42, 200, 150, 1300)):
            for i in range(sides):
                x, y = (f(-2 * math.pi * i / sides) for f in (math.cos, math.sin))
                (pen.lineTo if i else pen.moveTo)((round(600 + wide * x), round(up + high * y)))
            pen.closePath()
        if character == " ":
            for inset in (0, 60):
                pen.moveTo((400 + inset, 100 + inset))
                for corner in ((400 + inset, 700 - inset), (800 - inset, 700 - inset), (800 - inset, 100 + inset)):
                    pen.lineTo(corner)
                pen.closePath()
        else:
            upright = DecomposingRecordingPen(glyphs)
            glyphs[names[ord(character.upper())]].draw(upright)
            upright.replay(TransformPen(pen, (0.5, 0, 0, 0.5, 350, 150)))
        drawn[names[ord(character)]] = pen.glyph()
    for name, glyph in drawn.items():
        font["glyf"][name] = glyph
        font["hmtx"][name] = (1250, 0)
    font.save(out)


@pytest.mark.parametrize(("harm", "producer"), [(stripped, "fpdf2"), (stripped, "typst"), (permuted, "typst")])
def test_letters_in_towers_are_read_by_their_words(harm, producer: str, fonts: dict[str, Path], tmp_path: Path) -> None:
    """All letters are capitals: words show their case, and that they are letters at all. Too few predictions are sure
    to call the font wrong, but names in its program agree with exactly these."""
    in_towers(fonts[LATIN], tmp_path / "towers.ttf")
    text = f"{HARBOUR} {HARBOUR.replace('harbour', 'school').replace('boats', 'children')}"
    PRODUCERS[producer](text, tmp_path / "towers.ttf", tmp_path / "whole.pdf")
    broken = harm(tmp_path / "whole.pdf", tmp_path / "broken.pdf")
    assert pdf.inspect(broken)["lies"]
    read, meant = letters(pdf.text(broken)[0]), letters(text)
    assert len(read) == len(meant)
    assert sum(a == b for a, b in zip(read, meant, strict=True)) >= 0.93 * len(meant)


def in_parts(source: Path, out: Path) -> dict[int, tuple[int, int]]:
    """Write a font whose dots are separate glyphs; return glyph → its dots and its skeleton."""
    font = TTFont(source)
    glyphs, order, found = font.getGlyphSet(), list(font.getGlyphOrder()), {}
    drawn, high = {}, 0.25 * font["head"].unitsPerEm
    for gid, name in enumerate(list(order)):
        whole = DecomposingRecordingPen(glyphs)
        glyphs[name].draw(whole)
        contours, areas, tall = [[]], [], []
        for operation in whole.value:
            contours[-1].append(operation)
            if operation[0] == "closePath":
                points = [point for _, its in contours[-1] for point in its if point]
                areas.append(
                    sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True))
                )
                tall.append(max(y for _, y in points) - min(y for _, y in points))
                contours.append([])
        main = max(range(len(areas)), key=lambda i: abs(areas[i]), default=0)
        dots = [i for i, area in enumerate(areas) if i != main and area * areas[main] > 0 and tall[i] < high]
        if not name.startswith("uni06") or not dots:
            continue
        for suffix, its in (("dots", dots), ("bowl", [i for i in range(len(areas)) if i not in dots])):
            pen = TTGlyphPen(None)
            for i in its:
                for operation, operands in contours[i]:
                    getattr(pen, operation)(*operands)
            drawn[f"{name}_{suffix}"] = pen.glyph(), 0 if suffix == "dots" else font["hmtx"][name][0]
            order.append(f"{name}_{suffix}")
        found[gid] = len(order) - 2, len(order) - 1
    font.setGlyphOrder(order)
    for name, (glyph, advance) in drawn.items():
        font["glyf"][name], font["hmtx"][name] = glyph, (advance, 0)
    font.save(out)
    return found


@pytest.mark.skipif(POPPLER is None, reason="needs poppler-utils")
def test_letters_drawn_in_parts_are_put_together_and_have_their_text(fonts: dict[str, Path], tmp_path: Path) -> None:
    """ToUnicode cannot give one skeleton several letters; ActualText can. Nothing moves on the page."""
    parts = in_parts(fonts[ARABIC], tmp_path / "parts.ttf")
    face = FontFace(fonts[ARABIC])
    gids = [part for gid in face.shape(PERSIAN) for part in parts.get(gid, (gid,))]
    advances = [int(1000 * TTFont(tmp_path / "parts.ttf")["hmtx"].metrics[name][0] / face.upem)
                for name in TTFont(tmp_path / "parts.ttf").getGlyphOrder()]  # fmt: skip
    book = pikepdf.new()
    descriptor = pdf_files.embedded(book, (tmp_path / "parts.ttf").read_bytes(), "/FontFile2")
    font = pdf_files.composite(book, "CIDFontType2", descriptor, mapping=pikepdf.Name.Identity)
    font["/DescendantFonts"][0]["/W"] = pikepdf.Array([0, pikepdf.Array(advances)])
    font["/DescendantFonts"][0]["/CIDSystemInfo"] = pikepdf.Dictionary(
        Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
    )
    pdf_files.one_page(book, font, b"".join(gid.to_bytes(2, "big") for gid in gids))
    book.pages[0].MediaBox = [0, 0, 1200, 200]
    book.save(tmp_path / "broken.pdf")
    assert letters(pdf.text(tmp_path / "broken.pdf")[0]) == letters(PERSIAN)
    assert run("repair", "-q", tmp_path / "broken.pdf", "--out", tmp_path / "out.pdf") == 0
    assert letters(read_by_poppler(tmp_path / "out.pdf")) == letters(PERSIAN)
    assert _drawn(tmp_path / "out.pdf") == _drawn(tmp_path / "broken.pdf")
