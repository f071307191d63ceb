"""Diacritics, the hardest subset: marks by size and position, and letters that carry a mark.

A mark above and its counterpart below are often one outline in two places (fatha and kasra), so they are analysed in
pairs. In a letter with its own mark (é, أ), the letter may be correct and the mark wrong: NFD separates them.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

import numpy as np

from glyphcore.analysis.confusions import pair
from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.evaluation_slice import EvaluationSlice
from glyphcore.analysis.groups import naming
from glyphcore.analysis.intervals import of_groups
from glyphcore.data.labels import DIACRITIC_SUFFIX, LabelMap, form_of
from glyphcore.data.shapes import Shapes
from glyphcore.results.buckets import EDGES

OPPOSITE = (("above", "below"), ("high", "low"), ("superscript", "subscript"), ("fatha", "kasra"),
            ("fathatan", "kasratan"))  # fmt: skip
"""Words for "above" in a label's name → the words that its counterpart below has instead."""
PARTS = ("right", "missed", "other_mark", "other_letter", "both")
"""Outcomes for a letter with a mark. right. missed: the right letter without its mark. other_mark: the right letter
with another mark. other_letter: another letter with the right mark. both: everything else."""


def pairs(subset: EvaluationSlice, criterion: str) -> list[dict[str, Any]]:
    """Return pairs of labels that differ only in above or below.

    ``a`` (above) and ``b`` are class indices. Each pair has the numbers of glyphs (``n_a``, ``n_b``), the numbers
    right, how often each label is read as the other (``a_as_b``, ``b_as_a``), and the ``filters`` of these errors. Most
    frequent confusions come first, then marks; pairs without a glyph are left out.
    """
    n = np.bincount(subset.truth, minlength=len(subset.labels))
    hits = np.bincount(subset.truth, subset.right[criterion], len(subset.labels)).astype(int)
    rows = []
    for a, b in opposites(subset.labels):
        if not n[a] + n[b]:
            continue
        crossed = {
            name: int(((subset.truth == truth) & (subset.pred == pred) & subset.wrong(criterion)).sum())
            for name, truth, pred in (("a_as_b", a, b), ("b_as_a", b, a))
        }
        rows.append(
            {"a": a, "b": b, "n_a": int(n[a]), "n_b": int(n[b]), "right_a": int(hits[a]), "right_b": int(hits[b]),
             **crossed, "a_as_b_filters": pair(subset, criterion, a, b),
             "b_as_a_filters": pair(subset, criterion, b, a)}
        )  # fmt: skip
    mark = subset.labels.is_diacritic
    return sorted(rows, key=lambda row: (-(row["a_as_b"] + row["b_as_a"]), not mark[row["a"]], row["a"]))


def opposites(labels: LabelMap) -> list[tuple[int, int]]:
    """Return class indices of labels whose names differ only in the words of :data:`OPPOSITE`, the upper label
    first."""
    below = dict(OPPOSITE)
    pairs = []
    for i, label in enumerate(labels.labels):
        fellow = "_".join(below.get(part, part) for part in label.split("_"))
        if fellow != label and fellow in labels.index:
            pairs.append((i, labels.index[fellow]))
    return pairs


def sizes(subset: EvaluationSlice, shapes: Shapes, criterion: str) -> list[dict[str, Any]]:
    """Return marks by the longer side of their box: ``low`` and ``high`` in em (None: open), ``n``, ``wrong``,
    ``share`` right, ``interval`` over families (None for one family). Marks of unknown size come last, with ``low`` and
    ``high`` None."""
    bucket = size_bucket(subset, shapes)
    edges = [0.0, *EDGES, None]
    rows = []
    intervals = of_groups(~subset.wrong(criterion), bucket, len(EDGES) + 2, subset.family)
    for i in range(len(EDGES) + 2):
        in_bucket = bucket == i
        if n := int(in_bucket.sum()):
            wrong = int(subset.wrong(criterion)[in_bucket].sum())
            low, high = (edges[i], edges[i + 1]) if i <= len(EDGES) else (None, None)
            rows.append({"bucket": i, "low": low, "high": high, "n": n, "wrong": wrong, "share": 1 - wrong / n,
                         "interval": intervals[i]})  # fmt: skip
    return rows


