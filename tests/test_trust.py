"""Limits of the server, the packages and the stored files: they may do only what their purpose needs."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from app.fonts import files as fontfiles

ROOT = Path(__file__).resolve().parents[1]


def test_the_server_keeps_to_itself() -> None:
    settings = tomllib.loads((ROOT / "app" / ".streamlit" / "config.toml").read_text())
    server = settings["server"]
    assert server["address"] == "localhost"
    assert server["enableXsrfProtection"] is True
    assert server.get("enableCORS", True) is True
    assert server["maxUploadSize"] == fontfiles.MAX_MEGABYTES
    assert server.get("enableStaticServing", False) is False
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["client"]["showErrorDetails"] == "none"


def test_every_dependency_is_pinned_exactly() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*", line)] == []
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in pins}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(each for some in project["optional-dependencies"].values() for each in some)]
    names = {re.split(r"[\[<>=~ ]", each)[0].lower().replace("_", "-") for each in wanted}
    assert names - pinned - {"glyphcore"} == set()


def test_nothing_stored_needs_pickle() -> None:
    for path in [*(ROOT / "glyphcore").rglob("*.py"), *(ROOT / "app").rglob("*.py")]:
        code = path.read_text()
        assert not re.search(r"allow_pickle\s*=\s*True|weights_only\s*=\s*False|pickle\.loads?\(", code), path


def test_the_fuzz_harness_runs() -> None:
    command = [sys.executable, "tests/fuzz.py", "--only", "sheets", "--cases", "12", "--seed", "7"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[1].split()[:2] == ["sheets", "12"]
