"""Use of the codebook: how often and how accurately the model predicts each primitive, where, and its confusions.

The *target* of a cell is the nearest patch of the codebook; its *prediction* comes from the model. Accuracy is counted
by prediction: of the cells predicted as 17, the share with target 17. Recall is counted by target: of the cells with
target 17, the share predicted as 17. Purity depends on the codebook alone: the share of pixels in which the cells with
target 17 agree with patch 17 in black and white. Targets need pictures; without pictures these three values are NaN.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from glyphcore.data.primitives import EMPTY
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultsStore
from glyphcore.results.cell_index import Cells, counted
from glyphcore.results.filters import EVERYTHING, Filters
from glyphcore.results.linked import reading_rows
from glyphcore.results.rows import unpack

DUPLICATE = 1.0
"""Two patches nearer than this are near duplicates: they differ by less than one whole pixel."""
BADLY, ENOUGH = 0.9, 20
"""A primitive is poorly predicted when its accuracy or recall is below the first number, over at least as many cells as
the second number."""
SORTS = ("use", "accuracy", "recall", "purity", "ink", "id")
"""Sort keys: most used first, worst first (three keys), most ink first, by ID."""
KINDS = ("dead", "duplicate", "badly")
"""Kinds of primitives: never predicted; with a near duplicate; poorly predicted."""
COLUMNS = (
    "id", "use", "share", "glyphs", "targets", "accuracy", "recall", "purity", "p", "ink", "runner_up",
    "runner_up_share", "nearest", "distance", "dead", "duplicate", "badly",
)  # fmt: skip


@dataclass(frozen=True)
class Codebook:
    """Figures of every primitive except EMPTY; arrays of length k, row i is primitive i + 1."""

    use: np.ndarray
    """int64: number of cells in which the primitive is predicted."""
    glyphs: np.ndarray
    """int64: number of glyphs that use the primitive."""
    targets: np.ndarray
    """int64: number of cells whose target is the primitive."""
    accuracy: np.ndarray
    """float64, NaN for a primitive that was never predicted."""
    recall: np.ndarray
    """float64, NaN for a primitive that is the target of no cell."""
    purity: np.ndarray
    """float64, over all splits."""
    p: np.ndarray
    """float64: mean probability of its predictions; NaN for a selection, because results store it only by split."""
    ink: np.ndarray
    """float64: share of the pixels of the patch that are ink."""
    runner_up: np.ndarray
    """int64: the most frequent second choice where the primitive was predicted, over all splits; 0 for none."""
    runner_up_share: np.ndarray
    """float64: share of these cells in which that was the second choice."""
    nearest: np.ndarray
    """int64: the primitive with the nearest patch."""
    distance: np.ndarray
    """float64: Euclidean distance to the nearest patch, with pixels from 0 to 1."""
    right: int
    """Number of cells with a correct prediction, of ``judged``."""
    judged: int
    """Number of cells whose target is known."""

    def __len__(self) -> int:
        return len(self.use)

    @property
    def id(self) -> np.ndarray:
        """int64: 1 to k."""
        return np.arange(1, len(self) + 1)

    @property
    def share(self) -> np.ndarray:
        """float64: share of all cells with ink."""
        return self.use / max(1, self.use.sum())

    @property
    def dead(self) -> np.ndarray:
        """bool: never predicted."""
        return self.use == 0

    @property
    def duplicate(self) -> np.ndarray:
        """bool: another patch is nearer than :data:`DUPLICATE`."""
        return self.distance < DUPLICATE

    @property
    def badly(self) -> np.ndarray:
        """bool: low accuracy or low recall, over enough cells."""
        return ((self.accuracy < BADLY) & (self.use >= ENOUGH)) | ((self.recall < BADLY) & (self.targets >= ENOUGH))

    @property
    def perplexity(self) -> float:
        """e to the entropy of use: the number of equally used primitives that would be as varied."""
        return perplexity(self.use)

    def chosen(self, kind: str = "", sort: str = "use") -> np.ndarray:
        """Return int64: IDs of one of :data:`KINDS` (or all) in the order of one of :data:`SORTS`, ties by ID.

        Raises StoreError for another kind or sort key.
        """
        if sort not in SORTS or kind not in ("", *KINDS):
            remedy = f"Sorts are {', '.join(SORTS)}; kinds are {', '.join(KINDS)}."
            raise StoreError(f"Primitives have no kind {kind!r} or no sort {sort!r}.", remedy=remedy)
        key = getattr(self, sort)
        order = np.argsort(-key if sort in ("use", "ink") else key, kind="stable")  # NaN comes last
        if kind:
            order = order[getattr(self, kind)[order]]
        return order + 1

    def records(self, ids: np.ndarray) -> list[dict[str, int | float | bool | None]]:
        """Return some primitives as plain rows with the keys of :data:`COLUMNS`; None for an unknown value."""
        columns = {name: getattr(self, name)[ids - 1].tolist() for name in COLUMNS}
        return [
            {name: None if value != value else value for name, value in zip(columns, row, strict=True)}
            for row in zip(*columns.values(), strict=True)
        ]


@dataclass(frozen=True)
class Confusion:
    """Cells with one primitive as target and another primitive as prediction."""

    target: int
    read: int
    n: int
    share: float
    """Share of the cells with target ``target``."""
    distance: float
    """Distance between the two patches."""


def codebook(store: ResultsStore, split: str = "", filters: Filters = EVERYTHING) -> Codebook:
    """Return the codebook over all glyphs, over a split, or over glyphs that also pass ``filters``.

    Raises StoreError where cells are not gathered, and where no glyph is left.
    """
    cells, k = store.cells, len(store.codebook)
    use, glyphs, judged = _counts(store, split, filters)
    p = cells.p[_splits(store, split)].sum(0) if filters == EVERYTHING else np.full(k, np.nan)
    wrong = inside(store, split, filters)[cells.wrong_row]
    right = judged - np.bincount(cells.wrong_read[wrong], minlength=k)
    targets = right + np.bincount(cells.wrong_target[wrong], minlength=k)
    distance = distances(store.codebook)
    np.fill_diagonal(distance, np.inf)
    distance[EMPTY], distance[:, EMPTY] = np.inf, np.inf
    second = cells.runner_up[:, 1:]
    known = cells.judged.any()

    def over(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.divide(a, b, out=np.full(k, np.nan), where=b > 0)[1:]

    return Codebook(
        use=use[1:],
        glyphs=glyphs[1:],
        targets=targets[1:],
        accuracy=over(right, judged),
        recall=over(right, targets),
        purity=over(cells.agreeing / 64, cells.target),
        p=over(p, use),
        ink=store.codebook.reshape(k, 64).mean(1)[1:] / 255,
        runner_up=np.where(second.any(1), second.argmax(1) + 1, EMPTY)[1:],
        runner_up_share=over(second.max(1), cells.runner_up.sum(1)),
        nearest=distance.argmin(1)[1:],
        distance=distance.min(1)[1:],
        right=int(right.sum()) if known else 0,
        judged=int(judged.sum()),
    )


def distances(patches: np.ndarray) -> np.ndarray:
    """Return float64 [k, k]: Euclidean distances between patches uint8 [k, 8, 8], with pixels from 0 to 1."""
    flat = patches.reshape(len(patches), 64).astype(np.float64) / 255
    length = (flat**2).sum(1)
    return np.sqrt(np.maximum(length[:, None] + length - 2 * flat @ flat.T, 0))


def confusions(
    store: ResultsStore, split: str = "", filters: Filters = EVERYTHING, *, of: int | None = None, limit: int = 200
) -> list[Confusion]:
    """Return the most frequent pairs off the diagonal; ``of`` keeps those that one primitive is part of."""
    cells, k = store.cells, len(store.codebook)
    wrong = inside(store, split, filters)[cells.wrong_row]
    target, read = cells.wrong_target[wrong].astype(np.int64), cells.wrong_read[wrong].astype(np.int64)
    total = _counts(store, split, filters)[2] - np.bincount(read, minlength=k)
    total += np.bincount(target, minlength=k)
    if of is not None:
        involved = (target == of) | (read == of)
        target, read = target[involved], read[involved]
    pairs, counts = np.unique(target * k + read, return_counts=True)
    order = np.lexsort((pairs, -counts))[:limit]
    pairs, counts = pairs[order], counts[order]
    patches = store.codebook.reshape(k, 64).astype(np.float64) / 255
    apart = np.linalg.norm(patches[pairs // k] - patches[pairs % k], axis=1)
    columns = (pairs // k, pairs % k, counts, counts / total[pairs // k], apart)
    return [Confusion(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def to_csv(book: Codebook, ids: np.ndarray) -> str:
    """Return some primitives as CSV with a header line; an unknown value is an empty cell."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(book.records(ids))
    return text.getvalue()


