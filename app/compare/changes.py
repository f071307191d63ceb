"""Changes between two checkpoints: classes, families and labels with the largest losses and gains, each with a link to
its flips."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.shared.assets import component
from app.shared.events import on_event
from app.shared.naming import CLASSES, readable_character, readable_label
from glyphcore.analysis.flips import Change
from glyphcore.data.labels import LabelMap, codepoints

HTML = """
<section class="glyphcore changes" aria-label="Changes"></section>
"""
TITLES = {"char_class": "Classes", "family": "Families", "label": "Labels"}
MAX_ROWS = 14
"""Most losses, and most gains, shown in each column."""

_changes = component(__file__, HTML)


def change_lists(
    changes: Mapping[str, Sequence[Change]], labels: LabelMap, chosen: dict[str, str], *, key: str,
    on_choose: Callable[[dict[str, str]], None],
) -> None:  # fmt: skip
    """Draw changes by column, worst loss first; ``chosen``: the narrowing of the flips, by column.

    ``on_choose`` gets ``{column: name, "kind": …}`` for the flips to show, before the run.
    """
    data = {
        "columns": [_column(name, column_changes, labels) for name, column_changes in changes.items()],
        "chosen": chosen,
    }
    _changes(data=data, key=key, on_choose_change=on_event(key, "choose", lambda sent: on_choose(dict(sent))))


def _column(name: str, changes: Sequence[Change], labels: LabelMap) -> dict[str, Any]:
    lost = [change for change in changes if change.broken > change.fixed]
    won = [change for change in reversed(changes) if change.fixed > change.broken]
    return {
        "name": name, "title": TITLES[name], "n": len(changes), "lost": len(lost), "won": len(won),
        "losses": [_row(name, change, labels) for change in lost[:MAX_ROWS]],
        "gains": [_row(name, change, labels) for change in won[:MAX_ROWS]],
    }  # fmt: skip


def _row(column: str, change: Change, labels: LabelMap) -> dict[str, Any]:
    base, words = "", change.name
    if column == "label":
        words = readable_label(change.name)
        base = labels.base[labels.index[change.name]] if change.name in labels.index else ""
    elif column == "char_class":
        words = CLASSES.get(change.name, change.name)
    return {
        "name": change.name,
        "words": words or "unknown",
        "shown": readable_character(base, change.name) if base else "",
        "codes": codepoints(base) if base else "",
        "n": change.n,
        "a": change.a,
        "b": change.b,
        "fixed": change.fixed,
        "broken": change.broken,
        "p": change.p,
    }
