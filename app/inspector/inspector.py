"""The cell inspector: a glyph under its 16×16 primitives, its candidates and its facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from app.inspector.panels import candidate_rows, encoded
from app.inspector.state import InspectorState
from app.shared.assets import component
from app.shared.events import on_event
from app.shared.grid import item
from app.shared.naming import CLASSES
from app.shared.prefetch import Prefetched, forget_cached_keys, note_cached_keys, prefetch
from glyphcore.analysis.terms import ENTROPY, LOSS, OUTSIDE
from glyphcore.data.store import GlyphRow
from glyphcore.results.browse import Neighbours, ResultRow
from glyphcore.results.inspection import Inspection

HTML = """
<section class="glyphcore inspector">
  <header>
    <button type="button" data-go="back" title="Back to the selection  Esc">← Browse</button>
    <button type="button" data-go="previous" aria-label="Previous glyph" title="Previous glyph  p">‹</button>
    <span class="place" role="status"></span>
    <button type="button" data-go="next" aria-label="Next glyph" title="Next glyph  n">›</button>
    <div class="title" aria-live="polite"></div>
  </header>
  <div class="left">
    <div class="board" tabindex="0" role="application" aria-roledescription="primitive grid"
      aria-label="16 by 16 primitives, arrow keys move from cell to cell" aria-describedby="spoken">
      <canvas></canvas>
    </div>
    <div class="vector" hidden></div>
    <p id="spoken" class="spoken" aria-live="polite"></p>
    <div class="layers" role="toolbar" aria-label="Layers">
      <span class="group" role="radiogroup" aria-label="Picture">
        <button type="button" role="radio" data-picture="glyph" title="The glyph's own pixels  g">Glyph</button>
        <button type="button" role="radio" data-picture="primitive" title="Patches of the predicted primitives  r">
          Predicted</button>
        <button type="button" role="radio" data-picture="target" title="Patches of the target primitives  s">
          Target</button>
        <button type="button" role="radio" data-picture="outline" title="The outline in its em  v">Outline</button>
      </span>
      <span class="group">
        <button type="button" data-layer="colours" title="A colour for each primitive  c">Colours</button>
        <button type="button" data-layer="ids" title="Primitive IDs  i">IDs</button>
        <button type="button" data-layer="wrong" title="Outline wrong cells  w">✗ Cells</button>
      </span>
      <a class="save" hidden>Save SVG</a>
      <span class="score" role="status"></span>
    </div>
  </div>
  <div class="tabs" role="tablist" aria-label="Panels">
    <button type="button" role="tab" data-panel="" title="Candidates and facts  q">Candidates</button>
    <button type="button" role="tab" data-panel="edit" title="Change primitives and see the effect  E">Edit</button>
    <button type="button" role="tab" data-panel="sensitivity" title="Cells that decide  S">Sensitivity</button>
    <button type="button" role="tab" data-panel="fix" title="Smallest edit that corrects it  F">Fix</button>
    <button type="button" role="tab" data-panel="models" title="Other checkpoints  M">Models</button>
    <button type="button" role="tab" data-panel="near" title="Nearest glyphs  N">Similar</button>
    <button type="button" role="tab" data-panel="families" title="The same label across families  L">Families</button>
  </div>
  <div class="middle">
    <h3>Cell</h3>
    <div class="patches"></div>
    <dl class="readout"></dl>
    <div class="others" hidden>
      <button type="button" data-others="here" title="Browse the glyphs with this primitive in this cell  b">
        Same primitive here</button>
      <button type="button" data-others="errors" title="Browse the glyphs that have the same error in some cell">
        Same error</button>
    </div>
    <div class="become" role="group" aria-label="Give this cell another primitive" hidden></div>
  </div>
  <div class="right-side" role="tabpanel" aria-live="polite"></div>
