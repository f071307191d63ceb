"""Faults that fuzzing found in fonts, rasters, readings and links: one line each, in bounded time and memory."""

from __future__ import annotations

import json
import struct
import subprocess
import zlib
from pathlib import Path

import brotli
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from app.fonts import data as fonts
from app.fonts import files as fontfiles
from app.shared import view
from glyphcore.audit.font_predictions import load
from glyphcore.data import containers
from glyphcore.data.contours import MAX_STORED, parse
from glyphcore.data.fonts import FontFace, open_faces
from glyphcore.data.labels import load_labels
from glyphcore.data.raster import read_png
from glyphcore.errors import FontError, GlyphError, OutlineError, StoreError

ROOT = Path(__file__).resolve().parents[1]


def test_an_error_is_one_line_whatever_the_file_said() -> None:
    said = str(GlyphError("a\nb\u202e\ud800", remedy="c\r\nd"))
    assert said == "a b  c d"
    said.encode()
    assert len(str(GlyphError("schema " * 10_000, remedy="Do this."))) < 600


def test_packed_contours_are_unpacked_up_to_a_bound() -> None:
    with pytest.raises(OutlineError, match="more than 4 MB"):
        parse(zlib.compress(b"[" + b" " * (2 * MAX_STORED)))
    with pytest.raises(OutlineError, match="cut off"):
        parse(zlib.compress(b"[]" * 500)[:-9])


def test_a_curve_starts_somewhere() -> None:
    for curve in (["qCurveTo", [[1, 2], [3, 4]]], ["curveTo", [[1, 2], [3, 4], [5, 6]]]):
        with pytest.raises(OutlineError, match="without a start point"):
            parse(json.dumps([curve, ["lineTo", [[9, 9]]], ["closePath", []]]))


def woff(told: int, unpacked: int) -> bytes:
    packed = zlib.compress(bytes(unpacked))
    table = struct.pack(">4sIIII", b"glyf", 64, len(packed), told, 0)
    return struct.pack(">4s4sIHHI24x", b"wOFF", b"\0\1\0\0", 64 + len(packed), 1, 0, 400) + table + packed


def woff2(unpacked: int) -> bytes:
    packed = brotli.compress(bytes(unpacked), quality=3)
    total = 50 + len(packed)
    header = struct.pack(">4s4sIHHII24x", b"wOF2", b"\0\1\0\0", total, 1, 0, 400, len(packed))
    return header + b"\x01\x10" + packed


@pytest.mark.parametrize(
    "data", [woff(4000, 3 << 20), woff(3 << 20, 100), woff2(3 << 20)], ids=["woff", "told", "woff2"]
)
def test_a_web_font_unpacks_up_to_a_bound(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "UNPACKED", 1 << 20)
    (tmp_path / "bomb.woff").write_bytes(data)
    with pytest.raises(FontError, match="unpacks to more than 1 MB"):
        open_faces(tmp_path / "bomb.woff")


@pytest.mark.parametrize("faces", [0, 257, 0xFFFFFFFF])
def test_a_collection_has_so_many_faces(faces: int, tmp_path: Path) -> None:
    (tmp_path / "many.ttc").write_bytes(struct.pack(">4sIII", b"ttcf", 0x10000, faces, 16) * 300)
    with pytest.raises(FontError, match="is a collection of"):
        open_faces(tmp_path / "many.ttc")


def test_a_collection_is_read_once(font_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Path] = []
    plain = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: (reads.append(path), plain(path))[1])
    assert len(open_faces(font_folder / "TinyPair.ttc")) == 2
    assert reads == [font_folder / "TinyPair.ttc"]


def test_a_file_larger_than_any_font_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "LARGEST", 1000)
    (tmp_path / "large.ttf").write_bytes(bytes(1001))
    with pytest.raises(FontError, match="MB"):
        open_faces(tmp_path / "large.ttf")


