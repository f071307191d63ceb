"""``glyphcore prepare``: make the results that the app needs before its first page, unless they exist.

This is the only job that runs another job: it evaluates the best shipped checkpoint on the shipped database, or all
shipped checkpoints.
"""

from __future__ import annotations

from glyphcore.config import CACHE, DATASET, EvaluateConfig, shipped_checkpoints
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError
from glyphcore.files import fingerprint
from glyphcore.progress import Progress, Silent
from glyphcore.results.store import list_results, results_path

BEST = "mixer-geometry"
RESULTS = CACHE / "results"


def run(progress: Progress | None = None, *, every: bool = False) -> int:
    """Run the missing evaluations; return their number. Takes no time when there is nothing to do."""
    progress = progress or Silent()
    checkpoints = shipped_checkpoints()
    if not checkpoints:
        raise GlyphError("There is no checkpoint in checkpoints/.", remedy="Train one with 'glyphcore train'.")
    if not every:
        checkpoints = [next((path for path in checkpoints if path.stem == BEST), checkpoints[0])]
    dataset = GlyphStore(DATASET / "glyphs.db").fingerprint
    there = {file.path for file in list_results(RESULTS) if file.complete}
    missing = [c for c in checkpoints if results_path(RESULTS, c.stem, fingerprint(c), dataset) not in there]
    for checkpoint in missing:
        from glyphcore.jobs import evaluate  # loads torch, so only when there is work

        progress.say(f"Evaluating {checkpoint.name} on the shipped glyphs (once; the app reads the results)")
        evaluate.run(EvaluateConfig(checkpoint=checkpoint), progress)
    return len(missing)
