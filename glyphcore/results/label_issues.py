"""Stored label issues, in a file beside the results: glyph, score and evidence."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from glyphcore.files import CORRUPT_FILE_ERRORS, replacing

SUFFIX = ".noise.npz"


@dataclass(frozen=True)
class LabelIssues:
    """Glyphs whose label is doubtful, most doubtful first; overlaps are NaN where there are no rasters.

    A habit of a whole family (small letters drawn as capitals) is one entry: its most doubtful glyph stands for all of
    them.
    """

    glyph_id: np.ndarray
    """int64 [n]."""
    score: np.ndarray
    """float32 [n]: confidence × lead of the predicted label among neighbours × lead in overlap; above 0."""
    families: np.ndarray
    """int16 [n]: number of families that were asked; those with the nearest glyphs are asked first."""
    side_with_model: np.ndarray
    """int16 [n]: number of these families whose nearest glyph has the predicted label or its twin."""
    side_with_label: np.ndarray
    """int16 [n]: number of these families whose nearest glyph has the glyph's own label or its twin."""
    overlap_model: np.ndarray
    """float32 [n]: intersection over union with the most similar glyphs of the predicted label elsewhere."""
    overlap_label: np.ndarray
    """float32 [n]: intersection over union with the most similar glyphs of the glyph's own label elsewhere."""
    habit: np.ndarray
    """str [n]: the habit of the family, ``capitals for small letters``; empty for a glyph that stands only for
    itself."""
    glyphs: np.ndarray
    """int32 [n]: number of glyphs that the entry stands for, including its own glyph."""
    members: np.ndarray
    """int64 [sum of ``glyphs``]: the glyphs of each entry, entry after entry; each starts with its ``glyph_id``."""

    def of(self, i: int) -> np.ndarray:
        """Return int64: the glyphs that entry ``i`` stands for, most doubtful first."""
        end = int(self.glyphs[: i + 1].sum())
        return self.members[end - int(self.glyphs[i]) : end]

    def why(self, glyph_id: int) -> str:
        """Return in words why the label of a glyph is doubtful; empty when it is not."""
        places = np.flatnonzero(self.members == glyph_id)
        if not len(places):
            return ""
        i = int(np.searchsorted(np.cumsum(self.glyphs), places[0], side="right"))
        habit = f"the family draws {self.habit[i]}, {self.glyphs[i]:,} glyphs" if self.habit[i] else ""
        if glyph_id != self.glyph_id[i]:
            return f"{habit}; in the queue as #{self.glyph_id[i]}"
        sides = self._sides(i)
        return f"{habit}; {sides}" if habit else sides

    def _sides(self, i: int) -> str:
        sides = f"{self.side_with_model[i]} : {self.side_with_label[i]} of {self.families[i]} other families"
        if np.isnan(self.overlap_model[i]):
            return f"prediction : label  {sides}"
        return f"prediction : label  {sides}, overlap {self.overlap_model[i]:.0%} : {self.overlap_label[i]:.0%}"


def label_issues_path(results: Path) -> Path:
    """Return the path of the queue of a results file."""
    return results.with_name(results.stem + SUFFIX)


def read_label_issues(results: Path) -> LabelIssues | None:
    """Return the queue of a results file; None where there is none, or where it does not match the results."""
    path = label_issues_path(results)
    try:
        if path.stat().st_mtime_ns < results.stat().st_mtime_ns:
            return None
        with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
            return LabelIssues(**{field.name: data[field.name] for field in fields(LabelIssues)})
    except CORRUPT_FILE_ERRORS:
        return None


def write_label_issues(results: Path, issues: LabelIssues) -> None:
    """Write the queue beside its results."""
    with replacing(label_issues_path(results)) as temporary, temporary.open("wb") as file:
        np.savez(file, **{field.name: getattr(issues, field.name) for field in fields(LabelIssues)})


class Scores:
    """The score of each glyph of some results. Each call looks for the file until it exists."""

    def __init__(self, results: Path, glyph_id: np.ndarray) -> None:
        """``glyph_id``: all glyphs of the results, ascending."""
        self._results, self._glyph_id = results, glyph_id
        self._scores: np.ndarray | None = None

    def __call__(self) -> np.ndarray | None:
        """Return float32 [glyphs]: scores, 0 for labels that are not doubtful; None while there is no file."""
        if self._scores is None and (issues := read_label_issues(self._results)) is not None:
            scores = np.zeros(len(self._glyph_id), np.float32)
            scores[np.searchsorted(self._glyph_id, issues.glyph_id)] = issues.score
            self._scores = scores
        return self._scores
