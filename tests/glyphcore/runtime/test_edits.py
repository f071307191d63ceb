"""Other primitives in a grid, and their effect on the label: moves, masking, the smallest edit."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glyphcore.config import EvaluateConfig
from glyphcore.data.cache import glyph_geometry
from glyphcore.data.store import GlyphStore
from glyphcore.errors import CheckpointError, GlyphError
from glyphcore.files import fingerprint
from glyphcore.jobs import evaluate
from glyphcore.results.browse import ResultsStore
from glyphcore.runtime.counterfactual import choices, smallest_edit
from glyphcore.runtime.edits import edited, moves, probabilities, sensitivity
from glyphcore.runtime.models import model_file
from glyphcore.runtime.predictor import Predictor
from glyphcore.runtime.repair import repaired

CLASSES = 6
NOWHERE = np.zeros(6, np.float32)


class Votes:
    """A model in which every cell votes for one label: primitive p gives ``weight[p]`` to label p % 6."""

    def __init__(self, weight: dict[int, float]) -> None:
        self.weight = weight
        self.asked = 0

    def classify_grids(self, ids: np.ndarray, geometry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert ids.dtype == np.uint16
        assert geometry.shape == (len(ids), 6)
        self.asked += len(ids)
        logits = np.zeros((len(ids), CLASSES), np.float32)
        for grid, row in zip(ids, logits, strict=True):
            for primitive in grid[grid != 0].tolist():
                row[primitive % CLASSES] += self.weight.get(primitive, 1.0)
        return logits, logits


def model(weight: dict[int, float] | None = None) -> Any:
    return Votes(weight or {})


def grid(**cells: int) -> np.ndarray:
    """Return a grid: ``grid(c5=7)`` has primitive 7 in cell 5, and EMPTY in all others."""
    ids = np.zeros(256, np.uint16)
    for cell, primitive in cells.items():
        ids[int(cell[1:])] = primitive
    return ids


def test_a_later_edit_takes_the_place_of_one_before() -> None:
    ids = grid(c5=7)
    changed = edited(ids, [(5, 9), (6, 2), (5, 0)], 32)
    assert (changed[5], changed[6], ids[5]) == (0, 2, 7)


@pytest.mark.parametrize(("cell", "primitive"), [(256, 1), (-1, 1), (0, 32), (0, -1)])
def test_what_is_not_there_is_refused(cell: int, primitive: int) -> None:
    with pytest.raises(GlyphError, match="There is no"):
        edited(grid(), [(cell, primitive)], 32)


def test_moves_name_old_and_new_places() -> None:
    before = np.array([0.5, 0.2, 0.1, 0.08, 0.07, 0.05], np.float32)
    after = np.array([0.2, 0.5, 0.1, 0.08, 0.02, 0.1], np.float32)
    found = moves(before, after, 2)
    assert [(each.label, each.rank_before, each.rank_after) for each in found] == [(1, 2, 1), (0, 1, 2)]
    assert found[0].after - found[0].before == pytest.approx(0.3)
    assert [each.label for each in moves(before, after)] == [1, 0, 2, 5, 3, 4], "the last one fell out of the five"


def test_masking_finds_the_cells_that_hold_the_label() -> None:
    ids = grid(c1=1, c2=7, c3=2, c9=3)  # two votes for label 1, one each for 2 and 3
    seen = sensitivity(model({7: 2.5}), ids, NOWHERE, [1, 2])
    assert seen.cells.tolist() == [1, 2, 3, 9]
    assert seen.label == 1
    assert seen.flips.tolist() == [False, False, False, False]
    drop = (seen.before - seen.after)[:, 0]
    assert int(drop.argmax()) == 1
    assert drop[2] < 0, "without the vote for another label, this one gains"
    tied = sensitivity(model({7: 2.5, 2: 3.0}), ids, NOWHERE, [1])
    assert tied.flips.tolist() == [True, True, False, False]
    assert tied.labels.tolist() == [2, 2, 1, 1]


def test_a_grid_without_ink_has_nothing_to_mask() -> None:
    seen = sensitivity(model(), grid(), NOWHERE, [0])
    assert (len(seen.cells), seen.after.shape) == (0, (0, 1))


def test_choices_are_what_the_model_nearly_said_the_nearest_patch_and_nothing() -> None:
    ids, second, target = grid(c1=4, c2=5), grid(c1=6, c2=7), grid(c1=6, c2=5)
    assert choices(ids, second, target) == {1: [6, 0], 2: [7, 0]}
    assert choices(ids, second, None) == {1: [6, 0], 2: [7, 0]}


def test_one_cell_is_enough() -> None:
    ids = grid(c1=1, c2=1, c3=2, c4=2)
    ids[5] = 1
    found = smallest_edit(model(), ids, NOWHERE, 2, {1: [0, 8], 2: [0], 3: [0]})
    assert found.enough
    assert found.edits == ((1, 8),), "of the edits that do, the one that leads by most"
    assert (found.cells, found.singles, found.wider, found.others) == (3, 4, 0, 0)
    assert found.p == pytest.approx(np.exp(3) / (np.exp(3) + np.exp(2) + 4), abs=1e-5)


def test_several_cells_where_one_is_not_enough() -> None:
    ids = grid(c1=1, c2=1, c3=1, c4=2)
    what = {cell: [0] for cell in (1, 2, 3, 4)}
    found = smallest_edit(model(), ids, NOWHERE, 2, what)
    assert found.enough
    assert {cell for cell, _ in found.edits} == {1, 2, 3}
    assert found.wider > 0
    assert not smallest_edit(model(), ids, NOWHERE, 2, what, depth=2).enough


def test_out_of_reach_the_closest_is_given() -> None:
    predictor = model()
    found = smallest_edit(predictor, grid(c1=1, c2=1), NOWHERE, 2, {1: [0]}, depth=4)
    assert not found.enough
    assert found.edits == ((1, 0),)
    assert predictor.asked == 1 + found.singles + found.wider
    already = smallest_edit(model(), grid(c1=1), NOWHERE, 1, {1: [0]})
    assert (already.edits, already.enough) == ((), True)


@pytest.fixture(scope="module")
def results(model_db: Path, tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> ResultsStore:
    folder = tmp_path_factory.mktemp("results")
    evaluate.run(EvaluateConfig(tiny_checkpoint, model_db, folder, cache=folder))
    return ResultsStore(next(folder.glob("*.db")))


def test_without_edits_it_says_what_is_stored(results: ResultsStore, model_db: Path) -> None:
    meta = results.meta
    found = model_file(
        meta.checkpoint_file, meta.checkpoint_fingerprint, meta.model["training"], Path(meta.checkpoint_file).parent
    )
    assert found.remark == ""
    predictor = Predictor(found.path)
    for row in GlyphStore(model_db).glyphs([3, 40, 200]):
        details = results.details(row.glyph_id)
        p = probabilities(predictor, edited(details.primitive, [], 32)[None], glyph_geometry(row))[0]
        np.testing.assert_allclose(p[details.top], details.top_p, atol=1e-6)
        assert [each.label for each in moves(p, p)] == details.top.tolist()


def test_the_model_is_known_by_its_content(results: ResultsStore, tiny_checkpoint: Path, tmp_path: Path) -> None:
    meta = results.meta
    asked = meta.checkpoint_file, fingerprint(tiny_checkpoint), meta.model["training"]
    renamed = tmp_path / "renamed.ckpt"
    renamed.write_bytes(tiny_checkpoint.read_bytes())
    (tmp_path / "tiny.ckpt").write_text("another checkpoint")
    gone = str(tmp_path / "nowhere" / "tiny.ckpt")
    assert model_file(gone, *asked[1:], tmp_path).path == renamed
    renamed.unlink()
    with pytest.raises(CheckpointError, match=r"tiny\.ckpt was removed or changed"):
        model_file(gone, *asked[1:], tmp_path)


def test_an_export_of_the_same_training_stands_in(results: ResultsStore, tmp_path: Path) -> None:
    training = results.meta.model["training"]
    for name, record in (("other", {"epochs": 1}), ("mine", training)):
        with zipfile.ZipFile(tmp_path / f"{name}.reader", "w") as archive:
            archive.writestr("about.json", json.dumps({"training": record, "int8": True}))
    (tmp_path / "broken.reader").write_text("no archive")
    with zipfile.ZipFile(tmp_path / "cut.reader", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("about.json", "{" + 99 * " " + "}")
    packed = (tmp_path / "cut.reader").read_bytes()
    start = packed.index(b"about.json") + len("about.json")
    (tmp_path / "cut.reader").write_bytes(packed[:start] + b"\xff" + packed[start + 1 :])  # zlib refuses it
    found = model_file(str(tmp_path / "mine.ckpt"), "0" * 16, training, tmp_path)
    assert found.path.name == "mine.reader"
    assert "8-bit export mine.reader" in found.remark
    with pytest.raises(CheckpointError):
        model_file(str(tmp_path / "mine.ckpt"), "0" * 16, {}, tmp_path)


def test_the_cells_that_hold_a_wrong_decision_are_the_fewest_whose_repair_is_enough() -> None:
    """Cells 1, 2 and 3 were misread as votes for label 5; their targets vote for label 1, and cell 3 counts most."""
    read, target = grid(c0=1, c1=5, c2=5, c3=11, c4=5), grid(c0=1, c1=1, c2=7, c3=13, c4=5)
    found = repaired(model({11: 3.0, 13: 3.0}), read, target, NOWHERE, 1)
    assert found.label == 1
    assert found.decisive == (3,)


def test_where_targets_do_not_help_no_cell_holds_the_decision() -> None:
    found = repaired(model(), grid(c0=5, c1=5, c2=4), grid(c0=5, c1=5, c2=1), NOWHERE, 1)
    assert (found.label, found.decisive) == (5, ())