def splits(store: ResultsStore) -> list[str]:
    """Return the names of the splits in the results; empty where the data have no splits."""
    return [name for name in store.columns.words["split"] if name]


def _splits(store: ResultsStore, split: str) -> slice:
    names = store.columns.words["split"]
    if split and split not in names:
        raise StoreError(f"{store.path.name} has no split {split!r}.", remedy=f"It has {', '.join(names) or 'none'}.")
    return slice(names.index(split), names.index(split) + 1) if split else slice(None)


def inside(store: ResultsStore, split: str, filters: Filters) -> np.ndarray:
    """Return bool [glyphs]: glyphs of a split that pass ``filters``."""
    if filters == EVERYTHING:
        return store.columns.any_of("split", (split,)) if split else np.ones(len(store), bool)
    return store.selector.mask(replace(filters, split=(split,) if split else ()))


def _counts(store: ResultsStore, split: str, filters: Filters) -> tuple[np.ndarray, ...]:
    """Return ``use``, ``glyphs`` and ``judged`` of :class:`Cells`, int64 [k] each."""
    cells: Cells = store.cells
    rows = _splits(store, split)
    if filters == EVERYTHING:
        return tuple(table[rows].sum(0) for table in (cells.use, cells.glyphs, cells.judged))
    chosen, whole = inside(store, split, filters), inside(store, split, EVERYTHING)
    n = int(np.count_nonzero(chosen))
    if not n:
        raise StoreError(
            "No glyph is in the selection.", remedy="Remove a part of the selection, or choose another split."
        )
    if 2 * n < np.count_nonzero(whole):
        return counted(cells, np.flatnonzero(chosen))
    others = counted(cells, np.flatnonzero(whole & ~chosen))  # the smaller side is faster to count
    tables = (cells.use, cells.glyphs, cells.judged)
    return tuple(table[rows].sum(0) - rest for table, rest in zip(tables, others, strict=True))


def primitive_counts(path: Path, split: str, primitives: int) -> np.ndarray:
    """Return int64 [primitives]: how often each was predicted for cells with ink in a split; EMPTY (0) is never
    predicted."""
    counts = np.zeros(primitives, np.int64)
    query = "SELECT d.top, d.cells, d.embedding FROM details d JOIN predictions p USING (glyph_id) WHERE p.split = ?"
    with reading_rows(path, query, (split,)) as rows:
        for blobs in rows:
            cell_counts = unpack(*blobs)
            counts += np.bincount(cell_counts.primitive[cell_counts.occupied], minlength=primitives)
    return counts


def perplexity(counts: np.ndarray) -> float:
    """Return e to the entropy: the number of equally used primitives that would be as varied."""
    p = counts[counts > 0] / max(counts.sum(), 1)
    return float(np.exp(-(p * np.log(p)).sum()))
