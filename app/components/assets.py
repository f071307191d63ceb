"""Reads the components' CSS and JavaScript, which lie beside their Python as they are: there is no build step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

FOLDER = Path(__file__).parent


def component(name: str, html: str, *scripts: str) -> ComponentRenderer:
    """Register ``html`` as the component ``glyphcore_<name>``, with its own style and script behind the common ones.

    ``scripts``: files that it shares with some other components, such as ``paint.js``.
    """
    css = _read("common.css") + _read(f"{name}.css")
    js = "".join(_read(file) for file in ("common.js", *scripts, f"{name}.js"))
    return st.components.v2.component(f"glyphcore_{name}", html=html, css=css, js=js)


def _read(file: str) -> str:
    return (FOLDER / file).read_text(encoding="utf-8")
