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
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint, TQDMProgressBar, WeightAveraging
from lightning.pytorch.loggers import CSVLogger

from glyphcore.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from glyphcore.config import TrainConfig
from glyphcore.data.labels import LabelMap, load_labels
from glyphcore.errors import CheckpointError, GlyphError
from glyphcore.files import replacing
from glyphcore.nn.glyphnet import GlyphNet
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
    start = None if config.init is None else load_checkpoint(config.init)
    teachers = [_teacher(path, labels) for path in config.teachers]
    data = GlyphDataModule(config, labels, progress)
    codebook = _codebook(config, data, start, progress)
    module = GlyphModule(
        config.model, config, torch.from_numpy(codebook).float() / 255, teachers,
        torch.from_numpy(labels.subsets[1]) if config.model.subsets else None,
    )  # fmt: skip
    if start is not None:
        progress.say(f"{config.init}: {_take_over(start, module)} weights taken over")
    module.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    best = ModelCheckpoint(config.run, "best", monitor="val/label_top1", mode="max", enable_version_counter=False)
    # Its own callback: Lightning's save_last writes only when the best one is written.
    every = ModelCheckpoint(config.run, "last", enable_version_counter=False)
    callbacks: list[Callback] = [best, every, EarlyStopping("val/label_top1", mode="max", patience=config.patience)]
    if config.ema:
        callbacks.append(WeightAveraging(avg_fn=_average(config.ema)))
    if not isinstance(progress, Silent):
        callbacks.append(TQDMProgressBar(refresh_rate=20))
    trainer = L.Trainer(
        max_epochs=config.epochs,
        precision=config.precision,  # type: ignore[arg-type]
        accelerator="auto",
        devices=config.devices if config.devices > 1 else "auto",
        strategy="ddp" if config.devices > 1 else "auto",
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
    entries = np.rint(255 * module.entries.cpu().numpy()).clip(0, 255).astype(np.uint8)
    save_checkpoint(config.out, module.net, config.model, labels, entries, training)
    progress.say(f"{config.out}: {scores}")
    return dict(scores)


def _average(decay: float) -> Any:
    """Exponential average of weights; young averages forget faster, so that the random start does not linger."""

    def average(kept: torch.Tensor, new: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
        if not kept.is_floating_point():
            return new
        steps = float(count)
        return torch.lerp(new, kept, min(decay, (1 + steps) / (10 + steps)))

    return average


def _teacher(path: Path, labels: LabelMap) -> GlyphNet:
    checkpoint = load_checkpoint(path)
    if checkpoint.labels.fingerprint != labels.fingerprint:
        raise CheckpointError(f"{path.name} knows other labels and cannot teach these.", subject=path)
    return checkpoint.net().to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _take_over(start: Checkpoint, module: GlyphModule) -> int:
    """Copy every weight of ``start`` whose name and shape agree; returns how many did."""
    own = module.net.state_dict()
    fits = {name: value for name, value in start.state.items() if name in own and value.shape == own[name].shape}
    module.net.load_state_dict({name: value.to(own[name].dtype) for name, value in fits.items()}, strict=False)
    return len(fits)


def _codebook(config: TrainConfig, data: GlyphDataModule, start: Checkpoint | None, progress: Progress) -> np.ndarray:
    """The run's codebook, made once: a resumed run must mean the same primitives."""
    path: Path = config.run / "codebook.npy"
    if path.is_file():
        return np.load(path)
    if start is not None and len(start.codebook) == config.model.primitives:
        return start.codebook
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
