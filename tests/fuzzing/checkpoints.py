"""Checkpoints: damaged ones, pickles that would run code, shapes, label maps and policies that do not fit, NaN."""

from __future__ import annotations

import io
import os
import pickle
import random
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from fuzzing import require
from fuzzing.bytewise import bomb, damaged
from glyphcore.checkpoint import save_checkpoint
from glyphcore.config import ModelConfig
from glyphcore.data.labels import load_labels
from glyphcore.nn.glyphnet import GlyphNet
from glyphcore.runtime.predictor import Predictor

MODEL = ModelConfig(
    primitives=32,
    stem=(8, 16),
    stem_residual=False,
    embedding=8,
    blocks=(1, 1),
    widths=(16,),
    head=24,
    pool=2,
    dropout=0.0,
)
VALUES: tuple[Any, ...] = (
    None,
    0,
    -1,
    1,
    7,
    2**40,
    1e308,
    float("nan"),
    "",
    "x",
    [],
    {},
    [1] * 9,
    {"a": 1},
    True,
    (),
    b"x",
    torch.zeros(3),
    torch.full((2, 2), float("nan")),
    torch.zeros(0),
    torch.zeros(2, dtype=torch.int64),
)


@dataclass(frozen=True)
class Seeds:
    data: bytes
    packed: np.ndarray


def prepare(folder: Path) -> Seeds:
    torch.manual_seed(1)
    torch.set_num_threads(1)
    labels = load_labels()
    net = GlyphNet(MODEL)
    codebook = np.random.default_rng(1).integers(0, 255, (32, 64), dtype=np.uint8)
    save_checkpoint(folder / "tiny.ckpt", net, MODEL, labels, codebook, {"note": "drawn by chance"})
    packed = np.random.default_rng(2).integers(0, 255, (3, 2048), dtype=np.uint8)
    return Seeds((folder / "tiny.ckpt").read_bytes(), packed)


class Runs:
    """An object that runs a function when its pickle is loaded."""

    def __init__(self, path: str, rng: random.Random) -> None:
        self.call = rng.choice(
            (
                (os.system, (f"touch {path}",)),
                (eval, (f"open({path!r}, 'w').write('x')",)),
                (open, (path, "w")),
                (exec, (f"import pathlib; pathlib.Path({path!r}).touch()",)),
                (os.mkdir, (path,)),
                (torch.hub.load, ("x", "y")),
                (torch.save, ({}, path)),
                (np.save, (path, [1])),
            )
        )

    def __reduce__(self) -> tuple:
        return self.call


def case(seeds: Seeds, rng: random.Random, box: Path) -> str:
    path = box / f"some{rng.choice(('.ckpt', '.ckpt', '.pt'))}"
    touched = box / "touched"
    way = rng.randrange(10)
    if way < 3:
        path.write_bytes(damaged(seeds.data, rng))
    elif way < 5:
        path.write_bytes(_member(seeds.data, rng))
    elif way < 9:
        content = torch.load(io.BytesIO(seeds.data), weights_only=True)
        for _ in range(rng.choice((1, 1, 2))):
            _change(content, rng)
        if way == 8:
            content[rng.choice((*content, "more"))] = Runs(str(touched), rng)
        torch.save(content, path)
    elif rng.random() < 0.5:
        path.write_bytes(pickle.dumps(Runs(str(touched), rng)))
    else:
        torch.save(Runs(str(touched), rng), path, _use_new_zipfile_serialization=rng.random() < 0.5)
    try:
        return asked(path, seeds.packed)
    finally:
        require(not touched.exists(), "loading a checkpoint ran code")


def asked(path: Path, packed: np.ndarray) -> str:
    """Predict with a model file and check that its answers are valid probabilities and labels."""
    predictor = Predictor(path, threads=1)
    said = predictor.predict(packed, np.zeros((len(packed), 6), np.float32))
    classes = len(predictor.labels)
    require(
        np.isfinite(said.top_p).all() and (said.top_p >= 0).all() and (said.top_p.sum(1) < 1.001).all(),
        "no probabilities",
    )
    require(said.top.shape[1] == min(5, classes) and (said.top >= 0).all() and (said.top < classes).all(), "no labels")
    codebook = predictor.about.codebook
    require(codebook.dtype == np.uint8 and codebook.ndim == 2 and codebook.shape[1] == 64, "codebook malformed")
    require((said.primitive < len(codebook)).all(), "primitives that the codebook does not have")
    for name in ("labels", "base", "char_class", "twin_of", "codepoint"):
        words = getattr(predictor.labels, name)
        require(len(words) == classes and all(type(word) is str for word in words), f"{name} are no words")
    require(len(predictor.labels.index) == classes, "a label twice")
    require(
        len(predictor.labels.fingerprint) == 16 and len(predictor.labels.twin_index) == classes, "label map malformed"
    )
    require(
        isinstance(predictor.about.training, dict) and isinstance(predictor.about.parameters, int), "about malformed"
    )
    return f"{classes} classes"


def _change(content: dict[str, Any], rng: random.Random) -> None:
    way = rng.randrange(9)
    if way < 2:
        content[rng.choice(list(content))] = rng.choice(VALUES)
    elif way == 2:
        del content[rng.choice(list(content))]
    elif way < 5 and isinstance(content.get("model"), dict) and content["model"]:
        name = rng.choice(list(content["model"]))
        content["model"][name] = rng.choice((*VALUES, 3, 16, 64, 0.5, "token", [8, 8], [4096, 4096]))
    elif way < 7 and isinstance(content.get("state"), dict) and content["state"]:
        name = rng.choice(list(content["state"]))
        value = content["state"][name]
        if not isinstance(value, torch.Tensor):
            return
        content["state"][name] = rng.choice(
            (
                value * float("nan"),
                value.flatten(),
                value.reshape(-1)[:1],
                value.to(torch.float64),
                value.to(torch.complex64),
                value.bool(),
                value * 1e30,
                value.expand(2, *value.shape),
                value.to_sparse(),
                torch.empty_like(value, device="meta"),
                "x",
                None,
            )
        )
        if rng.random() < 0.2:
            content["state"][rng.choice(("more", 7, None))] = torch.zeros(2)
    elif way == 7 and isinstance(content.get("labels"), dict) and content["labels"]:
        name = rng.choice(list(content["labels"]))
        words = list(content["labels"][name])
        content["labels"][name] = rng.choice(
            (
                words[:-1],
                words[::-1],
                [*words, "x"],
                [7] * len(words),
                ["x"] * len(words),
                [None] * len(words),
                "x" * len(words),
            )
        )
    elif way == 8:
        policy = content.get("raster_policy")
        if isinstance(policy, dict):
            policy[rng.choice([*policy, "more"])] = rng.choice(VALUES)


def _member(data: bytes, rng: random.Random) -> bytes:
    """Damage one member of the zip, rename it to a path outside its folder, drop it, or make it a bomb; checksums
    fit."""
    source, buffer = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    chosen = rng.choice(source.namelist())
    with zipfile.ZipFile(buffer, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == chosen:
                way = rng.randrange(6)
                if way == 0:
                    continue
                if way == 1:
                    name = rng.choice(("../../touched", "/tmp/touched", name + "/../x", name * 50))
                elif way == 2:
                    target.compression = zipfile.ZIP_DEFLATED
                    content = bytes(rng.choice((1, 600)) << 20)
                elif way == 3:
                    content = bomb(b"", bytes(1024), 1 << 20)
                else:
                    content = damaged(content, rng)
            target.writestr(name, content)
    return buffer.getvalue()
