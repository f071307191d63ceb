"""A random user of the app in a real browser: seeded gestures on every page, and rules that must hold after each of
them.

    python benchmarks/walk.py [--seeds 25 --gestures 200] [--first-seed 1] [--workers 2] [--evaluate]
                              [--db FILE --results FOLDER] [--json FILE] [--replay SEED]

After every gesture there must be no error box, no blank page, nothing at error level in the browser's console or the
server's log, and only known words in the address. The counts above Browse must be those of ``glyphcore select``. A
fresh browser must show the same page at the same address, and Back must return to the previous state. A broken gesture
is printed with its seed, its number and the ten before it, and the walk goes on from a fresh page; ``--replay`` walks
one seed again and names every gesture. Each seed has a server of its own. The exit code is 1 when a rule was broken.

Five thousand gestures take hours. With ``--json`` a seed is in the file as soon as it ends, and the same command
continues with the missing seeds.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import signal
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

_root = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_root), str(_root / "tests"), str(_root / "benchmarks")]

from playwright.sync_api import sync_playwright  # noqa: E402
from walking import Walked  # noqa: E402
from walking.report import plain, restored, table  # noqa: E402
from walking.served import prepare, served  # noqa: E402
from walking.truth import Truth  # noqa: E402
from walking.walk import Walk  # noqa: E402

from glyphcore.config import CACHE, DATASET  # noqa: E402
from glyphcore.files import replacing  # noqa: E402

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-features=BackForwardCache",  # pages with a socket are not kept there, but each would get a new process
]  # fmt: skip


def walk(
    seed: int, gestures: int, database: Path, cache: Path, prepared: Path, folder: Path, *,
    evaluate: bool = False, chromium: str = "/usr/bin/chromium", every: bool = False,
) -> Walked:  # fmt: skip
    """Walk one seed over a server and in a browser of its own."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends the server and browser together with the worker
    with served(database, cache, prepared, folder) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        one = Walk(browser, server, Truth(server), seed, lambda said: print(f"{said}\n", flush=True), every=every)
        walked = one.run(gestures, evaluate=evaluate)
        browser.close()
    print(f"seed {seed}: {gestures} gestures in {walked.seconds:.0f} s, {len(walked.broken)} broken", flush=True)
    return walked


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=25)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--gestures", type=int, default=200, help="of each seed")
    parser.add_argument("--replay", type=int, metavar="SEED", help="walk only this seed and name every gesture")
    parser.add_argument("--db", type=Path, default=DATASET / "glyphs.db")
    parser.add_argument("--results", type=Path, default=CACHE / "results")
    parser.add_argument("--evaluate", action="store_true", help="evaluate other checkpoints meanwhile")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    walks = restored(json.loads(args.json.read_text())) if args.json and args.json.exists() else []
    seeds = list(range(args.first_seed, args.first_seed + args.seeds)) if args.replay is None else [args.replay]
    seeds = [seed for seed in seeds if seed not in {walked.seed for walked in walks}]
    os.nice(1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    lost = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        prepare(args.db, args.results, CACHE, folder / "prepared")
        with ProcessPoolExecutor(args.workers, multiprocessing.get_context("spawn")) as pool:
            jobs = [
                pool.submit(
                    walk, seed, args.gestures, args.db.resolve(), CACHE, folder / "prepared", folder / str(seed),
                    evaluate=args.evaluate, chromium=args.chromium, every=args.replay is not None,
                )
                for seed in seeds
            ]  # fmt: skip
            try:
                for job in as_completed(jobs):
                    if error := job.exception():
                        lost.append(error)
                        continue
                    walks.append(job.result())
                    if args.json:
                        with replacing(args.json) as unfinished:
                            unfinished.write_text(json.dumps(plain(walks), ensure_ascii=False, indent=1))
            except BaseException:  # without this process the workers would continue
                pool.shutdown(wait=False, cancel_futures=True)
                for worker in multiprocessing.active_children():
                    worker.terminate()
                raise
    print(f"\n{table(sorted(walks, key=lambda walked: walked.seed))}")
    for error in lost:
        print(f"A worker ended, and its seed is missing: {error}", file=sys.stderr)
    return int(bool(lost) or any(walked.broken for walked in walks))


if __name__ == "__main__":
    sys.exit(main())
