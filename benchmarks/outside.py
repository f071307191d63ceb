"""Glyphs outside the label set: how many are taken for a letter, and how many letters are kept, before and after, by
script.

The benchmark reads the fonts of test and the fonts that ``dataset/outsiders.json`` keeps for measuring. The latter are
other families than those learned from and, except for Cyrillic, Greek, pictures and mathematics, other scripts.
*Before* is the same decoding without ``dataset/outside.npz``. A prediction is sure when its probability is 0.55 or more
(the flag OK). A glyph outside the label set is passed when it is surely predicted as a label; a letter is kept when it
is surely predicted as a label.

    python benchmarks/outside.py                 # fonts as they are, documents of 60 glyphs, calibration, the curve
    python benchmarks/outside.py --cold FONT     # how much longer `glyphcore infer` takes, started anew each time
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from glyphcore.audit.font_predictions import read_font
from glyphcore.config import CACHE, CORPUS, DATASET, OUTSIDERS, InferConfig
from glyphcore.config.base import DEFAULT_EXPORTED
from glyphcore.data.corpus import load_corpus
from glyphcore.data.fonts import NOTDEF
from glyphcore.data.labels import is_arabic
from glyphcore.data.sources import SkippedInputs, read_sources
from glyphcore.data.store import GlyphStore
from glyphcore.decoding.decode import Decoded, decode, decode_each
from glyphcore.decoding.documents import LABEL, SIZES, UNKNOWN, Design, joined, kind_of, parts
from glyphcore.decoding.font_priors import shipped as priors
from glyphcore.decoding.outside import Strangers, shipped
from glyphcore.progress import Silent, Terminal
from glyphcore.runtime import Predictor

OK = InferConfig.ok
LARGEST = 1500
"""Glyphs that are read of a font: an icon font has thousands."""
DOCUMENT, SIGNS = 54, 6
"""Letters of a document, and the digits and signs beside them where the font has some."""
SCRIPTS = ("Cyrillic", "Greek", "Hebrew", "Georgian", "Armenian", "Thai", "Devanagari", "Ethiopic", "Tamil", "Pictures")
CONTROLS = ("Latin", "Arabic")


@dataclass(frozen=True)
class Said:
    """Predictions for some glyphs, and their outcomes."""

    label: np.ndarray
    """bool [n]: a label, not OUTSIDE."""
    p: np.ndarray
    """float [n]: probability of the prediction."""
    outcome: np.ndarray
    """int [n]: 0 the label is right, 1 it is wrong, 2 the glyph has no label of the set."""
    script: np.ndarray
    """Names of scripts [n]."""

    @property
    def sure(self) -> np.ndarray:
        return self.label & (self.p >= OK)

    @property
    def right(self) -> np.ndarray:
        return np.where(self.label, self.outcome == 0, self.outcome == 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fonts", type=Path, default=CACHE / "fonts", help="folder of the fetched fonts")
    parser.add_argument("--db", type=Path, default=DATASET / "glyphs.db", help="database that names the test families")
    parser.add_argument("--documents", type=int, default=10, help="documents drawn from each design")
    parser.add_argument("--cold", type=Path, metavar="FONT", help="time `glyphcore infer` on this font instead")
    parser.add_argument("--repeat", type=int, default=15, help="pairs of cold starts")
    args = parser.parse_args()
    if args.cold:
        cold(args.cold, args.repeat)
        return
    test, others = list(designs(args.fonts, args.db, measure=False)), list(designs(args.fonts, args.db, measure=True))
    print(f"{len(test)} designs of test, {len(others)} others; sure: p >= {OK}\n")
    for title, designs_of_set in (("test", test), ("other fonts", others)):
        whole(title, designs_of_set)
    by_script(others)
    by_document(others)
    calibration(test, others, args.documents)
    curve(test, others)


def designs(folder: Path, db: Path, *, measure: bool) -> Iterator[Design]:
    """Yield the fonts of test, or those that are kept for measuring; all files of a family and weight are one
    design."""
    fonts = GlyphStore(db).fonts()
    test = set(fonts[fonts["split"] == "test"]["family"])
    files = [file for file in load_corpus(CORPUS) if file.family in test and not file.further]
    files = [file for file in load_corpus(OUTSIDERS) if file.role == "measure"] if measure else files
    predictor, groups = Predictor(DEFAULT_EXPORTED), defaultdict(list)
    for file in Terminal().track(files, total=len(files), what="fonts"):
        ((source, glyphs),) = read_sources([file.cached(folder)], SkippedInputs(), Silent(), only_fonts=True, face=0)
        reading = read_font(
            source, islice(glyphs, LARGEST), predictor.predict, predictor.labels, training=predictor.about.training
        )
        truth = np.array([kind_of(mapping, reading.labels, file.pictures) for mapping in reading.mappings], np.int64)
        truth[(reading.glyph_id == NOTDEF) | reading.placeholder] = UNKNOWN
        groups[file.family, file.weight, file.italic].append(
            Design(
                file.family,
                False,
                reading.top,
                reading.top_p,
                reading.geometry,
                reading.kinds,
                truth,
                tuple(reading.mappings),
                reading.labels,
            )
        )
    return (joined(parts) for parts in groups.values())


def say(design: Design, rows: np.ndarray, *, judged: bool = True, single: bool = False) -> Said:
    """Decode some glyphs of a design as a font of their own; return the predictions of glyphs whose truth is known."""
    top, top_p = design.top[rows], design.top_p[rows]
    strangers = Strangers(shipped(), design.kinds[rows], design.labels) if judged else None
    decoded: Decoded = (
        decode_each(top, top_p, strangers)
        if single
        else decode(
            top,
            top_p,
            design.geometry[rows],
            priors(),
            ordered=True,
            duplicate_penalty=InferConfig.duplicate_penalty,
            strangers=strangers,
        )
    )
    outcome = design.outcome(rows, decoded.label)
    known, label = outcome >= 0, decoded.outside <= decoded.p
    return Said(
        label[known], np.where(label, decoded.p, decoded.outside)[known], outcome[known], design.script[rows][known]
    )


def together(parts: list[Said]) -> Said:
    return Said(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("label", "p", "outcome", "script"))
    )


def kind(design: Design) -> np.ndarray:
    """Return words [n]: ``Arabic``, ``Latin`` or ``Signs`` for each label; empty for glyphs without a label."""
    arabic = [any(map(is_arabic, base)) for base in design.labels.base]
    kinds = np.full(len(design.truth), "", "<U6")
    for i in np.flatnonzero(design.truth == LABEL):
        label = design.mappings[i].labels[0]
        latin = design.labels.char_class[label] == "latin"
        kinds[i] = "Latin" if latin else "Arabic" if arabic[label] and not design.signs[i] else "Signs"
    return kinds


def share(part: np.ndarray) -> str:
    return f"{100 * part.mean():.1f}" if len(part) else "–"


def row(title: str, before: Said, after: Said) -> None:
    """Print a row. Known: count, kept before and after, predicted OUTSIDE. Unknown: count, passed before and after,
    predicted OUTSIDE."""
    known, strange = before.outcome != 2, before.outcome == 2
    print(f"| {title} | {known.sum():,} | {share(before.sure[known])} | {share(after.sure[known])} | "
          f"{share(~after.label[known])} | {strange.sum():,} | {share(before.sure[strange])} | "
          f"{share(after.sure[strange])} | {share(~after.label[strange])} |")  # fmt: skip


HEAD = ("| | known | kept before | kept | predicted OUTSIDE | unknown | passed before | passed | predicted OUTSIDE |\n"
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|")  # fmt: skip


def whole(title: str, designs_of_set: list[Design]) -> None:
    """Print the table of the fonts as they are."""
    print(f"{title}: fonts as they are, read as a whole and each glyph alone\n\n{HEAD}")
    words = np.concatenate([kind(design)[design.truth >= LABEL] for design in designs_of_set])
    right = []
    for way, single in (("as a whole", False), ("alone", True)):
        before, after = every(designs_of_set, single=single)
        row(way, before, after)
        for name in (*CONTROLS, "Signs"):
            row(f"{name}, {way}", picked(before, words == name), picked(after, words == name))
        right += [f"{way} {share(design.outcome[design.outcome != 2] == 0)}" for design in (before, after)]
    print(f"\ncharacters right, of the known, before and after: {', '.join(right)}\n")


def every(designs_of_set: list[Design], *, single: bool = False) -> tuple[Said, Said]:
    """Predict all glyphs of some designs, before and after."""
    before, after = (
        together([say(design, np.arange(len(design.truth)), judged=judged, single=single) for design in designs_of_set])
        for judged in (False, True)
    )
    return before, after


def picked(answers: Said, mask: np.ndarray) -> Said:
    return Said(answers.label[mask], answers.p[mask], answers.outcome[mask], answers.script[mask])


def by_script(designs_of_set: list[Design]) -> None:
    print(f"unknown glyphs by script, fonts as they are\n\n{HEAD}")
    before, after = every(designs_of_set)
    names, counts = np.unique(after.script[after.outcome == 2], return_counts=True)
    for name in names[np.argsort(-counts)][:20]:
        mask = (after.script == name) & (after.outcome == 2)
        row(name, picked(before, mask), picked(after, mask))
    print()


def by_document(designs_of_set: list[Design]) -> None:
    print(f"documents of {DOCUMENT} letters of one script and up to {SIGNS} digits and signs, 3 a design\n")
    print("| | documents | glyphs | sure and wrong before | sure and wrong |\n|---|---:|---:|---:|---:|")
    for script in (*SCRIPTS, *CONTROLS):
        random, before, after, count = np.random.default_rng(0), [], [], 0
        for design in designs_of_set:
            letters = np.flatnonzero(kind(design) == script if script in CONTROLS else design.script == script)
            if len(letters) < 20:
                continue
            for _ in range(3):
                drawn = random.permutation(letters)[:DOCUMENT]
                rows = np.sort(np.concatenate([drawn, random.permutation(np.flatnonzero(design.signs))[:SIGNS]]))
                before.append(say(design, rows, judged=False))
                after.append(say(design, rows))
                count += 1
        if count:
            wrong = [answers.sure & (answers.outcome != 0) for answers in map(together, (before, after))]
            print(f"| {script} | {count} | {len(wrong[0]):,} | {share(wrong[0])} | {share(wrong[1])} |")
    print()


def calibration(test: list[Design], others: list[Design], count: int) -> None:
    """Print the expected calibration error of the predictions over tenths, in per cent."""
    print("calibration: expected error of the confidence of predictions, over tenths\n")
    print("| | glyphs | before | after |\n|---|---:|---:|---:|")

    def line(
        title: str, designs_of_set: list[Design], *, single: bool = False, known: bool = False, size: int = 0
    ) -> None:
        random = np.random.default_rng(1)
        rows = [(design, its_rows) for design in designs_of_set
                for its_rows in (parts(design, size, random) if size else [np.arange(len(design.truth))])]  # fmt: skip
        if known:
            rows = [(design, its_rows[design.truth[its_rows] == LABEL]) for design, its_rows in rows]
        answers = [
            together([say(design, r, judged=judged, single=single) for design, r in rows if len(r)])
            for judged in (0, 1)
        ]
        print(f"| {title} | {len(answers[0].p):,} | {ece(answers[0]):.2f} | {ece(answers[1]):.2f} |")

    line("test, labels only, each alone", test, single=True, known=True)
    line("test, labels only, as a whole", test, known=True)
    line("test, fonts as they are, each alone", test, single=True)
    line("test, fonts as they are, as a whole", test)
    line("other fonts as they are, each alone", others, single=True)
    line("other fonts as they are, as a whole", others)
    line(f"test, documents of {SIZES[0]} to {SIZES[-1]} glyphs", test, size=count)
    line(f"other fonts, documents of {SIZES[0]} to {SIZES[-1]} glyphs", others, size=count)
    print()


def ece(answers: Said) -> float:
    tenth = np.minimum((answers.p * 10).astype(int), 9)
    gaps = [(tenth == i).mean() * abs(answers.p[tenth == i].mean() - answers.right[tenth == i].mean())
            for i in range(10) if (tenth == i).any()]  # fmt: skip
    return 100 * float(sum(gaps))


def curve(test: list[Design], others: list[Design]) -> None:
    print("known kept against unknown passed as the threshold moves; all fonts as they are\n")
    print(
        "| p >= | known kept before | unknown passed before | known kept | unknown passed |\n|---:|---:|---:|---:|---:|"
    )
    both = every(test + others)
    for threshold in (0.3, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99):
        cells = [share((answers.label & (answers.p >= threshold))[part])
                 for answers in both for part in (answers.outcome != 2, answers.outcome == 2)]  # fmt: skip
        print(f"| {threshold} | {' | '.join(cells)} |")


def cold(font: Path, repeat: int) -> None:
    """Time ``glyphcore infer`` from a cold start, in turn with a reader that is taken for another model, for which
    nothing is known about glyphs outside the label set. Print seconds, processor seconds and peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "other.reader"
        _renamed(DEFAULT_EXPORTED, other)
        taken: dict[Path, list[tuple[float, float, float]]] = {other: [], DEFAULT_EXPORTED: []}
        for _ in range(repeat):
            for reader, times in taken.items():
                words = ["infer", str(font), "--checkpoint", str(reader), "-q", "--out", f"{folder}/out.jsonl"]
                start = time.perf_counter()
                process = subprocess.Popen([sys.executable, "-m", "glyphcore", *words])
                _, status, used = os.wait4(process.pid, 0)
                assert status == 0
                times.append((time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))
    without, with_it = (np.array(times) for times in taken.values())
    print(f"{font.name}, {repeat} pairs\n\n| | without | with | ratio |\n|---|---:|---:|---:|")
    for i, what in enumerate(("fastest, s", "least processor time, s", "least memory, MB")):
        a, b = without[:, i].min(), with_it[:, i].min()
        print(f"| {what} | {a:.3f} | {b:.3f} | {b / a:.3f} |")
    print(f"| median of the pairs, s | | | {np.median(with_it[:, 0] / without[:, 0]):.3f} |")
    print(f"| median of the pairs, processor time | | | {np.median(with_it[:, 1] / without[:, 1]):.3f} |")


def _renamed(reader: Path, out: Path) -> None:
    with zipfile.ZipFile(reader) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as taken:
        for name in given.namelist():
            content = given.read(name)
            if name == "about.json":
                about = json.load(io.BytesIO(content))
                content = json.dumps(about | {"training": about["training"] | {"name": "another"}}).encode()
            taken.writestr(name, content)


if __name__ == "__main__":
    main()
