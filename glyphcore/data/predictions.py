"""What a model says about glyphs, as arrays: the language between the predictor and the results."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Predictions:
    """What the model says about n glyphs; the first axis of every array is n."""

    top: np.ndarray
    """int64 [n, k]: class indices, best first."""
    top_p: np.ndarray
    """float32 [n, k]: their probabilities."""
    entropy: np.ndarray
    """float32 [n]: of the label distribution, in nats."""
    loss: np.ndarray
    """float32 [n]: −log p of the truth; NaN where no truth was given."""
    rank: np.ndarray
    """int64 [n]: rank of the truth from 1; 0 where no truth was given."""
    primitive: np.ndarray
    """uint16 [n, 256]: primitive IDs, row-major; 0 is EMPTY."""
    runner_up: np.ndarray
    """uint16 [n, 256]: second choices; 0 in empty cells."""
    primitive_p: np.ndarray
    """float32 [n, 256]: probability of the primitive; 1 in empty cells."""
    embedding: np.ndarray
    """float16 [n, width]: pooled embedding."""
