"""The metrics that a checkpoint is judged by, one row each, computed over any slice of stored predictions.

A metric is a ratio. Its ``count`` gives numerator and denominator of every glyph; sums, means over labels and
resampling for intervals are the same for all metrics. Evaluations, reports, cards, comparisons and pages loop over
:data:`METRICS`, so a new row appears in all of them. Glyphs of fonts that the checkpoint was trained on are left out of
the headline; labels that it cannot know are counted and left out everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from glyphcore.analysis.criteria import CRITERIA
from glyphcore.data.labels import DIACRITIC_SUFFIX
from glyphcore.data.store import SPLITS
from glyphcore.results.connection import reading
from glyphcore.results.linked import row_files
from glyphcore.results.rows import TOP

_COLUMNS = (
    "glyph_id", "label", "label_index", "char_class", "split", "family", "f_id", "pred", "rank",
    *(criterion.column for criterion in CRITERIA.values()), "cells_right", "cells_total",
)  # fmt: skip
WORDS = ("label", "char_class", "split", "family", "f_id", "pred")
"""Columns of words. Millions of rows repeat a few thousand of them."""
CHUNK = 50_000
"""Number of rows that exist as tuples at the same time."""


@dataclass(frozen=True, eq=False)
class Slice:
    """The input of metrics: n glyphs whose labels the checkpoint knows."""

    right: Mapping[str, np.ndarray]
    """bool [n] for each of :data:`CRITERIA`."""
    rank: np.ndarray
    """int [n]: rank of the true label among all, from 1."""
    label: np.ndarray
    """int [n]: codes of the true labels, in alphabetical order."""
    is_mark: np.ndarray
    """bool [n]: lone diacritics."""
    cells_right: np.ndarray
    """int [n]: cells with ink whose primitive is the target."""
    cells_total: np.ndarray
    """int [n]: cells with ink."""

    def __len__(self) -> int:
        return len(self.rank)

    @property
    def every(self) -> np.ndarray:
        """bool [n]: True for every glyph, the denominator of most metrics."""
        return np.ones(len(self), bool)

    def where(self, chosen: np.ndarray) -> Slice:
        """Return the glyphs of a mask bool [n]."""
        return Slice(
            {key: right[chosen] for key, right in self.right.items()}, self.rank[chosen], self.label[chosen],
            self.is_mark[chosen], self.cells_right[chosen], self.cells_total[chosen],
        )  # fmt: skip


Count = Callable[[Slice], tuple[np.ndarray, np.ndarray]]
"""Slice → numerator and denominator of each glyph, [n] each: bool where glyphs are counted, int where cells are."""


@dataclass(frozen=True)
class Metric:
    """A share, with its names and its meaning."""

    key: str
    """Key in figures as JSON and in results files."""
    title: str
    short: str
    """Title for places with little room."""
    meaning: str
    """One sentence, shown beside the figure."""
    count: Count
    unit: Literal["glyphs", "labels", "cells"] = "glyphs"
    """Unit of the sample size. ``labels``: the metric is the mean over labels of their shares (macro)."""
    errors: str = ""
    """Outcome of its errors among the filters; empty where no outcome describes them. A metric that counts only some
    glyphs may name an outcome if it counts all glyphs of some labels."""
    size: str = "n"
    """Key of its sample size in figures: ``n`` for all glyphs, empty where it is not stored."""

    @property
    def tooltip(self) -> str:
        """Title and meaning, for places that show the short title."""
        return f"{self.title}: {self.meaning}"

    @property
    def of_some(self) -> bool:
        """Whether the metric counts only some of the glyphs, so that its sample size must be shown."""
        return self.unit == "glyphs" and self.size != "n"


def _right_by(criterion: str) -> Count:
    return lambda glyphs: (glyphs.right[criterion], glyphs.every)


METRICS = {
    "label": Metric(
        "label_top1", "Label accuracy", CRITERIA["label"].title,
        "The predicted label is the true one: character and form.",
        _right_by("label"), errors=CRITERIA["label"].errors,
    ),
    "unicode": Metric(
        "unicode_top1", "Unicode accuracy", CRITERIA["unicode"].title,
        "The predicted label stands for the true character, whatever its form.",
        _right_by("unicode"), errors=CRITERIA["unicode"].errors,
    ),
    "twin": Metric(
        "twin_top1", "Accuracy up to confusables", CRITERIA["twin"].title,
        "The predicted label is the true one or a confusable: one that most fonts draw identically.",
        _right_by("twin"), errors=CRITERIA["twin"].errors,
    ),
    "top5": Metric(
        "label_top5", "Top-5 accuracy", "Top-5", "The true label is among the five likeliest.",
        lambda glyphs: ((glyphs.rank > 0) & (glyphs.rank <= TOP), glyphs.every), errors="beyond_top5",
    ),
    "macro": Metric(
        "label_macro", "Macro accuracy", "Macro",
        "Mean over labels of their label accuracy: rare labels count as much as frequent ones.",
        _right_by("label"), unit="labels", size="",
    ),
    "marks": Metric(
        "diacritic_top1", "Mark accuracy", "Marks", "Label accuracy over lone marks (diacritics) only.",
        lambda glyphs: (glyphs.right["label"] & glyphs.is_mark, glyphs.is_mark), errors=CRITERIA["label"].errors,
        size="diacritic_n",
    ),
    "primitives": Metric(
        "primitive_accuracy", "Primitive accuracy", "Primitives",
        "Share of cells with ink whose predicted primitive is the nearest patch of the codebook.",
        lambda glyphs: (glyphs.cells_right, glyphs.cells_total), unit="cells", size="primitive_cells",
    ),
}  # fmt: skip
"""Metrics in the order in which they are shown, by their names in reports and links."""


def measured(
    metric: Metric, glyphs: Slice, numerator: np.ndarray, denominator: np.ndarray
) -> tuple[float | None, int]:  # fmt: skip
    """Return value and sample size of a metric from the counts of each glyph; the value of an empty sample is None."""
    if metric.unit != "labels":
        n = int(denominator.sum())
        return (float(numerator.sum() / n) if n else None), n
    n_label = np.bincount(glyphs.label, denominator)
    used = n_label > 0
    shares = np.bincount(glyphs.label, numerator)[used] / n_label[used]
    return (float(shares.mean()) if len(shares) else None), len(shares)


def figures(glyphs: Slice) -> dict[str, float | int | None]:
    """Return all metrics of a slice by their keys, and their sample sizes; None where a sample is empty."""
    values: dict[str, float | int | None] = {"n": len(glyphs)}
    for metric in METRICS.values():
        value, n = measured(metric, glyphs, *metric.count(glyphs))
        if metric.size:
            values.setdefault(metric.size, n)
        values[metric.key] = value
    return values


def predictions(path: Path) -> pd.DataFrame:
    """Return the columns that figures need, one row per glyph in key order, from a results file that may be unfinished.

    Words are categories in alphabetical order, so a row takes about 30 bytes.
    """
    query = f"SELECT {', '.join(_COLUMNS)} FROM predictions ORDER BY glyph_id"
    chunks: list[pd.DataFrame] = []
    for file in row_files(path):
        with reading(file) as connection:
            # Rows as tuples take many times the memory of columns, so only some exist at the same time.
            chunks += map(_compact, pd.read_sql_query(query, connection, chunksize=CHUNK))
    columns: dict[str, Any] = {}
    for name in _COLUMNS:
        parts = [chunk.pop(name) for chunk in chunks]
        columns[name] = (
            union_categoricals(parts, sort_categories=True) if name in WORDS else pd.concat(parts, ignore_index=True)
        )
    return pd.DataFrame(columns, copy=False)


def _compact(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the same rows with words as categories and integers in as few bytes as hold them."""
    for name in rows.columns:
        if name in WORDS:  # objects even where no word is known, so that all parts of a column fit together
            rows[name] = pd.Categorical(rows[name], pd.Index(rows[name].dropna().unique(), dtype=object))
        else:
            rows[name] = pd.to_numeric(rows[name], downcast="integer")
    return rows


