"""A page of a PDF: its glyphs marked by trust, a detail view of the chosen glyph, and the page's text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from zlib import crc32

import streamlit as st

from app.shared.assets import component
from app.shared.events import on_event
from app.shared.prefetch import forget_cached_keys, note_cached_keys
from glyphcore.errors import GlyphError

TRUST = {
    "font": ("✓", "the PDF's own text"),
    "read": ("≈", "read from its outline"),
    "unsure": ("?", "read with low confidence"),
    "unread": ("✗", "left without text: the glyph, or most of its font, looks like no known character"),
    "confirmed": ("✎", "confirmed"),
}
"""Sign and words for each level of trust in a glyph's text."""

HTML = """
<section class="glyphcore pdf" aria-label="Pages of the PDF">
  <div class="main">
    <nav class="pager" aria-label="Pages">
      <button type="button" data-page="previous" aria-label="Previous page" title="Previous page  p">‹</button>
      <span class="place" role="status"></span>
      <button type="button" data-page="next" aria-label="Next page" title="Next page  n">›</button>
      <span class="legend"></span>
    </nav>
    <div class="sheet" tabindex="0" role="application" aria-label="The page, arrow keys go from glyph to glyph">
      <img class="picture" alt="">
      <canvas class="marks" aria-hidden="true"></canvas>
    </div>
  </div>
  <aside class="detail" aria-label="The glyph">
    <div class="glyph-head">
      <canvas class="raster" width="128" height="128" role="img" aria-label="The raster of the glyph"></canvas>
      <div><h3 class="title"></h3><p class="trust"></p></div>
    </div>
    <p class="outline-only dim">Candidates by the outline alone, 1–5 confirms:</p>
    <div class="candidates" role="group" aria-label="Candidates"></div>
    <form class="edit">
      <input type="text" maxlength="80" aria-label="Character or code point" placeholder="ب   U+0628"
        autocomplete="off" spellcheck="false" dir="auto">
      <button type="submit">Confirm</button>
      <button type="button" class="undo" title="Undo the confirmation  u">Undo</button>
    </form>
    <p class="fault wrong" role="alert"></p>
    <p class="occurrences dim"></p>
    <h3>Text of the page</h3>
    <div class="text" tabindex="0" aria-label="Text of the page"></div>
  </aside>
</section>
"""

_viewer = component(__file__, HTML)


def pdf_viewer(
    report: Mapping[str, Any], page: Mapping[str, Any], *, about: str, cursor: int | None, key: str,
    on_turn: Callable[[int], None], on_edit: Callable[[Mapping[str, str | None]], dict[str, str]],
) -> None:  # fmt: skip
    """Draw a page. ``report`` and ``page`` come from :mod:`app.pdf.data`; ``about`` names the PDF.

    ``on_turn`` gets the number of the requested page. ``on_edit`` gets corrections by glyph number and returns the
    faults of invalid corrections. Parts that the browser has cached are not sent again.
    """
    cached = st.session_state.get(f"{key}_cached", frozenset())
    texts = repr([(glyph["text"], glyph["trust"]) for glyph in report["glyphs"]])
    fixed = {"rasters": report["rasters"]}
    read = {
        "glyphs": report["glyphs"],
        "texts": report["texts"],
        "fonts": [font["font"] for font in report["fonts"]],
    }
    parts = {
        "fixed": (about, fixed),
        "read": (f"{about}-{crc32(texts.encode()):08x}", read),
        "page": (f"{about}-{page['page']}", page),
    }
    data = {
        "about": about,
        "pages": len(report["pages"]),
        "cursor": cursor,
        "trust": TRUST,
        "acknowledged": st.session_state.get(f"{key}_acknowledged", ""),
        "faults": st.session_state.get(f"{key}_faults", {}),
        **{
            name: {"key": part_key, "content": None if part_key in cached else content}
            for name, (part_key, content) in parts.items()
        },
    }

    def turned(message: Mapping[str, Any]) -> None:
        note_cached_keys(key, message.get("cached"))
        on_turn(int(message["page"]))

    def edited(message: Mapping[str, Any]) -> None:
        note_cached_keys(key, message.get("cached"))
        if message.get("about") != about:
            return
        edits = {str(glyph): text for glyph, text in dict(message["edits"]).items()}
        try:
            st.session_state[f"{key}_faults"] = on_edit(edits)
        except GlyphError as error:  # not stored: the message is shown at the edited glyphs
            st.session_state[f"{key}_faults"] = dict.fromkeys(edits, str(error))
        st.session_state[f"{key}_acknowledged"] = str(message.get("token", ""))[:60]

    _viewer(
        data=data, key=key, on_turn_change=on_event(key, "turn", turned), on_edit_change=on_event(key, "edit", edited),
        on_lost_change=on_event(key, "lost", lambda keys: note_cached_keys(key, keys)),
    )  # fmt: skip
    forget_cached_keys(key)
