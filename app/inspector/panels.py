"""Data of Inspect's panels: domain objects → plain data for the inspector's script."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from app.shared.grid import item
from app.shared.naming import readable_character, readable_label
from app.shared.results_chooser import fingerprint
from glyphcore.analysis.checkpoint_predictions import CheckpointPrediction
from glyphcore.data.edits import Edit, Found, Move, Sensitivity
from glyphcore.data.labels import LabelMap, codepoints
from glyphcore.data.primitives import EMPTY, INK, squared_distances
from glyphcore.data.raster import cells
from glyphcore.data.vector import Vector, document
from glyphcore.results.browse import ResultRow
from glyphcore.results.families import SameLabel
from glyphcore.results.inspection import Candidate, Inspection

Data = dict[str, Any]
NEAREST = 6
"""Codebook entries offered for a cell."""
DRIFT = 5e-4
"""Smallest difference from the stored probabilities that the panel mentions."""


def encoded(data: np.ndarray | None) -> str:
    """Return an array's bytes as base64; empty for None."""
    return "" if data is None else base64.b64encode(np.ascontiguousarray(data).tobytes()).decode()


def named(label: str, base: str) -> Data:
    """Return a label with its display texts for the script."""
    return {
        "label": label,
        "name": readable_label(label),
        "shown": readable_character(base, label),
        "codes": codepoints(base),
    }


def candidate_rows(candidates: Iterable[Candidate]) -> list[Data]:
    """Return the five candidates with their examples."""
    return [
        named(candidate.label, candidate.base)
        | {"p": candidate.p, "truth": candidate.truth, "examples": candidate.examples}
        for candidate in candidates
    ]


def edit_panel(
    inspection: Inspection, codebook: np.ndarray, labels: LabelMap, edits: Edit,
    answer: tuple[list[Move], float] | None, remark: str,
) -> Data:  # fmt: skip
    """Return the edits so far, their effect (``answer``, None without edits), and what each cell could become."""
    offered = nearest_primitives(inspection, codebook)
    used = (
        {primitive for _, primitive in edits}
        | {primitive for choices in offered.values() for primitive in choices}
        | {EMPTY}
    )
    moved, drift = answer or ([], 0.0)
    return {
        "kind": "edit",
        "moves": [_move(move, labels, inspection.row.label_index) for move in moved],
        "offered": offered,
        "primitives": len(codebook),
        "remark": _remarks(remark, drift),
        **_patches(used, codebook),
    }


def nearest_primitives(inspection: Inspection, codebook: np.ndarray, n: int = NEAREST) -> dict[int, list[int]]:
    """Return, for each cell with ink, the ``n`` most similar codebook entries (without a picture: to its primitive)."""
    if inspection.packed is not None:
        patches = np.unpackbits(cells(inspection.packed), axis=-1) * np.uint8(INK)
    else:
        patches = codebook[inspection.details.primitive].reshape(-1, 64)
    inked = np.flatnonzero(patches.any(1))
    distance = squared_distances(patches[inked], codebook[1:].reshape(-1, 64))
    best = np.argsort(distance, axis=1, kind="stable")[:, :n] + 1
    return dict(zip(inked.tolist(), best.tolist(), strict=True))


def sensitivity_panel(inspection: Inspection, sensitivity: Sensitivity, labels: LabelMap, remark: str) -> Data:
    """Return the effect of masking each cell on the truth and on the prediction."""
    return {
        "kind": "sensitivity",
        "watched": [
            named(labels.labels[i], labels.base[i]) | {"p": float(p), "truth": i == inspection.row.label_index}
            for i, p in zip(sensitivity.watched, sensitivity.before, strict=True)
        ],
        "cells": sensitivity.cells.tolist(),
        "after": np.round(sensitivity.after, 5).tolist(),
        "becomes": [
            named(labels.labels[i], labels.base[i]) | {"truth": int(i) == inspection.row.label_index} if flips else None
            for i, flips in zip(sensitivity.labels.tolist(), sensitivity.flips.tolist(), strict=True)
        ],
        "remark": remark,
    }


def fix_panel(
    inspection: Inspection, counterfactual: Found, codebook: np.ndarray, labels: LabelMap, remark: str
) -> Data:
    """Return the smallest edit that was found, and the extent of the search."""
    goal = inspection.row.label_index
    return {
        "kind": "fix",
        "right": bool(inspection.row.correct),
        "goal": named(labels.labels[goal], labels.base[goal]),
        **asdict(counterfactual),
        "remark": remark,
        **_patches({primitive for _, primitive in counterfactual.edits} | {EMPTY}, codebook),
    }


def models_panel(files: Sequence[tuple[str, str]], predictions: Sequence[CheckpointPrediction]) -> Data:
    """Return every checkpoint that can be shown beside the first, and the predictions of the chosen ones."""
    chosen = {prediction.file for prediction in predictions}
    names = [name for _, name in files]
    return {
        "kind": "models",
        "files": [
            {
                "file": file,
                "name": name if names.count(name) == 1 else f"{name} {fingerprint(file)}",
                "chosen": file in chosen,
            }
            for file, name in files
        ],
        "predictions": [
            {
                "file": prediction.file,
                "row": item(prediction.row),
                "top": [
                    named(candidate.label, candidate.base) | {"p": candidate.p, "truth": candidate.truth}
                    for candidate in prediction.top
                ],
                "primitive": prediction.details.primitive.tolist(),
                "p": np.round(prediction.details.primitive_p, 3).tolist(),
                "differs": np.flatnonzero(prediction.differs).tolist(),
                "translated": prediction.translated,
                "used": prediction.used.tolist(),
                "patches": encoded(prediction.patches),
            }
            for prediction in predictions
        ],
    }


def near_panel(rows: Sequence[ResultRow], cosine: Sequence[float], sprite: str, scope: str) -> Data:
    """Return the thumbnails of the nearest glyphs."""
    items = [item(row) | {"cosine": round(c, 3), "split": row.split} for row, c in zip(rows, cosine, strict=True)]
    return {"kind": "near", "items": items, "sprite": sprite, "scope": scope}


def families_panel(same: SameLabel, sprite: str) -> Data:
    """Return the thumbnails of a label's families."""
    items = [item(family.row) | {"n": family.n, "right": family.right} for family in same.families]
    counts = {"total": same.total, "glyphs": same.glyphs, "right": same.right, "known": same.known}
    return {"kind": "families", "items": items, "sprite": sprite, **counts}


def vector_data(drawn: Vector, glyph: int, label: str) -> Data:
    """Return an outline with its points, and the SVG file to save."""
    return asdict(drawn) | {"file": document(drawn, label), "name": f"{label}-{glyph}.svg"}


def _move(move: Move, labels: LabelMap, truth: int) -> Data:
    return named(labels.labels[move.label], labels.base[move.label]) | asdict(move) | {"truth": move.label == truth}


def _patches(ids: set[int], codebook: np.ndarray) -> Data:
    used = sorted(primitive for primitive in ids if primitive < len(codebook))
    return {"used": used, "patches": encoded(codebook[used])}


def _remarks(remark: str, drift: float) -> str:
    away = f"Without edits, the probabilities differ by {drift:.3f} from the stored ones." if drift > DRIFT else ""
    return " ".join(filter(None, (remark, away)))
