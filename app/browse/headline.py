"""The line above the glyphs: how many there are and how the checkpoint does on them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from app.shared.html import tag
from app.shared.naming import OUTCOMES
from glyphcore.analysis.metrics import METRICS
from glyphcore.results.selection import Summary


def headline(selection: Summary, around: Summary, outcome: str, notes: Sequence[str]) -> None:
    """Counts of the selection, then accuracies of what surrounds it (the same filters without the ``outcome``), then
    what is to be known of the database."""
    kind = OUTCOMES[outcome].lstrip("✗✓≈? ").lower() + " " if outcome else ""
    glyphs = "glyph" if around.n == 1 else "glyphs"
    parts = [f"<b>{selection.n:,}</b><span>{escape(kind)}of {around.n:,} {glyphs}</span>"]
    if around.n:
        for name, count in (
            ("label", around.right), ("unicode", around.unicode_right), ("twin", around.twin_right),
            ("top5", around.top5_right),
        ):  # fmt: skip
            share = tag("strong", f"{count / around.n:.1%}")
            parts.append(tag("span", f"{METRICS[name].short} ", share, title=METRICS[name].tooltip))
    parts += [tag("span", note, class_="note") for note in notes]
    st.html(f'<div class="headline" role="status">{"".join(parts)}</div>', width="content")
