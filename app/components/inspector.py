"""The cell inspector: a glyph under its 16×16 primitives, its candidates and its facts."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import streamlit as st

from app.components.assets import component
from app.components.grid import item
from app.components.wording import readable, shown
from glyphcore.data.labels import codepoints
from glyphcore.data.store import GlyphRow
from glyphcore.results.browse import Neighbours, ResultRow
from glyphcore.results.inspection import Inspection

HTML = """
<section class="glyphcore inspector">
  <header>
    <button type="button" data-go="back" title="Back to the selection  Esc">← Browse</button>
    <button type="button" data-go="previous" aria-label="Previous glyph" title="Previous glyph  [ or k">‹</button>
    <span class="place" role="status"></span>
    <button type="button" data-go="next" aria-label="Next glyph" title="Next glyph  ] or j">›</button>
    <div class="title" aria-live="polite"></div>
    <button type="button" class="keys" aria-label="Show the keys" title="Keys  ?">?</button>
  </header>
  <div class="left">
    <div class="board" tabindex="0" role="application" aria-roledescription="primitive grid"
      aria-label="16 by 16 primitives, arrow keys move from cell to cell" aria-describedby="spoken">
      <canvas></canvas>
    </div>
    <p id="spoken" class="spoken" aria-live="polite"></p>
    <div class="layers" role="toolbar" aria-label="Layers">
      <span class="group" role="radiogroup" aria-label="Picture">
        <button type="button" role="radio" data-picture="glyph" title="The glyph's own pixels  1">Glyph</button>
        <button type="button" role="radio" data-picture="primitive" title="Patches of the predicted primitives  2">
          Predicted</button>
        <button type="button" role="radio" data-picture="target" title="Patches of the target primitives  3">
          Target</button>
      </span>
      <span class="group">
        <button type="button" data-layer="colours" title="A colour for each primitive  c">Colours</button>
        <button type="button" data-layer="ids" title="Primitive IDs  i">IDs</button>
        <button type="button" data-layer="wrong" title="Outline wrong cells  w">✗ Cells</button>
      </span>
      <span class="score"></span>
    </div>
  </div>
  <div class="middle">
    <h3>Cell</h3>
    <div class="patches"></div>
    <dl class="readout"></dl>
  </div>
  <div class="right-side">
    <h3>Candidates <span class="dim">with examples from other families</span></h3>
    <ol class="candidates"></ol>
    <h3>Glyph</h3>
    <dl class="numbers"></dl>
    <dl class="facts"></dl>
  </div>
  <dialog aria-label="Keys">
    <h3>Keys</h3>
    <dl>
      <dt>[ ] &nbsp;k j</dt><dd>previous, next glyph</dd>
      <dt>Esc</dt><dd>back to the selection</dd>
      <dt>← → ↑ ↓</dt><dd>move from cell to cell</dd>
      <dt>x</dt><dd>next wrong cell</dd>
      <dt>1 2 3</dt><dd>glyph, predicted patches, target patches</dd>
      <dt>c i w</dt><dd>colours, IDs, wrong cells</dd>
    </dl>
  </dialog>
</section>
"""

_inspector = component("inspector", HTML)


def inspector(
    seen: Inspection, stored: GlyphRow | None, sprite: str, place: Neighbours, *, shape: tuple[int, int], key: str,
    on_go: Callable[[int | str], None],
) -> None:  # fmt: skip
    """Draw one glyph; ``stored`` is its row in the database, ``place`` where it stands in the selection.

    ``sprite`` is a data URL of the candidates' examples with ``shape`` = (thumbnails a row, pixels a thumbnail).
    ``on_go`` gets a glyph id or ``back``, before the run.
    """
    row, details = seen.row, seen.details
    data = {
        "row": item(row),
        "place": asdict(place),
        "raster": _base64(seen.packed),
        "target": [] if seen.target is None else seen.target.tolist(),
        "distance": [] if seen.distance is None else np.round(seen.distance, 2).tolist(),
        "primitive": details.primitive.tolist(),
        "runnerUp": details.runner_up.tolist(),
        "p": np.round(details.primitive_p, 3).tolist(),
        "used": seen.used.tolist(),
        "patches": _base64(seen.patches),
        "cells": {"right": row.cells_right, "total": row.cells_total},
        "candidates": [
            {
                "name": readable(each.label), "shown": shown(each.base, each.label), "codes": codepoints(each.base),
                "p": each.p, "truth": each.truth, "examples": each.examples,
            }
            for each in seen.candidates
        ],
        "sprite": sprite,
        "columns": shape[0],
        "thumb": shape[1],
        "numbers": _numbers(row),
        "facts": _facts(row, stored),
    }  # fmt: skip
    _inspector(data=data, key=key, on_go_change=lambda: on_go(st.session_state[key]["go"]))


def _numbers(row: ResultRow) -> list[tuple[str, str]]:
    return [
        ("loss", "unknown label" if row.loss is None else f"{row.loss:.2f} nats"),
        ("rank of truth", f"{row.rank:,}" if row.rank else "unknown label"),
        ("margin p1 − p2", f"{row.margin:.3f}"),
        ("entropy", f"{row.entropy:.2f} nats"),
    ]


def _facts(row: ResultRow, stored: GlyphRow | None) -> list[tuple[str, str]]:
    """What is known about the glyph and its font; what is not known is left out."""
    facts: list[tuple[str, object]] = [
        ("glyph", row.glyph_id), ("label", row.label), ("code point", row.codepoint), ("class", row.char_class),
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


def _base64(data: np.ndarray | None) -> str:
    return "" if data is None else base64.b64encode(np.ascontiguousarray(data).tobytes()).decode()
