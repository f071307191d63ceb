"""Cell patterns as text: they select glyphs by the predicted primitives of their cells.

A pattern is a text of conditions that must all hold, with spaces between them:

======================  ==============================================================================
``5,3=17``              primitive 17 is predicted in row 5, column 3 (both from 0)
``5,3=*``  ``5,3=0``    any ink there; no ink there
``any=17``              primitive 17 is predicted somewhere
``5,3=17>42``           the target is 17 and the prediction is 42; ``17>*``: any other prediction,
                        ``*>42``: any other target, ``*>*``: any misread cell; ``any`` works here too
======================  ==============================================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from glyphcore.data.raster import GRID
from glyphcore.errors import StoreError

ANY = -1
"""In a :class:`Condition`: any cell, or any primitive except EMPTY."""
MOST = GRID * GRID
"""Largest number of conditions of a pattern."""
HELP = "Write it like '5,3=17 5,4=* any=230 any=17>42': row,column=ID; * is ink, 0 is empty, 17>42: 17 predicted as 42."

_CONDITION = re.compile(
    r"(?:(?P<row>\d{1,2}),(?P<column>\d{1,2})|any)=(?:(?P<target>\d{1,4}|\*)>)?(?P<read>\d{1,4}|\*)"
)


@dataclass(frozen=True)
class Condition:
    """One condition on a glyph's cells."""

    cell: int
    """0 to 255, row-major, or :data:`ANY`."""
    read: int
    """Predicted primitive; 0 is EMPTY, :data:`ANY` stands for any ink."""
    target: int | None = None
    """Target, a primitive other than ``read``; :data:`ANY` stands for any other primitive, None for no condition."""

    def __str__(self) -> str:
        where = "any" if self.cell == ANY else f"{self.cell // GRID},{self.cell % GRID}"
        target = "" if self.target is None else f"{_name(self.target)}>"
        return f"{where}={target}{_name(self.read)}"


def parse(text: str) -> tuple[Condition, ...]:
    """Convert text to conditions, without duplicates, in the order written. Raises StoreError for text of another
    form."""
    conditions: dict[Condition, None] = {}
    for word in text.replace(";", " ").split():
        match = _CONDITION.fullmatch(word.lower())
        if match is None:
            raise StoreError(f"{word!r} is not a condition on a cell.", subject=word, remedy=HELP)
        row, column = match["row"], match["column"]
        if row is not None and max(int(row), int(column)) >= GRID:
            raise StoreError(f"{word!r}: rows and columns go from 0 to {GRID - 1}.", subject=word, remedy=HELP)
        cell = ANY if row is None else int(row) * GRID + int(column)
        condition = Condition(cell, _id(match["read"]), None if match["target"] is None else _id(match["target"]))
        if condition.target is not None and (condition.target == condition.read != ANY or 0 in (
            condition.read, condition.target)):  # fmt: skip
            raise StoreError(
                f"{word!r}: an error has two different primitives, and none of them is EMPTY.",
                subject=word,
                remedy=HELP,
            )
        conditions[condition] = None
    if len(conditions) > MOST:
        raise StoreError(f"A pattern of {len(conditions):,} conditions is too long.", remedy=f"Use at most {MOST}.")
    return tuple(conditions)


def write(conditions: tuple[Condition, ...] | list[Condition]) -> str:
    """Convert conditions to text; the inverse of :func:`parse`."""
    return " ".join(map(str, conditions))


def of_cells(read: np.ndarray, chosen: list[int]) -> str:
    """Return the pattern of some cells of a grid. ``read``: primitives int [256]; ``chosen``: cells, row-major."""
    return write([Condition(cell, int(read[cell])) for cell in chosen])


def _id(text: str) -> int:
    return ANY if text == "*" else int(text)


def _name(primitive: int) -> str:
    return "*" if primitive == ANY else str(primitive)
