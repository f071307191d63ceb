"""``glyphcore noise``: labels that the model and the other fonts doubt, most doubtful first. Loads no model."""

from __future__ import annotations

from glyphcore.analysis.noise import find_doubts, to_csv
from glyphcore.config import NoiseConfig
from glyphcore.data.cache import PackedRasters
from glyphcore.data.store import GlyphStore
from glyphcore.files import writing
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.label_issues import Doubts, read_doubts
from glyphcore.results.lookup import about_another, find_results


def run(config: NoiseConfig, progress: Progress | None = None) -> Doubts:
    """Find the queue, or read the one that is there, and write it as CSV to ``config.out``."""
    progress = progress or Silent()
    database = GlyphStore(config.db)
    store = ResultsStore(find_results(config.results, config.model, database))
    if said := about_another(store, config.db):
        progress.say(f"{said}: families are compared without their pictures")
    doubts = None if config.again else read_doubts(store.path)
    if doubts is None:
        rasters = None
        if database.has_contours and database.fingerprint == store.meta.dataset_fingerprint:
            rasters = PackedRasters.of(database, config.cache, progress=progress)
        doubts = find_doubts(store, rasters, progress)
    with writing(config.out) as out:
        out.write(to_csv(store, doubts))
    progress.say(f"{len(doubts.glyph_id):,} of {len(store):,} labels are doubtful")
    return doubts
