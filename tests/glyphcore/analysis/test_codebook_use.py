"""The use of the codebook and its command: figures agree with plain counting, files hold the requested rows."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glyphcore import cli
from glyphcore.analysis.codebook import BADLY, COLUMNS, ENOUGH, Codebook, codebook, confusions, to_csv
from glyphcore.analysis.primitive import primitive
from glyphcore.data.cache import glyph_geometry, glyph_raster
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultRow, ResultsStore
from glyphcore.results.filters import Filters
from glyphcore.results.where import parse


@pytest.fixture(scope="module")
def gathered(store: ResultsStore, database: GlyphStore, tmp_path_factory: pytest.TempPathFactory) -> ResultsStore:
    path = tmp_path_factory.mktemp("use") / store.path.name
    shutil.copy(store.path, path)
    found = ResultsStore(path)
    rasters = {row.glyph_id: glyph_raster(row) for row in database.rows()}
    found.build_cell_index(lambda ids: np.stack([rasters[glyph] for glyph in ids]))
    return found


def targets(store: ResultsStore) -> np.ndarray:
    """Return the target of each cell, uint16 [256, n]."""
    cells = store.cells
    grid = np.array(cells.grids)
    grid[cells.wrong_cell, cells.wrong_row] = cells.wrong_target
    return grid


@pytest.mark.parametrize("split", ["", "val"])
def test_figures_agree_with_plain_counting(gathered: ResultsStore, split: str) -> None:
    book, k = codebook(gathered, split), len(gathered.codebook)
    inside = gathered.selector.mask(Filters(split=(split,) if split else ()))
    read, target = gathered.cells.grids[:, inside], targets(gathered)[:, inside]
    right = np.bincount(read[read == target], minlength=k)[1:]
    assert np.array_equal(book.use, np.bincount(read.ravel(), minlength=k)[1:])
    assert np.array_equal(book.targets, np.bincount(target.ravel(), minlength=k)[1:])
    with np.errstate(invalid="ignore"):
        assert np.allclose(book.accuracy, right / book.use, equal_nan=True)
        assert np.allclose(book.recall, right / book.targets, equal_nan=True)
    assert (book.right, book.judged) == (right.sum(), (read > 0).sum())
    assert np.array_equal(book.glyphs, [(read == i).any(0).sum() for i in range(1, k)])


def test_kinds_and_orders(gathered: ResultsStore) -> None:
    book = codebook(gathered)
    measures = ((book.accuracy, book.use), (book.recall, book.targets))
    badly = [i + 1 for i in range(len(book)) if any(n[i] >= ENOUGH and share[i] < BADLY for share, n in measures)]
    assert sorted(book.chosen("badly").tolist()) == badly != []
    use = book.use.copy()
    use[[4, 9]] = 0
    assert replace(book, use=use).chosen("dead", "id").tolist() == [5, 10]
    accuracy = book.accuracy[book.chosen("", "accuracy") - 1]
    known = accuracy[~np.isnan(accuracy)]
    assert (np.diff(known) >= 0).all()
    assert np.isnan(accuracy[len(known) :]).all(), "what is not known comes last"
    assert book.chosen("", "id").tolist() == list(range(1, len(book) + 1))
    for kind, sort in (("odd", "use"), ("", "up")):
        with pytest.raises(StoreError):
            book.chosen(kind, sort)


def test_near_duplicates_by_distance_in_pixels(gathered: ResultsStore) -> None:
    book = codebook(gathered)
    patches = gathered.codebook[1:].reshape(-1, 64).astype(float) / 255
    apart = np.linalg.norm(patches - patches[40], axis=1)
    apart[40] = np.inf
    assert book.distance[40] == pytest.approx(apart.min(), abs=1e-4)
    assert apart[book.nearest[40] - 1] == pytest.approx(apart.min(), abs=1e-4)
    assert np.array_equal(book.duplicate, book.distance < 1)


def test_confusions_are_counted_by_pair(gathered: ResultsStore) -> None:
    read, target = gathered.cells.grids, targets(gathered)
    found = confusions(gathered, limit=10**6)
    assert sum(each.n for each in found) == (read != target).sum()
    assert [each.n for each in found] == sorted((each.n for each in found), reverse=True)
    for each in found[:5]:
        assert each.n == ((target == each.target) & (read == each.read)).sum()
        assert each.share == pytest.approx(each.n / (target == each.target).sum())
    its = confusions(gathered, of=found[0].target, limit=10**6)
    assert its == [each for each in found if found[0].target in (each.target, each.read)]
    assert len(confusions(gathered, limit=3)) == 3


@pytest.mark.parametrize("split", ["", "val"])
def test_one_primitive_with_examples_of_each_kind(gathered: ResultsStore, split: str) -> None:
    book = codebook(gathered, split)
    right = book.accuracy * book.use
    which = int(np.nanargmax(np.minimum(np.minimum(book.use - right, book.targets - right), right))) + 1
    one = primitive(gathered, which, split)
    inside = gathered.selector.mask(Filters(split=(split,) if split else ()))
    read, target = gathered.cells.grids, targets(gathered)
    assert np.array_equal(one.where, ((read == which) & inside).sum(1))
    ids = gathered.columns.data["glyph_id"]
    for examples, was, other in ((one.right, which, which), (one.taken, which, None), (one.missed, None, which)):
        assert examples
        for each in examples:
            row = int(np.searchsorted(ids, each.glyph_id))
            said, should = int(read[each.cell, row]), int(target[each.cell, row])
            assert inside[row]
            assert said == (which if was else each.other)
            assert should == (which if other else each.other)
    families = gathered.rows([each.glyph_id for each in one.right])
    assert len({row.family for row in families}) == len(families) if not split else True
    assert one.near[0][1] == min(distance for _, distance in one.near)
    assert which not in [each for each, _ in one.near]


def test_looking_twice_shows_the_same(gathered: ResultsStore) -> None:
    first, second = primitive(gathered, 5), primitive(gathered, 5)
    assert (first.right, first.taken, first.missed) == (second.right, second.taken, second.missed)


@pytest.mark.parametrize("which", [0, 1024, -1])
def test_an_unknown_primitive_is_an_error_in_one_line(gathered: ResultsStore, which: int) -> None:
    with pytest.raises(StoreError, match="IDs go from 1 to 1023"):
        primitive(gathered, which)


def test_an_unknown_split_is_an_error_in_one_line(gathered: ResultsStore) -> None:
    with pytest.raises(StoreError, match="no split"):
        codebook(gathered, "holdout")


def test_without_pictures_use_is_known_and_accuracy_is_not(store: ResultsStore, tmp_path: Path) -> None:
    shutil.copy(store.path, tmp_path / "a.db")
    bare = ResultsStore(tmp_path / "a.db")
    bare.build_cell_index()
    book = codebook(bare)
    assert book.use.sum() > 0
    assert (book.judged, book.right) == (0, 0)
    assert np.isnan(book.accuracy).all()
    assert np.isnan(book.purity).all()
    assert not book.badly.any()
    assert book.records(book.chosen()[:1])[0]["accuracy"] is None
    assert confusions(bare) == []
    assert primitive(bare, int(book.chosen()[0])).taken == []


@pytest.mark.parametrize("where", ["family=Lora", "not=family:Lora", "outcome=wrong", "p=0.3-1"])
@pytest.mark.parametrize("split", ["", "val"])
def test_a_selection_counts_what_its_glyphs_say(
    gathered: ResultsStore, rows: list[ResultRow], where: str, split: str
) -> None:
    """A small selection is counted directly, a large one by subtracting the others: both give the same."""
    filters = parse(where)
    ids = [row.glyph_id for row in gathered.export(replace(filters, split=(split,) if split else ()))]
    details = [gathered.details(glyph) for glyph in ids]
    book = codebook(gathered, split, filters)
    k = len(book) + 1
    use = np.bincount(np.concatenate([each.primitive[each.occupied] for each in details]), minlength=k)
    assert np.array_equal(book.use, use[1:])
    assert np.array_equal(book.glyphs, sum(np.bincount(np.unique(each.primitive), minlength=k) for each in details)[1:])
    assert book.judged == use.sum()
    assert book.right == sum(row.cells_right for row in rows if row.glyph_id in set(ids))
    one = int(book.chosen()[0])
    assert primitive(gathered, one, split, filters).where.sum() == book.use[one - 1]


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


def test_csv_has_a_row_a_primitive(gathered: ResultsStore) -> None:
    book: Codebook = codebook(gathered)
    rows = table(to_csv(book, book.chosen("badly", "recall")))
    assert list(rows[0]) == list(COLUMNS)
    assert [int(row["id"]) for row in rows] == book.chosen("badly", "recall").tolist()
    assert int(rows[0]["use"]) == book.use[int(rows[0]["id"]) - 1]


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = cli.main(list(words))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_command_in_three_forms(gathered: ResultsStore, capsys: pytest.CaptureFixture[str]) -> None:
    path, book = str(gathered.path), codebook(gathered, "val")
    code, text, _ = run(capsys, "primitives", path, "--split", "val", "-q")
    assert code == 0
    assert f"{book.use.sum():,} cells with ink of val" in text
    _, text, _ = run(capsys, "primitives", path, "--split", "val", "--json", "-q")
    figures = json.loads(text)
    assert figures["badly"] == book.badly.sum()
    assert [row["id"] for row in figures["primitives"]] == book.chosen().tolist()
    _, text, _ = run(capsys, "primitives", path, "--csv", "--kind", "dead", "--sort", "id", "-q")
    assert [int(row["id"]) for row in table(text)] == codebook(gathered).chosen("dead", "id").tolist()


def test_the_command_gathers_and_takes_a_name(
    store: ResultsStore, database: GlyphStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(store.path, tmp_path / store.path.name)
    code, text, _ = run(
        capsys, "primitives", "fake", "--db", str(database.path), "--results", str(tmp_path), "--json", "-q"
    )
    assert code == 0
    assert json.loads(text)["judged"] > 0
    assert ResultsStore(tmp_path / store.path.name).has_cell_index
    code, _, said = run(capsys, "primitives", "nobody", "--db", str(database.path), "--results", str(tmp_path))
    assert code == 1
    assert "was not evaluated" in said


def test_select_lists_what_browse_shows(
    gathered: ResultsStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(gathered.path)
    pair = confusions(gathered)[0]
    cells = f"any={pair.target}>{pair.read}"
    expected = [row.glyph_id for row in gathered.export(Filters(pattern=cells))]
    code, text, said = run(capsys, "select", path, "--cells", cells)
    assert code == 0
    assert [int(row["glyph_id"]) for row in table(text)] == expected
    assert f"{len(expected):,} of {len(gathered):,} glyphs" in said
    assert "another database" not in said
    other = tmp_path / "other.csv"
    other.write_text("file,label\n1.png,alef_isol\n")
    code, _, said = run(capsys, "select", path, "--db", str(other), "--limit", "1")
    assert code == 0
    assert f"was made from another database than {other}: the stored results are shown" in said
    out = tmp_path / "like.jsonl"
    run(capsys, "select", path, "--like", "grid-12", "--limit", "5", "--jsonl", "--out", str(out), "-q")
    found = [json.loads(line)["glyph_id"] for line in out.read_text().splitlines()]
    assert found == [row.glyph_id for row in gathered.export(Filters(like="grid-12"), "similar")][:5]
    code, text, _ = run(capsys, "select", path, "--split", "val", "--outcome", "wrong", "--sort", "id", "-q")
    expected = [row.glyph_id for row in gathered.export(Filters(split=("val",), outcome="wrong"), "id")]
    assert [int(row["glyph_id"]) for row in table(text)] == expected


def test_select_by_size(gathered: ResultsStore, database: GlyphStore, capsys: pytest.CaptureFixture[str]) -> None:
    code, text, _ = run(capsys, "select", str(gathered.path), "--size", "0.8-1", "--sort", "id", "-q")
    assert code == 0
    extents = {row.glyph_id: glyph_geometry(row)[:2].max() for row in database.rows() if row.box}
    expected = [glyph for glyph, extent in extents.items() if np.float32(0.8) <= extent < 1]
    assert [int(row["glyph_id"]) for row in table(text)] == expected != []


@pytest.mark.parametrize(
    "words",
    [
        ["--size", "large"],
        ["--cells", "5=3"],
        ["--like", "pixels-4"],
        ["--outcome", "odd"],
        ["--char-class", "Digit"],
        ["--split", "val", "nowhere"],
        ["--sort", "up"],
        ["--limit", "-1"],
    ],
)
def test_a_mistake_is_one_line(gathered: ResultsStore, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    code, text, said = run(capsys, "select", str(gathered.path), *words)
    assert code == 1
    assert text == ""
    assert len(said.strip().splitlines()) == 1
    assert said.startswith("glyphcore: ")
