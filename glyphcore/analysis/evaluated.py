"""All figures of an evaluation whose rows are written: each glyph alone, and read with the rest of its font."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.analysis.in_font import in_font
from glyphcore.analysis.metrics import aggregate, figures_of, trained_fonts
from glyphcore.data.cache import glyph_geometry
from glyphcore.data.designs import designs_of
from glyphcore.data.geometry import WIDTH
from glyphcore.data.labels import LabelMap
from glyphcore.data.store import GlyphStore


def evaluated(
    path: Path,
    training: Mapping[str, Any],
    labels: LabelMap,
    store: GlyphStore,
    known: tuple[np.ndarray, np.ndarray] | None = None,
) -> dict[str, Any]:
    """Figures of :func:`aggregate`, and under ``in_font`` the same of fonts as a whole where fonts are known.

    ``known``: ids int64 [n], ascending, and geometry float32 [n, 6] of the glyphs; None reads them from ``store``.
    """
    trained = trained_fonts(training, store)
    figures = aggregate(path, trained)
    designs = designs_of(labels)
    if "f_id" in store.columns and designs is not None:
        ids, geometry, gid = _glyphs(store, measured=known is None)
        if known is not None:
            gid = gid[np.isin(ids, known[0], assume_unique=True)]
            ids, geometry = known
        figures["in_font"] = figures_of(in_font(path, labels, ids, geometry, gid, designs), trained)
    return figures


def _glyphs(store: GlyphStore, *, measured: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ids int64 [n], geometry float32 [n, 6], or [0, 6] unless ``measured``, and glyph indices int64 [n], −1 where
    unknown, of all glyphs of a database; at most 40 bytes of memory each."""
    ids, shapes, gid = array("q"), bytearray(), array("q")
    measured_here = measured and store.has_geometry and "x_min" not in store.columns  # a box that is not stored
    for row in store.rows(contours=measured_here):
        ids.append(row.glyph_id)
        gid.append(-1 if row.gid is None else row.gid)
        if measured:
            shapes += glyph_geometry(row).tobytes()
    return np.array(ids, np.int64), np.frombuffer(shapes, np.float32).reshape(-1, WIDTH), np.array(gid, np.int64)
