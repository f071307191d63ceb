"""The glyphs of a PDF as one HTML file: how each looks, what it is taken for, what else it may be, least sure first."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Iterator
from html import escape
from math import exp

from glyphcore.data.labels import codepoints
from glyphcore.data.raster import png
from glyphcore.pdf.glyphs import Glyph
from glyphcore.pdf.reading import Reading

STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 84rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } table { border-collapse: collapse; width: 100%; margin-bottom: 2rem; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; overflow-wrap: anywhere; }
.letter { font-size: 1.5rem; margin-right: .4rem; } .dim { opacity: .7; }
img { display: block; width: 56px; height: 56px; image-rendering: pixelated; }
@media (prefers-color-scheme: dark) { img { filter: invert(1); } }
"""


def sheet(reading: Reading) -> str:
    """The page. Texts of the PDF are set as text, never as HTML."""
    return "\n".join(_page(reading)) + "\n"


def _page(reading: Reading) -> Iterator[str]:
    title = f"Glyphs of {escape(reading.path.name)}"
    yield f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>'
    yield f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{STYLE}</style>'
    yield f"<h1>{title}</h1>\n<table><tr><th>font<th>kind<th>verdict<th>shown"
    for verdict in reading.verdicts:
        yield (
            f"<tr><td>{escape(verdict.font.name)}<td>{escape(verdict.font.described)}<td>{verdict.verdict}"
            f"<td>{verdict.shown:,}"
        )
    yield "</table>\n<table><tr><th><th>text<th>by<th>p<th>shown<th>also<th>font and code"
    for glyph in sorted(reading.glyphs.all, key=lambda glyph: (glyph.sure, -glyph.count)):
        if not glyph.blank:
            yield _row(glyph)
    yield "</table>\n</html>"


def _row(glyph: Glyph) -> str:
    picture = ""
    if glyph.packed is not None:
        data = base64.b64encode(png(glyph.packed)).decode()
        picture = f'<img alt="" src="data:image/png;base64,{data}">'
    carried = "\u25cc" if glyph.text and unicodedata.combining(glyph.text[0]) else ""
    others = " ".join(
        f'<bdi title="{codepoints(candidate.text)}">{escape(candidate.text)}</bdi> {min(exp(candidate.log_p), 1):.2f}'
        for candidate in glyph.candidates[:5]
        if candidate.text != glyph.text
    )
    uses = ", ".join(f"{escape(font.name)} {code:0{2 * font.width}X}" for font, code in glyph.uses[:3])
    return (
        f'<tr><td>{picture}<td><bdi class="letter">{carried}{escape(glyph.text)}</bdi>'
        f'<span class="dim">{codepoints(glyph.text)}</span><td>{glyph.source or escape(glyph.fault)}'
        f"<td>{glyph.sure:.2f}<td>{glyph.count:,}<td>{others}<td>{uses}"
    )
