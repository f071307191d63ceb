"""The manual: its commands run, its links have targets, and the files that it names exist.

A page's commands are run in order, in a folder with the files that the page names (``mine.db``, ``broken.ttf`` …), all
tiny. Commands within a sentence are parsed.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pdf_files
import pytest
from tiny_fonts import DESIGNS, build
from tiny_model import MODEL

from glyphcore.analysis.metrics import METRICS
from glyphcore.cli.parser import parser
from glyphcore.config import LABELS, TrainConfig
from glyphcore.config.recipe import changed

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
TEXTS = [ROOT / "README.md", *PAGES]
SMALL = f"""
epochs = 1
batch = 16
precision = "32-true"
threads = 1

[model]
primitives = {MODEL.primitives}
stem = [8, 16]
stem_residual = false
embedding = 8
blocks = [1, 1]
widths = [16]
head = 24
"""


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), flags=re.M | re.S)


def commands(path: Path) -> list[str]:
    """Return the glyphcore commands of a page's shell blocks, in order."""
    lines = [line.strip() for block in blocks(path, "sh") for line in block.splitlines()]
    return [line for line in lines if line.startswith("glyphcore ")]


def mentioned(path: Path) -> list[str]:
    """Return all commands that a page names, also in sentences; names of groups and jobs alone do not count."""
    text = path.read_text(encoding="utf-8")
    indented = re.findall(r"^ {4}(glyphcore [^#\n]*)", text, flags=re.M)
    return [
        line for line in [*re.findall(r"`(glyphcore [^`\n]+)`", text), *indented, *commands(path)] if "…" not in line
    ]


def test_the_manual_explains_every_metric_by_its_title() -> None:
    lines = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8").splitlines()
    for metric in METRICS.values():
        assert sum(line.startswith(f"| {metric.title} | ") for line in lines) == 1, metric.title


WITH_COMMANDS = [path for path in PAGES if commands(path)]


@pytest.fixture
def place(tmp_path: Path, model_db: Path, tiny_checkpoint: Path) -> Path:
    """Make a folder with the files that the pages name."""
    shutil.copy(model_db, tmp_path / "mine.db")
    shutil.copy(LABELS, tmp_path / "chars.csv")
    shutil.copy(tiny_checkpoint, tmp_path / "mine.ckpt")
    (tmp_path / "checkpoints").mkdir()
    shutil.copy(tiny_checkpoint, tmp_path / "checkpoints")
    for recipe in ("mine.toml", "small.toml"):
        (tmp_path / recipe).write_text(SMALL)
    (tmp_path / "fonts").mkdir()
    design = next(each for each in DESIGNS if each.file.endswith(".ttf"))
    build(design).save(tmp_path / "broken.ttf")
    shutil.copy(tmp_path / "broken.ttf", tmp_path / "fonts")
    pdf_files.fpdf2("abcdefgh", tmp_path / "broken.ttf", tmp_path / "in.pdf")
    (tmp_path / "confirmed.csv").write_text("glyph_id,codepoints\n3,U+0041\n")
    return tmp_path


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda path: path.stem)
def test_commands_of_a_page_run(page: Path, place: Path) -> None:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("GLYPHCORE")}
    environment = kept | {
        "GLYPHCORE_CACHE": str(place / "cache"), "GLYPHCORE_HOME": str(place / "home"), "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    before = (place / "mine.ckpt").stat().st_mtime_ns
    done = subprocess.run([sys.executable, str(ROOT / "tests" / "manual_page.py")], cwd=place, env=environment,
                          input="\n".join(commands(page)), capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    for line in commands(page):
        words = shlex.split(line)
        for flag in ("--out", "--csv", "--sheet", "--tounicode", "--flips"):
            if flag in words:
                assert (place / words[words.index(flag) + 1]).exists(), line
    if page.stem == "train":
        assert (place / "mine.ckpt").stat().st_mtime_ns != before


@pytest.mark.parametrize("page", TEXTS, ids=lambda path: path.stem)
def test_commands_that_are_mentioned_exist(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for line in mentioned(page):
        try:
            args = parser().parse_args([word for word in shlex.split(line)[1:]])
        except SystemExit as left:
            said = capsys.readouterr().err
            incomplete = "required" in said or left.code == 0  # `glyphcore infer` and `--help` in a sentence
            assert incomplete, f"{line}: {said.splitlines()[-1]}"
        else:
            assert args.command is not None, line


@pytest.mark.parametrize("page", TEXTS, ids=lambda path: path.stem)
def test_links_and_files_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text):
        assert target.startswith("http") or (page.parent / target).exists(), target
    for name in re.findall(r"`((?:glyphcore|app|tests|benchmarks|docs)/[\w/.]+)`", text):
        assert (ROOT / name).exists() or (page.parent / name).exists(), name


def test_recipes_of_the_manual_are_recipes() -> None:
    found = [text for page in PAGES for text in blocks(page, "toml")]
    assert found
    for text in found:
        changed(TrainConfig(), tomllib.loads(text))
