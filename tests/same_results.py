"""Comparison of two results files that may have been made in different parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters

EXACT = ("glyph_id", "label", "base", "char_class", "split", "family", "style", "f_id", "cells_right", "cells_total")
NEARLY = ("p1", "margin", "entropy", "loss")


def same(one: Path, other: Path) -> None:
    """Fail unless two results files are equal; the last digits of floats depend on the other glyphs of a batch."""
    first, second = (ResultsStore(path) for path in (one, other))
    ours, theirs = (list(store.export(Filters(), "id")) for store in (first, second))
    assert len(ours) == len(theirs) > 0
    for name in EXACT:
        assert [getattr(row, name) for row in ours] == [getattr(row, name) for row in theirs], name
    for name in NEARLY:
        values = ([getattr(row, name) for row in rows] for rows in (ours, theirs))
        np.testing.assert_allclose(*values, rtol=1e-4, atol=1e-6, err_msg=name)
    assert all(a.pred == b.pred for a, b in zip(ours, theirs, strict=True) if a.margin > 1e-5)
    assert vars(first.meta) == vars(second.meta)
    ids = [row.glyph_id for row in ours]
    grids = (np.stack([each.primitive for each in store.several_details(ids).values()]) for store in (first, second))
    assert np.array_equal(*grids)
    assert first.aggregates.keys() == second.aggregates.keys() >= {"in_font"}
    for figures, others in ((each.aggregates, each.aggregates["in_font"]) for each in (first, second)):
        assert figures["n"] == others["n"]
    for name in ("n", "trained_on", "outside_label_map", "primitive_accuracy", "label_top1"):
        assert first.aggregates[name] == pytest.approx(second.aggregates[name])
        assert first.aggregates["in_font"][name] == pytest.approx(second.aggregates["in_font"][name])
