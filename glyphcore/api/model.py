"""A model file in Python: its labels, its codebook, and its predictions for rasters."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.config import AUTO, DEFAULT_EXPORTED
from glyphcore.data.predictions import Predictions
from glyphcore.data.raster import SIZE, pack
from glyphcore.runtime.model_pair import Models
from glyphcore.runtime.predictor import Predictor

AnyPath = str | os.PathLike[str]


class Model:
    """A checkpoint (``.ckpt``, run by torch) or its export (``.reader``, run by ONNX Runtime).

    Make one with :func:`load`; it can read any number of fonts.
    """

    def __init__(self, path: Path, predictor: Predictor) -> None:
        self.path = path
        """Path of the model file."""
        self.predictor = predictor

    @property
    def name(self) -> str:
        """Name of the file without its suffix."""
        return self.predictor.about.name

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels in class order: label 7 belongs to class index 7."""
        return self.predictor.labels.labels

    @property
    def texts(self) -> tuple[str, ...]:
        """The characters that each label stands for, in class order."""
        return self.predictor.labels.base

    @property
    def codebook(self) -> np.ndarray:
        """Mean patch of each primitive, uint8 [primitives, 8, 8], 255 is ink; primitive 0 is a cell without ink."""
        return self.predictor.about.codebook.reshape(-1, 8, 8)

    @property
    def training(self) -> dict[str, Any]:
        """The recipe and the training data, as plain types."""
        return self.predictor.about.training

    def predict(self, rasters: np.ndarray, geometry: np.ndarray | None = None, *, top: int = 5) -> Predictions:
        """Predict rasters, each by itself.

        ``rasters``: [n, 128, 128], every value except 0 is ink, fitted as described in docs/data.md. ``geometry``:
        float32 [n, 6], size and place in the em, None where unknown. Returns arrays with one row per raster: class
        indices ``top`` int64 [n, top] and their probabilities ``top_p``, the grids ``primitive`` uint16 [n, 256],
        ``embedding`` float16 [n, width], and more. Raises ValueError for another shape.

        ```python
        font = glyphcore.read("broken.ttf")
        said = glyphcore.load().predict(font.rasters[:10])
        print(said.top_p[:, 0])
        ```
        """
        rasters = np.asarray(rasters)
        if rasters.ndim != 3 or rasters.shape[1:] != (SIZE, SIZE):
            raise ValueError(f"rasters must be [n, {SIZE}, {SIZE}], not {list(rasters.shape)}")
        return self.predictor.predict(pack(rasters), geometry, top=top)

    def __repr__(self) -> str:
        about = self.predictor.about
        return f"<Model {self.name}: {len(self.labels):,} labels, {about.parameters:,} parameters>"


def load(path: AnyPath | None = None, *, threads: int = 0) -> Model:
    """Load a model file; without a path, load the shipped model.

    ``threads``: processor threads, 0 for all cores. Raises CheckpointError for a file that cannot be used, and
    MissingExtraError for a checkpoint where torch is not installed.

    ```python
    model = glyphcore.load("mine.ckpt")
    print(model.name, len(model.labels), model.codebook.shape)
    ```
    """
    path = DEFAULT_EXPORTED if path is None else Path(path)
    return Model(path, Predictor(path, threads=threads))


@lru_cache(maxsize=1)
def shipped_models() -> Models:
    """Return the shipped models, loaded once; the one with more labels is loaded on first use."""
    return Models(AUTO)
