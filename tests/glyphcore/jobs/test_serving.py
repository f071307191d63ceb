"""``glyphcore app``: the arguments that it passes to the server, and its refusals in one line."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from glyphcore import cli
from glyphcore.config import AppConfig
from glyphcore.data.store import GlyphStore
from glyphcore.errors import ConfigError, GlyphError, StoreError
from glyphcore.jobs import app


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    """Record the words and variables of the servers that would have started."""
    started: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda _, words, environment: started.append((words, environment)))
    for name in ("DB", "CHECKPOINTS", "RESULTS", "RASTERS"):
        monkeypatch.delenv(f"GLYPHCORE_{name}", raising=False)
    return started


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def test_own_places_reach_the_server(database: GlyphStore, tmp_path: Path, started: list) -> None:
    port = free_port()
    arguments = ["app", "-q", "--db", database.path, "--checkpoints", tmp_path, "--results", tmp_path / "new"]
    assert cli.main([*map(str, arguments), "--port", str(port)]) == 0
    ((words, environment),) = started
    assert words[words.index("--server.port") + 1] == str(port)
    assert words[words.index("--server.address") + 1] == "localhost", "glyphs of a user are nobody else's business"
    assert Path(words[words.index("run") + 1]).is_file()
    assert environment["GLYPHCORE_DB"] == str(database.path.resolve())
    assert environment["GLYPHCORE_CHECKPOINTS"] == str(tmp_path.resolve())
    assert environment["GLYPHCORE_RESULTS"] == str((tmp_path / "new").resolve())
    assert "GLYPHCORE_RASTERS" not in environment


def test_what_ships_is_evaluated_before_the_first_page(started: list, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared: list[int] = []
    monkeypatch.setattr("glyphcore.jobs.prepare.run", lambda progress: prepared.append(len(started)))
    assert cli.main(["app", "-q", "--port", str(free_port())]) == 0
    assert prepared == [0]
    assert len(started) == 1


def test_a_taken_port_is_said(database: GlyphStore, started: list) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(GlyphError, match="Choose another one: --port"):
        app.run(AppConfig(db=database.path, port=taken.getsockname()[1]))
    assert started == []


def test_no_database_and_no_folder_are_said(tmp_path: Path, started: list, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        app.run(AppConfig(db=tmp_path / "none.db"))
    with pytest.raises(ConfigError, match="--checkpoints"):
        app.run(AppConfig(checkpoints=tmp_path / "none"))
    monkeypatch.setattr(app, "DATASET", tmp_path)
    with pytest.raises(StoreError, match="Name one with --db"):
        app.run(AppConfig())
    with pytest.raises(ConfigError, match="port"):
        AppConfig(port=0)
    assert started == []


def test_without_streamlit_the_extra_is_named(
    database: GlyphStore, started: list, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(app, "find_spec", lambda name: None)
    assert cli.main(["app", "--db", str(database.path)]) == 1
    assert capsys.readouterr().err == (
        "glyphcore: This needs streamlit, which is not installed. pip install 'glyphcore[app]'\n"
    )
    assert started == []
