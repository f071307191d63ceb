"""The font audit: verdicts and their order, its files, and the command."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from tiny_fonts import DESIGNS, build

from glyphcore import cli
from glyphcore.audit.findings import VERDICTS, Finding, claimed_p, finding, judge, summary, table, worst_first
from glyphcore.audit.sheet import sheet
from glyphcore.data.glyph_mappings import GlyphMapping
from glyphcore.data.labels import LabelMap


def mapping(labels: LabelMap, *names: str, characters: tuple[int, ...] = ()) -> GlyphMapping:
    return GlyphMapping(characters, tuple(labels.index[name] for name in names))


@pytest.mark.parametrize(
    ("predicted", "said", "characters", "expected"),
    [
        ("beh_isol", ["beh_isol"], (), "agrees"),
        ("beh_init", ["beh_isol"], (), "agrees"),  # another form of the same character
        ("farsi_yeh_init", ["yeh_init"], (), "twin"),
        ("farsi_yeh_isol", ["yeh_isol"], (), "disagrees"),  # drawn alike only at the start and in the middle of a word
        ("teh_isol", ["beh_isol", "teh_isol"], (), "agrees"),  # one of several claims is enough
        ("teh_isol", ["beh_isol"], (0x628, 0x4E2D), "disagrees"),
        ("teh_isol", [], (0x4E2D,), "unlabelled"),
        ("teh_isol", [], (), "unmapped"),
    ],
)
def test_verdicts(
    labels: LabelMap, predicted: str, said: list[str], characters: tuple[int, ...], expected: str
) -> None:
    assert judge(labels.index[predicted], mapping(labels, *said, characters=characters), labels) == expected


def test_the_claim_is_as_likely_as_its_likeliest_form(labels: LabelMap) -> None:
    p = np.full((3, len(labels)), 1e-4)
    p[:, labels.index["beh_init"]] = 0.4
    p[:, labels.index["beh_isol"]] = 0.1
    p[:, labels.index["teh_isol"]] = 0.2
    mappings = [mapping(labels, "beh_isol"), mapping(labels, "beh_isol", "teh_isol"), GlyphMapping()]
    np.testing.assert_allclose(claimed_p(p, mappings, labels), [0.4, 0.4, 0.0])


def some(labels: LabelMap) -> list[Finding]:
    """Return one finding of each verdict, and disagreements of three strengths; names that need escaping."""

    def one(
        i: int, model: str, font: list[str], p: float, claim_p: float, file: str = "a&b.ttf",
        characters: tuple[int, ...] = (), outside: float = 0.0,
    ) -> Finding:  # fmt: skip
        top = [labels.index[model], labels.index["digit_one"], labels.index["digit_two"]]
        said = mapping(labels, *font, characters=characters)
        return finding(file, i, f"<g{i}>", said, claim_p, top, [p, 0.01, 0.005], labels, outside=outside)

    return [
        one(1, "beh_isol", ["beh_isol"], 0.9, 0.9),
        one(2, "beh_init", ["beh_isol"], 0.9, 0.9),
        one(3, "teh_isol", ["beh_isol"], 0.5, 0.4),
        one(4, "teh_isol", ["beh_isol"], 0.9, 0.05, "c.ttf"),
        one(5, "fatha_diacritic", ["kasra_diacritic"], 0.8, 0.1),
        one(6, "farsi_yeh_init", ["yeh_init"], 0.6, 0.3),
        one(7, "teh_isol", [], 0.6, 0.0, characters=(0x3C, 0x202E)),
        one(8, "teh_isol", [], 0.6, 0.0),
        one(9, "beh_isol", ["beh_isol"], 0.2, 0.2, outside=0.7),
    ]


def test_worst_first(labels: LabelMap) -> None:
    ordered = worst_first(some(labels))
    assert [each.glyph_id for each in ordered] == [4, 5, 3, 6, 9, 8, 7, 2, 1]
    assert [each.same_form for each in ordered[-2:]] == [False, True]


def test_a_summary_counts_every_glyph_once(labels: LabelMap) -> None:
    counts = summary(some(labels))
    assert counts["a&b.ttf"] == {
        "n": 8, "disagrees": 2, "twin": 1, "unknown": 1, "unmapped": 1, "unlabelled": 1, "agrees": 2,
    }  # fmt: skip
    assert counts["all"]["n"] == 9
    assert all(count["n"] == sum(count[verdict] for verdict in VERDICTS) for count in counts.values())
    assert "all" not in summary(some(labels)[:3])


def test_the_table_tells_the_surest_disagreements(labels: LabelMap) -> None:
    text = table(some(labels), labels, rows=2)
    assert "(2 of 3)" in text
    lines = text.splitlines()
    assert lines[-2].startswith("0.900 0.050")
    assert "font: kasra_diacritic U+0650" in lines[-1]
    assert not re.search("[\u0600-\u06ff]", text), "a terminal draws Arabic as it likes: code points only"


class Tags(HTMLParser):
    """Tags that are open at the end, and all addresses that a page loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.loads += [value for name, value in attributes if name in ("src", "href")]
        assert tag != "script"
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_sheet_stands_alone_and_is_well_formed(labels: LabelMap) -> None:
    found = some(labels)
    page = sheet(found, lambda each: np.full(2048, each.glyph_id, np.uint8), labels, rows=2)
    tags = Tags(page)
    assert tags.open == []
    assert len(tags.loads) == 8, "of three disagreements, two"
    assert "OUTSIDE" in page
    assert len(set(tags.loads)) == 8
    assert all(load.startswith("data:image/png;base64,") for load in tags.loads)
    assert "<g1>" in tags.text, "escaped, so it is text"
    assert "a&b.ttf" in tags.text
    assert "prefers-color-scheme: dark" in page
    assert "◌\u064e" in tags.text, "a lone mark stands on a circle"
    assert "\u202e" not in tags.text, "a control character is told, not set"
    assert "U+202E" in tags.text
    assert tags.text.index("9 glyphs of 2 fonts") < tags.text.index("another character")
    assert "the first 2 shown" in tags.text


