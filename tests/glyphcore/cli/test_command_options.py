"""Options of commands follow from dataclasses: name, type, default and help are in one place."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

import pytest

from glyphcore import config
from glyphcore.cli import main
from glyphcore.cli.commands import COMMANDS, Command
from glyphcore.cli.options import Options, given
from glyphcore.cli.parser import parser
from glyphcore.config.sentences import sentences


@dataclass(frozen=True)
class Base:
    """Settings of several commands."""

    loud: bool = False
    """Say ``everything``, 100% of it."""


@dataclass(frozen=True)
class Toy(Base):
    """Settings of a toy."""

    file: Path = Path("here")
    """What to play with."""
    out_file: Path | None = None
    """File to write."""
    kind: Literal["ball", "top"] = "ball"
    """What it is."""
    weights: tuple[float, ...] = ()
    """In grams,
    one a piece."""
    cache: int = 3
    """No option."""


def toy(**more: object) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser()
    Options(first="file", hidden=("cache",), **more).add_to(made, Toy)  # type: ignore[arg-type]
    return made


def test_what_is_not_given_is_left_to_the_dataclass() -> None:
    assert given(Toy, toy().parse_args([])) == Toy()


def test_values_have_the_type_of_their_field() -> None:
    words = ["there", "--out-file", "x", "--kind", "top", "--weights", "1", "2.5", "--loud"]
    made = given(Toy, toy().parse_args(words))
    assert made == Toy(True, Path("there"), Path("x"), "top", (1.0, 2.5))
    assert type(made.weights) is tuple


def test_a_list_may_be_given_in_parts() -> None:
    assert given(Toy, toy().parse_args(["--weights", "1", "--weights", "2"])).weights == (1.0, 2.0)


@pytest.mark.parametrize("words", [["--kind", "cube"], ["--weights", "heavy"], ["--cache", "4"], ["a", "b"]])
def test_what_does_not_fit_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        toy().parse_args(words)
    assert "error:" in capsys.readouterr().err


def test_help_is_the_sentence_of_the_field() -> None:
    text = " ".join(toy(shown={"weights": "GRAMS"}).format_help().split())
    assert "Say everything, 100% of it." in text
    assert "What it is. (default: ball)" in text
    assert "--weights GRAMS [GRAMS ...] In grams, one a piece." in text
    assert "--cache" not in text
    assert text.index("--out-file") < text.index("--loud"), "its own options come first"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_option_has_its_sentence(command: Command) -> None:
    said = sentences(command.settings)
    named = [each.name for each in fields(command.settings)]
    assert [name for name in named if name not in command.options.hidden and not said.get(name)] == []
    options = command.options
    assert {options.first, *options.read, *options.more} - {""} <= set(named), "what is shown may be shared by commands"


def test_every_setting_is_found_by_its_name() -> None:
    assert all(getattr(config, name) is not None for name in config._MODULE)
    with pytest.raises(AttributeError, match="no attribute 'InferKonfig'"):
        config.InferKonfig  # noqa: B018


def test_no_command_waits_for_the_settings_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("glyphcore.config.")]:
        if name.rpartition(".")[2] not in ("base", "sentences"):
            monkeypatch.delitem(sys.modules, name)
    parser().parse_args(["infer", "broken.ttf"])
    assert "glyphcore.config.fonts" in sys.modules
    assert not {"glyphcore.config.training", "glyphcore.config.reading", "glyphcore.config.data"} & set(sys.modules)


def test_json_and_csv_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["primitives", "any", "--json", "--csv"]) == 1
    assert "csv must be given without --json" in capsys.readouterr().err
