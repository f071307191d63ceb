"""Reading on demand: the kept items, and batches that equal those of the files."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_model import tiny_training

from glyphcore import cli
from glyphcore.config import TrainConfig
from glyphcore.data.fifo import FifoCache
from glyphcore.data.labels import LabelMap
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError
from glyphcore.jobs import train
from glyphcore.progress import Silent
from glyphcore.training.datamodule import GlyphDataModule


def test_the_oldest_goes_first() -> None:
    asked: list[list[int]] = []

    def read(keys: list[int]) -> list[str]:
        asked.append(keys)
        return [str(key) for key in keys]

    cache = FifoCache(read, 3)
    assert cache.get([1, 2, 1]) == ["1", "2", "1"]
    assert cache.get([2, 3]) == ["2", "3"]
    assert cache.get([4]) == ["4"], "1 goes, although 2 was read before it"
    assert cache.get([2, 3, 4, 1]) == ["2", "3", "4", "1"]
    assert asked == [[1, 2], [3], [4], [1]]
    assert cache.get([5, 6, 7, 8, 9]) == list("56789"), "more at once than are kept"
    assert len(cache) == 3


@pytest.fixture(scope="module")
def pngs(model_db: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pngs")
    assert cli.main(["rasterize", "-q", "--db", str(model_db), "--out", str(folder)]) == 0
    return folder


def modules(config: TrainConfig, labels: LabelMap) -> list[GlyphDataModule]:
    fifo = dataclasses.replace(config, raster_cache="fifo", cache=config.cache / "fifo")
    return [GlyphDataModule(each, labels, Silent()) for each in (config, fifo)]


@pytest.mark.parametrize("from_pngs", [False, True], ids=["outlines", "pngs"])
def test_batches_are_the_same_and_nothing_is_written(
    model_db: Path, tmp_path: Path, labels: LabelMap, pngs: Path, from_pngs: bool
) -> None:
    config = tiny_training(model_db, tmp_path, rasters=pngs if from_pngs else None)
    memmap, fifo = modules(config, labels)
    for one, other in (
        (memmap.train_dataloader(), fifo.train_dataloader()),
        (memmap.val_dataloader(), fifo.val_dataloader()),
    ):
        for epoch in (0, 1):
            for loader in (one, other):
                if hasattr(loader.sampler, "set_epoch"):
                    loader.sampler.set_epoch(epoch)
            for a, b in zip(one, other, strict=True):
                assert all(torch.equal(x, y) for x, y in zip(a, b, strict=True))
    np.testing.assert_array_equal(memmap.sample(50, 1), fifo.sample(50, 1))
    assert not (config.cache / "fifo").exists()
    source = fifo.train.rasters if from_pngs else fifo.train.outlines  # type: ignore[union-attr]
    assert 0 < len(source._cache) <= 0.1 * GlyphStore(model_db).count()


def test_training_is_the_same(model_db: Path, tmp_path: Path) -> None:
    scores = []
    for cache in ("memmap", "fifo"):
        config = tiny_training(model_db, tmp_path / cache, raster_cache=cache, limit=48)
        scores.append((train.run(config), torch.load(config.run / "last.ckpt", weights_only=True)["state_dict"]))
    (one, first), (other, second) = scores
    assert one == other
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert [path.name for path in (tmp_path / "fifo" / "cache").iterdir()] == ["train.lock"]


def test_rasters_alone_are_trained_on(model_db: Path, tmp_path: Path, pngs: Path) -> None:
    config = tiny_training(model_db, tmp_path, rasters=pngs, epochs=1, limit=48)
    assert "val/label_top1" in train.run(config)
    with pytest.raises(GlyphError, match="not a folder"):
        train.run(dataclasses.replace(config, rasters=tmp_path / "none"))
