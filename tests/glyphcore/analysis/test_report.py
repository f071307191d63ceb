"""A report agrees with its rows, and every link leads to exactly the glyphs that it counts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from slices import cut

from glyphcore import cli
from glyphcore.analysis.calibration import coverage, operating_point, reliability
from glyphcore.analysis.confusions import OTHER, RIGHT, class_matrix, confusions, matrix
from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.diacritics import PARTS, opposites, pairs, precomposed, sizes
from glyphcore.analysis.error_causes import error_causes
from glyphcore.analysis.evaluation_slice import EvaluationSlice, evaluation_slice, splits_of
from glyphcore.analysis.groups import BY, breakdown, script_of
from glyphcore.analysis.intervals import of_groups, wilson
from glyphcore.analysis.metrics import METRICS, figures, predictions, slice_of
from glyphcore.analysis.report import glyphs_of_figure, report
from glyphcore.analysis.scores import scores
from glyphcore.data.cache import PackedRasters
from glyphcore.data.shapes import Shapes
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError, StoreError
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import EVERYTHING, Filters


@pytest.fixture(scope="module")
def cache(database: GlyphStore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    PackedRasters.of(database, folder)
    return folder


@pytest.fixture(scope="module")
def shapes(database: GlyphStore, cache: Path) -> Shapes:
    found = Shapes.of(database, cache)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def val(store: ResultsStore, database: GlyphStore) -> EvaluationSlice:
    return evaluation_slice(store, database)


@pytest.fixture(scope="module")
def frame(store: ResultsStore, val: EvaluationSlice) -> pd.DataFrame:
    rows = predictions(store.path).set_index("glyph_id")
    return rows.loc[val.glyph_id].reset_index()


def named(store: ResultsStore, filters: Filters) -> list[int]:
    return sorted(row.glyph_id for row in store.export(filters, "id"))


def test_val_is_the_default_and_everything_of_it_is_in(
    store: ResultsStore, database: GlyphStore, val: EvaluationSlice
) -> None:
    assert splits_of(store, database)[0] == val.split == "val"
    assert val.whole
    assert len(val) == store.count(Filters(split=("val",)))
    unseen = evaluation_slice(store, database, "unseen")
    assert len(unseen) == len(store), "it says of no font that it was trained on it"
    with pytest.raises(StoreError, match="no split 'vall'"):
        evaluation_slice(store, database, "vall")
    with pytest.raises(StoreError, match="are unknown"):
        evaluation_slice(store, None, "unseen")


def test_scores_are_the_metrics_of_the_rows(val: EvaluationSlice, frame: pd.DataFrame) -> None:
    known = figures(slice_of(frame))
    for row in scores(val):
        metric = METRICS[row["name"]]
        assert row["value"] == known[metric.key]
        if metric.size:
            assert row["n"] == known[metric.size]
        low, high = row["interval"]
        assert 0 <= low <= high <= 1
    one = replace(val, family=np.zeros_like(val.family), families=("one",))
    assert all(row["interval"] is None for row in scores(one)), "one family says nothing about others"


CHOSEN = (
    EVERYTHING,
    Filters(char_class=("digit", "latin", "diacritic"), p_min=0.15, excluded=(("outcome", "beyond_top5"),)),
    Filters(search="la", family=("Cairo",)),
)


@pytest.mark.parametrize("chosen", CHOSEN, ids=("everything", "words", "a search"))
@pytest.mark.parametrize("criterion", list(CRITERIA))
def test_every_link_leads_to_the_glyphs_that_are_counted(
    store: ResultsStore, database: GlyphStore, shapes: Shapes, criterion: str, chosen: Filters
) -> None:
    val = evaluation_slice(store, database, "val", chosen)
    assert len(val) == store.count(replace(chosen, split=("val",))) > 0

    def same(filters: Filters | None, what: str, n: int) -> None:
        picked = glyphs_of_figure(val, shapes, criterion, what).tolist()
        assert len(picked) == n, what
        if filters is not None:
            assert named(store, filters) == picked, what

    for row in scores(val):
        if METRICS[row["name"]].unit == "glyphs":
            same(row["filters"], f"score {row['name']}", row["n"] - row["right"])
    for by in BY:
        for row in breakdown(val, by, criterion):
            if row["wrong"]:
                same(row["filters"], f"wrong {by} {row['name']}", row["wrong"])
    found = confusions(val, criterion, 1000)
    assert sum(row["n"] for row in found) == val.wrong(criterion).sum()
    for row in found:
        same(row["filters"], f"cell {row['truth']} {row['pred']}", row["n"])
    grid = matrix(val, criterion)
    for a, counts, filters in zip(grid["labels"], grid["counts"], grid["filters"], strict=True):
        for b, n, its in zip(grid["labels"], counts, filters, strict=True):
            if n:
                same(its, f"cell {a} {b}", n)
    between = class_matrix(val, criterion)
    assert sum(map(sum, between["counts"])) == val.wrong(criterion).sum()
    assert sum(between["n"]) == len(val)
    for a, counts in enumerate(between["counts"]):
        same(between["right_filters"][a], f"classes {a} {RIGHT}", between["right"][a])
        for b, n in enumerate(counts):
            same(between["filters"][a][b] if n else None, f"classes {a} {b}", n)
    for row in reliability(val, criterion)["bins"]:
        same(row["filters"], f"tenth {round(10 * row['low'])}", row["n"] - row["right"])
    for row in sizes(val, shapes, criterion):
        same(None, f"size {row['bucket']}", row["wrong"])
    for row in precomposed(val, criterion):
        same(row["filters"], f"part {row['mark']} errors", row["n"] - row["right"])
        for part in PARTS:
            same(None, f"part {row['mark']} {part}", row[part])
    why = error_causes(val, shapes, None)
    assert sum(row["n"] for row in why) == val.wrong("label").sum()
    for row in why:
        same(None, f"cause {row['name']}", row["n"])
    some = operating_point(val, 0.4)
    for name in CRITERIA:
        same(some[f"{name}_filters"], f"answered {name} 0.4", some["answered"] - some[name])
    same(some["left_filters"], "left 0.4", some["n"] - some["answered"])


@pytest.mark.parametrize(
    "what",
    ["", "wrong family Nobody", "cell 1", "size x", "classes 99 0", "classes 1", "part x right", "score x", "tied-x"],
)
def test_what_names_nothing_is_refused(val: EvaluationSlice, shapes: Shapes, what: str) -> None:
    with pytest.raises(GlyphError, match="names no glyphs"):
        glyphs_of_figure(val, shapes, "label", what)


def test_a_matrix_counts_every_error_once(val: EvaluationSlice) -> None:
    grid = matrix(val, "label", size=4)
    counts, labels = np.array(grid["counts"]), grid["labels"]
    assert len(labels) == 5
    assert labels[-1] == OTHER
    own = np.arange(4)
    assert counts.sum() - counts[own, own].sum() == val.wrong("label").sum()


def test_groups_come_worst_first_and_hold_every_glyph(val: EvaluationSlice) -> None:
    for by in ("class", "family", "script", "form"):
        rows = breakdown(val, by, "label")
        assert sum(row["n"] for row in rows) == len(val)
        assert [row["share"] for row in rows] == sorted(row["share"] for row in rows)
    assert sum(row["n"] for row in breakdown(val, "mark", "label")) == val.is_mark.sum()


@pytest.mark.parametrize(
    ("base", "script"),
    [("ب", "Arabic"), ("é", "Latin"), ("Ω", "Greek"), ("ﷺ", "Arabic"), ("٣", "digits"), ("7", "digits"),
     ("،", "punctuation"), ("\u064e", "Arabic marks"), ("\u0301", "other marks"), ("€", "symbols"), ("", "symbols")],
)  # fmt: skip
def test_scripts(base: str, script: str) -> None:
    assert script_of(base) == script


def test_above_and_below(val: EvaluationSlice) -> None:
    names = val.labels.labels
    found = {(names[a], names[b]) for a, b in opposites(val.labels)}
    assert {("fatha_diacritic", "kasra_diacritic"), ("hamza_above_diacritic", "hamza_below_diacritic")} <= found
    assert ("kasra_diacritic", "fatha_diacritic") not in found
    index = val.labels.index
    fatha, kasra = index["fatha_diacritic"], index["kasra_diacritic"]
    few = cut(val, truth=[fatha, fatha, kasra], pred=[kasra, fatha, kasra])
    row = pairs(few, "label")[0]
    assert (row["a"], row["n_a"], row["right_a"], row["a_as_b"], row["b_as_a"]) == (fatha, 2, 1, 1, 0)


def test_what_becomes_of_a_letter_with_a_mark(val: EvaluationSlice) -> None:
    index = val.labels.index
    acute, grave, plain, other = (
        index[f"latin_small_letter_{name}"] for name in ("e_acute", "e_grave", "e", "a_acute")
    )
    few = cut(val, truth=[acute] * 5 + [plain], pred=[acute, plain, grave, other, index["beh_init"], acute])
    rows = precomposed(few, "label")
    assert len(rows) == 1, "a bare letter is none of them"
    assert rows[0]["mark"] == "\u0301"
    assert [rows[0][part] for part in PARTS] == [1] * 5


def test_calibration_over_few_glyphs(val: EvaluationSlice) -> None:
    few = cut(val, truth=[1, 1, 1, 1], pred=[1, 2, 1, 1])
    few = replace(few, p=np.array([0.95, 0.95, 0.35, 0.35], np.float32))
    found = reliability(few, "label")
    assert [(its["n"], its["right"]) for its in found["bins"]] == [(2, 2), (2, 1)]
    assert found["ece"] == pytest.approx((0.65 * 2 + 0.45 * 2) / 4)
    curves = coverage(few)
    assert curves["coverage"] == [0.5, 1.0], "glyphs of one confidence are answered together"
    assert curves["label"] == [0.5, 0.75]
    assert operating_point(few, 0.5)["label_share"] == 0.5
    assert operating_point(few, 0.99)["label_share"] is None


def test_a_group_s_interval_is_over_its_families() -> None:
    """Of four families, two have group 0 all right and two all wrong; group 1 has one family, group 2 is all right."""
    family = np.repeat(np.arange(4), 10)
    group = np.r_[np.zeros(35, int), np.ones(5, int)]
    right = family < 2
    few, one = of_groups(right, group, 2, family)
    assert one is None
    assert few is not None
    low, high = few
    assert low < 0.15
    assert high > 0.9, "20 of 35 glyphs, but only two of four families: Wilson would say 41% to 72%"
    sure = of_groups(np.ones(40, bool), np.zeros(40, int), 1, family)
    assert sure == [wilson(4, 4)], "all right in four families"
    assert of_groups(np.zeros(0, bool), np.zeros(0, int), 1, np.zeros(0, int)) == [None]


def test_wilson() -> None:
    assert wilson(0, 0) is None
    low, high = wilson(8, 10) or [0, 0]
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)  # as in Agresti and Coull's tables
    assert wilson(3, 3) == [pytest.approx(0.4385, abs=1e-4), 1.0]


def test_report_is_plain(val: EvaluationSlice, store: ResultsStore, shapes: Shapes) -> None:
    found = json.loads(json.dumps(report(val, store, shapes, "label", 0.5)))
    assert found["n"] == len(val)
    assert found["matrix"]["labels"][-1] == "other"
    assert found["confusions"][0]["truth"] in val.labels.index
    assert found["confusions"][0]["filters"]["split"] == ["val"]
    without = report(val, store, None, "label", 0.5)
    assert without["ceiling"] is without["sizes"] is None
    with pytest.raises(StoreError, match="no criterion"):
        report(val, store, shapes, "rank", 0.5)


def test_the_command(store: ResultsStore, database: GlyphStore, tmp_path: Path, capsys: Any) -> None:
    asked = ["report", str(store.path), "--db", str(database.path), "--quiet"]
    assert cli.main([*asked, "--split", "test", "--rows", "3"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("# fake on test: 60 glyphs of 1 families")
    assert "| class, 3 of 10 |" in said
    assert "font-level decoding" not in said, "the evaluation said nothing of test"
    assert cli.main([*asked, "--split", "val"]) == 0
    assert (
        "decoding: Label accuracy 91.1, Unicode accuracy 92.2, Accuracy up to confusables 93.3."
        in capsys.readouterr().out
    )
    assert cli.main([*asked, "--json", "--out", str(tmp_path / "r.json")]) == 0
    assert json.loads((tmp_path / "r.json").read_text())["split"] == "val"
    assert cli.main([*asked, "--split", "nowhere"]) == 1
    assert "split" in capsys.readouterr().err
    assert cli.main(["report", str(tmp_path / "no.db"), "--quiet"]) == 1
