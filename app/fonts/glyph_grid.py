"""The glyph sheet of a font: the font's mapping, the model's prediction, and the user's confirmation."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from app.shared.assets import component
from app.shared.card_grid import cards
from app.shared.events import on_event
from app.shared.naming import readable_character, readable_label
from glyphcore.audit.corrections import Correction
from glyphcore.audit.decisions import decide
from glyphcore.audit.findings import MEANING, VERDICTS, Finding
from glyphcore.data.labels import LabelMap, codepoints
from glyphcore.data.raster import SIZE, unpack
from glyphcore.errors import GlyphError

COLUMNS = 12
"""Tiles per row of a sprite."""
SIGNS = {"disagrees": "✗", "twin": "≈", "unknown": "∅", "unmapped": "?", "unlabelled": "○", "agrees": "✓"}
NAMES = {verdict: verdict for verdict in VERDICTS} | {"twin": "confusable"}
"""Words for the verdicts; files and links keep the verdicts themselves."""
KINDS = dict.fromkeys(VERDICTS, "near") | {"disagrees": "wrong", "agrees": "right"}
OUTSIDE = {"shown": "", "codes": "OUTSIDE", "words": "none of the labels"}
"""The displayed reading of a glyph to which the model gives none of its labels."""
Edits = dict[int, str | None]

CARDS = cards('<span class="said dim" role="status"></span>', "Glyphs, arrow keys move, 1 to 5 choose a candidate")
HTML = f"""
<section class="glyphcore fontsheet" aria-label="Glyphs of the font">
  <div class="main">
    {CARDS}
  </div>
  <aside class="detail" aria-label="The glyph">
    <canvas class="em" role="img" aria-label="The glyph at its place in the em"></canvas>
    <h3 class="title"></h3>
    <p class="verdict"></p>
    <dl class="font"></dl>
    <div class="candidates" role="group" aria-label="Candidates of the model"></div>
    <form class="edit">
      <input type="text" maxlength="80" aria-label="Character, code point or label"
        placeholder="ب   U+0628   beh_init" autocomplete="off" spellcheck="false" dir="auto">
      <button type="submit">Confirm</button>
    </form>
    <p class="fault wrong" role="alert"></p>
    <p class="kept"><span></span> <button type="button" class="undo" title="Undo the confirmation  u">Undo</button></p>
  </aside>
