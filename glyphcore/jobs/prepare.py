"""``glyphcore prepare``: what the app needs before its first page, and nothing that is there already.

The one job that runs another: it evaluates every shipped checkpoint on the shipped database.
"""

from __future__ import annotations

from glyphcore.config import CACHE, DATASET, EvaluateConfig, shipped_checkpoints
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError
from glyphcore.files import fingerprint
from glyphcore.progress import Progress, Silent
from glyphcore.results.store import list_results, results_path


def run(progress: Progress | None = None) -> int:
    """Evaluate what has no results yet; returns how many evaluations ran. Takes no time when there is nothing to do."""
    progress = progress or Silent()
    checkpoints = shipped_checkpoints()
    if not checkpoints:
        raise GlyphError("There is no checkpoint in checkpoints/.", remedy="Train one with 'glyphcore train'.")
    dataset = GlyphStore(DATASET / "glyphs.db").fingerprint
    folder = CACHE / "results"
    there = {found.path for found in list_results(folder) if found.complete}
    ran = 0
    for checkpoint in checkpoints:
        if results_path(folder, checkpoint.stem, fingerprint(checkpoint), dataset) in there:
            continue
        from glyphcore.jobs import evaluate  # loads torch: only when there is work

        progress.say(f"Evaluating {checkpoint.name} on the shipped glyphs (once; the app reads the results)")
        evaluate.run(EvaluateConfig(checkpoint=checkpoint), progress)
        ran += 1
    return ran
