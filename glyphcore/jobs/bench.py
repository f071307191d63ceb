"""``glyphcore bench``: how fast fonts are read on this machine, stage by stage, cold and warm, by each model file.

Every time is the best of a few runs, because other work on the machine only adds time. Every model runs in its own
process, so that its peak memory is measured alone.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from glyphcore.config import BenchConfig
from glyphcore.data.drawing import rasterize_each
from glyphcore.data.fonts import open_faces
from glyphcore.data.geometry import geometry_each
from glyphcore.errors import GlyphError
from glyphcore.files import fingerprint, writing
from glyphcore.progress import Progress, Silent
from glyphcore.results.speed import Speed, write_speed
from glyphcore.runtime.base import cores
from glyphcore.runtime.limits import peak_mb
from glyphcore.runtime.predictor import Predictor

T = TypeVar("T")
SAMPLE = ("nazli.ttf", "Play-Regular.ttf", "FreeSansBold.ttf")
"""Fonts of the corpus with about 300, 1,000 and 3,000 glyphs."""
STAGES = ("open", "outline", "raster", "primitives", "mixer", "decode")
COLD = """
import sys
from glyphcore.cli import main
code = main(sys.argv[1:])
from glyphcore.runtime.limits import peak_mb
print(peak_mb())
sys.exit(code)
"""


def run(config: BenchConfig, progress: Progress | None = None) -> dict[str, Any]:
    """Measure and return the data that :func:`report` prints; write them as JSON to ``out``, and store the speeds of
    checkpoints."""
    progress = progress or Silent()
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    fonts = config.fonts or tuple(sample(config.cache))
    predictor = Predictor(config.models[0])
    measured: dict[str, Any] = {"machine": machine(), "model": config.models[0].name}
    measured["fonts"] = [
        {**stages(font, predictor, config.repeat), "cold": cold(font, config.models[0], config.repeat)}
        for font in progress.track(fonts, total=len(fonts), what="fonts")
    ]
    middle = fonts[len(fonts) // 2]
    tasks = [(model, kind) for model in config.models for kind in kinds(model)]
    measured["models"] = [
        in_a_process(partial(warm, f"{model.name} {kind}".strip(), partial(opened, model, kind), middle, config.repeat))
        for model, kind in progress.track(tasks, total=len(tasks), what="models")
    ]
    keep(config, middle, busy, measured)
    if config.out:
        with writing(config.out) as out:
            json.dump(measured, out, indent=1)
    return measured


def keep(config: BenchConfig, font: Path, busy: float | None, measured: dict[str, Any]) -> None:
    """Write the speed of every checkpoint beside its results, where Compare finds it."""
    rates = {row["model"]: row for row in measured["models"]}
    for model in config.models:
        if row := rates.get(f"{model.name} float32"):
            about = measured["machine"]
            speed = Speed(row["rate"], len(row["top"]), named(font.name), config.repeat, about["processor"],
                          about["cores"], busy, datetime.now().date().isoformat())  # fmt: skip
            write_speed(config.results, model.stem, fingerprint(model), speed)


def named(font: str) -> str:
    """Return a font's file name; in the corpus, the start of its hash comes before it."""
    return re.sub("^[0-9a-f]{12}-", "", font)


def sample(cache: Path) -> Iterator[Path]:
    """Yield the fonts of :data:`SAMPLE`. Raises GlyphError when the corpus was not fetched."""
    for name in SAMPLE:
        path = next((cache / "fonts").glob(f"*-{name}"), None)
        if path is None:
            raise GlyphError(
                f"{cache / 'fonts'} holds no {name}.", remedy="Name fonts, or download them: glyphcore fonts fetch"
            )
        yield path


def machine() -> dict[str, Any]:
    """Return processor, cores and versions of installed packages. Torch may be missing, since reading fonts does not
    need it."""
    cpu_text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    name = next((line.partition(":")[2].strip() for line in cpu_text.splitlines() if line.startswith("model name")), "")
    libraries = ("numpy", "torch", "onnxruntime", "uharfbuzz", "freetype-py")
    versions = {"python": platform.python_version()}
    for library in libraries:
        with suppress(PackageNotFoundError):
            versions[library] = version(library)
    return {"processor": name or platform.machine(), "cores": cores(), "versions": versions}


def stages(font: Path, predictor: Predictor, repeat: int) -> dict[str, Any]:
    """Return the number of glyphs of a font, and milliseconds of each stage and of the whole way from file to
    answers."""
    face = open_faces(font)[0]
    gids, em = range(face.glyph_count), face.upem
    advances, outlines = np.array([face.advance(gid) for gid in gids]), face.outlines(gids)
    packed, geometry = drawn(font)
    ids, _, _ = predictor.primitives(packed)
    logits, _ = predictor.classify_grids(ids, geometry)
    nobody = np.full(len(packed), -1)
    work: dict[str, Callable[[], object]] = {
        "open": lambda: open_faces(font)[0].names,
        "outline": lambda: face.outlines(gids),
        "raster": lambda: geometry_each(rasterize_each(outlines, advances.tolist(), em)[1], advances, em),
        "primitives": lambda: unread(predictor).primitives(packed),
        "mixer": lambda: predictor.classify_grids(ids, geometry),
        "decode": lambda: predictor.rank_candidates(logits, nobody),
        "warm": lambda: unread(predictor).predict(*drawn(font)),
    }
    return {"font": font.name, "glyphs": len(packed), **{name: best(repeat, stage)[0] for name, stage in work.items()}}


