"""Exports a trained model to files that run without torch, or in other programs.

``reader``: the form that the predictor loads without torch: a zip of two ONNX graphs, cells → primitives and primitives
→ labels, with the label map and the recipe. ``onnx``: one graph from raster to labels and primitives. ``torchscript``:
the same graph for users who still deploy TorchScript.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from glyphcore.checkpoint import Checkpoint
from glyphcore.data.geometry import WIDTH
from glyphcore.data.raster import GRID, POLICY, SIZE
from glyphcore.files import replacing
from glyphcore.nn.glyphnet import GlyphNet, parameter_count
from glyphcore.nn.inference import CellClassifier, GlyphClassifier, GridClassifier, RasterTokenizer, fuse_batch_norm
from glyphcore.quantize import optimized, quantized
from glyphcore.runtime.base import READER_FORMAT

OPSET = 20


def export_reader(checkpoint: Checkpoint, path: Path, calibration: tuple[np.ndarray, np.ndarray] | None = None) -> None:
    """Write the ``.reader`` of a checkpoint.

    ``calibration``: grids int64 [n, 256] and geometry float32 [n, 6] of typical glyphs; with it the mixer's weights and
    activations become 8-bit integers.
    """
    whole = checkpoint.net()
    net = fuse_batch_norm(whole)
    second = to_onnx(GridClassifier(net), _grid_example(net), ["ids", "geometry"], ["label_logits", "glyph_embedding"])
    if calibration is not None:
        with _quiet():
            second = quantized(second, *calibration)
    codebook = io.BytesIO()
    np.save(codebook, checkpoint.codebook)
    about = {
        "format": READER_FORMAT,
        "int8": calibration is not None,
        "raster_policy": POLICY.version,
        "labels": checkpoint.labels.to_plain(),
        "training": checkpoint.training,
        "parameters": parameter_count(whole),
        "sees_cells": net.stem.sees_cells,
    }
    write_reader(
        path,
        {
            "about.json": json.dumps(about, ensure_ascii=False).encode(),
            "codebook.npy": codebook.getvalue(),
            "primitives.onnx": optimized(_primitives(net)),
            "grids.onnx": second if calibration is not None else optimized(second),
        },
    )


def write_reader(path: Path, members: dict[str, bytes]) -> None:
    """Write the members of a reader by name. Graphs are stored as they are: weights shrink by a fifth, and unpacking
    them took a third of the time of opening the file."""
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, content in members.items():
            graph = name.endswith(".onnx")
            archive.writestr(name, content, zipfile.ZIP_STORED if graph else zipfile.ZIP_DEFLATED)


def export_onnx(checkpoint: Checkpoint, path: Path) -> None:
    """Write one ONNX graph. Inputs: raster uint8 [B, 1, 128, 128] (non-zero is ink) and geometry float32 [B, 6] (only
    if the model uses it). Outputs: label logits float32 [B, classes] and primitives int64 [B, 256].

    The label map is stored in the graph's metadata as JSON.
    """
    import onnx

    net = fuse_batch_norm(checkpoint.net())
    model: nn.Module = GlyphClassifier(net)
    example: tuple[Tensor, ...] = (torch.zeros(2, 1, SIZE, SIZE, dtype=torch.uint8), torch.zeros(2, WIDTH))
    names = ["raster", "geometry"]
    if net.geometry is None:
        model, example, names = _WithoutGeometry(model), example[:1], names[:1]
    graph = onnx.load_from_string(to_onnx(model, example, names, ["label_logits", "primitive_ids"]))
    labels = json.dumps(checkpoint.labels.to_plain(), ensure_ascii=False)
    onnx.helper.set_model_props(graph, {"labels": labels, "raster_policy": str(POLICY.version)})
    with replacing(path) as temporary:
        temporary.write_bytes(graph.SerializeToString())


def export_torchscript(checkpoint: Checkpoint, path: Path) -> None:
    """Write the same as a traced TorchScript module; geometry is always an input, with zeros where it is unknown."""
    model = GlyphClassifier(fuse_batch_norm(checkpoint.net())).eval()
    example = (torch.zeros(2, 1, SIZE, SIZE, dtype=torch.uint8), torch.zeros(2, WIDTH))
    with replacing(path) as temporary, _quiet():
        torch.jit.save(torch.jit.trace(model, example, check_trace=False), temporary)


def to_onnx(model: nn.Module, example: tuple[Tensor, ...], inputs: list[str], outputs: list[str]) -> bytes:
    """Return an ONNX graph whose first axis has any length."""
    free = torch.export.Dim("n", min=1, max=1 << 20)
    with tempfile.TemporaryDirectory() as folder, _quiet(), torch.inference_mode():
        file = Path(folder) / "model.onnx"
        torch.onnx.export(
            model.eval(),
            example,
            file,
            input_names=inputs,
            output_names=outputs,
            dynamic_shapes=tuple({0: free} for _ in example),
            opset_version=OPSET,
            external_data=False,
            verbose=False,
        )
        return file.read_bytes()


def _grid_example(net: GlyphNet) -> tuple[Tensor, Tensor]:
    """Return random example inputs: IDs int64 [4, 256] and geometry [4, 6]."""
    entries = net.primitive_head.embed.num_embeddings
    return torch.randint(0, entries, (4, GRID * GRID)), torch.rand(4, WIDTH)


def _primitives(net: GlyphNet) -> bytes:
    if net.stem.sees_cells:
        return to_onnx(CellClassifier(net), (torch.ones(4, 64),), ["pixels"], ["primitive_ids", "probabilities"])
    return to_onnx(
        RasterTokenizer(net), (torch.ones(4, 1, SIZE, SIZE),), ["raster"], ["primitive_ids", "probabilities"]
    )  # fmt: skip


class _WithoutGeometry(nn.Module):
    def __init__(self, reader: nn.Module) -> None:
        super().__init__()
        self.reader = reader

    def forward(self, raster: Tensor) -> tuple[Tensor, Tensor]:
        return self.reader(raster, torch.zeros(1, WIDTH))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporter: its progress and its own deprecation warnings do not help the user."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)
