"""The figures that a checkpoint is judged by, from its stored predictions.

Strict label accuracy, the same with the form ignored (Unicode) and up to visual twins, top-5, the mean over labels
(macro), marks alone, and primitives over non-empty cells. Each comes with its sample size. Glyphs of fonts that the
checkpoint was trained on are left out of the headline; labels that it cannot know are counted and left out everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from glyphcore.data.labels import DIACRITIC_SUFFIX
from glyphcore.data.store import SPLITS, GlyphStore
from glyphcore.results.connection import reading

KEYS = (
    "n", "label_top1", "unicode_top1", "twin_top1", "label_top5", "label_macro", "diacritic_n", "diacritic_top1",
    "primitive_cells", "primitive_accuracy",
)  # fmt: skip
_COLUMNS = (
    "glyph_id", "label", "label_index", "char_class", "split", "family", "f_id", "pred", "rank", "correct",
    "unicode_correct", "twin_correct", "cells_right", "cells_total",
)  # fmt: skip
CHUNK = 50_000
"""Rows as tuples at once."""


def predictions(path: Path) -> pd.DataFrame:
    """What figures are made of, a row a glyph in key order, of a results file that may still be unfinished."""
    words: dict[bytes, str] = {}
    with reading(path) as connection:
        # A million rows repeat a few thousand words: each is kept once.
        connection.text_factory = lambda raw: words.get(raw) or words.setdefault(raw, raw.decode())
        query = f"SELECT {', '.join(_COLUMNS)} FROM predictions ORDER BY glyph_id"
        # Rows as tuples take four times what columns take, so only some are there at once.
        return pd.concat(pd.read_sql_query(query, connection, chunksize=CHUNK), ignore_index=True)


def trained_fonts(training: Mapping[str, Any], store: GlyphStore) -> set[str]:
    """f_ids, as text, of a database's fonts that a checkpoint was trained on, by the hashes in its recipe."""
    trained = set(training.get("trained_fonts", []))
    return {f_id for f_id, hashed in store.font_hashes().items() if hashed[:16] in trained}


def metrics(rows: pd.DataFrame) -> dict[str, float | int | None]:
    """Figures over prediction rows of known labels; None where the sample is empty. Keys: :data:`KEYS`."""

    def mean(values: pd.Series) -> float | None:
        return float(values.mean()) if len(values) else None

    marks = rows[rows["label"].str.endswith(DIACRITIC_SUFFIX)]
    cells = int(rows["cells_total"].sum())
    return {
        "n": len(rows),
        "label_top1": mean(rows["correct"]),
        "unicode_top1": mean(rows["unicode_correct"]),
        "twin_top1": mean(rows["twin_correct"]),
        "label_top5": mean(rows["rank"] <= 5),
        "label_macro": mean(rows.groupby("label")["correct"].mean()),
        "diacritic_n": len(marks),
        "diacritic_top1": mean(marks["correct"]),
        "primitive_cells": cells,
        "primitive_accuracy": float(rows["cells_right"].sum() / cells) if cells else None,
    }


def aggregate(path: Path, trained_fonts: Collection[str]) -> dict[str, Any]:
    """Figures of a results file: the headline's at the top, then ``by_split`` and ``by_class``.

    ``trained_fonts``: f_ids (as text) of fonts that the checkpoint was trained on; their glyphs count only under their
    split. Reads ``path`` while it may still be unfinished.
    """
    return figures_of(predictions(path), trained_fonts)


def figures_of(rows: pd.DataFrame, trained_fonts: Collection[str]) -> dict[str, Any]:
    """The same of rows like those of :func:`predictions`."""
    known = rows[rows["label_index"] >= 0]
    unseen = known[~known["f_id"].isin(list(trained_fonts))]
    return {
        **metrics(unseen),
        "trained_on": len(known) - len(unseen),
        "outside_label_map": len(rows) - len(known),
        "by_split": {
            split: metrics(known[known["split"] == split]) for split in SPLITS if split in set(known["split"])
        },
        "by_class": {str(name): metrics(group) for name, group in unseen.groupby("char_class")},
    }


def table(groups: dict[str, dict[str, Any]]) -> str:
    """Figures of named groups of glyphs as a Markdown table, a row a group."""
    lines = [
        "| | n | label | Unicode | twin-aware | top-5 | label macro | marks (n) | primitives |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, group in groups.items():
        shares = [percent(group[key]) for key in
                  ("label_top1", "unicode_top1", "twin_top1", "label_top5", "label_macro")]  # fmt: skip
        marks = f"{percent(group['diacritic_top1'])} ({group['diacritic_n']:,})"
        cells = [f"{group['n']:,}", *shares, marks, percent(group["primitive_accuracy"])]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def percent(share: float | None) -> str:
    """``97.1`` for 0.971, a dash for None."""
    return "–" if share is None else f"{100 * share:.1f}"
