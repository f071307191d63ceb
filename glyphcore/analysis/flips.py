"""Compares two checkpoints glyph by glyph: flips, changes by group, confidences, and both primitive grids.

Each function takes two models of a :class:`~glyphcore.analysis.alignment.AlignedResults` by their numbers, ``a``
(before) and ``b`` (after).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

import numpy as np

from glyphcore.analysis.alignment import AlignedResults
from glyphcore.analysis.compare import mcnemar
from glyphcore.analysis.criteria import CRITERIA
from glyphcore.data.primitives import nearest_primitives
from glyphcore.data.raster import cells
from glyphcore.errors import StoreError
from glyphcore.files import spreadsheet
from glyphcore.results.browse import ResultRow, ResultsStore
from glyphcore.results.paging import Window, window
from glyphcore.results.rows import CELLS

KINDS = ("broken", "fixed", "both_wrong", "both_right")
"""Right in a and wrong in b; wrong in a and right in b; wrong in both; right in both."""
COLUMNS = ("char_class", "family", "label")
"""Columns that narrow a choice, and by which changes are counted."""
FIELDS = ("glyph_id", "kind", "label", "codepoint", "family", "style", "split", "a_read", "a_p", "b_read", "b_p")
"""Fields of an exported flip."""


@dataclass(frozen=True)
class Choice:
    """A choice of flips of a pair of models. Raises StoreError for an unknown kind or criterion."""

    a: int
    b: int
    criterion: str = "label"
    """One of :data:`~glyphcore.analysis.criteria.CRITERIA`."""
    kind: str = "broken"
    """One of :data:`KINDS`; empty stands for all."""
    char_class: str = ""
    family: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        for value, known in ((self.kind, ("", *KINDS)), (self.criterion, tuple(CRITERIA))):
            if value not in known:
                raise StoreError(f"There is no {value!r}.", remedy=f"Use one of {', '.join(filter(None, known))}.")


@dataclass(frozen=True)
class FlipPage(Window):
    """One page of a choice, with the predictions of both models."""

    a: list[ResultRow]
    b: list[ResultRow]


@dataclass(frozen=True)
class Change:
    """The change of one class, family or label."""

    name: str
    n: int
    a: float
    """Accuracy of model a."""
    b: float
    fixed: int
    broken: int
    p: float
    """McNemar's exact test for this group alone, not corrected for the number of groups."""


@dataclass(frozen=True)
class Grids:
    """Both primitive grids of one glyph, over its cells with ink (k cells, row-major)."""

    occupied: np.ndarray
    """bool [256]"""
    pixels: np.ndarray | None
    """uint8 [k, 8]: pixels of the cells; None without a raster."""
    primitive: tuple[np.ndarray, np.ndarray]
    """uint16 [k] of a and b."""
    p: tuple[np.ndarray, np.ndarray]
    """float32 [k] of a and b."""
    target: tuple[np.ndarray, np.ndarray] | None
    """uint16 [k]: nearest entry of the codebooks of a and b; None without a raster."""
    differ: np.ndarray
    """bool [k]: cells with different primitives; where the codebooks differ, cells that only one of the models has
    correct."""


def kinds(aligned: AlignedResults, a: int, b: int, criterion: str = "label") -> np.ndarray:
    """Return int8 [n]: index into :data:`KINDS` of each glyph."""
    before, after = aligned.right(a, criterion), aligned.right(b, criterion)
    return np.array([[2, 1], [0, 3]], np.int8)[before.astype(np.int8), after.astype(np.int8)]


def select(aligned: AlignedResults, choice: Choice) -> np.ndarray:
    """Return intp [chosen]: rows of ``aligned``. Flips are sorted by the change of the probability of the truth, other
    glyphs by how unlikely both models find the truth, ties by glyph id."""
    kind = kinds(aligned, choice.a, choice.b, choice.criterion)
    mask = kind == KINDS.index(choice.kind) if choice.kind else np.ones(len(kind), bool)
    for name in COLUMNS:
        if wanted := getattr(choice, name):
            mask &= aligned.stores[0].columns.any_of(name, (wanted,))[aligned.places[0]]
    rows = np.flatnonzero(mask)
    before, after = (aligned.column(i, "loss")[rows] for i in (choice.a, choice.b))
    lost = before + after if choice.kind.startswith("both") else np.abs(after - before)
    return rows[np.argsort(-lost, kind="stable")]


def page(aligned: AlignedResults, choice: Choice, rows: np.ndarray, start: int | None, limit: int) -> FlipPage:
    """Return the page that starts at glyph ``start``, or the first page; ``rows`` come from :func:`select`."""
    ids = aligned.glyph_id[rows]
    matches = np.flatnonzero(ids == start) if start is not None else np.empty(0, int)
    position = int(matches[0]) if len(matches) else 0
    around = window(ids, position, limit)
    return FlipPage(
        **vars(around), a=aligned.stores[choice.a].rows(around.ids), b=aligned.stores[choice.b].rows(around.ids)
    )


