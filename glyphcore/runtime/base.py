"""The facts that a model file carries, and the protocol of a backend that runs it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from glyphcore.data.labels import LabelMap

READER_FORMAT = 1


@dataclass(frozen=True)
class About:
    """The facts that a model file carries."""

    name: str
    fingerprint: str
    """Hash of the file; results are keyed by it."""
    labels: LabelMap
    codebook: np.ndarray
    """uint8 [primitives, 64]."""
    training: dict[str, Any]
    """Training record as plain types."""
    parameters: int
    sees_cells: bool
    """Whether a primitive depends on its cell alone."""

    def __post_init__(self) -> None:
        """Raise ValueError for values that no model of this package has."""
        book = self.codebook
        if book.dtype != np.uint8 or book.shape[1:] != (64,) or not 2 <= len(book) <= 65536:
            raise ValueError("codebook")
        if not isinstance(self.training, dict) or type(self.parameters) is not int:
            raise ValueError("about")


class Backend(Protocol):
    """A model that runs; float arrays are float32."""

    about: About
    batch: int
    """Number of grids per pass, small enough to stay in cache."""
    primitives: str
    """Hash of the part that classifies cells; empty where it is unknown."""
    workers: int
    """Number of passes at a time, each on its own core; 1 when a pass uses all cores by itself."""

    def read_cells(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Convert cells [U, 64] of 0 and 1, none empty, to IDs int64 [U, 2], best first, and probabilities [U, 2]."""

    def read_rasters(self, packed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Convert uint8 [B, 2048] to IDs int64 [B, 256, 2] and probabilities [B, 256, 2], for a stem that sees the
        raster."""

    def read_grids(self, ids: np.ndarray, geometry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Convert IDs int64 [B, 256] and geometry [B, 6] to logits [B, classes] and embedding [B, width]."""


def cores() -> int:
    """Return the number of CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
