"""Splits by copies: families that copy each other, the split of each family, and the fonts that a checkpoint was
trained on.

Fonts copy each other: thirty Arabic families share one Latin, and the Latin of a family may be that of another family.
A random split by family would test on outlines that were trained on. So families that share near-identical glyphs are
joined into groups, and all families of a group get the same split.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from glyphcore.data.raster import unpack
from glyphcore.data.store import GlyphStore

NEAR = 0.97
"""Rasters of one label with at least this intersection over union count as near-identical."""
SHARED = 0.08
"""Families are copies when this share of their common distinctive glyphs is near-identical …"""
SHARED_AT_LEAST = 6
"""… and at least this number of them is."""
TELLING_POINTS = 20
"""Only outlines with this many points distinguish designs: every full stop looks like every other."""
SHARES = {"train": 0.8, "val": 0.1, "test": 0.1}


def copied_pairs(
    packed: np.ndarray, points: np.ndarray, label: np.ndarray, family: np.ndarray
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return pairs of families with near-identical glyphs.

    ``packed``: uint8 [n, 2048] rasters; ``points``: int [n] outline points; ``label`` and ``family``: int [n].
    Returns ``(family a, family b) → (near-identical labels, common labels)``, a < b, for pairs with at least one.
    """
    families = int(family.max()) + 1 if len(family) else 0
    near = np.zeros((families, families), dtype=np.int32)
    common = np.zeros((families, families), dtype=np.int32)
    telling = points >= TELLING_POINTS
    order = np.argsort(label, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(label[order])) + 1):
        rows = rows[telling[rows]]
        if len(rows) < 2:
            continue
        # A quarter of the pixels separates copies from other designs as well as all pixels, sixteen times faster.
        pixels = unpack(packed[rows])[:, ::2, ::2].reshape(len(rows), -1).astype(np.float32)
        both = pixels @ pixels.T
        area = pixels.sum(1)
        same = both >= NEAR * np.maximum(area[:, None] + area[None] - both, 1)
        member = np.zeros((len(rows), families), dtype=np.float32)
        member[np.arange(len(rows)), family[rows]] = 1
        near += (member.T @ same.astype(np.float32) @ member) > 0
        present = member.max(0) > 0
        common += np.outer(present, present)
    a, b = np.nonzero(np.triu(near, 1))
    return {(int(i), int(j)): (int(near[i, j]), int(common[i, j])) for i, j in zip(a, b, strict=True)}


def is_copy(near: int, common: int) -> bool:
    """Return whether two families with ``near`` near-identical of ``common`` distinctive labels count as copies."""
    return near >= SHARED_AT_LEAST and near >= SHARED * common


def groups(families: int, pairs: Mapping[tuple[int, int], tuple[int, int]]) -> np.ndarray:
    """Return int [families]: the smallest family index of each family's group of copies."""
    group = np.arange(families)
    for (a, b), (near, common) in sorted(pairs.items()):
        if is_copy(near, common):
            low, high = sorted((group[a], group[b]))
            group[group == high] = low
    return group


def assign_splits(counts: np.ndarray, group: np.ndarray, allowed: Sequence[Sequence[str]]) -> list[str]:
    """Return the split of each family: 80/10/10 of the rows, of every class, whole groups only; deterministic.

    ``counts``: int [families, classes] rows; ``group``: from :func:`groups`; ``allowed``: the splits that each family
    may be in. Large groups are assigned first; each gets the split that brings the shares closest to the wanted ones.
    Where no split is allowed for all families of a group, families with a free choice follow the restricted ones, and a
    family that cannot follow gets no split (empty).
    """
    members: dict[int, list[int]] = defaultdict(list)
    for family, its_group in enumerate(group):
        members[int(its_group)].append(family)
    total = np.maximum(counts.sum(0), 1)
    have = {split: np.zeros(counts.shape[1]) for split in SHARES}
    split = [""] * len(group)
    settled = [len(options) == 1 for options in allowed]
    for families in sorted(members.values(), key=lambda member: (-int(counts[member].sum()), member[0])):
        options = _common(allowed, families) or _common(allowed, [family for family in families if settled[family]])
        if not options:  # copies of families of several splits: these stay in their splits, the others are left out
            for family in families:
                split[family] = allowed[family][0] if settled[family] else ""
            continue
        staying = [family for family in families if set(options) & set(allowed[family])]
        added = counts[staying].sum(0) / total

        def error(choice: str, added: np.ndarray = added) -> float:
            return sum(
                float((((have[name] + (added if name == choice else 0)) / share - 1) ** 2).sum() * share)
                for name, share in SHARES.items()
            )

        chosen = min(options, key=error)
        have[chosen] += added
        for family in staying:
            split[family] = chosen
    return split


def _common(allowed: Sequence[Sequence[str]], families: Sequence[int]) -> list[str]:
    """Return the splits that are allowed for all given families, in the order of ``SHARES``."""
    return [name for name in SHARES if families and all(name in allowed[family] for family in families)]


def trained_fonts(training: Mapping[str, Any], store: GlyphStore) -> set[str]:
    """Return the f_ids, as text, of a database's fonts that a checkpoint was trained on, by the hashes in its
    recipe."""
    trained = set(training.get("trained_fonts", []))
    return {f_id for f_id, hashed in store.font_hashes().items() if hashed[:16] in trained}
