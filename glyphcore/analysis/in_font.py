"""Decodes stored predictions one font at a time (:mod:`glyphcore.decoding`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from glyphcore.analysis.metrics import predictions
from glyphcore.data.geometry import WIDTH
from glyphcore.data.labels import LabelMap
from glyphcore.decoding.decode import decode
from glyphcore.decoding.font_priors import FontPriors
from glyphcore.results.linked import reading_rows
from glyphcore.results.rows import TOP


def in_font(
    path: Path, labels: LabelMap, glyph_id: np.ndarray, geometry: np.ndarray, gid: np.ndarray, priors: FontPriors
) -> pd.DataFrame:
    """Return the rows of :func:`glyphcore.analysis.metrics.predictions`, decoded with the other glyphs of each font.

    ``geometry`` float [n, 6] and glyph indices ``gid`` int64 [n] (−1: unknown) belong to the glyphs ``glyph_id`` int64
    [n], ascending. Only five candidates are stored, so only their order can change. Glyphs of an unknown font stay as
    they are.
    """
    rows = predictions(path)
    top, top_p = _candidates(path, len(rows))
    ids = rows["glyph_id"].to_numpy()
    known = np.isin(ids, glyph_id, assume_unique=True)
    glyph_rows = np.searchsorted(glyph_id, ids[known])
    all_geometry, all_gids = np.zeros((len(ids), WIDTH), np.float32), np.full(len(ids), -1)
    all_geometry[known], all_gids[known] = geometry[glyph_rows], gid[glyph_rows]
    for font, members in rows.groupby("f_id").indices.items():
        if font:
            font_rows = np.asarray(members)[np.argsort(all_gids[members], kind="stable")]
            ordered = bool(all_gids[font_rows[0]] >= 0)  # all glyph indices are known
            top[font_rows] = decode(
                top[font_rows], top_p[font_rows], all_geometry[font_rows], priors, ordered=ordered, duplicate_penalty=0
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
    """Return class indices int64 [n, 5] and probabilities float32 [n, 5], in key order."""
    kind = np.dtype([("top", "<u2", TOP), ("p", "<f4", TOP)])
    with reading_rows(path, "SELECT top FROM details ORDER BY glyph_id") as rows:
        stored = b"".join(blob for (blob,) in rows)
    values = np.frombuffer(stored, kind)
    assert len(values) == n
    return values["top"].astype(np.int64), values["p"]
