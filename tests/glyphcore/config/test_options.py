"""Every option of a training run has an effect: each test fails when its option does nothing."""

from __future__ import annotations

import copy
import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_model import CALM, MODEL, calm_training

from glyphcore.config import AugmentConfig, ModelConfig, TrainConfig
from glyphcore.config.recipe import changed, given
from glyphcore.data.geometry import KNOWN
from glyphcore.data.labels import LabelMap
from glyphcore.progress import Silent
from glyphcore.training.codebook import kmeans_codebook
from glyphcore.training.datamodule import Batch, GlyphDataModule
from glyphcore.training.losses import distillation
from glyphcore.training.module import GlyphModule

DRAWS = [(i, 7 * i) for i in range(24)]


@pytest.fixture(scope="module")
def base(model_db: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainConfig:
    return calm_training(model_db, tmp_path_factory.mktemp("options"))


@pytest.fixture(scope="module")
def codebook(base: TrainConfig, labels: LabelMap) -> torch.Tensor:
    packed = GlyphDataModule(base, labels, Silent()).sample(100, 0)
    return torch.from_numpy(kmeans_codebook(packed, MODEL.primitives)).float() / 255


def batch_of(config: TrainConfig, labels: LabelMap) -> Batch:
    return GlyphDataModule(dataclasses.replace(config, limit=0), labels, Silent()).train.__getitems__(DRAWS)


@pytest.fixture(scope="module")
def batch(base: TrainConfig, labels: LabelMap) -> Batch:
    return batch_of(base, labels)


def module_of(config: TrainConfig, codebook: torch.Tensor, *others: object) -> GlyphModule:
    torch.manual_seed(1)
    return GlyphModule(config.model, config, codebook, *others).train()  # type: ignore[arg-type]


class SkippedInputs:
    """Parts of the loss and their weights under some settings, for the same weights, batch and random numbers."""

    def __init__(self, base: TrainConfig, codebook: torch.Tensor, batch: Batch) -> None:
        self.base, self.codebook, self.batch = base, codebook, batch

    def __call__(self, *settings: str, done: float = 0.0) -> tuple[dict[str, float], dict[str, float]]:
        module = module_of(changed(self.base, given(settings)), self.codebook)
        torch.manual_seed(2)
        parts, weights = module.losses(self.batch, 0, done)
        return {name: float(part.detach()) for name, part in parts.items()}, weights


@pytest.fixture(scope="module")
def losses(base: TrainConfig, codebook: torch.Tensor, batch: Batch) -> SkippedInputs:
    return SkippedInputs(base, codebook, batch)


@pytest.mark.parametrize(
    ("option", "part"),
    [("primitive_share=1.0", "primitive"), ("label_smoothing=0.3", "label"), ("augment.cell_noise=0.5", "label"),
     ("model.quantise=soft", "label"), ("model.dropout=0.5", "label")],
)  # fmt: skip
def test_an_option_moves_its_loss(losses: SkippedInputs, option: str, part: str) -> None:
    (without, _), (with_, _) = losses(), losses(option)
    assert losses()[0] == without, "or chance moved it"
    assert with_[part] != without[part]


def test_the_primitive_weight_follows_its_schedule_to_nothing(losses: SkippedInputs) -> None:
    option = "primitive_weight=1,0.3,0"
    assert [losses(option, done=done)[1]["primitive"] for done in (0.0, 0.5, 1.0)] == pytest.approx([1, 0.3, 0])
    assert "primitive" in losses(option)[0]
    assert "primitive" not in losses(option, done=1.0)[0], "what weighs nothing costs nothing"


def test_focal_loss_plays_down_the_easy_cells(losses: SkippedInputs) -> None:
    plain, focal = (losses(f"primitive_focal={gamma}")[0]["primitive"] for gamma in (0, 2))
    assert focal < plain


def test_the_temperature_follows_its_schedule(losses: SkippedInputs) -> None:
    def label(points: str, done: float) -> float:
        return losses("model.quantise=soft", f"quantise_temperature={points}", done=done)[0]["label"]

    assert label("1,0.1", 0.0) == label("1", 0.5) != label("0.1", 0.5) == label("1,0.1", 1.0)


def test_weights_of_the_other_losses(losses: SkippedInputs) -> None:
    _, weights = losses("usage_entropy=0.5", "subset_weight=0.2", "distill_weight=3", "primitive_weight=0.6")
    assert weights == pytest.approx({"label": 1, "primitive": 0.6, "usage": 0.3, "distill": 3, "subset": 0.2})


def test_a_teacher_that_agrees_costs_nothing(base: TrainConfig, codebook: torch.Tensor, batch: Batch) -> None:
    logits = torch.randn(5, 20, generator=torch.Generator().manual_seed(0))
    other = logits.flip(0)
    assert float(distillation(logits, [logits], 3.0)) == pytest.approx(0, abs=1e-5)
    assert float(distillation(logits, [other], 3.0)) > 0.1
    between = float(distillation(logits, [logits, other], 3.0))
    assert 0 < between < float(distillation(logits, [other], 3.0))
    assert float(distillation(logits, [other], 1.0)) != pytest.approx(float(distillation(logits, [other], 3.0)))

    student = module_of(base, codebook).eval()
    student.teachers = [copy.deepcopy(student.net)]
    assert float(student.losses(batch, 0, 0.0)[0]["distill"].detach()) == pytest.approx(0, abs=1e-4)
    stranger = module_of(dataclasses.replace(base, seed=3), codebook)
    with torch.no_grad():
        stranger.net.classify[1].weight.mul_(9)
    student.teachers = [stranger.net]
    loss = student.losses(batch, 0, 0.0)[0]["distill"]
    loss.backward()
    assert float(loss.detach()) > 0.01
    assert student.net.classify[1].weight.grad.abs().sum() > 0
    assert stranger.net.classify[1].weight.grad is None
    assert not any(name.startswith("teachers") for name in student.state_dict()), "it is not part of the run"


AUGMENTS = {"slant": 0.3, "aspect": 0.4, "rotation": 10.0, "weight": 2.0, "noise": 0.03, "warp": 0.1, "parts": 0.4,
            "blur": 1.0, "hollow": 1.0, "inverse": 1.0, "geometry_drop": 1.0, "geometry_scale": 0.3,
            "probability": 0.0}  # fmt: skip


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(AugmentConfig)])
def test_every_augmentation_acts(base: TrainConfig, labels: LabelMap, batch: Batch, field: str) -> None:
    if field == "cell_noise":
        return  # acts on primitives, not on pixels: tested above
    calm, reference = (CALM, batch) if field != "probability" else (AugmentConfig(), None)
    if reference is None:
        reference = batch_of(dataclasses.replace(base, augment=calm), labels)
    varied = batch_of(dataclasses.replace(base, augment=dataclasses.replace(calm, **{field: AUGMENTS[field]})), labels)
    changed_glyphs = (varied[0] != reference[0]).flatten(1).any(1).float().mean()
    if field == "geometry_drop":
        assert not varied[1].any()
        assert reference[1][:, KNOWN].all()
    elif field == "geometry_scale":
        assert torch.equal(varied[0], reference[0])
        assert not torch.allclose(varied[1], reference[1], atol=0.05)
    else:
        assert changed_glyphs > 0.6


