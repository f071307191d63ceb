"""All figures of an evaluation whose rows are written: for each glyph alone, and decoded together with its font."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.analysis.in_font import in_font
from glyphcore.analysis.metrics import aggregate, figures_of
from glyphcore.data.cache import glyph_geometry
from glyphcore.data.geometry import WIDTH
from glyphcore.data.labels import LabelMap
from glyphcore.data.splits import trained_fonts
from glyphcore.data.store import GlyphStore
from glyphcore.decoding.font_priors import priors_of


def evaluated(
    path: Path,
    training: Mapping[str, Any],
    labels: LabelMap,
    store: GlyphStore,
    known: tuple[np.ndarray, np.ndarray] | None = None,
) -> dict[str, Any]:
    """Return the figures of :func:`aggregate`; under ``in_font`` those of font-level decoding where fonts are known.

    ``known``: ids int64 [n], ascending, and geometry float32 [n, 6] of the glyphs; None reads them from ``store``.
    """
    trained = trained_fonts(training, store)
    figures = aggregate(path, trained)
    priors = priors_of(labels)
    if "f_id" in store.columns and priors is not None:
        ids, geometry = known or _geometry(store)
        figures["in_font"] = figures_of(in_font(path, labels, ids, geometry, _gids(store, ids), priors), trained)
    return figures


def _geometry(store: GlyphStore) -> tuple[np.ndarray, np.ndarray]:
    """Return ids and geometry of every glyph; this takes 32 bytes of memory per glyph."""
    ids, shapes = array("q"), bytearray()
    # a box that is not stored is measured from the outline
    outlined = store.has_geometry and "x_min" not in store.columns
    for row in store.rows(contours=outlined):
        ids.append(row.glyph_id)
        shapes += glyph_geometry(row).tobytes()
    return np.array(ids, dtype=np.int64), np.frombuffer(shapes, np.float32).reshape(-1, WIDTH)


def _gids(store: GlyphStore, ids: np.ndarray) -> np.ndarray:
    """Return glyph indices int64 [n] of these glyphs, by ascending id; −1 where unknown."""
    rows = ((row.glyph_id, -1 if row.gid is None else row.gid) for row in store.rows(contours=False))
    pairs = np.fromiter(rows, np.dtype((np.int64, 2)))
    return pairs[np.searchsorted(pairs[:, 0], ids), 1]
