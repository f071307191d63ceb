"""Checkpoints side by side on the very same glyphs: what one gets right and another does not, and whether that is luck.

Glyphs of fonts that any of the checkpoints was trained on are left out, so that none is judged by what it has seen;
so are labels that one of them cannot know. A difference comes with its flips, McNemar's exact test over them, and an
interval from resampling families, because the glyphs of one family err together and count for less than they are.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import bdtr

from glyphcore.data.store import SPLITS, GlyphStore
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultsStore
from glyphcore.results.metrics import KEYS, metrics, predictions, trained_fonts
from glyphcore.results.store import list_results

CRITERIA = {"label": "correct", "unicode": "unicode_correct", "twin": "twin_correct"}
"""What counts as right → the column that says so."""
RESAMPLES = 2000


@dataclass(frozen=True)
class Compared:
    """Results of several checkpoints, cut down to the glyphs that all of them may be judged by."""

    names: tuple[str, ...]
    """Checkpoints; numbered where two have one name."""
    models: tuple[dict[str, Any], ...]
    """``name``, ``parameters``, ``minutes`` (None when unknown), ``results`` (file)."""
    rows: tuple[pd.DataFrame, ...]
    """Prediction rows of each, aligned: row i is the same glyph in all."""
    left_out: dict[str, int]
    """Glyphs not compared: ``not_in_all``, ``trained_on``, ``outside_label_map``, ``other_splits``."""

    @property
    def n(self) -> int:
        return len(self.rows[0])


def load(stores: Sequence[ResultsStore], database: GlyphStore, split: str = "") -> Compared:
    """Align results; ``split`` keeps one split only.

    ``database`` says which of its fonts a checkpoint was trained on. Raises StoreError for fewer than two results,
    results of another database than this one, glyphs that changed between them, or when no common glyph is left.
    """
    if len(stores) < 2:
        raise StoreError("One result cannot be compared.", remedy="Name two or more.")
    for store in stores:
        if store.meta.dataset_fingerprint != database.fingerprint:
            raise StoreError(
                f"{store.path.name} is about another database than {database.path.name}.",
                subject=store.path,
                remedy="Evaluate all checkpoints on one database, and name it with --db.",
            )
    frames = [predictions(store.path).set_index("glyph_id") for store in stores]
    common = frames[0].index
    for frame in frames[1:]:
        common = common.intersection(frame.index)
    everything = len(np.unique(np.concatenate([frame.index for frame in frames])))
    frames = [frame.loc[common] for frame in frames]
    for frame in frames[1:]:
        if not (frame[["label", "split"]] == frames[0][["label", "split"]]).all(axis=None):
            raise StoreError("The results differ in labels or splits.", remedy="Evaluate the checkpoints again.")
    training = [store.meta.model.get("training") or {} for store in stores]
    seen = set().union(*(trained_fonts(each, database) for each in training))
    unseen = ~frames[0]["f_id"].isin(seen).to_numpy()
    known = np.logical_and.reduce([frame["label_index"].to_numpy() >= 0 for frame in frames])
    wanted = (frames[0]["split"] == split).to_numpy() if split else np.ones(len(common), bool)
    keep = unseen & known & wanted
    if not keep.any():
        raise StoreError(
            f"No glyph {f'of split {split!r} ' if split else ''}is left to compare: "
            "all are of fonts that one of the checkpoints was trained on, or of labels that one does not know.",
            remedy="Compare on a database with other fonts.",
        )
    names = [store.meta.checkpoint for store in stores]
    twice = {name for name in names if names.count(name) > 1}
    names = [f"{name} ({i})" if name in twice else name for i, name in enumerate(names, 1)]
    models = tuple(
        {"name": name, "parameters": store.meta.model.get("parameters"), "minutes": each.get("minutes"),
         "results": str(store.path)}
        for name, store, each in zip(names, stores, training, strict=True)
    )  # fmt: skip
    left_out = {
        "not_in_all": everything - len(common),
        "trained_on": int((~unseen).sum()),
        "outside_label_map": int((unseen & ~known).sum()),
        "other_splits": int((unseen & known & ~wanted).sum()),
    }
    return Compared(tuple(names), models, tuple(frame[keep].reset_index() for frame in frames), left_out)


def compare(compared: Compared) -> dict[str, Any]:
    """Everything about a comparison in plain types: the parts below under their names."""
    rows = compared.rows
    splits = [split for split in SPLITS if split in set(rows[0]["split"])]
    figures = [metrics(frame) for frame in rows]
    return {
        "n": compared.n,
        "left_out": compared.left_out,
        "models": [
            {**model, "figures": its, "delta": _delta(its, figures[0]),
             "by_split": {split: metrics(frame[frame["split"] == split]) for split in splits}}
            for model, its, frame in zip(compared.models, figures, rows, strict=True)
        ],
        "pairs": [
            {"a": compared.names[a], "b": compared.names[b],
             **{name: flips(rows[a][column], rows[b][column], rows[a]["family"]) for name, column in CRITERIA.items()}}
            for a, b in itertools.combinations(range(len(rows)), 2)
        ],
        "agreement": agreement(compared),
        "by_class": by_group(compared, "char_class"),
        "by_family": by_group(compared, "family"),
    }  # fmt: skip


def flips(a: pd.Series, b: pd.Series, family: pd.Series) -> dict[str, Any]:
    """How two models' rights and wrongs (bool or 0/1 [n], the same glyphs) meet, and what the difference is worth.

    ``fixed`` (wrong in ``a``, right in ``b``), ``broken``, ``both_right``, ``both_wrong``; ``difference`` b − a in
    accuracy; ``p``: McNemar's exact two-sided test; ``interval``: 95% of the difference over resampled families
    (percentile bootstrap, seeded), None with fewer than two families.
    """
    before, after = a.to_numpy(bool), b.to_numpy(bool)
    fixed, broken = int((~before & after).sum()), int((before & ~after).sum())
    n, changed = len(before), fixed + broken
    return {
        "n": n,
        "fixed": fixed,
        "broken": broken,
        "both_right": int((before & after).sum()),
        "both_wrong": int((~before & ~after).sum()),
        "difference": (fixed - broken) / n,
        "p": min(1.0, 2 * float(bdtr(min(fixed, broken), changed, 0.5))) if changed else 1.0,
        "interval": _interval(after.astype(int) - before.astype(int), family),
    }


def agreement(compared: Compared) -> list[list[float]]:
    """Share of glyphs that two models give the same label, right or wrong: [models][models]."""
    words = np.concatenate([frame["pred"].to_numpy() for frame in compared.rows])  # class indices may differ
    said = pd.factorize(words)[0].reshape(len(compared.rows), -1)
    return (said[:, None] == said[None]).mean(2).tolist()


def by_group(compared: Compared, column: str) -> list[dict[str, Any]]:
    """For each value of a column: ``name``, ``n``, label accuracy of each model, and against the first one ``delta``,
    ``fixed`` and ``broken``, a list with an entry a model. Largest change of any model first."""
    groups = compared.rows[0][column]
    right = pd.DataFrame({i: frame["correct"].to_numpy(bool) for i, frame in enumerate(compared.rows)})
    found = []
    for name, its in right.groupby(groups.to_numpy()):
        accuracy = its.mean().tolist()
        first = its[0]
        found.append(
            {
                "name": str(name),
                "n": len(its),
                "label_top1": accuracy,
                "delta": [each - accuracy[0] for each in accuracy],
                "fixed": [int((~first & its[i]).sum()) for i in its],
                "broken": [int((first & ~its[i]).sum()) for i in its],
            }
        )
    return sorted(found, key=lambda row: (-max(map(abs, row["delta"])), row["name"]))


def find_results(folder: Path, name: Path, database: GlyphStore, checkpoint_fingerprint: str = "") -> Path:
    """The finished results meant by ``name``: itself, or those of a checkpoint (by stem) on a database, newest first.

    ``checkpoint_fingerprint`` picks one of several checkpoints of that name. Raises StoreError when there are none.
    """
    if name.suffix == ".db":
        return name
    stem = name.stem if name.suffix == ".ckpt" else name.name
    for found in list_results(folder):
        fits = found.complete and found.checkpoint == stem and found.dataset_fingerprint == database.fingerprint
        if fits and checkpoint_fingerprint in found.path.name:
            return found.path
    raise StoreError(
        f"{name} was not evaluated on {database.path}.",
        subject=name,
        remedy=f"Run 'glyphcore evaluate {name} --db {database.path}' first.",
    )


def _delta(its: dict[str, Any], first: dict[str, Any]) -> dict[str, float | None]:
    shares = [key for key in KEYS if key not in ("n", "diacritic_n", "primitive_cells")]
    return {key: None if None in (its[key], first[key]) else its[key] - first[key] for key in shares}


def _interval(change: np.ndarray, family: pd.Series) -> list[float] | None:
    """95% interval of the mean of ``change`` (−1, 0 or 1 [n]) when whole families are drawn with replacement."""
    code, names = pd.factorize(family.to_numpy())
    if len(names) < 2:
        return None
    total, size = np.bincount(code, change), np.bincount(code)
    draws = np.random.default_rng(0).multinomial(len(names), np.full(len(names), 1 / len(names)), RESAMPLES)
    low, high = np.percentile((draws @ total) / (draws @ size), [2.5, 97.5])
    return [float(low), float(high)]
