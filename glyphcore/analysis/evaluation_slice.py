"""The glyphs of a report: one split, or every font that the checkpoint was not trained on, narrowed to a selection.

Glyphs with a label that the checkpoint does not know are left out and counted. Each field is an array with one row per
glyph, so that a figure over 500,000 glyphs takes milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.metrics import Slice
from glyphcore.data.labels import LabelMap
from glyphcore.data.splits import trained_fonts
from glyphcore.data.store import SPLITS, GlyphStore
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import EVERYTHING, SPOKEN, Filters

UNSEEN = "unseen"
"""Takes the place of a split: every font that the checkpoint was not trained on."""


@dataclass(frozen=True)
class EvaluationSlice:
    """Aligned arrays over n glyphs."""

    split: str
    """A split, or :data:`UNSEEN`."""
    labels: LabelMap
    glyph_id: np.ndarray
    """int64 [n], ascending."""
    truth: np.ndarray
    """int32 [n]: class index."""
    pred: np.ndarray
    """int32 [n]: class index."""
    right: dict[str, np.ndarray]
    """bool [n] for each of :data:`CRITERIA`."""
    rank: np.ndarray
    """int [n]: rank of the truth, from 1."""
    p: np.ndarray
    """float32 [n]: confidence of the first candidate."""
    loss: np.ndarray
    """float32 [n]."""
    family: np.ndarray
    """int [n]: codes into ``families``."""
    families: tuple[str, ...]
    font: np.ndarray
    """int [n]: equal within one font."""
    char_class: np.ndarray
    """int [n]: codes into ``classes``."""
    classes: tuple[str, ...]
    cells_right: np.ndarray
    """int [n]: cells with ink whose primitive is correct."""
    cells_total: np.ndarray
    """int [n]: cells with ink."""
    splits: tuple[str, ...]
    """Splits that the glyphs come from."""
    whole: bool
    """Whether the sample has all glyphs of ``splits``, so that filters can describe it."""
    trained_on: int | None
    """Number of glyphs of fonts that the checkpoint was trained on; None when that is not known."""
    outside: int
    """Number of glyphs left out because their label is not in the checkpoint's label map."""
    final_p: np.ndarray
    """float32 [n]: confidence that is left where a glyph may be none of the labels; ``p`` where nothing tells."""
    unknown_p: np.ndarray
    """float32 [2, outside]: ``p`` and ``final_p`` of the glyphs left out."""
    judged: bool
    """Whether something tells that a glyph is none of the labels."""
    chosen: Filters = EVERYTHING
    """The selection, without the split."""
    around: EvaluationSlice | None = None
    """All glyphs of the split, where the sample has only some of them; None where it has all."""

    def __len__(self) -> int:
        return len(self.glyph_id)

    @cached_property
    def is_mark(self) -> np.ndarray:
        """bool [n]."""
        return self.labels.is_diacritic[self.truth]

    @cached_property
    def slice(self) -> Slice:
        """The slice that metrics are computed on."""
        alphabetical = np.argsort(np.argsort(self.labels.labels))
        return Slice(
            self.right, self.rank, alphabetical[self.truth], self.is_mark, self.cells_right, self.cells_total
        )  # fmt: skip

    def filters(self, **more: Any) -> Filters | None:
        """Return filters that select exactly the glyphs of this sample with ``more``; None when no filters do.

        Values of ``more`` outside the selection are ignored.
        """
        if not self.whole:
            return None
        for name, selected in ((name, getattr(self.chosen, name)) for name in SPOKEN if name in more):
            more[name] = tuple(value for value in more[name] if not selected or value in selected)
        more["p_min"] = max(more.get("p_min", 0.0), self.chosen.p_min)
        more["p_max"] = min(more.get("p_max", 1.0), self.chosen.p_max)
        return replace(self.chosen, split=self.splits, **more)

    def wrong(self, criterion: str) -> np.ndarray:
        """Return bool [n]: errors by a criterion."""
        return ~self.right[criterion]


def splits_of(store: ResultsStore, database: GlyphStore | None) -> list[str]:
    """Return the samples that a report can be about, the default first: val, else all unseen fonts; then all others."""
    codes, words = store.columns.data["split"], store.columns.words["split"]
    there = [word for word, n in zip(words, np.bincount(codes, minlength=len(words)), strict=True) if n]
    choices: list[str] = [split for split in ("val", "test", "train") if split in there]
    if database is not None:
        choices.insert(1 if "val" in there else 0, UNSEEN)
    return choices


