"""Tags, notes and corrected labels: a bar of tools for the chosen glyphs, or for the one under the cursor.

The browser shows a change at once and sends it afterwards. The run that acknowledges the change redraws only this bar.
The grid gets the change in the browser and updates the attributes of its cards.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st

from app.shared.assets import component
from app.shared.events import on_event
from glyphcore.annotations.store import STANDARD, Annotation, Change
from glyphcore.errors import GlyphError

HTML = """
<section class="glyphcore marks" aria-label="Tags, notes and labels">
  <span class="chosen" role="status"></span>
  <span class="group" role="toolbar" aria-label="Tag the chosen glyphs"></span>
  <button type="button" data-do="label" title="Correct the label  e">= label…</button>
  <button type="button" data-do="tag" title="Another tag  t"># tag…</button>
  <button type="button" data-do="note" title="Note  o">✎ note…</button>
  <button type="button" data-do="undo" title="Undo the last change  u" disabled>↶ undo</button>
  <button type="button" data-do="all" aria-label="Choose the whole page" title="Choose the whole page  Ctrl+A">
    ✓ page</button>
  <button type="button" data-do="only" aria-label="Show only the chosen glyphs"
    title="Show only the chosen glyphs, to export them or to see them on the other pages  b">only</button>
  <button type="button" data-do="none" aria-label="Choose nothing" title="Choose nothing  Esc">none</button>
  <form class="entry" hidden>
    <input type="text" list="tags" autocomplete="off" maxlength="40">
    <datalist id="tags"></datalist>
    <textarea rows="2" maxlength="2000"></textarea>
    <button type="submit">Save</button>
    <button type="button" data-do="close">Cancel</button>
  </form>
  <span class="said" aria-live="polite"></span>
  <span class="problem" role="alert"></span>
</section>
"""

NOTHING_ACKNOWLEDGED: dict[str, Any] = {"client": "", "number": 0, "ids": []}
"""The acknowledgement for a browser that has sent nothing yet."""

_tag_bar = component(__file__, HTML)


def tag_bar(
    tags: Sequence[str], *, about: str, single: bool, key: str, on_change: Callable[[list[Change]], None],
    annotations: Callable[[Sequence[int]], Mapping[int, Annotation]], label_of: Callable[[int, str], str],
) -> bool:  # fmt: skip
    """Draw the bar. Return whether the user has tagged for a while and then stopped, so that counts may be updated.

    A page brings the annotations of its glyphs with it (:func:`read_annotations`); ``annotations`` is called only for
    the glyphs that were just changed. ``about`` is the fingerprint of the database that the glyphs belong to: a change
    never goes to another database. ``tags`` are the tags in use, offered while typing. With ``single`` the bar is about
    the one glyph on screen, else about the glyphs chosen in the grid. ``on_change`` gets changes before the run.
    ``label_of`` turns a glyph id and the typed text into a label. The bar shows the errors that both functions raise.
    """
    done = st.session_state.get(f"{key}_done", NOTHING_ACKNOWLEDGED)
    data = {
        "about": about,
        "annotations": read_annotations(annotations, done["ids"]),
        "standard": STANDARD,
        "tags": [tag for tag in tags if tag not in STANDARD],
        "single": single,
        "done": done,
        "problem": st.session_state.pop(f"{key}_problem", ""),
    }
    result = _tag_bar(
        data=data, key=key, on_settled_change=on_event(key, "settled", lambda _: None),
        on_change_change=on_event(key, "change", lambda sent: _changed(key, sent, about, label_of, on_change)),
    )  # fmt: skip
    return result.settled is not None


def read_annotations(read: Callable[[Sequence[int]], Mapping[int, Annotation]], ids: Sequence[int]) -> dict[str, Any]:
    """Read the annotations of glyphs for a browser: ``of`` has tags, notes and corrections by glyph id, and ``at`` is
    the microsecond in which they were read. Data of one run may reach the page after those of a later run, so the
    browser keeps what was read last."""
    at = time.time_ns() // 1000
    found = read(ids) if ids else {}
    return {"at": at, "of": {str(glyph): asdict(annotation) for glyph, annotation in found.items()}}


def changes_of(
    sent: Any, done: Mapping[str, Any], label_of: Callable[[int, str], str] = lambda _, typed: typed
) -> tuple[list[Change], str]:
    """Return the changes that a browser sent and that are not ``done`` yet, and the last error in one line."""
    behind = done["number"] if done["client"] == sent["client"] else 0
    changes, problem = [], ""
    for sent_change in sent["changes"]:
        if int(sent_change["number"]) <= behind:
            continue
        ids = tuple(map(int, sent_change["ids"]))
        try:
            if "label" in sent_change:
                typed = str(sent_change["label"])
                changes += [Change((glyph,), correction=label_of(glyph, typed) if typed else "") for glyph in ids]
            elif sent_change.get("tag"):
                changes.append(Change(ids, tag=str(sent_change["tag"]), on=bool(sent_change["on"])))
            else:
                changes.append(Change(ids, note=str(sent_change["note"])))
        except GlyphError as error:
            problem = str(error)
    return changes, problem


def _changed(
    key: str, sent: Any, about: str, label_of: Callable[[int, str], str], on_change: Callable[[list[Change]], None]
) -> None:
    if not sent or sent["about"] != about:
        return
    changes, problem = changes_of(sent, st.session_state.get(f"{key}_done", NOTHING_ACKNOWLEDGED), label_of)
    try:
        if changes:
            on_change(changes)
    except GlyphError as error:
        problem = str(error)
    st.session_state[f"{key}_problem"] = problem
    numbers = [int(sent_change["number"]) for sent_change in sent["changes"]]
    ids = sorted({int(glyph) for sent_change in sent["changes"] for glyph in sent_change["ids"]})
    st.session_state[f"{key}_done"] = {"client": sent["client"], "number": max(numbers, default=0), "ids": ids}
