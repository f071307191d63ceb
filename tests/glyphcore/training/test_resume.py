"""A killed run ends like an unbroken one: the same losses, the same weights, to the last bit."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import tiny_run
import torch
from tiny_model import tiny_training

from glyphcore.checkpoint import load_checkpoint
from glyphcore.config import TrainConfig
from glyphcore.config.recipe import changed, given
from glyphcore.errors import CheckpointError
from glyphcore.jobs import train

STEPS = 11
"""Steps of an epoch: 180 glyphs in batches of 16."""


def losses(config: TrainConfig) -> pd.DataFrame:
    """Return the log by step, over all starts; of a repeated step the later entry counts."""
    logs = sorted(config.run.glob("logs/version_*/metrics.csv"), key=lambda path: int(path.parent.name[8:]))
    table = pd.concat([pd.read_csv(log) for log in logs])
    train_rows = table[table["train/loss"].notna()].drop_duplicates("step", keep="last").sort_values("step")
    val_rows = table[table["val/label_top1"].notna()].drop_duplicates("epoch", keep="last").sort_values("epoch")
    return pd.concat([train_rows, val_rows]).reset_index(drop=True).sort_index(axis=1)


def same(one: object, other: object) -> bool:
    """Return whether two states are equal to the last bit."""
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(one, other)
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))  # type: ignore[arg-type]
    return one == other


@pytest.mark.parametrize("settings", [(), ("online_codebook=true", "batch=24")], ids=["codebook", "online"])
def test_a_killed_run_ends_like_an_unbroken_one(model_db: Path, tmp_path: Path, settings: tuple[str, ...]) -> None:
    """The run is killed in the middle of the third of four epochs, with all random options switched on."""
    settings = (*settings, "epochs=4", "log_every=1", "model.dropout=0.2", "model.quantise=gumbel",
                "augment.cell_noise=0.1")  # fmt: skip
    cut, whole = (changed(tiny_training(model_db, tmp_path / name), given(settings)) for name in ("cut", "whole"))
    process = tiny_run.start(model_db, tmp_path / "cut", *settings, kill_at=2 * STEPS + 4)
    train.run(whole)
    process.communicate()
    assert process.returncode == -9
    assert not cut.out.exists()
    before = torch.load(cut.run / "last.ckpt", weights_only=True)
    assert before["epoch"] in (1, 2)
    train.run(cut)

    expected = losses(whole)
    assert expected["train/loss"].notna().sum() == torch.load(whole.run / "last.ckpt", weights_only=True)["global_step"]
    pd.testing.assert_frame_equal(losses(cut), expected, check_exact=True)
    for name in ("last.ckpt", "best.ckpt"):
        first, second = (torch.load(config.run / name, weights_only=True) for config in (whole, cut))
        for key in ("state_dict", "current_model_state", "averaging_state", "optimizer_states", "lr_schedulers"):
            assert same(first[key], second[key]), (name, key)
    one, other = load_checkpoint(whole.out), load_checkpoint(cut.out)
    assert same(one.state, other.state)
    assert (one.codebook == other.codebook).all()
    assert one.training["history"] == other.training["history"]
    assert torch.load(cut.run / "last.ckpt", weights_only=True)["minutes"] > before["minutes"]


def test_a_run_that_had_stopped_early_stays_stopped(model_db: Path, tmp_path: Path) -> None:
    """A missing checkpoint is written again."""
    config = tiny_training(model_db, tmp_path, epochs=6, patience=1, learning_rate=1e-9, ema=0.0)
    first = train.run(config)
    steps = torch.load(config.run / "last.ckpt", weights_only=True)["global_step"]
    assert steps == 2 * STEPS, "an epoch that was no better than the one before it"
    config.out.unlink()
    assert train.run(config) == first
    assert torch.load(config.run / "last.ckpt", weights_only=True)["global_step"] == steps
    assert load_checkpoint(config.out).training["epochs"] == 2


def test_a_run_of_another_model_is_refused(model_db: Path, tmp_path: Path) -> None:
    config = tiny_training(model_db, tmp_path, epochs=1, limit=32)
    train.run(config)
    with pytest.raises(CheckpointError, match=r"another model: model\.pool"):
        train.run(changed(config, given(["model.pool=1"])))
    (config.run / "last.ckpt").write_bytes(b"torn")
    with pytest.raises(CheckpointError, match="cannot be read"):
        train.run(config)