def test_lost_glyph_names_lose_no_character(font_folder: Path, tmp_path: Path) -> None:
    font = TTFont(font_folder / "TinySans-Regular.ttf")
    font["post"].formatType = 2.0
    font.save(tmp_path / "font.ttf")
    data = bytearray((tmp_path / "font.ttf").read_bytes())
    with TTFont(tmp_path / "font.ttf", lazy=True) as lazy:
        post = lazy.reader.tables["post"]
    data[post.offset + 32 : post.offset + post.length] = b"\xff" * (post.length - 32)
    (tmp_path / "font.ttf").write_bytes(data)
    whole, broken = FontFace(font_folder / "TinySans-Regular.ttf"), FontFace(tmp_path / "font.ttf")
    assert broken.names != whole.names
    assert broken.cmap == whole.cmap


@pytest.mark.parametrize("form", ["GIF", "BMP", "PPM"])
def test_a_raster_is_a_png(form: str, tmp_path: Path) -> None:
    Image.new("L", (128, 128)).save(tmp_path / "1.png", format=form)
    with pytest.raises(GlyphError, match="not a readable image"):
        read_png(tmp_path / "1.png")


def test_no_picture_starts_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: started.append(a))
    (tmp_path / "1.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 128 128\n%%EndComments\n")
    with pytest.raises(GlyphError):
        read_png(tmp_path / "1.png")
    assert started == []


@pytest.mark.parametrize(
    ("array", "value"),
    [
        ("top", np.full((1, 2), 10**6)),
        ("geometry", np.full((1, 6), np.nan)),
        ("glyph_id", np.array(["x"])),
        ("claim_p", np.zeros(5)),
        ("kinds", np.zeros((1, 4))),
        ("kinds", np.full((1, 9), np.nan)),
        ("placeholder", np.zeros(1)),
    ],
)
def test_a_reading_whose_arrays_do_not_fit_is_refused(array: str, value: np.ndarray, tmp_path: Path) -> None:
    about = {"file": "x", "names": ["a"], "claims": [[[97], [0]]], "labels": load_labels().to_plain()}
    sound = {"glyph_id": np.array([1]), "geometry": np.zeros((1, 6)), "claim_p": np.zeros(1), "top": np.array([[0, 1]]),
             "top_p": np.array([[0.5, 0.2]]), "kinds": np.zeros((1, 9)), "placeholder": np.zeros(1, bool),
             "about": np.array(json.dumps(about))}  # fmt: skip
    np.savez(tmp_path / "sound.npz", **sound)
    assert len(load(tmp_path / "sound.npz")) == 1
    np.savez(tmp_path / "lie.npz", **{**sound, array: value})
    with pytest.raises(StoreError, match="is not a result of"):
        load(tmp_path / "lie.npz")


def test_the_name_of_an_upload_is_not_said_at_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHCORE_UPLOADS", str(tmp_path / "uploads"))
    for name in ("x" * 5000, "../../x.ttf", "\0\n\ud800.ttf"):
        with pytest.raises(FontError) as caught:
            fontfiles.keep(name, b"no font")
        assert len(str(caught.value)) < 400
        str(caught.value).encode()
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


def test_a_font_that_takes_too_much_is_said_in_one_line(
    font_folder: Path, tiny_reader: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "MEGABYTES", 1)
    font = fontfiles.Font("x", font_folder / "TinySans-Regular.ttf", 0, tiny_reader)
    with pytest.raises(FontError, match=r"ended the reader|more memory"):
        fonts._read_in_subprocess(font, fonts.ReadingTask())


@pytest.mark.parametrize("number", ["--1", "-", "\u0663", "1_0", "9" * 30, "1-", ""])
def test_a_number_of_a_link_that_is_none_counts_as_not_given(number: str) -> None:
    assert view.decode({"at": [number], "glyph": [number]}).start is None
    assert view.decode({"glyph": ["-7"]}).glyph == -7
