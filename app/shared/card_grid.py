"""What the HTML of all grids of cards has; their script is ``card_grid.js``."""

from __future__ import annotations


def cards(extra: str, label: str) -> str:
    """A line to turn pages with, something ``extra`` in it, and the place of the cards, named by a ``label``."""
    return f"""
  {pager(extra)}
  <div class="cards" role="group" aria-label="{label}"></div>
"""


def pager(extra: str) -> str:
    """A line to turn pages with, and something ``extra`` in it."""
    return f"""
  <nav class="pager" aria-label="Pages">
    <button type="button" data-page="first" aria-label="First page" title="First page  <">«</button>
    <button type="button" data-page="previous" aria-label="Previous page" title="Previous page  p">‹</button>
    <span class="place" role="status"></span>
    <button type="button" data-page="next" aria-label="Next page" title="Next page  n">›</button>
    <button type="button" data-page="last" aria-label="Last page" title="Last page  >">»</button>
    {extra}
  </nav>
"""
