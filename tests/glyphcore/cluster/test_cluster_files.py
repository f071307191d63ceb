"""Commands over many files: a cluster writes the same as one process, and the same command resumes the work."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from functools import partial
from pathlib import Path

import pdf_files
import pytest
from cluster_jobs import ENVIRONMENT, noted
from interruption import StopsAfter
from pdf_files import ENGLISH, stripped
from shipped_fonts import LATIN, build

from glyphcore.audit import by_workers
from glyphcore.cli import main
from glyphcore.cluster import files
from glyphcore.cluster.engine import LOST
from glyphcore.cluster.files import for_workers, map_files
from glyphcore.config import LABELS, InferConfig, RasterizeConfig
from glyphcore.data.store import GlyphStore
from glyphcore.errors import ConfigError
from glyphcore.jobs import db_build, rasterize
from glyphcore.pdf import files as of_pdfs
from glyphcore.progress import Silent

pytestmark = pytest.mark.cluster


@pytest.fixture(autouse=True)
def kept_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of stored results of files, for this test alone."""
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])
    monkeypatch.setattr(files, "FOLDER", tmp_path / "kept")
    return tmp_path / "kept"


def texts(folder: Path, *said: str) -> list[Path]:
    paths = [folder / f"{number}.txt" for number in range(len(said))]
    for path, text in zip(paths, said, strict=True):
        path.write_text(text)
    return paths


def test_results_come_in_the_order_of_files_and_are_kept_until_all_are_there(
    tmp_path: Path, kept_results: Path
) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    paths = texts(tmp_path, *map(str, range(8)))
    wanted = [(path, {"text": str(number)}) for number, path in enumerate(paths)]
    with pytest.raises(KeyboardInterrupt):
        list(map_files("local:2", partial(noted, notes), paths, StopsAfter(4), what="files", about="test"))
    kept = len(list(kept_results.rglob("*.json")))
    assert 0 < kept < 8
    paths[7].write_text("7")
    found = map_files("local:2", partial(noted, notes), paths, Silent(), what="files", about="test")
    assert list(found) == wanted
    assert list(kept_results.rglob("*.json")) == []
    again = Counter({path.name: len(path.read_text()) for path in notes.iterdir()})
    assert sum(count > 1 for count in again.values()) <= 8 - kept, "what was kept was not done again"


