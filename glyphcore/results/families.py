"""The same label across families: how each family draws it, and whether the model reads it correctly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glyphcore.results.browse import ResultRow, ResultsStore


@dataclass(frozen=True)
class Family:
    """One family's glyphs of a label."""

    row: ResultRow
    """The row to show: the given glyph, else the worst glyph of the family."""
    n: int
    right: int
    """Number of glyphs, of ``n``, that are right by label."""


@dataclass(frozen=True)
class SameLabel:
    """A label across families."""

    families: list[Family]
    """The family of the given glyph first, then the families with the smallest share right; ties by name."""
    total: int
    """Number of families that have the label; larger than the list when there was a limit."""
    glyphs: int
    right: int
    known: bool
    """Whether families are known; otherwise every glyph counts as a family."""


def same_label(store: ResultsStore, glyph_id: int, limit: int = 120) -> SameLabel:
    """Return every family that draws the label of a glyph, with one glyph each. Raises StoreError for an unknown id."""
    store.details(glyph_id)  # raises for an unknown glyph
    columns = store.columns
    ids, data = columns.data["glyph_id"], columns.data
    own = int(np.searchsorted(ids, glyph_id))
    rows = np.flatnonzero(data["label"] == data["label"][own])
    known = len(columns.words["family"]) > 1
    group = data["family"][rows].astype(np.int64) if known else np.arange(len(rows))
    right = data["correct"][rows] > 0
    loss = np.nan_to_num(data["loss"][rows].astype(np.float64), nan=0.0)
    # Within a family: the glyph itself, then errors, then by loss.
    order = np.lexsort((rows, -loss, right, rows != own, group))
    _, first, inverse = np.unique(group[order], return_index=True, return_inverse=True)
    count = np.bincount(inverse)
    good = np.bincount(inverse, weights=right[order]).astype(int)
    shown = order[first]
    rank = np.lexsort((group[shown], good / count, rows[shown] != own))[:limit]
    family_rows = store.rows(ids[rows[shown[rank]]].tolist())
    families = [Family(row, int(count[i]), int(good[i])) for row, i in zip(family_rows, rank, strict=True)]
    return SameLabel(families, len(shown), len(rows), int(right.sum()), known)
