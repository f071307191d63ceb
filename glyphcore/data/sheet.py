"""Parts of sheets: HTML files to send to people. They have no script, need no other file, and support light and dark.

A letter is shown with its code points, because a single mark or an unknown script is unreadable; a mark is shown on a
dotted circle. Text from data goes through :func:`escape`.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Iterable
from html import escape

import numpy as np

from glyphcore.data.labels import DOTTED_CIRCLE, codepoints, readable_character
from glyphcore.data.raster import png

STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 84rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; } h2 small, .dim { opacity: .7; font-weight: 400; }
table { border-collapse: collapse; width: 100%; margin-bottom: 2rem; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: middle; }
td { overflow-wrap: anywhere; }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.letter { font-size: 1.5rem; margin-right: .4rem; }
img { display: block; width: 56px; height: 56px; image-rendering: pixelated; }
@media (prefers-color-scheme: dark) { img { filter: invert(1); } }
summary { cursor: pointer; }
"""


def head(title: str, style: str = "") -> str:
    """Return the beginning of a sheet; ``style`` is added to :data:`STYLE`."""
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{STYLE}{style}</style>'
    )


def picture(packed: np.ndarray) -> str:
    """Return a raster, uint8 [2048], as an image."""
    return f'<img loading="lazy" alt="" src="data:image/png;base64,{base64.b64encode(png(packed)).decode()}">'


def letter(text: str, label: str) -> str:
    """Return a character in the form of its label, its code points and the label."""
    visible = not any(unicodedata.category(character).startswith("C") for character in text)
    mark = bool(text) and unicodedata.combining(text[0])
    shown = DOTTED_CIRCLE + text if mark else readable_character(text, label)
    drawn = f'<bdi class="letter">{escape(shown)}</bdi>' if visible and shown else ""
    return f"{drawn}{codepoints(text)} <span class=dim>{escape(label)}</span>"


def row(cells: Iterable[str], *, head: bool = False, numbers: Iterable[int] = (), opens: str = "") -> str:
    """Return a row of a table from cells of HTML; ``numbers`` are the indices of cells that are right-aligned."""
    tag, right = ("th" if head else "td"), set(numbers)
    inside = "".join(f"<{tag}{' class=n' if i in right else ''}>{cell}</{tag}>" for i, cell in enumerate(cells))
    return f"{opens}<tr>{inside}</tr>"
