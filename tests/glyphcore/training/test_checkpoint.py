"""The one file that the app needs: its contents, and refused files."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from glyphcore.checkpoint import load_checkpoint, save_checkpoint
from glyphcore.errors import CheckpointError


def test_it_describes_itself(tiny_checkpoint: Path, labels) -> None:
    checkpoint = load_checkpoint(tiny_checkpoint)
    assert checkpoint.name == "tiny"
    assert checkpoint.labels == labels
    assert checkpoint.labels.fingerprint == labels.fingerprint
    assert checkpoint.codebook.dtype == np.uint8
    assert checkpoint.codebook.shape == (checkpoint.model.primitives, 64)
    assert not checkpoint.codebook[0].any()
    assert checkpoint.training["dataset"]["train_glyphs"] > 0
    assert len(checkpoint.training["git_commit"]) == 40
    assert checkpoint.training["validation"]["val/label_top1"] >= 0
    assert checkpoint.training["trained_fonts"]


def test_saving_and_loading_keeps_every_answer(tiny_checkpoint: Path, tmp_path: Path) -> None:
    first = load_checkpoint(tiny_checkpoint)
    again = tmp_path / "again.ckpt"
    save_checkpoint(again, first.net(), first.model, first.labels, first.codebook, first.training)
    raster = (torch.rand(2, 1, 128, 128, generator=torch.Generator().manual_seed(0)) > 0.8).float()
    one, two = first.net()(raster), load_checkpoint(again).net()(raster)
    assert torch.equal(one.labels, two.labels)
    assert torch.equal(one.grid(), two.grid())


def test_a_file_holds_nothing_of_its_name(tiny_checkpoint: Path, tmp_path: Path) -> None:
    it = load_checkpoint(tiny_checkpoint)
    for name in ("one.ckpt", "another.ckpt"):
        save_checkpoint(tmp_path / name, it.net(), it.model, it.labels, it.codebook, it.training)
    assert (tmp_path / "one.ckpt").read_bytes() == (tmp_path / "another.ckpt").read_bytes()


class Malice:
    """An object whose unpickling runs code."""

    def __reduce__(self):
        return os.mkdir, ("pwned",)


def changed(content: dict, tmp_path: Path) -> Path:
    path = tmp_path / "changed.ckpt"
    torch.save(content, path)
    return path


def edit(change: Callable[[dict], object]) -> Callable[[dict], None]:
    def apply(content: dict) -> None:
        change(content)

    return apply


def wrap(content: dict, prefix: str) -> None:
    content["state"] = {prefix + name: value for name, value in content["state"].items()}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (edit(lambda c: c.pop("labels")), "missing or damaged"),
        (edit(lambda c: c.update(format=99)), "not a glyphcore checkpoint"),
        (edit(lambda c: c["raster_policy"].update(version=2)), "policy 2"),
        (edit(lambda c: c["raster_policy"].update(small_size=32)), "policy 1"),
        (edit(lambda c: c["model"].update(blocks=[])), "missing or damaged"),
        (edit(lambda c: c["model"].update(classes=7)), "do not fit"),
        (edit(lambda c: c.update(codebook=torch.zeros(3, 64))), "do not fit"),
        (edit(lambda c: c["state"]["classify.1.bias"].fill_(float("nan"))), "not finite"),
        (edit(lambda c: wrap(c, "_orig_mod.")), r"_orig_mod\.…, as torch.compile leaves them"),
        (edit(lambda c: wrap(c, "module.")), r"module\.…, as training on several devices.*Take 'module.' off"),
    ],
)
def test_a_wrong_part_is_named(tiny_checkpoint: Path, tmp_path: Path, change, says: str) -> None:
    content = torch.load(tiny_checkpoint, weights_only=True)
    change(content)
    with pytest.raises(CheckpointError, match=says) as caught:
        load_checkpoint(changed(content, tmp_path))
    assert "changed.ckpt" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_weights_of_another_shape_are_refused(tiny_checkpoint: Path, tmp_path: Path) -> None:
    content = torch.load(tiny_checkpoint, weights_only=True)
    content["model"]["head"] = 8
    with pytest.raises(CheckpointError, match="do not fit"):
        load_checkpoint(changed(content, tmp_path)).net()


def test_code_in_a_file_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    evil = {"format": 1, "evil": Malice()}
    torch.save(evil, tmp_path / "zip.ckpt")
    (tmp_path / "bare.ckpt").write_bytes(pickle.dumps(evil))
    with pytest.raises(CheckpointError, match="more than weights"):
        load_checkpoint(tmp_path / "zip.ckpt")
    with pytest.raises(CheckpointError, match="not a readable checkpoint"):
        load_checkpoint(tmp_path / "bare.ckpt")
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 no zip", bytes(range(256)) * 40])
def test_any_other_file_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no.ckpt"
    path.write_bytes(content)
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(path)
    assert "no.ckpt" in str(caught.value)


def test_a_truncated_file_is_one_line(tiny_checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.ckpt"
    path.write_bytes(tiny_checkpoint.read_bytes()[:-2000])
    with pytest.raises(CheckpointError, match=r"cut\.ckpt"):
        load_checkpoint(path)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="does not exist"):
        load_checkpoint(tmp_path / "none.ckpt")


def test_a_failed_save_leaves_the_old_file(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_checkpoint(tiny_checkpoint)
    path = tmp_path / "kept.ckpt"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="disk full"):
        save_checkpoint(path, first.net(), first.model, first.labels, first.codebook, {})
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
