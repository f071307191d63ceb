"""``glyphcore primitives``: the codebook of a checkpoint in use, its dead and duplicate codes, and its confusions."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from glyphcore.analysis.codebook import codebook, confusions, to_csv
from glyphcore.analysis.metrics import percent
from glyphcore.analysis.terms import PERPLEXITY
from glyphcore.annotations.dataset import tags_of
from glyphcore.config import PrimitivesConfig
from glyphcore.config.annotations import ANNOTATIONS
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters
from glyphcore.results.lookup import answerable, open_gathered
from glyphcore.results.where import of_figures, write

SHOWN = 30
"""Number of primitives that the report lists."""


def run(config: PrimitivesConfig, progress: Progress | None = None) -> dict[str, Any]:
    """Analyse the codebook; return ``results``, ``split``, ``where``, headline counts, ``primitives`` and
    ``confusions``."""
    store, split, filters = _asked(config, progress or Silent())
    book = codebook(store, split, filters)
    return {
        "results": store.path.name,
        "split": split,
        "where": write(filters),
        "cells": int(book.use.sum()),
        "judged": book.judged,
        "right": book.right,
        "codes": len(book),
        "used": int((~book.dead).sum()),
        "perplexity": book.perplexity,
        "dead": int(book.dead.sum()),
        "duplicate": int(book.duplicate.sum()),
        "badly": int(book.badly.sum()),
        "primitives": book.records(book.chosen(config.kind, config.sort)),
        "confusions": [asdict(confusion) for confusion in confusions(store, split, filters, limit=config.pairs)],
    }


def as_json(figures: dict[str, Any]) -> str:
    """Return all figures as indented JSON."""
    return json.dumps(figures, indent=1, ensure_ascii=False)


def as_csv(config: PrimitivesConfig, progress: Progress | None = None) -> str:
    """Return the chosen primitives as CSV."""
    book = codebook(*_asked(config, progress or Silent()))
    return to_csv(book, book.chosen(config.kind, config.sort))


def _asked(config: PrimitivesConfig, progress: Progress) -> tuple[ResultsStore, str, Filters]:
    """Return the results with their cells, the split and the selection."""
    filters, split, left_out = of_figures(config.where, config.split)
    if left_out:
        progress.say(left_out)
    store = open_gathered(
        config.model, config.db, config.results, config.cache, rasters=config.rasters, progress=progress
    )
    fingerprint = store.meta.dataset_fingerprint
    store = store.joined(tags=lambda: tags_of(ANNOTATIONS, fingerprint, config.db))
    answerable(store, filters)
    return store, split, filters


def report(figures: dict[str, Any]) -> str:
    """Return the headline, the first primitives and the most frequent confusions as Markdown."""
    right = f"{figures['right'] / figures['judged']:.2%} of them right" if figures["judged"] else "targets unknown"
    where = (figures["split"] or "all splits") + (f", {figures['where']}" if figures["where"] else "")
    lines = [
        f"{figures['cells']:,} cells with ink of {where}, {right}",
        f"{figures['used']:,} of {figures['codes']:,} primitives used, perplexity {figures['perplexity']:.0f}; "
        f"{figures['dead']:,} dead, {figures['duplicate']:,} with a near duplicate, "
        f"{figures['badly']:,} poorly predicted",
        PERPLEXITY,
        "",
        "| primitive | use | glyphs | accuracy | recall | purity | ink | runner-up | nearest |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in figures["primitives"][:SHOWN]:
        shares = " | ".join(percent(row[name]) for name in ("accuracy", "recall", "purity", "ink"))
        lines.append(
            f"| {row['id']} | {row['use']:,} | {row['glyphs']:,} | {shares} | {row['runner_up']} | "
            f"{row['nearest']} ({row['distance']:.2f}) |"
        )
    rest = len(figures["primitives"]) - SHOWN
    lines += [f"and {rest:,} more"] if rest > 0 else []
    if figures["confusions"]:
        lines += ["", "| target | predicted | cells | share of the target | distance |", "|---:|---:|---:|---:|---:|"]
        lines += [
            f"| {row['target']} | {row['read']} | {row['n']:,} | {row['share']:.1%} | {row['distance']:.2f} |"
            for row in figures["confusions"]
        ]
    return "\n".join(lines)
