"""GlyphNet under Lightning."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import lightning as L
import torch
from torch import Tensor
from torch.nn import functional

from glyphcore.config import ModelConfig, TrainConfig
from glyphcore.nn.glyphnet import GlyphNet, GlyphOutput
from glyphcore.training import schedule
from glyphcore.training.codebook import OnlineCodebook, usage_entropy
from glyphcore.training.datamodule import Batch
from glyphcore.training.losses import distillation, every, primitive_loss, primitive_targets

PARTS = ("stem", "primitive_head", "mixer", "head", "classify")
"""Parts of the model whose gradient norms are logged."""


class GlyphModule(L.LightningModule):
    """Trains one GlyphNet on labels and on the primitives of a codebook."""

    codebook: Tensor

    def __init__(
        self,
        model: ModelConfig,
        train: TrainConfig,
        codebook: Tensor,
        teachers: Sequence[GlyphNet] = (),
        subsets: Tensor | None = None,
    ) -> None:
        """``codebook``: float [primitives, 64] in [0, 1]; ``subsets``: bool [classes, subsets], for the subset head."""
        super().__init__()
        self.net = GlyphNet(model)
        self.config = train
        self._kept = (self.net.stem, self.net.primitive_head.classify) if train.keep_primitives else ()
        if self._kept:
            self.net.primitive_head.quantise = "argmax"
            for part in self._kept:
                part.requires_grad_(False).eval()
        self.register_buffer("codebook", codebook)
        self.online = OnlineCodebook(model.primitives, model.stem[1]) if train.online_codebook else None
        self.teachers = list(teachers)  # a plain list: their weights do not belong to this run
        self.subsets = subsets
        self.save_hyperparameters({"model": asdict(model)})  # plain types, so that weights_only loads it
        self._right: dict[str, Tensor] = {}
        self._started, self._minutes_before = time.monotonic(), 0.0

    @property
    def minutes(self) -> float:
        """Minutes of training over all starts of the run."""
        return self._minutes_before + (time.monotonic() - self._started) / 60

    @property
    def entries(self) -> Tensor:
        """The codebook, float [primitives, 64]: the given one, or the one learned so far."""
        return self.codebook if self.online is None else self.online.patches

    def train(self, mode: bool = True) -> GlyphModule:
        """Set the mode; parts that are kept stay in that of inference, because their batch norm must not move."""
        super().train(mode)
        for part in self._kept:
            part.eval()
        return self

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        # Seed per (run, step, process), so that a resumed run is bit-identical. A seed per epoch is not enough: a
        # resumed run draws other random numbers before its first step.
        torch.manual_seed((self.config.seed * 10_000_000 + self.global_step) * 1000 + self.global_rank)
        done = self.global_step / self._steps()
        parts, weights = self.losses(batch, batch_idx, done)
        total = torch.stack([weights[name] * part for name, part in parts.items()]).sum()
        self.log_dict({f"train/{name}_loss": part.detach() for name, part in parts.items()})
        self.log("train/primitive_weight", weights["primitive"])
        self.log("train/learning_rate", self.optimizers().param_groups[0]["lr"])  # type: ignore[union-attr]
        if self.online is not None:
            self.log("train/codebook_perplexity", self.online.perplexity())
            self.log("train/codebook_usage", self.online.alive().float().mean())
        self.log("train/loss", total.detach(), prog_bar=True)
        return total

    def losses(self, batch: Batch, batch_idx: int, done: float) -> tuple[dict[str, Tensor], dict[str, float]]:
        """Return the parts of the loss, each a scalar, and the weight of each part after the share ``done`` of the run.

        A part with weight 0 may be left out. An online codebook is updated here.
        """
        raster, geometry, label = batch
        pixels = raster.float().to(memory_format=torch.channels_last)
        head = self.net.primitive_head
        head.temperature = schedule.through(self.config.quantise_temperature, done)
        head.noise = self.config.augment.cell_noise
        output = self.net(pixels, geometry)
        assert output.labels is not None
        alpha = 0.0 if self._kept else schedule.through(self.config.primitive_weight, done)
        weights = {"label": 1.0, "primitive": alpha, "usage": alpha * self.config.usage_entropy,
                   "distill": self.config.distill_weight, "subset": self.config.subset_weight}  # fmt: skip
        smoothing = self.config.label_smoothing
        parts = {"label": functional.cross_entropy(output.labels.float(), label, label_smoothing=smoothing)}
        if alpha or self.online is not None:
            parts |= self._primitive_parts(output, batch_idx, done)
        if self.teachers:
            taught = self._taught(pixels, geometry)
            parts["distill"] = distillation(output.labels, taught, self.config.distill_temperature)
        if output.subsets is not None:
            assert self.subsets is not None
            wanted = self.subsets.to(label.device)[label].float()
            parts["subset"] = functional.binary_cross_entropy_with_logits(output.subsets.float(), wanted)
        return parts, weights

    def _primitive_parts(self, output: GlyphOutput, batch_idx: int, done: float) -> dict[str, Tensor]:
        features = output.features
        chosen = every(self.config.primitive_share, len(features), batch_idx, features.device)
        # Computed again: a gradient through a selection of all logits would fill a tensor of their size.
        logits = self.net.primitive_head.logits(features[chosen])
        cells = output.pixels[chosen]
        if self.online is None:
            target = primitive_targets(cells, self.codebook)
            return {"primitive": primitive_loss(logits, target, self.config.primitive_focal)}
        seen = features.detach()[chosen]
        moves = done < self.config.online_share
        target = self.online.observe(seen, cells) if moves else self.online.targets(seen)
        return {
            "primitive": primitive_loss(logits, target, self.config.primitive_focal),
            "usage": usage_entropy(logits),
        }

    @torch.no_grad()
    def _taught(self, pixels: Tensor, geometry: Tensor) -> list[Tensor]:
        teacher_logits = [teacher.eval().to(pixels.device)(pixels, geometry).labels for teacher in self.teachers]
        return [logits for logits in teacher_logits if logits is not None]

    def on_validation_epoch_start(self) -> None:
        self._right = {}

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        raster, geometry, label = batch
        pixels = raster.float().to(memory_format=torch.channels_last)
        output = self.net(pixels, geometry)
        assert output.labels is not None
        assert output.pooled is not None
        self._count_labels("val", output.labels, label)
        if self.net.geometry is not None:
            self._count_labels("val_raster", self.net.predict_labels(output.pooled)[1], label)
        target = primitive_targets(output.pixels, self.entries)
        self._count("val/primitive_accuracy", (output.primitives.argmax(1) + 1 == target)[output.inverse])

    def on_validation_epoch_end(self) -> None:
        # Counts are summed over processes: the mean of their means would give the last, shorter batches too much
        # weight.
        for name, counts in self._right.items():
            right, all_ = self.trainer.strategy.reduce(counts, reduce_op="sum").tolist()
            self.log(name, right / max(all_, 1), prog_bar=name == "val/label_top1")

    def _count_labels(self, name: str, logits: Tensor, label: Tensor) -> None:
        top = logits.topk(min(5, logits.shape[1])).indices
        self._count(f"{name}/label_top1", top[:, 0] == label)
        self._count(f"{name}/label_top5", (top == label[:, None]).any(1))

    def _count(self, name: str, right: Tensor) -> None:
        counts = torch.stack([right.sum(), torch.tensor(right.numel(), device=right.device)])
        self._right[name] = self._right[name] + counts if name in self._right else counts

    def configure_optimizers(self):
        trained = [p for p in self.net.parameters() if p.requires_grad]
        decayed = [p for p in trained if p.ndim > 1]
        plain = [p for p in trained if p.ndim <= 1]
        optimizer = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": self.config.weight_decay}, {"params": plain, "weight_decay": 0.0}],
            lr=self.config.learning_rate,
        )
        rate = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: schedule.learning_rate(step / self._steps(), self.config.warmup)
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": rate, "interval": "step"}}

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        if (self.global_step + 1) % self.config.log_every:
            return
        for part in PARTS:
            gradients = [p.grad for p in getattr(self.net, part).parameters() if p.grad is not None]
            if gradients:
                self.log(f"gradient_norm/{part}", torch.nn.utils.get_total_norm(gradients))

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["minutes"] = self.minutes
        for logger in self.trainer.loggers:  # otherwise a kill would lose lines of epochs that are not trained again
            logger.save()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self._started, self._minutes_before = time.monotonic(), checkpoint.get("minutes", 0.0)

    def _steps(self) -> int:
        return max(int(self.trainer.estimated_stepping_batches), 1)