def slice_of(rows: pd.DataFrame) -> Slice:
    """Return rows of :func:`predictions` as arrays; their labels must be known."""
    labels = rows["label"].cat
    is_mark = np.array([str(name).endswith(DIACRITIC_SUFFIX) for name in labels.categories], bool)
    code = labels.codes.to_numpy()
    rank, cells_right, cells_total = (rows[name].to_numpy() for name in ("rank", "cells_right", "cells_total"))
    right = {key: rows[criterion.column].to_numpy(bool) for key, criterion in CRITERIA.items()}
    return Slice(right, rank, code, is_mark[code], cells_right, cells_total)


def aggregate(path: Path, trained_fonts: Collection[str]) -> dict[str, Any]:
    """Return figures of a results file: the headline at the top level, then ``by_split`` and ``by_class``.

    ``trained_fonts``: f_ids (as text) of fonts that the checkpoint was trained on; their glyphs count only under their
    split. ``path`` may still be unfinished.
    """
    return figures_of(predictions(path), trained_fonts)


def figures_of(rows: pd.DataFrame, trained_fonts: Collection[str]) -> dict[str, Any]:
    """Return the figures of :func:`aggregate` for rows like those of :func:`predictions`."""
    knows = rows["label_index"] >= 0
    known = rows if knows.all() else rows[knows]
    glyphs, split, char_class = slice_of(known), known["split"], known["char_class"]
    unseen = ~known["f_id"].isin(list(trained_fonts)).to_numpy(bool)
    return {
        **figures(glyphs.where(unseen)),
        "trained_on": len(known) - int(unseen.sum()),
        "outside_label_map": len(rows) - len(known),
        "by_split": _by_word(glyphs, split, SPLITS),
        "by_class": _by_word(glyphs, char_class, char_class.cat.categories, unseen),
    }


