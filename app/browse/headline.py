"""The line above the glyphs: the number of glyphs and the accuracies of the checkpoint on them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from app.shared.html import tag
from app.shared.naming import OUTCOMES, readable_most
from glyphcore.analysis.metrics import METRICS
from glyphcore.results.selection import Summary


def headline(
    selection: Summary, without_outcome: Summary, outcome: str, notes: Sequence[str], limited: tuple[str, int]
) -> None:
    """Draw counts of the selection, then accuracies on the same filters without the ``outcome``, then notes about the
    database. ``limited``: a limit per group, and the number of glyphs that pass it."""
    kind = OUTCOMES[outcome].lstrip("✗✓≈? ").lower() + " " if outcome else ""
    glyphs = "glyph" if without_outcome.n == 1 else "glyphs"
    parts = [f"<b>{selection.n:,}</b><span>{escape(kind)}of {without_outcome.n:,} {glyphs}</span>"]
    most, shown = limited
    if most:
        parts.append(tag("span", tag("strong", f"{shown:,}"), f" shown, {readable_most(most)}", class_="shown"))
    if without_outcome.n:
        for name, count in (
            ("label", without_outcome.right),
            ("unicode", without_outcome.unicode_right),
            ("twin", without_outcome.twin_right),
            ("top5", without_outcome.top5_right),
        ):
            share = tag("strong", f"{count / without_outcome.n:.1%}")
            less = "less" if name in ("unicode", "top5") else None  # hidden where there is little room
            parts.append(tag("span", f"{METRICS[name].short} ", share, title=METRICS[name].tooltip, class_=less))
    parts += [tag("span", note, class_="note") for note in notes]
    st.html(f'<div class="headline" role="status">{"".join(parts)}</div>', width="content")
