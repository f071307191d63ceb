"""``glyphcore labels twins``: find confusables, labels that most fonts draw identically, from counts by ``db
build``."""

from __future__ import annotations

import csv
from collections.abc import Sequence

from glyphcore.config import TwinsConfig
from glyphcore.data.labels import load_labels
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.files import writing
from glyphcore.progress import Progress, Silent


def run(config: TwinsConfig, progress: Progress | None = None) -> int:
    """Fill the empty ``twin_of`` of the label set in place; return the number of labels that have a confusable.

    Raises StoreError for a database without these counts.
    """
    alike = GlyphStore(config.db).meta.get("drawn_alike")
    if alike is None:
        raise StoreError(f"{config.db} does not say which labels fonts draw identically.", subject=config.db,
                         remedy="Build the database again.")  # fmt: skip
    confusable_of = twins(alike, config.share, config.families)
    with config.labels.open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file)
        columns, rows = list(table.fieldnames or ()), list(table)
    known = set() if config.known is None else set(load_labels(config.known).labels)
    for row in rows:
        if row["label"] not in known:
            row["twin_of"] = row["twin_of"] or confusable_of.get(row["label"], "")
    with writing(config.labels) as out:
        writer = csv.DictWriter(out, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    count = sum(bool(row["twin_of"]) for row in rows)
    (progress or Silent()).say(f"{config.labels}: {count:,} of {len(rows):,} labels have a twin")
    return count


def twins(alike: Sequence[Sequence], share: float, families: int) -> dict[str, str]:
    """Return later label → the earlier label that it is most often drawn like. At least ``share`` of the families with
    both labels must draw them alike, and at least ``families`` must have both."""
    best: dict[str, tuple[float, str]] = {}
    for first, second, same, both in alike:
        if both >= families and same >= share * both and (second not in best or best[second][0] < same / both):
            best[second] = same / both, first
    return {label: first for label, (_, first) in best.items()}
