"""A model small enough for tests, trained for a short time on the seeded database of :mod:`app_fixtures`."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from glyphcore.config import AugmentConfig, ModelConfig, TrainConfig

MODEL = ModelConfig(
    primitives=32, stem=(8, 16), stem_residual=False, embedding=8, blocks=(1, 1), widths=(16,), head=24, pool=2,
    dropout=0.0,
)  # fmt: skip
CALM = AugmentConfig(**{field.name: 0.0 for field in fields(AugmentConfig)} | {"probability": 1.0})
"""Options that leave outlines unchanged."""


def tiny_training(db: Path, folder: Path, **changes: object) -> TrainConfig:
    """Return settings of two short epochs in float32 on one thread; ``changes`` are fields of TrainConfig."""
    settings: dict = {
        "db": db,
        "out": folder / "tiny.ckpt",
        "run": folder / "run",
        "cache": folder / "cache",
        "model": MODEL,
        "epochs": 2,
        "batch": 16,
        "precision": "32-true",
        "threads": 1,
        "augment": AugmentConfig(probability=0.5),
    }
    return TrainConfig(**(settings | changes))


def calm_training(db: Path, folder: Path) -> TrainConfig:
    """Return settings of one short epoch with unchanged outlines and a log of every step."""
    return tiny_training(db, folder, augment=CALM, epochs=1, limit=48, log_every=1)
