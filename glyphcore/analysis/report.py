"""The report on one checkpoint over a sample of glyphs: its accuracy, its errors, and the glyphs behind each figure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from glyphcore.analysis.calibration import coverage, operating_point, rejection, reliability
from glyphcore.analysis.ceiling import ceiling, tied
from glyphcore.analysis.confusions import cell, class_cell, class_matrix, confusions, matrix
from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.diacritics import PARTS, marks_of, pairs, part_of, precomposed, size_bucket, sizes
from glyphcore.analysis.error_causes import CAUSES, cause_of, error_causes
from glyphcore.analysis.evaluation_slice import UNSEEN, EvaluationSlice
from glyphcore.analysis.groups import BY, breakdown, grouping
from glyphcore.analysis.metrics import METRICS
from glyphcore.analysis.scores import errors, scores
from glyphcore.config.recipe import differences
from glyphcore.data.shapes import Shapes
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultsStore
from glyphcore.results.buckets import tenths
from glyphcore.results.filters import EVERYTHING, Filters
from glyphcore.results.where import write


def report(
    subset: EvaluationSlice, store: ResultsStore, shapes: Shapes | None, criterion: str, threshold: float
) -> dict[str, Any]:
    """Return the parts of a report by their names, in plain types; parts that need ``shapes`` are None without it.

    Raises StoreError for a criterion that is not in :data:`CRITERIA`.
    """
    check(criterion)
    result = {
        "results": store.path.name,
        "checkpoint": store.meta.checkpoint,
        "split": subset.split,
        "where": write(subset.chosen),
        "criterion": criterion,
        "n": len(subset),
        "families": len(subset.families),
        "trained_on": subset.trained_on,
        "outside_label_map": subset.outside,
        "scores": scores(subset),
        "in_font": in_font(store, subset),
        "ceiling": None if shapes is None else {**ceiling(subset, shapes), "sees_geometry": sees_geometry(store)},
        "causes": error_causes(subset, shapes, label_counts(store)),
        "by": {by: breakdown(subset, by, criterion) for by in BY},
        "confusions": confusions(subset, criterion),
        "matrix": matrix(subset, criterion),
        "class_matrix": class_matrix(subset, criterion),
        "pairs": pairs(subset, criterion),
        "sizes": None if shapes is None else sizes(subset, shapes, criterion),
        "precomposed": precomposed(subset, criterion),
        "reliability": reliability(subset, criterion),
        "coverage": coverage(subset),
        "rejection": rejection(subset),
        "at": operating_point(subset, threshold),
        "training": training(store),
    }
    return _plain(result, subset)


def check(criterion: str) -> None:
    """Raise StoreError for an unknown criterion."""
    if criterion not in CRITERIA:
        raise StoreError(f"There is no criterion {criterion!r}.", remedy=f"Use one of {', '.join(CRITERIA)}.")


def sees_geometry(store: ResultsStore) -> bool | None:
    """Return whether the checkpoint uses box and advance in addition to the raster; None when it is not recorded."""
    settings = (store.meta.model.get("training") or {}).get("settings") or {}
    setting = (settings.get("model") or {}).get("geometry")
    return None if setting is None else bool(setting)


def in_font(store: ResultsStore, subset: EvaluationSlice) -> dict[str, float] | None:
    """Return accuracies of font-level decoding, by criterion, as the evaluation stored them for a whole split or
    :data:`UNSEEN` (:mod:`.in_font`); None where the evaluation did not store them."""
    if subset.around is not None:
        return None
    try:
        whole = store.aggregates["in_font"]
        figures = whole if subset.split == UNSEEN else whole["by_split"][subset.split]
        return {criterion: float(figures[METRICS[criterion].key]) for criterion in CRITERIA}
    except (KeyError, TypeError, ValueError):
        return None


def label_counts(store: ResultsStore) -> list[int] | None:
    """Return the train glyphs of each label, in class order; None when the checkpoint does not record them."""
    counts = (store.meta.model.get("training") or {}).get("label_counts")
    return counts if isinstance(counts, list) and len(counts) == len(store.labels) else None


def training(store: ResultsStore) -> dict[str, Any]:
    """Return the recorded facts about the training: ``history`` (one dict per epoch), ``epochs``, ``minutes``,
    ``parameters``, ``train_glyphs``, ``dataset``, ``fonts``, ``commit``, ``lineage``, and ``recipe``: TOML of the
    settings that differ from the defaults."""
    training_record = store.meta.model.get("training") or {}
    data = training_record.get("dataset") or {}
    return {
        "history": training_record.get("history") or [],
        "epochs": training_record.get("epochs"),
        "minutes": training_record.get("minutes"),
        "parameters": store.meta.model.get("parameters"),
        "train_glyphs": data.get("train_glyphs"),
        "dataset": data.get("file"),
        "fonts": len(training_record["trained_fonts"]) if "trained_fonts" in training_record else None,
        "commit": (training_record.get("git_commit") or "")[:12],
        "lineage": training_record.get("lineage") or "",
        "recipe": differences(training_record["settings"]) if training_record.get("settings") else "",
    }


def glyphs_of_figure(
    subset: EvaluationSlice, shapes: Shapes | None, criterion: str, what: str, counts: list[int] | None = None
) -> np.ndarray:
    """Return ids int64 of the glyphs behind a figure, for figures that no filters describe. ``what`` is one of

    ``score NAME`` (errors of a headline score), ``wrong GROUPING NAME`` (errors of a group), ``cell T P`` (of the
    matrix, class indices), ``classes A B`` (of the matrix of classes, row and column), ``tenth N`` (errors of a tenth
    of confidence), ``answered CRITERION T`` (errors from that confidence on), ``left T`` (below it), ``size N`` (errors
    of a bucket), ``part MARK NAME`` (of letters with a mark, NAME of :data:`PARTS` or ``errors``), ``tied`` (errors
    that share their shape with another label of their font), ``tied+geometry`` and ``cause NAME`` (of :data:`CAUSES`;
    rarity only when ``counts``, train glyphs of each label, are given). Raises StoreError for any other text.
    """
    kind, _, rest = what.partition(" ")
    wrong = subset.wrong(criterion)
    try:
        if kind == "score":
            mask = errors(subset, rest)
        elif kind == "wrong":
            by, _, name = rest.partition(" ")
            codes, names = grouping(subset, by)
            mask = wrong & (codes == names.index(name))
        elif kind == "tenth":
            mask = wrong & (tenths(subset.p) == int(rest))
        elif kind == "cell":
            truth, pred = map(int, rest.split())
            mask = cell(subset, criterion, matrix(subset, criterion)["labels"], truth, pred)
        elif kind == "classes":
            row, column = map(int, rest.split())
            mask = class_cell(subset, criterion, row, column)
        elif kind == "answered":
            name, threshold = rest.split()
            mask = subset.wrong(name) & (subset.p >= np.float32(threshold))
        elif kind == "left":
            mask = subset.p < np.float32(rest)
        elif kind == "size" and shapes is not None:
            mask = wrong & (size_bucket(subset, shapes) == int(rest))
        elif kind == "part":
            mark, name = rest.rsplit(" ", 1)
            part, of_mark = part_of(subset, criterion), marks_of(subset) == mark
            if not of_mark.any():
                raise ValueError(mark)
            mask = of_mark & (wrong if name == "errors" else part == PARTS.index(name))
        elif kind in ("tied", "tied+geometry") and shapes is not None:
            mask = wrong & tied(subset, shapes, kind == "tied+geometry")
        elif kind == "cause":
            mask = cause_of(subset, shapes, counts) == list(CAUSES).index(rest)
        else:
            raise ValueError(what)
    except (ValueError, KeyError) as error:
        raise StoreError(f"{what[:80]!r} names no glyphs of this report.", subject=what, remedy="Reload.") from error
    return subset.glyph_id[mask]


def _plain(value: Any, subset: EvaluationSlice) -> Any:
    """Convert class indices to labels, and filters to the settings that they have."""
    if isinstance(value, Filters):
        return {name: setting for name, setting in asdict(value).items() if setting != getattr(EVERYTHING, name)}
    if isinstance(value, dict):
        names = subset.labels.labels
        return {
            key: names[item] if key in ("truth", "pred", "a", "b") else _labels(item, subset) if key == "labels"
            else _plain(item, subset)
            for key, item in value.items()
        }  # fmt: skip
    return [_plain(item, subset) for item in value] if isinstance(value, list) else value


def _labels(value: list[Any], subset: EvaluationSlice) -> list[str]:
    return [
        label if isinstance(label, str) else subset.labels.labels[label] if label >= 0 else "other" for label in value
    ]
