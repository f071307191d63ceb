"""Whole commands of this tree beside those of another commit: same environment, in turn, on one machine.

    python benchmarks/against.py 457b415 [FONT …] [--repeat 9] [--long FOLDER] [--out against.json]

A worktree of the commit is made for the run. Each round runs every command once in both trees. Every second round
starts with the other tree, so that other load of the machine falls on both. A ratio is the median of before / now
over rounds: above 1 is faster. The ratio of processor time remains reliable when other programs use the cores. The
imports of ``infer`` are measured last, by ``python -X importtime``. Peak memory is at least the memory of this script,
because a new process starts with it. With ``--long``, commands over many glyphs are measured too: a folder of fonts, an
evaluation of the shipped glyphs in float32 and in 8 bit beside the one in float32 before, and the corpus built into a
database.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from glyphcore.config import CACHE, SOURCE
from glyphcore.files import writing
from glyphcore.jobs import bench
from glyphcore.progress import Terminal

FIGURES = ("ms", "processor_ms", "mb")
TURN = "@TURN@"
"""Stands for the number of the round in the words of a command."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", help="commit to measure against")
    parser.add_argument("fonts", nargs="*", type=Path, help="fonts for a cold 'infer'; default: three of the corpus")
    parser.add_argument("--repeat", type=int, default=9, help="rounds")
    parser.add_argument("--long", type=Path, metavar="FOLDER", help="measure long commands too; a folder of fonts")
    parser.add_argument("--out", type=Path, help="JSON file with every run")
    args = parser.parse_args()
    fonts = [font.resolve() for font in args.fonts or bench.sample(CACHE)]
    with worktree(args.commit) as before, tempfile.TemporaryDirectory() as folder:
        trees = {"before": before, "now": SOURCE}
        named = {title: dict.fromkeys(trees, words) for title, words in commands(fonts).items()}
        if args.long:
            named |= long_commands(trees, args.long.resolve(), Path(folder))
        measured = compare(trees, named, Path(folder), args.repeat)
        imports = {name: imported(tree, fonts[0], Path(folder)) for name, tree in trees.items()}
        answers = {font.name: agreement(trees, font, Path(folder)) for font in fonts}
    result = {
        "commit": args.commit, "machine": bench.machine(), "load": os.getloadavg(), "repeat": args.repeat,
        "commands": measured, "imports_ms": imports, "same_label": answers,
    }  # fmt: skip
    if args.out:
        with writing(args.out) as out:
            json.dump(result, out, indent=1)
    print(report(result))


@contextmanager
def worktree(commit: str) -> Iterator[Path]:
    """Check out ``commit`` into a temporary worktree, which is removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        folder_path = Path(folder) / "tree"
        subprocess.run(["git", "worktree", "add", "--detach", "--quiet", folder_path, commit], cwd=SOURCE, check=True)
        try:
            yield folder_path
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", folder_path], cwd=SOURCE, check=True)


def commands(fonts: list[Path]) -> dict[str, list[str]]:
    """Return the title of each measured command → its words."""
    named = {
        "--help": ["--help"],
        "infer --help": ["infer", "--help"],
        "db build --help": ["db", "build", "--help"],
    }
    return named | {f"infer {bench.named(font.name)}": ["infer", "-q", str(font)] for font in fonts}


def long_commands(trees: dict[str, Path], fonts: Path, folder: Path) -> dict[str, dict[str, list[str]]]:
    """Return the title of each command over many glyphs → its words in both trees; both read the older corpus list."""
    corpus = ["--corpus", "--list", str(trees["before"] / "dataset" / "fonts.json"), "--cache", str(CACHE / "fonts")]

    def evaluation(tree: str, model: str, title: str = "") -> list[str]:
        results = folder / f"{tree}-{model}-{title}{TURN}"  # a new folder each time: stored results are not made again
        return ["evaluate", "-q", str(trees[tree] / "checkpoints" / model), "--results", str(results)]

    float32, small = "mixer-geometry.ckpt", "mixer-geometry.reader"
    return {
        f"infer {fonts.name}/": {tree: ["infer", "-q", str(fonts)] for tree in trees},
        "evaluate": {tree: evaluation(tree, float32) for tree in trees},
        "evaluate, now in 8 bit": {"before": evaluation("before", float32, "again-"), "now": evaluation("now", small)},
        "db build --corpus": {
            tree: ["db", "build", "-q", *corpus, "--out", str(folder / f"{tree}-{TURN}.db")] for tree in trees
        },
    }


def compare(
    trees: dict[str, Path], named: dict[str, dict[str, list[str]]], folder: Path, repeat: int
) -> list[dict[str, Any]]:
    """Run every command in both trees, once without counting (that run compiles and fills caches), then in rounds."""
    runs: dict[str, dict[str, list[dict[str, float]]]] = {title: {name: [] for name in trees} for title in named}
    for turn in Terminal().track(range(repeat + 1), total=repeat + 1, what="rounds"):
        for title, words in named.items():
            for name in sorted(trees, reverse=turn % 2 == 0):
                run = timed(trees[name], [word.replace(TURN, str(turn)) for word in words[name]], folder / name)
                if turn:
                    runs[title][name].append(run)
    return [{"command": title, "runs": both, **figures(both)} for title, both in runs.items()]


def figures(both: dict[str, list[dict[str, float]]]) -> dict[str, float]:
    """Return the medians of both trees, and the median ratio of runs that followed each other."""
    medians = {f"{name}_{key}": median(run[key] for run in runs) for name, runs in both.items() for key in FIGURES}
    pairs = list(zip(both["before"], both["now"], strict=True))
    return medians | {f"ratio_{key}": median(before[key] / now[key] for before, now in pairs) for key in FIGURES}


def timed(tree: Path, words: list[str], out: Path) -> dict[str, float]:
    """Return the milliseconds of one run by clock and by processor, and its peak memory in MB."""
    with out.open("wb") as file:
        start = time.perf_counter()
        process = subprocess.Popen(command(tree, words), cwd=tree, env=environment(), stdout=file)
        _, status, used = os.wait4(process.pid, 0)
        ms = 1000 * (time.perf_counter() - start)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} failed in {tree}.")
    return {"ms": ms, "processor_ms": 1000 * (used.ru_utime + used.ru_stime), "mb": used.ru_maxrss / 1024}


def command(tree: Path, words: list[str]) -> list[str]:
    """Return the command line of ``glyphcore`` in ``tree``, not of the installed one, with the model of ``tree``."""
    model = ["--checkpoint", str(tree / "checkpoints" / "mixer-geometry.reader")] if words[0] == "infer" else []
    return [sys.executable, "-m", "glyphcore", *words, *model]


def environment() -> dict[str, str]:
    """Return this environment without the variables that name files of one tree."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("GLYPHCORE_", "PYTHONPATH"))}


