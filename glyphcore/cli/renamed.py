"""Old names of commands and flags. They work for one more release; a line on standard error gives the new name."""

from __future__ import annotations

import sys
from collections.abc import Sequence

COMMANDS = {
    ("db", "designs"): ("db", "font-priors"),
    ("db", "ship"): ("db", "subset"),
    ("noise",): ("label-issues",),
}
FLAGS = {"--alone": "--per-glyph", "--reuse": "--duplicate-penalty"}
"""Renamed flags of ``infer`` and ``audit``."""


def translated(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with every old name replaced; report replaced names on standard error."""
    words = list(arguments)
    for old, new in COMMANDS.items():
        if tuple(words[: len(old)]) == old:
            words[: len(old)] = new
            _tell(f"glyphcore {' '.join(old)}", f"glyphcore {' '.join(new)}")
    if words[:1] in (["infer"], ["audit"]):
        for i, word in enumerate(words):
            flag, equals, value = word.partition("=")
            if flag in FLAGS:
                words[i] = f"{FLAGS[flag]}{equals}{value}"
                _tell(flag, FLAGS[flag])
    return words


def _tell(old: str, new: str) -> None:
    print(f"glyphcore: {old} is now called {new}; the old name works in this release only.", file=sys.stderr)
