"""Small evaluation slices that can be counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glyphcore.analysis.evaluation_slice import EvaluationSlice
from glyphcore.data.shapes import Shapes


def cut(whole: EvaluationSlice, truth: list[int], pred: list[int]) -> EvaluationSlice:
    """Make a sample of a few glyphs with these truths and predictions, in one font of one family."""
    n, t, p = len(truth), np.array(truth, np.int32), np.array(pred, np.int32)
    labels = whole.labels
    right = {
        "label": t == p,
        "unicode": labels.base_index[t] == labels.base_index[p],
        "twin": labels.twin_index[t] == labels.twin_index[p],
    }
    zeros = np.zeros(n, int)
    return replace(
        whole, glyph_id=np.arange(1, n + 1), truth=t, pred=p, right=right, rank=zeros + 1,
        p=np.full(n, 0.5, np.float32), loss=zeros, family=zeros, families=("one",), font=zeros, char_class=zeros,
        classes=("some",), cells_right=zeros, cells_total=zeros,
    )  # fmt: skip


def shapes(raster: list[int], geometry: list[int]) -> Shapes:
    n = len(raster)
    return Shapes(np.arange(1, n + 1), np.array(raster, np.uint64), np.array(geometry, np.uint64),
                  np.full(n, np.nan, np.float32))  # fmt: skip
