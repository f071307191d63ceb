"""The label-noise queue: the other families reveal a wrong label, and indistinguishable glyphs are not reported."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from app_fixtures import FAMILIES, fake_batch, fake_codebook, fake_meta, tiny_database

from glyphcore.analysis.label_issues import HABIT, find_label_issues, habit_of, to_csv
from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.store import Annotations, Change
from glyphcore.cli import main
from glyphcore.data.cache import PackedRasters
from glyphcore.data.labels import load_labels
from glyphcore.data.store import GlyphStore
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import Filters
from glyphcore.results.label_issues import label_issues_path, read_label_issues
from glyphcore.results.store import ResultsWriter, results_path


def _evaluated(folder: Path) -> tuple[GlyphStore, ResultsStore, int, str]:
    """Make results of a model that predicts every glyph by its shape, on a database in which one label is wrong."""
    path = tiny_database(folder / "glyphs.db")
    labels = load_labels()
    rows = _of_one_family(path)
    twin = {label: labels.twin_index[labels.index[label]] for _, label in rows}
    (victim, true), (_, other) = next((a, b) for a in rows for b in rows[30:] if twin[a[1]] != twin[b[1]])
    return *_read_by_shape(path, {victim: other}), victim, true


def _of_one_family(path: Path) -> list[tuple[int, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT glyph_id, label FROM glyphs WHERE f_id = 2").fetchall()


def _read_by_shape(path: Path, wrong: dict[int, str]) -> tuple[GlyphStore, ResultsStore]:
    """Make results of a database that gives some glyphs ``wrong`` labels."""
    folder, labels = path.parent, load_labels()
    with closing(sqlite3.connect(path)) as connection:
        shapes = dict(connection.execute("SELECT glyph_id, label FROM glyphs"))
        connection.executemany("UPDATE glyphs SET label = ? WHERE glyph_id = ?", [(b, a) for a, b in wrong.items()])
        connection.commit()
    store = GlyphStore(path)
    meta = fake_meta(store)
    codebook = fake_codebook(store)
    file = results_path(folder / "results", "fake", meta.checkpoint_fingerprint, store.fingerprint)
    writer = ResultsWriter.create_or_resume(file, meta, codebook.reshape(-1, 8, 8))
    glyphs = list(store.rows())
    batch = fake_batch(glyphs, labels, codebook, np.random.default_rng(0))
    read = np.array([labels.index[shapes[glyph.glyph_id]] for glyph in glyphs])
    directions = np.random.default_rng(1).normal(size=(len(labels), 64))
    plain = vars(batch) | {
        "top": np.stack([read, *((read + i) % len(labels) for i in range(1, 5))], axis=1),
        "top_p": np.tile(np.array([0.9, 0.05, 0.03, 0.01, 0.01], np.float32), (len(glyphs), 1)),
        "embedding": (directions[read] + np.random.default_rng(2).normal(0, 0.1, (len(glyphs), 64))).astype(np.float16),
    }
    writer.append(type(batch)(**plain))
    writer.finish({"val": {"n": writer.written}})
    return store, ResultsStore(writer.path)


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> tuple[GlyphStore, ResultsStore, int, str]:
    return _evaluated(tmp_path_factory.mktemp("noise"))


def test_the_wrong_label_is_the_only_doubtful_one(
    evaluated: tuple[GlyphStore, ResultsStore, int, str], tmp_path: Path
) -> None:
    database, store, victim, _ = evaluated
    assert store.selector.issues() is None
    assert store.count(Filters(outcome="noise")) == 0
    issues = find_label_issues(store, PackedRasters.of(database, tmp_path))
    assert issues.glyph_id.tolist() == [victim]
    others = len(FAMILIES) - 1
    assert (issues.families[0], issues.side_with_model[0], issues.side_with_label[0]) == (others, others, 0)
    assert issues.overlap_model[0] > issues.overlap_label[0]
    assert f"{others} : 0 of {others} other families" in issues.why(victim)
    assert issues.why(victim + 1) == ""
    assert [row.glyph_id for row in store.export(Filters(outcome="noise"), "noise")] == [victim]
    assert next(store.export(Filters(), "noise")).glyph_id == victim
    assert str(victim) in to_csv(store, issues).splitlines()[1]


def test_a_habit_is_what_whole_families_do() -> None:
    labels = load_labels()
    assert habit_of(labels, "latin_small_letter_a", "latin_capital_letter_a") == "capitals for small letters"
    assert habit_of(labels, "latin_capital_letter_a", "latin_small_letter_a") == "small letters for capitals"
    assert habit_of(labels, "beh_fina", "beh_isol") == "isolated forms for final ones"
    assert habit_of(labels, "beh_fina", "teh_fina") == habit_of(labels, "beh_fina", "no_such_label") == ""


@pytest.mark.parametrize("n", [HABIT - 1, HABIT])
def test_what_a_family_does_alike_is_one_entry(tmp_path: Path, n: int) -> None:
    path = tiny_database(tmp_path / "glyphs.db")
    initial = [(glyph, label) for glyph, label in _of_one_family(path) if label.endswith("_init")][:n]
    _, store = _read_by_shape(path, {glyph: f"{label[:-5]}_medi" for glyph, label in initial})
    issues = find_label_issues(store, None)
    assert sorted(issues.members) == [glyph for glyph, _ in initial]
    if n < HABIT:
        assert sorted(issues.glyph_id) == sorted(issues.members)
        assert not any(issues.habit)
        return
    first, second = issues.of(0)[:2]
    assert issues.glyph_id.tolist() == [first]
    assert issues.glyphs.tolist() == [n]
    assert f"the family draws initial forms for medial ones, {n} glyphs; prediction" in issues.why(first)
    assert f"in the queue as #{first}" in issues.why(second)
    assert store.count(Filters(outcome="noise")) == 1
    line = to_csv(store, issues).splitlines()[1]
    assert line.endswith(f",initial forms for medial ones,{n},{' '.join(map(str, issues.members))},")
    assert read_label_issues(store.path).members.tolist() == issues.members.tolist()  # type: ignore[union-attr]


def test_without_rasters_the_embedding_decides(evaluated: tuple[GlyphStore, ResultsStore, int, str]) -> None:
    _, store, victim, _ = evaluated
    issues = find_label_issues(store, None)
    assert issues.glyph_id.tolist() == [victim]
    assert "overlap" not in issues.why(victim)


def test_a_damaged_or_older_queue_does_not_count(evaluated: tuple[GlyphStore, ResultsStore, int, str]) -> None:
    _, store, *_ = evaluated
    find_label_issues(store, None)
    path = label_issues_path(store.path)
    assert read_label_issues(store.path) is not None
    path.write_bytes(path.read_bytes()[:100])
    assert read_label_issues(store.path) is None
    path.unlink()
    assert read_label_issues(store.path) is None


def test_the_command_writes_the_queue(
    evaluated: tuple[GlyphStore, ResultsStore, int, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database, store, victim, _ = evaluated
    out = tmp_path / "doubtful.csv"
    arguments = ["label-issues", str(store.path), "--db", str(database.path), "--out", str(out), "--again", "-q"]
    assert main(arguments) == 0
    assert [line.split(",")[0] for line in out.read_text(encoding="utf-8-sig").splitlines()] == [
        "glyph_id",
        str(victim),
    ]
    other = tmp_path / "other.csv"
    other.write_text("file,label\n1.png,alef_isol\n")
    assert main(["label-issues", str(store.path), "--db", str(other), "--out", str(out)]) == 0
    assert f"was made from another database than {other}" in capsys.readouterr().err
    assert main(["noise", "nobody", "--db", str(database.path), "--results", str(tmp_path), "-q"]) == 1
    assert "was not evaluated" in capsys.readouterr().err


def test_tags_travel_by_the_command_line(
    evaluated: tuple[GlyphStore, ResultsStore, int, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database, *_ = evaluated
    given = tmp_path / "given.csv"
    hashed = next(iter(database.font_hashes().values()))
    label = next(iter(database.rows())).label
    head = "font,glyph_index,label,tags,note\n"
    given.write_text(f"{head}{hashed},1,{label},odd; mislabelled,look\n{hashed},9999,{label},odd,\n")
    common = ["--annotations", str(tmp_path / "a.db"), "--db", str(database.path)]
    assert main(["tags", "import", str(given), *common]) == 0
    assert "ignored: 3" in capsys.readouterr().err
    assert main(["tags", "list", *common]) == 0
    assert "| odd | 1 | 1 |" in capsys.readouterr().out
    assert main(["tags", "export", "--out", str(tmp_path / "out.csv"), *common]) == 0
    assert "mislabelled; odd,look" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    given.write_text(head + "x,y,z\n")
    assert main(["tags", "import", str(given), *common]) == 1
    assert "Line 2" in capsys.readouterr().err


def test_a_label_that_somebody_corrected_is_no_open_question(
    evaluated: tuple[GlyphStore, ResultsStore, int, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database, store, victim, true = evaluated
    annotated = Annotated(Annotations(tmp_path / "a.db"), database.fingerprint, database)
    judged = store.joined(tags=annotated.tagged)
    find_label_issues(store, None)
    assert judged.count(Filters(outcome="noise")) == 1
    annotated.change([Change((victim,), correction=true)])
    assert judged.count(Filters(outcome="noise")) == 0
    assert judged.count(Filters(tag=("corrected",))) == 1
    out = tmp_path / "doubtful.csv"
    words = ["label-issues", str(store.path), "--db", str(database.path), "--out", str(out), "--annotations"]
    assert main([*words, str(tmp_path / "a.db")]) == 0
    assert len(out.read_text(encoding="utf-8-sig").splitlines()) == 1
    assert "1 more were corrected" in capsys.readouterr().err
    assert main([*words, str(tmp_path / "none.db")]) == 0
    assert len(out.read_text(encoding="utf-8-sig").splitlines()) == 2
