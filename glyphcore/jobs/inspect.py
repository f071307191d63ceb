"""``glyphcore inspect``: analyse single glyphs by asking the model again; output as text or JSON.

It shows the verdict in one sentence, the prediction of a checkpoint, the prediction when cells are edited, the cells
that the label depends on, the smallest edit that would have been right, the predictions of other checkpoints, and
similar glyphs. The page Inspect of the app shows the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.analysis.checkpoint_predictions import differing
from glyphcore.analysis.verdict import Evidence, Verdict, causes_of_split, cells_of, evidence_of, verdict
from glyphcore.config import InspectConfig
from glyphcore.data.cache import PackedRasters, PngFolder, dataset_key, glyph_geometry, glyph_raster
from glyphcore.data.labels import LabelMap, codepoints
from glyphcore.data.predictions import candidates
from glyphcore.data.primitives import nearest_primitives
from glyphcore.data.raster import GRID, cells
from glyphcore.data.shapes import Shapes
from glyphcore.data.store import GlyphRow, GlyphStore
from glyphcore.data.vector import document, heights, vector
from glyphcore.errors import GlyphError, StoreError
from glyphcore.files import writing
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.families import same_label
from glyphcore.results.inspection import inspect
from glyphcore.results.neighbours import nearest_by_embedding
from glyphcore.results.store import results_path
from glyphcore.runtime.counterfactual import choices, smallest_edit
from glyphcore.runtime.edits import edited, moves, probabilities, sensitivity
from glyphcore.runtime.predictor import Predictor
from glyphcore.runtime.repair import repaired

SHOWN = 8
"""Number of cells that the report lists."""


def run(config: InspectConfig, progress: Progress | None = None) -> Iterator[dict[str, Any]]:
    """Yield the data about each glyph as plain types, and write the outlines if requested.

    Raises GlyphError for an id that the database does not have, and for requested results that do not exist.
    """
    progress = progress or Silent()
    database = GlyphStore(config.db)
    rows = database.glyphs(config.glyphs)
    if missing := sorted(set(config.glyphs) - {row.glyph_id for row in rows}):
        raise GlyphError(f"{config.db} has no glyph {', '.join(map(str, missing))}.", remedy="Check the ids.")
    predictor = Predictor(config.checkpoint)
    others = [Predictor(path) for path in config.beside]
    pngs = PngFolder.of(config.db, config.rasters)
    results = _results(config, predictor, database, pngs, progress)
    judge = Judge(predictor, results, database, config.cache)
    for row in progress.track(rows, total=len(rows), what="glyphs"):
        packed = glyph_raster(row, pngs)
        record = _asked(config, row, packed, predictor)
        record["verdict"] = vars(judge.verdict(row, packed))
        if others:
            grid, book = np.array(record["grid"], np.uint16), predictor.about.codebook
            record["beside"] = [_beside(other, row, packed, grid, book) for other in others]
        if config.similar and results:
            record |= _alike(results, row.glyph_id, config.similar)
        if config.svg:
            with writing(config.svg / f"{row.glyph_id}.svg") as out:
                out.write(document(vector(row.outline(), row, heights(database, row.f_id)), row.label))
        yield record


class Judge:
    """Finds the cause of a model's errors on glyphs of a database (:mod:`glyphcore.analysis.verdict`).

    ``results`` are those of the model on that database. If they are None, neither the other fonts nor the glyph's own
    font are used as evidence. ``cache`` is the folder of the rasters; evidence that needs missing rasters is left out.
    """

    def __init__(self, predictor: Predictor, results: ResultsStore | None, database: GlyphStore, cache: Path) -> None:
        self.predictor, self.results = predictor, results
        outlined = results is not None and database.has_contours
        self.rasters = PackedRasters.existing(database, cache) if outlined else None
        self.shapes = Shapes.of(database, cache) if outlined else None
        self._causes: dict[str, dict[int, str]] = {}

    def verdict(self, row: GlyphRow, packed: np.ndarray) -> Verdict:
        """Judge one glyph of the database. ``packed``: its raster, uint8 [2048]. Raises StoreError for a glyph that the
        results do not have."""
        shape, labels = glyph_geometry(row), self.predictor.labels
        codebook = self.predictor.about.codebook
        truth = labels.index.get(row.label, -1)
        if self.results is not None:
            seen = inspect(self.results, row.glyph_id, packed)
            grid, target, wrong = seen.details.primitive, seen.target, not seen.row.correct
        else:
            said = self.predictor.predict(packed[None], shape[None])
            grid, wrong = said.primitive[0], int(said.top[0, 0]) != truth
            target, _ = nearest_primitives(cells(packed), codebook)
        repair = None
        if wrong and truth >= 0 and target is not None and (grid != target).any():
            repair = repaired(self.predictor, grid, target, shape, truth)
        if self.results is None:
            known = Evidence(
                row.label, labels.labels[said.top[0, 0]], truth >= 0, float(said.top_p[0, 0]),
                **cells_of(grid, target, packed, codebook), repair=repair,
            )  # fmt: skip
        else:
            cause = self._causes_of(self.results, seen.row.split).get(row.glyph_id, "") if wrong and truth >= 0 else ""
            known = evidence_of(self.results, seen, cause=cause, rasters=self.rasters, repair=repair)
        return verdict(known, labels)

    def _causes_of(self, results: ResultsStore, split: str) -> dict[int, str]:
        if split not in self._causes:
            self._causes[split] = causes_of_split(results, self.shapes, split)
        return self._causes[split]


def as_json(record: dict[str, Any]) -> str:
    """Return a record as one line of JSON."""
    return json.dumps(record, ensure_ascii=False)


def report(record: dict[str, Any]) -> str:
    """Return a record of :func:`run` as text."""
    rank = f"rank of true label {record['rank']}" if record["rank"] else "label outside the map"
    lines = [f"glyph {record['glyph_id']}: {record['label']} {record['codepoint']}  ({record['cells']} cells, {rank})"]
    lines.append(record["verdict"]["text"])
    lines += [f"  {candidate['rank']}  {candidate['prob']:.3f}  {candidate['label']}" for candidate in record["top"]]
    if "edited" in record:
        what = " ".join(f"{_place(cell)}={primitive}" for cell, primitive in record["edited"]["edits"])
        lines.append(f"after {what}")
        for move in record["edited"]["top"]:
            change = f"{move['before']:.3f} → {move['after']:.3f} ({move['after'] - move['before']:+.3f})"
            lines.append(f"  {move['rank']:<3} {change}  {move['label']}  (was {move['rank_before']})")
    seen = record["sensitivity"]
    flips = sum(cell["label"] != record["top"][0]["label"] for cell in seen["cells"])
    lines.append(
        f"masking one cell: p({seen['label']}) = {seen['p']:.3f}; {flips} of {record['cells']} change the label"
    )
    for cell in seen["cells"][:SHOWN]:
        becomes = "" if cell["label"] == record["top"][0]["label"] else f"  → {cell['label']}"
        lines.append(f"  {_place(cell['cell']):>5}  {cell['p']:.3f} ({cell['p'] - seen['p']:+.3f}){becomes}")
    lines.append(_smallest_line(record["smallest"]))
    for other in record.get("beside", ()):
        best = other["top"][0]
        lines.append(f"{other['checkpoint']}: {best['label']} {best['prob']:.3f}, {len(other['differs'])} cells differ")
    for alike in record.get("similar", ()):
        sign = "✓" if alike["right"] else "✗"
        lines.append(f"  {alike['cosine']:.3f}  {alike['glyph_id']:>7}  {sign} {alike['label']}  ({alike['family']})")
    if "same_label" in record:
        stats = record["same_label"]
        lines.append(f"same label: {stats['right']} of {stats['glyphs']} glyphs right, in {stats['families']} families")
    return "\n".join(lines)


def _asked(config: InspectConfig, row: GlyphRow, packed: np.ndarray, predictor: Predictor) -> dict[str, Any]:
    labels, about = predictor.labels, predictor.about
    shape = glyph_geometry(row)
    truth = labels.index.get(row.label, -1)
    predictions = predictor.predict(packed[None], shape[None], np.array([truth]))
    ids = predictions.primitive[0]
    target, _ = nearest_primitives(cells(packed), about.codebook)
    watched = truth if truth >= 0 else int(predictions.top[0, 0])
    record: dict[str, Any] = {
        "glyph_id": row.glyph_id,
        "label": row.label,
        "codepoint": codepoints(labels.base[truth]) if truth >= 0 else "",
        "rank": int(predictions.rank[0]),
        "cells": int((ids != 0).sum()),
        "top": candidates(predictions.top[0].tolist(), predictions.top_p[0].tolist(), labels),
        "grid": ids.tolist(),
    }
    if config.edit:
        both = np.stack([ids, edited(ids, config.edit, len(about.codebook))])
        before, after = probabilities(predictor, both, shape)
        top = [
            {"rank": move.rank_after, "label": labels.labels[move.label], "before": move.before, "after": move.after,
             "rank_before": move.rank_before}
            for move in moves(before, after)
        ]  # fmt: skip
        record["edited"] = {"edits": [list(edit) for edit in config.edit], "top": top}
    record["sensitivity"] = _sensitivity(predictor, ids, shape, watched)
    record["smallest"] = None
    if truth >= 0 and truth != predictions.top[0, 0]:
        what = choices(ids, predictions.runner_up[0], target)
        record["smallest"] = vars(smallest_edit(predictor, ids, shape, truth, what, depth=config.depth))
    return record


def _sensitivity(predictor: Predictor, ids: np.ndarray, shape: np.ndarray, watched: int) -> dict[str, Any]:
    seen, labels = sensitivity(predictor, ids, shape, [watched]), predictor.labels.labels
    after = seen.after[:, 0]
    cells_ = [
        {"cell": int(seen.cells[i]), "p": float(after[i]), "label": labels[seen.labels[i]]}
        # cells that change the label first, then cells with the largest effect
        for i in np.lexsort((after, ~seen.flips))
    ]
    return {"label": labels[watched], "p": float(seen.before[0]), "cells": cells_}


def _smallest_line(edit: dict[str, Any] | None) -> str:
    if edit is None:
        return "smallest edit: none is necessary or known"
    what = " ".join(f"{_place(cell)}={primitive}" for cell, primitive in edit["edits"])
    tried = f"{edit['singles']} edits of one cell tested, {edit['wider']} of up to {edit['depth']}"
    if edit["enough"]:
        others = f"{edit['others']} others correct it, too"
        return f"smallest edit that corrects the prediction: {what}, p {edit['p']:.3f} ({tried}; {others})"
    return f"no tested edit corrects the prediction ({tried}); closest: {what or 'none'}, p {edit['p']:.3f}"


def _beside(
    other: Predictor, row: GlyphRow, packed: np.ndarray, grid: np.ndarray, codebook: np.ndarray
) -> dict[str, Any]:
    predictions = other.predict(packed[None], glyph_geometry(row)[None])
    differs, translated = differing(grid, predictions.primitive[0], codebook, other.about.codebook)
    labels: LabelMap = other.labels
    return {
        "checkpoint": other.about.name,
        "top": candidates(predictions.top[0].tolist(), predictions.top_p[0].tolist(), labels),
        "differs": np.flatnonzero(differs).tolist(),
        "translated": translated,
    }


def _alike(results: ResultsStore, glyph_id: int, k: int) -> dict[str, Any]:
    ids, cosine = nearest_by_embedding(results.path, results.columns, glyph_id, k)
    alike = [
        {"glyph_id": row.glyph_id, "cosine": round(float(c), 4), "label": row.label, "pred": row.pred,
         "right": bool(row.correct), "family": row.family}
        for row, c in zip(results.rows(ids.tolist()), cosine, strict=True)
    ]  # fmt: skip
    same = same_label(results, glyph_id)
    return {"similar": alike, "same_label": {"families": same.total, "glyphs": same.glyphs, "right": same.right}}


def _results(
    config: InspectConfig, predictor: Predictor, database: GlyphStore, pngs: PngFolder | None, progress: Progress
) -> ResultsStore | None:
    """Return the checkpoint's results on the database. If they cannot be read, raises StoreError where ``--similar``
    needs them; otherwise returns None, since the verdict works without them."""
    about = predictor.about
    path = results_path(config.results, about.name, about.fingerprint, dataset_key(database, pngs))
    if not config.similar and not path.exists():
        return None
    try:
        return ResultsStore(path)
    except StoreError as error:
        if config.similar:
            raise
        progress.say(f"{error.problem} The other families were not compared")
        return None


def _place(cell: int) -> str:
    return f"{cell // GRID},{cell % GRID}"