def start_of(aligned: AlignedResults, rows: np.ndarray, glyph: int, limit: int) -> int | None:
    """Return the first glyph of the page that contains ``glyph``, if pages are counted from the first row; None when
    the glyph is not in ``rows``."""
    ids = aligned.glyph_id[rows]
    matches = np.flatnonzero(ids == glyph)
    return int(ids[matches[0] // limit * limit]) if len(matches) else None


def changes(aligned: AlignedResults, a: int, b: int, criterion: str, column: str) -> list[Change]:
    """Return every class, family or label (``column`` is one of :data:`COLUMNS`), largest loss of glyphs first, largest
    gain last."""
    code, words = aligned.column(0, column), aligned.words(0, column)
    kind = kinds(aligned, a, b, criterion)
    counts = np.bincount(code * len(KINDS) + kind.astype(np.int64), minlength=len(words) * len(KINDS))
    counts = counts.reshape(len(words), len(KINDS))
    broken, fixed, _, both = counts.T
    p = mcnemar(fixed, broken)
    rows = [
        Change(word, n, (right + lost) / n, (right + won) / n, won, lost, float(change_p))
        for word, n, right, lost, won, change_p in zip(
            words, counts.sum(1).tolist(), both.tolist(), broken.tolist(), fixed.tolist(), p, strict=True
        )
        if n
    ]
    return sorted(rows, key=lambda change: (change.fixed - change.broken, change.b - change.a, change.name))


def confidences(aligned: AlignedResults, a: int, b: int, criterion: str, most: int) -> dict[str, dict[str, Any]]:
    """Return the confidences of both models for a seeded sample of at most ``most`` glyphs of each of :data:`KINDS`.

    Under each kind: ``n`` (of all glyphs), ``glyph_id`` int64, ``a`` and ``b`` float32, each [at most ``most``].
    """
    kind = kinds(aligned, a, b, criterion)
    rng = np.random.default_rng(0)
    sure = aligned.column(a, "p1"), aligned.column(b, "p1")
    by_kind = {}
    for i, name in enumerate(KINDS):
        rows = np.flatnonzero(kind == i)
        drawn_rows = np.sort(rng.choice(rows, most, replace=False)) if len(rows) > most else rows
        by_kind[name] = {
            "n": len(rows), "glyph_id": aligned.glyph_id[drawn_rows], "a": sure[0][drawn_rows], "b": sure[1][drawn_rows]
        }  # fmt: skip
    return by_kind


def same_codebook(a: ResultsStore, b: ResultsStore) -> bool:
    """Return whether a primitive ID means the same patch in both results."""
    return np.array_equal(a.codebook, b.codebook)


def grids(a: ResultsStore, b: ResultsStore, ids: list[int], packed: np.ndarray | None) -> list[Grids]:
    """Return the grids of glyphs that both results have. ``packed``: their rasters, uint8 [n, 2048], if there are
    any."""
    details_by_model = a.several_details(ids), b.several_details(ids)
    if missing := [glyph for glyph in ids if glyph not in details_by_model[0] or glyph not in details_by_model[1]]:
        raise StoreError(f"The results have no glyph {missing[0]}.", remedy="Evaluate the checkpoints again.")
    one_book, drawn = same_codebook(a, b), None
    nearest: list[np.ndarray] = []
    if packed is not None and len(ids):
        drawn = cells(packed)
        ink = drawn.any(-1)
        for store in (a,) if one_book else (a, b):
            nearest.append(np.zeros((len(ids), CELLS), np.uint16))
            nearest[-1][ink] = nearest_primitives(drawn[ink], store.codebook.reshape(-1, 64))[0]
    pairs = []
    for i, glyph in enumerate(ids):
        details = details_by_model[0][glyph], details_by_model[1][glyph]
        occupied = details[0].occupied
        before, after = (model_details.primitive[occupied] for model_details in details)
        target = None
        if drawn is not None:
            target = nearest[0][i][occupied], nearest[-1][i][occupied]
        if one_book:
            differ = before != after
        elif target is not None:
            differ = (before == target[0]) != (after == target[1])
        else:
            differ = np.zeros(len(before), bool)
        pairs.append(
            Grids(
                occupied=occupied,
                pixels=None if drawn is None else drawn[i][occupied],
                primitive=(before, after),
                p=(details[0].primitive_p[occupied], details[1].primitive_p[occupied]),
                target=target,
                differ=differ,
            )
        )
    return pairs


def export(aligned: AlignedResults, choice: Choice, chunk: int = 2000) -> Iterator[dict[str, Any]]:
    """Yield every glyph of a choice in its order, with :data:`FIELDS`."""
    rows = select(aligned, choice)
    kind = kinds(aligned, choice.a, choice.b, choice.criterion)
    for i in range(0, len(rows), chunk):
        chunk_rows = rows[i : i + chunk]
        ids = aligned.glyph_id[chunk_rows].tolist()
        stores = aligned.stores[choice.a], aligned.stores[choice.b]
        both = zip(*(store.rows(ids, all_of_them=True) for store in stores), strict=True)
        for row, (before, after) in zip(chunk_rows, both, strict=True):
            record = asdict(before) | {"kind": KINDS[kind[row]], "a_read": before.pred, "a_p": round(before.p1, 6),
                                    "b_read": after.pred, "b_p": round(after.p1, 6)}  # fmt: skip
            yield {name: record[name] for name in FIELDS}


def to_csv(aligned: AlignedResults, choice: Choice) -> Iterator[str]:
    """Return :func:`export` as CSV, line by line (:func:`glyphcore.files.spreadsheet`)."""
    return spreadsheet(chain([FIELDS], (row.values() for row in export(aligned, choice))))
