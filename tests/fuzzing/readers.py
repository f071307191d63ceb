"""Exports for ONNX Runtime: damaged ones, graphs and label maps that do not fit, archives that unpack to gigabytes."""

from __future__ import annotations

import io
import json
import random
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fuzzing.bytewise import damaged
from fuzzing.checkpoints import VALUES, asked
from fuzzing.checkpoints import prepare as checkpoint
from glyphcore.checkpoint import load_checkpoint
from glyphcore.config import CHECKPOINTS
from glyphcore.export import export_reader


@dataclass(frozen=True)
class Seeds:
    readers: list[bytes]
    packed: np.ndarray


def prepare(folder: Path) -> Seeds:
    seeds = checkpoint(folder)
    export_reader(load_checkpoint(folder / "tiny.ckpt"), folder / "tiny.reader")
    real = (CHECKPOINTS / "mixer-geometry.reader").read_bytes()
    return Seeds([(folder / "tiny.reader").read_bytes()] * 3 + [real], seeds.packed)


def case(seeds: Seeds, rng: random.Random, box: Path) -> str:
    path = box / "some.reader"
    data = rng.choice(seeds.readers)
    path.write_bytes(damaged(data, rng) if rng.random() < 0.3 else _changed(data, rng))
    return asked(path, seeds.packed)


def _changed(data: bytes, rng: random.Random) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(data))
    members = {name: source.read(name) for name in source.namelist()}
    pack = zipfile.ZIP_STORED
    way = rng.randrange(10)
    name = rng.choice(list(members))
    if way == 0:
        del members[name]
    elif way == 1:
        members[name] = members[rng.choice(list(members))]
    elif way == 2:
        pack = zipfile.ZIP_DEFLATED
        members[name] = bytes(rng.choice((1, 600)) << 20)
    elif way == 3:
        array = rng.choice(
            (
                np.zeros((3, 64), np.uint8),
                np.zeros((32, 64)),
                np.zeros((32, 64), np.uint8),
                np.zeros(3),
                np.array([{}], dtype=object),
                np.zeros((1024, 64), np.uint8),
            )
        )
        buffer = io.BytesIO()
        np.save(buffer, array, allow_pickle=True)
        members["codebook.npy"] = buffer.getvalue()
    elif way < 7:
        about = json.loads(members["about.json"])
        for _ in range(rng.choice((1, 2))):
            key = rng.choice(list(about))
            if key == "labels" and isinstance(about[key], dict):
                column = rng.choice(list(about[key]))
                words = about[key][column]
                about[key][column] = rng.choice(
                    (words[:-1], [*words, "x"], ["x"] * len(words), [7] * len(words), "x", None)
                )
            else:
                about[key] = rng.choice(VALUES[:13])
        members["about.json"] = json.dumps(about).encode()
    else:
        members[name] = damaged(members[name], rng)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", pack) as target:
        for each, content in members.items():
            target.writestr(each, content)
    return buffer.getvalue()
