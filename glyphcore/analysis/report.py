"""All that is known of how good a checkpoint is and where it errs, over one sample of glyphs; and which glyphs any of
its figures is about.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from glyphcore.analysis.calibration import at, coverage, reliability
from glyphcore.analysis.causes import CAUSES, cause_of, causes
from glyphcore.analysis.ceiling import ceiling, tied
from glyphcore.analysis.confusions import cell, class_cell, class_matrix, confusions, matrix
from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.groups import BY, breakdown, grouping
from glyphcore.analysis.marks import PARTS, marks_of, pairs, part_of, precomposed, size_bucket, sizes
from glyphcore.analysis.metrics import METRICS
from glyphcore.analysis.sample import UNSEEN, Sample
from glyphcore.analysis.scores import errors, scores
from glyphcore.config.recipe import differences
from glyphcore.data.shapes import Shapes
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultsStore
from glyphcore.results.buckets import tenths
from glyphcore.results.filters import EVERYTHING, Filters
from glyphcore.results.where import write


def report(
    sample: Sample, store: ResultsStore, shapes: Shapes | None, criterion: str, threshold: float
) -> dict[str, Any]:
    """The parts of a report under their names, in plain types; what needs ``shapes`` is None without them.

    Raises StoreError for a criterion that is none of :data:`CRITERIA`.
    """
    check(criterion)
    found = {
        "results": store.path.name,
        "checkpoint": store.meta.checkpoint,
        "split": sample.split,
        "where": write(sample.chosen),
        "criterion": criterion,
        "n": len(sample),
        "families": len(sample.families),
        "trained_on": sample.trained_on,
        "outside_label_map": sample.outside,
        "scores": scores(sample),
        "in_font": in_font(store, sample),
        "ceiling": None if shapes is None else {**ceiling(sample, shapes), "sees_geometry": sees_geometry(store)},
        "causes": causes(sample, shapes, label_counts(store)),
        "by": {by: breakdown(sample, by, criterion) for by in BY},
        "confusions": confusions(sample, criterion),
        "matrix": matrix(sample, criterion),
        "class_matrix": class_matrix(sample, criterion),
        "pairs": pairs(sample, criterion),
        "sizes": None if shapes is None else sizes(sample, shapes, criterion),
        "precomposed": precomposed(sample, criterion),
        "reliability": reliability(sample, criterion),
        "coverage": coverage(sample),
        "at": at(sample, threshold),
        "training": training(store),
    }
    return _plain(found, sample)


def check(criterion: str) -> None:
    """Raises StoreError for an unknown criterion."""
    if criterion not in CRITERIA:
        raise StoreError(f"There is no criterion {criterion!r}.", remedy=f"Use one of {', '.join(CRITERIA)}.")


def sees_geometry(store: ResultsStore) -> bool | None:
    """Whether the checkpoint looks at box and advance besides the raster; None when it does not say."""
    settings = (store.meta.model.get("training") or {}).get("settings") or {}
    found = (settings.get("model") or {}).get("geometry")
    return None if found is None else bool(found)


def in_font(store: ResultsStore, sample: Sample) -> dict[str, float] | None:
    """Shares of right answers with the rest of each font known, by criterion, as the evaluation stored them for the
    whole of a split or :data:`UNSEEN` (:mod:`.in_font`); None where it did not."""
    if sample.around is not None:
        return None
    try:
        whole = store.aggregates["in_font"]
        its = whole if sample.split == UNSEEN else whole["by_split"][sample.split]
        return {criterion: float(its[METRICS[criterion].key]) for criterion in CRITERIA}
    except (KeyError, TypeError, ValueError):
        return None


def label_counts(store: ResultsStore) -> list[int] | None:
    """Train glyphs of each label, in class order; None when the checkpoint does not say."""
    found = (store.meta.model.get("training") or {}).get("label_counts")
    return found if isinstance(found, list) and len(found) == len(store.labels) else None


def training(store: ResultsStore) -> dict[str, Any]:
    """How the checkpoint was made, as far as it says: ``history`` (a dict an epoch), ``epochs``, ``minutes``,
    ``parameters``, ``train_glyphs``, ``dataset``, ``fonts``, ``commit``, ``lineage``, and ``recipe``: TOML of the
    settings that differ from the defaults."""
    said = store.meta.model.get("training") or {}
    data = said.get("dataset") or {}
    return {
        "history": said.get("history") or [],
        "epochs": said.get("epochs"),
        "minutes": said.get("minutes"),
        "parameters": store.meta.model.get("parameters"),
        "train_glyphs": data.get("train_glyphs"),
        "dataset": data.get("file"),
        "fonts": len(said["trained_fonts"]) if "trained_fonts" in said else None,
        "commit": (said.get("git_commit") or "")[:12],
        "lineage": said.get("lineage") or "",
        "recipe": differences(said["settings"]) if said.get("settings") else "",
    }


def pick(
    sample: Sample, shapes: Shapes | None, criterion: str, what: str, counts: list[int] | None = None
) -> np.ndarray:
    """Ids int64 of the glyphs that a figure counts, for those that no filters name. ``what`` is one of

    ``score NAME`` (errors of a headline score), ``wrong GROUPING NAME`` (errors of a group), ``cell T P`` (of the
    matrix, class indices), ``classes A B`` (of the matrix of classes, row and column), ``tenth N`` (errors of a tenth
    of confidence), ``answered CRITERION T`` (errors from that confidence on), ``left T`` (below it), ``size N`` (errors
    of a bucket), ``part MARK NAME`` (of letters with a mark, NAME of :data:`PARTS` or ``errors``), ``tied`` (errors
    that share their shape with another label of their font), ``tied+geometry`` and ``cause NAME`` (of :data:`CAUSES`;
    rarity only when ``counts``, train glyphs of each label, are given). Raises StoreError for anything else.
    """
    kind, _, rest = what.partition(" ")
    wrong = sample.wrong(criterion)
    try:
        if kind == "score":
            mask = errors(sample, rest)
        elif kind == "wrong":
            by, _, name = rest.partition(" ")
            codes, names = grouping(sample, by)
            mask = wrong & (codes == names.index(name))
        elif kind == "tenth":
            mask = wrong & (tenths(sample.p) == int(rest))
        elif kind == "cell":
            truth, pred = map(int, rest.split())
            mask = cell(sample, criterion, matrix(sample, criterion)["labels"], truth, pred)
        elif kind == "classes":
            row, column = map(int, rest.split())
            mask = class_cell(sample, criterion, row, column)
        elif kind == "answered":
            name, threshold = rest.split()
            mask = sample.wrong(name) & (sample.p >= np.float32(threshold))
        elif kind == "left":
            mask = sample.p < np.float32(rest)
        elif kind == "size" and shapes is not None:
            mask = wrong & (size_bucket(sample, shapes) == int(rest))
        elif kind == "part":
            mark, name = rest.rsplit(" ", 1)
            part, its = part_of(sample, criterion), marks_of(sample) == mark
            if not its.any():
                raise ValueError(mark)
            mask = its & (wrong if name == "errors" else part == PARTS.index(name))
        elif kind in ("tied", "tied+geometry") and shapes is not None:
            mask = wrong & tied(sample, shapes, kind == "tied+geometry")
        elif kind == "cause":
            mask = cause_of(sample, shapes, counts) == list(CAUSES).index(rest)
        else:
            raise ValueError(what)
    except (ValueError, KeyError) as error:
        raise StoreError(f"{what[:80]!r} names no glyphs of this report.", subject=what, remedy="Reload.") from error
    return sample.glyph_id[mask]


def _plain(value: Any, sample: Sample) -> Any:
    """Class indices as labels, filters as what is set in them."""
    if isinstance(value, Filters):
        return {name: its for name, its in asdict(value).items() if its != getattr(EVERYTHING, name)}
    if isinstance(value, dict):
        names = sample.labels.labels
        return {
            key: names[its] if key in ("truth", "pred", "a", "b") else _labels(its, sample) if key == "labels"
            else _plain(its, sample)
            for key, its in value.items()
        }  # fmt: skip
    return [_plain(each, sample) for each in value] if isinstance(value, list) else value


def _labels(value: list[Any], sample: Sample) -> list[str]:
    return [each if isinstance(each, str) else sample.labels.labels[each] if each >= 0 else "other" for each in value]
