"""Flips between two checkpoints: a page of glyphs, and both primitive grids of the chosen glyph side by side."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from app.shared.assets import component
from app.shared.card_grid import cards
from app.shared.events import event_value, on_event
from app.shared.naming import readable_character, readable_label, verdict
from glyphcore.analysis.flips import FlipPage, Grids
from glyphcore.data.labels import codepoints
from glyphcore.results.browse import ResultRow

CARDS = cards('<span class="order dim"></span>', "Glyphs, arrow keys move, Enter inspects")
HTML = f"""
<section class="glyphcore flips" aria-label="Flips">
  <div class="gallery">
    {CARDS}
  </div>
  <aside class="side">
    <div class="title"></div>
    <table class="readings"><tbody></tbody></table>
    <div class="boards" tabindex="0" role="application" aria-roledescription="two primitive grids"
      aria-label="Primitive grids of A and B, arrow keys move from cell to cell" aria-describedby="flip-cell">
      <figure><canvas></canvas><figcaption></figcaption></figure>
      <figure><canvas></canvas><figcaption></figcaption></figure>
    </div>
    <div class="layers" role="toolbar" aria-label="Layers">
      <span class="group" role="radiogroup" aria-label="Picture">
        <button type="button" role="radio" data-picture="glyph" title="The glyph's own pixels  g">Glyph</button>
        <button type="button" role="radio" data-picture="patches" title="Patches of the predicted primitives  r">
          Predicted</button>
      </span>
      <button type="button" data-layer="colours" title="A colour for each primitive  c">Colours</button>
      <button type="button" data-layer="differ" title="Outline cells that differ  w">Differing</button>
      <span class="score dim"></span>
    </div>
    <div class="cell"><div class="patches"></div><p id="flip-cell" aria-live="polite"></p></div>
    <button type="button" class="inspect">Inspect with B <span class="dim">Enter</span></button>
  </aside>
</section>
"""
ORDER = {
    "broken": "largest loss for the true label first", "fixed": "largest gain for the true label first",
    "both_wrong": "worst first", "both_right": "lowest confidence first",
}  # fmt: skip

_flips = component(__file__, HTML)


def flip_gallery(
    page: FlipPage, sprite: str, grids: Sequence[Grids], patches: dict[str, np.ndarray], *, same_codebook: bool,
    names: tuple[str, str], kind: str, shape: tuple[int, int], cursor: int | None, key: str,
    on_turn: Callable[[int], None], on_stay: Callable[[int], None],
) -> int | None:  # fmt: skip
    """Draw a page. Return the glyph to inspect if the user opened one in this run.

    ``sprite``: data URL with ``shape`` = (thumbnails per row, pixels per thumbnail), empty without pictures. ``grids``
    belong to the page's glyphs. ``patches`` come from ``app.compare.data.grid_pairs``. ``cursor``: glyph under
    the cursor. Before the run, ``on_turn`` gets the first glyph of the requested page, and ``on_stay`` the glyph on
    which the cursor rests.
    """
    data = {
        "sprite": sprite,
        "columns": shape[0],
        "thumb": shape[1],
        "items": [_item(a, b, grid) for a, b, grid in zip(page.a, page.b, grids, strict=True)],
        "used": patches["ids"].tolist(),
        "patches": [_base64(patches["a"])] if same_codebook else [_base64(patches["a"]), _base64(patches["b"])],
        "names": names,
        "order": ORDER[kind],
        "position": page.position,
        "total": page.total,
        "pages": {"first": page.first, "previous": page.previous, "next": page.next, "last": page.last},
        "cursor": cursor,
    }
    result = _flips(
        data=data, key=key, on_open_change=on_event(key, "open", lambda _: None),
        on_turn_change=on_event(key, "turn", on_turn),
        on_stay_change=on_event(key, "stay", on_stay),
    )  # fmt: skip
    return event_value(result.open)


def _item(a: ResultRow, b: ResultRow, grid: Grids) -> dict[str, Any]:
    return {
        "id": a.glyph_id,
        "truth": readable_character(a.base, a.label),
        "name": readable_label(a.label),
        "codes": codepoints(a.base),
        "family": f"{a.family} {a.style}".strip(),
        "split": a.split,
        "read": [_reading(a), _reading(b)],
        "cells": _base64(_packed(grid)),
        "drawn": grid.pixels is not None,
    }


def _reading(row: ResultRow) -> dict[str, Any]:
    sign, kind, words = verdict(row.correct, row.unicode_correct, row.twin_correct)
    return {
        "shown": readable_character(row.pred_base, row.pred),
        "name": readable_label(row.pred),
        "codes": codepoints(row.pred_base),
        "p": round(row.p1, 3),
        "sign": sign,
        "kind": kind,
        "words": words,
    }


def _packed(grid: Grids) -> np.ndarray:
    """Return a glyph's cells in the format that the script unpacks: occupancy, then for its k cells with ink: pixels,
    primitives of A and B, targets of A and B (uint16), probabilities in 1/255, and whether the cells differ. Without a
    raster, pixels and targets are 0."""
    k = int(grid.occupied.sum())
    pixels = np.zeros((k, 8), np.uint8) if grid.pixels is None else grid.pixels
    numbers = np.zeros((4, k), "<u2")
    numbers[:2] = grid.primitive
    if grid.target is not None:
        numbers[2:] = grid.target
    sure = [np.rint(np.clip(p, 0, 1) * 255).astype(np.uint8) for p in grid.p]
    parts = (np.packbits(grid.occupied), pixels, numbers, *sure, grid.differ.astype(np.uint8))
    return np.concatenate([np.ascontiguousarray(part).view(np.uint8).ravel() for part in parts])


def _base64(data: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(data).tobytes()).decode()
