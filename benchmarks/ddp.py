"""Two processes and one, compared on real glyphs: both measure the same weights, and both make a training run.

    python benchmarks/ddp.py --limit 2000 --epochs 2

Both runs see the same global batches; they differ in batch norms, which see half a batch in each of two processes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from glyphcore.checkpoint import load_checkpoint
from glyphcore.config import CHECKPOINTS, DATASET


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", type=Path, default=DATASET / "glyphs.db", help="glyph database with splits")
    parser.add_argument("--recipe", type=Path, default=CHECKPOINTS / "mixer-geometry.toml", help="TOML file")
    parser.add_argument("--limit", type=int, default=2000, help="train glyphs")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=64, help="glyphs of a global batch")
    args = parser.parse_args()

    def scores(folder: Path, name: str, run: str, devices: int, batch: int) -> dict[str, float]:
        out = folder / f"{name}.ckpt"
        settings = [f"limit={args.limit}", f"epochs={args.epochs}", f"devices={devices}", f"batch={batch}",
                    "accelerator=cpu", "precision=32-true", "ema=0.9"]  # fmt: skip
        words = ["train", args.recipe, "--db", args.db, "--out", out, "--run", folder / run, "--set", *settings]
        subprocess.run([sys.executable, "-m", "glyphcore", *map(str, words)], check=True)
        return load_checkpoint(out).training["validation"]

    with tempfile.TemporaryDirectory() as run_folder:
        folder = Path(run_folder)
        columns = {
            "two processes": scores(folder, "two", "pair", 2, args.batch // 2),
            "one process, the same weights": scores(folder, "same", "pair", 1, args.batch // 2),
            "one process, trained": scores(folder, "one", "alone", 1, args.batch),
        }
    print(f"| | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
    for name in columns["two processes"]:
        print(f"| {name} | {' | '.join(f'{100 * column[name]:.4f}' for column in columns.values())} |")


if __name__ == "__main__":
    main()
