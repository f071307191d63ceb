"""Training: targets, schedules, sampling, and a run that learns, stops, resumes and writes its files."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from tiny_model import tiny_training

from glyphcore.checkpoint import load_checkpoint
from glyphcore.config import AugmentConfig
from glyphcore.data.primitives import nearest_primitives
from glyphcore.data.raster import cells as packed_cells
from glyphcore.data.raster import pack
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError
from glyphcore.jobs import train
from glyphcore.nn.stem import cells
from glyphcore.progress import Silent
from glyphcore.training import schedule
from glyphcore.training.calibration import answers, calibrate, temperature
from glyphcore.training.datamodule import BalancedSampler, EachOnce, GlyphDataModule, RasterDataset
from glyphcore.training.losses import every, primitive_targets


def test_targets_in_training_are_those_of_evaluation() -> None:
    random = np.random.default_rng(0)
    raster = (random.random((4, 128, 128)) > 0.6).astype(np.uint8)
    raster[:, 40:] = 0
    codebook = random.integers(0, 256, (32, 64), dtype=np.uint8)
    codebook[0] = 0
    codebook[20:] = codebook[8:20]  # at the same distance, the first one counts
    expected, _ = nearest_primitives(packed_cells(pack(raster)).reshape(-1, 8), codebook)
    pixels = cells(torch.from_numpy(raster).float()[:, None]).flatten(0, 2)[expected > 0]
    entries = torch.from_numpy(codebook).float() / 255
    target = primitive_targets(pixels, entries)
    assert target.tolist() == expected[expected > 0].tolist()
    with torch.autocast("cpu", torch.bfloat16):
        assert primitive_targets(pixels, entries).equal(target), "half precision would confuse them"


def test_a_share_of_the_cells_is_that_share_and_moves() -> None:
    for share in (0.25, 0.6, 1.0):
        seen = [every(share, 256, start, torch.device("cpu")) for start in range(4)]
        assert all(len(some.unique()) == round(256 * share) for some in seen)
        assert len(torch.cat(seen).unique()) == 256
    assert len(every(0.25, 0, 3, torch.device("cpu"))) == 0


def test_rate_warms_up_and_falls() -> None:
    rates = [schedule.learning_rate(done / 100, 0.1) for done in range(101)]
    assert rates[10] == pytest.approx(1.0)
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.01)


def test_a_schedule_goes_through_its_points() -> None:
    assert [schedule.through((1.0, 0.3, 0.0), done) for done in (0, 0.25, 0.5, 1)] == pytest.approx([1, 0.65, 0.3, 0])
    assert schedule.through((0.7,), 0.4) == pytest.approx(0.7)


def labelled(label: np.ndarray) -> RasterDataset:
    """Return a dataset that has only labels, for the samplers."""
    return RasterDataset(None, np.arange(len(label)), label)  # type: ignore[arg-type]


def test_sampler_is_deterministic_and_favours_rare_labels() -> None:
    label = np.array([0] * 90 + [1] * 10)
    dataset = labelled(label)

    def share_of_rare(balance: float) -> float:
        sampler = BalancedSampler(dataset, balance, 5)
        sampler.set_epoch(1)
        drawn = list(sampler)
        assert drawn == list(sampler)
        assert [place for place, _ in drawn] == list(range(100))
        sampler.set_epoch(2)
        assert drawn != list(sampler)
        return float((label[[item for _, item in drawn]] == 1).mean())

    assert share_of_rare(0.0) == pytest.approx(0.1)
    assert 0.2 < share_of_rare(0.5) < 0.3
    assert share_of_rare(1.0) == pytest.approx(0.5, abs=0.02)
    assert dataset.epoch == 2


def test_processes_share_the_draws() -> None:
    """In each batch, two processes together see the glyphs of one process; in validation no glyph is seen twice."""
    dataset = labelled(np.arange(21) % 4)
    alone = list(BalancedSampler(dataset, 0.3, 5))
    parts = [list(BalancedSampler(dataset, 0.3, 5, process, 2)) for process in (0, 1)]
    assert [len(part) for part in parts] == [10, 10]
    for start in range(0, 10, 5):
        seen = parts[0][start : start + 5] + parts[1][start : start + 5]
        assert sorted(seen) == alone[2 * start : 2 * start + 10]
    each = [list(EachOnce(21, process, 2)) for process in (0, 1)]
    assert sorted(each[0] + each[1]) == list(EachOnce(21)) == [(i, i) for i in range(21)]


def test_splits_are_kept_apart(model_db: Path, tmp_path: Path, labels) -> None:
    data = GlyphDataModule(tiny_training(model_db, tmp_path), labels, Silent())
    split = GlyphStore(model_db).labels()["split"]
    assert len(data.train) == (split == "train").sum()
    assert len(data.val) == (split == "val").sum()
    fonts = GlyphStore(model_db).fonts()
    assert set(data.trained_fonts) == set(fonts[fonts["split"] == "train"]["file_hash"].str[:16])


def test_fonts_of_the_train_split_are_known_by_their_glyphs_too(model_db: Path, tmp_path: Path, labels) -> None:
    """When the fonts table has no splits, figures must still exclude the fonts that were used in training."""
    db = Path(shutil.copy(model_db, tmp_path / "theirs.db"))
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("ALTER TABLE fonts DROP COLUMN split")
    known, ours = (GlyphDataModule(tiny_training(each, tmp_path), labels, Silent()).trained_fonts
                   for each in (db, model_db))  # fmt: skip
    assert known == sorted(ours)


def test_batches_vary_with_the_epoch_and_repeat_with_the_seed(model_db: Path, tmp_path: Path, labels) -> None:
    config = tiny_training(model_db, tmp_path, augment=AugmentConfig(probability=1.0))
    first, second = (GlyphDataModule(config, labels, Silent()).train for _ in range(2))
    draws = [(0, 3), (7, 1), (8, 4)]
    a, b = first.__getitems__(draws), second.__getitems__(draws)
    assert all(torch.equal(x, y) for x, y in zip(a, b, strict=True))
    assert torch.equal(first.__getitems__(draws[1:])[0], a[0][1:]), "whoever else is in the batch"
    assert not torch.equal(first.__getitems__([(9, 4)])[0], a[0][2:]), "drawn again it is another one"
    second.epoch = 1
    assert not torch.equal(a[0], second.__getitems__(draws)[0])


def test_a_run_learns_what_it_saw(model_db: Path, tmp_path: Path) -> None:
    """The validation families are drawn from the same invented shapes, so a learner must do far better than chance."""
    config = tiny_training(model_db, tmp_path, epochs=8, learning_rate=1e-2, augment=AugmentConfig(probability=0.0))
    scores = train.run(config)
    classes = GlyphStore(model_db).labels()["label"].nunique()
    assert scores["val/label_top1"] > 10 / classes
    assert scores["val/primitive_accuracy"] > 0.3
    checkpoint = load_checkpoint(config.out)
    history = checkpoint.training["history"]
    assert [row["epoch"] for row in history] == list(range(8))
    assert max(row["val/label_top1"] for row in history) == pytest.approx(scores["val/label_top1"], abs=1e-6)
    assert checkpoint.training["settings"]["epochs"] == 8
    assert checkpoint.training["minutes"] > 0


def test_fast_dev_run_writes_no_checkpoint(model_db: Path, tmp_path: Path) -> None:
    config = tiny_training(model_db, tmp_path)
    assert "val/label_top1" in train.run(config, fast_dev_run=True)
    assert not config.out.exists()


def test_an_empty_split_is_one_line(model_db: Path, tmp_path: Path) -> None:
    db = tmp_path / "train_only.db"
    shutil.copy(model_db, db)
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("DELETE FROM glyphs WHERE split = 'val'")
    with pytest.raises(GlyphError, match="train or val split"):
        train.run(tiny_training(db, tmp_path))


def test_another_label_set_is_refused(model_db: Path, tmp_path: Path) -> None:
    csv = tmp_path / "chars.csv"
    pd.DataFrame({"label": ["a"], "base_unicode": ["a"]}).to_csv(csv, index=False)
    with pytest.raises(GlyphError, match="1216 classes"):
        train.run(dataclasses.replace(tiny_training(model_db, tmp_path), labels=csv))


def test_one_temperature_makes_confidences_honest() -> None:
    torch.manual_seed(0)
    honest = 2 * torch.randn(4000, 6)
    label = torch.distributions.Categorical(logits=honest).sample()
    assert temperature(4 * honest, label) == pytest.approx(4, rel=0.1)
    assert temperature(honest / 3, label) == pytest.approx(1 / 3, rel=0.1)


def test_a_checkpoint_is_calibrated_on_what_was_watched(model_db: Path, tmp_path: Path) -> None:
    config = tiny_training(model_db, tmp_path)
    train.run(config)
    found = load_checkpoint(config.out)
    data = GlyphDataModule(config, found.labels, Silent())
    logits, label = answers(found.net(), data.val_dataloader(), torch.device("cpu"))
    assert len(label) == len(data.val)
    assert found.training["temperature"] != 1
    assert temperature(logits, label) == pytest.approx(1, abs=0.02)
    calibrate(net := found.net(), 2.0)
    halved, _ = answers(net, data.val_dataloader(), torch.device("cpu"))
    torch.testing.assert_close(2 * halved, logits)