def test_audit(tiny_checkpoint: Path, font_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two fonts and a broken one; the files contain every glyph, with the same verdicts as the table."""
    (tmp_path / "bad.ttf").write_bytes(b"no font")
    fonts = [font_folder / "TinySans-Regular.ttf", font_folder / "TinyWeb.woff2", tmp_path / "bad.ttf"]
    out, page = tmp_path / "audit.jsonl", tmp_path / "audit.html"
    words = ["audit", *fonts, "--checkpoint", tiny_checkpoint, "--out", out, "--sheet", page]
    assert cli.main(list(map(str, words))) == 3
    said = capsys.readouterr()
    assert "bad.ttf is not a readable font" in said.err
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    counts = [[line["verdict"] for line in records].count(verdict) for verdict in VERDICTS]
    assert all(f"{count} (" in said.out for count in counts)
    verdicts = {line["glyph_name"]: line["verdict"] for line in records if line["file"] == str(fonts[0])}
    assert verdicts["acute"] == "unmapped"
    assert verdicts["han"] == "unlabelled"
    assert "plus" not in verdicts, "nothing to see"
    assert [VERDICTS.index(line["verdict"]) for line in records] == sorted(
        VERDICTS.index(line["verdict"]) for line in records
    )
    gaps = [line["gap"] for line in records if line["verdict"] == "disagrees"]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps
    for line in records:
        same = line["model"]["base"] in line["font"]["base"]
        assert same == (line["verdict"] == "agrees")
        assert line["topk"][0]["prob"] >= line["font"]["prob"] - 1e-6
    assert f"{len(records)} glyphs of 2 fonts" in page.read_text(encoding="utf-8")


def test_audit_of_a_font_without_a_character_map(
    tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    builder = build(DESIGNS[0])
    del builder.font["cmap"]
    builder.setupPost(keepGlyphNames=False)
    builder.save(tmp_path / "bare.ttf")
    words = ["audit", tmp_path / "bare.ttf", "--checkpoint", tiny_checkpoint, "--per-glyph"]
    assert cli.main(list(map(str, words))) == 0
    assert "(100.0%)" in capsys.readouterr().out
