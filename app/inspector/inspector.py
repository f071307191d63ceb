"""The cell inspector: a glyph under its 16×16 primitives, its candidates and its facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from app.inspector.panels import candidate_rows, encoded
from app.inspector.state import Look
from app.shared.assets import component
from app.shared.events import heard
from app.shared.grid import item
from app.shared.prefetch import Parcel, holds, parcels, sent
from app.shared.tags import plain
from glyphcore.analysis.terms import ENTROPY, LOSS
from glyphcore.annotations.store import Mark
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
        <button type="button" role="radio" data-picture="primitive" title="Patches of the predicted primitives  p">
          Predicted</button>
        <button type="button" role="radio" data-picture="target" title="Patches of the target primitives  r">
          Target</button>
        <button type="button" role="radio" data-picture="outline" title="The outline in its em  v">Outline</button>
      </span>
      <span class="group">
        <button type="button" data-layer="colours" title="A colour for each primitive  c">Colours</button>
        <button type="button" data-layer="ids" title="Primitive IDs  i">IDs</button>
        <button type="button" data-layer="wrong" title="Outline wrong cells  w">✗ Cells</button>
      </span>
      <a class="save" hidden>Save SVG</a>
      <span class="score"></span>
    </div>
  </div>
  <div class="tabs" role="tablist" aria-label="What to look at">
    <button type="button" role="tab" data-panel="" title="Candidates and facts  q">Candidates</button>
    <button type="button" role="tab" data-panel="edit" title="Other primitives, and what they would do  e">Edit</button>
    <button type="button" role="tab" data-panel="sensitivity" title="Which cells hold the label  s">Sensitivity</button>
    <button type="button" role="tab" data-panel="fix" title="The smallest edit that would be right  f">Fix</button>
    <button type="button" role="tab" data-panel="models" title="Other checkpoints  m">Models</button>
    <button type="button" role="tab" data-panel="near" title="Nearest glyphs  n">Similar</button>
    <button type="button" role="tab" data-panel="families" title="The same label across families  l">Families</button>
  </div>
  <div class="middle">
    <h3>Cell</h3>
    <div class="patches"></div>
    <dl class="readout"></dl>
    <div class="become" role="group" aria-label="Give this cell another primitive" hidden></div>
  </div>
  <div class="right-side" role="tabpanel" aria-live="polite"></div>
</section>
"""

_inspector = component(__file__, HTML)


def inspector(
    around: Sequence[Parcel], marks: Mapping[int, Mark], remarks: Mapping[int, str], look: Look,
    panel: dict[str, Any], outline: dict[str, Any] | None, *, shape: tuple[int, int], key: str,
    on_go: Callable[[int | str], None], on_look: Callable[[dict[str, Any]], None],
) -> None:  # fmt: skip
    """Draw one glyph.

    ``around`` is of :func:`glyph_parcels`, whose ``marks`` and ``remarks`` come with it. ``shape`` is (thumbnails a row
    of their sprites, pixels a thumbnail). ``panel`` and ``outline`` are of :mod:`app.inspector.panels`. ``on_go`` gets
    a glyph id, ``back``, or what the likest glyphs are wanted by (``grid``, ``embedding``); ``on_look`` gets changes of
    ``look`` (:func:`app.inspector.state.changed`); both before the run.
    """
    data = {
        "shown": around[0],
        "near": around[1:],
        "said": {"marks": plain(marks), "remarks": {str(each): remark for each, remark in remarks.items()}},
        "view": {"columns": shape[0], "thumb": shape[1], "look": asdict(look), "panel": panel, "outline": outline},
    }

    def go(wanted: dict[str, Any]) -> None:
        holds(key, wanted.get("held"))
        on_go(wanted["to"])

    def change(wanted: dict[str, Any]) -> None:
        holds(key, wanted.get("held"))
        on_look(wanted)

    _inspector(
        data=data, key=key, on_go_change=heard(key, "go", go), on_look_change=heard(key, "look", change),
        on_ahead_change=heard(key, "ahead", lambda keys: holds(key, keys)),
    )  # fmt: skip
    sent(key)


def glyph_parcels(
    selection: str, glyphs: Sequence[int], seen: Callable[[int], tuple[Neighbours, Inspection, GlyphRow | None, str]],
    *, key: str,
) -> list[Parcel]:  # fmt: skip
    """A glyph of a ``selection`` (a name that changes with it) and those next to it, for the inspector of that ``key``.

    ``seen`` looks at one, if the browser does not hold it: where it stands in the selection, how it is read, its row in
    the database, and the sprite of its candidates' examples, a data URL.
    """

    def whole(i: int) -> dict[str, Any]:
        place, read, stored, sprite = seen(glyphs[i])
        return {"selection": selection, "start": glyphs[i], "place": asdict(place), **glyph_data(read, stored, sprite)}

    return parcels([f"{selection}.{each}" for each in glyphs], key, whole)


def glyph_data(seen: Inspection, stored: GlyphRow | None, sprite: str) -> dict[str, Any]:
    """Everything there is to know of a glyph, as JSON has it."""
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
    """Name, value and meaning."""
    return [
        ("loss", "unknown label" if row.loss is None else f"{row.loss:.2f} nats", LOSS),
        ("rank of truth", f"{row.rank:,}" if row.rank else "unknown label", "Place of the true label, by probability."),
        ("margin p1 − p2", f"{row.margin:.3f}", "How much likelier the first candidate is than the second."),
        ("entropy", f"{row.entropy:.2f} nats", ENTROPY),
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
