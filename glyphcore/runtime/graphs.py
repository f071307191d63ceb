"""Runs exports for other programs in the same way as such a program: one graph from raster to label."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from glyphcore.data.raster import unpack
from glyphcore.errors import CheckpointError

BATCH = 8


def whole_graph(path: Path) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Convert an ``.onnx`` or TorchScript ``.pt`` export to a function from packed rasters uint8 [n, 2048] and geometry
    float32 [n, 6] to the likeliest labels int [n].

    Raises CheckpointError for an unusable file.
    """
    try:
        run = _onnx(path) if path.suffix == ".onnx" else _torchscript(path)
    except Exception as error:  # neither runtime has its own error class
        raise CheckpointError(f"{path.name} is not a readable export.", subject=path) from error

    def labels(packed: np.ndarray, geometry: np.ndarray) -> np.ndarray:
        parts = [slice(start, start + BATCH) for start in range(0, len(packed), BATCH)]
        return np.concatenate([run(unpack(packed[part])[:, None], geometry[part]).argmax(1) for part in parts])

    return labels


def _onnx(path: Path) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    inputs = [node.name for node in session.get_inputs()]
    return lambda *arrays: session.run(["label_logits"], dict(zip(inputs, arrays, strict=False)))[0]


def _torchscript(path: Path) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    import torch

    module = torch.jit.load(path).eval()

    def run(*arrays: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return module(*(torch.from_numpy(np.ascontiguousarray(array)) for array in arrays))[0].numpy()

    return run
