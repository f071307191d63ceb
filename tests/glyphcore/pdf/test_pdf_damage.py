"""PDFs that are cut off or have lost a part."""

from __future__ import annotations

import json
from pathlib import Path

import pikepdf
import pytest
from pdf_files import (
    ENGLISH,
    letters,
    run,
)


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
