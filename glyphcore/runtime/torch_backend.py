"""Runs a ``.ckpt`` with torch; does not import lightning."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import torch

from glyphcore.checkpoint import load_checkpoint
from glyphcore.data.raster import unpack
from glyphcore.nn.glyphnet import parameter_count
from glyphcore.nn.inference import CellClassifier, GridClassifier, RasterTokenizer, fuse_batch_norm
from glyphcore.runtime.base import About


class TorchBackend:
    """Eager, channels-last, batch norms folded. Raises CheckpointError for an unusable file."""

    workers = 1
    primitives = ""

    def __init__(self, path: Path, threads: int = 0, *, bfloat16: bool = False) -> None:
        if threads:
            torch.set_num_threads(threads)
        checkpoint = load_checkpoint(path)
        net = checkpoint.net()
        self.about = About(
            checkpoint.name,
            checkpoint.fingerprint,
            checkpoint.labels,
            checkpoint.codebook,
            checkpoint.training,
            parameter_count(net),
            net.stem.sees_cells,
        )
        net = fuse_batch_norm(net).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._cells, self._rasters = CellClassifier(net), RasterTokenizer(net)
        self._type = torch.bfloat16 if bfloat16 else torch.float32
        self.batch = 128 if bfloat16 else 32
        self._grids = GridClassifier(copy.deepcopy(net).to(self._type))

    @torch.inference_mode()
    def read_cells(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        ids, p = self._cells(torch.from_numpy(pixels))
        return ids.numpy(), p.numpy()

    @torch.inference_mode()
    def read_rasters(self, packed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        raster = torch.from_numpy(unpack(packed)).float()[:, None].contiguous(memory_format=torch.channels_last)
        ids, p = self._rasters(raster)
        return ids.numpy(), p.numpy()

    @torch.inference_mode()
    def read_grids(self, ids: np.ndarray, geometry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        logits, embedding = self._grids(torch.from_numpy(ids), torch.from_numpy(geometry).to(self._type))
        return logits.float().numpy(), embedding.float().numpy()
