"""All data about one glyph: its picture, its targets and its predictions, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glyphcore.data.primitives import nearest_primitives
from glyphcore.data.raster import cells
from glyphcore.results.browse import ResultRow, ResultsStore
from glyphcore.results.rows import Details
from glyphcore.results.selection import examples


@dataclass(frozen=True)
class Candidate:
    """One of the five likeliest labels."""

    label: str
    base: str
    p: float
    truth: bool
    examples: list[int]
    """Glyph ids of this label from other families."""


@dataclass(frozen=True)
class Inspection:
    """All data about one glyph; fields that need its picture are None where there is none."""

    row: ResultRow
    details: Details
    packed: np.ndarray | None
    """uint8 [2048]: packed raster."""
    target: np.ndarray | None
    """uint16 [256]: nearest codebook entry of each cell."""
    distance: np.ndarray | None
    """float32 [256]: Euclidean distance of each cell to that entry, with pixels from 0 to 1."""
    used: np.ndarray
    """uint16 [n]: primitives that occur as prediction, runner-up or target."""
    patches: np.ndarray
    """uint8 [n, 8, 8]: patches of the primitives in ``used``."""
    candidates: list[Candidate]


def inspect(store: ResultsStore, glyph_id: int, packed: np.ndarray | None) -> Inspection:
    """Collect the data about one glyph. ``packed``: its raster, uint8 [2048], if there is one.

    Raises StoreError for an id that the results do not have.
    """
    details = store.details(glyph_id)
    row = store.rows([glyph_id], all_of_them=True)[0]
    target = distance = None
    grids = [details.primitive, details.runner_up]
    if packed is not None:
        target, distance = nearest_primitives(cells(packed), store.codebook.reshape(-1, 64))
        grids.append(target)
    used = np.unique(np.concatenate(grids))
    candidates = []
    for index, p in zip(details.top.tolist(), details.top_p.tolist(), strict=True):
        label = store.labels.labels[index]
        others = examples(store.columns, label, exclude_family=row.family)
        candidates.append(Candidate(label, store.labels.base[index], p, index == row.label_index, others))
    return Inspection(row, details, packed, target, distance, used, store.codebook[used], candidates)
