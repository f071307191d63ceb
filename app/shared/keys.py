"""All keys of all pages, shown by ``?`` on every page, with the keys of the current page first.

Each key is described once, in the table of the script that handles it. The overlay prints those tables.
"""

from __future__ import annotations

import re
from pathlib import Path

from app.shared.assets import component, modules
from app.shared.view import CARRIED
from glyphcore.results.where import WORDS

Keys = tuple[tuple[str, str], ...]
"""Pairs of printed keys and their description."""

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
"""The scripts whose keys a page has, by the title of the page."""
ROW = re.compile(r'^  \["([^"]+)", "([^"]+)", ', re.MULTILINE)
"""The first two strings of a row in a table of keys (``KeyRow`` in common.js)."""


def keys_of(script: Path) -> Keys:
    """Return the key tables of a script and of all modules that it imports, in source order."""
    return tuple(row for path in modules(script) for row in ROW.findall(path.read_text(encoding="utf-8")))


KEYS: dict[str, Keys] = {
    page: tuple(row for script in scripts for row in keys_of(APP / script)) for page, scripts in SCRIPTS.items()
}
"""The keys of each page, by the title of the page."""

HTML = """
<section class="glyphcore frame">
  <button type="button" class="ask" aria-label="Show the keys" title="Keys  ?">?</button>
  <dialog aria-label="Keys"><form method="dialog"><button title="Close  Esc">Close</button></form></dialog>
</section>
"""

_keys = component(__file__, HTML)


def key_overlay(page: str) -> None:
    """Draw the button and the overlay for the page with that title."""
    order = sorted(KEYS, key=lambda title: title != page)
    sections = [{"title": title, "keys": KEYS[title]} for title in order]
    _keys(data={"page": page, "sections": sections, "words": selection_words(page)}, key="keys")


def selection_words(page: str) -> tuple[str, ...]:
    """Return the address parameters of a page that describe a selection: undo restores them. ``page`` is its title."""
    if page in ("Browse", "Inspect"):
        return (*WORDS, "sort", "most")
    return CARRIED if page in ("Dashboard", "Compare", "Primitives", "Map") else ()
