"""``glyphcore pdf``: PDFs of real producers whose ToUnicode was removed or permuted, detected and repaired."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import pdf_files
import pikepdf
import pytest
from pdf_files import (
    ENGLISH,
    PERSIAN,
    POPPLER,
    PRODUCERS,
    appearance,
    letters,
    permuted,
    read_by_poppler,
    read_by_pypdf,
    run,
    stripped,
)
from pypdf import PdfReader
from shipped_fonts import LATIN, build

from glyphcore import pdf
from glyphcore.audit.tounicode import to_unicode
from glyphcore.errors import PdfError
from glyphcore.pdf import cmaps

WITH_LIGATURES = "Andika"
"""A family that draws ﬀ ﬁ ﬂ ﬃ ﬄ."""
CODES_ARE_TEXT = stripped, "reportlab"
"""The codes in ReportLab's English files are the characters themselves."""


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


@pytest.fixture
def folder(made: dict[str, Path], tmp_path: Path) -> Path:
    """Two files, one of them in a subfolder, and one that is no PDF."""
    folder = tmp_path / "in"
    (folder / "old").mkdir(parents=True)
    shutil.copy(made["fpdf2"], folder / "a.b.pdf")
    shutil.copy(made["persian"], folder / "old" / "C.PDF")
    (folder / "z.pdf").write_bytes(b"no PDF")
    return folder


def test_texts_of_a_folder_become_a_folder(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    assert run("text", folder, "--out", out) == 3
    assert "z.pdf" in capsys.readouterr().err
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert written == ["a.b.txt", "old/C.txt"]
    assert " ".join((out / "a.b.txt").read_text(encoding="utf-8").split()) == ENGLISH
    assert letters((out / "old" / "C.txt").read_text(encoding="utf-8")) == letters(PERSIAN)
    (out / "a.b.txt").write_text("mine")
    (out / "old" / "C.txt").unlink()
    assert run("text", folder, "--out", out) == 3
    assert "1 file existed already" in capsys.readouterr().err
    assert (out / "a.b.txt").read_text() == "mine"
    assert (out / "old" / "C.txt").is_file()


def test_printed_texts_of_several_files_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("text", "-q", folder) == 3
    first, second = capsys.readouterr().out.split("==> ")[1:]
    assert first.startswith(f"{folder / 'a.b.pdf'} <==\n")
    assert second.startswith(f"{folder / 'old' / 'C.PDF'} <==\n")
    assert run("text", "-q", folder / "a.b.pdf") == 0
    assert "==>" not in capsys.readouterr().out


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
    pictures = [appearance(path) for path in (broken, out)]
    assert pictures[0] == pictures[1]


def _flat(value: pikepdf.Object) -> bytes:
    """Return an object without ToUnicode and without its references, which are numbered anew when a file is written."""
    import re

    data = value.read_raw_bytes() if isinstance(value, pikepdf.Stream) else b""
    if b"begincmap" in data or (isinstance(value, pikepdf.Stream) and b"begincmap" in value.read_bytes()):
        return b"begincmap"
    text = re.sub(rb"\d+ \d+ R", b"R", value.stream_dict.unparse() if data else value.unparse())
    return re.sub(rb"/Length \d+|/ToUnicode R", b"", text) + data


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
    before = signed.read_bytes()
    for named in ({"out": signed}, {"out": tmp_path / "other.pdf", "report": str(signed)}):
        with pytest.raises(PdfError, match="is the input and would be overwritten"):
            pdf.repair(signed, signed=True, **named)
    assert signed.read_bytes() == before
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
        (("repair", "in.pdf", "--out", "in.pdf"), "would be overwritten"),
        (("repair", "in.pdf", "in.pdf", "--out", "x", "--report", "r"), "need a single file"),
        (("repair", "in.pdf", "folder/in.pdf", "--out", "x.pdf"), "names one file, and there are several"),
        (("text", "in.pdf", "folder/in.pdf", "--out", "x.txt"), "names one file, and there are several"),
        (("text", "in.pdf", "--out", "folder"), "folder is a folder"),
        (("inspect", "in.pdf", "--megabytes", "10"), "megabytes must be at least 800"),
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
    assert run(*words) in (1, 2)
    error = capsys.readouterr().err
    assert said in error
    assert not Path("x.pdf").exists()
    assert error.count("\n") == 1


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


def test_a_place_that_cannot_be_written_is_blamed_and_not_the_pdf(
    made: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    out = tmp_path / "file" / "out.pdf"
    assert run("repair", "-q", stripped(made["typst"], tmp_path / "in.pdf"), "--out", out) != 0
    said = capsys.readouterr().err
    assert str(out.parent) in said
    assert "in.pdf could not be read" not in said


def test_a_password_that_is_not_needed_is_no_harm(made: dict[str, Path], capfd: pytest.CaptureFixture[str]) -> None:
    assert run("text", "-q", made["typst"], "--password", "abc") == 0
    assert "Warning" not in capfd.readouterr().err


def test_ctrl_c_ends_the_process_that_reads_without_a_traceback(made: dict[str, Path], tmp_path: Path) -> None:
    """A terminal sends it to the command and to the process that reads PDFs for it."""
    (tmp_path / "in").mkdir()
    for i in range(60):
        stripped(made["typst"], tmp_path / "in" / f"{i}.pdf")
    words = [sys.executable, "-m", "glyphcore", "pdf", "text", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    with subprocess.Popen(
        words,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        while not list((tmp_path / "out").glob("*.txt")) and process.poll() is None:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert said.rstrip().endswith("glyphcore: interrupted; the same command continues from here.")
    done = len(list((tmp_path / "out").glob("*.txt")))
    assert 1 <= done < 60
