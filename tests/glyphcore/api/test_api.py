"""Reading, evaluating and selecting in Python: same answers and same errors as the commands."""

from __future__ import annotations

import csv
import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import glyphcore
from glyphcore import cli
from glyphcore.data.store import GlyphStore
from glyphcore.errors import CheckpointError, FontError, GlyphError, MissingExtraError, StoreError


@pytest.fixture(scope="module")
def file(font_folder: Path) -> Path:
    return font_folder / "TinySans-Regular.ttf"


@pytest.fixture(scope="module")
def font(file: Path, tiny_reader: Path) -> glyphcore.Font:
    return glyphcore.read(file, tiny_reader)


@pytest.fixture(scope="module")
def results(tiny_checkpoint: Path, model_db: Path, tmp_path_factory: pytest.TempPathFactory) -> glyphcore.Results:
    return glyphcore.evaluate(tiny_checkpoint, model_db, folder=tmp_path_factory.mktemp("results"))


@pytest.mark.parametrize("alone", [False, True])
def test_a_font_says_what_infer_says(file: Path, tiny_reader: Path, tmp_path: Path, alone: bool) -> None:
    out = tmp_path / "out.jsonl"
    words = ["infer", "-q", str(file), "--checkpoint", str(tiny_reader), "--out", str(out), *["--per-glyph"] * alone]
    assert cli.main(words) == 0
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    font = glyphcore.read(str(file), str(tiny_reader), per_glyph=alone)
    assert [glyph.glyph_id for glyph in font] == [line["glyph_id"] for line in lines]
    for glyph, line in zip(font, lines, strict=True):
        gets = line["topk"][0] if alone else line["assigned"]
        assert (glyph.label, glyph.text, round(glyph.confidence, 6)) == (gets["label"], gets["base"], gets["prob"])
        assert [each.label for each in glyph.candidates[:5]] == [each["label"] for each in line["topk"]]
        assert (glyph.name, glyph.advance) == (line["glyph_name"], line["advance"])


def test_a_font_is_a_sequence(font: glyphcore.Font) -> None:
    assert len(font) == len(list(font)) == len(font[:])
    assert font[-1].glyph_id == font[len(font) - 1].glyph_id
    assert font.glyph(font[3].glyph_id).name == font[3].name
    assert font[3].glyph_id in [glyph.glyph_id for glyph in font.find(font[3].text)]
    assert all(font[3].label == glyph.label for glyph in font.find(font[3].label))
    with pytest.raises(IndexError):
        font[len(font)]
    with pytest.raises(KeyError):
        font.glyph(60_000)


def test_arrays_have_a_row_a_glyph(font: glyphcore.Font, tiny_reader: Path) -> None:
    n = len(font)
    assert font.rasters.shape == (n, 128, 128)
    assert font.grids.shape == (n, 16, 16)
    assert len(font.embeddings) == len(font.geometry) == n
    said = glyphcore.load(tiny_reader).predict(font.rasters, font.geometry)
    np.testing.assert_array_equal(said.primitive.reshape(n, 16, 16), font.grids)
    for i, glyph in enumerate(font):
        np.testing.assert_array_equal(glyph.raster, font.rasters[i])
        inked = glyph.raster.reshape(16, 8, 16, 8).any((1, 3))
        np.testing.assert_array_equal(glyph.grid != 0, inked)


def test_a_picture_shows_the_raster(font: glyphcore.Font) -> None:
    picture = font[2].picture(scale=3)
    assert picture.size == (384, 384)
    np.testing.assert_array_equal(np.asarray(picture)[::3, ::3] == 0, font[2].raster == 1)


def test_a_glyph_prints_as_one_line(font: glyphcore.Font) -> None:
    assert repr(font[1]) == f"<Glyph {font[1].glyph_id} {font[1].name}: {font[1].label} {font[1].text!r} " + (
        f"{font[1].confidence:.3f}>"
    )


def test_the_table_has_a_row_a_glyph(font: glyphcore.Font) -> None:
    table = font.to_pandas()
    assert table["glyph_id"].tolist() == [glyph.glyph_id for glyph in font]
    assert table["confidence"].between(0, 1).all()
    assert set(table["verdict"]) <= {"agrees", "disagrees", "twin", "unlabelled", "unmapped"}
    assert (table["other"] != table["label"]).all()
    assert table.loc[table["name"] == "A", "font_says"].tolist() == ["A"]


def test_a_notebook_shows_every_glyph_and_trusts_no_name(font: glyphcore.Font) -> None:
    assert font._repr_html_().count("<figure") == len(font)
    hostile = replace(font[0], name='"><script>', text="<b>", label="<i>")
    assert "<script>" not in hostile._repr_html_()
    assert "<b>" not in hostile._repr_html_()
    assert "<i>" not in hostile._repr_html_()


