"""``glyphcore compare``: compare evaluated checkpoints on the same glyphs. Only results are read; no model is
loaded."""

from __future__ import annotations

import json
from typing import Any

from glyphcore.analysis.alignment import load
from glyphcore.analysis.compare import compare
from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.flips import Choice, to_csv
from glyphcore.analysis.metrics import METRICS
from glyphcore.annotations.dataset import tags_of
from glyphcore.config import CompareConfig
from glyphcore.config.annotations import ANNOTATIONS
from glyphcore.data.store import SPLITS, GlyphStore
from glyphcore.errors import StoreError
from glyphcore.files import writing
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.lookup import find_results, open_for
from glyphcore.results.where import of_figures, write

MOVED = 12
"""Number of classes, families and labels that are shown."""


def run(config: CompareConfig, progress: Progress | None = None) -> dict[str, Any]:
    """Compare and return the figures (see :func:`glyphcore.analysis.compare.compare`); write ``config.out`` and
    ``config.flips``."""
    progress = progress or Silent()
    database = GlyphStore(config.db)
    filters, split, left_out = of_figures(config.where, config.split)
    if split not in ("", *SPLITS):
        raise StoreError(f"There is no split {split!r}.", remedy=f"Use one of {', '.join(SPLITS)}.")
    first, *others = config.models
    stores = [
        open_for(filters, first, config.db, config.results, config.cache, progress=progress,
                 tags=lambda fingerprint: tags_of(ANNOTATIONS, fingerprint, config.db)),
        *(ResultsStore(find_results(config.results, name, database)) for name in others),
    ]  # fmt: skip
    if left_out:
        progress.say(left_out)
    compared = load(stores, database, split).of(filters)
    figures = {"database": str(config.db), "split": split, "where": write(filters), **compare(compared)}
    if config.out:
        with writing(config.out) as out:
            out.write(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    if config.flips:
        chosen = Choice(0, 1, config.right_by, config.kind)
        with writing(config.flips) as out:
            out.write("".join(to_csv(compared, chosen)))
    return figures


def report(figures: dict[str, Any]) -> str:
    """Return figures as text: headline with differences to the first checkpoint, flips and their significance,
    agreement, and the largest changes."""
    models, first = figures["models"], figures["models"][0]
    where = f", selected by {figures['where']}" if figures["where"] else ""
    lines = [f"{figures['n']:,} glyphs of {figures['database']} that the comparison uses{where}"]
    lines += [f"left out: {', '.join(f'{n:,} {why}' for why, n in figures['left_out'].items() if n) or 'none'}", ""]
    metrics = METRICS.values()
    lines.append("| | parameters | minutes | glyphs/s | " + " | ".join(metric.title for metric in metrics) + " |")
    lines.append("|---|---:|---:|---:|" + "---:|" * len(metrics))
    for model in models:
        cells = [_share(model, metric.key, model is not first) for metric in metrics]
        cost = ["–" if model[key] is None else f"{model[key]:,}" for key in ("parameters", "minutes")]
        speed = f"{model['speed']['rate']:,.0f}" if model["speed"] else "–"
        lines.append(f"| {model['name']} | {' | '.join([*cost, speed, *cells])} |")
    lines += [f"{model['name']}: {model['speed']['words']}" for model in models if model["speed"]]
    lines += ["", "| A → B | right by | fixed | broken | both right | both wrong | B − A (95% over families) | p |",
              "|---|---|---:|---:|---:|---:|---:|---:|"]  # fmt: skip
    for pair in figures["pairs"]:
        for key, criterion in CRITERIA.items():
            test = pair[key]
            counts = " | ".join(f"{test[kind]:,}" for kind in ("fixed", "broken", "both_right", "both_wrong"))
            spread = (
                "" if test["interval"] is None else " ({:+.2f} … {:+.2f})".format(*(100 * x for x in test["interval"]))
            )
            lines.append(f"| {pair['a']} → {pair['b']} | {criterion.title} | {counts} | "
                         f"{100 * test['difference']:+.2f}{spread} | {test['p']:.2g} |")  # fmt: skip
    lines += ["", f"| same label | {' | '.join(model['name'] for model in models)} |", f"|---|{'---:|' * len(models)}"]
    for model, row in zip(models, figures["agreement"], strict=True):
        lines.append(f"| {model['name']} | {' | '.join(f'{100 * share:.1f}' for share in row)} |")
    for column, what in (("by_class", "class"), ("by_family", "family"), ("by_label", "label")):
        rows = figures[column]
        shown = f", the {MOVED} that moved most of {len(rows)}" if len(rows) > MOVED else ""
        lines += ["", f"| {what}{shown} | n | {' | '.join(model['name'] for model in models)} |"]
        lines.append(f"|---|---:|{'---:|' * len(models)}")
        for row in rows[:MOVED]:
            accuracy = zip(row["label_top1"], row["delta"], strict=True)
            cells = [
                f"{100 * p:.1f}" + (f" ({100 * delta:+.1f})" if i else "") for i, (p, delta) in enumerate(accuracy)
            ]
            lines.append(f"| {row['name']} | {row['n']:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _share(model: dict[str, Any], key: str, with_delta: bool) -> str:
    share, delta = model["figures"][key], model["delta"][key]
    if share is None:
        return "–"
    return f"{100 * share:.1f}" + (f" ({100 * delta:+.2f})" if with_delta and delta is not None else "")
