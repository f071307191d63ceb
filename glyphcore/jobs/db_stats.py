"""``glyphcore db stats``: the contents of a database as Markdown tables."""

from __future__ import annotations

import pandas as pd

from glyphcore.config import StatsConfig
from glyphcore.data.labels import load_labels
from glyphcore.data.store import SPLITS, GlyphStore
from glyphcore.progress import Progress, Silent


def run(config: StatsConfig, progress: Progress | None = None) -> str:
    """Return families, fonts, glyphs and labels by split and class, dropped candidates by reason, licences."""
    store = GlyphStore(config.db)
    labels = load_labels(config.labels)
    glyphs = (progress or Silent()).track(store.rows(contours=False), total=store.count(), what="glyphs")
    rows = pd.DataFrame(
        [(row.label, row.split, row.family, row.f_id, row.licence or "unknown") for row in glyphs],
        columns=["label", "split", "family", "f_id", "licence"],
    )
    kind = dict(zip(labels.labels, labels.char_class, strict=True))
    rows["class"] = rows["label"].map(kind).fillna("outside the label set")
    by_split = rows.groupby("split")
    parts = [
        f"{len(rows):,} glyphs, {rows['label'].nunique():,} labels, {rows['family'].nunique()} families, "
        f"{rows['f_id'].nunique()} font files.",
        _table(
            "split",
            {
                split: {
                    "families": group["family"].nunique(),
                    "fonts": group["f_id"].nunique(),
                    "glyphs": len(group),
                    "labels": group["label"].nunique(),
                }
                for split, group in sorted(by_split, key=lambda item: SPLITS.index(str(item[0])))
            },
        ),
        _table(
            "class",
            {
                str(name): {
                    "labels": group["label"].nunique(),
                    **{split: int((group["split"] == split).sum()) for split in SPLITS},
                    **{f"labels in {split}": group[group["split"] == split]["label"].nunique() for split in SPLITS},
                }
                for name, group in rows.groupby("class")
            },
        ),
    ]
    if dropped := store.meta.get("dropped"):
        parts.append(_table("no row because", {reason: {"candidates": count} for reason, count in dropped.items()}))
    licences = rows.groupby("licence").agg(families=("family", "nunique"), glyphs=("label", "size"))
    parts.append(
        _table("licence", {str(name): {str(k): v for k, v in row.items()} for name, row in licences.iterrows()})
    )
    parts.extend(f"Note: {note}" for note in store.notes)
    return "\n\n".join(parts)


def _table(first: str, rows: dict) -> str:
    columns = list(next(iter(rows.values()))) if rows else []
    lines = [f"| {first} | {' | '.join(columns)} |", f"|---|{'---:|' * len(columns)}"]
    lines += [f"| {name} | {' | '.join(f'{row[column]:,}' for column in columns)} |" for name, row in rows.items()]
    return "\n".join(lines)