def test_sampling_options_reach_the_loader(base: TrainConfig, labels: LabelMap) -> None:
    def sampler(**changes: object):
        config = dataclasses.replace(base, **{"limit": 0, **changes})  # type: ignore[arg-type]
        data = GlyphDataModule(config, labels, Silent())
        data.train.label = data.train.label.clip(max=int(np.median(data.train.label)))  # one label becomes frequent
        return data.train_dataloader().sampler

    natural, balanced = sampler(balance=0.0), sampler(balance=0.8)
    assert np.ptp(natural.probability) == 0
    assert np.ptp(balanced.probability) > 0
    assert list(natural) != list(sampler(balance=0.0, seed=8))
    few = GlyphDataModule(dataclasses.replace(base, limit=30), labels, Silent()).train
    assert len(few) == 30
    assert few.rows.max() - few.rows.min() > 100, "of all fonts"


def test_optimizer_options(base: TrainConfig, codebook: torch.Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GlyphModule, "_steps", lambda self: 100)
    config = dataclasses.replace(base, learning_rate=0.5, weight_decay=0.25, warmup=0.2)
    made = module_of(config, codebook).configure_optimizers()
    assert [group["weight_decay"] for group in made["optimizer"].param_groups] == [0.25, 0.0]
    assert all(p.ndim > 1 for p in made["optimizer"].param_groups[0]["params"])
    rate = made["lr_scheduler"]["scheduler"]
    assert rate.base_lrs == [0.5, 0.5]
    assert [round(rate.lr_lambdas[0](step), 2) for step in (10, 20, 100)] == [0.5, 1.0, 0.01]


def test_a_net_learns_two_batches_by_heart(
    base: TrainConfig, codebook: torch.Tensor, labels: LabelMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 80
    monkeypatch.setattr(GlyphModule, "_steps", lambda self: steps)
    module = module_of(dataclasses.replace(base, learning_rate=1e-2, label_smoothing=0.0, warmup=0.0), codebook)
    made = module.configure_optimizers()
    train_set = GlyphDataModule(dataclasses.replace(base, limit=32), labels, Silent()).train
    batches = [train_set.__getitems__([(i, i) for i in range(start, start + 16)]) for start in (0, 16)]
    for step in range(steps):
        made["optimizer"].zero_grad()
        parts, weights = module.losses(batches[step % 2], step, step / steps)
        sum(weights[name] * part for name, part in parts.items()).backward()  # type: ignore[union-attr]
        made["optimizer"].step()
        made["lr_scheduler"]["scheduler"].step()
    module.eval()
    with torch.no_grad():
        right = [module.net(raster.float(), shape).labels.argmax(1) == label for raster, shape, label in batches]
    assert torch.cat(right).float().mean() > 0.95


def test_no_option_is_forgotten() -> None:
    """A new option must be tested here or elsewhere, and be listed."""
    here = {"primitive_weight", "primitive_share", "primitive_focal", "quantise_temperature", "online_codebook",
            "online_share", "usage_entropy", "teachers", "distill_weight", "distill_temperature", "subset_weight",
            "init", "ema", "balance", "label_smoothing", "limit", "seed", "learning_rate", "weight_decay", "warmup",
            "augment", "precision", "accelerator", "log_every", "epochs", "batch"}  # fmt: skip
    elsewhere = {"db", "out", "run", "cache", "labels", "model", "patience", "devices", "rasters", "raster_cache",
                 "fifo_share", "threads", "frozen", "keep_primitives"}  # fmt: skip
    assert {field.name for field in dataclasses.fields(TrainConfig)} == here | elsewhere
    assert {field.name for field in dataclasses.fields(AugmentConfig)} == set(AUGMENTS) | {"cell_noise"}
    assert ModelConfig().subsets == 0
