"""The result of a run, as a table and as JSON."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from walking import KINDS, Broken, Fault, Walked


def table(walks: Sequence[Walked]) -> str:
    """Return the gestures, seeds and faults, by kind; then each distinct fault with the gesture that showed it
    first."""
    gestures = sum(walk.gestures for walk in walks)
    seconds = sum(walk.seconds for walk in walks)
    broken = [step for walk in walks for step in walk.broken]
    pages = sum((Counter(walk.pages) for walk in walks), Counter[str]())
    lines = [
        "| seeds | gestures | broken | seeds with any | seconds a gesture |",
        "|---:|---:|---:|---:|---:|",
        f"| {len(walks)} | {gestures:,} | {len(broken):,} | {sum(bool(walk.broken) for walk in walks)} "
        f"| {seconds / max(gestures, 1):.2f} |",
        "",
        "Gestures by page: " + ", ".join(f"{page} {n:,}" for page, n in pages.most_common()) + ".",
    ]
    checks = sum((Counter(walk.checks) for walk in walks), Counter[str]())
    lines.append("Checked: " + ", ".join(f"{name} {n:,}" for name, n in checks.most_common()) + ".")
    if not broken:
        return "\n".join(lines)
    lines += ["", "| what broke | gestures | seeds |", "|---|---:|---:|"]
    for kind, words in KINDS.items():
        steps = [step for step in broken if any(fault.kind == kind for fault in step.faults)]
        if steps:
            lines.append(f"| {kind}: {words} | {len(steps)} | {len({step.seed for step in steps})} |")
    lines += ["", "Distinct faults, the first gesture that showed each:", ""]
    for (kind, words), steps in sorted(distinct(broken).items(), key=lambda item: -len(item[1])):
        first = steps[0]
        lines.append(f"- {len(steps)} × {kind}: {words}")
        lines.append(f"  seed {first.seed}, gesture {first.number}, {first.last[-1]}, at {first.address}")
    return "\n".join(lines)


def distinct(broken: Sequence[Broken]) -> dict[tuple[str, str], list[Broken]]:
    """Group broken gestures by their messages, without numbers and names."""
    groups: dict[tuple[str, str], list[Broken]] = {}
    for step in broken:
        for fault in step.faults:
            words = re.sub(r"\d[\d,.]*", "N", re.sub(r"'[^']*'|\"[^\"]*\"", "…", fault.said))[:140]
            steps = groups.setdefault((fault.kind, words), [])
            if step not in steps:
                steps.append(step)
    return groups


def plain(walks: Sequence[Walked]) -> list[dict[str, Any]]:
    """Return the result as data for JSON."""
    return [asdict(walk) for walk in walks]


def restored(walks: Sequence[dict[str, Any]]) -> list[Walked]:
    """Return the result that :func:`plain` wrote."""
    return [
        Walked(**{**walk, "broken": tuple(
            Broken(**{**broken, "faults": tuple(Fault(**fault) for fault in broken["faults"]),
                      "last": tuple(broken["last"])})
            for broken in walk["broken"])})
        for walk in walks
    ]  # fmt: skip
