"""GlyphNet under Lightning."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

import lightning as L
import torch
from torch import Tensor

from glyphcore.config import ModelConfig, TrainConfig
from glyphcore.nn.glyphnet import GlyphNet
from glyphcore.training import schedule
from glyphcore.training.datamodule import Batch
from glyphcore.training.losses import losses, primitive_targets


class GlyphModule(L.LightningModule):
    """Trains one GlyphNet on labels and on the primitives of a codebook."""

    codebook: Tensor

    def __init__(self, model: ModelConfig, train: TrainConfig, codebook: Tensor) -> None:
        """``codebook``: float [primitives, 64] in [0, 1]."""
        super().__init__()
        self.net = GlyphNet(model)
        self.config = train
        self.register_buffer("codebook", codebook)
        self.save_hyperparameters({"model": asdict(model)})  # plain types, so that weights_only loads it
        self._started, self._minutes_before = time.monotonic(), 0.0

    @property
    def minutes(self) -> float:
        """Minutes of training, over all starts of the run."""
        return self._minutes_before + (time.monotonic() - self._started) / 60

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        raster, geometry, label = batch
        pixels = raster.float().to(memory_format=torch.channels_last)
        output = self.net(pixels, geometry)
        target = primitive_targets(pixels, output.occupied, self.codebook)
        alpha = schedule.primitive_weight(self._done(), *self.config.primitive_weight)
        loss = losses(output, label, target, self.config.label_smoothing, alpha)
        self.log_dict(
            {
                "train/label_loss": loss.label,
                "train/primitive_loss": loss.primitive,
                "train/primitive_weight": alpha,
                "train/learning_rate": self.optimizers().param_groups[0]["lr"],  # type: ignore[union-attr]
            }
        )
        self.log("train/loss", loss.total, prog_bar=True)
        return loss.total

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        raster, geometry, label = batch
        pixels = raster.float().to(memory_format=torch.channels_last)
        for name, known in (("val", geometry), ("val_raster", torch.zeros_like(geometry))):
            if name == "val_raster" and self.net.geometry is None:
                continue
            output = self.net(pixels, known)
            assert output.labels is not None
            top = output.labels.topk(5).indices
            self._log_mean(f"{name}/label_top1", top[:, 0] == label)
            self._log_mean(f"{name}/label_top5", (top == label[:, None]).any(1))
        target = primitive_targets(pixels, output.occupied, self.codebook)
        self._log_mean("val/primitive_accuracy", output.primitives.argmax(1) + 1 == target)

    def configure_optimizers(self):
        decayed = [p for p in self.net.parameters() if p.ndim > 1]
        plain = [p for p in self.net.parameters() if p.ndim <= 1]
        optimizer = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": self.config.weight_decay}, {"params": plain, "weight_decay": 0.0}],
            lr=self.config.learning_rate,
        )
        rate = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: schedule.learning_rate(step / self._steps(), self.config.warmup)
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": rate, "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["minutes"] = self.minutes

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self._started, self._minutes_before = time.monotonic(), checkpoint.get("minutes", 0.0)

    def _steps(self) -> int:
        return max(int(self.trainer.estimated_stepping_batches), 1)

    def _done(self) -> float:
        return self.global_step / self._steps()

    def _log_mean(self, name: str, right: Tensor) -> None:
        self.log(name, right.float().mean(), prog_bar=name == "val/label_top1", batch_size=len(right), on_epoch=True)
