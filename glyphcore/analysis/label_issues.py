"""Label noise: glyphs whose label is less plausible than the prediction of the model.

A model that is certain of another label may be wrong, or the label may be wrong. The other fonts decide. A glyph is
doubtful under three conditions. In most of the other families the glyph nearest to it by embedding has the predicted
label. In few of them it has the glyph's own label. And the pixels of the glyph overlap glyphs of the predicted label
better than glyphs of its own label. The embedding alone is not enough, because the model's answer was made from it.
Pixels alone are not enough, because they do not contain a glyph's size.

Twins are left out: labels that most fonts draw identically cannot be told apart by looking. Where families are unknown,
there is no evidence, and the queue is empty.

A family that draws capitals for its small letters, or isolated forms for its final forms, would fill the queue with
dozens of glyphs. Such a habit is one entry (:func:`habit_of`).
"""

from __future__ import annotations

import warnings
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glyphcore.data.cache import PackedRasters
from glyphcore.data.labels import LabelMap, form_of
from glyphcore.errors import StoreError
from glyphcore.files import spreadsheet
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.label_issues import LabelIssues, write_label_issues
from glyphcore.results.neighbours import embeddings

SURE = 0.5
"""Confidence from which a wrong answer is checked."""
MOST = 5000
"""Largest number of answers that are checked, most confident first: the queue is for people."""
FAMILIES = 12
"""Number of other families that are asked; the families with the nearest glyphs are taken."""
EXAMPLES = 3
"""Number of most similar families over which overlap is averaged; a label in fewer other families is not judged."""
CLEARLY = 0.05
"""Lead in overlap that the predicted label must have."""
HABIT = 4
"""Number of glyphs of a family with the same kind of doubt from which the doubt is a habit of the family."""

COLUMNS = (
    "glyph_id", "family", "style", "split", "label", "read_as", "p", "score", "families", "side_with_model",
    "side_with_label", "overlap_model", "overlap_label", "family_draws", "glyphs", "glyph_ids", "corrected_label",
)  # fmt: skip
"""Columns of the queue as CSV."""


@dataclass(frozen=True)
class Sides:
    """Evidence of the other fonts about a label and a prediction; overlaps are NaN without rasters."""

    families: int
    """Number of other families that were asked, those with the nearest glyphs."""
    with_model: int
    """Number of these families whose nearest glyph has the predicted label, or its twin."""
    with_label: int
    """Number of these families whose nearest glyph has the glyph's own label, or its twin."""
    overlap_model: float
    """Intersection over union with the most similar glyphs of the predicted label."""
    overlap_label: float
    """Intersection over union with the most similar glyphs of the glyph's own label."""

    @property
    def with_reading(self) -> bool:
        """Whether most families and the pixels contradict the label, by the thresholds of the queue."""
        gap = self.overlap_model - self.overlap_label
        return bool(_clear(self.families, self.with_model, self.with_label, 1.0 if np.isnan(gap) else gap))

    @property
    def with_truth(self) -> bool:
        """Whether a fair share of the families draws the glyph's own label like the glyph."""
        return 4 * self.with_label > self.families


def sides(store: ResultsStore, glyph_id: int, rasters: PackedRasters | None) -> Sides | None:
    """Collect the evidence of the other families about one glyph, as for the queue.

    None where there is no evidence: there is only one family, or the prediction is not the label of any glyph in these
    results. Raises StoreError for an unknown id.
    """
    read, confusable = _read_and_confusable(store)
    row = store.columns.row(glyph_id)
    if row is None:
        raise StoreError(f"{store.path.name} has no glyph {glyph_id}.", subject=glyph_id)
    if read[row] < 0 or not _elsewhere(store.columns.data, row, int(read[row])):
        return None
    one = np.array([row])
    votes = _votes(store, one, confusable[read[one]], confusable, Silent())
    families, with_model, with_label = (int(n[0]) for n in votes)
    overlap = _overlaps(store, one, read, rasters, Silent())[:, 0]
    return Sides(families, with_model, with_label, float(overlap[0]), float(overlap[1]))


def find_label_issues(
    store: ResultsStore, rasters: PackedRasters | None, progress: Progress | None = None
) -> LabelIssues:
    """Search for doubtful labels and store them beside the results; ``rasters`` are those of the results' database.

    Where the file cannot be written, the queue is only returned.
    """
    issues = _find(store, rasters, progress or Silent())
    try:
        write_label_issues(store.path, issues)
    except OSError as error:
        warnings.warn(f"{store.path.parent} cannot be written: {error.strerror}.", stacklevel=2)
    return issues


