"""The label-noise queue: made when a page first needs it, unless an evaluation has made it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from app.shared import sources
from app.shared.sources import Source
from glyphcore import config
from glyphcore.analysis.label_issues import find_label_issues
from glyphcore.data.cache import PackedRasters
from glyphcore.results.filters import Filters, asks_for_noise
from glyphcore.results.label_issues import LabelIssues, label_issues_path, read_label_issues

_searching = threading.Lock()


def ensure_label_issues(source: Source, filters: Filters, sort: str) -> None:
    """Make sure that the queue exists, if a selection needs it; show a spinner while it is made."""
    if not lacking(source, filters, sort):
        return
    with (
        st.spinner("Comparing every confident error with the other families, once for these results …"),
        _searching,
    ):
        if source.store.selector.issues() is None:
            rasters = PackedRasters.existing(source.database, config.CACHE) if source.database else None
            find_label_issues(source.store, rasters)


def lacking(source: Source, filters: Filters, sort: str) -> bool:
    """Return whether a selection needs the queue and the queue does not exist yet."""
    return (sort == "noise" or asks_for_noise(filters)) and source.store.selector.issues() is None


def reasons(source: Source, ids: Sequence[int]) -> dict[int, str]:
    """Return the reasons to doubt the labels of some glyphs, in words; glyphs without a reason are left out."""
    issues = _doubts(sources.stamp(label_issues_path(source.store.path)), source.store.path)
    words = {} if issues is None else {glyph: issues.why(glyph) for glyph in ids}
    return {glyph: why for glyph, why in words.items() if why}


@st.cache_resource(max_entries=4, show_spinner=False)
def _doubts(stamp: tuple[str, int], _results: Path) -> LabelIssues | None:
    return read_label_issues(_results)
