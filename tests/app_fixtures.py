"""Seeded data for tests of results and app: a tiny glyph database, and results of a pretended predictor.

The pretended predictor errs like real ones (twins, other forms, neighbours in the class), so that every filter and
every view has content.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from glyphcore.data.contours import serialise
from glyphcore.data.labels import LabelMap, load_labels
from glyphcore.data.outline import OutlineBuilder
from glyphcore.data.primitives import nearest_primitives
from glyphcore.data.raster import POLICY, bounds, cells, rasterize
from glyphcore.data.store import GlyphRow, GlyphStore
from glyphcore.data.store.writer import write_store
from glyphcore.errors import GlyphError
from glyphcore.results.store import Batch, ResultsMeta, ResultsWriter, results_path

FAMILIES = ("Amiri", "Cairo", "Noto Test", "Lora", "Scheherazade", "Vazir")
SPLIT = {"Cairo": "val", "Lora": "val", "Vazir": "test"}
WIDTH = 16
"""Width of the pretended embedding."""


def tiny_labels() -> list[str]:
    """Return some labels of every class, forms of one letter, twins and marks among them."""
    plain = load_labels()
    chosen: list[str] = []
    for kind in dict.fromkeys(plain.char_class):
        chosen += [label for label, its in zip(plain.labels, plain.char_class, strict=True) if its == kind][:6]
    return chosen


def tiny_database(path: Path) -> Path:
    """Make six families with one weight each and about sixty labels; outlines are invented, val and test have
    families."""
    rng = np.random.default_rng(7)
    labels, plain = tiny_labels(), load_labels()
    fonts = pd.DataFrame(
        [
            {
                "f_id": i, "file_hash": sha256(name.encode()).hexdigest(), "file": f"{name}.ttf", "family": name,
                "style": "Regular", "weight": 400, "subset": "all", "source": "npm",
                "package": f"@fonts/{name.lower()}", "version": "1.0.0", "licence": "OFL-1.1", "upem": 1000,
                "ascent": 900, "descent": -300, "typo_ascent": 800, "typo_descent": -200, "x_height": 500,
                "cap_height": 700, "split": SPLIT.get(name, "train"), "split_group": name,
            }
            for i, name in enumerate(FAMILIES, 1)
        ]
    )  # fmt: skip
    shapes = {label: rng.uniform(0, 1000, (2, 6, 2)) for label in labels}
    rows = []
    for f_id, family in enumerate(FAMILIES, 1):
        for gid, label in enumerate(labels, 1):
            outline = _blob(shapes[label] + rng.normal(0, 30, (2, 6, 2)))
            kind = plain.char_class[plain.index[label]]
            advance = 0 if kind == "diacritic" else 600
            rows.append(
                (
                    len(rows) + 1, f_id, gid, f"glyph{gid}", label, kind, "", SPLIT.get(family, "train"), advance,
                    *bounds(outline), serialise(outline),
                )
            )  # fmt: skip
    write_store(path, fonts, rows, {"note": "invented outlines"})
    return path


def _blob(shapes: np.ndarray):
    pen = OutlineBuilder()
    for points in shapes:
        centre = points.mean(0)
        turn = np.argsort(np.arctan2(*(points - centre).T))
        ring = [(float(x), float(y)) for x, y in points[turn]]
        pen.move_to(ring[0])
        pen.quadratic_to([ring[1], ring[2]])
        pen.quadratic_to([ring[3], ring[4]])
        pen.line_to(ring[5])
        pen.close()
    return pen.outline()


def fake_results(database: Path, folder: Path, *, name: str = "fake", seed: int = 0, limit: int | None = None) -> Path:
    """Evaluate ``database`` with the pretended predictor; return the finished results file."""
    store = GlyphStore(database)
    codebook = fake_codebook(store)
    labels = load_labels()
    meta = fake_meta(store, name, seed)
    path = results_path(folder, name, meta.checkpoint_fingerprint, store.fingerprint)
    writer = ResultsWriter.create_or_resume(path, meta, codebook.reshape(-1, 8, 8))
    rng = np.random.default_rng(seed)
    rows = islice(store.rows(), limit)
    while some := list(islice(rows, 2000)):
        writer.append(fake_batch(some, labels, codebook, rng))
    writer.finish({"val": {"n": writer.written}, "in_font": {**IN_FONT, "by_split": {"val": IN_FONT}}})
    return path


IN_FONT = {"label_top1": 0.911, "unicode_top1": 0.922, "twin_top1": 0.933}
"""Accuracies of the pretended predictor with the rest of each font known."""


def fake_meta(store: GlyphStore, name: str = "fake", seed: int = 0) -> ResultsMeta:
    """Return the metadata of the pretended predictor."""
    return ResultsMeta(
        checkpoint=name,
        checkpoint_file=f"{name}.ckpt",
        checkpoint_fingerprint=f"{seed:08x}",
        dataset=str(store.path),
        dataset_fingerprint=store.fingerprint,
        labels=load_labels().to_plain(),
        raster_policy=POLICY.version,
        model={"parameters": 1_234_567},
        notes=store.notes,
    )


def fake_codebook(store: GlyphStore) -> np.ndarray:
    """Return uint8 [1024, 64]: cells of the first glyphs, a little blurred; distinct, EMPTY first."""
    found = np.concatenate([cells(_raster(row)) for row in islice(store.rows(), 400)])
    keys, counts = np.unique(found.view(np.uint64).ravel(), return_counts=True)
    keys = keys[np.argsort(-counts, kind="stable")]
    keys = np.concatenate((keys[keys != 0], np.random.default_rng(1).integers(1, 2**63, 1023, dtype=np.uint64)))[:1023]
    book = np.zeros((1024, 64), np.uint8)
    book[1:] = np.where(np.unpackbits(keys.view(np.uint8)).reshape(-1, 64), 242, 13)
    return book


def fake_batch(rows: list[GlyphRow], labels: LabelMap, codebook: np.ndarray, rng: np.random.Generator) -> Batch:
    """Return predictions that are right four times in five; the others have the usual kinds of errors."""
    n = len(rows)
    truth = np.array([labels.index.get(row.label, -1) for row in rows])
    confusable = _confusable(labels)
    right = (rng.random(n) < 0.82) & (truth >= 0)
    top = np.zeros((n, 5), np.int64)
    for i, index in enumerate(truth):
        others = rng.permutation(confusable[index] if index >= 0 else np.arange(len(labels)))
        others = [int(other) for other in [*others, *range(10)] if other != index]
        choice = list(dict.fromkeys(others))[:5]
        if index >= 0 and (right[i] or rng.random() < 0.7):
            choice.insert(0 if right[i] else int(rng.integers(1, 5)), int(index))
        top[i] = choice[:5]
    sharp = np.where(right, rng.gamma(3, 2, n), rng.gamma(1.5, 1.2, n))
    scores = np.exp(-np.arange(5) * sharp[:, None] * rng.uniform(0.4, 1, (n, 5))) + 1e-4
    p = (scores / (scores.sum(1, keepdims=True) * rng.uniform(1, 1.1, (n, 1)))).astype(np.float32)
    p = -np.sort(-p, axis=1)
    hit = top == truth[:, None]
    rank = np.where(truth < 0, 0, np.where(hit.any(1), hit.argmax(1) + 1, rng.integers(6, 200, n)))
    p_truth = np.where(hit.any(1), (p * hit).sum(1), 1e-5 * rng.random(n) + 1e-7)
    packed = cells(np.stack([_raster(row) for row in rows]))
    target = nearest_primitives(packed.reshape(-1, 8), codebook)[0].reshape(n, 256).astype(np.int64)
    noise = rng.integers(1, len(codebook), (n, 256))
    wrong = rng.random((n, 256)) < np.where(right, 0.15, 0.35)[:, None]
    return Batch(
        glyphs=rows,
        top=top,
        top_p=p,
        entropy=-(p * np.log(p)).sum(1),
        loss=np.where(truth < 0, np.nan, -np.log(p_truth)).astype(np.float32),
        rank=rank,
        primitive=np.where(target == 0, 0, np.where(wrong, noise, target)),
        runner_up=np.where(target == 0, 0, np.where(wrong, target, noise)),
        primitive_p=np.where(wrong, rng.uniform(0.2, 0.8, (n, 256)), rng.uniform(0.5, 1, (n, 256))),
        target=target,
        embedding=rng.normal(size=(n, WIDTH)).astype(np.float16),
    )


def _confusable(labels: LabelMap) -> list[np.ndarray]:
    """Return for each class the classes that are mistaken for it: twins and forms, and neighbours in its class."""
    twin, base = labels.twin_index, labels.base_index
    kinds = np.array(labels.char_class)
    found = []
    for i in range(len(labels)):
        close = np.flatnonzero((twin == twin[i]) | (base == base[i]))
        near = np.flatnonzero(kinds == kinds[i])
        near = near[np.abs(near - i) < 12]
        found.append(np.concatenate((close, near[:6])))
    return found


def _raster(row: GlyphRow) -> np.ndarray:
    try:
        return rasterize(row.outline(), row.advance, row.upem)
    except GlyphError:
        return np.zeros(2048, np.uint8)


def turn_to(app: AppTest, page: str) -> AppTest:
    """Have ``app`` show a page on its next run, as its address would; Streamlit knows pages by ``url_path``, not by
    file."""
    app.switch_page(page_file(page))
    app._page_hash = calc_hash(page)  # Streamlit learns the address only in a first run, which draws Browse
    return app


def page_file(page: str) -> str:
    """Return the script of a page, as ``switch_page`` names it; ``page`` is its address."""
    return f"{'inspector' if page == 'inspect' else page}/page.py"
