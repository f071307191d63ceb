"""The cause of one wrong reading, in one sentence with its figures: the font, the stem, the codebook, the mixer or the
label.

The label of a glyph is computed from its grid of primitives and its box, and from nothing else. So a wrong label has
one of few causes, and each cause is tested by a question:

1. Does its font draw another label with exactly the same shape (:mod:`.error_causes`)? Then nobody can tell them apart.
2. Were cells misread, and is the truth read once these cells have their targets? Then these cells decide. The stem is
   to blame where the codebook had a better entry, the codebook where it had no clearly better entry.
3. Otherwise the grid is correct. Do the other fonts draw the predicted label like this (:mod:`.label_issues`)? Then the
   font is to blame, or the label is wrong. If they do not, the mixer is to blame.

The second question needs the model; without the model it stays open, and the sentence says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from glyphcore.analysis.error_causes import CAUSES, cause_of
from glyphcore.analysis.evaluation_slice import evaluation_slice
from glyphcore.analysis.label_issues import Sides, sides
from glyphcore.analysis.report import label_counts, sees_geometry
from glyphcore.data.cache import PackedRasters
from glyphcore.data.edits import Repair
from glyphcore.data.labels import LabelMap, readable_label
from glyphcore.data.primitives import INK
from glyphcore.data.raster import GRID, cells
from glyphcore.data.shapes import Shapes
from glyphcore.results.browse import ResultsStore
from glyphcore.results.inspection import Inspection

BLAMED = ("nothing", "font", "stem", "codebook", "mixer", "label", "open")
CLOSE = 2.0
"""Pixels of a cell by which an entry must fit better than another for the codebook to tell them apart."""
FAR = 16.0
"""Number of different pixels, of 64, from which an entry does not resemble its cell."""
TELLING = ("twin", "form", "rare", "place")
"""Causes that the sentence about the mixer mentions."""
NAMED = 6
"""Number of cells that the sentence names."""


@dataclass(frozen=True)
class Evidence:
    """Facts about one reading; None where a question could not be asked."""

    truth: str
    """The glyph's label."""
    pred: str
    """The prediction for the glyph."""
    known: bool
    """Whether the checkpoint has the label at all."""
    p: float
    """Confidence of the reading."""
    ink: int
    """Number of cells with ink."""
    misread: tuple[int, ...] | None
    """Cells whose primitive is not their target; None without a picture."""
    poor: frozenset[int]
    """Misread cells for which the codebook has no clearly better entry than the prediction."""
    cause: str = ""
    """First cause of the error among :data:`CAUSES`, if the results give one."""
    place_seen: bool | None = None
    """Whether the checkpoint sees size and place."""
    sides: Sides | None = None
    repair: Repair | None = None
    """Answer of the model when the cells have their targets."""


@dataclass(frozen=True)
class Verdict:
    """The part that is to blame, and a sentence about it."""

    blame: str
    """One of :data:`BLAMED`; ``label`` where the checkpoint does not have the label, ``open`` where the model must be
    asked, or there is no picture."""
    text: str
    """One sentence, with the figures behind it."""
    decisive: tuple[int, ...] = ()
    """Cells that decide, if cells do."""


def verdict(evidence: Evidence, labels: LabelMap) -> Verdict:
    """Return the verdict for the evidence; the module docstring has the order of the questions."""
    if evidence.truth == evidence.pred:
        return Verdict("nothing", f"Predicted correctly, p {evidence.p:.2f}: {_cells(evidence)}.")
    if not evidence.known:
        return Verdict(
            "label", f"This checkpoint does not know the label {_name(evidence.truth)}: it cannot predict it."
        )
    if evidence.cause == "tied" or (evidence.cause == "place" and evidence.place_seen is False):
        blind = "" if evidence.cause == "tied" else ", which this checkpoint does not see"
        return Verdict("font", f"The cause is the font: {CAUSES[evidence.cause]}{blind}.")
    if evidence.misread is None:
        return Verdict("open", f"Not known: the cells cannot be judged without a picture{_others(evidence)}.")
    grid, others, repair = _cells(evidence), _others(evidence), evidence.repair
    if evidence.misread and repair is None:
        decide = "it decides" if len(evidence.misread) == 1 else "they decide"
        return Verdict("open", f"Not known yet: {grid}; only the model can tell whether {decide} the label{others}.")
    if evidence.misread and repair is not None:
        if repair.decisive:
            return _cells_decide(evidence, repair)
        becomes = labels.labels[repair.label]
        change = "stays" if becomes == evidence.pred else "becomes"
        grid += f", but with their targets the prediction {change} {_name(becomes)}"
    if evidence.sides is not None and evidence.sides.with_reading:
        return Verdict(
            "font", f"The cause is the font or the label: the glyph looks like {_name(evidence.pred)}{others}; {grid}."
        )
    if evidence.cause == "design" and (evidence.sides is None or not evidence.sides.with_truth):
        return Verdict("font", f"The cause is the font, an unusual design: {CAUSES['design']}; {grid}{others}.")
    why = f"; {CAUSES[evidence.cause]}" if evidence.cause in TELLING else ""
    return Verdict("mixer", f"The cause is the mixer or the label: {grid}{others}{why}.")


