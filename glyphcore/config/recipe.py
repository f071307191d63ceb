"""Recipes: a training run as a small TOML file that lists only what differs from the defaults.

    epochs = 20

    [model]
    geometry = false

Values of a file and ``NAME=VALUE`` texts of the command line go through one typed assignment, which reads the type
hints of the dataclasses.
"""

from __future__ import annotations

import dataclasses
import tomllib
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from glyphcore.config.base import PROJECT, SHIPPED
from glyphcore.config.training import TrainConfig
from glyphcore.errors import ConfigError

PLACES = ("db", "out", "run", "rasters", "cache", "labels")
"""Settings that are paths of files, which are not part of the result of a recipe."""
WORDS = {"true": True, "false": False}


@dataclass(frozen=True)
class RunConfig:
    """A recipe, and the changes that this run makes to it."""

    recipe: Path = SHIPPED / "checkpoints" / "mixer-geometry.toml"
    """TOML file with the settings that differ from the defaults."""
    db: Path | None = None
    """Glyph database with splits; without it: dataset/full.db."""
    out: Path | None = None
    """Checkpoint to write; without it: checkpoints/RECIPE.ckpt."""
    run: Path | None = None
    """Folder for logs and resuming; without it: runs/RECIPE."""
    set: tuple[str, ...] = ()
    """Settings, written as in a recipe."""
    fast_dev_run: bool = False
    """Run only one batch of each step, as a test."""


def load_recipe(path: Path, settings: Sequence[str] = (), **places: Path | None) -> TrainConfig:
    """Return the run that the file ``path`` describes, changed by ``settings`` (``NAME=VALUE``), then by ``places``.

    ``places`` are fields of TrainConfig; None leaves a field unchanged. ``out`` and ``run`` are named after the recipe.
    Relative paths in the file are relative to its folder, those in ``settings`` to the working directory. Raises
    ConfigError, which names the setting, when the file cannot be read, or when a setting does not exist or is invalid.
    """
    config = TrainConfig(out=PROJECT / "checkpoints" / f"{path.stem}.ckpt", run=PROJECT / "runs" / path.stem)
    config = changed(config, _read(path), path.parent)
    config = changed(config, given(settings))
    return dataclasses.replace(config, **{field: value for field, value in places.items() if value is not None})


def given(settings: Sequence[str]) -> dict[str, Any]:
    """Return ``NAME=VALUE`` texts as the values that :func:`changed` takes, all at once, because some are valid only
    together."""
    values: dict[str, dict[str, Any]] = {"": {}}
    for setting in settings:
        name, separator, text = setting.partition("=")
        if not separator:
            raise ConfigError(f"{setting!r} is not NAME=VALUE.", subject=setting, remedy="Write --set epochs=5.")
        table, _, key = name.rpartition(".")
        values.setdefault(table, {})[key] = text
    return values.pop("") | values


def changed(config: Any, values: dict[str, Any], folder: Path = Path(), within: str = "") -> Any:
    """Return the dataclass ``config`` with ``values``, plain types or text; a field that is a dataclass takes a
    dictionary.

    Raises ConfigError naming the setting, with the prefix ``within``.
    """
    hints = get_type_hints(type(config))
    fields: dict[str, Any] = {}
    for key, value in values.items():
        name = within + key
        if key not in hints:
            raise ConfigError(f"There is no setting {name!r}.", subject=name, remedy="See 'glyphcore train --help'.")
        if dataclasses.is_dataclass(hints[key]):
            if not isinstance(value, dict):
                raise ConfigError(f"{name} is a table of settings, not {value!r}.", subject=name)
            fields[key] = changed(getattr(config, key), value, folder, f"{name}.")
            continue
        try:
            fields[key] = _typed(hints[key], value, folder)
        except (TypeError, ValueError, KeyError) as error:
            raise ConfigError(
                f"{name} = {value!r} is not {_described(hints[key])}; the default is {getattr(config, key)!r}.",
                subject=name,
            ) from error
    return dataclasses.replace(config, **fields)


def setting_names() -> list[str]:
    """Return the names of all settings, as ``--set`` takes them."""
    return [name for name, _ in _flat(dataclasses.asdict(TrainConfig()))]


def differences(settings: dict[str, Any]) -> str:
    """Return as TOML the plain ``settings`` of a checkpoint that differ from the defaults, without paths of files."""
    tables: dict[str, list[str]] = {"": []}
    defaults = dict(_flat(dataclasses.asdict(TrainConfig())))
    for name, value in _flat(settings):
        default = defaults.get(name)
        if name in defaults and name not in PLACES and value != plain(default):
            table, _, key = name.rpartition(".")
            tables.setdefault(table, []).append(f"{key} = {_toml(value)}")
    return "\n\n".join(
        "\n".join([f"[{table}]", *lines] if table else lines) for table, lines in tables.items() if lines
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path} does not exist.", subject=path, remedy="Name a recipe, a TOML file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}", subject=path) from error


def _typed(hint: Any, value: Any, folder: Path) -> Any:
    """Return ``value``, plain or text, converted to the type ``hint``; raises ValueError, TypeError or KeyError if it
    is invalid."""
    if get_origin(hint) in (Union, types.UnionType):
        (kind,) = (option_type for option_type in get_args(hint) if option_type is not type(None))
        return None if value in ("", "none") else _typed(kind, value, folder)
    if get_origin(hint) is tuple:
        kind, *others = get_args(hint)
        items = list(filter(None, value.split(","))) if isinstance(value, str) else value
        if not isinstance(items, list) or (Ellipsis not in others and len(items) != 1 + len(others)):
            raise ValueError
        return tuple(_typed(kind, item, folder) for item in items)
    if hint is bool:
        return value if isinstance(value, bool) else WORDS[value]
    if isinstance(value, bool) or (hint in (str, Path) and not isinstance(value, str)):
        raise TypeError
    if hint is Path:
        return folder / Path(value).expanduser()
    if hint is int and isinstance(value, float):
        raise TypeError
    return hint(value)


def _described(hint: Any) -> str:
    if get_origin(hint) is tuple:
        kind, *others = get_args(hint)
        count = "" if Ellipsis in others else f" of {1 + len(others)}"
        return f"a list{count}, each {_described(kind)}"
    return {bool: "true or false", int: "a whole number", float: "a number"}.get(hint, "a text")


def _flat(settings: dict[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{within}{key}.")
        else:
            yield within + key, value


def plain(value: Any) -> Any:
    """Return settings as a checkpoint stores them: lists for tuples, names for paths."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.name if isinstance(value, Path) else value


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else repr(value)
