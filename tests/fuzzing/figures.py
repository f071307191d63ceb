"""Results files that are damaged or hold wrong values, given to every command that computes figures."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from app_fixtures import fake_results, tiny_database

from fuzzing import require
from fuzzing.databases import changed
from glyphcore.config import CompareConfig, LabelIssuesConfig, MapConfig, PrimitivesConfig, ReportConfig, SelectConfig
from glyphcore.data.cache import PackedRasters
from glyphcore.data.shapes import Shapes
from glyphcore.data.store import GlyphStore
from glyphcore.jobs import compare, label_issues, primitives, report, select
from glyphcore.jobs import map as maps
from glyphcore.results import inspection
from glyphcore.results.browse import ResultsStore
from glyphcore.results.neighbours import nearest_by_embedding


@dataclass(frozen=True)
class Seeds:
    db: Path
    ids: list[int]
    results: Path
    other: Path
    cache: Path


def prepare(folder: Path) -> Seeds:
    db = tiny_database(folder / "glyphs.db")
    cache = folder / "cache"
    results = fake_results(db, folder / "results")
    store = GlyphStore(db)
    PackedRasters.of(store, cache)
    Shapes.of(store, cache)
    ids = [row.glyph_id for row in store.rows()]
    return Seeds(db, ids, results, fake_results(db, folder / "others", name="other", seed=1), cache)


def case(seeds: Seeds, rng: random.Random, box: Path) -> str:
    path = box / seeds.results.name
    shutil.copy(seeds.results, path)
    changed(path, rng)
    before, out = path.read_bytes(), box / "out"
    cache = shutil.copytree(seeds.cache, box / "cache")
    split = rng.choice(("", "val", "test", "unseen"))
    way = rng.randrange(8)
    if way == 0:
        report.run(
            ReportConfig(
                path,
                seeds.db,
                cache=cache,
                split=split,
                json=rng.random() < 0.5,
                out=out,
                criterion=rng.choice(("label", "unicode", "twin")),
            )
        )
    elif way == 1:
        both = [path, seeds.other]
        rng.shuffle(both)
        figures = compare.run(CompareConfig(tuple(both), seeds.db, out=out, flips=box / "flips.csv"))
        compare.report(figures)
    elif way == 2:
        plain = {"db": seeds.db, "results": box, "cache": cache}
        figures = primitives.run(PrimitivesConfig(path, split=split.replace("unseen", ""), **plain))
        primitives.report(figures)
        require(figures["right"] <= figures["judged"] <= figures["cells"], "more right cells than cells")
    elif way == 3:
        chosen = {"outcome": "wrong"} if rng.random() < 0.5 else {"like": f"grid-{rng.choice(seeds.ids)}"}
        jsonl = rng.random() < 0.5
        select.run(SelectConfig(path, seeds.db, box, cache, jsonl=jsonl, out=out, **chosen))
    elif way == 4:
        doubts = label_issues.run(LabelIssuesConfig(path, seeds.db, box, cache, out=out))
        require((doubts.score > 0).all(), "the score of a doubt is no number")
    elif way == 5:
        found = maps.run(MapConfig(path, box, points=60))
        require(np.isfinite(found.xy).all(), "a position on the map is no number")
    elif way == 6:
        store = ResultsStore(path)
        ids, cosine = nearest_by_embedding(store.path, store.columns, rng.choice(seeds.ids), 7)
        require(len(ids) == len(cosine) <= 7 and np.isfinite(cosine).all(), "a likeness is no number")
    else:
        store = ResultsStore(path)
        inspection.inspect(store, rng.choice(seeds.ids), None)
    require(path.read_bytes() == before, "reading has changed results")
    return ("report", "compare", "primitives", "select", "noise", "map", "similar", "inspect")[way]
