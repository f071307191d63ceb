"""Guards what a command reads from what it is told to write: a file that is both would be lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from glyphcore.errors import GlyphError
from glyphcore.files import overwrites

READ = (
    "inputs",
    "fonts",
    "font",
    "file",
    "checkpoint",
    "db",
    "model",
    "models",
    "shards",
    "recipe",
    "confirmed",
    "corrections",
    "annotations",
)
"""Settings that name what a command reads."""
WRITTEN = ("out", "csv", "sheet", "tounicode", "report", "flips", "attribution")
"""Settings that name what it writes."""
INTO_FOLDERS = ("rasterize", "overlay", "words build", "pdf repair", "pdf text")
"""Commands whose output may be a folder."""
KINDS = (".ttf", ".otf", ".ttc", ".otc", ".woff", ".woff2", ".cff", ".pfa", ".pfb", ".dfont", ".pdf")
"""Endings of files that a folder of inputs is read for."""


def check_outputs(command: str, config: Any) -> None:
    """Raise GlyphError before any work where a file to write is an input, or a folder stands in its place."""
    given = vars(config)
    read = [path for name in READ for path in _paths(given.get(name))]
    places: dict[Path, str] = {}
    for name in WRITTEN:
        for path in _paths(given.get(name)):
            if any(_is_same(path, source) for source in read):
                raise GlyphError(
                    f"{path} is one of the inputs and would be overwritten.",
                    subject=path,
                    remedy=f"Name another --{name}.",
                )
            if path.is_dir() and command not in INTO_FOLDERS:
                raise GlyphError(f"{path} is a folder.", subject=path, remedy=f"Name a file for --{name}.")
            if (other := places.setdefault(path.absolute(), name)) != name:
                raise GlyphError(
                    f"{path} is named for --{other} and --{name}.", subject=path, remedy="Name two different files."
                )


def _paths(value: object) -> Iterator[Path]:
    values = value if isinstance(value, tuple) else (value,)
    return (path for path in values if isinstance(path, Path))


def _is_same(path: Path, source: Path) -> bool:
    """Whether writing ``path`` would overwrite ``source``, or a file of the kinds in :data:`KINDS` in that folder."""
    if source.is_dir():
        return path.is_file() and path.suffix.lower() in KINDS and source.resolve() in path.resolve().parents
    return overwrites(path, source)