</section>
"""

_inspector = component(__file__, HTML)


def inspector(
    prefetched: Sequence[Prefetched],
    annotations: dict[str, Any],
    remarks: Mapping[int, str],
    current: InspectorState,
    panel: dict[str, Any],
    outline: dict[str, Any] | None,
    *,
    shape: tuple[int, int],
    key: str,
    on_go: Callable[[int | str], None],
    on_change: Callable[[dict[str, Any]], None],
) -> None:
    """Draw one glyph.

    :func:`prefetch_glyphs` makes ``prefetched``, :func:`app.shared.tags.read_annotations` makes ``annotations``; they
    and ``remarks`` belong to the same glyphs. ``shape`` is (thumbnails per row of a sprite, pixels per thumbnail).
    :mod:`app.inspector.panels` makes ``panel`` and ``outline``. ``on_go`` gets one of: a glyph id, ``back``, a search
    for similar glyphs (``grid`` or ``embedding``), or ``cells`` and a pattern. ``on_change`` gets changes of the state
    (:func:`app.inspector.state.updated`). Both are called before the run.
    """
    data = {
        "shown": prefetched[0],
        "near": prefetched[1:],
        "annotations": annotations,
        "remarks": {str(glyph): remark for glyph, remark in remarks.items()},
        "view": {"columns": shape[0], "thumb": shape[1], "state": asdict(current), "panel": panel, "outline": outline},
    }

    def go(message: dict[str, Any]) -> None:
        note_cached_keys(key, message.get("cached"))
        on_go(message["to"])

    def change(message: dict[str, Any]) -> None:
        note_cached_keys(key, message.get("cached"))
        on_change(message)

    _inspector(
        data=data, key=key, on_go_change=on_event(key, "go", go), on_state_change=on_event(key, "state", change),
        on_ahead_change=on_event(key, "ahead", lambda keys: note_cached_keys(key, keys)),
    )  # fmt: skip
    forget_cached_keys(key)


def prefetch_glyphs(
    selection: str, glyphs: Sequence[int], seen: Callable[[int], tuple[Neighbours, Inspection, GlyphRow | None, str]],
    *, key: str,
) -> list[Prefetched]:  # fmt: skip
    """Return a glyph of a ``selection`` (a name that changes with it) and its neighbours, for the inspector of ``key``.

    ``seen`` loads a glyph that the browser has not cached: its position in the selection, its reading, its row in the
    database, and the sprite of its candidates' examples as a data URL.
    """

    def load_glyph(i: int) -> dict[str, Any]:
        place, read, stored, sprite = seen(glyphs[i])
        return {"selection": selection, "start": glyphs[i], "place": asdict(place), **glyph_data(read, stored, sprite)}

    return prefetch([f"{selection}.{glyph}" for glyph in glyphs], key, load_glyph)


def glyph_data(seen: Inspection, stored: GlyphRow | None, sprite: str) -> dict[str, Any]:
    """Return all data of a glyph in JSON form."""
    row, details = seen.row, seen.details
    return {
        "row": item(row),
        "raster": encoded(seen.packed),
        "target": [] if seen.target is None else seen.target.tolist(),
        "distance": [] if seen.distance is None else np.round(seen.distance, 2).tolist(),
        "primitive": details.primitive.tolist(),
        "runnerUp": details.runner_up.tolist(),
        "p": np.round(details.primitive_p, 3).tolist(),
        "used": seen.used.tolist(),
        "patches": encoded(seen.patches),
        "cells": {"right": row.cells_right, "total": row.cells_total},
        "candidates": candidate_rows(seen.candidates),
        "sprite": sprite,
        "numbers": _numbers(row),
        "facts": _facts(row, stored),
        "drawable": stored is not None and stored.contours is not None,
    }


def _numbers(row: ResultRow) -> list[tuple[str, str, str]]:
    """Return the name, value and meaning of each number."""
    return [
        ("loss", "unknown label" if row.loss is None else f"{row.loss:.2f} nats", LOSS),
        (
            "rank of true label",
            f"{row.rank:,}" if row.rank else "unknown label",
            "Rank of the true label by probability.",
        ),
        ("margin p1 − p2", f"{row.margin:.3f}", "Probability of the first candidate minus that of the second."),
        ("entropy", f"{row.entropy:.2f} nats", ENTROPY),
        *([] if row.outside is None else [("none of the labels", f"{row.outside:.3f}", OUTSIDE)]),
    ]


def _facts(row: ResultRow, stored: GlyphRow | None) -> list[tuple[str, str]]:
    """Return the known facts about the glyph and its font; unknown facts are left out."""
    facts: list[tuple[str, object]] = [
        ("glyph", row.glyph_id), ("label", row.label), ("code point", row.codepoint),
        ("class", CLASSES.get(row.char_class, row.char_class)),
        ("split", row.split), ("family", row.family), ("style", row.style),
    ]  # fmt: skip
    if stored is not None:
        box = None if stored.box is None else "  ".join(f"{side:g}" for side in stored.box)
        facts += [
            ("package", " ".join(filter(None, (stored.package, stored.version)))),
            ("licence", stored.licence),
            ("glyph name", stored.name),
            ("glyph index", stored.gid),
            ("em", None if stored.upem is None else f"{stored.upem:g} units"),
            ("advance", None if stored.advance is None else f"{stored.advance:g}"),
            ("bounds", box),
        ]
    return [(name, str(value)) for name, value in facts if value not in (None, "")]
