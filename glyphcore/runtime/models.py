"""Finds the model file behind some results: the checkpoint itself, else an export of it.

The name of a file proves nothing, because training overwrites the file. A checkpoint is the evaluated one when its
fingerprint is the key of the results. An export has its own fingerprint, so it is recognised by its training record.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glyphcore.config import PROJECT
from glyphcore.errors import CheckpointError
from glyphcore.files import CORRUPT_FILE_ERRORS, fingerprint
from glyphcore.runtime.predictor import EXPORTED_SUFFIX


@dataclass(frozen=True)
class ModelFile:
    """A model file, and its difference from the evaluated model."""

    path: Path
    remark: str = ""
    """Reason why its numbers differ from the stored ones, in one sentence; empty for the checkpoint itself."""


def model_file(checkpoint_file: str, hashed: str, training: dict[str, Any], folder: Path) -> ModelFile:
    """Find the model that results were made with.

    ``checkpoint_file``, ``hashed`` and ``training`` are the results' ``checkpoint_file``, ``checkpoint_fingerprint``
    and ``model["training"]``; ``folder`` is the folder of checkpoints. Raises CheckpointError when neither the
    checkpoint nor an export of it is found.
    """
    recorded = Path(checkpoint_file)
    known = PROJECT / recorded  # an absolute path does not change
    for path in _files([known, folder / recorded.name, *sorted(folder.glob("*.ckpt"))]):
        if fingerprint(path) == hashed:
            return ModelFile(path)
    readers = [
        known.with_suffix(EXPORTED_SUFFIX),
        folder / f"{recorded.stem}{EXPORTED_SUFFIX}",
        *sorted(folder.glob(f"*{EXPORTED_SUFFIX}")),
    ]
    for path in _files(readers):
        about = _about(path)
        if training and about.get("training") == training:
            bits = "8-bit export" if about.get("int8") else "export"
            return ModelFile(
                path, f"{recorded.name} no longer exists: its {bits} {path.name} is used, and numbers differ a little."
            )
    raise CheckpointError(
        f"{recorded.name} was removed or changed after its evaluation and has no export, so it cannot run.",
        subject=recorded,
        remedy="Put the file back, or evaluate the new one.",
    )


def _files(paths: Iterable[Path]) -> list[Path]:
    return [path for path in dict.fromkeys(paths) if path.is_file()]


def _about(path: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(path) as archive:
            about_record = json.loads(archive.read("about.json"))
    except CORRUPT_FILE_ERRORS:
        return {}
    return about_record if isinstance(about_record, dict) else {}
