"""Hostile input, made by seeded code from real files: one module a kind, each with ``prepare`` and ``case``.

``prepare(folder)`` makes what the cases of a kind start from, once; ``case(seeds, random, box)`` makes one hostile file
inside ``box``, hands it to the program as a user would, and says in a word what came of it. A GlyphError is a right
answer: the file was refused in one line. :class:`Wrong` says that an answer was not right; whatever else is raised,
killed, slow, large or written outside of ``box`` is a finding too.
"""

from __future__ import annotations

KINDS = {
    "fonts": 5000,
    "type1": 2500,
    "pdfs": 2000,
    "cff": 2500,
    "contours": 8000,
    "pictures": 1500,
    "sheets": 1500,
    "databases": 1500,
    "figures": 1500,
    "checkpoints": 500,
    "readers": 400,
    "arrays": 800,
    "links": 700,
    "uploads": 500,
}
"""Kinds and the cases of each that a whole run tries."""


class Wrong(Exception):
    """An answer that claims to be right and is not."""


def require(good: object, otherwise: str) -> None:
    """Raise :class:`Wrong` with ``otherwise`` unless ``good``."""
    if not good:
        raise Wrong(otherwise)
