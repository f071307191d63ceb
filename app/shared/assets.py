"""Components: HTML with the style and the script that lie beside their Python.

A script is an ES module. There is no build step: what it imports is put in front of it, each module once, and the
``import`` and ``export`` words are taken out, because Streamlit mounts a component from one text.
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
    """Register ``html`` as the component of a ``module`` (its ``__file__``), with the style and script beside it.

    ``tags.py`` has ``tags.css`` and ``tags.js`` and becomes ``glyphcore_tags``.
    """
    path = Path(module)
    css = COMMON.read_text(encoding="utf-8") + path.with_suffix(".css").read_text(encoding="utf-8")
    return st.components.v2.component(
        f"glyphcore_{path.stem}", html=html, css=css, js=joined(path.with_suffix(".js").resolve())
    )


def joined(script: Path) -> str:
    """A script behind everything that it imports. A component that it extends is a class of it and no component."""
    *imported, own = (EXPORT.sub("", IMPORT.sub("", _read(module))) for module in modules(script))
    return "".join([*(DEFAULT.sub("", text) for text in imported), own])


def modules(script: Path) -> tuple[Path, ...]:
    """A script and all that it imports, in the order in which they run. Raises ValueError for a circle of imports."""
    return tuple(dict.fromkeys(_modules(script, ())))


def _modules(script: Path, through: tuple[Path, ...]) -> list[Path]:
    if script in through:
        raise ValueError(f"{script.name} imports itself through {', '.join(module.name for module in through)}")
    imported = [(script.parent / name).resolve() for name in IMPORT.findall(_read(script))]
    return [*(module for one in imported for module in _modules(one, (*through, script))), script]


@cache
def _read(script: Path) -> str:
    return script.read_text(encoding="utf-8")
