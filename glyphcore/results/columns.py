"""The columns of a results file: one small array a field, beside the table, in the order of glyph ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Columns:
    """About thirty bytes a glyph; nothing here is written to."""

    data: dict[str, np.ndarray]
    """A column [glyphs] each: numbers, or codes into :attr:`words` (:mod:`glyphcore.results.packing`)."""
    words: dict[str, list[str]]
    """The vocabulary of each column, sorted; empty for numbers."""

    def __len__(self) -> int:
        return len(self.data["glyph_id"])

    def row(self, glyph_id: int) -> int | None:
        """Return the row of a glyph, None where there is none."""
        ids = self.data["glyph_id"]
        row = int(np.searchsorted(ids, glyph_id))
        return row if row < len(ids) and ids[row] == glyph_id else None

    def any_of(self, name: str, values: Sequence[str]) -> np.ndarray:
        """Return bool [glyphs]: rows whose word in column ``name`` is one of ``values``."""
        wanted = np.isin(np.array(self.words[name], dtype=object), np.array(values, dtype=object))
        return wanted[self.data[name]] if len(wanted) else np.zeros(len(self), bool)

    def among(self, ids: np.ndarray) -> np.ndarray:
        """Return bool [glyphs]: rows whose glyph is one of ``ids`` (int, any order)."""
        mask, own = np.zeros(len(self), bool), self.data["glyph_id"]
        place = np.searchsorted(own, ids).clip(0, max(len(own) - 1, 0))
        if len(own) and len(ids):
            mask[place[own[place] == ids]] = True
        return mask
