"""HTML shared by all grids of cards; their script is ``card_grid.js``."""

from __future__ import annotations


def cards(extra: str, label: str) -> str:
    """Return the pager (with ``extra`` HTML in it) and the container of the cards, named ``label``."""
    return f"""
  {pager(extra)}
  <div class="cards" role="group" aria-label="{label}"></div>
"""


def pager(extra: str) -> str:
    """Return the buttons that turn pages, with ``extra`` HTML among them."""
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
