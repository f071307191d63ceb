"""Components: HTML with the CSS and JavaScript files next to the Python module.

A script is an ES module. There is no build step. The modules that a script imports are put in front of it, each of
them once. The ``import`` and ``export`` words are removed, because Streamlit mounts a component from a single text.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

COMMON = Path(__file__).with_name("common.css")
IMPORT = re.compile(r'^import \{[^}]*\} from "([^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)
DEFAULT = re.compile(r"^export default .*;\n", re.MULTILINE)


def component(module: str, html: str) -> ComponentRenderer:
    """Register ``html`` as the component of a ``module`` (its ``__file__``), with the CSS and JavaScript next to it.

    ``tags.py`` has ``tags.css`` and ``tags.js`` and becomes ``glyphcore_tags``.
    """
    path = Path(module)
    css = COMMON.read_text(encoding="utf-8") + path.with_suffix(".css").read_text(encoding="utf-8")
    return st.components.v2.component(
        f"glyphcore_{path.stem}", html=html, css=css, js=joined(path.with_suffix(".js").resolve())
    )


def joined(script: Path) -> str:
    """Return a script with all its imported modules in front. An imported component becomes a plain base class."""
    *imported, own = (EXPORT.sub("", IMPORT.sub("", _read(module))) for module in modules(script))
    return "".join([*(DEFAULT.sub("", text) for text in imported), own])


def modules(script: Path) -> tuple[Path, ...]:
    """Return a script and all modules that it imports, in execution order. Raises ValueError for circular imports."""
    return tuple(dict.fromkeys(_modules(script, ())))


def _modules(script: Path, through: tuple[Path, ...]) -> list[Path]:
    if script in through:
        raise ValueError(f"{script.name} imports itself through {', '.join(module.name for module in through)}")
    imported = [(script.parent / name).resolve() for name in IMPORT.findall(_read(script))]
    return [*(module for one in imported for module in _modules(one, (*through, script))), script]


@cache
def _read(script: Path) -> str:
    return script.read_text(encoding="utf-8")
