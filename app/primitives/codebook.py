"""The codebook: all patches on one board, the most frequent confusions, and the details of one primitive."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from app.shared.assets import component
from app.shared.events import event_value, on_event
from app.shared.html import percent, tag
from glyphcore.analysis.codebook import BADLY, DUPLICATE, Codebook, Confusion
from glyphcore.analysis.primitive import Example, Primitive
from glyphcore.analysis.terms import PERPLEXITY

HTML = """
<section class="glyphcore codebook">
  <div class="book">
    <div class="line">
      <div class="current" role="status"></div>
    </div>
    <div class="board" tabindex="0" role="application" aria-roledescription="codebook"
      aria-label="Primitives, arrow keys move, Enter shows their glyphs">
      <canvas aria-hidden="true"></canvas></div>
    <p class="legend">
      <span class="bar" aria-hidden="true"><i></i><b></b></span> number of predictions (logarithmic), wrong share
      <span class="corner" aria-hidden="true">◥</span> poorly predicted
      <span class="twin" aria-hidden="true">=</span> near duplicate
      <span class="faint" aria-hidden="true">faint</span> never predicted
    </p>
    <p class="meaning dim">target → prediction: cells, share of the cells with this target,
      distance between the two patches in pixels</p>
    <div class="pairs" role="list" aria-label="Confusions, most frequent first"></div>
    <p class="nothing"></p>
  </div>
  <aside class="one" aria-label="The chosen primitive">
    <div class="head">
      <div>
        <h3 class="name"></h3>
        <canvas class="patch" width="8" height="8" role="img"></canvas>
        <a class="all"></a>
      </div>
      <dl class="numbers"></dl>
      <div class="where">
        <h3>Position on the grid</h3>
        <div class="heat" tabindex="0" role="application" aria-roledescription="heat map"
          aria-label="Cells in which it is predicted, arrow keys move, Enter shows the glyphs">
          <canvas aria-hidden="true"></canvas></div>
        <p class="spot" role="status"></p>
      </div>
    </div>
    <div class="examples"></div>
    <div class="confused">
      <div><h3>Missed, predicted as</h3><div class="instead"></div></div>
      <div><h3>Wrongly predicted for</h3><div class="really"></div></div>
    </div>
    <h3>Nearest patches <span class="dim">by distance in pixels</span></h3>
    <div class="near"></div>
  </aside>
