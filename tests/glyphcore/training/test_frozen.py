"""Training of the label layers alone, on a frozen mixer's outputs for glyphs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_model import MODEL, tiny_training

from glyphcore.checkpoint import load_checkpoint
from glyphcore.config import ModelConfig
from glyphcore.data.labels import LabelMap, load_labels
from glyphcore.errors import ConfigError
from glyphcore.jobs import train
from glyphcore.nn.glyphnet import GlyphNet
from glyphcore.progress import Silent
from glyphcore.training.datamodule import GlyphDataModule
from glyphcore.training.frozen import Features, Trunk, take_labels

WIDE = 1300
"""Number of labels of the grown set: the 1,216 shipped ones and some further ones."""


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, labels: LabelMap) -> Path:
    path = tmp_path_factory.mktemp("labels") / "grown.csv"
    rows = [f"{a},{b}" for a, b in zip(labels.labels, map(_quoted, labels.base), strict=True)]
    rows += [f"further_{i},{chr(0x4E00 + i)}" for i in range(WIDE - len(labels))]
    path.write_text("label,base_unicode\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def settings(model_db: Path, folder: Path, start: Path, labels: Path, **changes: object):
    model = replace(MODEL, classes=WIDE, rank=8)
    return tiny_training(model_db, folder, model=model, init=start, labels=labels, frozen=2, **changes)


def test_only_what_comes_after_the_mixer_changes(
    model_db: Path, tiny_checkpoint: Path, grown: Path, tmp_path: Path
) -> None:
    train.run(settings(model_db, tmp_path, tiny_checkpoint, grown))
    before, after = load_checkpoint(tiny_checkpoint), load_checkpoint(tmp_path / "tiny.ckpt")
    assert len(after.labels) == WIDE
    same = {name for name, value in after.state.items() if torch.equal(value, before.state.get(name, value * 0 + 1))}
    changed = {name.partition(".")[0] for name in set(after.state) - same}
    assert changed <= {"geometry", "head", "classify"}
    assert "classify" in changed
    assert after.training["epochs"] == len(after.training["history"]) == 2
    assert after.training["settings"]["frozen"] == 2


def test_a_killed_run_goes_on_where_it_stopped(
    model_db: Path, tiny_checkpoint: Path, grown: Path, tmp_path: Path
) -> None:
    config = settings(model_db, tmp_path, tiny_checkpoint, grown)
    data = GlyphDataModule(config, load_labels(grown), Silent())
    trunk, width = Trunk(load_checkpoint(tiny_checkpoint).net()), MODEL.widths[-1] * MODEL.pool**2
    whole = Features(tmp_path / "whole.npy", data.train, 2, width)
    whole.fill(trunk, "glyphs", Silent())
    part = Features(tmp_path / "part.npy", data.train, 2, width)
    part.fill(trunk, "glyphs", Silent())
    values = np.load(part.path, mmap_mode="r+")
    half = len(values) // 2 // 256 * 256
    values[half:] = 0
    values.flush()
    (tmp_path / "part.done").write_text(str(half))
    part.fill(trunk, "glyphs", Silent())
    assert np.array_equal(whole.open()[0], part.open()[0])
    assert len(whole.open()[2]) == 2 * len(data.train)


def test_features_are_those_of_the_model(model_db: Path, tiny_checkpoint: Path, tmp_path: Path) -> None:
    net = load_checkpoint(tiny_checkpoint).net()
    data = GlyphDataModule(tiny_training(model_db, tmp_path), load_labels(), Silent())
    raster, geometry, _ = data.val.__getitems__([(i, i) for i in range(8)])
    with torch.no_grad():
        wanted = net(raster.float(), geometry).pooled
    assert wanted is not None
    assert torch.allclose(Trunk(net)(raster).float(), wanted, atol=0.05 * float(wanted.abs().max()))


def test_a_label_layer_of_full_rank_says_what_the_old_one_said(
    tiny_checkpoint: Path, grown: Path, labels: LabelMap
) -> None:
    start, wide = load_checkpoint(tiny_checkpoint), load_labels(grown)
    net = GlyphNet(ModelConfig(**vars(replace(MODEL, classes=WIDE, rank=MODEL.head)))).eval()
    weight, bias = start.state["classify.1.weight"], start.state["classify.1.bias"]
    assert take_labels(net, wide, weight, bias, start.labels) == len(labels)
    embedding = torch.randn(5, MODEL.head)
    with torch.no_grad():
        old, new = start.net().classify(embedding), net.classify(embedding)
    assert torch.allclose(old, new[:, : len(labels)], atol=1e-4)


def test_a_frozen_run_needs_something_to_start_from(model_db: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="init"):
        tiny_training(model_db, tmp_path, frozen=1)
