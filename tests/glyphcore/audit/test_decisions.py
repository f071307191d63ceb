"""The source that decides about a glyph, the effect of a threshold, and the written files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from cmap_parser import parsed

from glyphcore import cli
from glyphcore.audit.corrections import Correction
from glyphcore.audit.decisions import curve, decide, texts, to_csv, to_jsonl
from glyphcore.audit.findings import Finding, finding
from glyphcore.audit.font_predictions import draw, load
from glyphcore.data.fonts import FontFace
from glyphcore.data.glyph_mappings import GlyphMapping
from glyphcore.data.labels import LabelMap
from glyphcore.data.sources import read_sources
from glyphcore.errors import StoreError


def some(labels: LabelMap) -> list[Finding]:
    def one(i: int, model: str, font: list[str], p: float, characters: tuple[int, ...] = ()) -> Finding:
        mapping = GlyphMapping(characters, tuple(labels.index[name] for name in font))
        top = [labels.index[model], labels.index["digit_one"], labels.index["digit_two"]]
        return finding("a.ttf", i, "=cmd()" if i == 1 else f"g{i}", mapping, 0.1, top, [p, 0.01, 0.005], labels)

    return [
        one(1, "beh_isol", ["beh_isol"], 0.9),
        one(2, "beh_init", ["beh_isol"], 0.3),
        one(3, "teh_isol", ["beh_isol"], 0.4),
        one(4, "teh_isol", ["beh_isol"], 0.8),
        one(5, "plus_sign", [], 0.9, (0x3C9,)),
        one(6, "plus_sign", [], 0.6),
        one(7, "farsi_yeh_init", ["yeh_init"], 0.7),
    ]


def test_who_is_believed(labels: LabelMap) -> None:
    decided = decide(some(labels), {4: Correction("ب", "beh_isol")}, 0.5, labels)
    assert [(each.text, each.source) for each in decided] == [
        ("ب", "model"), ("ب", "font"), ("", ""), ("ب", "confirmed"), ("ω", "font"), ("+", "model"), ("ی", "model")
    ]  # fmt: skip
    assert texts(decided) == {1: "ب", 2: "ب", 4: "ب", 5: "ω", 6: "+", 7: "ی"}


def test_the_curve_counts_what_a_threshold_leaves(labels: LabelMap) -> None:
    found = curve(some(labels))
    assert found.n == 7
    for t, covered, judged, agrees, near in ((0, 7, 5, 2, 3), (50, 5, 3, 1, 2), (75, 3, 2, 1, 1), (100, 0, 0, 0, 0)):
        assert found.threshold[t] == pytest.approx(t / 100)
        counted = [int(each[t]) for each in (found.covered, found.judged, found.agrees, found.agrees_or_twin)]
        assert counted == [covered, judged, agrees, near], t
    assert curve([]).covered.tolist() == [0] * 101


def test_a_spreadsheet_runs_nothing(labels: LabelMap) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(decide(some(labels), {}, 0.5, labels), labels).lstrip("\ufeff"))))
    assert len(rows) == 7
    assert rows[0]["glyph_name"] == "'=cmd()"
    assert rows[5]["text"] == "+"  # one sign alone is no formula
    assert rows[5]["codepoints"] == "U+002B"
    assert rows[4]["font"] == "U+03C9"
    cells = [value for row in rows for value in row.values() if len(value) > 1]
    assert not any(value.startswith(("=", "+", "-", "@")) for value in cells)


def test_lines_of_json_say_who_decided(labels: LabelMap) -> None:
    lines = [json.loads(line) for line in to_jsonl(decide(some(labels), {}, 0.5, labels), labels).splitlines()]
    assert lines[4]["decided"] == {"text": "ω", "codepoints": "U+03C9", "label": "", "source": "font"}
    assert lines[2]["decided"]["text"] == ""
    assert lines[0]["verdict"] == "agrees"


@pytest.mark.parametrize("command", ["infer", "audit"])
def test_the_command_line_writes_a_cmap_with_what_was_confirmed(
    command: str, tmp_path: Path, font_folder: Path, tiny_reader: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = tmp_path / "said.csv"
    said.write_text("glyph_id,codepoints\n1,U+4E2D\n2,U+0644+U+0627\n")
    out, cmap, font = tmp_path / "out.jsonl", tmp_path / "font.cmap", str(font_folder / "TinySans-Regular.ttf")
    given = ["--checkpoint", str(tiny_reader), "--out", str(out), "--confirmed", str(said), "--tounicode", str(cmap)]
    assert cli.main([command, font, *given, "--threshold", "1", "-q"]) == 0
    read_sources = parsed(cmap.read_text())
    assert (read_sources[1], read_sources[2]) == ("中", "لا")
    sure = {line["glyph_id"] for line in map(json.loads, out.read_text().splitlines())}
    assert len(read_sources) < len(sure), "at a threshold of 1 nobody is sure of most"
    assert cli.main([command, font, *given, "--threshold", "0", "-q"]) == 0
    everything = parsed(cmap.read_text())
    assert set(everything) == sure - {0}, "glyph 0 is no character"
    for several in ([font, str(font_folder / "TinySerif.ttf")], [str(font_folder / "TinyPair.ttc")]):
        assert cli.main([command, *several, *given, "-q"]) == 1
        assert "Name a single font" in capsys.readouterr().err


def test_audit_writes_a_table_that_it_reads_again(tmp_path: Path, font_folder: Path, tiny_reader: Path) -> None:
    said, table, again = tmp_path / "said.csv", tmp_path / "table.csv", tmp_path / "again.csv"
    said.write_text("glyph_id,label\n1,beh_medi\n")
    font = [str(font_folder / "TinyWeb.woff2"), "--checkpoint", str(tiny_reader), "-q"]
    assert cli.main(["audit", *font, "--csv", str(table), "--confirmed", str(said)]) == 0
    assert cli.main(["audit", *font, "--csv", str(again), "--confirmed", str(table)]) == 0
    assert table.read_bytes() == again.read_bytes()
    (row,) = [
        row
        for row in csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig")))
        if row["source"] == "confirmed"
    ]
    assert (row["glyph_id"], row["label"]) == ("1", "beh_medi")


def test_infer_writes_no_cmap_for_what_is_no_font(
    tmp_path: Path, model_db: Path, tiny_reader: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["infer", str(model_db), "--checkpoint", str(tiny_reader), "--out", str(tmp_path / "o"), "-q"]
    assert cli.main([*given, "--tounicode", str(tmp_path / "c")]) == 1
    assert "is no font" in capsys.readouterr().err


def test_glyphs_are_drawn_again_as_they_were_read(font_folder: Path) -> None:
    from glyphcore.data.sources import SkippedInputs
    from glyphcore.progress import Silent

    ((source, glyphs),) = read_sources([font_folder / "TinyCubic.otf"], SkippedInputs(), Silent(), only_fonts=True)
    kept = list(glyphs)
    assert source.face is not None
    again = draw(FontFace(font_folder / "TinyCubic.otf"), [glyph.glyph_id for glyph in kept])
    np.testing.assert_array_equal(again, np.stack([glyph.packed for glyph in kept]))


def test_a_reading_is_kept_as_arrays(tmp_path: Path, font_folder: Path, tiny_reader: Path) -> None:
    out = tmp_path / "font.npz"
    given = ["read", str(font_folder / "TinyPair.ttc"), "--checkpoint", str(tiny_reader), "--out", str(out), "-q"]
    assert cli.main([*given, "--face", "1"]) == 0
    found = load(out)
    assert len(found) == len(found.names) == len(found.mappings) > 20
    assert {each.glyph_id for each in found.findings()} == set(found.glyph_id.tolist())
    assert cli.main([*given, "--face", "2"]) == 1
    out.write_bytes(b"rubbish")
    with pytest.raises(StoreError, match="is not a result of"):
        load(out)
