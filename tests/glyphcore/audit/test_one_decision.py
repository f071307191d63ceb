"""A font gets the same answer and the same confidence from every command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cmap_parser import parsed
from tiny_fonts import STRAIGHT, write_box_font

from glyphcore import cli
from glyphcore.config import DEFAULT_EXPORTED
from glyphcore.data.predictions import flags

COMMANDS = ("infer", "audit")


def run(command: str, font: Path, reader: Path, folder: Path, *words: str) -> tuple[dict[int, dict], dict[int, str]]:
    """Run a command; return glyph index → its line of JSON, and glyph index → its text in the CMap."""
    out, cmap = folder / f"{command}.jsonl", folder / f"{command}.cmap"
    given = ["--checkpoint", str(reader), "--out", str(out), "--tounicode", str(cmap), "-q", *words]
    assert cli.main([command, str(font), *given]) == 0
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return {line["glyph_id"]: line for line in lines}, parsed(cmap.read_text())


@pytest.mark.parametrize("threshold", ["0", "0.02", "1"])
@pytest.mark.parametrize("how", [(), ("--per-glyph",), ("--duplicate-penalty", "8")])
def test_both_commands_give_one_font_one_cmap(
    font_folder: Path, tiny_reader: Path, tmp_path: Path, how: tuple[str, ...], threshold: str
) -> None:
    said = tmp_path / "said.csv"
    said.write_text("glyph_id,codepoints\n3,U+0644+U+0627\n")
    words = ("--confirmed", str(said), "--threshold", threshold, *how)
    font = font_folder / "TinySans-Regular.ttf"
    (_, inferred), (_, audited) = (run(each, font, tiny_reader, tmp_path, *words) for each in COMMANDS)
    assert inferred == audited
    assert inferred[3] == "لا"
    assert "中" in inferred.values(), "a character outside the label set is the font's to say"


def test_what_is_assigned_does_not_depend_on_whether_a_cmap_is_written(
    font_folder: Path, tiny_reader: Path, tmp_path: Path
) -> None:
    font, out = font_folder / "TinyKufi.woff", tmp_path / "alone.jsonl"
    lines, _ = run("infer", font, tiny_reader, tmp_path, "--duplicate-penalty", "8")
    audited, _ = run("audit", font, tiny_reader, tmp_path, "--duplicate-penalty", "8")
    assert (
        cli.main(
            ["infer", str(font), "--checkpoint", str(tiny_reader), "--out", str(out), "-q", "--duplicate-penalty", "8"]
        )
        == 0
    )
    for line in map(json.loads, out.read_text(encoding="utf-8").splitlines()):
        with_cmap = lines[line["glyph_id"]]
        del with_cmap["decided"]
        assert line == with_cmap
        assert _label(line["assigned"]) == _label(audited[line["glyph_id"]]["model"])


def test_the_lines_of_both_commands_say_what_the_cmap_says(
    font_folder: Path, tiny_reader: Path, tmp_path: Path
) -> None:
    for command in COMMANDS:
        lines, cmap = run(command, font_folder / "TinySerif.ttf", tiny_reader, tmp_path, "--threshold", "0.02")
        assert {glyph: line["decided"]["text"] for glyph, line in lines.items() if line["decided"]["text"]} == cmap


def test_an_answer_does_not_depend_on_how_many_candidates_are_listed(
    font_folder: Path, tiny_reader: Path, tmp_path: Path
) -> None:
    font = font_folder / "TinySerif.ttf"
    few, many = (
        run("infer", font, tiny_reader, tmp_path, "--duplicate-penalty", "8", "--topk", k)[0] for k in ("1", "30")
    )
    for glyph, line in many.items():
        assert _label(few[glyph]["assigned"]) == _label(line["assigned"])
        assert [each["rank"] for each in line["topk"]] == list(range(1, 31))
        chances = [each["prob"] for each in line["topk"]]
        assert chances == sorted(chances, reverse=True)


def _label(candidate: dict[str, Any]) -> tuple[str, float]:
    return candidate["label"], candidate["prob"]


def test_flags_are_those_of_what_is_assigned(font_folder: Path, tiny_reader: Path, tmp_path: Path) -> None:
    words = ("--duplicate-penalty", "8", "--topk", "10", "--ok", "0.04", "--low", "0.02", "--ambiguous", "0.001")
    lines, _ = run("infer", font_folder / "TinySerif.ttf", tiny_reader, tmp_path, *words)
    moved = [line for glyph, line in lines.items() if glyph and line["assigned"]["rank"] > 1]
    assert moved, "some glyph gave way to another one"
    for line in (line for glyph, line in lines.items() if glyph):
        p = line["assigned"]["prob"]
        rival = max(each["prob"] for each in line["topk"] if each["rank"] != line["assigned"]["rank"])
        if min(abs(p - 0.04), abs(p - 0.02), abs(p - rival - 0.001)) > 1e-5:  # the printed probabilities are rounded
            assert line["flags"] == flags(p, rival, ok=0.04, low=0.02, ambiguous=0.001)
    assert all("AMBIGUOUS" in line["flags"] for line in moved), "another candidate was likelier"


@pytest.mark.parametrize("how", [(), ("--per-glyph",)])
def test_glyph_0_is_in_no_cmap(tmp_path: Path, how: tuple[str, ...]) -> None:
    """The shipped model reads the box of ``.notdef`` as a character with high confidence."""
    font, said = tmp_path / "box.ttf", tmp_path / "said.csv"
    write_box_font(font)
    for command in COMMANDS:
        lines, cmap = run(command, font, DEFAULT_EXPORTED, tmp_path, *how)
        assert cmap == dict(enumerate(STRAIGHT, 1))
        assert lines[0]["topk"][0]["prob"] > 0.5
        assert lines[0]["decided"]["text"] == ""
    said.write_text("glyph_id,text\n0,□\n")
    for command in COMMANDS:
        assert run(command, font, DEFAULT_EXPORTED, tmp_path, "--confirmed", str(said), *how)[1][0] == "□"


def test_glyph_0_is_flagged_as_no_character(tmp_path: Path) -> None:
    font = tmp_path / "box.ttf"
    write_box_font(font)
    lines, _ = run("infer", font, DEFAULT_EXPORTED, tmp_path)
    assert lines[0]["flags"] == ["NOTDEF"]
    assert all("NOTDEF" not in line["flags"] for glyph, line in lines.items() if glyph)
