"""Tags and notes: a line of tools for the chosen glyphs, or for the one under the cursor.

What is said is shown at once and sent behind; a run that says what has arrived redraws this line alone. The grid hears
of it in the browser and changes attributes of its cards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st

from app.shared.assets import component
from app.shared.events import heard
from glyphcore.annotations.store import STANDARD, Change, Mark
from glyphcore.errors import GlyphError

HTML = """
<section class="glyphcore marks" aria-label="Tags and notes">
  <span class="chosen" role="status"></span>
  <span class="group" role="toolbar" aria-label="Tag the chosen glyphs"></span>
  <button type="button" data-do="tag" title="Another tag  t"># tag…</button>
  <button type="button" data-do="note" title="Note  o">✎ note…</button>
  <button type="button" data-do="undo" title="Take the last change back  u" disabled>↶ undo</button>
  <button type="button" data-do="all" aria-label="Choose the whole page" title="Choose the whole page  Ctrl+A">
    ✓ page</button>
  <button type="button" data-do="none" aria-label="Choose nothing" title="Choose nothing  Esc">none</button>
  <form class="entry" hidden>
    <input type="text" list="tags" autocomplete="off" maxlength="40">
    <datalist id="tags"></datalist>
    <textarea rows="2" maxlength="2000"></textarea>
    <button type="submit">Keep</button>
    <button type="button" data-do="close">Cancel</button>
  </form>
  <span class="said" aria-live="polite"></span>
  <span class="problem" role="alert"></span>
</section>
"""

NOTHING: dict[str, Any] = {"client": "", "number": 0, "ids": []}
"""What has arrived of a browser that has sent nothing yet."""

_marks = component(__file__, HTML)


def marks_line(
    tags: Sequence[str], *, about: str, single: bool, key: str, on_change: Callable[[list[Change]], None],
    marks: Callable[[Sequence[int]], Mapping[int, Mark]],
) -> bool:  # fmt: skip
    """Draw the line; returns whether somebody has tagged for a while and then stopped, so that counts may follow.

    What is known of a page's glyphs comes with the page (:func:`plain`); ``marks`` is asked only for those that were
    just changed. ``about`` says whose glyphs they are: a change never goes to others. ``tags`` are those in use,
    offered while typing; ``single``: everything is about the one glyph on show, else about those chosen in the grid.
    ``on_change`` gets changes before the run; what it raises is said.
    """
    done = st.session_state.get(f"{key}_done", NOTHING)
    data = {
        "about": about,
        "marks": plain(marks(done["ids"])) if done["ids"] else {},
        "standard": STANDARD,
        "tags": [tag for tag in tags if tag not in STANDARD],
        "single": single,
        "done": done,
        "problem": st.session_state.pop(f"{key}_problem", ""),
    }
    result = _marks(
        data=data, key=key, on_settled_change=heard(key, "settled", lambda _: None),
        on_change_change=heard(key, "change", lambda sent: _changed(key, sent, about, on_change)),
    )  # fmt: skip
    return result.settled is not None


def plain(marks: Mapping[int, Mark]) -> dict[str, dict[str, Any]]:
    """Tags and notes as JSON has them, by glyph id; glyphs with neither are left out."""
    return {str(each): asdict(mark) for each, mark in marks.items()}


def changes_of(sent: Any, done: Mapping[str, Any]) -> tuple[list[Change], str]:
    """What a browser sent, less what was ``done`` already, and what is wrong with some of it, in one line."""
    behind = done["number"] if done["client"] == sent["client"] else 0
    changes, problem = [], ""
    for each in sent["changes"]:
        if int(each["number"]) <= behind:
            continue
        ids = tuple(map(int, each["ids"]))
        try:
            if each.get("tag"):
                changes.append(Change(ids, tag=str(each["tag"]), on=bool(each["on"])))
            else:
                changes.append(Change(ids, note=str(each["note"])))
        except GlyphError as error:
            problem = str(error)
    return changes, problem


def _changed(key: str, sent: Any, about: str, on_change: Callable[[list[Change]], None]) -> None:
    if not sent or sent["about"] != about:
        return
    changes, problem = changes_of(sent, st.session_state.get(f"{key}_done", NOTHING))
    try:
        if changes:
            on_change(changes)
    except GlyphError as error:
        problem = str(error)
    st.session_state[f"{key}_problem"] = problem
    numbers = [int(each["number"]) for each in sent["changes"]]
    ids = sorted({int(glyph) for each in sent["changes"] for glyph in each["ids"]})
    st.session_state[f"{key}_done"] = {"client": sent["client"], "number": max(numbers, default=0), "ids": ids}
