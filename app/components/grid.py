"""The glyph grid: a page of thumbnails over one sprite, driven by the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.components.assets import component
from app.components.wording import readable, shown, verdict
from glyphcore.data.labels import codepoints
from glyphcore.results.browse import Page, ResultRow

HTML = """
<section class="glyphcore glyphs" aria-label="Glyphs of the selection">
  <nav class="pager" aria-label="Pages">
    <button type="button" data-page="first" aria-label="First page" title="First page  <">«</button>
    <button type="button" data-page="previous" aria-label="Previous page" title="Previous page  p">‹</button>
    <span class="place" role="status"></span>
    <button type="button" data-page="next" aria-label="Next page" title="Next page  n">›</button>
    <button type="button" data-page="last" aria-label="Last page" title="Last page  >">»</button>
    <div class="current"></div>
  </nav>
  <div class="cards" role="group" aria-label="Glyphs, arrow keys move, Enter opens"></div>
</section>
"""

_grid = component("grid", HTML)


def glyph_grid(
    page: Page, sprite: str, *, shape: tuple[int, int], cursor: int | None, key: str, on_turn: Callable[[int], None]
) -> int | None:
    """Draw a page; returns the glyph that was opened in this run, else None.

    ``sprite`` is a data URL with ``shape`` = (thumbnails a row, pixels a thumbnail); ``cursor`` the glyph to stand on.
    ``on_turn`` gets the glyph that the wanted page starts at, before the run.
    """
    data = {
        "sprite": sprite,
        "columns": shape[0],
        "thumb": shape[1],
        "items": [item(row) for row in page.rows],
        "position": page.position,
        "total": page.total,
        "pages": {"first": page.first, "previous": page.previous, "next": page.next, "last": page.last},
        "cursor": cursor,
    }
    result = _grid(
        data=data, key=key, on_open_change=_nothing, on_turn_change=lambda: on_turn(st.session_state[key]["turn"])
    )
    return result.open


def item(row: ResultRow) -> dict[str, Any]:
    """What the components show of one row."""
    sign, kind, words = verdict(row.correct, row.unicode_correct, row.twin_correct)
    return {
        "id": row.glyph_id,
        "truth": shown(row.base, row.label),
        "pred": shown(row.pred_base, row.pred),
        "truthName": readable(row.label),
        "predName": readable(row.pred),
        "codes": codepoints(row.base),
        "predCodes": codepoints(row.pred_base),
        "family": f"{row.family} {row.style}".strip(),
        "p": round(row.p1, 3),
        "sign": sign,
        "kind": kind,
        "words": words,
    }


def _nothing() -> None:
    pass
