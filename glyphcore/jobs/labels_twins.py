"""``glyphcore labels twins``: which labels most fonts draw identically, as a database counted when it was built."""

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
    """Fill the empty ``twin_of`` of the label set in place; returns how many labels have a twin.

    Raises StoreError for a database that did not count it.
    """
    alike = GlyphStore(config.db).meta.get("drawn_alike")
    if alike is None:
        raise StoreError(f"{config.db} does not say which labels fonts draw identically.", subject=config.db,
                         remedy="Build it anew.")  # fmt: skip
    twin = twins(alike, config.share, config.families)
    with config.labels.open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file)
        columns, rows = list(table.fieldnames or ()), list(table)
    known = set() if config.known is None else set(load_labels(config.known).labels)
    for row in rows:
        if row["label"] not in known:
            row["twin_of"] = row["twin_of"] or twin.get(row["label"], "")
    with writing(config.labels) as out:
        writer = csv.DictWriter(out, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    found = sum(bool(row["twin_of"]) for row in rows)
    (progress or Silent()).say(f"{config.labels}: {found:,} of {len(rows):,} labels have a twin")
    return found


def twins(alike: Sequence[Sequence], share: float, families: int) -> dict[str, str]:
    """Later label → the earlier one that it is drawn like most often, where at least ``share`` of the families that
    have both do so and at least ``families`` have both."""
    found: dict[str, tuple[float, str]] = {}
    for first, second, same, both in alike:
        if both >= families and same >= share * both and (second not in found or found[second][0] < same / both):
            found[second] = same / both, first
    return {label: first for label, (_, first) in found.items()}
