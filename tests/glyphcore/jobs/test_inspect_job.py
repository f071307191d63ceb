"""``glyphcore inspect``: details of single glyphs, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from glyphcore import cli
from glyphcore.config import EvaluateConfig
from glyphcore.jobs import evaluate


@pytest.fixture(scope="module")
def results(model_db: Path, tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    evaluate.run(EvaluateConfig(tiny_checkpoint, model_db, folder, cache=folder))
    return folder


def test_everything_as_json(
    model_db: Path, tiny_checkpoint: Path, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words: list[object] = [
        "inspect",
        7,
        12,
        "--checkpoint",
        tiny_checkpoint,
        "--db",
        model_db,
        "--results",
        results,
        "--edit",
    ]
    words += [
        "0,0=3",
        "15,15=4",
        "--similar",
        3,
        "--beside",
        tiny_checkpoint,
        "--svg",
        tmp_path,
        "--depth",
        2,
        "--json",
    ]
    assert cli.main([str(word) for word in words]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["glyph_id"] for each in found] == [7, 12]
    one = found[0]
    assert one["edited"]["edits"] == [[0, 3], [255, 4]]
    assert [each["rank"] for each in one["edited"]["top"]][:5] == [1, 2, 3, 4, 5]
    assert len(one["sensitivity"]["cells"]) == one["cells"] == sum(each != 0 for each in one["grid"])
    assert one["beside"][0]["differs"] == []
    assert len(one["similar"]) == 3
    assert (tmp_path / "7.svg").read_text().startswith("<svg")
    right = one["label"] == one["top"][0]["label"]
    assert (one["smallest"] is None) == right


def test_as_text(model_db: Path, tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["inspect", "7", "--checkpoint", str(tiny_checkpoint), "--db", str(model_db), "--edit", "0,0=3"]
    assert cli.main(words) == 0
    said = capsys.readouterr().out
    for part in ("glyph 7: digit_zero U+0030", "after 0,0=3", "masking one cell", "edit"):
        assert part in said


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["999999"], "no glyph 999999"),
        (["7", "--edit", "0,0=999"], "There is no primitive 999"),
        (["7", "--similar", "3", "--results", "EMPTY"], "does not exist"),
        (["7", "--depth", "9"], "depth"),
    ],
)
def test_mistakes_are_one_line(
    model_db: Path, tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str],
    problem: str,
) -> None:  # fmt: skip
    words = [str(tmp_path) if word == "EMPTY" else word for word in words]
    assert cli.main(["inspect", *words, "--checkpoint", str(tiny_checkpoint), "--db", str(model_db), "--quiet"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert problem in line


@pytest.mark.parametrize("edit", ["3=1", "16,0=1", "a,b=c", "0,0="])
def test_a_malformed_edit_is_refused_by_the_parser(edit: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["inspect", "7", "--edit", edit])
    assert "is not ROW,COLUMN=ID" in capsys.readouterr().err
