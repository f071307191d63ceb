"""``glyphcore map``: results → a plane on which similar glyphs lie together, for the app's map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from glyphcore.config import MapConfig
from glyphcore.errors import StoreError
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.lookup import find_results
from glyphcore.results.neighbours import embeddings
from glyphcore.results.projection import Projection, load, map_path, principal, sample, save, to_unit
from glyphcore.runtime.base import cores

ITERATIONS = (250, 500)
"""With early exaggeration, and after it."""
REPORT = 10
"""Iterations between two reports of progress."""
PERPLEXITY = 30.0
FITTED = 50_000
"""Glyphs that the layout is fitted to; more of them are placed among their neighbours."""
WORTH_THREADS = 5_000
"""Glyphs from which on threads save more than they cost."""
BATCH = 20_000
"""Glyphs placed at a time."""
NEIGHBOURS = 10
"""Fitted glyphs that a further one is placed among."""
EQUAL = 1e-4
"""Squared distance of unit vectors up to which two glyphs are drawn the same."""
PLACED = 250
"""Glyphs whose distances to a whole map are in memory at the same time."""


def run(config: MapConfig, progress: Progress | None = None) -> Projection:
    """Lay out the embeddings of a results file and store the map beside it; one that is there is only read."""
    progress = progress or Silent()
    path = find_results(config.folder, config.results, config.db)
    settings: dict[str, object] = {"points": config.points, "seed": config.seed, "split": config.split, "onto": None}
    base = None if config.onto is None else ResultsStore(find_results(config.folder, config.onto, config.db))
    if base is not None:
        layout_of = map_path(base.path)
        settings["onto"] = f"{base.path.name} {layout_of.stat().st_mtime_ns if layout_of.exists() else ''}"
    projection = None if config.again else load(path)
    if projection is not None and {name: projection.about.get(name) for name in settings} == settings:
        progress.say(
            f"the map exists already: {path.name}, {len(projection.glyph_id):,} of {projection.total:,} glyphs"
        )
        return projection
    store = ResultsStore(path)
    rows = sample(store.columns, config.points, config.seed, config.split)
    total = int(store.columns.any_of("split", (config.split,)).sum()) if config.split else len(store)
    vectors = embeddings(path, store.columns, progress)[rows].astype(np.float32)
    if base is not None:
        xy = _placed_onto(store, base, vectors, progress)
        about = {**settings, "method": f"placed on the map of {Path(base.meta.dataset).name}"}
    else:
        xy = to_unit(layout(principal(vectors), config.seed, progress))
        method = "t-SNE of 30 principal components"
        if len(rows) > FITTED:
            method += f", fitted to {FITTED:,}"
        about = {**settings, "method": method, "perplexity": PERPLEXITY}
    made = Projection(store.columns.data["glyph_id"][rows].astype(np.int64), xy, total, about)
    progress.say(f"map: {save(path, made)}, {len(rows):,} of {total:,} glyphs")
    return made


def layout(vectors: np.ndarray, seed: int, progress: Progress) -> np.ndarray:
    """Lay out vectors on a plane: float32 [m, width] → positions float64 [m, 2].

    Up to :data:`FITTED` vectors are laid out by t-SNE (van der Maaten and Hinton 2008, with the interpolation of
    Linderman et al. 2019, as openTSNE has it). Of more, a random sample is, and each of the others gets the median
    position of its :data:`NEIGHBOURS` nearest vectors in that sample. A handful of vectors has no neighbourhoods and
    keeps its first two components.
    """
    m = len(vectors)
    if m < 8 or vectors.shape[1] < 2:
        return np.pad(vectors[:, :2], ((0, 0), (0, max(0, 2 - vectors.shape[1]))))
    from openTSNE import TSNE

    fitted = np.sort(np.random.default_rng(seed).permutation(m)[:FITTED])
    start = vectors[fitted, :2] / max(float(vectors[fitted, 0].std()), 1e-12) * 1e-4
    exaggerated, normal = ITERATIONS
    embedding = TSNE(
        perplexity=min(PERPLEXITY, (len(fitted) - 1) / 3), initialization=start, early_exaggeration_iter=exaggerated,
        n_iter=normal, n_jobs=cores() if len(fitted) >= WORTH_THREADS else 1, random_state=seed,
        callbacks=_following(progress, sum(ITERATIONS)), callbacks_every_iters=REPORT,
    ).fit(vectors[fitted])  # fmt: skip
    xy = np.empty((m, 2))
    xy[fitted] = embedding
    rest = np.setdiff1d(np.arange(m), fitted)
    batches = [rest[start : start + BATCH] for start in range(0, len(rest), BATCH)]
    for rows in progress.track(batches, total=len(batches), what="batches placed") if batches else ():
        # The affinities that a perplexity is for would only be used to move the glyphs further.
        xy[rows] = embedding.prepare_partial(vectors[rows], initialization="median", k=NEIGHBOURS, perplexity=3)
    return xy


def place(vectors: np.ndarray, fitted: np.ndarray, xy: np.ndarray, progress: Progress) -> np.ndarray:
    """Return positions float32 [m, 2] of vectors [m, width] on the map ``xy`` [n, 2] of ``fitted`` [n, width].

    A vector that is on the map has its position there, any other the median position of its :data:`NEIGHBOURS` nearest.
    """
    k, length, placed = min(NEIGHBOURS, len(fitted)), (fitted**2).sum(1), np.empty((len(vectors), 2), np.float32)
    batches = range(0, len(vectors), PLACED)
    for start in progress.track(batches, total=len(batches), what="batches placed"):
        some = vectors[start : start + PLACED]
        distance = length - 2 * (some @ fitted.T)
        nearest = np.argpartition(distance, k - 1)[:, :k]
        nearest = np.take_along_axis(nearest, np.take_along_axis(distance, nearest, 1).argsort(), 1)
        least = np.take_along_axis(distance, nearest[:, :1], 1)[:, 0] + (some**2).sum(1)
        there = xy[nearest]
        placed[start : start + PLACED] = np.where(least[:, None] < EQUAL, there[:, 0], np.median(there, axis=1))
    return placed


def _placed_onto(store: ResultsStore, base: ResultsStore, vectors: np.ndarray, progress: Progress) -> np.ndarray:
    """Place the glyphs of ``vectors`` on the map of the results ``base``, to at most :data:`FITTED` glyphs of it."""
    path, remedy = base.path, "Name results of the same checkpoint on another database."
    if path.resolve() == store.path.resolve():
        raise StoreError(f"{path.name} cannot be placed onto itself.", subject=path, remedy=remedy)
    if base.meta.checkpoint_fingerprint != store.meta.checkpoint_fingerprint:
        problem = f"{path.name} is of another checkpoint, so its embeddings cannot be compared."
        raise StoreError(problem, subject=path, remedy=remedy)
    projection = load(path)
    if projection is None:
        raise StoreError(f"{path.name} has no map.", subject=path, remedy=f"Run 'glyphcore map {path}' first.")
    chosen = np.sort(np.random.default_rng(0).permutation(len(projection.glyph_id))[:FITTED])
    rows = np.searchsorted(base.columns.data["glyph_id"], projection.glyph_id[chosen])
    fitted = embeddings(path, base.columns, progress)[rows].astype(np.float32)
    return place(principal(vectors, of=fitted), principal(fitted), projection.xy[chosen], progress)


def _following(progress: Progress, iterations: int) -> Callable[[int, float, np.ndarray], None]:
    """Return a callback of openTSNE that reports its iterations; it counts both phases from one."""
    bar = iter(progress.track(range(iterations), total=iterations, what="iterations"))

    def follow(iteration: int, error: float, embedding: np.ndarray) -> None:
        for _ in range(REPORT):
            next(bar, None)

    return follow
