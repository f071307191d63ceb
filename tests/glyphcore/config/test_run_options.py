"""Options of a training run whose effects show only in whole runs; :mod:`test_options` has the others."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from tiny_model import MODEL, calm_training

from glyphcore.checkpoint import load_checkpoint
from glyphcore.config import TrainConfig
from glyphcore.config.recipe import changed, given
from glyphcore.data.labels import LabelMap
from glyphcore.errors import CheckpointError, ConfigError
from glyphcore.jobs import train
from glyphcore.training.module import PARTS


@pytest.fixture(scope="module")
def base(model_db: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainConfig:
    return calm_training(model_db, tmp_path_factory.mktemp("run_options"))


def logged(config: TrainConfig) -> pd.DataFrame:
    return pd.read_csv(config.run / "logs" / "version_0" / "metrics.csv")


def in_folder(base: TrainConfig, folder: Path, **changes: object) -> TrainConfig:
    return dataclasses.replace(base, out=folder / "a.ckpt", run=folder / "run", **changes)  # type: ignore[arg-type]


def test_everything_at_once_is_logged_apart(
    base: TrainConfig, tiny_checkpoint: Path, tmp_path: Path, labels: LabelMap
) -> None:
    model = dataclasses.replace(MODEL, subsets=len(labels.subsets[0]))
    config = in_folder(base, tmp_path, model=model, online_codebook=True, teachers=(tiny_checkpoint,), epochs=2)
    train.run(config)
    steps = logged(config).dropna(subset="train/loss")
    assert len(steps) == 6
    parts = {name: steps[f"train/{name}_loss"] for name in ("label", "primitive", "usage", "distill", "subset")}
    alpha = steps["train/primitive_weight"]
    weights = {"label": 1, "primitive": alpha, "usage": 0.1 * alpha, "distill": 1, "subset": 0.1}
    total = sum(weights[name] * part for name, part in parts.items())
    np.testing.assert_allclose(steps["train/loss"], total, rtol=1e-4)
    assert (steps["train/codebook_perplexity"] > 5).all()
    assert (steps["train/codebook_usage"] > 0.5).all()
    for part in PARTS:
        assert (steps[f"gradient_norm/{part}"] > 0).all()
    learned = load_checkpoint(config.out).codebook
    assert learned[1:].any(1).all()
    assert (learned != np.load(config.run / "codebook.npy")).any(), "it was learned, not clustered"


def test_primitives_that_are_kept_stay_to_the_bit(base: TrainConfig, tiny_checkpoint: Path, tmp_path: Path) -> None:
    config = in_folder(base, tmp_path, keep_primitives=True, init=tiny_checkpoint, epochs=2)
    train.run(config)
    before, after = load_checkpoint(tiny_checkpoint), load_checkpoint(config.out)
    kept = [name for name in before.state if name.startswith(("stem.", "primitive_head.classify."))]
    assert kept
    moved = [name for name in kept if not torch.equal(before.state[name], after.state[name])]
    assert not moved, "batch norm included"
    assert all(
        not torch.equal(before.state[name], after.state[name])
        for name in ("primitive_head.embed.weight", "head.0.weight", "classify.1.weight")
    )
    assert (before.codebook == after.codebook).all()
    assert "train/primitive_loss" not in logged(config)


def test_primitives_can_only_be_kept_of_a_checkpoint(base: TrainConfig, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="init"):
        in_folder(base, tmp_path, keep_primitives=True)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_an_online_codebook_moves_for_its_share_of_the_run(base: TrainConfig, tmp_path: Path, share: float) -> None:
    patches = []
    for epochs in (1, 2):
        config = in_folder(base, tmp_path / str(epochs), online_codebook=True, online_share=share, epochs=epochs)
        train.run(config)
        patches.append(load_checkpoint(config.out).codebook)
    assert (patches[0] == patches[1]).all() == (share == 0)


def test_the_average_is_kept_and_leaves_training_alone(base: TrainConfig, tmp_path: Path) -> None:
    states = []
    for name, decay in (("without", 0.0), ("with", 0.998)):
        config = in_folder(base, tmp_path / name, ema=decay, online_codebook=True)
        train.run(config)
        states.append(torch.load(config.run / "last.ckpt", weights_only=True))
    plain, averaged = states
    now, kept = averaged["current_model_state"], averaged["state_dict"]
    assert all(torch.equal(plain["state_dict"][name], now[name]) for name in now)
    differing = {name for name in now if not torch.equal(kept[name], now[name])}
    assert {"net.primitive_head.embed.weight", "net.classify.1.weight"} <= differing
    assert not any(name.startswith("online") for name in differing), "a codebook is no average"


def test_a_run_starts_from_another_checkpoint(base: TrainConfig, tiny_checkpoint: Path, tmp_path: Path) -> None:
    start = load_checkpoint(tiny_checkpoint)
    model = dataclasses.replace(MODEL, head=16)
    config = in_folder(base, tmp_path, model=model, init=tiny_checkpoint, learning_rate=1e-9, ema=0.0)
    train.run(config)
    made = load_checkpoint(config.out)
    taken = [name for name, value in start.state.items() if value.shape == made.state[name].shape]
    assert {"primitive_head.embed.weight", "stem.layers.0.weight"} <= set(taken)
    assert "head.0.weight" not in taken
    for name in taken:
        now, before = made.state[name].float(), start.state[name].float()
        if name.startswith("classify.1"):  # calibration divides the logits by a temperature of each checkpoint
            now = now * before.norm() / now.norm()
        if made.state[name].is_floating_point() and "running" not in name:
            assert torch.allclose(now, before, atol=1e-3), name
    assert (made.codebook == start.codebook).all()


def test_a_teacher_with_other_labels_is_refused(base: TrainConfig, tiny_checkpoint: Path, tmp_path: Path) -> None:
    content = torch.load(tiny_checkpoint, weights_only=True)
    content["labels"]["label"][:2] = reversed(content["labels"]["label"][:2])
    torch.save(content, tmp_path / "other.ckpt")
    with pytest.raises(CheckpointError, match=r"other\.ckpt has other labels"):
        train.run(in_folder(base, tmp_path, teachers=(tmp_path / "other.ckpt",)))


@pytest.mark.parametrize(
    ("setting", "says"),
    [("model.subsets=3", "subsets must be 0 or"), ("precision=17", "recision"), ("accelerator=abacus", "accelerator")],
)
def test_what_cannot_run_is_one_line(base: TrainConfig, setting: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        train.run(changed(base, given([setting])))
