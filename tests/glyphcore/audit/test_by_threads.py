"""Several fonts are read at a time by threads, and nobody can see it from the answers."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from glyphcore import cli
from glyphcore.audit.by_workers import rows_by_threads
from glyphcore.data.sources import SkippedInputs
from glyphcore.progress import Recorded, Silent

NAMES = ("TinySans-Regular.ttf", "TinySerif.ttf", "TinyWeb.woff2", "TinyPair.ttc")


@pytest.fixture
def folder(font_folder: Path, tmp_path: Path) -> Path:
    """Return a folder with four fonts and, among them, two files that cannot be read."""
    folder = tmp_path / "fonts"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        shutil.copy(font_folder / name, folder / f"{number}{Path(name).suffix}")
    (folder / "0-broken.ttf").write_bytes(b"no font")
    (folder / "2-bitmaps.pcf").write_bytes(b"\1fcp")
    return folder


@pytest.mark.parametrize("command", ["infer", "audit"])
def test_a_folder_gives_what_its_fonts_give_one_after_the_other(
    command: str, folder: Path, tiny_reader: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ["--checkpoint", str(tiny_reader), "--per-glyph"]
    together = tmp_path / "together.jsonl"
    assert cli.main([command, str(folder), "--out", str(together), *model]) == 3
    said = capsys.readouterr().err
    alone, messages = [], []
    for path in sorted(folder.iterdir()):
        out = tmp_path / f"{path.name}.jsonl"
        cli.main([command, str(path), "--out", str(out), *model])
        messages += [line for line in capsys.readouterr().err.splitlines() if str(path.name) in line]
        alone += out.read_text().splitlines() if out.exists() else []
    found = together.read_text().splitlines()
    if command == "audit":  # the worst glyphs of all fonts come first
        found, alone = sorted(found), sorted(alone)
    assert found == alone
    assert len(found) > 100
    told = [line for line in said.splitlines() if ".ttf" in line or ".pcf" in line or ".ttc" in line]
    assert told == [line.removeprefix("glyphcore: ") for line in messages]
    assert "2 inputs not read" in said


def report(path: Path) -> dict[str, Any]:
    return {"rows": [path.name], "said": [(f"read {path}", {})], "skipped": [1, 0, 0]}


def test_rows_and_messages_keep_the_order_of_the_inputs() -> None:
    def job(path: Path, progress: Recorded) -> dict[str, Any]:
        time.sleep(0.2 if path.name == "0" else 0)
        return report(path)

    paths = [Path(str(number)) for number in range(6)]
    progress, skipped = Recorded(), SkippedInputs()
    found = list(rows_by_threads(job, paths, skipped, progress, threads=3))
    assert found == [(path, [path.name]) for path in paths]
    assert [line for line, _ in progress.said] == [f"read {path}" for path in paths]
    assert skipped.empty == 6


def test_only_a_few_fonts_are_read_before_their_turn() -> None:
    started: list[str] = []
    first = threading.Event()

    def job(path: Path, progress: Recorded) -> dict[str, Any]:
        started.append(path.name)
        if path.name == "0":
            assert first.wait(20)
        return report(path)

    paths = [Path(str(number)) for number in range(50)]
    rows = rows_by_threads(job, paths, SkippedInputs(), Silent(), threads=2)
    threading.Timer(0.3, first.set).start()
    assert next(rows)[0] == paths[0]
    assert len(started) <= 4
    rows.close()
    assert len(started) <= 4, "what was not begun is not begun any more"


def test_nobody_waits_for_a_large_font_after_an_interruption() -> None:
    drawn: list[int] = []

    def job(path: Path, progress: Recorded) -> dict[str, Any]:
        def endless() -> Iterator[int]:
            while True:
                time.sleep(0.001)
                yield 1

        for glyph in endless() if path.name == "1" else ():
            drawn.extend(progress.track([glyph], total=1, what="glyphs"))
        return report(path)

    rows = rows_by_threads(job, [Path("0"), Path("1")], SkippedInputs(), Silent(), threads=2)
    assert next(rows)[0] == Path("0")
    rows.close()  # as at Ctrl-C; it waits for the threads
    before = len(drawn)
    time.sleep(0.05)
    assert len(drawn) == before


def test_an_unexpected_error_ends_the_run() -> None:
    def job(path: Path, progress: Recorded) -> dict[str, Any]:
        raise RuntimeError(path.name)

    with pytest.raises(RuntimeError, match="0"):
        list(rows_by_threads(job, [Path("0"), Path("1")], SkippedInputs(), Silent(), threads=2))
