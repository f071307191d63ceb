"""Every key of every page in one place: shown by ``?`` wherever one is, the keys of that page first."""

from __future__ import annotations

from app.shared.assets import component

Keys = tuple[tuple[str, str], ...]
"""Keys as they are printed on them, and what they do."""

TAGS: Keys = (
    ("1 2 3", "mislabelled, ambiguous, design outlier: tag, or take the tag off"),
    ("t", "another tag"),
    ("o", "a note"),
    ("u", "undo"),
)
PAGING: Keys = (("n p  PgDn PgUp", "next, previous page"), ("< >", "first, last page"))
KEYS: dict[str, Keys] = {
    "Browse": (
        ("← → ↑ ↓", "move"),
        ("Home End", "first, last glyph of the page"),
        *PAGING,
        ("Enter", "inspect"),
        ("x", "choose, or choose no longer"),
        ("Shift+click", "choose up to here"),
        ("Ctrl+A", "choose the whole page"),
        ("Esc", "choose nothing"),
        *TAGS,
    ),
    "Inspect": (
        ("[ ]  k j", "previous, next glyph"),
        ("Esc", "back to the selection"),
        ("← → ↑ ↓", "move from cell to cell"),
        ("x", "next wrong cell"),
        ("g p r v", "glyph, predicted patches, target patches, outline"),
        ("c i w", "colours, IDs, wrong cells"),
        ("q e s f", "candidates, edit, sensitivity, fix"),
        ("m n l", "models, similar glyphs, families"),
        ("Enter", "edit: choose what the cell becomes"),
        ("Del y h", "edit: the cell becomes EMPTY, its runner-up, its target"),
        ("z Z", "edit: undo, reset"),
        *TAGS,
    ),
    "Compare": (
        ("← → ↑ ↓", "move over glyphs, in the grids over cells"),
        *PAGING,
        ("Enter", "inspect with B"),
        ("g", "into the grids; Esc back to the glyphs"),
        ("x", "next cell that differs"),
        ("1 2 c w", "glyph, patches read, colours, differing cells"),
    ),
    "Primitives": (
        ("← → ↑ ↓", "move from primitive to primitive; in the heat map from cell to cell"),
        ("Home End", "first, last primitive"),
        ("Enter b", "browse the glyphs that use it, from the heat map those with it in that cell"),
        ("w", "browse the glyphs in which it is misread"),
    ),
    "Map": (
        ("← → ↑ ↓", "next glyph in that direction"),
        ("Shift and arrows", "move the map"),
        ("+ −  0", "zoom; everything"),
        ("l", "lasso on and off; Shift and dragging draws one too"),
        ("v", "choose what is in view"),
        ("b", "browse what is chosen"),
        ("Enter", "inspect"),
        ("c", "next colouring"),
        ("Esc", "choose nothing"),
    ),
    "Fonts": (
        ("← → ↑ ↓", "move"),
        *PAGING,
        ("Enter", "confirm what the model read, go on"),
        ("1 … 5", "confirm that candidate, go on"),
        ("e", "type what it is; Enter confirms, Esc leaves"),
        ("u", "take back"),
    ),
    "PDF": (
        ("← →", "previous, next glyph"),
        ("n p  PgDn PgUp", "next, previous page"),
        ("x", "next glyph that was not read surely"),
        ("1 … 5", "confirm that candidate"),
        ("e", "type what it is; Enter confirms, Esc leaves"),
        ("u", "take back"),
    ),
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
    _keys(data={"page": page, "sections": [{"title": title, "keys": KEYS[title]} for title in order]}, key="keys")
