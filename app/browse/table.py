"""The same page of glyphs as a table, for reading numbers and copying them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from app.shared.naming import CLASSES, readable_character, readable_label, readable_tag, verdict
from glyphcore.analysis.terms import LOSS
from glyphcore.annotations.store import Annotation
from glyphcore.data.labels import codepoints
from glyphcore.results.browse import Page


def glyph_table(page: Page, marks: Mapping[int, Annotation], *, key: str, on_turn: Callable[[int], None]) -> int | None:
    """Draw a page and what people said of its glyphs; returns the glyph whose row was chosen in this run, else None."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for icon, title, target in (
            ("first_page", "First page", page.first), ("chevron_left", "Previous page", page.previous),
            ("chevron_right", "Next page", page.next), ("last_page", "Last page", page.last),
        ):  # fmt: skip
            here = target is None or target == page.rows[0].glyph_id
            st.button(
                "", key=f"{key}_{icon}", icon=f":material/{icon}:", help=title, disabled=here, on_click=on_turn,
                args=(target,),
            )  # fmt: skip
        st.caption(f"{page.position + 1:,}–{page.position + len(page.rows):,} of {page.total:,}")
    # The key holds the page: a selection by row number must not survive a turn and point at another glyph.
    chosen = st.dataframe(
        [
            {
                "": verdict(row.correct, row.unicode_correct, row.twin_correct)[0],
                "glyph": row.glyph_id,
                "true": readable_character(row.base, row.label),
                "truth": readable_label(row.label),
                "code": codepoints(row.base),
                "read": readable_character(row.pred_base, row.pred),
                "read as": readable_label(row.pred),
                "its code": codepoints(row.pred_base),
                "p": row.p1,
                "tags": _report(marks.get(row.glyph_id)),
                "margin": row.margin,
                "loss": row.loss,
                "rank": row.rank,
                "class": CLASSES.get(row.char_class, row.char_class),
                "family": row.family,
                "style": row.style,
                "split": row.split,
                "cells": f"{row.cells_right}/{row.cells_total}",
            }
            for row in page.rows
        ],
        key=f"{key}_{page.rows[0].glyph_id}_{page.total}",
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        height=660,
        row_height=30,
        column_config={
            **{name: st.column_config.NumberColumn(format="%.3f") for name in ("p", "margin")},
            "loss": st.column_config.NumberColumn(format="%.3f", help=LOSS),
        },
    )
    rows = chosen["selection"]["rows"]
    return page.rows[rows[0]].glyph_id if rows else None


def _report(mark: Annotation | None) -> str:
    """Tags with their signs, then the note."""
    if mark is None:
        return ""
    return "  ".join([*map(readable_tag, mark.tags), *([f"✎ {mark.note}"] if mark.note else [])])