def _by_word(
    glyphs: Slice, column: pd.Series, words: Iterable[str], among: np.ndarray | bool = True
) -> dict[str, dict[str, float | int | None]]:
    """Return the figures of the glyphs with each word in a column, of those ``among`` bool [n]; words without glyphs
    are left out."""
    masks = ((word, (column == word).to_numpy(bool) & among) for word in words)
    return {word: figures(glyphs.where(mask)) for word, mask in masks if mask.any()}


def table(groups: dict[str, dict[str, Any]]) -> str:
    """Return figures of named groups of glyphs as a Markdown table, one row per group; a dash for a missing value."""
    metrics = METRICS.values()
    titles = [f"{metric.title} (n)" if metric.of_some else metric.title for metric in metrics]
    lines = [f"| | n | {' | '.join(titles)} |", f"|---|{'---:|' * (1 + len(titles))}"]
    for name, group in groups.items():
        cells = [
            percent(group.get(metric.key)) + (f" ({group.get(metric.size, 0):,})" if metric.of_some else "")
            for metric in metrics
        ]
        lines.append(f"| {name} | {group['n']:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def meanings(names: Iterable[str] = METRICS) -> str:
    """Return the meaning of each metric as a Markdown list."""
    return "\n".join(f"- {METRICS[name].tooltip}" for name in names)


def logged_title(name: str) -> str:
    """Return the title of a logged metric: ``val_raster/label_top1`` → ``Label accuracy, raster alone``."""
    where, _, key = name.partition("/")
    title = next((metric.title for metric in METRICS.values() if metric.key == key), key)
    return f"{title}, raster alone" if where == "val_raster" else title


def percent(share: float | None) -> str:
    """Return ``97.1`` for 0.971, a dash for None."""
    return "–" if share is None else f"{100 * share:.1f}"
