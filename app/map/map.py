"""The map: a scatter plot of up to a million glyphs with zoom, pictures and a lasso."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app.shared.assets import component
from app.shared.events import on_event
from app.shared.naming import CLASSES, readable_character, readable_label
from app.shared.theme import NEAR, RIGHT, SERIES, WRONG
from glyphcore.data.labels import codepoints

PALETTE = {"series": list(SERIES), "outcome": [RIGHT, NEAR, WRONG], "other": NEAR}
"""Colours of the points, the same as in all charts."""
COLOURS = {"outcome": "Right or wrong", "class": "Class", "family": "Family", "split": "Split"}

HTML = """
<section class="glyphcore map" aria-label="Map of the glyphs">
  <div class="stage" tabindex="0" role="group" aria-describedby="map-keys"
    aria-label="Points, arrow keys go from glyph to glyph">
    <canvas class="points" aria-hidden="true"></canvas>
    <canvas class="marks" aria-hidden="true"></canvas>
    <div class="tools">
      <button type="button" class="lasso" aria-pressed="false" title="Draw a line around glyphs  l">Lasso</button>
      <button type="button" class="closer" aria-label="Zoom in" title="Zoom in  +">+</button>
      <button type="button" class="further" aria-label="Zoom out" title="Zoom out  −">−</button>
      <button type="button" class="fit" title="Show everything  0">Fit</button>
    </div>
    <div class="tip" hidden><canvas aria-hidden="true"></canvas><div class="words"></div></div>
    <p class="sampled dim"></p>
  </div>
  <aside class="side">
    <label class="name" for="map-colour">Colour</label>
    <select id="map-colour" class="colour"></select>
    <div class="legend" role="group" aria-label="Colours; choose some to show only these"></div>
    <label class="name" for="map-find">Highlight</label>
    <input id="map-find" class="find" type="text" maxlength="80" placeholder="ب   beh   Amiri" autocomplete="off"
      spellcheck="false" dir="auto">
    <p class="found dim" role="status"></p>
    <div class="chosen" role="status"></div>
    <div class="actions">
      <button type="button" class="browse" title="Show the chosen glyphs in Browse  b">Browse</button>
      <button type="button" class="wrongs" title="Choose only the wrong ones">✗ only</button>
      <button type="button" class="clear" title="Choose nothing  Esc">Clear</button>
      <button type="button" class="view" title="Choose the glyphs in view  Ctrl+A">Choose glyphs in view</button>
    </div>
    <p id="map-keys" class="dim hint">Wheel zooms, dragging moves, Shift and dragging draws a lasso. Click inspects.</p>
  </aside>
</section>
"""

_map = component(__file__, HTML)


def glyph_map(
    points: Callable[[], Mapping[str, Any]], version: str, pictures: Callable[[list[int]], Mapping[str, Any]],
    palette: Mapping[str, Any], state: Mapping[str, str], chosen: Sequence[int] | None, links: Mapping[str, str],
    within: str, *, key: str, on_state: Callable[[dict[str, str], list[int] | None], None],
) -> None:  # fmt: skip
    """Draw the map of :func:`app.map.data.points`.

    Points are many megabytes: ``points`` is called only if the tab has not been sent those of this ``version`` yet, or
    asks for them because it has lost them.
    ``pictures`` returns pictures of the glyphs that are in view there. ``chosen`` may be None if the tab has chosen the
    glyphs itself.
    ``palette``: colours of a ``series``, of the three outcomes, and of points without a colour (``other``). ``state``:
    ``colour``, ``find``, ``at`` (x, y, zoom) and ``ids`` (the name of the ``chosen`` glyphs). ``on_state`` gets the new
    state and the chosen glyphs; None means that the choice did not change. ``links``: addresses of Inspect for
    ``glyph``, of Browse for all ``chosen`` glyphs and for the ``wrong`` glyphs among them. ``within``: bits of the
    selected points; the other points are faint. An empty ``within`` selects all points.
    """
    sent_once, wanted = f"{key}_sent", f"{key}_pictures"
    data = {
        "version": version,
        "points": None if st.session_state.get(sent_once) == version else _in_words(points()),
        "pictures": pictures(st.session_state.pop(wanted)) if wanted in st.session_state else None,
        "colours": COLOURS,
        "palette": dict(palette),
        "state": dict(state),
        "chosen": None if chosen is None else list(chosen),
        "acknowledged": st.session_state.get(f"{key}_acknowledged", ""),
        "links": dict(links),
        "within": within,
    }

    def changed(sent: Mapping[str, Any]) -> None:
        st.session_state[f"{key}_acknowledged"] = str(sent.get("token"))
        ids = sent.get("ids")
        on_state(_state(sent), [int(glyph) for glyph in ids] if isinstance(ids, list) else None)

    def asked(sent: Sequence[int]) -> None:
        st.session_state[wanted] = [int(glyph) for glyph in sent or ()]

    _map(
        data=data, key=key, on_state_change=on_event(key, "state", changed),
        on_pictures_change=on_event(key, "pictures", asked),
        on_points_change=on_event(key, "points", lambda _: st.session_state.pop(sent_once, None)),
    )  # fmt: skip
    st.session_state[sent_once] = version


def _in_words(points: Mapping[str, Any]) -> dict[str, Any]:
    words = points["words"]
    return {
        **{name: column for name, column in points.items() if name != "base"},
        "words": {
            "label": [_label(*pair) for pair in zip(words["label"], points["base"]["label"], strict=True)],
            "pred": [_label(*pair) for pair in zip(words["pred"], points["base"]["pred"], strict=True)],
            "family": words["family"],
            "class": [CLASSES.get(name, name) for name in words["char_class"]],
            "split": words["split"],
            "outcome": ["✓ right", "≈ wrong form or confusable", "✗ wrong"],
        },
    }


def _label(label: str, base: str) -> list[str]:
    return [readable_label(label), readable_character(base, label), codepoints(base)]


def _state(sent: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(sent.get(name) or "")[:100] for name in ("colour", "find", "at")}
