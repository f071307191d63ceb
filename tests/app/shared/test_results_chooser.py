"""Titles of results files: short, and always different."""

from __future__ import annotations

from pathlib import Path

from app.shared.results_chooser import fingerprint, titles
from glyphcore.results.store import ResultsFile


def file(name: str, checkpoint: str, dataset: str = "glyphs.db", *, complete: bool = True) -> ResultsFile:
    return ResultsFile(Path("results") / name, complete, checkpoint, f"somewhere/{dataset}", "aa" * 8)


def test_checkpoint_and_database_are_enough_where_they_tell_files_apart() -> None:
    files = [
        file("a-0123456789abcdef-1.db", "a"),
        file("a-0123456789abcdef-2.db", "a", "full.db"),
        file("b-1-1.db", "b"),
    ]
    assert list(titles(files).values()) == ["a  ·  glyphs.db", "a  ·  full.db", "b  ·  glyphs.db"]


def test_a_checkpoint_before_and_after_more_training_is_told_apart() -> None:
    files = [file("my-net-0123456789abcdef-1.db", "my-net"), file("my-net-fedcba9876543210-1.db", "my-net")]
    assert list(titles(files, database=False).values()) == ["my-net  ·  abcdef", "my-net  ·  543210"]


def test_unfinished_files_have_no_title_and_strange_names_are_no_harm() -> None:
    assert titles([file("a-1-1.db", "a", complete=False)]) == {}
    assert fingerprint("mine.db") == "mine.db"
