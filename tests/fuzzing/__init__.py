"""Hostile input, made by seeded code from real files: one module per kind, each with ``prepare`` and ``case``.

``prepare(folder)`` makes the seeds of a kind, once; ``case(seeds, random, box)`` makes one hostile file inside ``box``,
passes it to the program as a user would, and returns the result in a word. A GlyphError is a right answer: the file was
refused in one line. :class:`Wrong` reports a wrong answer. Any other exception, a killed or slow process, too much
memory, and files written outside of ``box`` are findings too.
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
"""Kinds, and the number of cases of each in a whole run."""


class Wrong(Exception):
    """An answer that passes for right and is wrong."""


def require(good: object, otherwise: str) -> None:
    """Raise :class:`Wrong` with ``otherwise`` unless ``good``."""
    if not good:
        raise Wrong(otherwise)
