"""One primitive: its positions on the grid, glyphs that use it, and similar patches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glyphcore.analysis.codebook import Confusion, confusions, inside
from glyphcore.data.primitives import EMPTY
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultsStore
from glyphcore.results.cell_index import lines
from glyphcore.results.filters import EVERYTHING, Filters

EXAMPLES = 6
"""Number of cells that are shown of each kind."""
LOOKED_AT = 24
"""Number of glyphs from which they are chosen for each position on the grid, evenly spread."""


@dataclass(frozen=True)
class Example:
    """A cell of a glyph."""

    glyph_id: int
    cell: int
    """0 to 255, row-major."""
    other: int
    """The true primitive, or the predicted primitive; for a correct cell, the primitive itself."""


@dataclass(frozen=True)
class Primitive:
    """Facts about a primitive that :class:`.codebook.Codebook` does not have."""

    id: int
    where: np.ndarray
    """int64 [256]: how often it was predicted in each cell."""
    right: list[Example]
    """Cells with this target and this prediction."""
    taken: list[Example]
    """Cells with another target and this prediction."""
    missed: list[Example]
    """Cells with this target and another prediction."""
    confusions: list[Confusion]
    """Confusions with this primitive on either side, most frequent first."""
    near: list[tuple[int, float]]
    """Primitives with the nearest patches, and their distances."""


def primitive(store: ResultsStore, primitive_id: int, split: str = "", filters: Filters = EVERYTHING) -> Primitive:
    """Return facts about a primitive over all glyphs, or over glyphs of a split that pass ``filters``; examples come
    from as many families as possible.

    Raises StoreError for an ID that the codebook does not have, and where cells are not gathered.
    """
    if not EMPTY < primitive_id < len(store.codebook):
        raise StoreError(
            f"There is no primitive {primitive_id}.",
            subject=primitive_id,
            remedy=f"IDs go from 1 to {len(store.codebook) - 1}.",
        )
    cells = store.cells
    in_selection = inside(store, split, filters)
    where = np.zeros(len(cells.grids), np.int64)
    rows: list[np.ndarray] = []
    cells_of_rows: list[np.ndarray] = []
    rng = np.random.default_rng(primitive_id)
    for cell_index, line in enumerate(lines(cells.grids)):
        matches = np.flatnonzero(line == primitive_id)
        matches = matches[in_selection[matches]]
        where[cell_index] = len(matches)
        step = max(-(-len(matches) // LOOKED_AT), 1)
        drawn_examples = matches[rng.integers(step) :: step]
        rows.append(drawn_examples)
        cells_of_rows.append(np.full(len(drawn_examples), cell_index))
    wrong = in_selection[cells.wrong_row]
    taken = np.flatnonzero(wrong & (cells.wrong_read == primitive_id))
    missed = np.flatnonzero(wrong & (cells.wrong_target == primitive_id))
    row, cell = np.concatenate(rows), np.concatenate(cells_of_rows)
    misread = np.isin(row * 256 + cell, cells.wrong_row[taken].astype(np.int64) * 256 + cells.wrong_cell[taken])
    row, cell = row[~misread], cell[~misread]
    apart = np.linalg.norm(
        (store.codebook.astype(np.float64) - store.codebook[primitive_id]).reshape(-1, 64) / 255, axis=1
    )
    apart[[EMPTY, primitive_id]] = np.inf
    near = np.argsort(apart, kind="stable")[: min(6, len(apart) - 2)]

    def shown(row: np.ndarray, cell: np.ndarray, other: np.ndarray) -> list[Example]:
        order = rng.permutation(len(row))
        # One example of each family first, then one of each label, then the others.
        for name in ("label", "family"):
            codes = store.columns.data[name][row[order]]
            first = np.zeros(len(order), bool)
            first[np.unique(codes, return_index=True)[1]] = True
            order = np.concatenate((order[first], order[~first]))
        chosen = order[:EXAMPLES]
        ids = store.columns.data["glyph_id"][row[chosen]].tolist()
        columns = (ids, cell[chosen].tolist(), other[chosen].tolist())
        return [Example(*values) for values in zip(*columns, strict=True)]

    return Primitive(
        primitive_id,
        where,
        right=shown(row, cell, np.full(len(row), primitive_id)),
        taken=shown(cells.wrong_row[taken], cells.wrong_cell[taken], cells.wrong_target[taken]),
        missed=shown(cells.wrong_row[missed], cells.wrong_cell[missed], cells.wrong_read[missed]),
        confusions=confusions(store, split, filters, of=primitive_id, limit=16),
        near=[(int(neighbour), float(apart[neighbour])) for neighbour in near],
    )
