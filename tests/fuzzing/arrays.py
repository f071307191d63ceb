"""Stored arrays: readings of fonts, cells, maps, packed rasters. A cache that does not fit is made again."""

from __future__ import annotations

import io
import json
import random
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from app_fixtures import fake_results, tiny_database
from tiny_fonts import DESIGNS, build

from fuzzing import require
from fuzzing.bytewise import damaged
from fuzzing.checkpoints import Runs
from glyphcore.audit.font_predictions import load, read_font, save
from glyphcore.config import CHECKPOINTS
from glyphcore.data.cache import PackedRasters
from glyphcore.data.outline_arrays import OutlineArrays
from glyphcore.data.shapes import Shapes
from glyphcore.data.sources import SkippedInputs, read_sources
from glyphcore.data.store import GlyphStore
from glyphcore.progress import Silent
from glyphcore.results import projection
from glyphcore.results.browse import ResultsStore
from glyphcore.results.cell_index import Cells
from glyphcore.runtime.predictor import Predictor


@dataclass(frozen=True)
class Seeds:
    folder: Path
    results: Path
    glyphs: Path
    packed: bytes


def prepare(folder: Path) -> Seeds:
    glyphs = tiny_database(folder / "glyphs.db")
    results = fake_results(glyphs, folder / "results")
    store = GlyphStore(glyphs)
    packed = PackedRasters.of(store, folder / "cache")
    Shapes.of(store, folder / "cache")
    OutlineArrays.of(store, folder / "cache")
    ResultsStore(results).build_cell_index()
    ids = packed.glyph_id[:50]
    projection.save(
        results, projection.Projection(ids, np.random.default_rng(1).random((50, 2)).astype(np.float32), 50, {})
    )
    build(DESIGNS[0]).save(folder / "font.ttf")
    predictor = Predictor(CHECKPOINTS / "mixer-geometry.reader", threads=1)
    for source, glyphs_of in read_sources([folder / "font.ttf"], SkippedInputs(), Silent(), only_fonts=True):
        save(read_font(source, glyphs_of, predictor.predict, predictor.labels), folder / "font.npz")
    return Seeds(folder, results, glyphs, packed.packed.tobytes())


def case(seeds: Seeds, rng: random.Random, box: Path) -> str:
    touched = box / "touched"
    try:
        return rng.choice((_reading, _reading, _cells, _map, _rasters, _shapes, _outlines))(seeds, rng, box, touched)
    finally:
        require(not touched.exists(), "loading an array ran code")


def _reading(seeds: Seeds, rng: random.Random, box: Path, touched: Path) -> str:
    path = box / "font.npz"
    path.write_bytes(_changed((seeds.folder / "font.npz").read_bytes(), rng, touched, values=True))
    reading = load(path)
    findings = reading.findings(2.0)
    require(len(findings) == len(reading) == len(reading.names) == len(reading.mappings), "parts of a reading differ")
    return f"{len(findings)} findings"


def _cells(seeds: Seeds, rng: random.Random, box: Path, touched: Path) -> str:
    path = _beside(seeds, rng, box, touched, ".cells.npz", ".grids.npy")
    cells = Cells.existing(path)
    if cells is None:
        return "made again"
    sound = Cells.existing(seeds.results)
    assert sound is not None
    require(all(np.array_equal(getattr(cells, name), getattr(sound, name)) for name in vars(sound)), "other cells")
    return "as they were"


def _map(seeds: Seeds, rng: random.Random, box: Path, touched: Path) -> str:
    path = _beside(seeds, rng, box, touched, projection.SUFFIX)
    found = projection.load(path)
    if found is None:
        return "made again"
    require(
        found.xy.dtype.kind == "f" and found.glyph_id.dtype.kind == "i" and isinstance(found.about, dict),
        "a map without numbers",
    )
    return f"{len(found.glyph_id)} places"


def _beside(seeds: Seeds, rng: random.Random, box: Path, touched: Path, *suffixes: str) -> Path:
    """Copy the results with the files beside them, one of which is changed."""
    path = box / seeds.results.name
    shutil.copy2(seeds.results, path)
    chosen = rng.choice(suffixes)
    for each in suffixes:
        source = seeds.results.with_name(seeds.results.stem + each)
        data = source.read_bytes()
        path.with_name(source.name).write_bytes(_changed(data, rng, touched) if each == chosen else data)
    return path


