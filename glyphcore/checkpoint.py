"""A checkpoint file, which describes itself: it has everything that the app and the predictor need.

It is a dictionary of tensors and plain types, so it always loads with ``weights_only=True``; a file that needs more is
refused. Weights are stored in half precision, which changes no label in ten thousand and halves the file.
"""

from __future__ import annotations

import pickle
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from glyphcore.config import SOURCE, ModelConfig
from glyphcore.data.labels import LabelMap
from glyphcore.data.raster import POLICY, RasterPolicy
from glyphcore.errors import CheckpointError, GlyphError
from glyphcore.files import fingerprint, replacing
from glyphcore.nn.glyphnet import GlyphNet, parameter_count

FORMAT = 1
LATER = ("rank",)
"""Settings that the first checkpoints lack; their models use the defaults."""
WRAPPERS = {
    "_orig_mod.": "torch.compile leaves them",
    "module.": "training on several devices leaves them",
    "net.": "Lightning leaves them",
    "model.": "Lightning leaves them",
}
"""Prefix of all names of a state dict → its cause: a wrapper was saved in place of the model in it."""


@dataclass(frozen=True)
class Checkpoint:
    """The content of a checkpoint file."""

    path: Path
    fingerprint: str
    """Hash of the file; results are keyed by it."""
    model: ModelConfig
    state: dict[str, torch.Tensor]
    labels: LabelMap
    codebook: np.ndarray
    """uint8 [primitives, 64]."""
    training: dict[str, Any]
    """Training record as plain types: settings, dataset fingerprint, cost, validation metrics, git commit."""

    @property
    def name(self) -> str:
        return self.path.stem

    def net(self) -> GlyphNet:
        """Return the model with its weights in float32, in evaluation mode."""
        try:
            if sum(self.model.blocks) > len(self.state):
                raise RuntimeError("blocks without weights")
            with _Budget(sum(value.numel() for value in self.state.values())):
                net = GlyphNet(self.model)
            net.load_state_dict({key: value.float() if value.is_floating_point() else value
                                 for key, value in self.state.items()})  # fmt: skip
        except (RuntimeError, ValueError, TypeError, ArithmeticError) as error:
            raise CheckpointError(f"{self.path.name}: its weights do not fit its model.", subject=self.path) from error
        return net.eval()


class _Budget(TorchFunctionMode):
    """Refuses a model that is larger than its stored weights before it takes memory: the settings in a file may be
    false."""

    MAKES = (torch.empty, torch.zeros, torch.ones, torch.randn)

    def __init__(self, weights: int) -> None:
        super().__init__()
        self._left = 2 * weights + 1_000_000

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        made = func(*args, **(kwargs or {}))
        if func in self.MAKES:
            self._left -= made.numel()
            if self._left < 0:
                raise RuntimeError("more weights than are stored")
        return made