def test_a_file_that_ends_every_worker_is_named_and_alone_is_tried_again(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    paths = texts(tmp_path, "a", "deadly", "c", "d")
    found = dict(map_files("local:2", partial(noted, notes), paths, Silent(), what="files", about="test"))
    assert [found[path] is LOST for path in paths] == [False, True, False, False]
    before = {path.name: path.read_text() for path in notes.iterdir()}
    paths[1].write_text("mended")
    found = dict(map_files("local:2", partial(noted, notes), paths, Silent(), what="files", about="test"))
    assert [found[path]["text"] for path in paths] == ["a", "mended", "c", "d"]
    assert {path.name: path.read_text() for path in notes.iterdir()} == before | {"1.txt": "x"}


@pytest.fixture
def fonts(font_folder: Path, tmp_path: Path) -> Path:
    """Make a folder of fonts and one file that is no font."""
    folder = tmp_path / "fonts"
    shutil.copytree(font_folder, folder)
    (folder / "broken.ttf").write_bytes(b"no font")
    return folder


@pytest.mark.parametrize(
    ("command", "made"), [("infer", ("out",)), ("audit", ("out", "csv", "sheet"))], ids=("infer", "audit")
)
def test_fonts_read_by_workers_are_byte_for_byte_those_of_one_process(
    command: str, made: tuple[str, ...], fonts: Path, tiny_reader: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("GLYPHCORE_PROGRESS", "json")
    said = {}
    for name, more in (("here", []), ("there", ["--cluster", "local:2"])):
        out = [word for kind in made for word in (f"--{kind}", str(tmp_path / f"{name}.{kind}"))]
        assert main([command, str(fonts), "--model", str(tiny_reader), *out, *more]) == 3
        said[name] = capsys.readouterr()
    assert said["here"].out == said["there"].out
    for kind in made:
        assert (tmp_path / f"here.{kind}").read_bytes() == (tmp_path / f"there.{kind}").read_bytes() != b""
    here, there = ([line for line in said[name].err.splitlines() if '"say"' in line] for name in said)
    assert here == there
    assert any("broken.ttf" in line for line in here)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the files that were sent; each is deleted when it is sent, so that no worker can open it."""
    gone: list[Path] = []

    def content_of(path: Path, *more: object) -> files.Sent:
        read = files.content_of(path, *more)
        path.unlink()
        gone.append(path)
        return read

    for module in (by_workers, of_pdfs, db_build):
        monkeypatch.setattr(module, "content_of", content_of)
    return gone


@pytest.mark.parametrize(("command", "made"), [("infer", ("out",)), ("audit", ("out", "csv"))], ids=("infer", "audit"))
def test_fonts_that_are_sent_are_read_without_a_shared_folder(
    command: str, made: tuple[str, ...], fonts: Path, sent: list[Path], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    said = {}
    for name, more in (("here", []), ("there", ["--cluster", "local:2", "--send-files"])):
        out = [word for kind in made for word in (f"--{kind}", str(tmp_path / f"{name}.{kind}"))]
        assert main([command, "-q", str(fonts), *out, *more]) == 3
        said[name] = capsys.readouterr()
    assert len(sent) > 1
    assert not list(fonts.rglob("*.ttf"))
    assert said["here"] == said["there"]
    for kind in made:
        assert (tmp_path / f"here.{kind}").read_bytes() == (tmp_path / f"there.{kind}").read_bytes() != b""


def test_pdfs_that_are_sent_are_repaired_without_a_shared_folder(
    pdfs: Path, sent: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(pdfs, tmp_path / "again")
    commands = {"here": [], "there": ["--cluster", "local:2", "--send-files"]}
    for name, more in commands.items():
        assert main(["pdf", "repair", "-q", str(pdfs), "--out", str(tmp_path / name), *more]) == 3
    assert len(sent) == 3
    copies = sorted(path.relative_to(tmp_path / "here") for path in (tmp_path / "here").rglob("*.pdf"))
    assert [str(path) for path in copies] == ["below/lying.pdf", "healthy.pdf"]
    for path in copies:
        assert (tmp_path / "there" / path).read_bytes() == (tmp_path / "here" / path).read_bytes()
    shutil.rmtree(pdfs)
    shutil.copytree(tmp_path / "again", pdfs)
    capsys.readouterr()
    said = [(main(["pdf", "inspect", "-q", "--json", str(pdfs), *more]), capsys.readouterr())
            for more in commands.values()]  # fmt: skip
    assert said[0] == said[1]
    assert str(pdfs) in said[1][1].out


def test_a_font_that_may_not_be_opened_is_named_and_the_others_are_read(
    fonts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = next(fonts.rglob("*.ttf"))
    monkeypatch.setattr(by_workers.os, "access", lambda path, _: Path(path) != closed)
    out = tmp_path / "out"
    assert main(["infer", str(fonts), "--out", str(out), "--cluster", "local:2", "--send-files"]) == 3
    said = capsys.readouterr().err
    assert f"{closed} cannot be read." in said
    assert out.stat().st_size


@pytest.mark.parametrize("command", ["infer", "audit", "pdf inspect"])
def test_a_file_that_vanishes_before_it_is_sent_is_named_and_the_others_are_read(
    command: str, fonts: Path, pdfs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pdfs if command == "pdf inspect" else fonts
    gone = sorted(path for path in folder.rglob("*.*f") if "broken" not in path.name)[-1]

    def content_of(path: Path, *more: object) -> files.Sent:
        gone.unlink(missing_ok=True)
        return files.content_of(path, *more)

    for module in (by_workers, of_pdfs):
        monkeypatch.setattr(module, "content_of", content_of)
    code = main([*command.split(), str(folder), "--cluster", "local:2", "--send-files"])
    assert code == (1 if command == "pdf inspect" else 3), "1: a font lies"
    said = capsys.readouterr()
    assert str(gone) in said.err
    assert "Traceback" not in said.err
    assert "connection" not in said.err
    assert said.out, "the others were read"


def test_a_repair_by_value_goes_on_after_an_interruption(
    pdfs: Path, kept_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["pdf", "repair", "-q", str(pdfs), "--out", str(tmp_path / "out"), "--cluster", "local:2", "--send-files"]
    monkeypatch.setattr(files.shutil, "rmtree", lambda *_, **__: None)  # as if it was killed before its last line
    assert main(words) == 3
    copies = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.pdf")}
    lost = tmp_path / "out" / "below" / "lying.pdf"
    lost.unlink()
    assert list(kept_results.rglob("*.json"))
    assert main(words) == 3
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.pdf")} == copies


def test_a_copy_that_is_there_is_not_sent(pdfs: Path, sent: list[Path], tmp_path: Path) -> None:
    words = ["pdf", "repair", "-q", str(pdfs), "--out", str(tmp_path / "out"), "--cluster", "local:2", "--send-files"]
    kept = tmp_path / "out" / "healthy.pdf"
    kept.parent.mkdir()
    kept.write_text("mine")
    assert main(words) == 3
    assert kept.read_text() == "mine"
    assert pdfs / "healthy.pdf" not in sent
    assert (tmp_path / "out" / "below" / "lying.pdf").exists()


def test_only_a_label_set_that_ships_is_not_sent(fonts: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    labels = shutil.copy(LABELS, tmp_path / "mine.csv")
    words = ["--labels", str(labels), "--cluster", "local", "--send-files"]
    assert main(["db", "build", str(fonts), "--out", str(tmp_path / "a.db"), *words]) != 0
    assert "labels must be a label set that ships" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--send-files"], "send-files must be given together with --cluster"),
        (["--send-files", "--cluster", "local", "--model", "./mine.reader"], "model must be a name"),
    ],
)
def test_sending_needs_a_cluster_and_a_model_that_ships(
    words: list[str], said: str, fonts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["infer", str(fonts), *words]) != 0
    assert said in capsys.readouterr().err


def test_a_folder_of_rasters_is_not_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "1.png").write_bytes(b"")
    assert main(["infer", str(tmp_path), "--cluster", "local:1", "--send-files"]) != 0
    assert "only files are sent" in capsys.readouterr().err


@pytest.fixture
def pdfs(tmp_path: Path) -> Path:
    """Make a healthy file, one with a wrong ToUnicode in a subfolder, and one that is no PDF."""
    folder = tmp_path / "pdfs"
    (folder / "below").mkdir(parents=True)
    build(LATIN, tmp_path / "latin.ttf")
    pdf_files.fpdf2(ENGLISH, tmp_path / "latin.ttf", folder / "healthy.pdf")
    stripped(folder / "healthy.pdf", folder / "below" / "lying.pdf")
    (folder / "none.pdf").write_bytes(b"%PDF-1.4 nothing")
    return folder


def test_pdfs_are_inspected_and_repaired_by_workers_as_by_one_process(
    pdfs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    for name, more in (("here", []), ("there", ["--cluster", "local:2"])):
        assert main(["pdf", "inspect", "-q", "--json", str(pdfs), *more]) == 1
        found[name] = capsys.readouterr().out
        assert main(["pdf", "repair", "-q", str(pdfs), "--out", str(tmp_path / name), *more]) == 3
    assert found["here"] == found["there"]
    assert [Path(json.loads(line)["file"]).name for line in found["there"].splitlines()] == ["lying.pdf", "healthy.pdf"]
    copies = sorted(path.relative_to(tmp_path / "here") for path in (tmp_path / "here").rglob("*.pdf"))
    assert [str(path) for path in copies] == ["below/lying.pdf", "healthy.pdf"]
    assert (tmp_path / "there" / "below" / "lying.pdf").read_bytes() != (pdfs / "below" / "lying.pdf").read_bytes()
    for path in copies:
        assert (tmp_path / "there" / path).read_bytes() == (tmp_path / "here" / path).read_bytes()
    before = (tmp_path / "there" / "healthy.pdf").stat().st_mtime_ns
    (tmp_path / "there" / "below" / "lying.pdf").unlink()
    assert main(["pdf", "repair", "-q", str(pdfs), "--out", str(tmp_path / "there"), "--cluster", "local:2"]) == 3
    assert (tmp_path / "there" / copies[0]).read_bytes() == (tmp_path / "here" / copies[0]).read_bytes()
    assert (tmp_path / "there" / "healthy.pdf").stat().st_mtime_ns == before, "a copy that is there is not made again"


def test_rasters_are_those_of_one_process_and_what_is_there_is_kept(tiny_db: Path, tmp_path: Path) -> None:
    total = GlyphStore(tiny_db).count()
    rasterize.run(RasterizeConfig(tiny_db, tmp_path / "here"))
    assert rasterize.run(RasterizeConfig(tiny_db, tmp_path / "there", "local:2")) == {"written": total}
    made = {path.name: path.read_bytes() for path in (tmp_path / "there").iterdir()}
    assert made == {path.name: path.read_bytes() for path in (tmp_path / "here").iterdir()}
    (tmp_path / "there" / "5.png").unlink()
    again = rasterize.run(RasterizeConfig(tiny_db, tmp_path / "there", "local:2"))
    assert again == {"present": total - 1, "written": 1}


def test_elsewhere_paths_are_whole_and_here_as_given() -> None:
    here = for_workers(InferConfig(inputs=(Path("a.ttf"),), out=Path("b"), cluster="local:2"))
    assert (here.inputs, here.out, here.cluster) == ((Path("a.ttf"),), Path("b"), "")
    there = for_workers(InferConfig(inputs=(Path("a.ttf"),), checkpoint=Path("wide"), cluster="tcp://10.0.0.1:80"))
    assert there.inputs == (Path.cwd() / "a.ttf",)
    assert there.checkpoint.is_file()


def test_glyphs_named_by_hand_are_of_one_font() -> None:
    with pytest.raises(ConfigError, match="without --confirmed and --tounicode"):
        InferConfig(inputs=(Path("a"),), tounicode=Path("b"), cluster="local")


@pytest.mark.parametrize("by_value", [False, True], ids=("shared folder", "sent"))
def test_workers_draw_the_fonts_of_a_database(
    by_value: bool, font_folder: Path, sent: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    fonts = tmp_path / "fonts"
    shutil.copytree(font_folder, fonts)
    (fonts / "Broken.ttf").write_bytes(b"no font")
    alone, together = tmp_path / "alone.db", tmp_path / "together.db"
    assert main(["db", "build", str(fonts), "--out", str(alone), "-q"]) == 0
    assert main(["db", "build", str(fonts), "--out", str(together), "--cluster", "local:2",
                 *(["--send-files"] if by_value else [])]) == 0  # fmt: skip
    assert "Broken.ttf" in capsys.readouterr().err
    assert bool(sent) == by_value
    assert any(fonts.rglob("*.ttf")) != by_value
    one, other = GlyphStore(alone), GlyphStore(together)
    assert one.fingerprint == other.fingerprint
    assert list(one.rows()) == list(other.rows())
    assert one.fonts().equals(other.fonts())
    assert one.meta["dropped"] == other.meta["dropped"]
    assert one.meta["dropped"]["unreadable font file"] == 1
