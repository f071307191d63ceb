"""Aligns the results of several checkpoints: row i is the same glyph in all of them.

Only columns are read (:class:`~glyphcore.results.browse.ResultsStore`), no rows, so half a million glyphs of five
checkpoints are aligned in a fraction of a second. Glyphs of fonts that any of the checkpoints was trained on are left
out, so that no checkpoint is judged by its training data. Glyphs with a label that any checkpoint does not know are
left out too.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.metrics import Slice
from glyphcore.data.labels import DIACRITIC_SUFFIX
from glyphcore.data.splits import trained_fonts
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.files import fingerprint
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import EVERYTHING, Filters
from glyphcore.results.speed import read_speed


@dataclass(frozen=True, eq=False)
class AlignedResults:
    """Results of several checkpoints, restricted to glyphs that can be used to judge all of them."""

    names: tuple[str, ...]
    """Names of the checkpoints; numbered where two have the same name."""
    models: tuple[dict[str, Any], ...]
    """One dict per checkpoint: ``name``, ``parameters``, ``bytes`` of its file, ``minutes`` of training, ``speed``
    (``rate`` in glyphs per second, ``machine`` and ``words`` for the conditions), ``results`` (file). Unknown values
    are None."""
    stores: tuple[ResultsStore, ...]
    places: tuple[np.ndarray, ...]
    """intp [n] per checkpoint: rows of its columns, aligned."""
    left_out: dict[str, int]
    """Numbers of glyphs that are not compared: ``not_in_all``, ``trained_on``, ``outside_label_map``, ``other_splits``
    and ``not_selected``."""

    @property
    def n(self) -> int:
        return len(self.places[0])

    @cached_property
    def glyph_id(self) -> np.ndarray:
        """int64 [n], ascending."""
        return self.column(0, "glyph_id")

    def of(self, filters: Filters, model: int = 0) -> AlignedResults:
        """Return the same results for the glyphs that pass ``filters``. Prediction, confidence and cells are those of
        one model.

        Raises StoreError when no glyph passes.
        """
        if filters == EVERYTHING:
            return self
        keep = self.passes(filters, model)
        if not keep.any():
            raise StoreError(
                "None of the compared glyphs is in the selection.", remedy="Remove a part of the selection."
            )
        left_out = {**self.left_out, "not_selected": int((~keep).sum())}
        return replace(self, places=tuple(rows[keep] for rows in self.places), left_out=left_out)

    def passes(self, filters: Filters, model: int = 0) -> np.ndarray:
        """Return bool [n]: glyphs that pass ``filters`` by the predictions of one model."""
        return self.stores[model].selector.mask(filters)[self.places[model]]

    def column(self, model: int, name: str) -> np.ndarray:
        """Return a column of one model [n]: numbers, or codes into its :meth:`words`."""
        return self.stores[model].columns.data[name][self.places[model]]

    def words(self, model: int, name: str) -> list[str]:
        """Return the words that the codes of a column stand for."""
        return self.stores[model].columns.words[name]

    def right(self, model: int, criterion: str = "label") -> np.ndarray:
        """Return bool [n]: glyphs that one model predicts correctly by one of :data:`CRITERIA`."""
        return self.column(model, CRITERIA[criterion].column) > 0

    @cached_property
    def predictions(self) -> np.ndarray:
        """int32 [models, n]: predicted labels as codes into one common vocabulary; label maps may differ."""
        codes: dict[str, int] = {}
        label_ids = np.empty((len(self.stores), self.n), np.int32)
        for i in range(len(self.stores)):
            own = np.array([codes.setdefault(word, len(codes)) for word in self.words(i, "pred")], np.int32)
            label_ids[i] = own[self.column(i, "pred")]
        return label_ids

    def of_split(self, split: str) -> np.ndarray:
        """Return bool [n]: glyphs of a split."""
        return self.stores[0].columns.any_of("split", (split,))[self.places[0]]

    def slice(self, model: int) -> Slice:
        """Return the slice that metrics are computed on for one model."""
        label = self.column(model, "label")
        is_mark = np.array([word.endswith(DIACRITIC_SUFFIX) for word in self.words(model, "label")], bool)
        right = {key: self.right(model, key) for key in CRITERIA}
        numbers = (self.column(model, name) for name in ("cells_right", "cells_total"))
        return Slice(right, self.column(model, "rank"), label, is_mark[label], *numbers)


def load(stores: Sequence[ResultsStore], database: GlyphStore, split: str = "") -> AlignedResults:
    """Align results; ``split`` keeps only one split.

    ``database`` tells which of its fonts a checkpoint was trained on. Raises StoreError for fewer than two results, for
    results of another database, for glyphs that changed between the results, and when no common glyph is left.
    """
    if len(stores) < 2:
        raise StoreError("A comparison needs two results or more.", remedy="Name at least two.")
    for store in stores:
        if store.meta.dataset_fingerprint != database.fingerprint:
            raise StoreError(
                f"{store.path.name} was made from another database than {database.path.name}.",
                subject=store.path,
                remedy="Evaluate all checkpoints on one database, and name it with --db.",
            )
    with ThreadPoolExecutor() as pool:  # reading and checking the columns does not hold the interpreter's lock
        ids = list(pool.map(lambda store: store.columns.data["glyph_id"], stores))
    common = reduce(_both, ids)
    if not len(common):
        raise StoreError("No glyph is in all of these results.", remedy="Choose other results.")
    everything = (
        len(common) if all(len(glyph_ids) == len(common) for glyph_ids in ids) else len(reduce(np.union1d, ids))
    )
    places = [_rows_of(glyph_ids, common) for glyph_ids in ids]
    for store, other_rows in zip(stores[1:], places[1:], strict=True):
        if not all(_same_words(stores[0], places[0], store, other_rows, name) for name in ("label", "split")):
            raise StoreError("The results differ in labels or splits.", remedy="Evaluate the checkpoints again.")
    training = [store.meta.model.get("training") or {} for store in stores]
    seen = sorted(set().union(*(trained_fonts(record, database) for record in training)))
    fonts = stores[0].columns.words["f_id"]
    unseen = ~np.isin(np.array(fonts, object), np.array(seen, object))[stores[0].columns.data["f_id"]][places[0]]
    known = np.logical_and.reduce(
        [store.columns.data["rank"][other_rows] > 0 for store, other_rows in zip(stores, places, strict=True)]
    )
    wanted = stores[0].columns.any_of("split", (split,))[places[0]] if split else np.ones(len(common), bool)
    keep = unseen & known & wanted
    if not keep.any():
        raise StoreError(
            f"No glyph {f'of split {split!r} ' if split else ''}is left to compare: "
            "one of the checkpoints was trained on the font of each glyph, or does not know its label.",
            remedy="Compare on a database with other fonts.",
        )
    names = [store.meta.checkpoint for store in stores]
    twice = {name for name in names if names.count(name) > 1}
    names = [f"{name} ({i})" if name in twice else name for i, name in enumerate(names, 1)]
    models = tuple(
        {"name": name, "parameters": store.meta.model.get("parameters"), "bytes": checkpoint_bytes(store),
         "minutes": record.get("minutes"), "speed": speed_of(store), "results": str(store.path)}
        for name, store, record in zip(names, stores, training, strict=True)
    )  # fmt: skip
    left_out = {
        "not_in_all": everything - len(common),
        "trained_on": int((~unseen).sum()),
        "outside_label_map": int((unseen & ~known).sum()),
        "other_splits": int((unseen & known & ~wanted).sum()),
        "not_selected": 0,
    }
    return AlignedResults(
        tuple(names), models, tuple(stores), tuple(other_rows[keep] for other_rows in places), left_out
    )


def checkpoint_bytes(store: ResultsStore) -> int | None:
    """Return the file size of the checkpoint of some results; None when the file is gone or another checkpoint has
    replaced it."""
    path = Path(store.meta.checkpoint_file)
    if not path.is_file() or fingerprint(path) != store.meta.checkpoint_fingerprint:
        return None
    return path.stat().st_size


def speed_of(store: ResultsStore) -> dict[str, Any] | None:
    """Return the speed of the checkpoint of some results: ``rate``, ``machine`` and ``words``; None if it was not
    measured."""
    speed = read_speed(store.path.parent, store.meta.checkpoint, store.meta.checkpoint_fingerprint)
    return None if speed is None else {"rate": speed.rate, "machine": speed.machine, "words": speed.words()}


def _both(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return ids that are in both arrays; nearly always the arrays are equal."""
    return one if np.array_equal(one, other) else np.intersect1d(one, other, assume_unique=True)


def _rows_of(glyph_ids: np.ndarray, common: np.ndarray) -> np.ndarray:
    """Return intp [n]: rows of ``common`` in ``glyph_ids``, both ascending."""
    if len(glyph_ids) == len(common):
        return np.arange(len(common))
    return np.searchsorted(glyph_ids, common)


def _same_words(one: ResultsStore, own_rows: np.ndarray, other: ResultsStore, others: np.ndarray, name: str) -> bool:
    """Return whether a column holds the same words at the rows ``own_rows`` of ``one`` and ``others`` of ``other``."""
    index = {word: i for i, word in enumerate(one.columns.words[name])}
    code = np.array([index.get(word, -1) for word in other.columns.words[name]])
    return bool((one.columns.data[name][own_rows] == code[other.columns.data[name][others]]).all())
