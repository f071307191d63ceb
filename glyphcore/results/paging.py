"""Pages of a list of glyphs. A page is identified by its first glyph, not by a number, so that a link keeps its
meaning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Window:
    """One page of a list, and the first glyphs of other pages."""

    ids: list[int]
    """The glyphs of the page."""
    position: int
    """Rank of the first glyph of the page in the list, from 0."""
    total: int
    """Length of the list."""
    first: int | None
    """Glyph id at the start of the first page; None for an empty list."""
    previous: int | None
    """Glyph id at the start of the previous page; None on the first page."""
    next: int | None
    """Glyph id at the start of the next page; None on the last page."""
    last: int | None
    """Glyph id at the start of the last page; None for an empty list."""


def window(ids: np.ndarray, position: int, limit: int) -> Window:
    """Return the page of ``limit`` glyphs that starts at ``position`` of ``ids`` (int [n]).

    A position outside the list is replaced by that of the first or last glyph.
    """
    position = max(0, min(position, len(ids) - 1))

    def at(rank: int) -> int | None:
        return int(ids[rank]) if 0 <= rank < len(ids) else None

    return Window(
        ids=ids[position : position + limit].tolist(),
        position=position,
        total=len(ids),
        first=at(0),
        previous=at(max(0, position - limit)) if position else None,
        next=at(position + limit),
        last=at((len(ids) - 1) // limit * limit),
    )
