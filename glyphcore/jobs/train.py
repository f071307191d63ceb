"""``glyphcore train``: train a checkpoint on a glyph database.

After a kill, the same command continues from the last finished epoch and gives the same result as an uninterrupted run.
The checkpoint is the best epoch by validation accuracy.
"""

from __future__ import annotations

import logging
import pickle
import warnings
import zipfile
from dataclasses import asdict
from pathlib import Path

import lightning as L
import numpy as np
import pandas as pd
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint, TQDMProgressBar
from lightning.pytorch.loggers import CSVLogger
from lightning.pytorch.strategies import DDPStrategy
from lightning.pytorch.utilities.exceptions import MisconfigurationException

from glyphcore.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from glyphcore.config import TrainConfig
from glyphcore.config.recipe import plain
from glyphcore.data.labels import LabelMap, load_labels
from glyphcore.errors import CheckpointError, ConfigError
from glyphcore.files import alone, replacing
from glyphcore.nn.glyphnet import GlyphNet
from glyphcore.progress import JsonLines, Progress, Silent
from glyphcore.training.calibration import answers, calibrate, temperature
from glyphcore.training.callbacks import Average, Patience, Steps, WholeFiles
from glyphcore.training.codebook import kmeans_codebook, seed_online
from glyphcore.training.datamodule import GlyphDataModule
from glyphcore.training.frozen import take_labels, train_head
from glyphcore.training.module import GlyphModule

CLUSTERED = 20_000
"""Number of glyphs whose cells are clustered into primitives."""
SEEDED = 2_000
"""Number of glyphs whose cells initialise an online codebook."""


def run(config: TrainConfig, progress: Progress | None = None, *, fast_dev_run: bool = False) -> dict[str, float]:
    """Train, write ``config.out``, and return the validation metrics of the best epoch.

    ``fast_dev_run``: run one batch of everything and write nothing. With several processes, each process runs this
    function, and the first one writes.
    """
    progress = progress or Silent()
    _quiet()
    L.seed_everything(config.seed, verbose=False)
    if config.threads:
        torch.set_num_threads(config.threads)
    labels = load_labels(config.labels)
    _check(config, labels)
    trainer, best = _trainer(config, fast_dev_run, progress)
    if not trainer.is_global_zero:
        progress = Silent()
    last = None if fast_dev_run else _last(config)
    start = None if config.init is None else load_checkpoint(config.init)
    teachers = [_teacher(path, labels) for path in config.teachers]
    # of processes that start together, one makes the files and the others find them
    with alone(config.cache / "train.lock"):
        data = GlyphDataModule(config, labels, progress)
        codebook = _codebook(config, data, start, progress, keep=not fast_dev_run)
    module = GlyphModule(
        config.model, config, torch.from_numpy(codebook).float() / 255, teachers,
        torch.from_numpy(labels.subsets[1]) if config.model.subsets else None,
    )  # fmt: skip
    if start is not None:
        progress.say(f"{config.init}: {_take_over(start, module, labels)} weights taken over")
    if module.online is not None and last is None:
        progress.say("clustering features of cells")
        seed_online(module.net, module.online, data.sample(SEEDED, config.seed), config.seed)
    module.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if last is not None:
        progress.say(f"continuing from {last}")
    if config.frozen and not fast_dev_run:
        scores, history, minutes = train_head(module.net, config, data, progress)
        by = scores.pop("temperature")
    else:
        trainer.fit(module, data, ckpt_path=last, weights_only=True)
        minutes, history = module.minutes, _history(config.run)
        if best.best_model_path:
            state = torch.load(best.best_model_path, map_location="cpu", weights_only=True)["state_dict"]
            module.load_state_dict(state)
        trainer.loggers = []  # the calibration below is not an epoch
        (validated,) = trainer.validate(module, data, verbose=False)
        scores = dict(validated)
        if fast_dev_run or not trainer.is_global_zero:  # a check that everything runs; its weights are not kept
            return scores
        by = temperature(*answers(module.net, data.val_dataloader(), module.device))
        calibrate(module.net, by)
    training = {
        "settings": plain(asdict(config)),
        "dataset": {"file": config.db.name, "fingerprint": data.fingerprint, "train_glyphs": len(data.train)},
        "trained_fonts": sorted({*data.trained_fonts, *_fonts_before(start)}),
        "label_counts": np.bincount(data.train.label, minlength=len(labels)).tolist(),
        "epochs": len(history) if config.frozen else trainer.current_epoch,
        "minutes": round(minutes, 3),
        "validation": scores,
        "temperature": by,
        "history": history,
    }
    entries = np.rint(255 * module.entries.cpu().numpy()).clip(0, 255).astype(np.uint8)
    save_checkpoint(config.out, module.net, config.model, labels, entries, training)
    progress.say(f"{config.out}: {scores}")
    return dict(scores)


def _check(config: TrainConfig, labels: LabelMap) -> None:
    """Check settings against the data."""
    if config.model.classes != len(labels):
        raise ConfigError(
            f"The model has {config.model.classes} classes, {config.labels} lists {len(labels)} labels.",
            subject="model.classes",
            remedy=f"Set model.classes={len(labels)}, or name another label set.",
        )
    kinds = labels.subsets[0]
    if config.model.subsets not in (0, len(kinds)):
        raise ConfigError(f"model.subsets must be 0 or {len(kinds)}: {', '.join(kinds)}.", subject="model.subsets")


