"""The contents of a wheel: commands and app work outside the repository, small installations name the missing extra.

The wheel is built and installed into an environment of its own; dependencies are those of the environment that runs the
tests, so nothing is downloaded.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from app_fixtures import fake_results, tiny_database
from browser_fixtures import wait_for
from tiny_fonts import write_fonts

import glyphcore
from glyphcore.config.base import user_folders

ROOT = Path(__file__).resolve().parents[1]
LARGEST = 30e6
"""Largest size of a wheel in bytes."""
TOOLS = {".npmrc", "package.json", "package-lock.json", "eslint.config.js", "tsconfig.json"}
"""Files of ``app`` that check its scripts; users of the app do not need them."""
HEAVY = ("torch", "lightning", "pandas", "scipy", "streamlit", "plotly", "sklearn", "onnx", "onnxscript")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel from a copy of its sources, so that no file is left in the tree."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE", "glyphcore", "app", "dataset", "checkpoints"):
        (source / name).symlink_to(ROOT / name)
    build = f"from setuptools import build_meta; build_meta.build_wheel({str(out)!r})"
    done = subprocess.run([sys.executable, "-c", build], cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment with the wheel in it; return its site-packages."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(folder), "install", "-q"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    (site,) = folder.glob("[Ll]ib/**/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return site


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return the variables of a user who has never run the project before."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("GLYPHCORE", "XDG", "PYTHON"))}
    return kept | {"HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}


def program(site: Path, name: str) -> str:
    """Return a program of the environment to which ``site`` belongs."""
    folder = next(above for above in site.parents if (above / "pyvenv.cfg").is_file())
    return str(next(path for path in folder.glob(f"*/{name}*") if path.stem == name))


def contents(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.suffix != ".pyc" and path.name != "__pycache__"}


def test_a_wheel_has_all_that_the_packages_read(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for package in ("glyphcore", "app"):
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and path.suffix != ".pyc" and "node_modules" not in path.parts:
                assert (str(path.relative_to(ROOT)) in names) == (path.name not in TOOLS)
    assert not any("node_modules" in name for name in names)
    for name in ("dataset/chars.csv", "dataset/fonts.json", "dataset/font_priors.npz", "dataset/outside.npz",
                 "dataset/outsiders.json", "checkpoints/mixer-geometry.ckpt",
                 "checkpoints/mixer-geometry.reader", "checkpoints/mixer-geometry.toml",
                 "checkpoints/wide.reader", "dataset/chars-wide.csv", "dataset/font_priors-wide.npz"):  # fmt: skip
        assert f"glyphcore/{name}" in names
    assert not any(name.endswith(".db") for name in names)
    assert wheel.stat().st_size < LARGEST


def test_audit_without_any_extra(installed: Path, environment: dict[str, str], tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    for name in HEAVY:
        (blocked / f"{name}.py").write_text(f"raise ModuleNotFoundError('no {name}', name={name!r})")
    environment["PYTHONPATH"] = str(blocked)
    write_fonts(tmp_path / "fonts")
    font = sorted((tmp_path / "fonts").glob("*.ttf"))[0]
    before = contents(installed / "glyphcore")

    def run(*words: object) -> subprocess.CompletedProcess[str]:
        command = [program(installed, "glyphcore"), *map(str, words)]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    done = run("audit", font, "--csv", tmp_path / "audit.csv", "--sheet", tmp_path / "audit.html")
    assert done.returncode == 0, done.stderr
    assert f"{font.name} |" in done.stdout
    assert (tmp_path / "audit.csv").stat().st_size > 0
    done = run("infer", font, "--model", "wide")
    assert done.returncode == 0, done.stderr
    for words, extra in ((["evaluate", "--db", font], "app"), (["train"], "train"),
                         (["infer", font, "--checkpoint", checkpoint(installed)], "train")):  # fmt: skip
        lacking = run(*words)
        assert lacking.returncode == 1
        (line,) = [line for line in lacking.stderr.splitlines() if line.startswith("glyphcore: ")]
        assert f"pip install 'glyphcore[{extra}]'" in line
        assert "Traceback" not in lacking.stderr
    assert contents(installed / "glyphcore") == before


def test_a_font_is_read_in_python(installed: Path, environment: dict[str, str], tmp_path: Path) -> None:
    write_fonts(tmp_path / "fonts")
    font = sorted((tmp_path / "fonts").glob("*.ttf"))[0]
    code = f"import glyphcore; print(len(glyphcore.read({str(font)!r})), glyphcore.__file__)"
    done = subprocess.run([program(installed, "python"), "-c", code], cwd=tmp_path, env=environment,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[0]) > 10
    assert str(installed) in done.stdout


def checkpoint(site: Path) -> Path:
    return site / "glyphcore" / "checkpoints" / "mixer-geometry.ckpt"


def test_the_app_on_a_users_database(installed: Path, environment: dict[str, str], tmp_path: Path) -> None:
    database = tiny_database(tmp_path / "mine.db")
    fake_results(database, tmp_path / "results")
    before = contents(installed / "app") | contents(installed / "glyphcore")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [program(installed, "glyphcore"), "app", "--db", "mine.db", "--results", "results", "--port", str(port),
               "--checkpoints", str(checkpoint(installed).parent)]  # fmt: skip
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        finally:
            server.terminate()
            server.wait(30)
    page = (
        "from streamlit.testing.v1 import AppTest; from glyphcore.config import CACHE, PROJECT, SOURCE\n"
        "page = AppTest.from_file(str(SOURCE / 'app' / 'main.py'), default_timeout=120).run()\n"
        "assert not page.exception, page.exception\n"
        "assert not page.error, page.error\n"
        "print(SOURCE, CACHE, PROJECT, sep='\\n')\n"
    )
    environment |= {"GLYPHCORE_DB": str(database), "GLYPHCORE_RESULTS": str(tmp_path / "results")}
    done = subprocess.run([program(installed, "python"), "-c", page], cwd=tmp_path, env=environment,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    source, cache, project = map(Path, done.stdout.splitlines()[-3:])
    assert source == installed
    assert not cache.is_relative_to(installed.parents[2])
    assert not project.is_relative_to(installed.parents[2])
    assert contents(installed / "app") | contents(installed / "glyphcore") == before


def test_without_a_database_the_app_says_how_to_get_one(installed: Path, environment: dict[str, str]) -> None:
    done = subprocess.run([program(installed, "glyphcore"), "app"], env=environment, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("glyphcore: There is no glyph database to show. Name one with --db")


@pytest.mark.parametrize(
    ("platform", "environment", "cache", "data"),
    [
        ("linux", {}, "/u/.cache/glyphcore", "/u/.local/share/glyphcore"),
        ("linux", {"XDG_CACHE_HOME": "/c", "XDG_DATA_HOME": "/d"}, "/c/glyphcore", "/d/glyphcore"),
        ("linux", {"XDG_CACHE_HOME": ""}, "/u/.cache/glyphcore", "/u/.local/share/glyphcore"),
        ("darwin", {}, "/u/Library/Caches/glyphcore", "/u/Library/Application Support/glyphcore"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/glyphcore/Cache", "/l/glyphcore"),
        ("win32", {}, "/u/AppData/Local/glyphcore/Cache", "/u/AppData/Local/glyphcore"),
    ],
)
def test_folders_of_a_user(platform: str, environment: dict[str, str], cache: str, data: str) -> None:
    assert user_folders(platform, environment, Path("/u")) == (Path(cache), Path(data))


def test_one_version() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## ([\d.]+)", changes, flags=re.M)[0] == glyphcore.__version__
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f'version: "{glyphcore.__version__}"' in citation
