"""Types of counterfactual edits: results that the predictor computes, and that pages and commands show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Edit = tuple[tuple[int, int], ...]
"""Cells, counted row by row from 0, and their new primitives."""
Edits = Sequence[tuple[int, int]]
"""A sequence of cells and primitives; a later entry for a cell replaces an earlier one."""


@dataclass(frozen=True)
class Move:
    """A label before and after an edit."""

    label: int
    """Class index."""
    before: float
    after: float
    """Probability after the edit; ``before`` is the probability before it."""
    rank_before: int
    rank_after: int
    """Rank after the edit, from 1; ``rank_before`` is the rank before it."""


@dataclass(frozen=True)
class Sensitivity:
    """Occlusion sensitivity: for each cell with ink, the prediction with that cell EMPTY and all other cells
    unchanged."""

    cells: np.ndarray
    """int64 [n]: cells with ink."""
    watched: tuple[int, ...]
    """Class indices whose probability was recorded."""
    before: np.ndarray
    """float32 [watched]: probabilities with all cells."""
    after: np.ndarray
    """float32 [n, watched]: probabilities without each cell."""
    label: int
    """Class index of the prediction with all cells."""
    labels: np.ndarray
    """int64 [n]: the prediction without each cell; where it is another label, the cell flips the label."""

    @property
    def flips(self) -> np.ndarray:
        """bool [n]: cells that change the predicted label when they are masked."""
        return self.labels != self.label


@dataclass(frozen=True)
class Found:
    """Outcome of a search for the smallest edit."""

    edits: Edit
    """The smallest edit that reaches the goal; if none does, the edit that comes closest."""
    enough: bool
    """Whether the edit reaches the goal."""
    p: float
    """Probability of the goal after the edit."""
    others: int
    """Number of other tried edits of the same size that reach the goal."""
    cells: int
    """Number of cells tried."""
    singles: int
    """Number of tried edits of a single cell: all that the choices allow."""
    wider: int
    """Number of tried edits of several cells."""
    depth: int
    """Largest number of cells of an edit."""


@dataclass(frozen=True)
class Repair:
    """The prediction for a misread glyph after its misread cells were replaced by their targets."""

    label: int
    """Class index of the prediction with all misread cells repaired."""
    p: float
    """Probability of ``label``."""
    decisive: tuple[int, ...]
    """The smallest set of cells found whose repair alone makes the truth the likeliest label, most helpful first; empty
    where repairing all of them does not."""