def evaluation_slice(
    store: ResultsStore, database: GlyphStore | None, split: str = "", filters: Filters = EVERYTHING,
    around: EvaluationSlice | None = None,
) -> EvaluationSlice:  # fmt: skip
    """Restrict results to ``split`` (empty: the first of :func:`splits_of`), and to glyphs that pass ``filters``.

    ``filters`` name neither split nor outcome. ``database`` tells which of its fonts the checkpoint was trained on.
    ``around``: the sample of the whole split, if it exists already. Raises StoreError for an unknown split, and when no
    glyph is left.
    """
    choices = splits_of(store, database)
    split = split or (choices[0] if choices else "val")
    if split not in (*SPLITS, UNSEEN):
        raise StoreError(f"There is no split {split!r}.", remedy=f"Use one of {', '.join((*SPLITS, UNSEEN))}.")
    if not len(store):
        raise StoreError(
            f"{store.path.name} has no glyphs.", subject=store.path, remedy="Evaluate a database that has glyphs."
        )
    columns, labels = store.columns, store.labels
    data, words = columns.data, columns.words
    index = np.array([labels.index.get(word, -1) for word in words["label"]], np.int32)
    pred_index = np.array([labels.index.get(word, -1) for word in words["pred"]], np.int32)
    truth = index[data["label"]] if len(index) else np.zeros(0, np.int32)
    known = truth >= 0
    font, fonts = data["f_id"], words["f_id"]
    seen = None
    if database is not None:
        trained = trained_fonts(store.meta.model.get("training") or {}, database)
        seen = np.array([word in trained for word in fonts], bool)[font]
    if split == UNSEEN:
        if seen is None:
            raise StoreError(
                "Without the database of the results, the training fonts of the checkpoint are unknown.",
                remedy="Choose a split.",
            )
        of_split = ~seen
    else:
        of_split = columns.any_of("split", (split,))
    chosen = store.selector.mask(filters)
    if filters != EVERYTHING and (of_split & known).any() and not (of_split & known & chosen).any():
        raise StoreError(
            f"No glyph of {'unseen fonts' if split == UNSEEN else f'split {split!r}'} is in the selection.",
            subject=store.path,
            remedy="Remove a part of the selection, or choose another split.",
        )
    rows = np.flatnonzero(of_split & known & chosen)
    if not len(rows):
        raise StoreError(
            f"{store.path.name} has no glyph of {'an unseen font' if split == UNSEEN else f'split {split!r}'}.",
            subject=store.path,
            remedy=f"Choose among {', '.join(choices) or 'results of another database'}.",
        )
    unknown = np.flatnonzero(of_split & ~known & chosen)
    final_p = data.get("final_p", data["p1"])
    splits = np.unique(data["split"][rows])
    family, families = _compact(data["family"][rows], words["family"])
    char_class, classes = _compact(data["char_class"][rows], words["char_class"])
    return EvaluationSlice(
        split=split,
        labels=labels,
        glyph_id=data["glyph_id"][rows],
        truth=truth[rows],
        pred=pred_index[data["pred"][rows]],
        right={key: data[criterion.column][rows] > 0 for key, criterion in CRITERIA.items()},
        rank=data["rank"][rows],
        p=data["p1"][rows],
        loss=data["loss"][rows],
        family=family,
        families=families,
        font=font[rows],
        char_class=char_class,
        classes=classes,
        cells_right=data["cells_right"][rows].astype(np.int64),
        cells_total=data["cells_total"][rows].astype(np.int64),
        splits=tuple(words["split"][code] for code in splits),
        whole=int((np.isin(data["split"], splits) & chosen).sum()) == len(rows),
        trained_on=None if seen is None else int(seen[rows].sum()),
        outside=len(unknown),
        final_p=final_p[rows],
        unknown_p=np.stack([data["p1"][unknown], final_p[unknown]]),
        judged="final_p" in data,
        chosen=filters,
        around=None if filters == EVERYTHING else around or evaluation_slice(store, database, split),
    )


def _compact(codes: np.ndarray, words: list[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return codes renumbered so that only words that occur remain."""
    used, compact = np.unique(codes, return_inverse=True)
    return compact, tuple(words[code] for code in used)
