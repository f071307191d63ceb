"""Runs an exported ``.reader`` with ONNX Runtime; does not import torch."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime

from glyphcore.data.geometry import WIDTH
from glyphcore.data.labels import LabelMap
from glyphcore.data.raster import CELL, PACKED, POLICY, unpack
from glyphcore.errors import CheckpointError
from glyphcore.files import fingerprint
from glyphcore.runtime.base import READER_FORMAT, About, cores

LARGEST = 256 << 20
"""Largest number of bytes of an unpacked reader; those that ship have 5 to 12 million."""


class OnnxBackend:
    """Two ONNX graphs. Raises CheckpointError for an unusable file."""

    batch = 32

    def __init__(self, path: Path, threads: int = 0) -> None:
        self.workers = threads or cores()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the operators are too small to use several threads
        options.log_severity_level = 3
        try:
            with zipfile.ZipFile(path) as archive:
                if sum(member.file_size for member in archive.infolist()) > LARGEST:
                    raise ValueError(f"it unpacks to more than {LARGEST >> 20} MB")
                about = json.loads(archive.read("about.json"))
                if about["format"] != READER_FORMAT or about["raster_policy"] != POLICY.version:
                    raise CheckpointError(
                        f"{path.name} is of format {about['format']} and raster policy {about['raster_policy']}; this "
                        f"program reads {READER_FORMAT} and {POLICY.version}.",
                        subject=path,
                        remedy="Export it again.",
                    )
                self.about = About(
                    path.stem,
                    fingerprint(path),
                    LabelMap.from_plain(about["labels"]),
                    np.load(io.BytesIO(archive.read("codebook.npy")), allow_pickle=False),
                    about["training"],
                    about["parameters"],
                    about["sees_cells"],
                )
                graphs = [archive.read(name) for name in ("primitives.onnx", "grids.onnx")]
                self.primitives = hashlib.sha256(graphs[0]).hexdigest()
                self._primitives, self._grids = (
                    onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"]) for graph in graphs
                )
                self._check()
        except FileNotFoundError as error:
            source = path.with_suffix(".ckpt")
            remedy = f"Make it: glyphcore export {source}" if source.exists() else "Check the path."
            raise CheckpointError(f"{path} does not exist.", subject=path, remedy=remedy) from error
        except CheckpointError:
            raise
        except Exception as error:  # the errors of ONNX Runtime share no other base class
            raise CheckpointError(
                f"{path.name} is not a readable export.", subject=path, remedy="Make it with 'glyphcore export'."
            ) from error

    def _check(self) -> None:
        """Run both graphs once; raise ValueError, or an error of ONNX Runtime, where they do not match each other."""
        if not isinstance(self.about.sees_cells, bool):
            raise ValueError("sees_cells")
        if self.about.sees_cells:
            ids, p = self.read_cells(np.zeros((1, CELL**2), np.float32))
        else:
            ids, p = self.read_rasters(np.zeros((1, PACKED), np.uint8))
        if ids.shape != p.shape or ids.shape[-1] != 2 or ids.dtype != np.int64 or p.dtype != np.float32:
            raise ValueError("primitives.onnx")
        logits, embedding = self.read_grids(np.zeros((1, 256), np.int64), np.zeros((1, WIDTH), np.float32))
        if logits.shape != (1, len(self.about.labels)) or embedding.ndim != 2 or logits.dtype != np.float32:
            raise ValueError("grids.onnx")

    def read_cells(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return tuple(self._primitives.run(None, {"pixels": pixels}))

    def read_rasters(self, packed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return tuple(self._primitives.run(None, {"raster": unpack(packed)[:, None].astype(np.float32)}))

    def read_grids(self, ids: np.ndarray, geometry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return tuple(self._grids.run(None, {"ids": ids, "geometry": geometry}))
