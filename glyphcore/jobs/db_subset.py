"""``glyphcore db subset``: the redistributable part of a full database, limited in size, and its attribution file.

It contains only families whose licence allows redistribution of outlines, and no family that shares outlines with a
family whose licence does not. Val and test are complete. Train gets families until the size is reached; families with
labels that are still missing come first.
"""

from __future__ import annotations

from collections import Counter

import pandas as pd

from glyphcore.config import SubsetConfig
from glyphcore.data.corpus import may_redistribute
from glyphcore.data.foreign import reading
from glyphcore.data.store import GlyphStore
from glyphcore.data.store.writer import write_store
from glyphcore.errors import StoreError
from glyphcore.files import replacing, writing
from glyphcore.progress import Progress, Silent

ROW_OVERHEAD = 112
"""Measured number of bytes of a row without its contours. It only guides the choice; the result is measured again."""


def run(config: SubsetConfig, progress: Progress | None = None) -> dict[str, int]:
    """Write ``config.out`` and ``config.attribution``; return the number of glyphs by split.

    Raises StoreError when licences are unknown, a label would be missing from train, or the file would be too large;
    then earlier files stay.
    """
    progress = progress or Silent()
    store = GlyphStore(config.db)
    fonts = store.fonts()
    if not {"licence", "split_group"} <= set(fonts.columns):
        raise StoreError(
            f"{config.db} does not say under which licences its fonts are and which copy each other; "
            "nothing was written.",
            subject=config.db,
            remedy="Build the database with 'glyphcore db build'.",
        )
    fonts = fonts[~fonts["f_id"].isin(store.meta.get("further_fonts", []))]
    free = fonts["licence"].map(may_redistribute)
    bound = set(fonts[~free]["split_group"])
    fonts = fonts[free & ~fonts["split_group"].isin(bound)]
    with reading(config.db, config.db) as connection:
        glyphs = pd.read_sql_query("SELECT glyph_id, f_id, label, length(contours) AS bytes FROM glyphs", connection)
    glyphs = glyphs.merge(fonts[["f_id", "family", "split"]], on="f_id")
    glyphs["bytes"] += ROW_OVERHEAD
    labels = set(store.labels()["label"])
    families = _choose(glyphs, labels, config.megabytes * 1e6)
    chosen = glyphs[glyphs["family"].isin(families)]
    fonts = fonts[fonts["f_id"].isin(set(chosen["f_id"]))]
    missing = labels - set(chosen[chosen["split"] == "train"]["label"])
    if missing:
        raise StoreError(
            f"{len(missing)} labels would be missing from train (first: {min(missing)}); nothing was written.",
            remedy="Allow more megabytes.",
        )
    with (
        reading(config.db, config.db) as connection,
        replacing(config.out) as part,
    ):
        marks = ",".join("?" * len(fonts))
        rows = connection.execute(
            f"SELECT * FROM glyphs WHERE f_id IN ({marks}) ORDER BY glyph_id", fonts["f_id"].tolist()
        )
        meta = {key: value for key, value in store.meta.items() if key not in ("format", "further_fonts")}
        write_store(part, fonts, rows, {**meta, "part_of": store.fingerprint})
        size = part.stat().st_size
        if size > config.megabytes * 1e6:
            raise StoreError(
                f"{config.out.name} came out at {size / 1e6:.1f} MB, more than {config.megabytes}; nothing was written."
            )
    with writing(config.attribution) as out:
        out.write(attribution(fonts))
    counts = Counter(chosen["split"])
    progress.say(f"{config.out}: {size / 1e6:.1f} MB, {len(families)} families, {dict(counts)}")
    return dict(counts)


def _choose(glyphs: pd.DataFrame, labels: set[str], limit: float) -> list[str]:
    """Return families to ship: all of val and test, then train families by rare labels per byte, within ``limit``
    bytes."""
    held_out = glyphs[glyphs["split"] != "train"]
    chosen = sorted(set(held_out["family"]))
    budget = 0.985 * limit - held_out["bytes"].sum()
    train = glyphs[glyphs["split"] == "train"]
    by_family = {str(family): group for family, group in train.groupby("family")}
    weight = (1 / train.groupby("label")["family"].nunique()).to_dict()
    missing = labels.copy()

    def value(family: str) -> float:
        group = by_family[family]
        gained = set(group["label"])
        return sum(weight[label] * (50 if label in missing else 1) for label in gained) / group["bytes"].sum()

    while by_family:
        family = max(sorted(by_family), key=value)
        group = by_family.pop(family)
        if group["bytes"].sum() <= budget:
            budget -= group["bytes"].sum()
            missing -= set(group["label"])
            chosen.append(family)
    return chosen


def attribution(fonts: pd.DataFrame) -> str:
    """Return a Markdown list of families, packages and licences, from a table of fonts."""
    lines = [
        "# Where the outlines come from",
        "",
        "Generated by `glyphcore db subset` from the fonts table of `glyphs.db`. The outlines of each family stay",
        "under its licence; the packages named here carry the full texts and the authors' names.",
        "",
        "| family | licence | package | version | styles |",
        "|---|---|---|---|---|",
    ]
    for family, group in fonts.sort_values("family", key=lambda names: names.str.lower()).groupby("family", sort=False):
        first = group.iloc[0]
        styles = ", ".join(dict.fromkeys(group.sort_values("weight")["style"]))
        source = {"npm": "npm", "debian": "Debian"}.get(first["source"], first["source"])
        lines.append(f"| {family} | {first['licence']} | {source} {first['package']} | {first['version']} | {styles} |")
    return "\n".join(lines) + "\n"