def open_entries(issues: LabelIssues, corrected: Container[int]) -> list[int]:
    """Return the entries of the queue with at least one glyph that is not in ``corrected`` (glyph ids)."""
    return [i for i in range(len(issues.glyph_id)) if not all(glyph in corrected for glyph in issues.of(i).tolist())]


def to_csv(store: ResultsStore, issues: LabelIssues, corrected: Mapping[int, str] | None = None) -> str:
    """Return the queue as CSV, most doubtful first, without glyphs in ``corrected``: labels that people gave, by glyph
    id."""
    rows: list[tuple] = [COLUMNS]
    given = corrected or {}
    for i in open_entries(issues, given):
        row = store.rows([int(issues.glyph_id[i])])[0]
        overlaps = (issues.overlap_model[i], issues.overlap_label[i])
        rows.append(
            (
                row.glyph_id,
                row.family,
                row.style,
                row.split,
                row.label,
                row.pred,
                f"{row.p1:.4f}",
                f"{issues.score[i]:.4f}",
                issues.families[i],
                issues.side_with_model[i],
                issues.side_with_label[i],
                *("" if np.isnan(overlap) else f"{overlap:.3f}" for overlap in overlaps),
                issues.habit[i],
                issues.glyphs[i],
                " ".join(map(str, issues.of(i))),
                given.get(row.glyph_id, ""),
            )
        )
    return "".join(spreadsheet(rows))


def _find(store: ResultsStore, rasters: PackedRasters | None, progress: Progress) -> LabelIssues:
    columns = store.columns
    data, labels = columns.data, columns.words["label"]
    read, confusable = _read_and_confusable(store)
    sure = (data["correct"] == 0) & (data["twin_correct"] == 0) & (data["p1"] >= SURE) & (read >= 0)
    rows = np.flatnonzero(sure & (np.isfinite(data["loss"])))
    rows = rows[np.argsort(-data["p1"][rows], kind="stable")][:MOST]
    families_asked, with_model, with_label = _votes(store, rows, confusable[read[rows]], confusable, progress)
    overlap = _overlaps(store, rows, read, rasters, progress)
    lead = (with_model - with_label) / np.maximum(families_asked, 1)
    gap = np.where(np.isnan(overlap[0]), 1, overlap[0] - overlap[1])
    score = data["p1"][rows] * lead * gap
    clear = _clear(families_asked, with_model, with_label, gap)
    known = np.array([_elsewhere(data, int(row), int(read[row])) for row in rows], dtype=bool)
    order = np.argsort(-score, kind="stable")
    order = order[clear[order] & known[order]]
    ids = data["glyph_id"][rows[order]].astype(np.int64)
    pairs = zip(data["label"][rows[order]], read[rows[order]], strict=True)
    habits = [habit_of(store.labels, labels[own], labels[other]) for own, other in pairs]
    groups = _groups(data["family"][rows[order]], habits)
    heads = np.array([group[0] for group in groups], np.int64)
    chosen = order[heads]
    return LabelIssues(
        glyph_id=ids[heads],
        score=score[chosen].astype(np.float32),
        families=families_asked[chosen].astype(np.int16),
        side_with_model=with_model[chosen].astype(np.int16),
        side_with_label=with_label[chosen].astype(np.int16),
        overlap_model=overlap[0, chosen].astype(np.float32),
        overlap_label=overlap[1, chosen].astype(np.float32),
        habit=np.array([habits[group[0]] if len(group) > 1 else "" for group in groups], "<U80"),
        glyphs=np.array([len(group) for group in groups], np.int32),
        members=ids[np.array([member for group in groups for member in group], np.int64)],
    )


def _read_and_confusable(store: ResultsStore) -> tuple[np.ndarray, np.ndarray]:
    """Return two arrays, in codes of the column "label": the prediction for each glyph, int [glyphs], -1 where no glyph
    of these results has that label; and the twin class of each label, int [labels]."""
    columns, labels = store.columns, store.columns.words["label"]
    code = {label: i for i, label in enumerate(labels)}
    read = np.array([code.get(label, -1) for label in columns.words["pred"]])[columns.data["pred"]]
    index = np.array([store.labels.index.get(label, -1) for label in labels])
    return read, np.where(index >= 0, np.asarray(store.labels.twin_index)[index], -1 - np.arange(len(labels)))


def _clear(families: Any, with_model: Any, with_label: Any, gap: Any) -> Any:
    """Whether other families contradict a label, for one glyph or for arrays."""
    return (2 * with_model > families) & (4 * with_label <= families) & (gap >= CLEARLY)


