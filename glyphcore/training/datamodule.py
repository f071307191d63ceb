"""Glyphs for Lightning: train batches with varied outlines, validation batches without variation.

Several processes share the draws of an epoch: process r of n takes draws r, r + n, r + 2n … A draw depends only on its
position in the epoch, so n processes with batches of b see the same glyphs as one process with batches of n · b.
"""

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
from glyphcore.data.cache import PackedRasters, PngFolder
from glyphcore.data.fifo import FifoOutlines, FifoRasters
from glyphcore.data.labels import LabelMap
from glyphcore.data.outline_arrays import OutlineArrays
from glyphcore.data.raster import unpack
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError
from glyphcore.progress import Progress

Batch = tuple[Tensor, Tensor, Tensor]
"""Raster uint8 [B, 1, 128, 128], geometry float32 [B, 6], label index int64 [B]."""
Draw = tuple[int, int]
"""Position in the epoch, item of the dataset."""


class RasterDataset(Dataset):
    """Glyphs as stored."""

    def __init__(self, rasters: PackedRasters | FifoRasters, rows: np.ndarray, label: np.ndarray) -> None:
        self.rasters, self.rows, self.label = rasters, rows, label
        self.epoch = 0

    def __len__(self) -> int:
        return len(self.rows)

    def __getitems__(self, draws: list[Draw]) -> Batch:
        wanted = [item for _, item in draws]
        return _batch(*self.rasters.take(self.rows[wanted]), self.label[wanted])


class VariedDataset(Dataset):
    """Glyphs drawn from varied outlines; a variation depends only on seed, epoch and position in the epoch."""

    def __init__(
        self, outlines: OutlineArrays | FifoOutlines, rows: np.ndarray, label: np.ndarray, config: TrainConfig
    ) -> None:
        self.outlines, self.rows, self.label, self.config = outlines, rows, label, config
        self.epoch = 0

    def __len__(self) -> int:
        return len(self.rows)

    def __getitems__(self, draws: list[Draw]) -> Batch:
        wanted = [item for _, item in draws]
        drawn = []
        for (draw, _), glyph in zip(draws, self.outlines.take(self.rows[wanted]), strict=True):
            random = np.random.default_rng([self.config.seed, self.epoch, draw])
            drawn.append(varied(*glyph, self.config.augment, random))
        packed, geometry = zip(*drawn, strict=True)
        return _batch(np.stack(packed), np.stack(geometry), self.label[wanted])


