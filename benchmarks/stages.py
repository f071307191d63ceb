"""Two stages of this tree beside those of commit 457b415, each measured within its process, by turns on one machine.

    python benchmarks/stages.py FONT [--db FILE] [--rounds 3]

*Decoding* is font-level decoding of all glyphs of a font with the same candidates in both trees: priors, order of the
glyphs, and competition for labels; in this tree also the probability of being none of the labels. *Rasters* is the
cache of packed rasters of a database, from nothing. A ratio is the median over rounds of before / now.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
from against import environment, worktree

from glyphcore.audit.font_predictions import read_font
from glyphcore.config import DATASET, SOURCE
from glyphcore.config.fonts import DUPLICATE_PENALTY
from glyphcore.data.sources import SkippedInputs, read_sources
from glyphcore.progress import Silent
from glyphcore.runtime.predictor import Predictor

COMMIT = "457b415"
MODEL = SOURCE / "checkpoints" / "mixer-geometry.reader"
REPEAT = 5
"""Times that a process decodes; the fastest counts, because the first loads the priors."""
TIMED = """
import sys, time
from pathlib import Path
import numpy as np
def fastest(work, times):
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    print(1000 * min(seconds))
"""
INPUTS = """
with np.load(sys.argv[1]) as given:
    top, top_p, geometry, kinds = (given[name] for name in ("top", "top_p", "geometry", "kinds"))
"""
DECODING = {
    "before": f"""{TIMED}{INPUTS}
from glyphcore.audit.assign import assign
from glyphcore.audit.design import together
from glyphcore.data.designs import designs_of
from glyphcore.data.labels import load_labels
designs = designs_of(load_labels())
fastest(lambda: assign(*together(top, top_p, geometry, designs, ordered=True), {DUPLICATE_PENALTY}), {REPEAT})
""",
    "now": f"""{TIMED}{INPUTS}
from glyphcore.data.labels import load_labels
from glyphcore.decoding.decode import decode
from glyphcore.decoding.font_priors import priors_of
from glyphcore.decoding.outside import Strangers, outside_for
labels = load_labels()
priors, strangers = priors_of(labels), Strangers(outside_for(labels.fingerprint), kinds, labels)
fastest(lambda: decode(top, top_p, geometry, priors, ordered=True, duplicate_penalty={DUPLICATE_PENALTY},
                       strangers=strangers), {REPEAT})
""",
}
RASTERS = f"""{TIMED}
from glyphcore.data.cache import PackedRasters
from glyphcore.data.store import GlyphStore
fastest(lambda: PackedRasters.of(GlyphStore(Path(sys.argv[1])), Path(sys.argv[2])), 1)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("font", type=Path, help="font to decode")
    parser.add_argument("--db", type=Path, default=DATASET / "glyphs.db", help="database whose rasters are packed")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with worktree(COMMIT) as before, tempfile.TemporaryDirectory() as folder:
        trees, made = {"before": before, "now": SOURCE}, Path(folder)
        glyphs = candidates(args.font, made / "given.npz")
        compared(f"decoding of {glyphs:,} glyphs", trees, DECODING, [str(made / "given.npz")], args.rounds)
        rasters, words = dict.fromkeys(trees, RASTERS), [str(args.db.resolve()), "@NEW@"]
        compared(f"rasters of {args.db}", trees, rasters, words, args.rounds)


def candidates(font: Path, out: Path) -> int:
    """Write the candidates of a font's glyphs, and what decoding needs besides; return their number."""
    predictor, silent = Predictor(MODEL), Silent()
    source, glyphs = next(read_sources([font], SkippedInputs(), silent, only_fonts=True))
    reading = read_font(source, glyphs, predictor.predict, predictor.labels, training=predictor.about.training)
    np.savez(out, top=reading.top, top_p=reading.top_p, geometry=reading.geometry, kinds=reading.kinds)
    return len(reading)


def compared(title: str, trees: dict[str, Path], code: dict[str, str], words: list[str], rounds: int) -> None:
    """Run the code of both trees by turns, and print the medians and their ratio."""
    runs: dict[str, list[float]] = {name: [] for name in trees}
    for turn in range(rounds):
        for name in sorted(trees, reverse=turn % 2 == 0):
            with tempfile.TemporaryDirectory() as new:
                given = [word.replace("@NEW@", new) for word in words]
                command = [sys.executable, "-c", code[name], *given]
                said = subprocess.run(
                    command, cwd=trees[name], env=environment(), check=True, stdout=subprocess.PIPE, text=True
                )
                runs[name].append(float(said.stdout))
    ratio = median(before / now for before, now in zip(runs["before"], runs["now"], strict=True))
    before, now = (f"{median(runs[name]):,.0f} ms {name}" for name in trees)
    print(f"{title}: {before}, {now}, {ratio:.2f} times as fast ({rounds} rounds)", flush=True)


if __name__ == "__main__":
    main()
