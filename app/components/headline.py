"""The line above the glyphs: how many there are and how the checkpoint does on them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from app.components.wording import OUTCOMES
from glyphcore.results.selection import Summary


def headline(selection: Summary, around: Summary, outcome: str, notes: Sequence[str]) -> None:
    """Counts of the selection, then accuracies of what surrounds it (the same filters without the ``outcome``), then
    what is to be known of the database."""
    kind = OUTCOMES[outcome].lstrip("✗✓≈? ").lower() + " " if outcome else ""
    parts = [f"<b>{selection.n:,}</b><span>{escape(kind)}of {around.n:,} glyphs</span>"]
    if around.n:
        for name, count in (
            ("label", around.right), ("Unicode", around.unicode_right), ("up to twins", around.twin_right),
            ("top 5", around.top5_right),
        ):  # fmt: skip
            parts.append(f"<span>{name} <strong>{count / around.n:.1%}</strong></span>")
    parts += [f'<span class="note">{escape(note)}</span>' for note in notes]
    st.html(f'<div class="headline" role="status">{"".join(parts)}</div>', width="content")