class BalancedSampler(Sampler[Draw]):
    """Draws as many items as there are, rare labels more often; the order depends only on seed and epoch."""

    def __init__(
        self, dataset: VariedDataset | RasterDataset, balance: float, seed: int, process: int = 0, processes: int = 1
    ) -> None:
        counts = np.bincount(dataset.label)[dataset.label]
        weight = counts.astype(np.float64) ** -balance
        self.probability = weight / weight.sum()
        self.dataset, self.seed, self.epoch = dataset, seed, 0
        self.process, self.processes = process, processes

    def __len__(self) -> int:
        return len(self.probability) // self.processes  # number of each process: all make the same number of steps

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch; Lightning calls this before each epoch."""
        self.epoch = self.dataset.epoch = epoch

    def __iter__(self) -> Iterator[Draw]:
        random = np.random.default_rng([self.seed, self.epoch])
        n = len(self.probability)
        # Systematic resampling: an item of average weight is drawn exactly once per epoch, only the rest is random.
        position = (np.arange(n) + random.random()) / n
        drawn = random.permutation(np.searchsorted(np.cumsum(self.probability), position).clip(0, n - 1))
        places = self.process + self.processes * np.arange(len(self))
        yield from zip(places.tolist(), drawn[places].tolist(), strict=True)


class EachOnce(Sampler[Draw]):
    """Yields every item once; with several processes each takes its part, and no part is padded with items of
    another."""

    def __init__(self, items: int, process: int = 0, processes: int = 1) -> None:
        self.items = range(process, items, processes)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Draw]:
        return zip(self.items, self.items, strict=True)


class GlyphDataModule(L.LightningDataModule):
    """The train and val splits of a glyph database. Raises GlyphError when either is empty."""

    def __init__(self, config: TrainConfig, labels: LabelMap, progress: Progress) -> None:
        super().__init__()
        self.config = config
        store = GlyphStore(config.db)
        self.fingerprint = store.fingerprint
        pngs = None if config.rasters is None else PngFolder(config.rasters)
        if not pngs and not store.has_contours:
            raise GlyphError(f"{config.db} has no contours.", subject=config.db,
                             remedy="Name a folder of <glyph_id>.png: --set rasters=FOLDER.")  # fmt: skip
        fifo = config.raster_cache == "fifo"
        rasters: PackedRasters | FifoRasters = (
            FifoRasters(store, config.fifo_share, pngs=pngs, progress=progress)
            if fifo
            else PackedRasters.of(store, config.cache, pngs=pngs, progress=progress)
        )
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
        self.as_stored = RasterDataset(rasters, train, train_label)
        self.val = RasterDataset(rasters, val, val_label)
        self.train: VariedDataset | RasterDataset
        if pngs:
            chosen = _subset(len(train), config.limit)
            self.train = RasterDataset(rasters, train[chosen], train_label[chosen])
        else:
            outlines: OutlineArrays | FifoOutlines = (
                FifoOutlines(store, config.fifo_share, progress=progress)
                if fifo
                else OutlineArrays.of(store, config.cache, progress=progress)
            )
            train, train_label = rows_of(outlines.glyph_id, "train")
            chosen = _subset(len(train), config.limit)
            self.train = VariedDataset(outlines, train[chosen], train_label[chosen], config)
        self.trained_fonts = _trained_fonts(store)

    def sample(self, size: int, seed: int) -> np.ndarray:
        """Return packed rasters uint8 [≤ size, 2048] of train glyphs without variation."""
        rows = self.as_stored.rows
        chosen = np.random.default_rng(seed).choice(len(rows), min(size, len(rows)), replace=False)
        return self.as_stored.rasters.take(rows[np.sort(chosen)])[0]

    def train_dataloader(self) -> DataLoader:
        sampler = BalancedSampler(self.train, self.config.balance, self.config.seed, *self._processes())
        whole = len(sampler) > self.config.batch
        return DataLoader(self.train, self.config.batch, sampler=sampler, drop_last=whole, collate_fn=_as_is)

    def val_dataloader(self) -> DataLoader:
        return DataLoader(self.val, 256, sampler=EachOnce(len(self.val), *self._processes()), collate_fn=_as_is)

    def _processes(self) -> tuple[int, int]:
        return (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)


def _subset(n: int, limit: int) -> np.ndarray:
    """Return at most ``limit`` of n rows, spread evenly over all fonts; 0 takes all."""
    return np.linspace(0, n - 1, min(limit or n, n)).astype(np.int64)


def _trained_fonts(store: GlyphStore) -> list[str]:
    """Return abbreviated hashes of the font files of the train split; measurements on these fonts are not evidence."""
    fonts = store.fonts()
    if {"file_hash", "split"} <= set(fonts.columns):
        return fonts[fonts["split"] == "train"]["file_hash"].str[:16].tolist()
    hashes = store.font_hashes()  # splits are stored by glyph, or derived
    train = {str(row.f_id) for row in store.rows(contours=False) if row.split == "train"} if hashes else set()
    return sorted({hashes[f_id][:16] for f_id in train & hashes.keys()})


def _batch(packed: np.ndarray, geometry: np.ndarray, label: np.ndarray) -> Batch:
    return (
        torch.from_numpy(unpack(packed))[:, None],
        torch.from_numpy(np.ascontiguousarray(geometry)),
        torch.from_numpy(np.asarray(label, dtype=np.int64)),
    )


def _as_is(batch: Any) -> Batch:
    """Return the batch unchanged, because ``__getitems__`` has collated it already."""
    return batch
