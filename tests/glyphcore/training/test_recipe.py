"""Recipes: typed assignment from TOML and from the command line, the way back, and the shipped recipes."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path

import pytest

from glyphcore.config import CHECKPOINTS, AugmentConfig, ModelConfig, TrainConfig
from glyphcore.config.recipe import changed, differences, load_recipe, setting_names
from glyphcore.errors import ConfigError
from glyphcore.nn.glyphnet import GlyphNet, parameter_count

SHIPPED = sorted(CHECKPOINTS.glob("*.toml"))
EVERY_KIND = """
epochs = 3
ema = 0
online_codebook = true
precision = "32-true"
init = "start.ckpt"
teachers = ["a.ckpt", "/b.ckpt"]
primitive_weight = [1, 0.5, 0]
[model]
stem = [8, 16]
blocks = [2]
widths = []
pool = 1
[augment]
weight = 2
"""


def recipe(folder: Path, text: str = EVERY_KIND) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_recipe_holds_every_kind_of_value(tmp_path: Path) -> None:
    config = load_recipe(recipe(tmp_path))
    assert (config.out.name, config.run.name) == ("mine.ckpt", "mine")
    assert config == TrainConfig(
        out=config.out, run=config.run, epochs=3, ema=0.0, online_codebook=True, precision="32-true",
        init=tmp_path / "start.ckpt", teachers=(tmp_path / "a.ckpt", Path("/b.ckpt")), primitive_weight=(1.0, 0.5, 0.0),
        model=ModelConfig(stem=(8, 16), blocks=(2,), widths=(), pool=1), augment=AugmentConfig(weight=2.0),
    )  # fmt: skip
    assert all(isinstance(point, float) for point in (*config.primitive_weight, config.ema, config.augment.weight))


def test_the_command_line_has_the_last_word(tmp_path: Path) -> None:
    settings = ["epochs=5", "init=none", "teachers=c.ckpt,d.ckpt", "online_codebook=false", "model.stem=4,8",
                "model.widths=32", "model.blocks=1,1", "augment.weight=0.5", "teachers="]  # fmt: skip
    config = load_recipe(recipe(tmp_path), settings[:-1], db=Path("other.db"), out=None)
    assert (config.epochs, config.init, config.online_codebook) == (5, None, False)
    assert config.teachers == (Path("c.ckpt"), Path("d.ckpt")), "from the working directory"
    assert (config.model.stem, config.model.widths, config.model.blocks) == ((4, 8), (32,), (1, 1))
    assert config.augment.weight == 0.5
    assert (config.db, config.out.name) == (Path("other.db"), "mine.ckpt")
    assert load_recipe(recipe(tmp_path), settings).teachers == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [("speed = 1", "speed"), ("[model]\nspeed = 1", "model.speed"), ("epochs = 2.5", "epochs"),
     ("epochs = true", "epochs"),
     ("ema = 'high'", "ema"), ("online_codebook = 1", "online_codebook"), ("precision = 32", "precision"),
     ("init = 3", "init"), ("teachers = 3", "teachers"), ("primitive_weight = ['a']", "primitive_weight"),
     ("primitive_weight = []", "primitive_weight"), ("quantise_temperature = []", "quantise_temperature"),
     ("[model]\nstem = [1, 2, 3]", "model.stem"), ("model = 3", "model"), ("[model]\npool = 3", "pool"),
     ("epochs = 1\nepochs = 2", "not TOML"), ("[augment]\nblur = 2", "blur"), ("epochs = {a = 1}", "epochs")],
)  # fmt: skip
def test_a_mistake_names_the_setting(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load_recipe(recipe(tmp_path, text))


def plain(config: TrainConfig) -> dict:
    """Return settings in the form that a checkpoint stores."""
    from glyphcore.config.recipe import plain as stored

    return stored(dataclasses.asdict(config))


def test_differences_are_the_recipe_again(tmp_path: Path) -> None:
    config = load_recipe(recipe(tmp_path))
    text = differences(plain(config))
    again = changed(TrainConfig(out=config.out, run=config.run), tomllib.loads(text))
    names = {"init": Path(config.init.name), "teachers": tuple(Path(path.name) for path in config.teachers)}  # type: ignore[union-attr]
    assert again == dataclasses.replace(config, **names)  # type: ignore[arg-type]
    assert differences(plain(TrainConfig())) == ""


def test_all_settings_are_listed() -> None:
    assert {"epochs", "model.stem", "augment.weight", "teachers"} <= set(setting_names())


def test_what_ships_has_a_recipe() -> None:
    shipped = {"hourglass", "mixer", "mixer-geometry", "mixer-distilled", "online-codebook", "phase2-light", "wide"}
    assert {path.stem for path in SHIPPED} == shipped | {"phase2", "wide-frozen"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_recipe_is_complete(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# "), "it says what it is"
    config = load_recipe(path)
    limit = 7_500_000 if path.stem == "phase2" else 3_000_000
    assert parameter_count(GlyphNet(config.model)) <= limit
    assert all(teacher.with_suffix(".toml") in SHIPPED for teacher in config.teachers)
