"""Types of counterfactual edits: they pass between the predictor, which computes them, and pages and commands, which
show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Edit = tuple[tuple[int, int], ...]
"""Cells, counted row by row from 0, and the primitives that they get."""
Edits = Sequence[tuple[int, int]]
"""The same; a later entry for a cell takes the place of one before."""


@dataclass(frozen=True)
class Move:
    """A label before and after an edit."""

    label: int
    """Class index."""
    before: float
    after: float
    """Probabilities."""
    rank_before: int
    rank_after: int
    """Places from 1."""


@dataclass(frozen=True)
class Sensitivity:
    """Occlusion sensitivity: the prediction with one cell EMPTY and all others unchanged, for each cell with ink."""

    cells: np.ndarray
    """int64 [n]: cells with ink."""
    watched: tuple[int, ...]
    """Class indices whose probability was followed."""
    before: np.ndarray
    """float32 [watched]: their probabilities with all cells."""
    after: np.ndarray
    """float32 [n, watched]: and without each cell."""
    label: int
    """Class index of the prediction with all cells."""
    labels: np.ndarray
    """int64 [n]: the prediction without each cell; where it is another one, the cell flips the label."""

    @property
    def flips(self) -> np.ndarray:
        """bool [n]: cells that change the predicted label when they are masked."""
        return self.labels != self.label


@dataclass(frozen=True)
class Found:
    """Outcome of a search for the smallest edit."""

    edits: Edit
    """The smallest edit that reaches the goal, else the one that comes closest."""
    enough: bool
    """Whether it reaches the goal."""
    p: float
    """Probability of the goal after it."""
    others: int
    """Further edits of that size, among those tried, that reach the goal too."""
    cells: int
    """Cells tried."""
    singles: int
    """Edits of a single cell tried: all that the choices allow."""
    wider: int
    """Edits of more cells tried."""
    depth: int
    """Cells that an edit could have at most."""


@dataclass(frozen=True)
class Repair:
    """What becomes of a misread glyph once its misread cells have their targets."""

    label: int
    """Class index of the prediction with all of them repaired."""
    p: float
    """Its probability."""
    decisive: tuple[int, ...]
    """The fewest cells found whose repair alone makes the truth the likeliest label, the most helpful first; empty
    where repairing all of them does not."""