def habit_of(labels: LabelMap, own: str, read: str) -> str:
    """Return the habit of a family that draws the label ``own`` like ``read``, if whole families do so; else an empty
    text."""
    if own not in labels.index or read not in labels.index:
        return ""
    base, other = labels.base[labels.index[own]], labels.base[labels.index[read]]
    if base == other:
        form, drawn = form_of(own), form_of(read)
        return f"{drawn} forms for {form} ones" if form and drawn else ""
    if base.upper() == other:
        return "capitals for small letters"
    return "small letters for capitals" if base.lower() == other else ""


def _groups(families: np.ndarray, habits: list[str]) -> list[list[int]]:
    """Return groups of entries, most doubtful first: :data:`HABIT` or more entries of the same family and habit."""
    alike: dict[tuple[int, str], list[int]] = {}
    for row, key in enumerate(zip(families.tolist(), habits, strict=True)):
        alike.setdefault(key if key[1] else (-1 - row, ""), []).append(row)
    return sorted(
        part for group in alike.values() for part in ([group] if len(group) >= HABIT else [[entry] for entry in group])
    )


def _elsewhere(data: dict[str, np.ndarray], row: int, read: int) -> bool:
    """Whether both labels occur in enough other families to judge by these families."""
    for label in (int(data["label"][row]), read):
        others = np.unique(data["family"][data["label"] == label])
        if np.count_nonzero(others != data["family"][row]) < EXAMPLES:
            return False
    return True


def _votes(
    store: ResultsStore, rows: np.ndarray, read: np.ndarray, confusable: np.ndarray, progress: Progress
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each row the number of other families asked, of those that support the model, and of those that
    support the label; int [rows].

    ``read``: twin class of the prediction, [rows]; ``confusable``: twin class of each label.
    """
    data, vectors = store.columns.data, embeddings(store.path, store.columns)
    classes, names = confusable[data["label"]], np.unique(data["family"])
    row_vectors = vectors[rows].astype(np.float32)
    alike = np.full((len(rows), len(names)), -2, np.float32)
    neighbour_class = np.zeros((len(rows), len(names)), classes.dtype)
    for i, name in enumerate(progress.track(names, total=len(names), what="families asked")):
        theirs = np.flatnonzero(data["family"] == name)
        cosine = row_vectors @ vectors[theirs].astype(np.float32).T
        nearest = cosine.argmax(1)
        neighbour_class[:, i] = classes[theirs[nearest]]
        others = data["family"][rows] != name
        alike[others, i] = cosine[np.arange(len(rows)), nearest][others]
    few = min(FAMILIES, len(names) - 1)
    nearest_families = np.argsort(-alike, axis=1, kind="stable")[:, :few]
    votes = np.take_along_axis(neighbour_class, nearest_families, axis=1)
    sides = (votes == read[:, None]).sum(1), (votes == classes[rows][:, None]).sum(1)
    return np.full(len(rows), few), *sides


def _overlaps(
    store: ResultsStore, rows: np.ndarray, read: np.ndarray, rasters: PackedRasters | None, progress: Progress
) -> np.ndarray:
    """Return float32 [2, rows]: overlap with the predicted label and with the own label in other families; NaN if
    unknown."""
    overlaps = np.full((2, len(rows)), np.nan)
    if rasters is None or not len(rows):
        return overlaps
    data = store.columns.data
    order = np.argsort(data["label"], kind="stable")
    edges = np.searchsorted(data["label"][order], np.arange(len(store.columns.words["label"]) + 1))
    packed, there = rasters.of_glyphs(data["glyph_id"][rows])
    for i in progress.track(range(len(rows)), total=len(rows), what="overlaps"):
        for side, label in enumerate((int(read[rows[i]]), int(data["label"][rows[i]]))):
            others = order[edges[label] : edges[label + 1]]
            others = others[data["family"][others] != data["family"][rows[i]]]
            theirs, drawn = rasters.of_glyphs(data["glyph_id"][others])
            others, theirs = others[drawn], theirs[drawn]
            if there[i] and len(others):
                overlaps[side, i] = _best(packed[i], theirs, data["family"][others])
    return overlaps


def _best(one: np.ndarray, others: np.ndarray, families: np.ndarray) -> float:
    """Return the mean overlap of a packed raster with the most similar families; each family counts with its most
    similar glyph."""
    a, b = one.view(np.uint64), others.view(np.uint64)
    overlap = np.bitwise_count(a & b).sum(1) / np.maximum(np.bitwise_count(a | b).sum(1), 1)
    best = np.zeros(int(families.max()) + 1)
    np.maximum.at(best, families, overlap)
    return float(np.sort(best[np.unique(families)])[::-1][:EXAMPLES].mean())
