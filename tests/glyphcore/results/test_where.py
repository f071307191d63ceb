"""A selection as text has one meaning: in an address, in a pasted link, on the command line and in Python."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from app_fixtures import fake_results

from glyphcore import cli
from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.store import Annotations, Change
from glyphcore.config.annotations import ANNOTATIONS
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultRow, ResultsStore
from glyphcore.results.filters import EVERYTHING, Filters
from glyphcore.results.where import BROWSE, decode, encode, everywhere, of_figures, parse, write

SELECTIONS = [
    EVERYTHING,
    Filters(char_class=("digit",), excluded=(("family", "Kalam"), ("outcome", "noise"))),
    Filters(split=("val", "test"), outcome="wrong", search="lam & alef", p_min=0.25),
    Filters(family=("Noto Sans: Italic",), base=("ب", "+"), tag=("to do",), size="0.4-", pattern="5,3=* any=17>42"),
    Filters(like="grid--17", ids="0123456789ab", p_max=0.6, excluded=(("char_class", ""), ("label", "a=b&c:d"))),
]


@pytest.mark.parametrize("filters", SELECTIONS)
def test_what_is_written_is_read_back(filters: Filters) -> None:
    assert parse(write(filters)) == filters
    for defaults in (EVERYTHING, BROWSE):
        query = {name: [each] if isinstance(each, str) else each for name, each in encode(filters, defaults).items()}
        assert decode(query, defaults) == filters


def test_words_alone_mean_themselves_and_a_link_what_its_page_shows() -> None:
    digits = Filters(char_class=("digit",), excluded=(("family", "Kalam"),))
    assert parse("char_class=digit&not=family:Kalam") == digits
    assert parse("http://localhost:8501/dashboard?part=marks&char_class=digit&not=family:Kalam") == digits
    shown = Filters(("val",), char_class=("digit",), outcome="wrong", excluded=(("family", "Kalam"),))
    for link in ("http://localhost:8501/?", "/?", "?", "https://lab/browse?sort=sure&", "/inspect?glyph=7&"):
        assert parse(f"{link}char_class=digit&not=family%3AKalam") == shown
    assert parse("/?split=all&outcome=all") == parse("") == parse("  ") == EVERYTHING


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("digit", "'digit' is not a selection"), ("famly=Amiri", "'famly' is not a field"),
        ("not=Amiri", "not=Amiri is not valid"), ("not=families:Amiri", "is not valid"), ("p=2-3", "p=2-3 is"),
        ("outcome=bad", "Use one of right"), ("cells=5;3", "Write it like"), ("like=17", "like=17 is not valid"),
        ("size=x", "size=x is not valid"), ("ids=../x", "is not valid"), ("q=a&q=b", "q= occurs twice"),
        ("http://[", "is not a selection"), (f"q={'x' * 200}", "Make it shorter"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_said_in_one_line(text: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as error:
        parse(text)
    assert len(str(error.value).splitlines()) == 1


def test_an_address_leaves_out_what_is_malformed_and_says_it() -> None:
    refused: list[tuple[str, str]] = []
    query = {"not": ["family:Amiri", "x", "family:Amiri", "outcome:bad"], "p": ["9"], "q": ["beh"], "page": ["3"]}
    found = decode(query, BROWSE, lambda *what: refused.append(what))
    assert found == Filters(("val",), outcome="wrong", search="beh", excluded=(("family", "Amiri"),))
    assert sorted(refused) == [("not", "outcome:bad"), ("not", "x"), ("p", "9")]


def test_figures_are_about_one_split_and_no_outcome() -> None:
    kept, split, said = of_figures("/?char_class=digit&not=outcome:noise&not=family:Lora", "")
    assert (kept, split) == (Filters(char_class=("digit",), excluded=(("family", "Lora"),)), "val")
    assert said.startswith("outcome=wrong, not=outcome:noise ignored")
    assert of_figures("split=test&q=beh", "test") == (Filters(search="beh"), "test", "")
    with pytest.raises(StoreError, match="single split, not test and val"):
        of_figures("split=test", "val")
    assert everywhere(Filters(("val",), outcome="wrong", search="x")) == Filters(search="x")


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = cli.main([str(word) for word in words])
    said = capsys.readouterr()
    return code, said.out, said.err


def selected(
    store: ResultsStore, database: GlyphStore, capsys: pytest.CaptureFixture[str], *words: object
) -> list[int]:
    """Return the ids that ``glyphcore select`` lists, in ascending order."""
    code, out, err = run(capsys, "select", store.path, "--db", database.path, "--jsonl", "-q", *words)
    assert code == 0, err
    return sorted(json.loads(line)["glyph_id"] for line in out.splitlines())


def test_select_takes_the_words_of_a_link_and_what_must_not_be(
    store: ResultsStore, database: GlyphStore, rows: list[ResultRow], capsys: pytest.CaptureFixture[str]
) -> None:
    expected = [row.glyph_id for row in rows if row.char_class == "digit" and row.family != "Lora"]
    assert 0 < len(expected) < len(rows)
    assert selected(store, database, capsys, "--where", "char_class=digit&not=family:Lora") == expected
    assert selected(store, database, capsys, "--char-class", "digit", "--not", "family:Lora") == expected
    both = [row.glyph_id for row in rows if row.glyph_id in expected and row.family != "Amiri" and row.correct]
    words = ("--where", "char_class=digit&not=family:Lora&outcome=wrong", "--not", "family:Amiri", "outcome:wrong")
    assert selected(store, database, capsys, *words, "--outcome", "right") == both
    link = [row.glyph_id for row in rows if row.split == "val" and not row.correct and row.char_class == "digit"]
    assert selected(store, database, capsys, "--where", "http://localhost/?char_class=digit") == link


def test_tags_select_on_the_command_line_too(
    store: ResultsStore, database: GlyphStore, capsys: pytest.CaptureFixture[str]
) -> None:
    Annotated(Annotations(ANNOTATIONS), database.fingerprint, database).change([Change((3, 5), tag="odd one")])
    assert selected(store, database, capsys, "--where", "tag=odd one") == [3, 5]
    assert len(selected(store, database, capsys, "--not", "tag:odd one")) == len(store) - 2


def test_a_link_brings_its_order_and_its_limit_of_groups(
    store: ResultsStore, database: GlyphStore, capsys: pytest.CaptureFixture[str]
) -> None:
    def listed(*words: str) -> list[int]:
        code, out, _ = run(capsys, "select", store.path, "--db", database.path, "--jsonl", *words)
        assert code == 0
        return [json.loads(line)["glyph_id"] for line in out.splitlines()]

    wrong = Filters(split=("val",), outcome="wrong")
    left = [row.glyph_id for row in store.export(wrong, "entropy:down", most="confusion:1")]
    assert listed("--where", "http://localhost/?sort=entropy%3Adown&most=confusion%3A1") == left
    named = ("--split", "val", "--outcome", "wrong", "--sort", "entropy:down", "--most", "confusion:1")
    assert listed(*named) == left
    assert listed("--where", "/?most=family:1&sort=sure", "--most", "family:2") == [
        row.glyph_id for row in store.export(wrong, "sure", most="family:2")
    ]
    _, _, said = run(capsys, "select", store.path, "--db", database.path, "--most", "family:2")
    assert f"{len(store):,} of {len(store):,} glyphs of {store.path.name}; 12 with at most family:2" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--most", "family"), "'family' is not a limit of groups"),
        (("--sort", "style"), "There is no sort 'style'"),
        (("--sort", "noise"), "no queue of doubtful labels"),
        (("--where", "/?sort=style"), "There is no sort 'style'"),
        (("--where", "famly=Amiri"), "'famly' is not a field"),
        (("--where", "not=family:Nobody"), "These results have no family 'Nobody'"),
        (("--not", "family"), "'family' is not an exclusion"),
        (("--not", "split:nowhere"), "These results have no split 'nowhere'"),
        (("--where", "tag=nobody's"), "tagged"),
    ],
)
def test_the_command_says_what_means_nothing(
    store: ResultsStore, database: GlyphStore, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    code, out, err = run(capsys, "select", store.path, "--db", database.path, "-q", *words)
    assert (code, out) == (1, "")
    assert said in err


def test_a_report_of_a_selection_counts_its_glyphs_and_no_others(
    store: ResultsStore, database: GlyphStore, rows: list[ResultRow], capsys: pytest.CaptureFixture[str]
) -> None:
    where = "char_class=digit&char_class=latin&not=family:Lora&p=0.2-1"
    its = [row for row in rows if row.split == "val" and row.char_class in ("digit", "latin") and row.family != "Lora"
           and row.p1 >= np.float32(0.2)]  # fmt: skip
    wrong = [row for row in its if not row.correct]
    code, out, err = run(capsys, "report", store.path, "--db", database.path, "--where", where, "--json")
    assert code == 0, err
    found = json.loads(out)
    assert (found["n"], found["split"], parse(found["where"])) == (len(its), "val", parse(where))
    scores = {row["name"]: row for row in found["scores"]}
    assert scores["label"]["value"] == pytest.approx(1 - len(wrong) / len(its))
    assert scores["unicode"]["right"] == sum(row.unicode_correct for row in its)
    assert scores["label"]["filters"]["excluded"] == [["family", "Lora"]]
    assert sum(row["n"] for row in found["causes"]) == sum(row["n"] for row in found["confusions"]) == len(wrong)
    assert {row["name"]: row["n"] for row in found["by"]["class"]} == {
        name: sum(row.char_class == name for row in its) for name in ("digit", "latin")
    }
    assert found["reliability"]["n"] == len(its)
    assert found["in_font"] is None, "what is known of whole fonts is not known of some of their glyphs"
    _, text, _ = run(capsys, "report", store.path, "--db", database.path, "--where", where)
    assert f"{len(its):,} glyphs of 1 families" in text.splitlines()[0]
    link = f"http://localhost/?{where}&outcome=right"
    _, same, said = run(capsys, "report", store.path, "--db", database.path, "--where", link)
    assert same == text
    assert "outcome=right ignored" in said


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("char_class=diget", "no class 'diget'"), ("family=Amiri", "No glyph of split 'val' is in the selection"),
        ("split=val&split=test", "Figures need a single split"), ("p=2", "p=2 is not valid"),
    ],
)  # fmt: skip
def test_a_report_says_why_there_is_nothing_to_count(
    store: ResultsStore, database: GlyphStore, capsys: pytest.CaptureFixture[str], where: str, said: str
) -> None:
    code, out, err = run(capsys, "report", store.path, "--db", database.path, "--where", where)
    assert (code, out) == (1, "")
    assert said in err


def test_a_comparison_of_a_selection_counts_its_glyphs_and_no_others(
    database: GlyphStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = (ResultsStore(fake_results(database.path, tmp_path, name=name, seed=seed)) for seed, name in enumerate("ab"))
    where, out = "char_class=digit&not=family:Lora&p=0.3-1", tmp_path / "out.json"
    words = ("compare", a.path, b.path, "--db", database.path, "--out", out, "--flips", tmp_path / "flips.csv")
    code, text, err = run(capsys, *words, "--where", where)
    assert code == 0, err
    before, after = ({row.glyph_id: row for row in each.export(EVERYTHING, "id")} for each in (a, b))
    its = [row for row in before.values() if row.char_class == "digit" and row.family != "Lora"
           and row.p1 >= np.float32(0.3)]  # fmt: skip
    found = json.loads(out.read_text())
    assert found["n"] == len(its)
    assert found["left_out"]["not_selected"] == len(before) - len(its)
    pair = found["pairs"][0]["label"]
    assert pair["fixed"] == sum(not row.correct and after[row.glyph_id].correct for row in its)
    assert pair["broken"] == sum(row.correct and not after[row.glyph_id].correct for row in its)
    assert found["models"][1]["figures"]["label_top1"] == pytest.approx(
        sum(after[row.glyph_id].correct for row in its) / len(its)
    )
    assert f"{len(its):,} glyphs of " in text
    assert "selected by char_class=digit&not=family:Lora&p=0.3-1" in text
    code, _, err = run(capsys, *words, "--where", "char_class=digit&not=char_class:digit")
    assert code == 1
    assert "None of the compared glyphs is in the selection" in err


def test_primitives_count_in_a_selection(
    store: ResultsStore, database: GlyphStore, rows: list[ResultRow], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    its = [row for row in rows if row.split == "val" and row.char_class == "digit" and row.family != "Lora"]
    words = ("primitives", store.path, "--db", database.path, "--split", "val", "--json", "--pairs", 10_000)
    code, out, err = run(capsys, *words, "--where", "char_class=digit&not=family:Lora")
    assert code == 0, err
    found = json.loads(out)
    details = [store.details(row.glyph_id) for row in its]
    read = np.concatenate([each.primitive[each.occupied] for each in details])
    assert found["cells"] == found["judged"] == len(read)
    assert found["right"] == sum(row.cells_right for row in its)
    assert {row["id"]: row["use"] for row in found["primitives"] if row["use"]} == dict(
        zip(*(each.tolist() for each in np.unique(read, return_counts=True)), strict=True)
    )
    several = {row["id"]: row["glyphs"] for row in found["primitives"]}
    assert all(several[each] == sum(each in its.primitive for its in details) for each in np.unique(read).tolist())
    assert sum(row["n"] for row in found["confusions"]) == len(read) - found["right"]
    _, everything, _ = run(capsys, *words)
    _, split, _ = run(capsys, *words, "--where", "p=0-0.9999999")
    assert json.loads(everything)["cells"] >= json.loads(split)["cells"] > found["cells"]