def imported(tree: Path, font: Path, folder: Path) -> dict[str, float]:
    """Return the milliseconds that ``infer`` spends in importing each package, the longest first."""
    words = command(tree, ["infer", "-q", str(font), "--out", str(folder / "out.jsonl")])
    words[1:1] = ["-X", "importtime"]
    output = subprocess.run(words, cwd=tree, env=environment(), capture_output=True, text=True, check=True).stderr
    times: Counter[str] = Counter()
    for microseconds, module in re.findall(r"^import time: +(\d+) \| +\d+ \| +([\w.]+)", output, re.M):
        top = module.partition(".")[0]
        times["the standard library" if top in sys.stdlib_module_names else top] += int(microseconds) / 1000
    return dict(times.most_common())


def agreement(trees: dict[str, Path], font: Path, folder: Path) -> float:
    """Return the share of the font's glyphs that get the same label from both trees."""
    labels = []
    for name, tree in trees.items():
        timed(tree, ["infer", "-q", str(font)], folder / name)
        lines = [json.loads(line) for line in (folder / name).read_text().splitlines()]
        labels.append({line["glyph_id"]: line["assigned"]["label"] for line in lines})
    before, now = labels
    return sum(before[glyph] == now.get(glyph) for glyph in before) / len(before)


def report(result: dict[str, Any]) -> str:
    """Return the result as Markdown."""
    machine, load = result["machine"], result["load"]
    lines = [f"{machine['processor']}, {machine['cores']} cores, load {load[0]:.1f}; {result['repeat']} rounds by "
             f"turns with {result['commit']}; medians.", "",
             "| command | ms before | ms now | times as fast | by processor time | MB before | MB now |",
             "|---|" + "---:|" * 6]  # fmt: skip
    for row in result["commands"]:
        lines.append(f"| {row['command']} | {row['before_ms']:,.0f} | {row['now_ms']:,.0f} | {row['ratio_ms']:.2f} | "
                     f"{row['ratio_processor_ms']:.2f} | {row['before_mb']:,.0f} | {row['now_mb']:,.0f} |")  # fmt: skip
    for name, times in result["imports_ms"].items():
        longest = ", ".join(f"{package} {ms:,.0f}" for package, ms in list(times.items())[:6])
        lines += ["", f"Imported by infer {name}, {sum(times.values()):,.0f} ms: {longest}."]
    same = ", ".join(f"{name} {share:.2%}" for name, share in result["same_label"].items())
    return "\n".join([*lines, "", f"Glyphs with the same label: {same}."])


if __name__ == "__main__":
    main()
