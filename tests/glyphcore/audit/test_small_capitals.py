"""A font that draws small letters as capitals: one remark, not a wrong mapping of each letter; the text stays small."""

from __future__ import annotations

import json
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase

import pytest
from fontTools.ttLib import TTFont
from shipped_fonts import LATIN, build

from glyphcore.cli import main

REMARK = "draws small letters as capitals"


@pytest.fixture(scope="module")
def roman(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("roman") / "roman.ttf"
    build(LATIN, path)
    return path


def drawn_as(roman: Path, path: Path, letters: str, others: str) -> Path:
    """Write a font that draws each of ``letters`` as the other letter in its place."""
    font = TTFont(roman)
    cmap, glyf, hmtx = font.getBestCmap(), font["glyf"], font["hmtx"]
    changed = {cmap[ord(a)]: (glyf[cmap[ord(b)]], hmtx[cmap[ord(b)]]) for a, b in zip(letters, others, strict=True)}
    for name, (outline, metrics) in changed.items():
        glyf[name], hmtx[name] = outline, metrics
    font.save(path)
    return path


def in_capitals(roman: Path, path: Path) -> Path:
    """Write a font that draws all its small letters as capitals."""
    characters = list(map(chr, TTFont(roman).getBestCmap()))
    small = [c for c in characters if c != c.upper() and c.upper() in characters]
    return drawn_as(roman, path, "".join(small), "".join(small).upper())


def audited(font: Path, capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, dict], str]:
    """Return the findings for the letters a to z, and the messages."""
    out = font.with_suffix(".jsonl")
    assert main(["audit", str(font), "--out", str(out)]) == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    names = {TTFont(font).getBestCmap()[ord(letter)]: letter for letter in ascii_lowercase}
    return {names[row["glyph_name"]]: row for row in rows if row["glyph_name"] in names}, capsys.readouterr().err


def test_small_letters_drawn_as_capitals_are_confusable_and_stay_small(
    roman: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    font = in_capitals(roman, tmp_path / "capitals.ttf")
    rows, said = audited(font, capsys)
    assert said.count(REMARK) == 1
    assert {row["verdict"] for row in rows.values()} <= {"twin", "agrees"}
    capitals = {letter: row["decided"]["text"] for letter, row in rows.items() if row["verdict"] == "twin"}
    assert len(capitals) >= 16
    assert sum(text == letter for letter, text in capitals.items()) >= 16
    assert rows["g"]["model"]["base"] == "G"
    assert rows["g"]["decided"] | {"label": ""} == {
        "text": "g", "codepoints": "U+0067", "label": "", "source": "font"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("letters", "others"),
    [
        ("abdeg", "ABDEG"),  # few: wrong one by one
        (ascii_lowercase, ascii_uppercase[1:] + "A"),  # each one the capital of another letter
        ("abdefghnqr", "bdefghnqra"),  # other small letters
    ],
    ids=("few", "of other letters", "small"),
)
def test_other_mappings_that_are_wrong_stay_wrong(
    roman: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], letters: str, others: str
) -> None:
    rows, said = audited(drawn_as(roman, tmp_path / "wrong.ttf", letters, others), capsys)
    assert REMARK not in said
    wrong = [letter for letter in letters if rows[letter]["verdict"] == "disagrees"]
    assert len(wrong) >= 0.6 * len(letters)


def test_a_cmap_of_both_commands_has_the_small_letters(roman: Path, tmp_path: Path) -> None:
    font = in_capitals(roman, tmp_path / "capitals.ttf")
    made = {}
    for command in ("infer", "audit"):
        out = tmp_path / f"{command}.cmap"
        assert main([command, "-q", str(font), "--out", str(tmp_path / "o"), "--tounicode", str(out)]) == 0
        made[command] = out.read_text()
    assert made["infer"] == made["audit"]
    for letter in "gGrR":
        glyph = TTFont(font).getGlyphID(TTFont(font).getBestCmap()[ord(letter)])
        assert f"<{glyph:04X}> <{ord(letter):04X}>" in made["audit"]
