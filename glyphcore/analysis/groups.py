"""Errors of a checkpoint by character class, family, script, form and mark."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

import numpy as np

from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.evaluation_slice import EvaluationSlice
from glyphcore.analysis.intervals import of_groups
from glyphcore.data.labels import LabelMap, form_of
from glyphcore.results.filters import Filters

BY = ("class", "family", "script", "form", "mark")
SCRIPTS = ("Arabic", "Latin", "Greek", "Cyrillic", "Hebrew")
LISTED = 60
"""Largest number of labels in a link."""


def breakdown(subset: EvaluationSlice, by: str, criterion: str) -> list[dict[str, Any]]:
    """Return one row per group, largest share of errors first.

    ``name``, ``n``, ``wrong``, ``share`` right, ``interval`` over its families (None for one family), ``cells``: share
    of cells with ink whose primitive was predicted correctly, ``filters``: filters that show its errors in the app,
    None when no filters select exactly these errors.
    """
    codes, names = grouping(subset, by)
    inside = codes >= 0
    n = np.bincount(codes[inside], minlength=len(names))
    wrong = np.bincount(codes[inside], subset.wrong(criterion)[inside], len(names)).astype(int)
    cells, cells_right = (np.bincount(codes[inside], weights[inside], len(names)) for weights in
                          (subset.cells_total, subset.cells_right))  # fmt: skip
    intervals = of_groups(~subset.wrong(criterion), codes, len(names), subset.family)
    rows = [
        {
            "name": name,
            "n": int(n[i]),
            "wrong": int(wrong[i]),
            "share": float(1 - wrong[i] / n[i]),
            "interval": intervals[i],
            "cells": float(cells_right[i] / cells[i]) if cells[i] else None,
            "filters": _filters(subset, by, name, codes == i, criterion),
        }
        for i, name in enumerate(names)
        if n[i]
    ]
    return sorted(rows, key=lambda row: (row["share"], -row["n"], row["name"]))


def grouping(subset: EvaluationSlice, by: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return codes int [n] into names for one of :data:`BY`; -1 for a glyph in no group. The names of marks are their
    labels."""
    if by == "class":
        return subset.char_class, subset.classes
    if by == "family":
        return subset.family, subset.families
    labels = subset.labels
    if by == "script":
        words = [script_of(base) for base in labels.base]
    elif by == "form":
        words = [form_of(label) or "without forms" for label in labels.labels]
    elif by == "mark":
        words = [label if mark else "" for label, mark in zip(labels.labels, labels.is_diacritic, strict=True)]
    else:
        raise ValueError(f"there is no grouping {by!r}, only {', '.join(BY)}")
    names = tuple(dict.fromkeys(filter(None, words)))
    index = {name: i for i, name in enumerate(names)}
    return np.array([index.get(word, -1) for word in words])[subset.truth], names


@lru_cache(maxsize=8192)
def script_of(base: str) -> str:
    """Return the group of a label, by its first character: a script for letters, else ``Arabic marks``, ``other
    marks``, ``digits``, ``punctuation`` or ``symbols``."""
    if not base:
        return "symbols"
    name, category = unicodedata.name(base[0], ""), unicodedata.category(base[0])
    script = name.split(" ")[0].capitalize()
    if category[0] == "M":
        return "Arabic marks" if script == "Arabic" else "other marks"
    if category[0] == "L" and ("LETTER" in name or "LIGATURE" in name):
        return script if script in SCRIPTS else "other letters"
    if category == "Nd":
        return "digits"
    return "punctuation" if category[0] == "P" else "symbols"


def naming(subset: EvaluationSlice, mask: np.ndarray, wrong: np.ndarray) -> dict[str, tuple[str, ...]] | None:
    """Return filters that select, among ``wrong``, exactly the glyphs in ``mask`` (a union of labels). The filters
    name whole classes where these form the union, else the labels with errors. Returns None when there are too many
    labels."""
    classes = np.unique(subset.char_class[mask])
    if np.array_equal(np.isin(subset.char_class, classes), mask):
        return {"char_class": tuple(subset.classes[i] for i in classes)}
    labels = np.unique(subset.truth[mask & wrong])
    return {"label": words(subset.labels, labels)} if 0 < len(labels) <= LISTED else None


def words(labels: LabelMap, classes: np.ndarray) -> tuple[str, ...]:
    """Return the labels of class indices."""
    return tuple(labels.labels[i] for i in classes)


def _filters(subset: EvaluationSlice, by: str, name: str, mask: np.ndarray, criterion: str) -> Filters | None:
    if by in ("script", "form"):
        chosen = naming(subset, mask, subset.wrong(criterion))
    else:
        chosen = {{"class": "char_class", "family": "family", "mark": "label"}[by]: (name,)}
    return None if chosen is None else subset.filters(outcome=CRITERIA[criterion].errors, **chosen)