def _rasters(seeds: Seeds, rng: random.Random, box: Path, touched: Path) -> str:
    store, cache = GlyphStore(seeds.glyphs), _cache(seeds, rng, box, touched, "rasters-")
    existing = PackedRasters.existing(store, cache)
    if existing is not None:
        packed, known = existing.of_glyphs(range(1, 300))
        sound, _ = PackedRasters.of(store, seeds.folder / "cache").of_glyphs(range(1, 300))
        require((packed[known] == sound[known]).all(), "damaged pixels were returned")
    require(PackedRasters.of(store, cache).packed.tobytes() == seeds.packed, "rasters differ in pixels")
    return "as they were"


def _shapes(seeds: Seeds, rng: random.Random, box: Path, touched: Path) -> str:
    store, cache = GlyphStore(seeds.glyphs), _cache(seeds, rng, box, touched, "shapes-")
    found, sound = Shapes.of(store, cache), Shapes.of(store, seeds.folder / "cache")
    assert found is not None
    assert sound is not None
    require(
        all(np.array_equal(getattr(found, n), getattr(sound, n), equal_nan=n == "extent") for n in vars(sound)),
        "other shapes",
    )
    return "as they were"


def _outlines(seeds: Seeds, rng: random.Random, box: Path, touched: Path) -> str:
    store, cache = GlyphStore(seeds.glyphs), _cache(seeds, rng, box, touched, "outlines-")
    found, sound = OutlineArrays.of(store, cache), OutlineArrays.of(store, seeds.folder / "cache")
    require(len(found) == len(sound), "outlines are missing")
    require(np.array_equal(found.points, sound.points) and np.array_equal(found.ends, sound.ends), "other outlines")
    return "as they were"


def _cache(seeds: Seeds, rng: random.Random, box: Path, touched: Path, changed: str) -> Path:
    cache = box / "cache"
    shutil.copytree(seeds.folder / "cache", cache)
    path = rng.choice([each for each in sorted(cache.iterdir()) if each.name.startswith(changed)])
    path.write_bytes(_changed(path.read_bytes(), rng, touched))
    return cache


def _changed(data: bytes, rng: random.Random, touched: Path, *, values: bool = False) -> bytes:
    """Damage a file bytewise, or replace one of its arrays; ``values``: also by another one of its type and shape."""
    if rng.random() < 0.4 or not zipfile.is_zipfile(io.BytesIO(data)):
        return damaged(data, rng)
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        arrays = dict(found)
    name = rng.choice(list(arrays))
    array = arrays[name]
    way = rng.randrange(9)
    if way == 0:
        del arrays[name]
    elif way == 1 and array.ndim:
        arrays[name] = array[: len(array) // 2]
    elif way == 2:
        arrays[name] = array.astype(str) if array.size < 10_000 else array.astype(np.float64)
    elif way == 3:
        arrays[name] = np.array([Runs(str(touched), rng)], dtype=object)
    elif way == 4 and values and array.dtype.kind in "iuf":
        arrays[name] = np.full_like(array, -1 if array.dtype.kind == "i" else 255)
    elif way == 5 and values and array.dtype.kind == "f":
        arrays[name] = array * np.nan
    elif way == 6 and array.dtype.kind == "U":
        about = json.loads(str(array))
        about[rng.choice(list(about))] = rng.choice((None, [], {}, 7, "x", [[]], [None], {"label": ["x"]}))
        arrays[name] = np.array(json.dumps(about))
    elif way == 7 and array.dtype.kind != "U":
        arrays[name] = np.broadcast_to(array.reshape(-1)[:1] if array.size else np.zeros(1), (40_000_000,)).astype(
            np.uint8
        )
    else:
        arrays[name] = array[None] if array.ndim else np.array([array, array])
    buffer = io.BytesIO()
    (np.savez_compressed if way == 7 else np.savez)(buffer, **arrays)
    return buffer.getvalue()
