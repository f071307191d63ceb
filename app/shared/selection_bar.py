"""One line under the navigation, the same on all pages: the conditions of the selection, and buttons to remove them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.shared.assets import component
from app.shared.conditions import conditions
from app.shared.events import on_event
from glyphcore.results.filters import Filters

HTML = """
<section class="glyphcore selection" aria-label="Selection of glyphs">
  <span class="name">Only</span>
  <span class="chips" role="list"></span>
  <button type="button" class="clear" title="Remove all conditions; Ctrl+Z undoes this">
    clear</button>
  <span class="count dim" role="status"></span>
</section>
"""

_selection_bar = component(__file__, HTML)


def selection_bar(filters: Filters, count: str, *, key: str, on_change: Callable[..., None]) -> bool:
    """Draw the conditions of ``filters``; return whether there are any. Without conditions, nothing is drawn.

    ``count`` says how many glyphs pass. ``on_change`` gets the fields that change, before the run.
    """
    shown = conditions(filters)
    if not shown:
        return False

    def drop(sent: Any) -> None:
        """Drop a condition, found by its text: another page may have changed the number of conditions meanwhile."""
        for condition in shown:
            if condition.text == sent:
                on_change(**condition.without)

    everything = {name: value for condition in shown for name, value in condition.without.items()}

    def clear(_: Any) -> None:
        on_change(**{name: type(value)() if isinstance(value, (tuple, str)) else value
                     for name, value in everything.items()})  # fmt: skip

    _selection_bar(
        data={"chips": [[condition.text, condition.excluded] for condition in shown], "count": count},
        key=key,
        on_drop_change=on_event(key, "drop", drop),
        on_clear_change=on_event(key, "clear", clear),
    )
    return True