</section>
"""

_glyph_grid = component(__file__, HTML)


def glyph_grid(
    page: Sequence[Finding], tiles: np.ndarray, geometry: np.ndarray, confirmed: Mapping[int, Correction],
    labels: LabelMap, *, about: str, threshold: float, position: int, total: int,
    done_of: tuple[int, int], pages: Mapping[str, int | None],
    cursor: int | None, key: str, on_turn: Callable[[int], None], on_edit: Callable[[Edits], dict[int, str]],
) -> None:  # fmt: skip
    """Draw a page of findings. ``about`` names their font: an edit never goes to another font.

    ``tiles``: packed rasters uint8 [n, 2048]; ``geometry``: float32 [n, 6]; ``done_of``: the number of confirmed
    findings and of all findings. ``on_turn`` gets the first glyph of the requested page. ``on_edit`` gets corrections
    by glyph (None withdraws a correction) and returns the faults of invalid corrections. The browser sends an edit
    until it is acknowledged; the server applies each edit once, however often it arrives.
    """
    decided = decide(page, confirmed, threshold, labels)
    faults: dict[int, str] = st.session_state.setdefault(f"{key}_faults", {})

    def edited(sent: Any) -> None:
        if sent["about"] != about:
            return
        run, last = sent["run"], st.session_state.get(f"{key}_done", {}).get(sent["run"], 0)
        new = [edit for edit in sent["edits"] if edit["n"] > last]
        edits = {int(edit["glyph"]): edit["text"] for edit in new}
        for glyph in edits:
            faults.pop(glyph, None)
        try:
            faults.update(on_edit(edits))
        except GlyphError as error:  # not stored: the message is shown at the edited glyphs
            faults.update(dict.fromkeys(edits, str(error)))
        st.session_state[f"{key}_done"] = {run: max([last, *(edit["n"] for edit in new)])}

    data = {
        "about": about,
        "sprite": _sprite(tiles),
        "columns": COLUMNS,
        "tile": SIZE,
        "items": [
            _item(decision.finding, decision.text, decision.source, geometry[i], confirmed, labels)
            for i, decision in enumerate(decided)
        ],
        "position": position,
        "total": total,
        "pages": dict(pages),
        "cursor": cursor,
        "doneOf": list(done_of),
        "faults": {str(glyph): fault for glyph, fault in faults.items()},
        "done": st.session_state.get(f"{key}_done", {}),
    }
    turn, edit = on_event(key, "turn", on_turn), on_event(key, "edit", edited)
    _glyph_grid(data=data, key=key, on_turn_change=turn, on_edit_change=edit)


def _item(
    finding: Finding,
    text: str,
    source: str,
    geometry: np.ndarray,
    confirmed: Mapping[int, Correction],
    labels: LabelMap,
) -> dict[str, Any]:
    mapping, best = finding.mapping, _character(labels.base[finding.predicted], labels.labels[finding.predicted])
    characters = [(chr(code), "") for code in mapping.characters]
    font = [(labels.base[i], labels.labels[i]) for i in mapping.labels] or characters
    correction = confirmed.get(finding.glyph_id)
    other_form = " in another form" if finding.verdict == "agrees" and not finding.same_form else ""
    return {
        "id": finding.glyph_id,
        "name": finding.name,
        "kind": KINDS[finding.verdict],
        "verdict": finding.verdict,
        "verdictName": NAMES[finding.verdict],
        "sign": SIGNS[finding.verdict],
        "meaning": MEANING[finding.verdict] + other_form,
        "font": [_character(base, label) for base, label in dict.fromkeys(font)][:4],
        "more": max(0, len(dict.fromkeys(font)) - 4),
        "p": round(finding.outside if finding.is_outside else finding.p, 4),
        "claimP": round(finding.claim_p, 4) if mapping.labels else None,
        "model": OUTSIDE if finding.is_outside else best,
        "top": [
            {**_character(labels.base[i], labels.labels[i]), "label": labels.labels[i], "p": round(p, 4),
             "taken": i == finding.predicted and not finding.is_outside}
            for i, p in zip(finding.top[:5], finding.top_p[:5], strict=True)
        ],
        "label": labels.labels[finding.predicted],
        "text": codepoints(text),
        "source": source,
        "kept": correction and _character(correction.text, correction.label),
        "keptLabel": correction.label if correction else "",
        "geometry": [round(float(value), 4) for value in geometry],
    }  # fmt: skip


def _character(base: str, label: str) -> dict[str, str]:
    return {"shown": readable_character(base, label), "codes": codepoints(base), "words": readable_label(label)}


def _sprite(packed: np.ndarray) -> str:
    """Turn packed rasters uint8 [n, 2048] into one PNG data URL of full-size tiles, with ink as opacity."""
    if not len(packed):
        return ""
    rows = -(-len(packed) // COLUMNS)
    sheet = np.zeros((rows * COLUMNS, SIZE, SIZE), np.uint8)
    for tile, raster in zip(sheet, unpack(packed), strict=False):  # centred glyphs are easier to compare
        down, across = (np.flatnonzero(raster.any(axis)) for axis in (1, 0))
        if len(down):
            height, width = down[-1] + 1, across[-1] + 1
            top, left = (SIZE - height) // 2, (SIZE - width) // 2
            tile[top : top + height, left : left + width] = raster[:height, :width]
    flat = sheet.reshape(rows, COLUMNS, SIZE, SIZE).swapaxes(1, 2).reshape(rows * SIZE, COLUMNS * SIZE)
    image = Image.frombytes("1", (COLUMNS * SIZE, rows * SIZE), np.packbits(flat, axis=1).tobytes())
    data = io.BytesIO()
    image.save(data, "PNG", transparency=0, compress_level=4)
    return f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"
