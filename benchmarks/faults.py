"""Kill jobs, and fill their disk: check the remaining files, and that the same command then ends with the same result.

    python benchmarks/faults.py [--kills 50] [--limits 25] [--only build evaluate …] [--seed 0] [--json FILE]

*Killed*: each job runs on tiny data in a process of its own and gets SIGKILL at a moment drawn evenly from its run.
*Full*: no file may grow beyond a limit (RLIMIT_FSIZE), drawn evenly up to the size that the job needs.

After each fault, all items that were reported done must be there, and no half-written file may pass for a complete one.
A job that failed must have printed the reason in one line. The same job, run again, must end with the result of an
undisturbed run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from app_fixtures import tiny_database
from disturbed import JOBS, Counter, Job
from tiny_fonts import write_fonts
from tiny_model import tiny_training

from glyphcore.errors import GlyphError
from glyphcore.jobs import train

CODES = {0, 3}
"""Exit codes of a job's process: success, or an error that is reported to the user in one line. Any other code is a
fault of the project."""


def forked(job: Job, folder: Path, counter: Counter, limit: int | None = None) -> int:
    """Start the job in a process of its own and return the id of the process."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        job.run(folder, counter)
        code = 0
    except (GlyphError, OSError) as error:  # errors that the command line reports in one line
        code = 1 if "\n" in str(error) else 3
    except BaseException as error:
        os.write(2, f"  {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(code)
    raise AssertionError


def waited(child: int) -> int:
    """Return the exit code of a process; negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def undisturbed(job: Job, folder: Path) -> tuple[float, str, int]:
    """Return the seconds, the result and the bytes of the largest file of an undisturbed run."""
    start = time.monotonic()
    if code := waited(forked(job, folder, Counter())):
        raise SystemExit(f"An undisturbed run ended with {code}.")
    largest = max(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return time.monotonic() - start, job.result(folder), largest


def judged(job: Job, folder: Path, done: int, expected: str) -> str:
    """Return the fault after a disturbance and a second run of the job; empty for none."""
    try:
        if wrong := job.kept(folder, done):
            return wrong
        if code := waited(forked(job, folder, Counter())):
            return f"run again it ended with {code}"
        return "" if job.result(folder) == expected else "run again it ended with another result"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def killed(job: Job, folder: Path, seconds: float, chance: random.Random) -> tuple[bool, int]:
    """Kill the job at some moment of its run; return whether it was still running, and how many items were reported
    done."""
    counter = Counter()
    child = forked(job, folder, counter)
    time.sleep(chance.uniform(0, seconds))
    os.kill(child, signal.SIGKILL)
    return waited(child) == -signal.SIGKILL, counter.done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--limits", type=int, default=25)
    parser.add_argument("--only", nargs="+", choices=JOBS, default=list(JOBS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    lines = []
    with tempfile.TemporaryDirectory() as work:
        data = Path(work) / "data"
        (data / "fonts").mkdir(parents=True)
        write_fonts(data / "fonts")
        tiny_database(data / "glyphs.db")
        if waited(forked(Job(lambda *_: _checkpoint(data), lambda *_: "", str), data, Counter())):
            raise SystemExit("The tiny model was not trained.")
        for name in args.only:
            for fault, cases in (("killed", args.kills), ("full", args.limits)):
                lines.append(disturbed(name, JOBS[name](data), fault, cases, Path(work) / "try", args.seed))
                print(json.dumps(lines[-1]), flush=True)
    print("\n| job | fault | cases | ended in one line | failures |\n|---|---|---:|---:|---:|")
    for line in lines:
        message = line["told"] if line["fault"] == "full" else "–"
        print(f"| {line['job']} | {line['fault']} | {line['cases']} | {message} | {len(line['failures'])} |")
    if args.json:
        args.json.write_text(json.dumps(lines, indent=1) + "\n", encoding="utf-8")


def disturbed(name: str, job: Job, fault: str, cases: int, folder: Path, seed: int) -> dict:
    """Disturb a job ``cases`` times."""

    def fresh() -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    chance = random.Random(f"{name} {fault} {seed}")
    seconds, expected, largest = undisturbed(job, fresh())
    failures, tried, messages, early = [], 0, 0, 0
    while tried < cases and early < 5 * cases:
        fresh()
        if fault == "killed":
            running, done = killed(job, folder, seconds, chance)
            early += not running
            if not running:
                continue  # the job had already ended, so this is no case
        else:
            counter = Counter()
            limit = chance.randrange(0, largest)
            code = waited(forked(job, folder, counter, limit))
            done, messages = counter.done, messages + (code == 3)
            if code not in CODES:
                failures.append(f"limit {limit}: ended with {code}")
        tried += 1
        if wrong := judged(job, folder, done, expected):
            failures.append(wrong)
            print(f"  {name}, {fault}: {wrong}", file=sys.stderr, flush=True)
    return {"job": name, "fault": fault, "cases": tried, "told": messages, "seconds": round(seconds, 2),
            "failures": failures}  # fmt: skip


def _checkpoint(data: Path) -> None:
    train.run(tiny_training(data / "glyphs.db", data, epochs=1))


if __name__ == "__main__":
    main()
