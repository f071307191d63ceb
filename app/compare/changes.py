"""Where two checkpoints differ: classes, families and labels that lost and gained most, each the way to its flips."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.shared.assets import component
from app.shared.events import heard
from app.shared.naming import CLASSES, readable, shown
from glyphcore.analysis.flips import Change
from glyphcore.data.labels import LabelMap, codepoints

HTML = """
<section class="glyphcore changes" aria-label="What moved"></section>
"""
TITLES = {"char_class": "Classes", "family": "Families", "label": "Labels"}
MOST = 14
"""Losses and gains shown of each column."""

_changes = component(__file__, HTML)


def change_lists(
    found: Mapping[str, Sequence[Change]], labels: LabelMap, chosen: dict[str, str], *, key: str,
    on_choose: Callable[[dict[str, str]], None],
) -> None:  # fmt: skip
    """Draw changes by column, worst loss first; ``chosen``: what flips are narrowed to, by column.

    ``on_choose`` gets ``{column: name, "kind": …}`` for the flips to show, before the run.
    """
    data = {
        "columns": [_column(name, its, labels) for name, its in found.items()],
        "chosen": chosen,
    }
    _changes(data=data, key=key, on_choose_change=heard(key, "choose", lambda sent: on_choose(dict(sent))))


def _column(name: str, found: Sequence[Change], labels: LabelMap) -> dict[str, Any]:
    lost = [each for each in found if each.broken > each.fixed]
    won = [each for each in reversed(found) if each.fixed > each.broken]
    return {
        "name": name, "title": TITLES[name], "n": len(found), "lost": len(lost), "won": len(won),
        "losses": [_row(name, each, labels) for each in lost[:MOST]],
        "gains": [_row(name, each, labels) for each in won[:MOST]],
    }  # fmt: skip


def _row(column: str, each: Change, labels: LabelMap) -> dict[str, Any]:
    base, words = "", each.name
    if column == "label":
        words = readable(each.name)
        base = labels.base[labels.index[each.name]] if each.name in labels.index else ""
    elif column == "char_class":
        words = CLASSES.get(each.name, each.name)
    return {
        "name": each.name, "words": words or "unknown", "shown": shown(base, each.name) if base else "",
        "codes": codepoints(base) if base else "", "n": each.n, "a": each.a, "b": each.b, "fixed": each.fixed,
        "broken": each.broken, "p": each.p,
    }  # fmt: skip
