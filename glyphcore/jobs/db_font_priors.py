"""``glyphcore db font-priors``: learn from train fonts which labels occur together, in which size and order.

The result is ``dataset/font_priors.npz``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glyphcore.config import FontPriorsConfig
from glyphcore.data.geometry import KNOWN, geometry
from glyphcore.data.labels import load_labels
from glyphcore.data.store import GlyphStore
from glyphcore.decoding import glyph_order
from glyphcore.decoding.font_priors import FontPriors, fit
from glyphcore.errors import StoreError
from glyphcore.progress import Progress, Silent


def run(config: FontPriorsConfig, progress: Progress | None = None) -> FontPriors:
    """Fit the train split of ``config.db`` and write ``config.out``. Raises StoreError when it has too few fonts."""
    progress = progress or Silent()
    labels, store = load_labels(config.labels), GlyphStore(config.db)
    if not store.has_geometry:
        raise StoreError(f"{config.db} has no positions of glyphs in the em.", subject=config.db,
                         remedy="Build one with 'glyphcore db build'.")  # fmt: skip
    label, font, family, gid, values = [], [], [], [], []
    for row in store.rows(contours=False):
        if row.split == "train" and row.label in labels.index:
            glyph_geometry = geometry(row.box, row.advance, row.upem)
            if glyph_geometry[KNOWN]:
                label.append(labels.index[row.label])
                font.append(row.f_id)
                family.append(row.family or str(row.f_id))
                gid.append(-1 if row.gid is None else row.gid)
                values.append(glyph_geometry)
    if not label:
        raise StoreError(f"{config.db} has no train glyph of a known label.", subject=config.db)
    its_label, its_font = np.array(label), np.array(font)
    beside = glyph_order.fit(its_label, its_font, np.array(family), np.array(gid), len(labels))
    priors = replace(fit(its_label, its_font, np.stack(values), labels), order=beside)
    priors.save(config.out)
    progress.say(f"{config.out}: {len(label):,} glyphs of {len(set(font)):,} fonts")
    return priors
