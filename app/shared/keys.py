"""Every key of every page in one place: shown by ``?`` wherever one is, the keys of that page first.

What a key does is said once, in the table of the script that does it; the overlay prints those tables.
"""

from __future__ import annotations

import re
from pathlib import Path

from app.shared.assets import component, modules
from app.shared.view import CARRIED
from glyphcore.results.where import WORDS

Keys = tuple[tuple[str, str], ...]
"""Keys as they are printed on them, and what they do."""

APP = Path(__file__).resolve().parents[1]
EVERYWHERE = "Every page with a selection"
SCRIPTS = {
    "Browse": ("shared/grid.js", "shared/tags.js"),
    "Inspect": ("inspector/inspector.js", "inspector/verdict.js", "shared/tags.js"),
    "Compare": ("compare/flips.js",),
    "Primitives": ("primitives/codebook.js",),
    "Map": ("map/map.js",),
    "Fonts": ("fonts/glyph_grid.js",),
    "PDF": ("pdf/viewer.js",),
    EVERYWHERE: ("shared/trail.js",),
}
"""The components whose keys a page has, by its title."""
ROW = re.compile(r'^  \["([^"]+)", "([^"]+)", ', re.MULTILINE)
"""The first words of a row of a table of keys (``KeyRow`` in common.js)."""


def keys_of(script: Path) -> Keys:
    """The tables of keys of a script and of all that it imports, in the order in which they are written."""
    return tuple(row for path in modules(script) for row in ROW.findall(path.read_text(encoding="utf-8")))


KEYS: dict[str, Keys] = {
    page: tuple(row for script in scripts for row in keys_of(APP / script)) for page, scripts in SCRIPTS.items()
}
"""By title of the page."""

HTML = """
<section class="glyphcore frame">
  <button type="button" class="ask" aria-label="Show the keys" title="Keys  ?">?</button>
  <dialog aria-label="Keys"><form method="dialog"><button title="Close  Esc">Close</button></form></dialog>
</section>
"""

_keys = component(__file__, HTML)


def key_overlay(page: str) -> None:
    """The button and the overlay for a page, named by its title."""
    order = sorted(KEYS, key=lambda title: title != page)
    sections = [{"title": title, "keys": KEYS[title]} for title in order]
    _keys(data={"page": page, "sections": sections, "words": selection_words(page)}, key="keys")


def selection_words(page: str) -> tuple[str, ...]:
    """What of a selection the addresses of a page have, named by its title: what undo takes back there."""
    if page in ("Browse", "Inspect"):
        return (*WORDS, "sort", "most")
    return CARRIED if page in ("Dashboard", "Compare", "Primitives", "Map") else ()
