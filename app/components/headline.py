"""The line above the glyphs: how many there are and how the checkpoint does on them."""

from __future__ import annotations

import streamlit as st

from app.components.markup import tag
from glyphcore.analysis.metrics import METRICS
from glyphcore.results.selection import Summary


def headline(selection: Summary, around: Summary) -> None:
    """Counts of the selection, then accuracies of what surrounds it (the same filters without the outcome)."""
    parts = [f"<b>{selection.n:,}</b><span>of {around.n:,} glyphs</span>"]
    if around.n:
        for name, count in (
            ("label", around.right), ("unicode", around.unicode_right), ("twin", around.twin_right),
            ("top5", around.top5_right),
        ):  # fmt: skip
            share = tag("strong", f"{count / around.n:.1%}")
            parts.append(tag("span", f"{METRICS[name].short} ", share, title=METRICS[name].tooltip))
    st.html(f'<div class="headline" role="status">{"".join(parts)}</div>', width="content")
