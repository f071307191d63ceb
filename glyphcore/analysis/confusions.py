"""Confusions: the most frequent errors, and a small matrix of the labels that are part of most errors.

In a matrix of all labels against all labels the errors would be hard to see beside the diagonal. The matrix of a few
labels has a row and a column "other", so that no error is lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.evaluation_slice import EvaluationSlice
from glyphcore.analysis.groups import LISTED, words
from glyphcore.results.filters import Filters

OTHER = -1
"""Class index of "every other label" in a matrix."""
RIGHT = -1
"""In :func:`class_cell`, takes the place of a predicted class and selects the correct glyphs."""


def confusions(subset: EvaluationSlice, criterion: str, limit: int = 40) -> list[dict[str, Any]]:
    """Return the most frequent pairs of truth and prediction among the errors by ``criterion``.

    ``truth`` and ``pred`` are class indices. ``n`` is the number of errors, ``of`` the number of glyphs with that
    truth. ``twin``: most fonts draw both alike; ``form``: one character in two forms; ``p``: mean confidence.
    ``example``: the most confident error; ``reference``: a confident, correct glyph of the predicted label (glyph ids;
    None when there is none). ``filters`` are like those of :func:`glyphcore.analysis.groups.breakdown`.
    """
    labels, classes = subset.labels, len(subset.labels)
    wrong = np.flatnonzero(subset.wrong(criterion))
    key = subset.truth[wrong].astype(np.int64) * classes + subset.pred[wrong]
    keys, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
    of = np.bincount(subset.truth, minlength=classes)
    confidence = np.bincount(inverse, subset.p[wrong], len(keys)) / np.maximum(counts, 1)
    rows = []
    for i in np.lexsort((keys, -counts))[:limit]:
        truth, pred = divmod(int(keys[i]), classes)
        pair_rows = wrong[inverse == i]
        rows.append(
            {
                "truth": truth,
                "pred": pred,
                "n": int(counts[i]),
                "of": int(of[truth]),
                "twin": bool(labels.twin_index[truth] == labels.twin_index[pred]),
                "form": bool(labels.base_index[truth] == labels.base_index[pred]),
                "p": float(confidence[i]),
                "example": int(subset.glyph_id[pair_rows[np.argmax(subset.p[pair_rows])]]),
                "reference": reference(subset, pred),
                "filters": pair(subset, criterion, truth, pred),
            }
        )
    return rows


def reference(subset: EvaluationSlice, label: int) -> int | None:
    """Return the most confident correct glyph of a class index; if none is correct, any of its glyphs; None if it has
    no glyph."""
    label_rows = np.flatnonzero(subset.truth == label)
    if not len(label_rows):
        return None
    return int(subset.glyph_id[label_rows[np.argmax(subset.p[label_rows] + subset.right["label"][label_rows])]])


def matrix(subset: EvaluationSlice, criterion: str, size: int = 20) -> dict[str, Any]:
    """Return the matrix of truth × prediction over the ``size`` labels with most errors, as truth or as prediction, and
    "other".

    ``labels``: class indices, confused labels next to each other, then :data:`OTHER` if there are other labels.
    ``counts``: [rows][columns], correct glyphs on the diagonal (but only errors for the other labels). ``filters``: the
    same shape, None where no filters select the glyphs of a cell (:func:`cell` selects them then). ``criterion``
    decides which glyphs are errors; correct pairs off the diagonal (forms, confusables) are not counted.
    """
    classes = len(subset.labels)
    wrong = subset.wrong(criterion)
    part = np.bincount(subset.truth[wrong], minlength=classes) + np.bincount(subset.pred[wrong], minlength=classes)
    chosen = np.lexsort((np.arange(classes), -part))[:size]
    chosen = chosen[part[chosen] > 0]
    index_of = np.full(classes, len(chosen))
    index_of[chosen] = np.arange(len(chosen))
    side = len(chosen) + 1
    shown = wrong | ((subset.truth == subset.pred) & (index_of[subset.truth] < len(chosen)))
    cells = index_of[subset.truth[shown]] * side + index_of[subset.pred[shown]]
    counts = np.bincount(cells, minlength=side * side).reshape(side, side)
    order = np.r_[_chain(counts[:-1, :-1]), side - 1].astype(int)
    counts = counts[np.ix_(order, order)]
    indices = np.r_[chosen, OTHER][order].tolist()
    if not counts[-1].any() and not counts[:, -1].any():
        indices, counts = indices[:-1], counts[:-1, :-1]
    named = [
        [_cell_filters(subset, criterion, indices, a, b) if n else None for b, n in zip(indices, row, strict=True)]
        for a, row in zip(indices, counts, strict=True)
    ]
    return {"labels": indices, "counts": counts.tolist(), "filters": named}


def cell(subset: EvaluationSlice, criterion: str, labels: list[int], truth: int, pred: int) -> np.ndarray:
    """Return bool [n]: glyphs of one cell of a :func:`matrix` over ``labels``; :data:`OTHER` stands for all labels not
    in it."""

    def one(values: np.ndarray, wanted: int) -> np.ndarray:
        return ~np.isin(values, labels) if wanted == OTHER else values == wanted

    mask = one(subset.truth, truth) & one(subset.pred, pred)
    return mask & (subset.wrong(criterion) | ((subset.truth == subset.pred) & (truth != OTHER)))


def class_matrix(subset: EvaluationSlice, criterion: str) -> dict[str, Any]:
    """Count errors between character classes: true class (rows) by predicted class (columns).

    ``classes``: names, in the order of the label map. ``n`` and ``right``: glyphs of each class, and the number right
    by ``criterion``. ``counts``: [rows][columns]; the diagonal has errors within the class. ``filters`` and
    ``right_filters``: as in :func:`matrix`, for :func:`class_cell`.
    """
    names, truth, pred = _classes(subset)
    wrong, side = subset.wrong(criterion), len(names)
    counts = np.bincount(truth[wrong] * side + pred[wrong], minlength=side * side).reshape(side, side)
    n, right = (np.bincount(codes, minlength=side) for codes in (truth, truth[~wrong]))

    def filters(a: int, b: int) -> Filters | None:
        far = np.unique(subset.pred[wrong & (truth == a) & (pred == b)])
        if len(far) > LISTED:
            return None
        label_words = words(subset.labels, far)
        return subset.filters(char_class=(names[a],), pred=label_words, outcome=CRITERIA[criterion].errors)

    return {
        "classes": names,
        "n": n.tolist(),
        "right": right.tolist(),
        "counts": counts.tolist(),
        "filters": [[filters(a, b) if counts[a, b] else None for b in range(side)] for a in range(side)],
        "right_filters": [
            subset.filters(char_class=(name,), outcome="right") if right[a] and criterion == "label" else None
            for a, name in enumerate(names)
        ],
    }


def class_cell(subset: EvaluationSlice, criterion: str, a: int, b: int) -> np.ndarray:
    """Return bool [n]: the glyphs of one cell of a :func:`class_matrix`, by row and column (:data:`RIGHT`: the correct
    glyphs)."""
    names, truth, pred = _classes(subset)
    if not (0 <= a < len(names) and RIGHT <= b < len(names)):
        raise ValueError(f"there is no cell {a}, {b}")
    wrong = subset.wrong(criterion)
    return (truth == a) & (~wrong if b == RIGHT else wrong & (pred == b))


def _classes(subset: EvaluationSlice) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the names of the classes that occur, and codes into them, int [n]: of the true class (from the database)
    and of the predicted class (from the label map)."""
    mapped = subset.labels.char_class
    known = list(dict.fromkeys((*mapped, *subset.classes)))
    index = {name: i for i, name in enumerate(known)}
    truth = np.array([index[name] for name in subset.classes])[subset.char_class]
    pred = np.array([index[name] for name in mapped])[subset.pred]
    used, compact = np.unique(np.concatenate((truth, pred)), return_inverse=True)
    return [known[i] for i in used], compact[: len(truth)], compact[len(truth) :]


