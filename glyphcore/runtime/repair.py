"""Tests whether misread cells cause a wrong label: the model is asked again with their targets in place."""

from __future__ import annotations

import numpy as np

from glyphcore.data.edits import Repair
from glyphcore.runtime.edits import probabilities
from glyphcore.runtime.predictor import Predictor


def repaired(
    predictor: Predictor, ids: np.ndarray, target: np.ndarray, geometry: np.ndarray, truth: int
) -> Repair:  # fmt: skip
    """Replace the cells of a grid by their targets: all at once, one by one, then the most helpful ones together until
    they are enough.

    ``ids`` and ``target``: grids uint16 [256]; ``geometry``: float32 [6]; ``truth``: class index. There are two batches
    of at most 256 grids each. The named cells are the fewest that were found, not proven to be the fewest.
    """
    misread = np.flatnonzero(ids != target)
    whole = probabilities(predictor, np.asarray(target, np.uint16)[None], geometry)[0]
    label = int(whole.argmax())
    found = Repair(label, float(whole[label]), ())
    if label != truth or not len(misread):
        return found
    single = np.tile(np.asarray(ids, np.uint16), (len(misread), 1))
    single[np.arange(len(misread)), misread] = target[misread]
    helpful = misread[np.argsort(-probabilities(predictor, single, geometry)[:, truth], kind="stable")]
    together = np.tile(np.asarray(ids, np.uint16), (len(misread), 1))
    for i in range(len(helpful)):
        together[i:, helpful[i]] = target[helpful[i]]
    enough = np.flatnonzero(probabilities(predictor, together, geometry).argmax(1) == truth)
    few = int(enough[0]) + 1 if len(enough) else len(helpful)  # the question above showed that all of them are enough
    return Repair(label, float(whole[label]), tuple(helpful[:few].tolist()))
