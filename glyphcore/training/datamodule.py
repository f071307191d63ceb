"""Glyphs for Lightning: train batches varied at the outline, validation batches as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lightning as L
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from glyphcore.config import TrainConfig
from glyphcore.data.augment import varied
from glyphcore.data.cache import OutlineArrays, PackedRasters, PngFolder
from glyphcore.data.labels import LabelMap
from glyphcore.data.raster import unpack
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError
from glyphcore.progress import Progress

Batch = tuple[Tensor, Tensor, Tensor]
"""Raster uint8 [B, 1, 128, 128], geometry float32 [B, 6], label index int64 [B]."""


class RasterDataset(Dataset):
    """Glyphs as stored."""

    def __init__(self, rasters: PackedRasters, rows: np.ndarray, label: np.ndarray) -> None:
        self.rasters, self.rows, self.label = rasters, rows, label

    def __len__(self) -> int:
        return len(self.rows)

    def __getitems__(self, wanted: list[int]) -> Batch:
        rows = self.rows[wanted]
        return _batch(self.rasters.packed[rows], self.rasters.geometry[rows], self.label[wanted])


class VariedDataset(Dataset):
    """Glyphs drawn from varied outlines; the variation of an item depends on seed, epoch and item alone."""

    def __init__(self, outlines: OutlineArrays, rows: np.ndarray, label: np.ndarray, config: TrainConfig) -> None:
        self.outlines, self.rows, self.label, self.config = outlines, rows, label, config
        self.epoch = 0

    def __len__(self) -> int:
        return len(self.rows)

    def __getitems__(self, wanted: list[int]) -> Batch:
        random = np.random.default_rng([self.config.seed, self.epoch, *wanted[:4]])
        drawn = []
        for row in self.rows[wanted]:
            advance, upem = self.outlines.metrics[row].tolist()
            known = None if np.isnan(advance) else advance, None if np.isnan(upem) else upem
            drawn.append(varied(self.outlines.outline(row), *known, self.config.augment, random))
        packed, geometry = zip(*drawn, strict=True)
        return _batch(np.stack(packed), np.stack(geometry), self.label[wanted])


class BalancedSampler(Sampler[int]):
    """Draws as many items as there are, rare labels more often; the order depends on seed and epoch alone."""

    def __init__(self, label: np.ndarray, balance: float, seed: int, dataset: VariedDataset) -> None:
        counts = np.bincount(label)[label]
        weight = counts.astype(np.float64) ** -balance
        self.probability = weight / weight.sum()
        self.seed, self.epoch, self.dataset = seed, 0, dataset

    def __len__(self) -> int:
        return len(self.probability)

    def set_epoch(self, epoch: int) -> None:
        """Called by Lightning before each epoch."""
        self.epoch = self.dataset.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        random = np.random.default_rng([self.seed, self.epoch])
        # Systematic resampling: an item of average weight comes exactly once an epoch, only the rest is chance.
        position = (np.arange(len(self)) + random.random()) / len(self)
        drawn = np.searchsorted(np.cumsum(self.probability), position).clip(0, len(self) - 1)
        yield from random.permutation(drawn).tolist()


class GlyphDataModule(L.LightningDataModule):
    """The train and val splits of a glyph database. Raises GlyphError when either is empty."""

    def __init__(
        self,
        config: TrainConfig,
        labels: LabelMap,
        progress: Progress,
        *,
        pngs: PngFolder | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        store = GlyphStore(config.db)
        self.fingerprint = store.fingerprint
        rasters = PackedRasters.of(store, config.cache, pngs=pngs, progress=progress)
        table = store.labels().set_index("glyph_id")
        index = table["label"].map(labels.index).fillna(-1).astype(int)
        split = table["split"]

        def rows_of(glyph_id: np.ndarray, wanted: str) -> tuple[np.ndarray, np.ndarray]:
            label = index.loc[glyph_id].to_numpy()
            rows = np.flatnonzero((split.loc[glyph_id] == wanted).to_numpy() & (label >= 0))
            return rows, label[rows]

        train, train_label = rows_of(rasters.glyph_id, "train")
        val, val_label = rows_of(rasters.glyph_id, "val")
        if not len(train) or not len(val):
            raise GlyphError(f"{config.db} has no glyphs of known labels in its train or val split.", subject=config.db)
        self.train_packed = rasters.packed[train]
        self.val = RasterDataset(rasters, val, val_label)
        self.train: Dataset
        if pngs or not store.has_contours:
            train, train_label = train[: config.limit or None], train_label[: config.limit or None]
            self.train = RasterDataset(rasters, train, train_label)
        else:
            outlines = OutlineArrays.of(store, config.cache, progress=progress)
            rows, train_label = (some[: config.limit or None] for some in rows_of(outlines.glyph_id, "train"))
            self.train = VariedDataset(outlines, rows, train_label, config)
        self.train_label = train_label
        self.trained_fonts = _trained_fonts(store)

    def train_dataloader(self) -> DataLoader:
        sampler = BalancedSampler(self.train_label, self.config.balance, self.config.seed, self.train)  # type: ignore[arg-type]
        whole = len(self.train_label) > self.config.batch
        return DataLoader(self.train, self.config.batch, sampler=sampler, drop_last=whole, collate_fn=_as_is)

    def val_dataloader(self) -> DataLoader:
        return DataLoader(self.val, 256, collate_fn=_as_is)


def _trained_fonts(store: GlyphStore) -> list[str]:
    """Abbreviated hashes of the font files of the train split; nothing measured on them is evidence."""
    fonts = store.fonts()
    if not {"file_hash", "split"} <= set(fonts.columns):
        return []
    return fonts[fonts["split"] == "train"]["file_hash"].str[:16].tolist()


def _batch(packed: np.ndarray, geometry: np.ndarray, label: np.ndarray) -> Batch:
    return (
        torch.from_numpy(unpack(packed))[:, None],
        torch.from_numpy(np.ascontiguousarray(geometry)),
        torch.from_numpy(np.asarray(label, dtype=np.int64)),
    )


def _as_is(batch: Any) -> Batch:
    """``__getitems__`` has collated already."""
    return batch
