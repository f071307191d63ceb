from __future__ import annotations

from pathlib import Path

import pytest

from glyphcore import cli
from glyphcore.files import replacing, spreadsheet


def test_the_file_appears_whole_and_its_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "result.bin"
    with replacing(path) as temporary:
        assert temporary.parent == path.parent, "a rename is atomic only within one file system"
        temporary.write_bytes(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "result.bin"
    path.write_bytes(b"old")

    def write() -> None:
        with replacing(path) as temporary:
            temporary.write_bytes(b"ha")
            raise error

    with pytest.raises(error):
        write()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_written_is_an_error_not_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "result.bin"
    path.write_bytes(b"old")
    with pytest.raises(FileNotFoundError), replacing(path):
        pass
    assert path.read_bytes() == b"old"


def test_a_spreadsheet_runs_nothing_and_knows_its_encoding() -> None:
    lines = list(spreadsheet([("name", "n"), ("=1+1", -5), ("'=x", 'a,"b"'), ("ب", None)]))
    assert lines == ["\ufeffname,n\r\n", "'=1+1,-5\r\n", '\'\'=x,"a,""b"""\r\n', "ب,\r\n"]


NOBODY_WRITES = Path("/sys/glyphcore")
"""The kernel creates no file there, not even for root."""
COMMANDS = {
    "labels": ["labels", "export", "--out"], "infer": ["infer", "{font}", "--out"],
    "audit": ["audit", "{font}", "--csv"],
    "rasterize": ["rasterize", "--db", "{db}", "--out"], "export": ["export", "{ckpt}", "--to", "onnx", "--out"],
    "evaluate": ["evaluate", "{ckpt}", "--db", "{db}", "--results"], "build": ["db", "build", "{folder}", "--out"],
    "tags": ["tags", "export", "--annotations", "{tags}", "--db", "{db}", "--out"],
}  # fmt: skip


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="this system has no /sys")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_place_where_nothing_may_be_written_is_named_in_one_line(
    command: str, tmp_path: Path, font_folder: Path, model_db: Path, tiny_checkpoint: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    inputs = {"font": sorted(font_folder.glob("*.ttf"))[0], "db": model_db, "ckpt": tiny_checkpoint}
    words = [word.format(**inputs, folder=font_folder, tags=tmp_path / "tags.db") for word in COMMANDS[command]]
    assert cli.main([*words, str(NOBODY_WRITES), "--quiet"]) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith(f"glyphcore: {NOBODY_WRITES.parent}/")
    assert line.endswith("Get the permission, or name another path.")
    assert ".tmp" not in line
