"""Stored predictions, decoded a font at a time (:mod:`glyphcore.decoding`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from glyphcore.analysis.metrics import predictions
from glyphcore.data.geometry import WIDTH
from glyphcore.data.labels import LabelMap
from glyphcore.decoding.decode import decode
from glyphcore.decoding.font_priors import FontPriors
from glyphcore.results.connection import reading
from glyphcore.results.details import TOP


def in_font(
    path: Path, labels: LabelMap, glyph_id: np.ndarray, geometry: np.ndarray, gid: np.ndarray, priors: FontPriors
) -> pd.DataFrame:
    """The rows of :func:`glyphcore.analysis.metrics.predictions` with what changes when the font is known.

    ``geometry`` float [n, 6] and glyph indices ``gid`` int64 [n] (−1: unknown) are of the glyphs ``glyph_id`` int64
    [n], ascending. Five candidates are stored, so only they change places. Glyphs of an unknown font stay as they are.
    """
    rows = predictions(path)
    top, top_p = _candidates(path, len(rows))
    ids = rows["glyph_id"].to_numpy()
    known = np.isin(ids, glyph_id, assume_unique=True)
    place = np.searchsorted(glyph_id, ids[known])
    its_geometry, its_gid = np.zeros((len(ids), WIDTH), np.float32), np.full(len(ids), -1)
    its_geometry[known], its_gid[known] = geometry[place], gid[place]
    for font, members in rows.groupby("f_id").indices.items():
        if font:
            font_rows = np.asarray(members)[np.argsort(its_gid[members], kind="stable")]
            ordered = bool(its_gid[font_rows[0]] >= 0)  # all are known
            top[font_rows] = decode(
                top[font_rows], top_p[font_rows], its_geometry[font_rows], priors, ordered=ordered, duplicate_penalty=0
            ).top
    truth, pred = rows["label_index"].to_numpy(), top[:, 0]
    among = top == truth[:, None]
    rank = np.where(among.any(1), among.argmax(1) + 1, rows["rank"].to_numpy())
    known = truth >= 0
    return rows.assign(
        pred=np.array(labels.labels)[pred],
        rank=rank,
        correct=pred == truth,
        unicode_correct=known & (labels.base_index[pred] == labels.base_index[truth]),
        twin_correct=known & (labels.twin_index[pred] == labels.twin_index[truth]),
    )


def _candidates(path: Path, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Class indices int64 [n, 5] and probabilities float32 [n, 5], in key order."""
    kind = np.dtype([("top", "<u2", TOP), ("p", "<f4", TOP)])
    with reading(path) as connection:
        stored = b"".join(blob for (blob,) in connection.execute("SELECT top FROM details ORDER BY glyph_id"))
    found = np.frombuffer(stored, kind)
    assert len(found) == n
    return found["top"].astype(np.int64), found["p"]