</section>
"""

_codebook = component(__file__, HTML)


def summary(codebook: Codebook, split: str) -> None:
    """Draw the headline: use of the codebook and accuracy of primitives."""
    parts = [
        tag("b", f"{(~codebook.dead).sum():,}"),
        tag("span", f"of {len(codebook):,} primitives used"),
        tag(
            "span",
            "perplexity ",
            tag("strong", f"{codebook.perplexity:.0f}"),
            title=PERPLEXITY,
        ),
        tag("span", "cells ", tag("strong", f"{codebook.use.sum():,}"), f" in {split or 'all splits'}"),
    ]
    if codebook.judged:
        parts.append(tag("span", "accuracy ", tag("strong", _share(codebook.right / codebook.judged))))
    for name, count, words in (
        ("never predicted", codebook.dead.sum(), "primitives that no cell is predicted as"),
        ("near duplicates", codebook.duplicate.sum(), f"the distance to another patch is below {DUPLICATE:g} pixel"),
        ("poorly predicted", codebook.badly.sum(), f"accuracy or recall below {BADLY:.0%}"),
    ):
        parts.append(tag("span", f"{name} ", tag("strong", f"{count:,}"), title=words))
    st.html(tag("div", *parts, class_="headline", role="status"))


def codebook_panel(
    codebook: Codebook, ids: np.ndarray, patches: np.ndarray, pairs: Sequence[Confusion] | None, one: Primitive | None,
    pictures: tuple[str, list[int], list[tuple[int, int]]], *, shape: tuple[int, int], browse: str, pattern: str,
    inspect: str, key: str, on_choose: Callable[[int], None],
) -> dict[str, Any] | None:  # fmt: skip
    """Draw the board of ``ids``, or ``pairs`` if they are given, and ``one`` beside it.

    ``patches``: uint8 [k, 8, 8] of the whole codebook. ``pictures``: sprite, glyphs and shifts of the examples, with
    ``shape`` = (thumbnails per row, pixels per thumbnail). ``browse`` and ``inspect`` are base addresses: the browser
    appends a pattern of cells (after ``pattern``) or a glyph. Returns ``{"cells": pattern}`` or ``{"glyph": id}`` if
    the user requested cells or a glyph in this run.
    """
    data = {
        "patches": base64.b64encode(np.ascontiguousarray(patches).tobytes()).decode(),
        "ids": ids.tolist(),
        "use": codebook.use.tolist(),
        "judged": bool(codebook.judged),
        "accuracy": _permille(codebook.accuracy),
        "recall": _permille(codebook.recall),
        "dead": np.flatnonzero(codebook.dead).tolist(),
        "duplicate": np.flatnonzero(codebook.duplicate).tolist(),
        "badly": np.flatnonzero(codebook.badly).tolist(),
        "pairs": None if pairs is None else [_pair(pair) for pair in pairs],
        "one": None if one is None else _one(codebook, one, *pictures),
        "columns": shape[0],
        "thumb": shape[1],
        "browse": browse,
        "pattern": pattern,
        "inspect": inspect,
    }
    result = _codebook(
        data=data,
        key=key,
        on_choose_change=on_event(key, "choose", lambda sent: on_choose(int(sent))),
        on_open_change=on_event(key, "open", lambda _: None),
    )
    return event_value(result.open)


def _one(
    codebook: Codebook, one: Primitive, sprite: str, glyphs: list[int], shifts: list[tuple[int, int]]
) -> dict[str, Any]:
    row = codebook.records(np.array([one.id]))[0]
    positions = {glyph: i for i, glyph in enumerate(glyphs)}

    def shown(examples: list[Example]) -> list[dict[str, Any]]:
        return [
            {
                "glyph": example.glyph_id,
                "cell": example.cell,
                "other": example.other,
                "place": positions[example.glyph_id],
                "shift": shifts[positions[example.glyph_id]],
            }
            for example in examples
        ]

    return {
        "id": one.id,
        "numbers": _numbers(codebook, row),
        "glyphs": row["glyphs"],
        "where": one.where.tolist(),
        "sprite": sprite,
        "right": shown(one.right),
        "taken": shown(one.taken),
        "missed": shown(one.missed),
        "instead": [_pair(confusion) for confusion in one.confusions if confusion.target == one.id],
        "really": [_pair(confusion) for confusion in one.confusions if confusion.read == one.id],
        "near": [[primitive, round(distance, 2)] for primitive, distance in one.near],
    }


def _numbers(codebook: Codebook, row: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return name, value and meaning of each number."""
    rank = int((codebook.use > row["use"]).sum()) + 1
    numbers = [
        ("predicted", f"{row['use']:,} cells", f"{row['share']:.2%} of all cells with ink"),
        ("rank", f"{rank:,} of {len(codebook):,}", "by number of predictions"),
    ]
    if codebook.judged:
        numbers += [
            ("target of", f"{row['targets']:,} cells", "cells whose nearest patch is this one"),
            ("accuracy", _share(row["accuracy"]), "share of right cells among the cells with this prediction"),
            ("recall", _share(row["recall"]), "share of right cells among the cells with this target"),
            (
                "purity",
                percent(row["purity"]),
                "share of pixels in which the cells with this target agree with the patch, all splits",
            ),
        ]
    second = "–" if not row["runner_up"] else f"{row['runner_up']}  in {row['runner_up_share']:.0%}"
    return [
        *numbers,
        ("mean p", "–" if row["p"] is None else f"{row['p']:.3f}", "mean probability where it is predicted"),
        ("runner-up", second, "the most frequent second choice where it is predicted, all splits"),
        ("ink", percent(row["ink"]), "share of ink in the patch"),
    ]


def _pair(confusion: Confusion) -> dict[str, Any]:
    return {
        "target": confusion.target, "read": confusion.read, "n": confusion.n, "share": _share(confusion.share),
        "distance": round(confusion.distance, 2),
    }  # fmt: skip


def _share(share: float | None) -> str:
    """Return a percentage, rounded down; only 1 gives 100, and only 0 gives 0."""
    if share is None:
        return "–"
    return "<0.1%" if 0 < share < 0.001 else f"{math.floor(1000 * share) / 10:.1f}%"


def _permille(shares: np.ndarray) -> list[int]:
    """Return whole thousandths, -1 for an unknown value."""
    return np.where(np.isnan(shares), -1, np.floor(np.nan_to_num(shares) * 1000)).astype(int).tolist()