def size_bucket(subset: EvaluationSlice, shapes: Shapes) -> np.ndarray:
    """Return int [n]: number of the bucket between :data:`EDGES`; the last number plus one for an unknown size, -1 for
    glyphs that are not marks."""
    rows = shapes.rows(subset.glyph_id)
    extent = np.where(rows >= 0, shapes.extent[rows.clip(0)], np.nan) if len(shapes.extent) else np.nan
    bucket = np.where(np.isnan(extent), len(EDGES) + 1, np.digitize(extent, EDGES))
    return np.where(subset.is_mark, bucket, -1)


def precomposed(subset: EvaluationSlice, criterion: str) -> list[dict[str, Any]]:
    """Return letters that carry a mark, one row per mark, most errors in the mark first: ``mark`` (its characters),
    ``n``, a count for each of :data:`PARTS`, and ``filters`` of all its errors. ``criterion`` decides which readings
    are right."""
    part = part_of(subset, criterion)
    _, marks = _taken_apart(subset.labels)
    codes, names = _codes(marks)
    code = codes[subset.truth]
    rows = []
    for i, name in enumerate(names):
        of_part = (code == i) & (part >= 0)
        if not of_part.any():
            continue
        counts = np.bincount(part[of_part], minlength=len(PARTS)).tolist()
        chosen = naming(subset, of_part, subset.wrong(criterion))
        filters = None if chosen is None else subset.filters(outcome=CRITERIA[criterion].errors, **chosen)
        rows.append(
            {"mark": name, "n": int(of_part.sum()), **dict(zip(PARTS, counts, strict=True)), "filters": filters}
        )
    return sorted(rows, key=lambda row: (-(row["missed"] + row["other_mark"]), row["right"] - row["n"], row["mark"]))


def part_of(subset: EvaluationSlice, criterion: str) -> np.ndarray:
    """Return int8 [n]: index into :data:`PARTS` for a letter with its own mark, -1 for every other glyph."""
    letters, marks = _taken_apart(subset.labels)
    letter, mark = _codes(letters)[0], _codes(marks)[0]
    forms = _codes(tuple(form_of(label) for label in subset.labels.labels))[0]
    truth, pred = subset.truth, subset.pred
    same_letter = (letter[truth] == letter[pred]) & (forms[truth] == forms[pred])
    same_mark = mark[truth] == mark[pred]
    bare = np.array([not mark for mark in marks])
    part = np.full(len(subset), PARTS.index("both"), np.int8)
    part[same_mark] = PARTS.index("other_letter")
    part[same_letter] = PARTS.index("other_mark")
    part[same_letter & bare[pred]] = PARTS.index("missed")
    part[subset.right[criterion]] = PARTS.index("right")
    part[bare[truth]] = -1
    return part


def marks_of(subset: EvaluationSlice) -> np.ndarray:
    """Return the mark of each glyph's letter as text [n], empty for letters without a mark."""
    return np.array(_taken_apart(subset.labels)[1], dtype=object)[subset.truth]


@lru_cache(maxsize=4)
def _taken_apart(labels: LabelMap) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return letter and marks of each label; marks are empty for a bare letter, a single mark and several
    characters."""
    letters, marks = [], []
    for label, base in zip(labels.labels, labels.base, strict=True):
        apart = unicodedata.normalize("NFD", base)
        whole = len(base) != 1 or len(apart) < 2 or label.endswith(DIACRITIC_SUFFIX)
        letters.append(base if whole else apart[0])
        marks.append("" if whole else apart[1:])
    return tuple(letters), tuple(marks)


def _codes(words: tuple[str, ...]) -> tuple[np.ndarray, list[str]]:
    """Return codes of words, and the words without duplicates; the code of the empty word is -1."""
    names = list(dict.fromkeys(filter(None, words)))
    index = {name: i for i, name in enumerate(names)}
    return np.array([index.get(word, -1) for word in words]), names
