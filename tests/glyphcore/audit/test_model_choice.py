"""The wider model reads fonts of scripts that the first model does not know, and only these."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from fontTools import subset
from fontTools.ttLib import TTFont

import glyphcore
from glyphcore import cli
from glyphcore.audit import font_predictions
from glyphcore.audit.font_predictions import read_font
from glyphcore.audit.model_choice import read_font_by
from glyphcore.config import AUTO
from glyphcore.data.labels import LabelMap
from glyphcore.data.sources import SkippedInputs, read_sources
from glyphcore.decoding.decode import decode
from glyphcore.progress import Silent
from glyphcore.runtime.model_pair import Models
from glyphcore.runtime.predictor import Predictor

DEJAVU = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSerif.ttf"
RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюя0123456789.,"
ENGLISH = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,"


def nameless(characters: str, path: Path) -> Path:
    """Write a font without names and ``cmap``, and beside ``path`` the characters of its glyph indices."""
    font = TTFont(DEJAVU)
    options = subset.Options(glyph_names=False, layout_features=[], notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(text=characters)
    cutter.subset(font)
    gids = {font.getGlyphID(name): chr(code) for code, name in font.getBestCmap().items()}
    path.with_suffix(".json").write_text(json.dumps(gids))
    del font["cmap"]
    font["post"].formatType = 3.0
    font.save(path)
    return path


@pytest.fixture(scope="module")
def russian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return nameless(RUSSIAN, tmp_path_factory.mktemp("russian") / "font.ttf")


def answers(font: Path, tmp_path: Path, *words: str) -> dict[int, str]:
    """Return the text that ``infer`` gives each glyph, without OUTSIDE."""
    out = tmp_path / "said.jsonl"
    assert cli.main(["infer", str(font), "--out", str(out), "--quiet", *words]) == 0
    records = map(json.loads, out.read_text().splitlines())
    return {each["glyph_id"]: each["assigned"]["base"] for each in records
            if not {"OUTSIDE", "NOTDEF"} & set(each["flags"])}  # fmt: skip


def test_a_russian_font_without_a_mapping_is_read_in_russian(russian: Path, tmp_path: Path) -> None:
    truth = {int(gid): text for gid, text in json.loads(russian.with_suffix(".json").read_text()).items()}
    by_two, by_first = answers(russian, tmp_path), answers(russian, tmp_path, "--checkpoint", "mixer-geometry")
    right = sum(by_two.get(gid) == text for gid, text in truth.items())
    assert right >= 0.85 * len(truth)
    assert sum(by_first.get(gid) == text for gid, text in truth.items()) < 0.5 * len(truth)


def test_python_reads_it_as_the_commands_do(russian: Path, tmp_path: Path) -> None:
    font = glyphcore.read(russian)
    found = answers(russian, tmp_path)
    assert {glyph.glyph_id: glyph.text for glyph in font if glyph.glyph_id in found} == found
    assert any("read by the model of 4,315 labels" in remark for remark in font.remarks)
    assert len(font.grids) == len(font.embeddings) == len(font.rasters) == len(font)
    wide = glyphcore.load("wide").predict(font.rasters, font.geometry)
    np.testing.assert_array_equal(wide.embedding, font.embeddings)
    named = glyphcore.read(russian, "mixer-geometry")
    assert not any("read by" in remark for remark in named.remarks)
    assert [glyph.text for glyph in named] != [glyph.text for glyph in font]


def test_a_font_that_the_first_model_knows_is_left_to_it(tmp_path: Path) -> None:
    font = nameless(ENGLISH, tmp_path / "english.ttf")
    assert answers(font, tmp_path) == answers(font, tmp_path, "--checkpoint", "mixer-geometry")


def test_the_wider_model_is_not_believed_where_it_knows_no_more(russian: Path) -> None:
    class Twice(Models):
        @property
        def wider(self) -> Predictor:  # type: ignore[override]
            return self.first

    models = Twice(AUTO)
    ((source, glyphs),) = read_sources([russian], SkippedInputs(), Silent(), only_fonts=True, face=0)
    reading = read_font_by(models, source, glyphs)
    assert reading.labels is models.first.labels


def test_glyphs_drawn_again_are_those_that_were_read(russian: Path) -> None:
    wide = Predictor(Path("wide"))
    ((source, glyphs),) = read_sources([russian], SkippedInputs(), Silent(), only_fonts=True, face=0)
    reading = read_font_by(Models(AUTO), source, glyphs)
    ((source, glyphs),) = read_sources([russian], SkippedInputs(), Silent(), only_fonts=True, face=0)
    alone = read_font(source, glyphs, wide.predict, wide.labels, training=wide.about.training)
    assert reading.labels.fingerprint == wide.labels.fingerprint
    assert (reading.top == alone.top).all()


def test_one_named_model_is_all_there_is() -> None:
    assert Models(Path("wide")).wider is None
    first, wider = Models(AUTO).first.labels, Models(AUTO).wider
    assert wider is not None
    assert isinstance(first, LabelMap)
    assert wider.labels.labels[: len(first)] == first.labels


def test_choosing_a_model_decodes_a_font_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = []
    monkeypatch.setattr(
        font_predictions, "decode", lambda *given, **how: decoded.append(len(given[0])) or decode(*given, **how)
    )
    answers(nameless(ENGLISH, tmp_path / "english.ttf"), tmp_path)
    assert len(decoded) == 1