def drawn(font: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return packed rasters uint8 [n, 2048] and geometry float32 [n, 6] of all glyphs with an area."""
    face = open_faces(font)[0]
    gids = range(face.glyph_count)
    advances = np.array([face.advance(gid) for gid in gids])
    packed, boxes, problems = rasterize_each(face.outlines(gids), advances.tolist(), face.upem)
    good = np.array([problem is None for problem in problems])
    return packed[good], geometry_each(boxes[good], advances[good], face.upem)


def cold(font: Path, model: Path, repeat: int) -> dict[str, float]:
    """Run ``glyphcore infer`` from process start to exit; return milliseconds and peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["infer", "-q", str(font), "--checkpoint", str(model), "--out", f"{folder}/out.jsonl"]
        call = partial(
            subprocess.run, [sys.executable, "-c", COLD, *words], capture_output=True, text=True, check=False
        )
        ms, done = best(repeat, call)
    if done.returncode:
        raise GlyphError(f"infer failed on {font.name}: {done.stderr.strip()}", subject=font)
    return {"ms": ms, "mb": float(done.stdout)}


def kinds(model: Path) -> tuple[str, ...]:
    """Return the number formats in which a model file can run."""
    return ("float32", "bfloat16") if model.suffix == ".ckpt" else ("",)


Reader = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Packed rasters uint8 [n, 2048] and geometry float32 [n, 6] → likeliest labels int [n]."""


def warm(name: str, opening: Callable[[], Reader], font: Path, repeat: int, most: int | None = None) -> dict[str, Any]:
    """Measure the warm step from rasters of a font (of its first ``most`` glyphs) to labels; return a row of
    :func:`report`."""
    packed, geometry = (array[:most] for array in drawn(font))
    start = time.perf_counter()
    read = opening()
    load = 1000 * (time.perf_counter() - start)
    read(packed, geometry)
    ms, top = best(repeat, lambda: read(packed, geometry))
    return {"model": name, "load": load, "rate": 1000 * len(packed) / ms, "mb": peak_mb(), "top": top.tolist()}


def opened(model: Path, kind: str = "") -> Reader:
    """Open a model file and return its reader."""
    if model.suffix in (".onnx", ".pt"):
        from glyphcore.runtime.graphs import whole_graph

        return whole_graph(model)
    predictor = Predictor(model, bfloat16=kind == "bfloat16")
    return lambda packed, geometry: unread(predictor).predict(packed, geometry).top[:, 0]


def unread(predictor: Predictor) -> Predictor:
    """Return a predictor that knows no cells, as before its first font."""
    predictor.forget_cells()
    return predictor


def best(repeat: int, work: Callable[[], T]) -> tuple[float, T]:
    """Return the milliseconds of the fastest of ``repeat`` calls, and the result of the last call."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        result = work()
        times.append(1000 * (time.perf_counter() - start))
    return min(times), result


def in_a_process(work: Callable[[], T]) -> T:
    """Return the result of ``work`` in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work).result()


def report(measured: dict[str, Any]) -> str:
    """Return the measurements as Markdown."""
    machine_info = measured["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine_info["versions"].items())
    lines = [
        f"{machine_info['processor']}, {machine_info['cores']} cores; {versions}; milliseconds, best of several runs.",
        "",
    ]
    lines += [f"| {measured['model']} | glyphs | {' | '.join(STAGES)} | file to answers | cold infer | peak MB |"]
    lines += ["|---|" + "---:|" * (len(STAGES) + 4)]
    for row in measured["fonts"]:
        times = [f"{row[name]:,.0f}" for name in (*STAGES, "warm")]
        lines.append(f"| {named(row['font'])} | {row['glyphs']:,} | {' | '.join(times)} | "
                     f"{row['cold']['ms']:,.0f} | {row['cold']['mb']:,.0f} |")  # fmt: skip
    lines += ["", "| rasters → labels, warm | glyphs/s | ratio | load | peak MB | same label |"]
    lines += ["|---|---:|---:|---:|---:|---:|"]
    first = measured["models"][0]
    for row in measured["models"]:
        same = "–" if row["top"] is None else f"{np.mean(np.array(row['top']) == np.array(first['top'])):.1%}"
        ratio = row["rate"] / first["rate"]
        lines.append(f"| {row['model']} | {row['rate']:,.0f} | {ratio:.2f} | {row['load']:,.0f} | {row['mb']:,.0f} | "
                     f"{same} |")  # fmt: skip
    return "\n".join(lines)
