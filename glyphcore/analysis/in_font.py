"""Decodes stored predictions one font at a time (:mod:`glyphcore.decoding`)."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from glyphcore.analysis.metrics import CHUNK, predictions
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
    if not len(glyph_id):  # a row that no glyph has
        glyph_id, geometry, gid = np.array([-1]), np.zeros((1, WIDTH), np.float32), np.array([-1])
    rows = predictions(path)
    top, top_p = _candidates(path, len(rows))
    at, known = _places(rows["glyph_id"].to_numpy(), glyph_id)
    fonts = rows["f_id"].cat
    for font, members in zip(fonts.categories, _members(fonts.codes.to_numpy(), len(fonts.categories)), strict=True):
        if font:
            its_gids = np.where(known[members], gid[at[members]], -1)
            font_rows = members[np.argsort(its_gids, kind="stable")]
            ordered = bool(its_gids.min() >= 0)  # all glyph indices are known
            its_geometry = np.where(known[font_rows, None], geometry[at[font_rows]], np.float32(0))
            top[font_rows] = decode(
                top[font_rows].astype(np.int64), top_p[font_rows], its_geometry, priors, ordered=ordered,
                duplicate_penalty=0,
            ).top  # fmt: skip
    del top_p, at, known
    truth, pred = rows["label_index"].to_numpy(), top[:, 0]
    among = top == truth[:, None]
    rank = np.where(among.any(1), among.argmax(1).astype(np.int16) + 1, rows["rank"].to_numpy())
    known = truth >= 0
    return rows.assign(
        pred=pd.Categorical.from_codes(pred, pd.Index(labels.labels)),
        rank=rank,
        correct=pred == truth,
        unicode_correct=known & (labels.base_index[pred] == labels.base_index[truth]),
        twin_correct=known & (labels.twin_index[pred] == labels.twin_index[truth]),
    )


def _members(codes: np.ndarray, n: int) -> list[np.ndarray]:
    """Return the positions int64 of each of the codes 0 to n − 1, ascending; −1 is no code."""
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.cumsum(np.bincount(codes + 1, minlength=n + 1)))[1:-1]


def _places(ids: np.ndarray, glyph_id: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions int64 [n] of ``ids`` in ``glyph_id``, which ascends, and whether each is there, bool [n]."""
    at = np.searchsorted(glyph_id, ids).clip(max=len(glyph_id) - 1)
    return at, glyph_id[at] == ids


def _candidates(path: Path, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return class indices uint16 [n, 5] and probabilities float32 [n, 5], in key order."""
    kind = np.dtype([("top", "<u2", TOP), ("p", "<f4", TOP)])
    top, p, start = np.empty((n, TOP), np.uint16), np.empty((n, TOP), np.float32), 0
    with reading_rows(path, "SELECT top FROM details ORDER BY glyph_id") as rows:
        while blobs := [blob for (blob,) in islice(rows, CHUNK)]:
            values = np.frombuffer(b"".join(blobs), kind)
            end = start + len(values)
            top[start:end], p[start:end], start = values["top"], values["p"], end
    assert start == n
    return top, p
