"""Thousands of hostile files: each must be read correctly or refused in one line.

    python tests/fuzz.py [--only fonts contours …] [--cases N] [--seed S] [--case K] [--json FILE]

The kinds and their numbers of cases are in ``tests/fuzzing``. A run can be repeated: a case depends only on seed, kind
and number, and ``--case`` runs a single one again, with its traceback. Prints a table and every finding; the exit code
is 1 when there is one.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

_root = Path(__file__).resolve().parents[1]
# Imports of the app and of the tests' seeded data. They come first: else tests/glyphcore would be taken for the
# package.
sys.path[:0] = [str(_root), str(_root / "tests")]

from fuzzing import KINDS  # noqa: E402
from fuzzing.server import Outcome, serve  # noqa: E402

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")  # a pool of threads does not survive a fork
sys.dont_write_bytecode = True

SHOWN = 40
"""Findings printed of each kind."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND")
    parser.add_argument("--cases", type=int, help="cases of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", type=int, help="run only this one, in this process, with its traceback")
    parser.add_argument("--json", type=Path, help="write every outcome")
    arguments = parser.parse_args()
    os.nice(1)
    outcomes: list[Outcome] = []
    print(
        f"{'kind':<12} {'cases':>6} {'read':>6} {'refused':>7} {'findings':>8} {'longest s':>9} {'most MB':>8} {'s':>5}"
    )
    for kind in arguments.only:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name).resolve()
            (folder / "seeds").mkdir()
            os.environ["TMPDIR"] = str(folder / "box")
            module = importlib.import_module(f"fuzzing.{kind}")
            seeds = module.prepare(folder / "seeds")
            if arguments.case is not None:
                (folder / "box").mkdir()
                print(module.case(seeds, random.Random(f"{arguments.seed}/{kind}/{arguments.case}"), folder / "box"))
                continue
            numbers = range(arguments.cases or KINDS[kind])
            start = time.perf_counter()
            found: list[Outcome] = []
            try:
                for outcome in serve(kind, module, seeds, numbers, arguments.seed, folder / "box"):
                    found.append(outcome)
            except KeyboardInterrupt:
                print(f"{kind}: interrupted", file=sys.stderr)
            _print(kind, found, time.perf_counter() - start)
            outcomes += found
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(each) for each in outcomes], indent=0))
    return int(not all(each.good for each in outcomes))


def _print(kind: str, found: list[Outcome], seconds: float) -> None:
    came = Counter(each.came for each in found)
    bad = [each for each in found if not each.good]
    slowest, largest = (max((getattr(e, of) for e in found), default=0) for of in ("seconds", "megabytes"))
    print(
        f"{kind:<12} {len(found):>6,} {came['read']:>6,} {came['refused']:>7,} {len(bad):>8,} {slowest:>9.1f} "
        f"{largest:>8.0f} {seconds:>5.0f}",
        flush=True,
    )
    for each in bad[:SHOWN]:
        print(f"  {each.kind} {each.number}: {each.came}: {each.said[:400]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
