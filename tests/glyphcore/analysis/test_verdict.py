"""The verdict on one prediction: each kind of evidence blames its part, and every interface gives the same sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import glyphcore
from glyphcore import cli
from glyphcore.analysis.label_issues import Sides
from glyphcore.analysis.verdict import BLAMED, Evidence, cells_of, verdict
from glyphcore.config import EvaluateConfig
from glyphcore.data.edits import Repair
from glyphcore.data.labels import load_labels
from glyphcore.data.raster import pack
from glyphcore.jobs import evaluate

LABELS = load_labels()
TRUTH, READ = "digit_one", "latin_small_letter_l"
WRONG = Evidence(TRUTH, READ, True, 0.8, 20, (), frozenset())
AGAINST = Sides(12, 9, 1, 0.83, 0.61)
FOR = Sides(12, 1, 9, 0.61, 0.83)


def repair(label: str, *decisive: int) -> Repair:
    return Repair(LABELS.index[label], 0.9, decisive)


@pytest.mark.parametrize(
    ("evidence", "blame", "words"),
    [
        (replace(WRONG, pred=TRUTH), "nothing", "Predicted correctly, p 0.80: all 20 cells have their targets"),
        (replace(WRONG, known=False), "label", "does not know the label “digit one”"),
        (replace(WRONG, cause="tied"), "font", "with the same pixels, size and place"),
        (replace(WRONG, cause="place", place_seen=False), "font", "which this checkpoint does not see"),
        (replace(WRONG, cause="place", place_seen=True), "mixer", "all 20 cells have their targets"),
        (replace(WRONG, misread=None), "open", "without a picture"),
        (replace(WRONG, misread=(3, 4)), "open", "2 of 20 cells are misread; only the model can tell"),
        (replace(WRONG, misread=(3, 18), repair=repair(TRUTH, 18)), "stem", "one decides the label (1,2)"),
        (replace(WRONG, misread=(3, 18), poor=frozenset({18}), repair=repair(TRUTH, 18)), "codebook",
         "for 1 of 1 the codebook has no clearly better primitive"),
        (replace(WRONG, misread=(3,), repair=repair(READ), sides=FOR), "mixer",
         "with their targets the prediction stays “latin small letter l”"),
        (replace(WRONG, sides=FOR), "mixer", "9 are “digit one”, overlap 61% : 83%"),
        (replace(WRONG, sides=AGAINST), "font", "12 other families: 9 are “latin small letter l”, 1 are “digit one”"),
        (replace(WRONG, cause="design", sides=replace(FOR, with_label=1)), "font", "an unusual design: most glyphs"),
        (replace(WRONG, cause="design", sides=FOR), "mixer", "9 are “digit one”"),
        (replace(WRONG, cause="rare"), "mixer", "fewer than 20 train glyphs have its label"),
    ],
)  # fmt: skip
def test_each_kind_of_evidence_blames_its_part(evidence: Evidence, blame: str, words: str) -> None:
    found = verdict(evidence, LABELS)
    assert found.blame == blame
    assert words in found.text
    assert "\n" not in found.text
    assert found.text.endswith(".")
    assert blame in BLAMED


def test_cells_that_decide_go_before_what_other_fonts_draw() -> None:
    """The misread cells also changed the embedding, so its similar glyphs prove nothing against the font."""
    evidence = replace(WRONG, misread=(3,), repair=repair(TRUTH, 3), sides=AGAINST)
    assert verdict(evidence, LABELS).blame == "stem"


def test_the_codebook_is_to_blame_where_its_entries_hardly_differ() -> None:
    raster = np.zeros((128, 128), np.uint8)
    raster[:8, :12] = 1  # cell 0 is full, the left half of cell 1 is full
    codebook = np.zeros((5, 8, 8), np.uint8)
    codebook[1], codebook[2, :, :4], codebook[4, :, 4:] = 255, 255, 255
    codebook[3] = codebook[2]
    codebook[3, 0, 4] = 255  # one pixel away from the target
    grid, target = np.zeros(256, np.uint16), np.zeros(256, np.uint16)
    target[:2], grid[:2] = (1, 2), (2, 3)
    found = cells_of(grid, target, pack(raster[None])[0], codebook.reshape(-1, 64))
    assert found == {"ink": 2, "misread": (0, 1), "poor": frozenset({1})}


def test_command_and_python_say_the_same_sentence(
    tiny_checkpoint: Path, model_db: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate.run(EvaluateConfig(tiny_checkpoint, model_db, tmp_path, cache=tmp_path))
    results = glyphcore.Results(tiny_checkpoint, model_db, folder=tmp_path)
    wrong = results.select(outcome="wrong", limit=4)["glyph_id"].tolist()
    right = results.select(outcome="right", limit=1)["glyph_id"].tolist()
    words = ["inspect", *map(str, wrong + right), "--checkpoint", str(tiny_checkpoint), "--db", str(model_db),
             "--results", str(tmp_path)]  # fmt: skip
    assert cli.main([*words, "--json"]) == 0
    said = {line["glyph_id"]: line["verdict"] for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert {glyph: found["text"] for glyph, found in said.items()} == {
        glyph: results.verdict(glyph) for glyph in wrong + right
    }
    assert all(said[glyph]["blame"] not in ("nothing", "open") for glyph in wrong)
    assert all(said[glyph]["blame"] == "nothing" for glyph in right)
    assert cli.main(words) == 0
    assert said[wrong[0]]["text"] in capsys.readouterr().out


def test_without_results_the_command_still_judges(
    tiny_checkpoint: Path, model_db: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["inspect", "7", "12", "--checkpoint", str(tiny_checkpoint), "--db", str(model_db), "--results",
             str(tmp_path), "--json"]  # fmt: skip
    assert cli.main(words) == 0
    for line in map(json.loads, capsys.readouterr().out.splitlines()):
        assert (line["verdict"]["blame"] == "nothing") == (line["rank"] == 1)
        assert line["verdict"]["blame"] != "open"
