"""A random user of the app in a real browser: seeded gestures on every page, and what must hold after each of them.

    python benchmarks/walk.py [--seeds 25 --gestures 200] [--first-seed 1] [--workers 2] [--evaluate]
                              [--db FILE --results FOLDER] [--json FILE] [--replay SEED]

After every gesture: no error box, no blank page, nothing at error level in the browser's console or the server's log,
only known words in the address, the counts of ``glyphcore select`` above Browse, the same page at the same address in a
fresh browser, and what was there before by Back. A broken gesture is printed with its seed, its number and the ten
before it, and the walk goes on from a fresh page; ``--replay`` walks one seed again and names every gesture. Each
worker serves the app for itself. The exit code is 1 when something was broken.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import signal
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

_root = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_root), str(_root / "tests"), str(_root / "benchmarks")]

from playwright.sync_api import sync_playwright  # noqa: E402
from walking import Walked  # noqa: E402
from walking.report import plain, table  # noqa: E402
from walking.served import prepare, served  # noqa: E402
from walking.truth import Truth  # noqa: E402
from walking.walk import Walk  # noqa: E402

from glyphcore.config import CACHE, DATASET  # noqa: E402

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def walk(
    seeds: list[int], gestures: int, database: Path, cache: Path, prepared: Path, folder: Path, *,
    evaluate: bool = False, chromium: str = "/usr/bin/chromium", every: bool = False,
) -> list[Walked]:  # fmt: skip
    """Walk some seeds, one after the other, over a server and in a browser of their own."""
    walks = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # server and browser end with a worker that is ended
    with served(database, cache, prepared, folder) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        truth = Truth(server)
        for seed in seeds:
            server.forget()
            one = Walk(browser, server, truth, seed, lambda message: print(f"{message}\n", flush=True), every=every)
            walks.append(one.run(gestures, evaluate=evaluate))
            print(f"seed {seed}: {gestures} gestures in {walks[-1].seconds:.0f} s, "
                  f"{len(walks[-1].broken)} broken", flush=True)  # fmt: skip
        browser.close()
    return walks


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=25)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--gestures", type=int, default=200, help="of each seed")
    parser.add_argument("--replay", type=int, metavar="SEED", help="walk this seed alone and name every gesture")
    parser.add_argument("--db", type=Path, default=DATASET / "glyphs.db")
    parser.add_argument("--results", type=Path, default=CACHE / "results")
    parser.add_argument("--evaluate", action="store_true", help="other checkpoints are evaluated meanwhile")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    seeds = list(range(args.first_seed, args.first_seed + args.seeds)) if args.replay is None else [args.replay]
    workers = min(args.workers, len(seeds))
    os.nice(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        prepare(args.db, args.results, CACHE, folder / "prepared")
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
            asked = [
                pool.submit(
                    walk, seeds[i::workers], args.gestures, args.db.resolve(), CACHE, folder / "prepared",
                    folder / str(i), evaluate=args.evaluate, chromium=args.chromium, every=args.replay is not None,
                )
                for i in range(workers)
            ]  # fmt: skip
            lost = [error for one in asked if (error := one.exception()) is not None]
            walks = [finished for one in asked if one.exception() is None for finished in one.result()]
    print(f"\n{table(sorted(walks, key=lambda finished: finished.seed))}")
    for error in lost:
        print(f"A worker ended, and its seeds are missing: {error}", file=sys.stderr)
    if args.json:
        args.json.write_text(json.dumps(plain(walks), ensure_ascii=False, indent=1))
    return int(bool(lost) or any(finished.broken for finished in walks))


if __name__ == "__main__":
    sys.exit(main())
