"""What each panel of Inspect is given: domain objects → plain data for the inspector's script."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from app.shared.grid import item
from app.shared.naming import readable, shown
from app.shared.results_chooser import fingerprint
from glyphcore.analysis.beside import Opinion
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
"""Difference to the stored probabilities from which it is worth a word."""


def encoded(data: np.ndarray | None) -> str:
    """An array's bytes as base64; empty for None."""
    return "" if data is None else base64.b64encode(np.ascontiguousarray(data).tobytes()).decode()


def named(label: str, base: str) -> Data:
    """A label as the script shows it."""
    return {"name": readable(label), "shown": shown(base, label), "codes": codepoints(base)}


def candidate_rows(found: Iterable[Candidate]) -> list[Data]:
    """The five candidates with their examples."""
    return [named(each.label, each.base) | {"p": each.p, "truth": each.truth, "examples": each.examples}
            for each in found]  # fmt: skip


def edit_panel(
    seen: Inspection, codebook: np.ndarray, labels: LabelMap, edits: Edit,
    answer: tuple[list[Move], float] | None, remark: str,
) -> Data:  # fmt: skip
    """Edits so far and what they do (``answer``, None while there are none), and what each cell could become."""
    offered = nearest_primitives(seen, codebook)
    used = {primitive for _, primitive in edits} | {each for some in offered.values() for each in some} | {EMPTY}
    moved, drift = answer or ([], 0.0)
    return {
        "kind": "edit",
        "moves": [_move(move, labels, seen.row.label_index) for move in moved],
        "offered": offered,
        "primitives": len(codebook),
        "remark": _remarks(remark, drift),
        **_patches(used, codebook),
    }


def nearest_primitives(seen: Inspection, codebook: np.ndarray, n: int = NEAREST) -> dict[int, list[int]]:
    """For each cell with ink, the ``n`` codebook entries that look most like it (without a picture: its primitive)."""
    if seen.packed is not None:
        patches = np.unpackbits(cells(seen.packed), axis=-1) * np.uint8(INK)
    else:
        patches = codebook[seen.details.primitive].reshape(-1, 64)
    inked = np.flatnonzero(patches.any(1))
    distance = squared_distances(patches[inked], codebook[1:].reshape(-1, 64))
    best = np.argsort(distance, axis=1, kind="stable")[:, :n] + 1
    return dict(zip(inked.tolist(), best.tolist(), strict=True))


def sensitivity_panel(seen: Inspection, found: Sensitivity, labels: LabelMap, remark: str) -> Data:
    """What masking each cell does to the truth and to the prediction."""
    return {
        "kind": "sensitivity",
        "watched": [
            named(labels.labels[i], labels.base[i]) | {"p": float(p), "truth": i == seen.row.label_index}
            for i, p in zip(found.watched, found.before, strict=True)
        ],
        "cells": found.cells.tolist(),
        "after": np.round(found.after, 5).tolist(),
        "becomes": [
            named(labels.labels[i], labels.base[i]) | {"truth": int(i) == seen.row.label_index} if flips else None
            for i, flips in zip(found.labels.tolist(), found.flips.tolist(), strict=True)
        ],
        "remark": remark,
    }


def fix_panel(seen: Inspection, found: Found, codebook: np.ndarray, labels: LabelMap, remark: str) -> Data:
    """The smallest edit that was found, and what was searched."""
    goal = seen.row.label_index
    return {
        "kind": "fix",
        "right": bool(seen.row.correct),
        "goal": named(labels.labels[goal], labels.base[goal]),
        **asdict(found),
        "remark": remark,
        **_patches({primitive for _, primitive in found.edits} | {EMPTY}, codebook),
    }


def models_panel(files: Sequence[tuple[str, str]], opinions: Sequence[Opinion]) -> Data:
    """Every checkpoint that could stand beside the first, and what the chosen ones say."""
    chosen = {opinion.file for opinion in opinions}
    names = [name for _, name in files]
    return {
        "kind": "models",
        "files": [
            {"file": file, "name": name if names.count(name) == 1 else f"{name} {fingerprint(file)}",
             "chosen": file in chosen}
            for file, name in files
        ],
        "opinions": [
            {
                "file": opinion.file,
                "row": item(opinion.row),
                "top": [named(each.label, each.base) | {"p": each.p, "truth": each.truth} for each in opinion.top],
                "primitive": opinion.details.primitive.tolist(),
                "p": np.round(opinion.details.primitive_p, 3).tolist(),
                "differs": np.flatnonzero(opinion.differs).tolist(),
                "translated": opinion.translated,
                "used": opinion.used.tolist(),
                "patches": encoded(opinion.patches),
            }
            for opinion in opinions
        ],
    }  # fmt: skip


def near_panel(rows: Sequence[ResultRow], cosine: Sequence[float], sprite: str, scope: str) -> Data:
    """Thumbnails of the nearest glyphs."""
    items = [item(row) | {"cosine": round(c, 3), "split": row.split} for row, c in zip(rows, cosine, strict=True)]
    return {"kind": "near", "items": items, "sprite": sprite, "scope": scope}


def families_panel(found: SameLabel, sprite: str) -> Data:
    """Thumbnails of a label's families."""
    items = [item(each.row) | {"n": each.n, "right": each.right} for each in found.families]
    counts = {"total": found.total, "glyphs": found.glyphs, "right": found.right, "known": found.known}
    return {"kind": "families", "items": items, "sprite": sprite, **counts}


def vector_data(drawn: Vector, glyph: int, label: str) -> Data:
    """An outline with its points, and the whole file to be saved."""
    return asdict(drawn) | {"file": document(drawn, label), "name": f"{label}-{glyph}.svg"}


def _move(move: Move, labels: LabelMap, truth: int) -> Data:
    return named(labels.labels[move.label], labels.base[move.label]) | asdict(move) | {"truth": move.label == truth}


def _patches(ids: set[int], codebook: np.ndarray) -> Data:
    used = sorted(each for each in ids if each < len(codebook))
    return {"used": used, "patches": encoded(codebook[used])}


def _remarks(remark: str, drift: float) -> str:
    away = f"Unedited it is {drift:.3f} away from the stored probabilities." if drift > DRIFT else ""
    return " ".join(filter(None, (remark, away)))
