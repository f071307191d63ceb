"""Callbacks of a run: average of the weights, early stopping, and the way its state is saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.fabric.plugins.io import TorchCheckpointIO
from lightning.pytorch.callbacks import Callback, EarlyStopping, WeightAveraging
from lightning.pytorch.trainer.states import TrainerFn

from glyphcore.files import replacing
from glyphcore.progress import Progress


class Average(WeightAveraging):
    """Exponential average of the weights, which is validated and stored in place of the weights."""

    def __init__(self, decay: float) -> None:
        def average(kept: torch.Tensor, new: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
            if not kept.is_floating_point():
                return new
            steps = float(count)  # young averages forget faster, so that the random start does not stay in them
            return torch.lerp(new, kept, min(decay, (1 + steps) / (10 + steps)))

        super().__init__(avg_fn=average)

    def on_validation_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        if trainer.state.fn == TrainerFn.FITTING:  # afterwards the module has the weights for measuring
            super().on_validation_epoch_start(trainer, pl_module)

    def on_validation_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        if trainer.state.fn == TrainerFn.FITTING:
            super().on_validation_epoch_end(trainer, pl_module)

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, *others: Any) -> None:
        super().on_train_batch_end(trainer, pl_module, *others)
        if pl_module.online is not None:
            # A code that was moved must be at its new place, not between the old and the new one.
            self._average_model.module.online.load_state_dict(pl_module.online.state_dict())  # type: ignore[union-attr]


class WholeFiles(TorchCheckpointIO):
    """Writes a run's state beside its file and renames it.

    Lightning writes through the folder for temporary files. Where that folder is on another disk, a kill during the
    copy leaves half a ``last.ckpt`` and the run is lost.
    """

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any | None = None) -> None:
        with replacing(Path(path)) as temporary:
            torch.save(checkpoint, temporary)


class Patience(EarlyStopping):
    """Stops when validation no longer improves; a run that has stopped does not start again when it is resumed."""

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        super().on_train_start(trainer, pl_module)
        trainer.should_stop = self.wait_count >= self.patience


class Steps(Callback):
    """Reports progress of a run as data, for programs that cannot read Lightning's bar."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._steps: Iterator[int] = iter(())

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        left = int(trainer.estimated_stepping_batches) - trainer.global_step
        self._steps = self._progress.track(range(left), total=left, what="steps")
        next(self._steps, None)

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, *others: Any) -> None:
        next(self._steps, None)