def test_the_cmap_is_that_of_audit(file: Path, font: glyphcore.Font, tiny_reader: Path, tmp_path: Path) -> None:
    cmap = tmp_path / "cmap"
    words = ["audit", "-q", str(file), "--checkpoint", str(tiny_reader), "--tounicode", str(cmap)]
    assert cli.main([*words, "--threshold", "0.01"]) == 0
    assert font.texts(0.01)
    assert font.tounicode(0.01) == cmap.read_text()


def test_what_was_left_out_is_said(font: glyphcore.Font) -> None:
    assert any("without an area" in remark for remark in font.remarks)


def test_an_evaluation_is_that_of_the_command(
    results: glyphcore.Results, tiny_checkpoint: Path, model_db: Path, tmp_path: Path
) -> None:
    out = tmp_path / "figures.json"
    words = ["evaluate", "-q", str(tiny_checkpoint), "--db", str(model_db), "--results", str(results.path.parent)]
    assert cli.main([*words, "--out", str(out)]) == 0
    assert json.loads(out.read_text()) == results.figures
    assert len(results) == GlyphStore(model_db).count()
    assert f"{results.figures['label_top1']:.2%}" in results._repr_html_()
    assert str(len(results)) in repr(results)


def test_a_selection_is_that_of_the_command(
    results: glyphcore.Results, model_db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["select", "-q", str(results.path), "--db", str(model_db), "--outcome", "wrong", "--split", "val", "test"]
    assert cli.main([*words, "--cells", "any=*", "--sort", "margin"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out.lstrip("\ufeff"))))
    table = results.select(outcome="wrong", split=["val", "test"], cells="any=*", sort="margin")
    assert [int(row["glyph_id"]) for row in rows] == table["glyph_id"].tolist()
    assert len(table) > 10
    assert len(results.select(split="val", limit=3)) == 3
    assert results.select(label="no_such_label").empty
    assert "pred" in results.select(label="no_such_label").columns
    chosen = results.select(where="split=val&split=test&outcome=right&cells=any=*", outcome="wrong", sort="margin")
    assert chosen.equals(table)
    assert cli.main([*words, "--sort", "p:down", "--most", "family:2"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out.lstrip("\ufeff"))))
    limited = results.select(outcome="wrong", split=["val", "test"], sort="sure", most="family:2")
    assert [int(row["glyph_id"]) for row in rows] == limited["glyph_id"].tolist()
    assert limited.groupby("family").size().max() == 2
    family = table["family"][0]
    rest = results.select(where=f"outcome=wrong&split=val&split=test&not=family:{family}")
    assert sorted(rest["glyph_id"]) == sorted(table["glyph_id"][table["family"] != family])


def test_details_of_a_glyph(results: glyphcore.Results) -> None:
    row = results.select(limit=1).iloc[0]
    details = results.details(row["glyph_id"])
    assert details.top[0] == row["pred_index"]
    assert details.primitive.shape == (256,)


MISTAKES = {
    "no font": (lambda here: glyphcore.read(here / "none.ttf"), GlyphError, "does not exist"),
    "a folder": (lambda here: glyphcore.read(here), GlyphError, "is a folder"),
    "no font at all": (lambda here: glyphcore.read(__file__), FontError, "is not a readable font"),
    "no model": (lambda here: glyphcore.load(here / "none.reader"), CheckpointError, "does not exist"),
    "no checkpoint": (lambda here: glyphcore.evaluate(here / "none.ckpt"), CheckpointError, "does not exist"),
    "no results": (lambda here: glyphcore.Results(here / "none.db"), StoreError, "does not exist"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line(name: str, tmp_path: Path) -> None:
    call, kind, says = MISTAKES[name]
    with pytest.raises(kind, match=says) as error:
        call(tmp_path)
    assert "\n" not in str(error.value)


def test_a_value_that_means_nothing_is_refused(results: glyphcore.Results) -> None:
    with pytest.raises(StoreError, match="no outcome 'bad'"):
        results.select(outcome="bad")


def test_a_raster_of_another_size_is_refused(tiny_reader: Path) -> None:
    with pytest.raises(ValueError, match="128"):
        glyphcore.load(tiny_reader).predict(np.zeros((2, 64, 64)))


def test_without_pandas_a_table_says_what_to_install(font: glyphcore.Font, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'glyphcore\[app\]'|pip install 'glyphcore\[train\]'"):
        font.to_pandas()
