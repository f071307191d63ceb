"""``glyphcore train``: a glyph database → a checkpoint.

Killed at any time, the same command goes on from the last finished epoch. The best epoch by validation accuracy is what
is shipped.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import pandas as pd
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint, TQDMProgressBar
from lightning.pytorch.loggers import CSVLogger

from glyphcore.checkpoint import save_checkpoint
from glyphcore.config import TrainConfig
from glyphcore.data.labels import load_labels
from glyphcore.errors import GlyphError
from glyphcore.files import replacing
from glyphcore.progress import Progress, Silent
from glyphcore.training.codebook import kmeans_codebook
from glyphcore.training.datamodule import GlyphDataModule
from glyphcore.training.module import GlyphModule


def run(config: TrainConfig, progress: Progress | None = None, *, fast_dev_run: bool = False) -> dict[str, float]:
    """Train, write ``config.out``, and return the validation metrics of the best epoch.

    ``fast_dev_run``: one batch of everything and nothing written.
    """
    progress = progress or Silent()
    _quiet()
    L.seed_everything(config.seed, verbose=False)
    if config.threads:
        torch.set_num_threads(config.threads)
    labels = load_labels(config.labels)
    if config.model.classes != len(labels):
        raise GlyphError(f"The model has {config.model.classes} classes, {config.labels} lists {len(labels)} labels.")
    data = GlyphDataModule(config, labels, progress)
    codebook = _codebook(config, data, progress)
    module = GlyphModule(config.model, config, torch.from_numpy(codebook).float() / 255)
    module.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    best = ModelCheckpoint(config.run, "best", monitor="val/label_top1", mode="max", enable_version_counter=False)
    # Its own callback: Lightning's save_last writes only when the best one is written.
    every = ModelCheckpoint(config.run, "last", enable_version_counter=False)
    callbacks: list[Callback] = [best, every, EarlyStopping("val/label_top1", mode="max", patience=config.patience)]
    if not isinstance(progress, Silent):
        callbacks.append(TQDMProgressBar(refresh_rate=20))
    trainer = L.Trainer(
        max_epochs=config.epochs,
        precision=config.precision,  # type: ignore[arg-type]
        accelerator="auto",
        logger=CSVLogger(config.run, name="logs"),  # a new version each start: earlier curves stay
        callbacks=callbacks,
        enable_progress_bar=not isinstance(progress, Silent),
        enable_model_summary=False,
        gradient_clip_val=1.0,
        log_every_n_steps=50,
        num_sanity_val_steps=0,
        fast_dev_run=fast_dev_run,
    )
    last = config.run / "last.ckpt"
    resumed = last.is_file() and not fast_dev_run
    if resumed:
        progress.say(f"going on from {last}")
    trainer.fit(module, data, ckpt_path=last if resumed else None, weights_only=True)
    history, minutes = _history(config.run), module.minutes
    if best.best_model_path:
        state = torch.load(best.best_model_path, map_location="cpu", weights_only=True)["state_dict"]
        module.load_state_dict(state)
    (scores,) = trainer.validate(module, data, verbose=False)
    if fast_dev_run:  # a check that everything runs; its weights are nobody's checkpoint
        return dict(scores)
    training = {
        "settings": _plain(asdict(config)),
        "dataset": {"file": config.db.name, "fingerprint": data.fingerprint, "train_glyphs": len(data.train_label)},
        "trained_fonts": data.trained_fonts,
        "epochs": trainer.current_epoch,
        "minutes": round(minutes, 1),
        "validation": scores,
        "history": history,
    }
    save_checkpoint(config.out, module.net, config.model, labels, codebook, training)
    progress.say(f"{config.out}: {scores}")
    return dict(scores)


def _codebook(config: TrainConfig, data: GlyphDataModule, progress: Progress) -> np.ndarray:
    """The run's codebook, made once: a resumed run must mean the same primitives."""
    path: Path = config.run / "codebook.npy"
    if path.is_file():
        return np.load(path)
    progress.say("clustering cells into primitives")
    codebook = kmeans_codebook(data.train_packed, config.model.primitives, seed=config.seed)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.save(file, codebook)
    return codebook


def _history(run: Path) -> list[dict[str, float]]:
    """Validation figures of every epoch, over all starts of the run; of an epoch done twice the later counts."""
    epochs: dict[float, dict[str, float]] = {}
    for log in sorted(run.glob("logs/version_*/metrics.csv"), key=lambda path: int(path.parent.name[8:])):
        table = pd.read_csv(log)
        table = table[[name for name in table if name in ("epoch", "step") or str(name).startswith("val")]]
        for row in table.dropna(thresh=3).to_dict("records"):
            epochs[row["epoch"]] = {str(name): float(value) for name, value in row.items()}
    return [epochs[epoch] for epoch in sorted(epochs)]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.name if isinstance(value, Path) else value


def _quiet() -> None:
    """Lightning's hints about workers and loggers are no news to the user of this command."""
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")
