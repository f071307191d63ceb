"""``glyphcore label-issues``: labels that the model and the other fonts contradict, most doubtful first, without labels
that somebody has corrected since. No model is loaded."""

from __future__ import annotations

from glyphcore.analysis.label_issues import find_label_issues, open_entries, to_csv
from glyphcore.annotations.dataset import corrections_of
from glyphcore.config import LabelIssuesConfig
from glyphcore.data.cache import PackedRasters
from glyphcore.data.store import GlyphStore
from glyphcore.files import writing
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.label_issues import LabelIssues, read_label_issues
from glyphcore.results.lookup import about_another, find_results


def run(config: LabelIssuesConfig, progress: Progress | None = None) -> LabelIssues:
    """Find the queue, or read the existing one, and write it as CSV to ``config.out``."""
    progress = progress or Silent()
    database = GlyphStore(config.db)
    store = ResultsStore(find_results(config.results, config.model, database))
    if remark := about_another(store, config.db):
        progress.say(f"{remark}: families are compared without their pictures")
    issues = None if config.again else read_label_issues(store.path)
    if issues is None:
        rasters = None
        if database.has_contours and database.fingerprint == store.meta.dataset_fingerprint:
            rasters = PackedRasters.of(database, config.cache, progress=progress)
        issues = find_label_issues(store, rasters, progress)
    corrected = corrections_of(config.annotations, store.meta.dataset_fingerprint, config.db)
    with writing(config.out) as out:
        out.write(to_csv(store, issues, corrected))
    left = len(open_entries(issues, corrected))
    done = len(issues.glyph_id) - left
    also = f"; {done:,} more were corrected and are left out" if done else ""
    progress.say(f"{left:,} of {len(store):,} labels are doubtful{also}")
    return issues
