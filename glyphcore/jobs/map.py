"""``glyphcore map``: lay out results on a plane with similar glyphs close together, for the app's map."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

import numpy as np

from glyphcore.config import MapConfig
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.lookup import find_results
from glyphcore.results.neighbours import embeddings
from glyphcore.results.projection import Projection, load, principal, sample, save, to_unit

ITERATIONS = 750
REPORT = 50
"""Number of iterations between two lines that scikit-learn prints."""
PERPLEXITY = 30.0


def run(config: MapConfig, progress: Progress | None = None) -> Projection:
    """Lay out the embeddings of a results file and store the map beside it; an existing map is only read."""
    progress = progress or Silent()
    path = find_results(config.folder, config.results, config.db)
    settings = {"points": config.points, "seed": config.seed, "split": config.split}
    projection = None if config.again else load(path)
    if projection is not None and {name: projection.about.get(name) for name in settings} == settings:
        progress.say(f"the map is there: {path.name}, {len(projection.glyph_id):,} of {projection.total:,} glyphs")
        return projection
    store = ResultsStore(path)
    rows = sample(store.columns, config.points, config.seed, config.split)
    total = int(store.columns.any_of("split", (config.split,)).sum()) if config.split else len(store)
    vectors = embeddings(path, store.columns, progress)[rows].astype(np.float32)
    xy = layout(principal(vectors), config.seed, progress)
    about = {**settings, "method": "t-SNE of 30 principal components", "perplexity": PERPLEXITY}
    made = Projection(store.columns.data["glyph_id"][rows].astype(np.int64), to_unit(xy), total, about)
    progress.say(f"map: {save(path, made)}, {len(rows):,} of {total:,} glyphs")
    return made


def layout(vectors: np.ndarray, seed: int, progress: Progress) -> np.ndarray:
    """Lay out float32 [m, width] as positions [m, 2]; fewer than 8 glyphs have no neighbourhoods and get two principal
    components."""
    m = len(vectors)
    if m < 8 or vectors.shape[1] < 2:
        return np.pad(vectors[:, :2], ((0, 0), (0, max(0, 2 - vectors.shape[1]))))
    from sklearn.manifold import TSNE

    start = vectors[:, :2] / max(float(vectors[:, 0].std()), 1e-12) * 1e-4
    with _watched(progress):
        return TSNE(
            perplexity=min(PERPLEXITY, (m - 1) / 3), init=start, max_iter=ITERATIONS, random_state=seed, verbose=2,
        ).fit_transform(vectors)  # fmt: skip


@contextmanager
def _watched(progress: Progress) -> Iterator[None]:
    """Follow the progress of scikit-learn, which only prints it."""
    bar = iter(progress.track(range(ITERATIONS), total=ITERATIONS, what="iterations"))

    class Lines(io.TextIOBase):
        def write(self, text: str) -> int:
            if "] Iteration" in text:
                for _ in range(REPORT):
                    next(bar, None)
            return len(text)

    with redirect_stdout(Lines()):
        yield
    for _ in bar:
        pass
