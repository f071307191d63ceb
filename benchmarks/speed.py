"""All speeds in the README, measured in one run: the stages and exports of glyphcore, the two-phase chain, Tesseract.

    python benchmarks/speed.py --out speed.json

Exports are made for the run. Each model reads the same glyphs in a process of its own; the slow ones read fewer.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import tesseract
from two_phase import BATCH, TwoPhase

from glyphcore.config import DATASET, DEFAULT_CHECKPOINT, BenchConfig, ExportConfig
from glyphcore.data.store import GlyphStore
from glyphcore.files import writing
from glyphcore.jobs import bench, export
from glyphcore.progress import Terminal
from glyphcore.runtime.predictor import Predictor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fonts", nargs="*", type=Path, help="font files; default: three of the corpus")
    parser.add_argument("--checkpoint", type=Path, default=DEFAULT_CHECKPOINT)
    parser.add_argument("--db", type=Path, default=DATASET / "glyphs.db", help="Tesseract reads its test split")
    parser.add_argument("--glyphs", type=int, default=200, help="glyphs for Tesseract; 0: no Tesseract")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--out", type=Path, help="JSON file with all figures")
    args = parser.parse_args()
    progress = Terminal()
    with tempfile.TemporaryDirectory() as folder:
        models = tuple(_exports(args.checkpoint, args.db, Path(folder), progress))
        config = BenchConfig((*models, args.checkpoint), tuple(args.fonts), repeat=args.repeat)
        measured = bench.run(config, progress)
        fonts = config.fonts or tuple(bench.sample(config.cache))
        middle = fonts[len(fonts) // 2]
        progress.say("torch.compile")
        compiling = partial(compiled, args.checkpoint)
        measured["models"].append(bench.in_a_process(
            partial(bench.warm, f"{args.checkpoint.name} torch.compile", compiling, middle, args.repeat)))  # fmt: skip
        progress.say("two-phase chain")
        name = f"two-phase chain, batch {BATCH}"
        chain = bench.in_a_process(partial(bench.warm, name, TwoPhase, middle, min(args.repeat, 2), 2 * BATCH))
        measured["models"].append({**chain, "top": None})
        why = tesseract.missing() if args.glyphs else "Tesseract left out."
        progress.say(why or "Tesseract")
        if not why:
            measured["tesseract"] = tesseract.compare(GlyphStore(args.db), Predictor(models[0]), args.glyphs)
    if args.out:
        with writing(args.out) as out:
            json.dump(measured, out, indent=1)
    print(report(measured))


def _exports(checkpoint: Path, db: Path, folder: Path, progress: Terminal) -> list[Path]:
    """Export the models; the 8-bit reader comes first, because ``infer`` uses it."""
    wanted = {"8-bit.reader": ("reader", False), "float32.reader": ("reader", True),
              "graph.onnx": ("onnx", False), "torchscript.pt": ("torchscript", False)}  # fmt: skip
    return [export.run(ExportConfig(checkpoint, folder / name, to, float32, db), progress)
            for name, (to, float32) in wanted.items()]  # fmt: skip


def compiled(checkpoint: Path) -> bench.Reader:
    """Return the checkpoint as a reader whose mixer runs through torch.compile."""
    import torch

    predictor = Predictor(checkpoint)
    predictor.backend._grids = torch.compile(predictor.backend._grids)  # type: ignore[attr-defined]
    return lambda packed, geometry: bench.unread(predictor).predict(packed, geometry).top[:, 0]


def report(measured: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    lines = [bench.report(measured)]
    chain = measured["models"][-1]["rate"]
    lines += ["", "Rate as a multiple of the two-phase chain's: " + ", ".join(
        f"{row['model']} {row['rate'] / chain:,.0f}" for row in measured["models"][:-1]) + "."]  # fmt: skip
    if peer := measured.get("tesseract"):
        lines += [
            "", f"| {peer['n']} test glyphs, characters drawn alone | base character right | glyphs/s |",
            "|---|---:|---:|",
            f"| Tesseract, --psm 10 | {peer['tesseract']:.1%} | {peer['tesseract_rate']:,.1f} |",
            f"| glyphcore, raster alone | {peer['blind']:.1%} | {peer['rate']:,.0f} |",
            f"| glyphcore, with the position in the em | {peer['told']:.1%} | |",
        ]  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    main()
