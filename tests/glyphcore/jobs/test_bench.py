"""The benchmark runs and reports the models and fonts that it timed; the tests do not check speeds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from glyphcore.checkpoint import load_checkpoint
from glyphcore.cli import main
from glyphcore.config import BenchConfig
from glyphcore.errors import GlyphError
from glyphcore.export import export_torchscript
from glyphcore.files import fingerprint
from glyphcore.jobs import bench
from glyphcore.results.speed import read_speed, speed_path


def test_stages_and_models(
    tiny_checkpoint: Path, tiny_reader: Path, font_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    font, out = font_folder / "TinySans-Regular.ttf", tmp_path / "bench.json"
    script = tmp_path / "tiny.pt"
    export_torchscript(load_checkpoint(tiny_checkpoint), script)
    words = ["bench", font, "--models", tiny_reader, script, "--repeat", 1, "--out", out, "-q"]
    assert main([str(word) for word in words]) == 0
    measured = json.loads(out.read_text())
    (row,) = measured["fonts"]
    assert row["glyphs"] > 20
    assert all(row[stage] > 0 for stage in (*bench.STAGES, "warm"))
    assert row["cold"]["mb"] > 20
    reader, graph = measured["models"]
    assert len(reader["top"]) == len(graph["top"]) == row["glyphs"]
    assert reader["top"] == graph["top"], "exports of one checkpoint read alike"
    table = capsys.readouterr().out
    for said in ("tiny.reader", "tiny.pt", "100.0%", "TinySans-Regular.ttf", "cores", "numpy"):
        assert said in table


def test_the_speed_of_a_checkpoint_is_kept_with_its_conditions(
    tiny_checkpoint: Path, font_folder: Path, tmp_path: Path
) -> None:
    font = font_folder / "TinySans-Regular.ttf"
    bench.run(BenchConfig(models=(tiny_checkpoint,), fonts=(font,), repeat=1, results=tmp_path))
    kept = read_speed(tmp_path, tiny_checkpoint.stem, fingerprint(tiny_checkpoint))
    assert kept is not None
    assert kept.rate > 0
    assert (kept.font, kept.repeat, kept.cores) == (font.name, 1, bench.machine()["cores"])
    for said in (f"{kept.cores} cores", font.name, f"{kept.glyphs:,} glyphs", "float32"):
        assert said in kept.words()
    path = speed_path(tmp_path, tiny_checkpoint.stem, fingerprint(tiny_checkpoint))
    path.write_text('{"rate": 1}')
    assert read_speed(tmp_path, tiny_checkpoint.stem, fingerprint(tiny_checkpoint)) is None


def test_both_precisions_of_a_checkpoint_are_timed(tiny_checkpoint: Path) -> None:
    assert bench.kinds(tiny_checkpoint) == ("float32", "bfloat16")


def test_what_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def installed(library: str) -> str:
        if library == "torch":
            raise bench.PackageNotFoundError(library)
        return "1.0"

    monkeypatch.setattr(bench, "version", installed)
    versions = bench.machine()["versions"]
    assert "torch" not in versions
    assert versions["onnxruntime"] == "1.0"


def test_without_the_corpus_it_asks_for_fonts(tmp_path: Path) -> None:
    with pytest.raises(GlyphError, match="Name fonts"):
        bench.run(BenchConfig(models=(tmp_path / "any.reader",), cache=tmp_path))
