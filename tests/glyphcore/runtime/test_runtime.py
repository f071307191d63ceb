"""The predictor: the same answers as the model, through every interface."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_model import MODEL

from glyphcore.checkpoint import load_checkpoint, save_checkpoint
from glyphcore.data.cache import PackedRasters
from glyphcore.data.raster import cells, unpack
from glyphcore.data.sources import SkippedInputs, read_sources
from glyphcore.data.store import GlyphStore
from glyphcore.errors import CheckpointError
from glyphcore.nn.glyphnet import GlyphNet
from glyphcore.progress import Silent
from glyphcore.runtime.base import Backend
from glyphcore.runtime.model_pair import WIDE
from glyphcore.runtime.predictor import Predictor


@pytest.fixture(scope="module")
def predictor(tiny_checkpoint: Path) -> Predictor:
    return Predictor(tiny_checkpoint)


@pytest.fixture(scope="module")
def rasters(model_db: Path, tmp_path_factory: pytest.TempPathFactory) -> PackedRasters:
    return PackedRasters.of(GlyphStore(model_db), tmp_path_factory.mktemp("cache"))


def test_it_says_what_the_model_says(predictor: Predictor, rasters: PackedRasters, tiny_checkpoint: Path) -> None:
    n = 2 * predictor.backend.batch + 5  # a last batch that is not full
    packed, geometry = rasters.packed[:n], rasters.geometry[:n]
    truth = np.arange(n)
    said = predictor.predict(packed, geometry, truth)
    net = load_checkpoint(tiny_checkpoint).net()
    with torch.inference_mode():
        output = net(torch.from_numpy(unpack(packed)).float()[:, None], torch.from_numpy(geometry))
    p = output.labels.softmax(1).numpy()
    assert said.top.shape == (n, 5)
    np.testing.assert_array_equal(said.top[:, 0], p.argmax(1))
    np.testing.assert_allclose(said.top_p, np.take_along_axis(p, said.top, 1), atol=1e-5)
    assert (np.diff(said.top_p) <= 0).all()
    np.testing.assert_allclose(said.loss, -np.log(p[np.arange(n), truth]), atol=1e-4)
    np.testing.assert_array_equal(said.rank, (p > p[np.arange(n), truth][:, None]).sum(1) + 1)
    np.testing.assert_allclose(said.entropy, -(p * np.log(p)).sum(1), atol=1e-4)
    np.testing.assert_array_equal(said.primitive, output.grid().numpy())
    cell_p = output.primitives.softmax(1).sort(1, descending=True)
    occupied = output.occupied.numpy()
    np.testing.assert_array_equal(said.runner_up[occupied], cell_p.indices[output.inverse, 1].numpy() + 1)
    np.testing.assert_allclose(said.primitive_p[occupied], cell_p.values[output.inverse, 0].numpy(), atol=1e-5)
    assert (said.runner_up[~occupied] == 0).all()
    np.testing.assert_allclose(said.embedding, output.embedding.numpy(), atol=1e-2)


def test_an_unknown_truth_has_no_loss_and_no_rank(predictor: Predictor, rasters: PackedRasters) -> None:
    said = predictor.predict(rasters.packed[:3], rasters.geometry[:3], np.array([-1, 4, -1]))
    assert np.isnan(said.loss).tolist() == [True, False, True]
    assert (said.rank > 0).tolist() == [False, True, False]


@pytest.mark.parametrize("distinct", [1, 3, 40])
def test_more_candidates_begin_with_the_fewer_ones(predictor: Predictor, distinct: int) -> None:
    """Also when an 8-bit model gives many classes one value: of equal values the first class comes first."""
    logits = np.random.default_rng(0).integers(0, distinct, (9, 64)).astype(np.float32)
    every = predictor.rank_candidates(logits, np.full(9, -1), top=64)[0]
    np.testing.assert_array_equal(every, np.argsort(-logits, axis=1, kind="stable"))
    for top in (1, 5, 10, 63):
        np.testing.assert_array_equal(predictor.rank_candidates(logits, np.full(9, -1), top)[0], every[:, :top])


def test_nothing_in_nothing_out(predictor: Predictor, rasters: PackedRasters) -> None:
    said = predictor.predict(rasters.packed[:0], rasters.geometry[:0])
    assert said.top.shape == (0, 5)
    assert said.primitive.shape == (0, 256)


def test_geometry_is_used_and_may_be_missing(predictor: Predictor, rasters: PackedRasters) -> None:
    known = predictor.predict(rasters.packed[:20], rasters.geometry[:20])
    unknown = predictor.predict(rasters.packed[:20])
    assert not np.allclose(known.top_p, unknown.top_p)
    np.testing.assert_array_equal(known.primitive, unknown.primitive)


def test_arrays_of_another_shape_are_refused(predictor: Predictor) -> None:
    with pytest.raises(ValueError, match="2048"):
        predictor.predict(np.zeros((2, 128), np.uint8))


def test_a_font_gives_the_pixels_of_the_database(font_folder: Path, tiny_db: Path, tmp_path: Path) -> None:
    """``infer`` gets the same pixels and numbers from a font as ``evaluate`` gets from the database."""
    store = GlyphStore(tiny_db)
    rasters = PackedRasters.of(store, tmp_path)
    place = {glyph_id: i for i, glyph_id in enumerate(rasters.glyph_id.tolist())}
    files = store.fonts().set_index("f_id")["file"]
    drawn = {
        (Path(source.file).name, glyph.glyph_id): glyph
        for source, glyphs in read_sources([font_folder], SkippedInputs(), Silent())
        for glyph in glyphs
    }
    compared = 0
    for row in store.rows():
        if files[row.f_id].endswith(".ttc"):
            continue
        glyph = drawn[files[row.f_id], row.gid]
        np.testing.assert_array_equal(glyph.packed, rasters.packed[place[row.glyph_id]])
        np.testing.assert_allclose(glyph.geometry, rasters.geometry[place[row.glyph_id]], atol=1e-6)
        compared += 1
    assert compared > 100


class Counting:
    """A backend that counts the cells and grids that it is given."""

    def __init__(self, backend: Backend) -> None:
        self.backend, self.cells, self.grids = backend, 0, 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.backend, name)

    def read_cells(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert pixels.any(1).all(), "an empty cell was read"
        self.cells += len(pixels)
        return self.backend.read_cells(pixels)

    def read_grids(self, ids: np.ndarray, geometry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.grids += len(ids)
        return self.backend.read_grids(ids, geometry)


def counted(model: Path) -> tuple[Predictor, Counting]:
    """Return a predictor that has read nothing yet, and the counts of its backend."""
    predictor = Predictor(model)
    predictor.backend = backend = Counting(predictor.backend)  # type: ignore[assignment]
    return predictor, backend


def test_equal_cells_and_equal_glyphs_are_read_once(tiny_checkpoint: Path, rasters: PackedRasters) -> None:
    predictor, seen = counted(tiny_checkpoint)
    packed, geometry = rasters.packed[:30], rasters.geometry[:30]
    twice = predictor.predict(np.tile(packed, (2, 1)), np.tile(geometry, (2, 1)))
    keys = cells(packed).view(np.uint64)
    assert seen.cells == len(np.unique(keys[keys != 0]))
    assert seen.grids <= 30
    once = Predictor(tiny_checkpoint).predict(packed, geometry)
    np.testing.assert_array_equal(twice.top[:30], twice.top[30:])
    np.testing.assert_array_equal(twice.top[:30], once.top)


def test_cells_of_earlier_calls_are_not_classified_again(
    tiny_checkpoint: Path, rasters: PackedRasters, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictor, seen = counted(tiny_checkpoint)
    first = predictor.primitives(rasters.packed[:20])
    before = seen.cells
    again = predictor.primitives(rasters.packed[10:20])
    assert seen.cells == before > 500
    for whole, part in zip(first, again, strict=True):
        np.testing.assert_array_equal(whole[10:], part)
    alone = Predictor(tiny_checkpoint).primitives(rasters.packed[:60])
    for later, expected in zip(predictor.primitives(rasters.packed[:60]), alone, strict=True):
        np.testing.assert_array_equal(later, expected)
    monkeypatch.setattr("glyphcore.runtime.predictor.KEPT_CELLS", 10)
    predictor.primitives(rasters.packed[60:70])
    before = seen.cells
    predictor.primitives(rasters.packed[:20])
    assert seen.cells > before, "so many cells are not kept"


def test_models_with_the_same_primitives_share_cells(tiny_checkpoint: Path, rasters: PackedRasters) -> None:
    packed = rasters.packed[:10]
    first, (wide, seen), (other, of_other) = Predictor(Path("mixer-geometry")), counted(WIDE), counted(tiny_checkpoint)
    expected = first.primitives(packed)
    wide.share_cells(first)
    for mine, shared in zip(expected, wide.primitives(packed), strict=True):
        np.testing.assert_array_equal(mine, shared)
    assert seen.cells == 0
    other.share_cells(first)
    other.primitives(packed)
    assert of_other.cells > 0, "a checkpoint does not say whether its primitives are the same"


@pytest.mark.parametrize("count", [1, 2, 3, 17])
def test_the_probability_of_a_cell_does_not_depend_on_the_others(
    tiny_checkpoint: Path, rasters: PackedRasters, count: int
) -> None:
    together = Predictor(tiny_checkpoint).primitives(rasters.packed[:20])
    few = cells(rasters.packed[:1]).copy()
    inked = np.flatnonzero(few.view(np.uint64).ravel())
    few.reshape(256, 8)[inked[count:]] = 0
    alone = Predictor(tiny_checkpoint).primitives(as_packed(few))
    for whole, part in zip(together, alone, strict=True):
        np.testing.assert_array_equal(whole[0, inked[:count]], part[0, inked[:count]])


def as_packed(by_cell: np.ndarray) -> np.ndarray:
    """Return packed rasters uint8 [n, 2048] from the 8 bytes of each cell, uint8 [n, 256, 8]."""
    rows = by_cell.reshape(-1, 16, 16, 8)
    return np.ascontiguousarray(rows.transpose(0, 1, 3, 2)).reshape(-1, 2048)


def test_a_stem_that_sees_the_raster_is_read_as_the_model_reads_it(
    labels, rasters: PackedRasters, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    config = dataclasses.replace(MODEL, stem_sees="raster", stem_residual=True)
    net = GlyphNet(config).eval()
    path = tmp_path / "raster.ckpt"
    save_checkpoint(path, net, config, labels, np.zeros((config.primitives, 64), np.uint8), {})
    said = Predictor(path).predict(rasters.packed[:70], rasters.geometry[:70])
    with torch.inference_mode():
        output = load_checkpoint(path).net()(
            torch.from_numpy(unpack(rasters.packed[:70])).float()[:, None], torch.from_numpy(rasters.geometry[:70])
        )
    assert (said.primitive == output.grid().numpy()).mean() > 0.999
    np.testing.assert_array_equal(said.top[:, 0], output.labels.argmax(1).numpy())


def test_several_passes_at_once_say_the_same(tiny_reader: Path, rasters: PackedRasters) -> None:
    alone, together = Predictor(tiny_reader, threads=1), Predictor(tiny_reader, threads=3)
    packed, geometry = rasters.packed[:70], rasters.geometry[:70]
    np.testing.assert_array_equal(*(each.predict(packed, geometry).top_p for each in (alone, together)))


def test_lightning_is_not_needed(tiny_checkpoint: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from glyphcore.runtime.predictor import Predictor;"
        f"Predictor(Path({str(tiny_checkpoint)!r})); assert 'lightning' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("how", ["", "'--per-glyph'"])
def test_reading_a_font_loads_neither_torch_nor_tables(
    tiny_reader: Path, font_folder: Path, tmp_path: Path, how: str
) -> None:
    code = (
        "import sys; from glyphcore.cli import main;"
        f"files = ['-q', {str(font_folder / 'TinySans-Regular.ttf')!r}, '--checkpoint', {str(tiny_reader)!r}, {how}];"
        f"assert main(['infer', '--out', {str(tmp_path / 'infer.jsonl')!r}, *files]) == 0;"
        f"assert main(['audit', '--out', {str(tmp_path / 'audit.jsonl')!r}, *files]) == 0;"
        "heavy = {'torch', 'pandas', 'scipy', 'sklearn', 'onnx', 'lightning'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_missing_export_is_said_how_to_make(tiny_checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.ckpt").write_bytes(tiny_checkpoint.read_bytes())
    with pytest.raises(CheckpointError, match=r"mine\.reader does not exist\. Make it: glyphcore export .*mine\.ckpt"):
        Predictor(tmp_path / "mine.reader")
    with pytest.raises(CheckpointError, match=r"other\.reader does not exist"):
        Predictor(tmp_path / "other.reader")