def save_checkpoint(
    path: Path, net: GlyphNet, config: ModelConfig, labels: LabelMap, codebook: np.ndarray, training: dict[str, Any]
) -> None:
    """Write ``net`` and everything that is needed to use it. The file is complete or does not appear at all."""
    content = {
        "format": FORMAT,
        "model": {**asdict(config), "stem": list(config.stem), "blocks": list(config.blocks)},
        "parameters": parameter_count(net),
        "state": {k: v.half() if v.is_floating_point() else v for k, v in net.state_dict().items()},
        "labels": labels.to_plain(),
        "codebook": torch.from_numpy(codebook),
        "raster_policy": asdict(POLICY),
        "training": {**training, "git_commit": git_commit()},
    }
    # with a path, torch would store that name in the file
    with replacing(path) as temporary, temporary.open("wb") as file:
        torch.save(content, file)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises CheckpointError when the file is missing, is not a checkpoint of this package, would execute code, has
    weights that are not finite or do not match the model, or was made for another raster policy.
    """
    try:
        hashed = fingerprint(path)
        with zipfile.ZipFile(path) as members:  # torch's older formats are bare pickles, which this package never wrote
            if any(member.compress_type != zipfile.ZIP_STORED for member in members.infolist()):
                raise ValueError  # uncompressed data cannot exceed the file
        content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path} does not exist.", subject=path, remedy="Check the path.") from error
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path.name} holds more than weights and plain values; it was not loaded.",
            subject=path,
            remedy="Only checkpoints written by 'glyphcore train' are accepted.",
        ) from error
    except Exception as error:  # a damaged archive makes torch raise any kind of exception
        raise CheckpointError(f"{path.name} is not a readable checkpoint.", subject=path) from error
    if not isinstance(content, dict) or type(content.get("format")) is not int or content["format"] != FORMAT:
        raise CheckpointError(
            f"{path.name} is not a glyphcore checkpoint of format {FORMAT}.",
            subject=path,
            remedy="'glyphcore train' exports the run files of Lightning.",
        )
    try:
        policy = RasterPolicy(**_typed(content["raster_policy"], RasterPolicy))
        config = ModelConfig(**_typed(content["model"], ModelConfig))
        labels = LabelMap.from_plain(content["labels"])
        codebook, state, training = content["codebook"], content["state"], content["training"]
        if not isinstance(training, dict):
            raise TypeError("training")
        for name, value in {**state, "codebook": codebook}.items():
            if not _sound(name, value):
                raise TypeError(f"{name!s:.60}")
        codebook = codebook.numpy()
    except (LookupError, TypeError, AttributeError, ValueError, GlyphError) as error:
        raise CheckpointError(
            f"{path.name} has a missing or damaged part: {str(error)[:200]}.", subject=path
        ) from error
    if policy != POLICY:
        raise CheckpointError(
            f"{path.name} was trained on rasters of policy {policy.version}, this program draws {POLICY.version}.",
            subject=path,
            remedy="Retrain it, or use the release that made it.",
        )
    if len(labels) != config.classes or codebook.shape != (config.primitives, 64) or codebook.dtype != np.uint8:
        raise CheckpointError(f"{path.name}: label map or codebook do not fit the model.", subject=path)
    for prefix, why in WRAPPERS.items():
        if state and all(key.startswith(prefix) for key in state):
            raise CheckpointError(
                f"{path.name} names all its weights {prefix}…, as {why}; it was not loaded.",
                subject=path,
                remedy=f"Take {prefix!r} off the names in its 'state', or save the model inside the wrapper.",
            )
    if not all(torch.isfinite(value).all() for value in state.values()):
        raise CheckpointError(f"{path.name} has weights that are not finite.", subject=path)
    return Checkpoint(path, hashed, config, state, labels, codebook, training)


def git_commit() -> str:
    """Return the commit of the checkout; empty outside a checkout."""
    try:
        return subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=SOURCE, capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _typed(plain: Any, kind: type) -> dict[str, Any]:
    """Return the fields of a dataclass, each with the type of its default; raises KeyError or TypeError for other
    data."""
    values = {}
    for field in fields(kind):
        if field.name in LATER and field.name not in plain:
            values[field.name] = field.default
            continue
        value = tuple(plain[field.name]) if isinstance(plain[field.name], list) else plain[field.name]
        kinds = {type(item) for item in value} if isinstance(value, tuple) else set()
        fits = type(value) is type(field.default) or (type(value) is int and isinstance(field.default, float))
        if not fits or kinds - {int}:
            raise TypeError(field.name)
        values[field.name] = value
    if set(plain) - set(values):
        raise TypeError(f"{sorted(map(str, set(plain) - set(values)))[0]}")
    return values


def _sound(name: object, value: object) -> bool:
    """Return whether a stored tensor is plain: it has its own bytes, no stride of 0, and a type of weights."""
    return (
        isinstance(name, str)
        and isinstance(value, torch.Tensor)
        and value.device.type == "cpu"
        and value.layout == torch.strided
        and value.numel() * value.element_size() <= value.untyped_storage().nbytes()
        and value.dtype in (torch.float16, torch.bfloat16, torch.float32, torch.int64, torch.uint8, torch.bool)
    )