def _trainer(config: TrainConfig, fast_dev_run: bool, progress: Progress) -> tuple[L.Trainer, ModelCheckpoint]:
    """Return the trainer, and the callback that keeps the best epoch. Raises ConfigError for missing devices."""
    best = ModelCheckpoint(config.run, "best", monitor="val/label_top1", mode="max", enable_version_counter=False)
    # A separate callback, because Lightning's save_last writes only when the best checkpoint is written.
    every = ModelCheckpoint(config.run, "last", enable_version_counter=False)
    callbacks: list[Callback] = [best, every, Patience("val/label_top1", mode="max", patience=config.patience)]
    if config.ema:
        callbacks.append(Average(config.ema))
    as_json = isinstance(progress, JsonLines)
    bar = not as_json and not isinstance(progress, Silent)
    if as_json:
        callbacks.append(Steps(progress))
    elif bar:
        callbacks.append(TQDMProgressBar(refresh_rate=20))
    # Without a gradient through the primitives, the layers before them have none once their own loss is switched off.
    unused = config.model.quantise == "argmax" and min(config.primitive_weight) == 0
    try:
        trainer = L.Trainer(
            max_epochs=config.epochs,
            precision=config.precision,  # type: ignore[arg-type]
            accelerator=config.accelerator,
            devices=config.devices,
            strategy=DDPStrategy(find_unused_parameters=unused) if config.devices > 1 else "auto",
            use_distributed_sampler=False,  # the samplers of this package share the draws, without padding
            logger=CSVLogger(config.run, name="logs"),  # a new version per start, so earlier curves stay
            callbacks=callbacks,
            plugins=[WholeFiles()],
            enable_progress_bar=bar,
            enable_model_summary=False,
            gradient_clip_val=1.0,
            log_every_n_steps=config.log_every,
            num_sanity_val_steps=0,
            fast_dev_run=fast_dev_run,
        )
    except (MisconfigurationException, ValueError) as error:
        raise ConfigError(f"accelerator, devices or precision: {str(error).splitlines()[0]}") from error
    return trainer, best


def _last(config: TrainConfig) -> Path | None:
    """Return the path of the state where the run stopped, None for a new run. Raises CheckpointError when it was a run
    of another model."""
    last = config.run / "last.ckpt"
    if not last.is_file():
        return None
    remedy = "Delete it, or name another --run."
    try:
        if not zipfile.is_zipfile(last):
            raise ValueError
        before = torch.load(last, map_location="cpu", weights_only=True)["hyper_parameters"]["model"]
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, pickle.UnpicklingError) as error:
        raise CheckpointError(f"{last} cannot be read.", subject=last, remedy=remedy) from error
    wanted = plain(asdict(config.model))
    differ = [f"model.{name}" for name, value in wanted.items() if plain(before.get(name, value)) != value]
    if differ:
        raise CheckpointError(f"{last} is of another model: {', '.join(differ)}.", subject=last, remedy=remedy)
    return last


def _teacher(path: Path, labels: LabelMap) -> GlyphNet:
    checkpoint = load_checkpoint(path)
    if checkpoint.labels.fingerprint != labels.fingerprint:
        raise CheckpointError(f"{path.name} has other labels and cannot be the teacher.", subject=path)
    return checkpoint.net().to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _take_over(start: Checkpoint, module: GlyphModule, labels: LabelMap) -> int:
    """Copy every weight of ``start`` with the same name and shape, and the rows of its label layer for labels that both
    have; return the number of weights that agree."""
    own = module.net.state_dict()
    fits = {name: value for name, value in start.state.items() if name in own and value.shape == own[name].shape}
    module.net.load_state_dict({name: value.to(own[name].dtype) for name, value in fits.items()}, strict=False)
    if start.labels.fingerprint != labels.fingerprint and not start.model.rank:
        layer = (start.state["classify.1.weight"], start.state["classify.1.bias"])
        take_labels(module.net, labels, *layer, start.labels)
    return len(fits)


def _fonts_before(start: Checkpoint | None) -> list[str]:
    """Return fonts that the weights were trained on before this run."""
    return [] if start is None else start.training.get("trained_fonts", [])


def _codebook(
    config: TrainConfig, data: GlyphDataModule, start: Checkpoint | None, progress: Progress, *, keep: bool
) -> np.ndarray:
    """Return the run's codebook. It is made once, because a resumed run must use the same primitives."""
    path, shape = config.run / "codebook.npy", (config.model.primitives, 64)
    if path.is_file() and np.load(path, mmap_mode="r").shape == shape:
        return np.load(path)
    if start is not None and start.codebook.shape == shape:
        codebook = start.codebook
    else:
        progress.say("clustering cells into primitives")
        codebook = kmeans_codebook(data.sample(CLUSTERED, config.seed), config.model.primitives, seed=config.seed)
    if keep:
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.save(file, codebook)
    return codebook


def _history(run: Path) -> list[dict[str, float]]:
    """Return validation figures of every epoch over all starts of the run; of an epoch that ran twice, the later
    figures are used."""
    epochs: dict[float, dict[str, float]] = {}
    for log in sorted(run.glob("logs/version_*/metrics.csv"), key=lambda path: int(path.parent.name[8:])):
        try:
            table = pd.read_csv(log)
        except (pd.errors.EmptyDataError, pd.errors.ParserError):  # killed while it was written
            continue
        table = table[[name for name in table if name in ("epoch", "step") or str(name).startswith("val")]]
        for row in table.dropna(thresh=3).to_dict("records"):
            epochs[row["epoch"]] = {str(name): float(value) for name, value in row.items()}
    return [epochs[epoch] for epoch in sorted(epochs)]


def _quiet() -> None:
    """Hide Lightning's hints about workers, processes and loggers, which do not help the user of this command."""
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")
