"""The line above the glyphs: how many there are and how the checkpoint does on them."""

from __future__ import annotations

import streamlit as st

from glyphcore.results.selection import Summary


def headline(selection: Summary, around: Summary) -> None:
    """Counts of the selection, then accuracies of what surrounds it (the same filters without the outcome)."""
    parts = [f"<b>{selection.n:,}</b><span>of {around.n:,} glyphs</span>"]
    if around.n:
        for name, count in (
            ("label", around.right), ("Unicode", around.unicode_right), ("up to twins", around.twin_right),
            ("top 5", around.top5_right),
        ):  # fmt: skip
            parts.append(f"<span>{name} <strong>{count / around.n:.1%}</strong></span>")
    st.html(f'<div class="headline" role="status">{"".join(parts)}</div>', width="content")
