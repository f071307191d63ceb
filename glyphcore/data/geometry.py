"""Geometry of a glyph in its em: five numbers that a fitted raster cannot show.

Fatha and kasra, comma and quote, ``c`` and ``C`` differ only in these numbers.
"""

from __future__ import annotations

import numpy as np

FIELDS = ("width", "height", "y_min", "y_max", "advance")
KNOWN = len(FIELDS)
"""Index of the sixth number: 1 when the geometry is known. Unknown geometry is all zeros."""
WIDTH = len(FIELDS) + 1
LIMIT = 4.0
"""Em; values are clipped to this limit, so that a broken font cannot dominate the input."""


def geometry(box: tuple[float, float, float, float] | None, advance: float | None, upem: float | None) -> np.ndarray:
    """Return float32 [6]: width, height, y-min, y-max, advance in em, and 1; all zeros when any of them is unknown.

    ``box`` is ``x_min, y_min, x_max, y_max``; lengths are in font units.
    """
    if box is None or advance is None or not upem:
        return np.zeros(WIDTH, dtype=np.float32)
    return geometry_each(np.array([box]), np.array([advance]), upem)[0]


def geometry_each(boxes: np.ndarray, advances: np.ndarray, upem: float | np.ndarray) -> np.ndarray:
    """Return float32 [n, 6] as :func:`geometry` does, for known boxes [n, 4], advances [n] and an em or [n] ems."""
    x_min, y_min, x_max, y_max = boxes.T
    values = (np.stack([x_max - x_min, y_max - y_min, y_min, y_max, advances]) / upem).T
    described = np.ones((len(boxes), WIDTH), dtype=np.float32)
    described[:, :KNOWN] = np.clip(values, -LIMIT, LIMIT)
    return described
