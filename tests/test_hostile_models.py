"""Hostile checkpoints, readers and label maps: each fault that fuzzing found has a test."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from glyphcore.checkpoint import load_checkpoint
from glyphcore.data.labels import LabelMap, load_labels
from glyphcore.errors import CheckpointError, StoreError
from glyphcore.runtime.predictor import Predictor


def changed(source: Path, path: Path, **parts: object) -> Path:
    content = torch.load(source, weights_only=True)
    torch.save({**content, **parts}, path)
    return path


def test_a_checkpoint_that_lies_is_refused(tiny_checkpoint: Path, tmp_path: Path) -> None:
    content = torch.load(tiny_checkpoint, weights_only=True)
    name = next(iter(content["state"]))
    weight = content["state"][name]
    lies = [
        {"format": torch.zeros(3)},
        {"state": b"x"},
        {"state": {**content["state"], name: torch.zeros(1).expand(1 << 40)}},
        {"state": {**content["state"], name: weight.to_sparse()}},
        {"state": {**content["state"], name: torch.empty_like(weight, device="meta")}},
        {"model": {**content["model"], "dropout": "x"}},
        {"model": {**content["model"], "more": 1}},
        {"labels": {**content["labels"], "label": ["x"] * len(content["labels"]["label"])}},
        {"labels": {**content["labels"], "twin_of": ["x"]}},
        {"training": 7},
        {"raster_policy": torch.zeros(3)},
        {"model": torch.zeros(3)},
        {"codebook": content["codebook"].float()},
    ]
    for lie in lies:
        with pytest.raises(CheckpointError):
            load_checkpoint(changed(tiny_checkpoint, tmp_path / "lie.ckpt", **lie))
    for wide in ({"head": 2_000_000_000}, {"blocks": [10**9, 1]}, {"widths": [1 << 20]}):
        path = changed(tiny_checkpoint, tmp_path / "wide.ckpt", model={**content["model"], **wide})
        with pytest.raises(CheckpointError, match=r"do not fit|missing or damaged"):
            Predictor(path)


def test_a_packed_checkpoint_is_not_unpacked(tiny_checkpoint: Path, tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tiny_checkpoint) as source,
        zipfile.ZipFile(tmp_path / "a.ckpt", "w", zipfile.ZIP_DEFLATED) as to,
    ):
        for name in source.namelist():
            to.writestr(name, source.read(name))
    with pytest.raises(CheckpointError, match="not a readable checkpoint"):
        load_checkpoint(tmp_path / "a.ckpt")


def test_weights_that_give_no_probabilities_are_said(tiny_checkpoint: Path, tmp_path: Path) -> None:
    content = torch.load(tiny_checkpoint, weights_only=True)
    state = {
        name: value.float() * 1e30 if value.is_floating_point() else value for name, value in content["state"].items()
    }
    predictor = Predictor(changed(tiny_checkpoint, tmp_path / "huge.ckpt", state=state))
    with pytest.raises(CheckpointError, match="gives no probabilities"):
        predictor.predict(np.random.default_rng(1).integers(0, 255, (3, 2048), dtype=np.uint8))


def test_a_reader_whose_parts_do_not_fit_is_refused(tiny_reader: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tiny_reader) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    about = json.loads(members["about.json"])
    book = io.BytesIO()
    np.save(book, np.zeros((3, 64)))
    lies = [
        {"primitives.onnx": members["grids.onnx"]},
        {"grids.onnx": members["primitives.onnx"]},
        {"codebook.npy": book.getvalue()},
        {"about.json": json.dumps({**about, "training": None}).encode()},
        {"about.json": json.dumps({**about, "sees_cells": "x"}).encode()},
        {"about.json": json.dumps({**about, "labels": {**about["labels"], "char_class": ["x"]}}).encode()},
        {"about.json": bytes(300 << 20)},
    ]
    for lie in lies:
        with zipfile.ZipFile(tmp_path / "lie.reader", "w", zipfile.ZIP_DEFLATED) as to:
            for name, content in {**members, **lie}.items():
                to.writestr(name, content)
        with pytest.raises(CheckpointError, match="not a readable export"):
            Predictor(tmp_path / "lie.reader")


def test_a_label_map_has_each_label_once() -> None:
    plain = load_labels().to_plain()
    for lie in ({**plain, "label": plain["label"][:1] * len(plain["label"])}, {**plain, "codepoint": []}, {}, []):
        with pytest.raises(StoreError, match="label map is malformed"):
            LabelMap.from_plain(lie)  # type: ignore[arg-type]
