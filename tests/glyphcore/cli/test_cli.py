"""The command line, from arguments to files: every command on small real data, every mistake in one line."""

from __future__ import annotations

import dataclasses
import importlib
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from glyphcore import cli
from glyphcore.cli.commands import COMMANDS
from glyphcore.cli.outputs import KINDS, READ, WRITTEN
from glyphcore.cli.parser import parser
from glyphcore.data.containers import SUFFIXES
from glyphcore.data.raster import pack, unpack
from glyphcore.data.store import GlyphStore
from glyphcore.results.store import list_results

MANUAL = Path(__file__).parents[3] / "docs" / "commands.md"


def commands() -> list[list[str]]:
    """Return every command as words."""
    found = []

    def walk(below, words: list[str]) -> None:
        groups = [
            action for action in below._actions if hasattr(action, "choices") and isinstance(action.choices, dict)
        ]
        if not groups:
            found.append(words)
        for group in groups:
            for name, sub in group.choices.items():
                walk(sub, [*words, name])

    walk(parser(), [])
    return found


def run(*words: object) -> int:
    return cli.main([str(word) for word in words])


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_has_help_with_an_example(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main([*words, "--help"])
    assert left.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    assert f"example: glyphcore {' '.join(words)}" in text


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_is_in_the_manual(words: list[str]) -> None:
    assert f"glyphcore {' '.join(words)}" in MANUAL.read_text(encoding="utf-8")


def test_no_command_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 2
    assert "evaluate" in capsys.readouterr().out


def figures(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def test_evaluate(tiny_checkpoint: Path, model_db: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["evaluate", tiny_checkpoint, "--db", model_db, "--results", tmp_path, "--out", tmp_path / "f.json"]
    assert run(*arguments) == 0
    out = figures(tmp_path / "f.json")
    split = GlyphStore(model_db).labels()["split"].value_counts()
    assert out["n"] == split["val"] + split["test"]
    assert out["trained_on"] == split["train"]
    assert out["by_split"]["test"]["n"] == split["test"]
    for key in ("label_top1", "unicode_top1", "twin_top1", "label_top5", "label_macro", "diacritic_top1",
                "primitive_accuracy"):  # fmt: skip
        assert 0 <= out[key] <= 1
    assert out["label_top1"] <= out["twin_top1"]
    assert out["label_top1"] <= out["label_top5"]
    assert "| test |" in capsys.readouterr().out
    (result,) = list_results(tmp_path)
    assert result.complete
    stamp = result.path.stat().st_mtime_ns
    assert run(*arguments) == 0, "a second run only reads"
    assert result.path.stat().st_mtime_ns == stamp
    assert figures(tmp_path / "f.json") == out
    assert run(*arguments, "--again") == 0
    assert figures(tmp_path / "f.json") == out


def test_evaluate_somebody_elses_database(tiny_checkpoint: Path, model_db: Path, tmp_path: Path) -> None:
    """It has ``id`` beside a font-local ``glyph_id``, JSON contours, no split, an unknown label, a broken outline."""
    foreign = tmp_path / "foreign.db"
    with closing(sqlite3.connect(foreign)) as connection, connection:
        connection.execute("CREATE TABLE glyphs (id INTEGER PRIMARY KEY, glyph_id INTEGER, f_id TEXT, label TEXT, "
                           "contours TEXT, advance_width REAL)")  # fmt: skip
        connection.execute("CREATE TABLE fonts (file_hash TEXT PRIMARY KEY, upem INTEGER)")
        connection.execute("INSERT INTO fonts VALUES ('abc', 1000)")
        square = (
            '[["moveTo",[[0,0]]],["lineTo",[[0,500]]],["lineTo",[[500,500]]],["lineTo",[[500,0]]],["closePath",[]]]'
        )
        rows = [(7, 7, "abc", "digit_one", square, 600), (9, 8, "abc", "no_such_label", square, 600),
                (11, 9, "abc", "digit_two", "[broken", 600), (12, 10, "abc", "full_stop", square, None)]  # fmt: skip
        connection.executemany("INSERT INTO glyphs VALUES (?, ?, ?, ?, ?, ?)", rows)
    out = tmp_path / "f.json"
    assert run("evaluate", "-q", tiny_checkpoint, "--db", foreign, "--results", tmp_path / "r",
               "--out", out) == 0  # fmt: skip
    assert figures(out)["n"] == 2
    assert figures(out)["outside_label_map"] == 1
    assert figures(out)["trained_on"] == 0


def test_evaluate_a_folder_of_pngs(tiny_checkpoint: Path, model_db: Path, tmp_path: Path) -> None:
    """The same pixels from files, dark on light, give the same answers as from outlines."""
    folder = tmp_path / "pngs"
    assert run("rasterize", "-q", "--db", model_db, "--out", folder) == 0
    for path in folder.glob("*.png"):
        Image.fromarray(255 - np.asarray(Image.open(path).convert("L"))).save(path)
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    common = ("evaluate", "-q", tiny_checkpoint, "--db", model_db)
    assert run(*common, "--results", tmp_path / "a", "--out", one) == 0
    assert run(*common, "--results", tmp_path / "a", "--rasters", folder, "--out", two) == 0
    assert figures(one) == figures(two)
    assert len(list_results(tmp_path / "a")) == 2, "answers about files are not those about outlines"


def test_infer(tiny_checkpoint: Path, font_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "glyphs.jsonl"
    font = next(font_folder.glob("*.ttf"))
    assert run("infer", font, "--checkpoint", tiny_checkpoint, "--out", out, "--topk", 3) == 0
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len({line["glyph_id"] for line in lines}) == len(lines) > 10
    for line in lines:
        assert line["file"] == str(font)
        assert line["glyph_name"]
        assert [candidate["rank"] for candidate in line["topk"]] == [1, 2, 3]
        assert set(line["topk"][0]) == {"rank", "label", "base", "prob"}
        assert line["topk"][0]["prob"] >= line["topk"][1]["prob"]


def test_infer_writes_data_to_stdout_and_words_to_stderr(tiny_checkpoint: Path, font_folder: Path) -> None:
    font = next(font_folder.glob("*.ttf"))
    done = subprocess.run(
        [sys.executable, "-m", "glyphcore", "infer", font, "--checkpoint", tiny_checkpoint],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert all(json.loads(line)["topk"] for line in done.stdout.splitlines())
    assert "skipped" in done.stderr


def test_infer_goes_on_after_a_broken_font(
    tiny_checkpoint: Path, font_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a_broken.ttf").write_bytes(b"no font")
    font = next(font_folder.glob("*.ttf"))
    out = tmp_path / "out.jsonl"
    inputs = (tmp_path / "a_broken.ttf", tmp_path / "none.ttf", font)
    assert run("infer", *inputs, "--checkpoint", tiny_checkpoint, "--out", out) == 3
    said = capsys.readouterr().err
    assert "a_broken.ttf is not a readable font" in said
    assert "none.ttf does not exist" in said
    assert out.read_text(encoding="utf-8").count("\n") > 10


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_infer_reads_whatever_holds_glyphs(
    tiny_checkpoint: Path, font_folder: Path, model_db: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder of fonts, a database, its rasters as files: the same glyph has the same fields, or unknown ones."""
    assert run("rasterize", "-q", "--db", model_db, "--out", tmp_path / "pngs") == 0
    assert run("infer", "-q", font_folder, model_db, tmp_path / "pngs", "--checkpoint", tiny_checkpoint) == 0
    lines = lines_of(capsys)
    by_file: dict[str, dict[int, dict]] = {}
    for line in lines:
        by_file.setdefault(line["file"], {})[line["glyph_id"]] = line
    assert len(by_file) == 10 + 2, "ten faces in nine files"
    stored, bare = by_file[str(model_db)], by_file[str(tmp_path / "pngs")]
    assert stored.keys() == bare.keys() == set(GlyphStore(model_db).labels()["glyph_id"])
    row = next(GlyphStore(model_db).rows())
    assert stored[row.glyph_id]["glyph_name"] == row.name
    assert stored[row.glyph_id]["advance"] == row.advance
    assert tuple(stored[row.glyph_id]["box"]) == row.box
    assert bare[row.glyph_id]["glyph_name"] is bare[row.glyph_id]["advance"] is bare[row.glyph_id]["box"] is None


def test_infer_flags_follow_the_thresholds(
    tiny_checkpoint: Path, model_db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ("infer", "-q", model_db, "--checkpoint", tiny_checkpoint, "--topk", 2)
    assert run(*common) == 0
    lines = lines_of(capsys)
    sure = sorted(line["topk"][0]["prob"] for line in lines)
    low, ok = sure[len(sure) // 3], sure[len(sure) // 2]
    assert run(*common, "--ok", ok, "--low", low, "--ambiguous", 0.1) == 0
    flagged = lines_of(capsys)
    assert {line["flags"][0] for line in flagged} == {"OK", "LOW_CONF", "VERY_LOW"}
    for line in flagged:
        p1, p2 = (candidate["prob"] for candidate in line["topk"])
        if min(abs(p1 - ok), abs(p1 - low), abs(p1 - p2 - 0.1)) > 1e-5:  # the printed probabilities are rounded
            expected = "OK" if p1 >= ok else "LOW_CONF" if p1 >= low else "VERY_LOW"
            assert line["flags"] == [expected] + ["AMBIGUOUS"] * (p1 - p2 < 0.1)


def test_infer_reads_a_whole_font(tiny_checkpoint: Path, font_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Labels are repeated less. The tiny model is sure of no glyph, so it gives no evidence of the font's design."""
    common = ("infer", "-q", font_folder / "TinySerif.ttf", "--checkpoint", tiny_checkpoint, "--topk", 1)
    assert run(*common, "--per-glyph") == 0
    alone = lines_of(capsys)
    assert not any("assigned" in line for line in alone)
    assert run(*common, "--duplicate-penalty", 8) == 0
    together = lines_of(capsys)
    assert [line["topk"] for line in together] == [line["topk"] for line in alone]
    assigned = [line["assigned"]["label"] for line in together]
    assert len(set(assigned)) > len({line["topk"][0]["label"] for line in alone})
    assert run(*common, "--duplicate-penalty", 0) == 0
    assert all(line["assigned"] == line["topk"][0] for line in lines_of(capsys))


def test_a_reader_that_leaves_is_no_error(tiny_checkpoint: Path, model_db: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "glyphcore", "infer", "-q", model_db, "--checkpoint", tiny_checkpoint],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert json.loads(process.stdout.readline())
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 0


def test_overlay(tiny_checkpoint: Path, model_db: Path, tmp_path: Path) -> None:
    ids = GlyphStore(model_db).labels()["glyph_id"].tolist()[:2]
    assert run("overlay", *ids, "--checkpoint", tiny_checkpoint, "--db", model_db, "--out", tmp_path) == 0
    for glyph_id in ids:
        with Image.open(tmp_path / f"{glyph_id}.png") as picture:
            assert picture.size == (2 * 768 + 24, 768 + 34)
            assert len(picture.getcolors(1 << 20)) > 20


def test_rasterize_keeps_what_is_there(model_db: Path, tmp_path: Path) -> None:
    assert run("rasterize", "-q", "--db", model_db, "--out", tmp_path) == 0
    files = sorted(tmp_path.glob("*.png"))
    assert len(files) == GlyphStore(model_db).count()
    row = next(GlyphStore(model_db).rows())
    pixels = np.asarray(Image.open(tmp_path / f"{row.glyph_id}.png").convert("L")) > 0
    from glyphcore.data.cache import glyph_raster

    np.testing.assert_array_equal(pixels, unpack(glyph_raster(row)))
    assert pack(pixels).shape == (2048,)


MISTAKES = {
    "no database": (["evaluate", "CKPT", "--db", "none.db"], "does not exist"),
    "no checkpoint": (["evaluate", "none.ckpt"], "does not exist"),
    "not a checkpoint": (["evaluate", "DB"], "not a readable checkpoint"),
    "not a database": (["evaluate", "CKPT", "--db", "CKPT"], "cannot be read as a database"),
    "no font": (["infer", "none.ttf", "--checkpoint", "CKPT"], "does not exist"),
    "several fonts and none of them": (["infer", "a.ttf", "b.ttf", "--checkpoint", "CKPT"], "No glyph was read"),
    "an empty folder": (["infer", "EMPTY", "--checkpoint", "CKPT"], "holds no"),
    "thresholds upside down": (["infer", "none.ttf", "--low", "0.9"], "low"),
    "an audit of no font": (["audit", "DB", "--checkpoint", "CKPT"], "not a readable font"),
    "one model to compare": (["compare", "a.ckpt"], "two or more"),
    "a model without results": (["compare", "CKPT", "b.ckpt", "--db", "DB"], "was not evaluated on"),
    "too many candidates": (["infer", "none.ttf", "--topk", "0"], "topk"),
    "no such glyph": (["overlay", "999999", "--checkpoint", "CKPT", "--db", "DB", "--out", "EMPTY"], "no glyph 999999"),
    "no such setting": (["train", "--set", "speed=3"], "speed"),
    "a setting of another type": (["train", "--set", "epochs=many"], "epochs"),
    "no recipe": (["train", "none.toml"], "does not exist"),
    "a recipe that is none": (["train", "CKPT"], "not TOML"),
    "a setting out of range": (["train", "--set", "model.pool=3"], "pool"),
    "no fonts for a database": (["db", "build", "EMPTY", "--out", "x.db"], "holds no"),
    "pngs without a folder": (["evaluate", "CKPT", "--db", "DB", "--rasters", "none"], "not a folder"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line(
    name: str, tiny_checkpoint: Path, model_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    words, says = MISTAKES[name]
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    places = {"CKPT": str(tiny_checkpoint), "DB": str(model_db), "EMPTY": str(tmp_path / "empty")}
    arguments = [places.get(word, word) for word in words]
    if words[0] in ("evaluate", "compare"):
        arguments += ["--results", str(tmp_path / "results")]
    assert cli.main(arguments) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    errors = [line for line in captured.err.splitlines() if line.startswith("glyphcore: ")]
    assert len(errors) == 1
    assert says in errors[0]
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    ("words", "new"),
    [
        (["db", "ship"], "glyphcore db subset"),
        (["db", "designs"], "glyphcore db font-priors"),
        (["noise"], "glyphcore label-issues"),
        (["infer", "x.ttf", "--alone"], "--per-glyph"),
        (["audit", "x.ttf", "--reuse=1"], "--duplicate-penalty"),
    ],
)
def test_old_names_still_work_and_tell_the_new_one(
    words: list[str], new: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*words, "--help"])
    assert ended.value.code == 0
    out, err = capsys.readouterr()
    assert err.count("\n") == 1
    assert f"is now called {new};" in err
    assert out.startswith("usage: glyphcore")


@pytest.mark.parametrize(
    ("job", "words", "said"),
    [
        ("infer", ["infer", "a.ttf"], "starts anew"),
        ("infer", ["infer", "a.ttf", "--cluster", "local"], "continues from here"),
        ("evaluate", ["evaluate"], "continues from here"),
        ("pdf_text", ["pdf", "text", "in"], "starts anew"),
        ("pdf_text", ["pdf", "text", "in", "--out", "out"], "continues from here"),
    ],
)
def test_an_interrupted_command_says_what_the_same_command_will_do(
    job: str, words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(importlib.import_module(f"glyphcore.jobs.{job}"), "run", interrupted)
    assert cli.main(words) == 130
    assert capsys.readouterr().err == f"glyphcore: interrupted; the same command {said}.\n"


@pytest.mark.parametrize("words", [["infer", ""], ["audit", "a.ttf", "--out", ""], ["evaluate", "--db", ""]])
def test_an_empty_path_is_not_the_working_folder(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(words)
    assert "a path is empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("infer fonts/a.ttf --out fonts/a.ttf", "fonts/a.ttf is one of the inputs and would be overwritten."),
        ("infer fonts --out fonts/a.ttf", "would be overwritten. Name another --out."),
        ("infer fonts --out ./fonts/../fonts/a.ttf", "would be overwritten"),
        ("infer fonts/a.ttf --tounicode link.ttf", "would be overwritten. Name another --tounicode."),
        ("audit fonts --csv fonts/a.ttf", "would be overwritten. Name another --csv."),
        ("read fonts/a.ttf --out fonts/a.ttf", "would be overwritten"),
        ("db build fonts --out fonts/a.ttf", "would be overwritten"),
        ("tags export --annotations mine.db --out mine.db", "would be overwritten"),
        ("read fonts --out new.npz", "fonts is a folder, and one font is read. Name a file."),
        ("infer fonts --out fonts", "fonts is a folder. Name a file for --out."),
        ("audit fonts --confirmed mine.db --csv mine.db", "would be overwritten"),
        ("bench fonts/a.ttf --out fonts/a.ttf", "would be overwritten"),
        ("infer fonts/a.ttf --out new --tounicode new", "new is named for --out and --tounicode."),
        ("audit fonts --sheet fonts", "fonts is a folder. Name a file for --sheet."),
        ("db subset --db mine.db --out mine.db", "would be overwritten"),
        ("pdf text in.pdf --out in.pdf", "would"),
        ("pdf repair in.pdf --out in.pdf", "would"),
    ],
)
def test_no_command_writes_over_what_it_reads(
    words: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fonts").mkdir()
    for name in ("fonts/a.ttf", "mine.db", "in.pdf"):
        (tmp_path / name).write_bytes(b"precious")
    (tmp_path / "link.ttf").symlink_to("fonts/a.ttf")
    assert cli.main(words.split()) == 1
    assert said in capsys.readouterr().err
    assert {(tmp_path / name).read_bytes() for name in ("fonts/a.ttf", "mine.db", "in.pdf")} == {b"precious"}
    assert len(list(tmp_path.iterdir())) == 4


PLACES = {"cache", "results", "rasters", "parquet", "run", "checkpoints", "folder", "onto", "beside", "corpus",
          "outsiders", "svg", "list", "lists", "labels", "known", "wider", "splits"}  # fmt: skip
"""Settings that name folders, and files with defaults that no output could be by accident."""


def test_every_setting_with_a_path_is_guarded_or_named_here() -> None:
    named = {
        field.name
        for command in COMMANDS
        for field in dataclasses.fields(command.settings)
        if "Path" in str(field.type)
    }
    assert named <= {*READ, *WRITTEN} | PLACES, "add it to glyphcore/cli/outputs.py"
    assert not {*READ, *WRITTEN} & PLACES
    assert (*SUFFIXES, ".pdf") == KINDS, "the command line does not load the code of fonts for these endings"