def evidence_of(
    store: ResultsStore, inspection: Inspection, *, cause: str = "", rasters: PackedRasters | None = None,
    repair: Repair | None = None,
) -> Evidence:  # fmt: skip
    """Return the evidence about a glyph in some results. ``cause``: as in :func:`causes_of_split`; ``rasters``: those
    of the results' database; ``repair``: the answer of the model (:func:`glyphcore.runtime.repair.repaired`)."""
    row, packed = inspection.row, inspection.packed
    grid = inspection.details.primitive
    wrong = not row.correct and row.label_index >= 0
    return Evidence(
        truth=row.label, pred=row.pred if not row.correct else row.label, known=row.label_index >= 0, p=row.p1,
        **cells_of(grid, inspection.target, packed, store.codebook.reshape(-1, 64)),
        cause=cause, place_seen=sees_geometry(store),
        sides=sides(store, row.glyph_id, rasters) if wrong else None, repair=repair,
    )  # fmt: skip


def cells_of(
    grid: np.ndarray, target: np.ndarray | None, packed: np.ndarray | None, codebook: np.ndarray
) -> dict[str, Any]:
    """Return ``ink``, ``misread`` and ``poor`` of :class:`Evidence`. Grids uint16 [256], ``packed`` uint8 [2048],
    ``codebook`` uint8 [primitives, 64]."""
    if target is None or packed is None:
        return {"ink": int((grid != 0).sum()), "misread": None, "poor": frozenset()}
    misread = np.flatnonzero(grid != target)
    patch = np.unpackbits(cells(packed), axis=-1)[misread].astype(np.float32)
    fit, read = (((patch - codebook[ids[misread]] / INK) ** 2).sum(1) for ids in (target, grid))
    poor = misread[(read - fit < CLOSE) | (fit > FAR)]
    return {"ink": int((target != 0).sum()), "misread": tuple(misread.tolist()), "poor": frozenset(poor.tolist())}


def causes_of_split(store: ResultsStore, shapes: Shapes | None, split: str) -> dict[int, str]:
    """Return the first cause of each error of a split, by glyph id. Raises StoreError for a split without glyphs."""
    subset = evaluation_slice(store, None, split)
    code = cause_of(subset, shapes, label_counts(store))
    wrong, names = np.flatnonzero(code >= 0), list(CAUSES)
    return {int(subset.glyph_id[i]): names[code[i]] for i in wrong}


def _cells_decide(evidence: Evidence, repair: Repair) -> Verdict:
    poor = [cell for cell in repair.decisive if cell in evidence.poor]
    codebook = 2 * len(poor) > len(repair.decisive)
    n = len(repair.decisive)
    where = " · ".join(f"{cell // GRID},{cell % GRID}" for cell in repair.decisive[:NAMED])
    where += " …" if n > NAMED else ""
    decide = f"{'one decides' if n == 1 else f'{n} decide'} the label ({where})"
    enough = f"{decide}: with {_their(n)} the prediction is correct"
    whole = f"p {repair.p:.2f} with all targets"
    why = f", but for {len(poor)} of {n} the codebook has no clearly better primitive" if codebook else ""
    blamed = "codebook" if codebook else "stem"
    return Verdict(
        blamed, f"The cause is the {blamed}: {_cells(evidence)}, and {enough}{why} ({whole}).", repair.decisive
    )


def _their(n: int) -> str:
    return "its target" if n == 1 else "their targets"


def _cells(evidence: Evidence) -> str:
    if evidence.misread is None:
        return f"{evidence.ink} cells, but no picture to compare them with"
    if not evidence.misread:
        return f"all {evidence.ink} cells have their targets"
    return f"{len(evidence.misread)} of {evidence.ink} cells {'is' if len(evidence.misread) == 1 else 'are'} misread"


def _others(evidence: Evidence) -> str:
    """Return the evidence of other fonts, as a clause."""
    asked = evidence.sides
    if asked is None:
        return ""
    clause = (f"; nearest in {asked.families} other families: {asked.with_model} are {_name(evidence.pred)}, "
              f"{asked.with_label} are {_name(evidence.truth)}")  # fmt: skip
    if np.isnan(asked.overlap_model) or np.isnan(asked.overlap_label):
        return clause
    return f"{clause}, overlap {asked.overlap_model:.0%} : {asked.overlap_label:.0%}"


def _name(label: str) -> str:
    return f"“{readable_label(label)}”"
