"""Run commands one after the other in one Python, in the working directory: for tests of the manual's pages.

    python tests/manual_page.py < commands

Stops at the first command that fails; ``glyphcore app`` ends when it would start its server. Paths come from the
environment, so the caller sets them.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1]))  # else tests/glyphcore would be taken for the package

from glyphcore import cli


def main() -> int:
    os.execve = lambda *_: None  # type: ignore[assignment]
    for line in sys.stdin.read().splitlines():
        program, *words = shlex.split(line)
        assert program == "glyphcore", line
        if code := cli.main([words[0], *words[1:]]):
            print(f"exit code {code}: {line}", file=sys.stderr)
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