def _cell_filters(subset: EvaluationSlice, criterion: str, labels: list[int], truth: int, pred: int) -> Filters | None:
    if truth != OTHER and truth == pred:
        return subset.filters(label=(subset.labels.labels[truth],), outcome="right")
    if OTHER not in (truth, pred):
        return pair(subset, criterion, truth, pred)
    if truth == pred:
        return None
    mask = cell(subset, criterion, labels, truth, pred)
    far = np.unique((subset.truth if truth == OTHER else subset.pred)[mask])
    if len(far) > LISTED:
        return None
    names = words(subset.labels, far)
    return (
        subset.filters(label=names, pred=(subset.labels.labels[pred],), outcome=CRITERIA[criterion].errors)
        if truth == OTHER
        else subset.filters(label=(subset.labels.labels[truth],), pred=names, outcome=CRITERIA[criterion].errors)
    )


def pair(subset: EvaluationSlice, criterion: str, truth: int, pred: int) -> Filters | None:
    """Return filters of the errors with one truth and one prediction (class indices)."""
    names = subset.labels.labels
    return subset.filters(label=(names[truth],), pred=(names[pred],), outcome=CRITERIA[criterion].errors)


def _chain(counts: np.ndarray) -> list[int]:
    """Return an order of labels in which labels that are often confused are neighbours: each step follows the strongest
    bond."""
    bond = (counts + counts.T).astype(float)
    np.fill_diagonal(bond, 0)
    left = list(range(len(bond)))
    order: list[int] = []
    while left:
        last = bond[order[-1], left] if order else np.zeros(len(left))
        strongest = last if last.any() else bond[np.ix_(left, left)].max(1)
        order.append(left.pop(int(np.argmax(strongest))))
    return order
